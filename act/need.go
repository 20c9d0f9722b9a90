package act

// NeedIdentified gathers views of a dialogue into one need. Its id is the
// act's. Views stay views of their own: each thread shows the needs it is in.
type NeedIdentified struct {
	// Theme is one of the programme's, Place a code no finer than the
	// dialogue's; either decides who is competent.
	Theme string `json:"theme"`
	Place string `json:"place,omitempty"`
	// Statements are the views that it is gathered from.
	Statements []ID `json:"statements"`
}

// MostGathered is the most views that one act gathers into a need.
const MostGathered = 1000

// Kind implements Facts.
func (*NeedIdentified) Kind() Kind { return KindNeedIdentified }

func (f *NeedIdentified) check(c *checker) {
	c.code("theme", f.Theme)
	c.optionalCode("place", f.Place)
	if len(f.Statements) == 0 {
		c.failf("statements: a need is gathered from views")
	}
	c.ids("statements", f.Statements, MostGathered)
}

// NeedGathered adds views to a need and takes others out of it.
type NeedGathered struct {
	Add    []ID `json:"add,omitempty"`
	Remove []ID `json:"remove,omitempty"`
}

// Kind implements Facts.
func (*NeedGathered) Kind() Kind { return KindNeedGathered }

func (f *NeedGathered) check(c *checker) {
	c.ids("add", f.Add, MostGathered)
	c.ids("remove", f.Remove, MostGathered)
	if len(f.Add)+len(f.Remove) == 0 {
		c.failf("add: nothing is added and nothing removed")
	}
}

// NeedSummarised adds a summary of what a need's views say. Which of them it
// covers is a fact, so that everybody sees which it leaves out.
type NeedSummarised struct {
	Covers []ID `json:"covers"`
	// Means is "human" or "machine".
	Means string `json:"means"`
}

// Kind implements Facts.
func (*NeedSummarised) Kind() Kind { return KindNeedSummarised }

func (f *NeedSummarised) check(c *checker) {
	c.ids("covers", f.Covers, MostGathered)
	c.oneOf("means", f.Means, "human", "machine")
}

// Raised is the content of a need's section "raised": how many people raised it
// and what they said of themselves, in counts as they may be shown (package
// disclosure), frozen when the need was identified.
type Raised struct {
	Views int `json:"views"`
	// People is nil where there are too few to show.
	People *int `json:"people"`
	// Groups are the counts that may be shown, by "sex" and "age_band".
	Groups []RaisedGroup `json:"groups,omitempty"`
}

// RaisedGroup counts those who said one thing of themselves: nil for too few.
type RaisedGroup struct {
	Of    string `json:"of"`
	Code  string `json:"code"`
	Count *int   `json:"count"`
}

func (r *Raised) check(c *checker) {
	if r.Views < 0 || len(r.Groups) > 40 {
		c.failf("raised: not counts")
	}
	for _, group := range r.Groups {
		c.code("of", group.Of)
		c.code("code", group.Code)
	}
}
