package act

// ReferralMade hands a view or a need to the one authority that is to answer
// it. Its id is the case's.
type ReferralMade struct {
	Authority ID `json:"authority"`
	// Information are authorities that are told of it.
	Information []ID `json:"information,omitempty"`
}

// Kind implements Facts.
func (*ReferralMade) Kind() Kind { return KindReferralMade }

func (f *ReferralMade) check(c *checker) {
	c.id("authority", f.Authority)
	c.ids("information", f.Information, 20)
}

// ReferralTransferred hands a case on to another authority, with reasons. It is
// no answer: the case waits again, under its first clock.
type ReferralTransferred struct {
	To ID `json:"to"`
}

// Kind implements Facts.
func (*ReferralTransferred) Kind() Kind { return KindReferralTransferred }

func (f *ReferralTransferred) check(c *checker) { c.id("to", f.To) }

// ReferralAcknowledged records that the authority has the case.
type ReferralAcknowledged struct{}

// Kind implements Facts.
func (*ReferralAcknowledged) Kind() Kind { return KindReferralAcknowledged }

func (*ReferralAcknowledged) check(*checker) {}

// ReferralConsidered records where and when a case was considered.
type ReferralConsidered struct {
	On string `json:"on"`
	// In is one of ConsideredIn.
	In string `json:"in"`
}

// ConsideredIn are the codes of where cases are considered.
var ConsideredIn = []string{"meeting", "council", "site_visit", "file", "dialogue"}

// Kind implements Facts.
func (*ReferralConsidered) Kind() Kind { return KindReferralConsidered }

func (f *ReferralConsidered) check(c *checker) {
	c.date("on", f.On)
	c.oneOf("in", f.In, ConsideredIn...)
}

// InformationRequested says what is missing before a case can be answered, and
// who has to supply it. It may be asked once; when its time is up the authority
// answers on what it has.
type InformationRequested struct {
	// What is one of InformationKinds, From one of InformationFrom.
	What string `json:"what"`
	From string `json:"from"`
}

// What may be missing, and who may be asked for it.
var (
	InformationKinds = []string{"place", "time", "extent", "documents", "who_is_affected", "contact", "earlier_steps"}
	InformationFrom  = []string{"holder", "facilitator"}
)

// Kind implements Facts.
func (*InformationRequested) Kind() Kind { return KindInformationRequested }

func (f *InformationRequested) check(c *checker) {
	c.oneOf("what", f.What, InformationKinds...)
	c.oneOf("from", f.From, InformationFrom...)
}

// InformationSupplied gives what was asked for in a case, for the view that it
// is about.
type InformationSupplied struct {
	Case ID `json:"case"`
}

// Kind implements Facts.
func (*InformationSupplied) Kind() Kind { return KindInformationSupplied }

func (f *InformationSupplied) check(c *checker) { c.id("case", f.Case) }

// AnswerExtended asks, once and with reasons, for more working days. The first
// date is kept and shown.
type AnswerExtended struct {
	Days int `json:"days"`
}

// Kind implements Facts.
func (*AnswerExtended) Kind() Kind { return KindAnswerExtended }

func (f *AnswerExtended) check(c *checker) { c.between("days", f.Days, 1, 60) }

// CaseEscalated puts a silent case on the next level's queue. The register does
// it by rule, and anybody can recompute when.
type CaseEscalated struct {
	// To are the offices of the next level, Level counts from 1.
	To    []ID `json:"to"`
	Level int  `json:"level"`
}

// Kind implements Facts.
func (*CaseEscalated) Kind() Kind { return KindCaseEscalated }

func (f *CaseEscalated) check(c *checker) {
	c.ids("to", f.To, 5)
	c.between("level", f.Level, 1, 10)
}

// AgendaTabled puts on a dialogue's agenda what earlier ones left: cases that
// stayed silent, commitments that are unfinished. By rule, as an escalation is.
type AgendaTabled struct {
	Cases       []ID `json:"cases,omitempty"`
	Commitments []ID `json:"commitments,omitempty"`
}

// MostTabled is the most items that one act tables.
const MostTabled = 1000

// Kind implements Facts.
func (*AgendaTabled) Kind() Kind { return KindAgendaTabled }

func (f *AgendaTabled) check(c *checker) {
	c.ids("cases", f.Cases, MostTabled)
	c.ids("commitments", f.Commitments, MostTabled)
	if len(f.Cases)+len(f.Commitments) == 0 {
		c.failf("cases: nothing is tabled")
	}
}
