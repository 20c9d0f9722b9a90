package act

import "slices"

// AnswerIssued is an authority's answer to one case or to many, signed by its
// signing officer. Its reasons stand in a section, one for each case.
type AnswerIssued struct {
	// Position is the code of the office's position that answers ("governor",
	// "director"), never a person.
	Position string `json:"position"`
	// Covers are the cases with what was decided on each.
	Covers []Covered `json:"covers"`
	// ConsideredOn is the day, ConsideredIn (one of ConsideredIn) where.
	ConsideredOn string `json:"considered_on"`
	ConsideredIn string `json:"considered_in"`
	// Corrects is an earlier answer to the same cases that this one replaces.
	Corrects *ID `json:"corrects,omitempty"`
}

// Covered is one case of an answer.
type Covered struct {
	Case     ID     `json:"case"`
	Decision string `json:"decision"`
}

// Decisions are the codes of what an answer decides.
const (
	Accepted           = "accepted"
	AcceptedInPart     = "accepted_in_part"
	AlreadyInPlace     = "already_in_place"
	NotAccepted        = "not_accepted"
	NoCompetentOffice  = "no_competent_authority"
	MostCovered        = 500
	LeastReason        = 40   // characters of a case's own reasons
	MostReason         = 8000 // bytes
	mostPositionLetter = 200
)

// Decisions lists them.
var Decisions = []string{Accepted, AcceptedInPart, AlreadyInPlace, NotAccepted, NoCompetentOffice}

// Kind implements Facts.
func (*AnswerIssued) Kind() Kind { return KindAnswerIssued }

func (f *AnswerIssued) check(c *checker) {
	c.code("position", f.Position)
	if len(f.Covers) == 0 || len(f.Covers) > MostCovered {
		c.failf("covers: between one and %d cases", MostCovered)
	}
	seen := make(map[ID]bool, len(f.Covers))
	for _, covered := range f.Covers {
		c.id("covers", covered.Case)
		c.oneOf("covers", covered.Decision, Decisions...)
		if seen[covered.Case] {
			c.failf("covers: a case twice")
		}
		seen[covered.Case] = true
	}
	c.date("considered_on", f.ConsideredOn)
	c.oneOf("considered_in", f.ConsideredIn, ConsideredIn...)
	if f.Corrects != nil {
		c.id("corrects", *f.Corrects)
	}
}

// Reasons is the content of an answer's section of reasons: the reasons of each
// case it covers, in the same order.
type Reasons struct {
	Cases []CaseReasons `json:"cases"`
	// Letter is the number of the letter, Review how and where to contest.
	Letter string `json:"letter,omitempty"`
	Review string `json:"review,omitempty"`
}

// CaseReasons are the reasons given to one case.
type CaseReasons struct {
	Case ID     `json:"case"`
	Text string `json:"text"`
	// Basis is the evidence, law or budget that is cited.
	Basis string `json:"basis,omitempty"`
}

func (r *Reasons) check(c *checker) {
	if len(r.Cases) == 0 || len(r.Cases) > MostCovered {
		c.failf("cases: between one and %d", MostCovered)
	}
	for _, reasons := range r.Cases {
		c.id("cases", reasons.Case)
		c.prose("text", reasons.Text, MostReason)
		if n := Clusters(reasons.Text); n < LeastReason {
			c.failf("text: %d characters of reasons, at least %d", n, LeastReason)
		}
		c.optionalProse("basis", reasons.Basis, MostReason)
	}
	c.optionalProse("letter", r.Letter, mostPositionLetter)
	c.optionalProse("review", r.Review, MostReason)
}

// Fits reports whether the reasons are those of the cases that the facts name,
// in the same order.
func (r *Reasons) Fits(f *AnswerIssued) bool {
	return slices.EqualFunc(r.Cases, f.Covers, func(a CaseReasons, b Covered) bool { return a.Case == b.Case })
}

// HolderTold records that an answer was read back to somebody without a phone.
type HolderTold struct {
	Answer ID `json:"answer"`
	// Means is one of TellingMeans.
	Means string `json:"means"`
}

// TellingMeans are the codes of how somebody was told.
var TellingMeans = []string{"in_person", "phone", "letter", "meeting"}

// Kind implements Facts.
func (*HolderTold) Kind() Kind { return KindHolderTold }

func (f *HolderTold) check(c *checker) {
	c.id("answer", f.Answer)
	c.oneOf("means", f.Means, TellingMeans...)
}

// AnswerJudged is what the holder of a view says of the answer to it.
type AnswerJudged struct {
	Answer ID `json:"answer"`
	// Deals says whether it deals with what they said, Understandable whether
	// its reasons can be understood: each one of Judgements.
	Deals          string `json:"deals"`
	Understandable string `json:"understandable"`
}

// Judgements are the codes of what holders say.
var Judgements = []string{"yes", "partly", "no"}

// Kind implements Facts.
func (*AnswerJudged) Kind() Kind { return KindAnswerJudged }

func (f *AnswerJudged) check(c *checker) {
	c.id("answer", f.Answer)
	c.oneOf("deals", f.Deals, Judgements...)
	c.oneOf("understandable", f.Understandable, Judgements...)
}

// ReviewDecided is another office's second look at an answer.
type ReviewDecided struct {
	// Outcome is ReviewUpheld or ReviewReopened.
	Outcome string `json:"outcome"`
}

// Outcomes of a second look.
const (
	ReviewUpheld   = "upheld"   // the answer stands
	ReviewReopened = "reopened" // the authority has to answer again
)

// Kind implements Facts.
func (*ReviewDecided) Kind() Kind { return KindReviewDecided }

func (f *ReviewDecided) check(c *checker) {
	c.oneOf("outcome", f.Outcome, ReviewUpheld, ReviewReopened)
}
