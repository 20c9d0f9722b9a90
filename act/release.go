package act

// ReleasePublished freezes what may be shown of a dialogue's ballots, as at a
// position of the log. Between two releases at least the programme's step of
// ballots were cast, so that their difference reveals no single one.
type ReleasePublished struct {
	// At is the number of acts that the figures take in.
	At int64 `json:"at"`
}

// Kind implements Facts.
func (*ReleasePublished) Kind() Kind { return KindReleasePublished }

func (f *ReleasePublished) check(c *checker) {
	if f.At < 0 {
		c.failf("at: below zero")
	}
}

// Tally is the content of a release: votes by statement.
type Tally struct {
	// Participants is the number of people who voted, as it may be shown
	// (see package disclosure): nil where there are too few.
	Participants *int             `json:"participants"`
	Statements   []StatementTally `json:"statements"`
}

// StatementTally is one statement's votes. Too few to show is all three nil.
type StatementTally struct {
	Statement ID   `json:"statement"`
	Agree     *int `json:"agree"`
	Disagree  *int `json:"disagree"`
	Pass      *int `json:"pass"`
}

func (t *Tally) check(c *checker) {
	for i, row := range t.Statements {
		if i > 0 && compareStrict(t.Statements[i-1].Statement.String(), row.Statement.String()) != -1 ||
			i > 0 && t.Statements[i-1].Statement == row.Statement {
			c.failf("statements: out of order")
		}
		for _, n := range []*int{row.Agree, row.Disagree, row.Pass} {
			if n != nil && *n < 0 {
				c.failf("statements: a count below zero")
			}
		}
	}
}
