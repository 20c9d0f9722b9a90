package act

// CommitmentMade is a line of a dialogue's plans: what will be done about which
// needs (action), by whom, when and with what money (implementation), and how
// anybody will see that it was (monitoring). Its words stand in a section.
type CommitmentMade struct {
	// Needs are what it is about; the first is the act's Of.
	Needs []ID `json:"needs"`
	// Responsible is the organisation that promises, Position the code of the
	// position that answers for it, With those that are co-responsible.
	Responsible ID     `json:"responsible"`
	Position    string `json:"position"`
	With        []ID   `json:"with,omitempty"`
	Start       string `json:"start"`
	End         string `json:"end"`
	// Milestones in the order of their days, none after End.
	Milestones []Milestone `json:"milestones,omitempty"`
	Budget     *Money      `json:"budget,omitempty"`
	// Funding is one of Fundings.
	Funding string `json:"funding"`
	// Uptake is one of Uptakes, if a plan of government took it up.
	Uptake    string    `json:"uptake,omitempty"`
	Indicator Indicator `json:"indicator"`
	// Verifier is the organisation that is to assess it.
	Verifier ID `json:"verifier"`
}

// Milestone is a stage of a commitment: its words stand in the plan's section
// under the same code.
type Milestone struct {
	Code string `json:"code"`
	Due  string `json:"due"`
}

// Money is an amount in minor units (cents, sen).
type Money struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

func (m *Money) check(c *checker, field string) {
	if m == nil {
		return
	}
	if m.Minor < 0 || m.Minor > 1e15 {
		c.failf("%s: below zero, or too much", field)
	}
	checkCurrency(c, field, m.Currency)
}

// checkCurrency checks the form of a code of ISO 4217; which currencies plans
// are made in, the programme says.
func checkCurrency(c *checker, field, code string) {
	ok := len(code) == 3
	for i := range len(code) {
		ok = ok && code[i] >= 'A' && code[i] <= 'Z'
	}
	if !ok {
		c.failf("%s: %q is no currency", field, code)
	}
}

// Indicator is by what a commitment is measured. Values are whole numbers of
// Unit divided by 10 to the power of Decimals.
type Indicator struct {
	// Measure is one of Measures.
	Measure    string `json:"measure"`
	Decimals   int    `json:"decimals,omitempty"`
	Baseline   int64  `json:"baseline"`
	BaselineOn string `json:"baseline_on"`
	Target     int64  `json:"target"`
	TargetOn   string `json:"target_on"`
}

// Codes of commitments.
var (
	Fundings = []string{"no_cost", "commune_fund", "district_fund", "provincial_fund", "line_department", "ministry", "ngo", "programme", "unfunded"}
	Uptakes  = []string{"commune_plan", "district_plan", "provincial_plan", "ministry_plan"}
	// Measures are IATI's: a number, a share, yes or no, a rank.
	Measures = []string{"unit", "percentage", "yes_no", "rank"}
)

// MostMilestones is the most milestones of a commitment.
const MostMilestones = 50

// Kind implements Facts.
func (*CommitmentMade) Kind() Kind { return KindCommitmentMade }

func (f *CommitmentMade) check(c *checker) {
	c.ids("needs", f.Needs, 50)
	if len(f.Needs) == 0 {
		c.failf("needs: missing")
	}
	c.id("responsible", f.Responsible)
	c.code("position", f.Position)
	c.ids("with", f.With, 20)
	checkPlan(c, f.Start, f.End, f.Milestones)
	f.Budget.check(c, "budget")
	c.oneOf("funding", f.Funding, Fundings...)
	if f.Uptake != "" {
		c.oneOf("uptake", f.Uptake, Uptakes...)
	}
	c.oneOf("measure", f.Indicator.Measure, Measures...)
	c.between("decimals", f.Indicator.Decimals, 0, 6)
	c.date("baseline_on", f.Indicator.BaselineOn)
	c.date("target_on", f.Indicator.TargetOn)
	c.id("verifier", f.Verifier)
}

func checkPlan(c *checker, start, end string, milestones []Milestone) {
	c.date("start", start)
	c.date("end", end)
	if end < start {
		c.failf("end: %s is before %s", end, start)
	}
	if len(milestones) > MostMilestones {
		c.failf("milestones: more than %d", MostMilestones)
	}
	seen := map[string]bool{}
	last := ""
	for _, m := range milestones {
		c.code("milestones", m.Code)
		c.date("milestones", m.Due)
		switch {
		case seen[m.Code]:
			c.failf("milestones: %q twice", m.Code)
		case m.Due < last:
			c.failf("milestones: out of order at %s", m.Due)
		case m.Due > end:
			c.failf("milestones: %s is after the end, %s", m.Due, end)
		case m.Due < start:
			c.failf("milestones: %s is before the start, %s", m.Due, start)
		}
		seen[m.Code], last = true, m.Due
	}
}

// Plan is the content of a commitment's section of words, by language.
type Plan struct {
	What map[string]string `json:"what"`
	Why  map[string]string `json:"why,omitempty"`
	// Indicator says what is counted, Verified how it is verified.
	Indicator map[string]string `json:"indicator"`
	Verified  map[string]string `json:"verified"`
	// Milestones are the words of the milestones by their codes.
	Milestones map[string]map[string]string `json:"milestones,omitempty"`
	// Uptake names the plan that took it up.
	Uptake string `json:"uptake,omitempty"`
}

