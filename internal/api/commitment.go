package api

import (
	"context"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// Money is an amount in minor units (cents, sen).
type Money struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// Commitment is a line of a dialogue's plans, as it stands now.
type Commitment struct {
	ID          string            `json:"id"`
	Dialogue    string            `json:"dialogue"`
	Needs       []string          `json:"needs"`
	What        map[string]string `json:"what,omitempty" doc:"Its words by language; absent where they may not be read"`
	Responsible string            `json:"responsible"`
	Position    string            `json:"position"`
	With        []string          `json:"with" doc:"Those who are co-responsible"`
	Verifier    string            `json:"verifier" doc:"Who is to look at it"`
	Place       string            `json:"place,omitempty"`
	At          time.Time         `json:"at"`
	State       string            `json:"state" enum:"confirmed,claimed,partly,disputed,under_way,late"`
	Start       string            `json:"start"`
	FirstEnd    string            `json:"first_end" doc:"The last day as it was promised first"`
	End         string            `json:"end" doc:"The last day as it stands now"`
	Slip        int               `json:"slip" doc:"Days by which the end moved; negative if it came nearer"`
	Budget      *Money            `json:"budget,omitempty"`
	Funding     string            `json:"funding"`
	Uptake      string            `json:"uptake,omitempty" doc:"The plan of government that took it up"`
	Claimed     string            `json:"claimed,omitempty" doc:"The status last reported by those who promised"`
	Found       string            `json:"found,omitempty" doc:"The verdict last given by somebody else"`

	id act.ID
}

// Milestone is a stage of a commitment.
type Milestone struct {
	Code     string            `json:"code"`
	Words    map[string]string `json:"words,omitempty"`
	FirstDue string            `json:"first_due"`
	Due      string            `json:"due"`
	Slip     int               `json:"slip"`
	Reached  bool              `json:"reached" doc:"It was reported reached"`
}

// Indicator is by what a commitment is measured: values are whole numbers of
// the unit, divided by 10 to the power of decimals.
type Indicator struct {
	Words      map[string]string `json:"words,omitempty"`
	Verified   map[string]string `json:"verified,omitempty" doc:"How it is verified"`
	Measure    string            `json:"measure"`
	Decimals   int               `json:"decimals"`
	Baseline   int64             `json:"baseline"`
	BaselineOn string            `json:"baseline_on"`
	Target     int64             `json:"target"`
	TargetOn   string            `json:"target_on"`
}

// Revision is a change of a commitment's days or money.
type Revision struct {
	Act      string    `json:"act"`
	Position int64     `json:"position"`
	At       time.Time `json:"at"`
	End      string    `json:"end"`
	Why      string    `json:"why"`
	Reasons  *string   `json:"reasons,omitempty"`
	Budget   *Money    `json:"budget,omitempty"`
	Funding  string    `json:"funding"`
}

// Evidence is what was shown.
type Evidence struct {
	Text  string `json:"text,omitempty"`
	Files []File `json:"files"`
}

// File is a file of evidence.
type File struct {
	SHA256 string `json:"sha256"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Title  string `json:"title,omitempty"`
}

// Report is what one of those who promised says was done, with what others
// found of it beside it.
type Report struct {
	Act       string    `json:"act"`
	Position  int64     `json:"position"`
	At        time.Time `json:"at"`
	By        By        `json:"by"`
	Status    string    `json:"status"`
	Milestone string    `json:"milestone,omitempty"`
	Place     string    `json:"place,omitempty"`
	Evidence  *Evidence `json:"evidence,omitempty"`
	Found     []Finding `json:"found"`
}

// Finding is what somebody found who did not promise.
type Finding struct {
	Act      string    `json:"act"`
	Position int64     `json:"position"`
	At       time.Time `json:"at"`
	By       By        `json:"by"`
	Verdict  string    `json:"verdict"`
	Status   string    `json:"status"`
	Place    string    `json:"place,omitempty"`
	Evidence *Evidence `json:"evidence,omitempty"`
}

// Measurement is a value of a commitment's indicator.
type Measurement struct {
	Act   string    `json:"act"`
	At    time.Time `json:"at"`
	By    By        `json:"by"`
	On    string    `json:"on"`
	Value int64     `json:"value"`
}

// WholeCommitment is a commitment with everything that was said and found of it.
type WholeCommitment struct {
	Commitment
	Why          map[string]string `json:"why,omitempty"`
	Milestones   []Milestone       `json:"milestones"`
	Indicator    Indicator         `json:"indicator"`
	Measurements []Measurement     `json:"measurements"`
	Revisions    []Revision        `json:"revisions" doc:"Oldest first; each keeps what it says"`
	Reports      []Report          `json:"reports" doc:"Oldest first"`
	Unreported   []Finding         `json:"found_without_report" doc:"What others found where nothing was reported"`
}

// Commitments is one page of commitments.
type Commitments struct {
	Commitments []Commitment `json:"commitments"`
	Next        string       `json:"next,omitempty" doc:"Give it as cursor for the next page"`
}

type (
	commitmentsIn struct {
		Stretch
		Dialogue  string `query:"dialogue" maxLength:"64" doc:"The slug of a dialogue"`
		Place     string `query:"place" maxLength:"64" doc:"Commitments about this place or one within it"`
		Authority string `query:"authority" maxLength:"64" doc:"The id of who is responsible"`
		State     string `query:"state" maxLength:"64"`
	}
	commitmentsOut struct{ Body Commitments }
	commitmentIn   struct{ IDPath }
	commitmentOut  struct{ Body WholeCommitment }
)

func (a *API) commitments(ctx context.Context, in *commitmentsIn) (*commitmentsOut, error) {
	if in.State != "" && !slices.Contains(civic.CommitmentStates, civic.CommitmentState(in.State)) {
		return nil, problem.New(problem.Invalid, "problem.choice_unknown").In("state")
	}
	out := &commitmentsOut{Body: Commitments{Commitments: []Commitment{}}}
	var err error
	a.reader.View(func(s *civic.State) {
		var dialogue act.ID
		if dialogue, err = dialogueNamed(s, in.Dialogue); err != nil {
			return
		}
		if err = placeNamed(s, in.Place); err != nil {
			return
		}
		responsible, wrong := act.ParseID(in.Authority)
		if in.Authority != "" && (wrong != nil || s.Organisation(responsible) == nil) {
			err = problem.New(problem.NotFound, "problem.authority_unknown").In("authority")
			return
		}
		today := a.now().In(s.Zone()).Format(time.DateOnly)
		found := slices.DeleteFunc(slices.Clone(s.Commitments()), func(c *civic.Commitment) bool {
			place := placeOf(s, c)
			return !dialogue.IsZero() && c.Dialogue != dialogue || in.Authority != "" && c.Responsible != responsible ||
				in.Place != "" && (place == "" || !s.Within(place, in.Place)) || in.State != "" && string(c.State(today)) != in.State
		})
		found, out.Body.Next = stretch(found, in.Stretch)
		for _, c := range found {
			out.Body.Commitments = append(out.Body.Commitments, commitmentOf(s, c, a.now()))
		}
	})
	if err != nil {
		return nil, err
	}
	for i := range out.Body.Commitments {
		if _, err := a.fillPlan(ctx, &out.Body.Commitments[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// placeOf is the place of what a commitment is about.
func placeOf(s *civic.State, c *civic.Commitment) string {
	if n := s.Need(c.Needs[0]); n != nil && n.Place != "" {
		return n.Place
	}
	if d := s.Dialogue(c.Dialogue); d != nil {
		return d.Place
	}
	return ""
}

func moneyOf(m *act.Money) *Money {
	if m == nil {
		return nil
	}
	return &Money{m.Minor, m.Currency}
}

func commitmentOf(s *civic.State, c *civic.Commitment, now time.Time) Commitment {
	_, budget, funding, uptake := c.Plan()
	shown := Commitment{ID: c.ID.String(), Dialogue: slugOf(s, c.Dialogue), Needs: idsOf(c.Needs), Responsible: c.Responsible.String(), Position: c.Position,
		With: idsOf(c.With), Verifier: c.Verifier.String(), Place: placeOf(s, c), At: c.At.UTC(), State: string(c.State(now.In(s.Zone()).Format(time.DateOnly))),
		Start: c.Start, FirstEnd: c.CommitmentMade.End, End: c.End(), Slip: c.Slip(), Budget: moneyOf(budget), Funding: funding, Uptake: uptake, id: c.ID}
	if n := len(c.Claims); n > 0 {
		shown.Claimed = c.Claims[n-1].Status
	}
	if n := len(c.Assessments); n > 0 {
		shown.Found = c.Assessments[n-1].Verdict
	}
	return shown
}

// fillPlan adds what a commitment promises, and gives the words of all of it.
func (a *API) fillPlan(ctx context.Context, shown *Commitment) (plan act.Plan, err error) {
	_, err = a.open(ctx, shown.id, "plan", &plan)
	shown.What = plan.What
	return plan, err
}

func (a *API) commitment(ctx context.Context, in *commitmentIn) (*commitmentOut, error) {
	out := &commitmentOut{}
	err := a.named(in.ID, func(s *civic.State, id act.ID) bool {
		c := s.Commitment(id)
		if c == nil {
			return false
		}
		out.Body = wholeCommitmentOf(s, c, a.now())
		return true
	})
	if err != nil {
		return nil, err
	}
	return out, a.fillCommitment(ctx, &out.Body)
}

func wholeCommitmentOf(s *civic.State, c *civic.Commitment, now time.Time) WholeCommitment {
	i := c.Indicator
	whole := WholeCommitment{Commitment: commitmentOf(s, c, now), Milestones: []Milestone{}, Measurements: []Measurement{}, Revisions: []Revision{},
		Reports: []Report{}, Unreported: []Finding{}, Indicator: Indicator{Measure: i.Measure, Decimals: i.Decimals, Baseline: i.Baseline,
			BaselineOn: i.BaselineOn, Target: i.Target, TargetOn: i.TargetOn}}
	milestones, _, _, _ := c.Plan()
	for _, m := range milestones {
		whole.Milestones = append(whole.Milestones, milestoneOf(c, m))
	}
	for _, m := range c.Measurements {
		whole.Measurements = append(whole.Measurements, Measurement{m.Act.String(), m.At.UTC(), byOf(m.By), m.On, m.Value})
	}
	for _, r := range c.Revisions {
		whole.Revisions = append(whole.Revisions, Revision{Act: r.Act.String(), At: r.At.UTC(), End: r.End, Why: r.Why, Budget: moneyOf(r.Budget), Funding: r.Funding})
	}
	for _, claim := range c.Claims {
		whole.Reports = append(whole.Reports, Report{Act: claim.Act.String(), At: claim.At.UTC(), By: byOf(claim.By), Status: claim.Status,
			Milestone: claim.Milestone, Place: claim.Place, Found: []Finding{}})
	}
	for _, f := range c.Assessments {
		finding := Finding{Act: f.Act.String(), At: f.At.UTC(), By: byOf(f.By), Verdict: f.Verdict, Status: f.Status, Place: f.Place}
		at := slices.IndexFunc(c.Claims, func(claim civic.Claim) bool { return f.Claim != nil && claim.Act == *f.Claim })
		if at < 0 {
			whole.Unreported = append(whole.Unreported, finding)
			continue
		}
		whole.Reports[at].Found = append(whole.Reports[at].Found, finding)
	}
	return whole
}

func milestoneOf(c *civic.Commitment, m act.Milestone) Milestone {
	shown := Milestone{Code: m.Code, FirstDue: m.Due, Due: m.Due,
		Reached: slices.ContainsFunc(c.Claims, func(claim civic.Claim) bool { return claim.Milestone == m.Code })}
	if due, _ := c.FirstDue(m.Code); due != "" {
		shown.FirstDue = due
	}
	first, err := time.Parse(time.DateOnly, shown.FirstDue)
	due, err2 := time.Parse(time.DateOnly, shown.Due)
	if err == nil && err2 == nil {
		shown.Slip = int(due.Sub(first).Hours() / 24)
	}
	return shown
}

// fillCommitment adds words and places in the log.
func (a *API) fillCommitment(ctx context.Context, whole *WholeCommitment) error {
	plan, err := a.fillPlan(ctx, &whole.Commitment)
	if err != nil {
		return err
	}
	whole.Why, whole.Indicator.Words, whole.Indicator.Verified = plan.Why, plan.Indicator, plan.Verified
	for i := range whole.Milestones {
		whole.Milestones[i].Words = plan.Milestones[whole.Milestones[i].Code]
	}
	for i := range whole.Revisions {
		r := &whole.Revisions[i]
		var given act.Explanation
		has, err := a.placed(ctx, r.Act, "reasons", &r.Position, &given)
		if err != nil {
			return err
		}
		if has {
			r.Reasons = &given.Text
		}
	}
	for i := range whole.Reports {
		r := &whole.Reports[i]
		if r.Evidence, err = a.evidence(ctx, r.Act, &r.Position); err != nil {
			return err
		}
		if err := a.fillFindings(ctx, r.Found); err != nil {
			return err
		}
	}
	return a.fillFindings(ctx, whole.Unreported)
}

func (a *API) fillFindings(ctx context.Context, found []Finding) (err error) {
	for i := range found {
		if found[i].Evidence, err = a.evidence(ctx, found[i].Act, &found[i].Position); err != nil {
			return err
		}
	}
	return nil
}

// placed finds the place of an act in the log and reads an open section of it.
func (a *API) placed(ctx context.Context, text, section string, position *int64, into any) (bool, error) {
	id, err := act.ParseID(text)
	if err != nil {
		return false, err
	}
	if *position, err = a.reader.Locate(ctx, id); err != nil {
		return false, err
	}
	return a.open(ctx, id, section, into)
}

// evidence reads what was shown, nil where there is nothing to read.
func (a *API) evidence(ctx context.Context, id string, position *int64) (*Evidence, error) {
	var shown act.Evidence
	has, err := a.placed(ctx, id, "evidence", position, &shown)
	if err != nil || !has {
		return nil, err
	}
	evidence := &Evidence{Text: shown.Text, Files: []File{}}
	for _, f := range shown.Files {
		evidence.Files = append(evidence.Files, File{f.SHA256.String(), f.Type, f.Size, f.Title})
	}
	return evidence, nil
}
