package act

// MapPublished freezes the opinion map of a dialogue, computed from its votes as
// at a position of the log. Between two maps enough ballots were cast that their
// difference tells of no single person (civic.State.MapDue).
type MapPublished struct {
	// At is the number of acts whose votes the map takes in.
	At int64 `json:"at"`
}

// Kind implements Facts.
func (*MapPublished) Kind() Kind { return KindMapPublished }

func (f *MapPublished) check(c *checker) {
	if f.At < 0 {
		c.failf("at: below zero")
	}
}

// OpinionMap is the content of a published map. Counts of people are as they may
// be shown (package disclosure); null is too few to show.
type OpinionMap struct {
	// Participants is how many people voted on any of the statements; Unplaced
	// how many of them the map places in no group.
	Participants *int `json:"participants"`
	Unplaced     *int `json:"unplaced"`
	// Finding says what the map found.
	Finding string `json:"finding"`
	// Groups stand in the order of the numbers that pages give them, the largest
	// first.
	Groups []OpinionGroup `json:"groups"`
	// Statements are those with votes enough to show, at most MostMapped of them
	// (those with the most votes), ascending by id.
	Statements []OpinionCounts `json:"statements"`
	// Agree and Disagree are what people of all groups agree or disagree with,
	// the surest first; Divide is where groups differ, the widest first.
	Agree    []ID      `json:"agree"`
	Disagree []ID      `json:"disagree"`
	Divide   []ID      `json:"divide"`
	Stable   Stability `json:"stability"`
}

// MostMapped is the most statements that a published map has figures of, so that
// it fits a section.
const MostMapped = 5000

// What a map finds.
const (
	FindingGroups = "groups" // several groups of opinion
	FindingOne    = "one"    // one group: nothing divides people more than chance would
	FindingFew    = "few"    // too few people or votes to say
)

// Findings lists what a map can find.
var Findings = []string{FindingGroups, FindingOne, FindingFew}

// OpinionGroup is one group of opinion.
type OpinionGroup struct {
	Size *int `json:"size"`
	// Centre and Spread draw the group: its mean and standard deviation on the
	// two axes of the picture, in thousandths.
	Centre [2]int `json:"centre"`
	Spread [2]int `json:"spread"`
	// Holds is what sets the group apart, the clearest first.
	Holds []Held `json:"holds"`
}

// Held is how a group stands to a statement.
type Held struct {
	Statement ID   `json:"statement"`
	Vote      Vote `json:"vote"`
}

// OpinionCounts are the votes on one statement: agree, disagree, pass.
type OpinionCounts struct {
	Statement ID      `json:"statement"`
	All       *[3]int `json:"all"`
	// Groups are those of each group, in the order of the groups.
	Groups []*[3]int `json:"groups"`
}

// Stability says how sure the groups are, in thousandths of the adjusted Rand
// index between the map and the maps of Resamples random parts of the votes:
// of people, of votes, and of those alone whom the map places. All are 0 where
// nothing was resampled.
type Stability struct {
	Resamples int `json:"resamples"`
	People    int `json:"people"`
	Votes     int `json:"votes"`
	Placed    int `json:"placed"`
}

// mostAxis bounds where a group is drawn, in thousandths.
const mostAxis = 1_000_000

func (m *OpinionMap) check(c *checker) {
	c.oneOf("finding", m.Finding, Findings...)
	known := map[ID]bool{}
	if len(m.Statements) > MostMapped {
		c.failf("statements: more than %d", MostMapped)
	}
	for i, row := range m.Statements {
		if i > 0 && compareStrict(m.Statements[i-1].Statement.String(), row.Statement.String()) != -1 || known[row.Statement] {
			c.failf("statements: out of order")
		}
		known[row.Statement] = true
		if len(row.Groups) != len(m.Groups) {
			c.failf("statements: not one of each group")
		}
		for _, counts := range append([]*[3]int{row.All}, row.Groups...) {
			if counts != nil && min(counts[0], counts[1], counts[2]) < 0 {
				c.failf("statements: a count below zero")
			}
		}
	}
	ids := append(append(append([]ID{}, m.Agree...), m.Disagree...), m.Divide...)
	for _, group := range m.Groups {
		for _, held := range group.Holds {
			ids = append(ids, held.Statement)
			if held.Vote != Agree && held.Vote != Disagree {
				c.failf("groups: what a group holds is to agree or to disagree")
			}
		}
		for _, x := range [...]int{group.Centre[0], group.Centre[1], group.Spread[0], group.Spread[1]} {
			if x > mostAxis || x < -mostAxis {
				c.failf("groups: out of the picture")
			}
		}
		if min(group.Spread[0], group.Spread[1]) < 0 {
			c.failf("groups: a spread below zero")
		}
		countAbove(c, group.Size)
	}
	for _, id := range ids {
		if !known[id] {
			c.failf("%s: not one of the statements", id)
		}
	}
	countAbove(c, m.Participants)
	countAbove(c, m.Unplaced)
	for _, share := range []int{m.Stable.People, m.Stable.Votes, m.Stable.Placed} {
		if share < -1000 || share > 1000 || m.Stable.Resamples < 0 {
			c.failf("stability: out of range")
		}
	}
	if (m.Finding == FindingGroups) != (len(m.Groups) > 1) {
		c.failf("finding: does not fit the groups")
	}
}

func countAbove(c *checker, n *int) {
	if n != nil && *n < 0 {
		c.failf("a count below zero")
	}
}
