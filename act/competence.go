package act

// CompetenceDeclared says for what a public authority is responsible, and what
// it may do there, for a time.
type CompetenceDeclared struct {
	// Themes are those it is about, all of them if there are none; Place the
	// code within which it holds, empty for the whole country.
	Themes []string `json:"themes,omitempty"`
	Place  string   `json:"place,omitempty"`
	// As is one of Competences.
	As    string `json:"as"`
	From  string `json:"from"`
	Until string `json:"until,omitempty"`
}

// Codes of what an authority may do about a matter.
const (
	Decides = "decides" // it answers and may commit itself
	Advises = "advises" // it answers, and somebody else decides
	Refers  = "refers"  // it has to hand the matter on
)

// Competences lists them.
var Competences = []string{Decides, Advises, Refers}

// Kind implements Facts.
func (*CompetenceDeclared) Kind() Kind { return KindCompetenceDeclared }

func (f *CompetenceDeclared) check(c *checker) {
	c.codes("themes", f.Themes, 200)
	c.optionalCode("place", f.Place)
	c.oneOf("as", f.As, Competences...)
	c.period(f.From, f.Until)
}

// LadderDeclared says to which offices a case of the organisation goes when it
// stays silent: for a provincial department, its governor and its ministry.
type LadderDeclared struct {
	To []ID `json:"to"`
}

// Kind implements Facts.
func (*LadderDeclared) Kind() Kind { return KindLadderDeclared }

func (f *LadderDeclared) check(c *checker) {
	c.ids("to", f.To, 5)
	if len(f.To) == 0 {
		c.failf("to: missing")
	}
}

// InterestDeclared records that an organisation has a stake in another, for a
// time: while it has, neither judges over the other.
type InterestDeclared struct {
	With ID `json:"with"`
	// As is one of Interests.
	As    string `json:"as"`
	From  string `json:"from"`
	Until string `json:"until,omitempty"`
}

// Interests are the codes of stakes.
var Interests = []string{"funds", "funded_by", "partner", "supplier", "staff"}

// Kind implements Facts.
func (*InterestDeclared) Kind() Kind { return KindInterestDeclared }

func (f *InterestDeclared) check(c *checker) {
	c.id("with", f.With)
	c.oneOf("as", f.As, Interests...)
	c.period(f.From, f.Until)
}

// SigningDelegated lets another of an organisation's staff sign its answers
// while the signing officer is away.
type SigningDelegated struct {
	To    ID     `json:"to"`
	From  string `json:"from"`
	Until string `json:"until"`
}

// Kind implements Facts.
func (*SigningDelegated) Kind() Kind { return KindSigningDelegated }

func (f *SigningDelegated) check(c *checker) {
	c.id("to", f.To)
	c.period(f.From, f.Until)
	c.date("until", f.Until)
}

// ContextNoted is an authority's own word about its figures.
type ContextNoted struct{}

// Kind implements Facts.
func (*ContextNoted) Kind() Kind { return KindContextNoted }

func (*ContextNoted) check(*checker) {}
