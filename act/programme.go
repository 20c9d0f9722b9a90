package act

import (
	"time"

	"filippo.io/age"
)

// Names is the content of a section of names: what something is called, by
// language ("en", "km"), with the words of its codes where it has any.
type Names struct {
	Name map[string]string `json:"name"`
	// About says in a few sentences what it is; a dialogue's question.
	About map[string]string `json:"about,omitempty"`
	// Terms gives the words for codes: a programme's themes.
	Terms map[string]map[string]string `json:"terms,omitempty"`
}

func (n *Names) check(c *checker) {
	if len(n.Name) == 0 {
		c.failf("name: missing")
	}
	for language, name := range n.Name {
		c.code("name", language)
		c.prose("name", name, 400)
	}
	for language, about := range n.About {
		c.code("about", language)
		c.prose("about", about, 4000)
	}
	for term, words := range n.Terms {
		c.code("terms", term)
		for language, word := range words {
			c.code("terms", language)
			c.prose("terms", word, 400)
		}
	}
}

// ProgrammeDeclared begins a register.
type ProgrammeDeclared struct {
	// Prefix stands in front of receipt codes: two to four ASCII letters.
	Prefix string `json:"prefix"`
	// TimeZone is the IANA name of the zone whose days count.
	TimeZone string `json:"time_zone"`
	// Languages are those of the pages, the first by default.
	Languages []string `json:"languages"`
	// Themes are the codes that views may carry; their words are in names.
	Themes []string `json:"themes"`
	// Threshold is the smallest count of people that is shown; Rounding the
	// step to which larger ones are rounded; Step the fewest ballots between
	// two releases.
	Threshold int `json:"threshold"`
	Rounding  int `json:"rounding"`
	Step      int `json:"step"`
	// Illustrative marks a demonstration: every page says so.
	Illustrative bool `json:"illustrative,omitempty"`
	// Trustees are the age recipients to whom views may be sealed.
	Trustees []string `json:"trustees,omitempty"`
	// Currencies (ISO 4217) are those that plans are made in.
	Currencies []string `json:"currencies,omitempty"`
}

// Kind implements Facts.
func (*ProgrammeDeclared) Kind() Kind { return KindProgrammeDeclared }

func (f *ProgrammeDeclared) check(c *checker) {
	if len(f.Prefix) < 2 || len(f.Prefix) > 4 {
		c.failf("prefix: two to four letters")
	}
	for _, r := range f.Prefix {
		if r < 'A' || r > 'Z' {
			c.failf("prefix: %q is not capital letters", f.Prefix)
		}
	}
	if _, err := time.LoadLocation(f.TimeZone); err != nil || f.TimeZone == "" || f.TimeZone == "Local" {
		c.failf("time_zone: %q is not known", f.TimeZone)
	}
	if len(f.Languages) == 0 {
		c.failf("languages: missing")
	}
	c.codes("languages", f.Languages, 20)
	c.codes("themes", f.Themes, 200)
	c.between("threshold", f.Threshold, 5, 1000)
	c.between("rounding", f.Rounding, 5, 100)
	c.between("step", f.Step, 10, 100_000)
	if len(f.Currencies) > 20 {
		c.failf("currencies: more than 20")
	}
	for _, currency := range f.Currencies {
		checkCurrency(c, "currencies", currency)
	}
	if len(f.Trustees) > 20 {
		c.failf("trustees: more than 20")
	}
	for _, trustee := range f.Trustees {
		if _, err := age.ParseX25519Recipient(trustee); err != nil {
			c.failf("trustees: %q is not an age recipient", trustee)
		}
	}
}

// RulesAdopted names the version of the rules from its position on.
type RulesAdopted struct {
	Version int `json:"version"`
}

// Kind implements Facts.
func (*RulesAdopted) Kind() Kind { return KindRulesAdopted }

func (f *RulesAdopted) check(c *checker) { c.between("version", f.Version, 1, 1_000_000) }

// Step is something that somebody has to do within a number of working days.
type Step string

// The steps with a clock.
const (
	StepModerate Step = "moderate" // publish, redact, match or withhold a view
	StepAppeal   Step = "appeal"   // decide an appeal against withholding
	StepRefer    Step = "refer"    // hand a view to the authority that is responsible

	StepAcknowledge Step = "acknowledge" // say that a case has arrived
	StepAnswer      Step = "answer"      // answer it, with reasons
	StepInform      Step = "inform"      // supply what is missing
	StepReview      Step = "review"      // take a second look at an answer
	StepEscalate    Step = "escalate"    // how long after a missed day a case goes up
)

// Steps lists the steps that a policy may set.
var Steps = []Step{StepModerate, StepAppeal, StepRefer, StepAcknowledge, StepAnswer, StepInform, StepReview, StepEscalate}

// PolicyDeclared sets the working days that each step may take, for clocks that
// start after it.
type PolicyDeclared struct {
	Days map[Step]int `json:"days"`
	// Authority limits it to the cases of one authority.
	Authority *ID `json:"authority,omitempty"`
}

// Kind implements Facts.
func (*PolicyDeclared) Kind() Kind { return KindPolicyDeclared }

func (f *PolicyDeclared) check(c *checker) {
	if len(f.Days) == 0 || len(f.Days) > 50 {
		c.failf("days: missing, or too many")
	}
	for step, days := range f.Days {
		c.code("days", string(step))
		c.between("days", days, 1, 400)
	}
	if f.Authority != nil {
		c.id("authority", *f.Authority)
	}
}

// CalendarDeclared replaces the calendar of working days from its position on.
type CalendarDeclared struct {
	// Weekend holds weekdays, 0 for Sunday to 6 for Saturday.
	Weekend []int `json:"weekend"`
	// Holidays are days ("2026-11-23") on which nobody works.
	Holidays []string `json:"holidays"`
}

// Kind implements Facts.
func (*CalendarDeclared) Kind() Kind { return KindCalendarDeclared }

func (f *CalendarDeclared) check(c *checker) {
	if len(f.Weekend) > 6 {
		c.failf("weekend: no working day is left")
	}
	for i, day := range f.Weekend {
		c.between("weekend", day, 0, 6)
		if i > 0 && f.Weekend[i-1] >= day {
			c.failf("weekend: out of order")
		}
	}
	if len(f.Holidays) > 2000 {
		c.failf("holidays: more than 2000")
	}
	for i, day := range f.Holidays {
		c.date("holidays", day)
		if i > 0 && f.Holidays[i-1] >= day {
			c.failf("holidays: out of order at %s", day)
		}
	}
}

// EpochBegun is the first act of a register that takes up an older one whose
// log was lost after a checkpoint.
type EpochBegun struct {
	Origin string `json:"origin"`
	Size   int64  `json:"size"`
	Root   Digest `json:"root"`
}

// Kind implements Facts.
func (*EpochBegun) Kind() Kind { return KindEpochBegun }

func (f *EpochBegun) check(c *checker) {
	if f.Origin == "" || len(f.Origin) > 200 || HasControls(f.Origin) {
		c.failf("origin: missing")
	}
	if f.Size < 0 {
		c.failf("size: below zero")
	}
}