func (p *Plan) check(c *checker) {
	c.words("what", p.What, true)
	c.words("why", p.Why, false)
	c.words("indicator", p.Indicator, true)
	c.words("verified", p.Verified, true)
	if len(p.Milestones) > MostMilestones {
		c.failf("milestones: more than %d", MostMilestones)
	}
	for code, words := range p.Milestones {
		c.code("milestones", code)
		c.words("milestones", words, true)
	}
	c.optionalProse("uptake", p.Uptake, 400)
}

// CommitmentRevised moves a commitment's dates, or its money. Every earlier one
// is kept and shown.
type CommitmentRevised struct {
	End        string      `json:"end"`
	Milestones []Milestone `json:"milestones,omitempty"`
	Budget     *Money      `json:"budget,omitempty"`
	Funding    string      `json:"funding"`
	Uptake     string      `json:"uptake,omitempty"`
	// Why is one of RevisionReasons.
	Why string `json:"why"`
}

// RevisionReasons are the codes of why a commitment is revised.
var RevisionReasons = []string{"funding", "procurement", "weather", "staff", "scope", "decision", "other"}

// Kind implements Facts.
func (*CommitmentRevised) Kind() Kind { return KindCommitmentRevised }

func (f *CommitmentRevised) check(c *checker) {
	checkPlan(c, "1900-01-01", f.End, f.Milestones)
	f.Budget.check(c, "budget")
	c.oneOf("funding", f.Funding, Fundings...)
	if f.Uptake != "" {
		c.oneOf("uptake", f.Uptake, Uptakes...)
	}
	c.oneOf("why", f.Why, RevisionReasons...)
}

// ProgressClaimed is what whoever promised reports.
type ProgressClaimed struct {
	// Status is one of Statuses but "no_evidence".
	Status string `json:"status"`
	// Milestone is the code of the one that was reached, if one was.
	Milestone string `json:"milestone,omitempty"`
	Place     string `json:"place,omitempty"`
	// Files is the number of files in the evidence.
	Files int `json:"files,omitempty"`
}

// The codes of completion of OGP's Independent Reporting Mechanism.
const (
	NoEvidence  = "no_evidence"
	NotStarted  = "not_started"
	Limited     = "limited"
	Substantial = "substantial"
	Complete    = "complete"
)

// Statuses lists them from the least to the most.
var Statuses = []string{NoEvidence, NotStarted, Limited, Substantial, Complete}

// Kind implements Facts.
func (*ProgressClaimed) Kind() Kind { return KindProgressClaimed }

func (f *ProgressClaimed) check(c *checker) {
	c.oneOf("status", f.Status, Statuses[1:]...)
	c.optionalCode("milestone", f.Milestone)
	c.optionalCode("place", f.Place)
	c.between("files", f.Files, 0, MostFiles)
}

// ProgressAssessed is what somebody else found.
type ProgressAssessed struct {
	// Claim is the report that was looked at; nil where there was none.
	Claim *ID `json:"claim,omitempty"`
	// Verdict is one of Verdicts, Status one of Statuses.
	Verdict string `json:"verdict"`
	Status  string `json:"status"`
	Place   string `json:"place,omitempty"`
	Files   int    `json:"files,omitempty"`
}

// Verdicts of an assessment.
const (
	Confirmed = "confirmed"
	Partly    = "partly"
	Disputed  = "disputed"
)

// Verdicts lists them.
var Verdicts = []string{Confirmed, Partly, Disputed}

// Kind implements Facts.
func (*ProgressAssessed) Kind() Kind { return KindProgressAssessed }

func (f *ProgressAssessed) check(c *checker) {
	if f.Claim != nil {
		c.id("claim", *f.Claim)
	}
	c.oneOf("verdict", f.Verdict, Verdicts...)
	c.oneOf("status", f.Status, Statuses...)
	c.optionalCode("place", f.Place)
	c.between("files", f.Files, 0, MostFiles)
}

// IndicatorMeasured is a value of a commitment's indicator on a day.
type IndicatorMeasured struct {
	Value int64  `json:"value"`
	On    string `json:"on"`
}

// Kind implements Facts.
func (*IndicatorMeasured) Kind() Kind { return KindIndicatorMeasured }

func (f *IndicatorMeasured) check(c *checker) { c.date("on", f.On) }

// MostFiles is the most files of one piece of evidence.
const MostFiles = 20

// Evidence is the content of a section of evidence: words and files.
type Evidence struct {
	Text  string `json:"text,omitempty"`
	Files []File `json:"files,omitempty"`
}

// File is a file of the blob store, by the SHA-256 of what is stored.
type File struct {
	SHA256 Digest `json:"sha256"`
	// Type is its media type, as found by looking at it.
	Type  string `json:"type"`
	Size  int64  `json:"size"`
	Title string `json:"title,omitempty"`
}

func (e *Evidence) check(c *checker) {
	c.optionalProse("text", e.Text, MostReason)
	if len(e.Files) > MostFiles {
		c.failf("files: more than %d", MostFiles)
	}
	for _, f := range e.Files {
		if f.Size < 1 || len(f.Type) > 100 || HasControls(f.Type) {
			c.failf("files: not a file")
		}
		c.optionalProse("title", f.Title, 400)
	}
}
