package api_test

import (
	"bytes"
	"crypto/rand"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/api"
)

// chain is a world whose views went all the way: one need of two views, with an
// answer and a disputed commitment; a view that an office is silent about; and
// one that is withheld.
type chain struct {
	*world
	office, need, answered, silent, answer, promise act.ID
	held, waiting, withheld                         act.ID
}

const (
	hiddenText = "words that nobody may read"
	reasons    = "The province has set aside money for two wells in next year's plan."
)

func (c *chain) staff(t *testing.T, org act.ID, role act.Role) civic.Actor {
	t.Helper()
	id, err := act.NewID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.submit(t, civic.System, org, &act.RoleGranted{Staff: id, Role: role, From: "2026-01-01"}, nil)
	return civic.Actor{By: act.By{As: act.ByStaff, Organisation: org, Staff: id, Role: role}}
}

func newChain(t *testing.T) *chain {
	t.Helper()
	c := &chain{world: newWorld(t)}
	system := func(of act.ID, facts act.Facts, content map[string]any) act.ID {
		return c.submit(t, civic.System, of, facts, content).Act
	}
	system(act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepModerate: 2, act.StepRefer: 3, act.StepAcknowledge: 5, act.StepAnswer: 20}}, nil)
	c.office = system(act.ID{}, &act.OrganisationRegistered{Type: "line_department", Authority: true, Place: "07"}, names("A department", "មន្ទីរ"))
	other := system(act.ID{}, &act.OrganisationRegistered{Type: "cso"}, names("Another", "មួយទៀត"))
	system(c.office, &act.CompetenceDeclared{Themes: []string{"water"}, Place: "07", As: act.Decides, From: "2026-01-01"}, nil)
	moderator, facilitator := c.staff(t, c.host, act.RoleModerator), c.staff(t, c.host, act.RoleFacilitator)
	signing, monitor := c.staff(t, c.office, act.RoleSigningOfficer), c.staff(t, other, act.RoleMonitor)
	view := func(text string) act.ID {
		who := c.Participant(newToken(t), c.dialogue)
		return c.submit(t, civic.Actor{By: act.Participant, Participant: who}, c.dialogue, &act.StatementRegistered{Channel: "web", Written: "en", Visibility: "open",
			Place: "07", Themes: []string{"water"}}, map[string]any{"text": &act.Text{Text: text}, "source": &act.Source{Participant: &who}}).Act
	}
	c.held, c.waiting, c.withheld = view("We need a well."), view("The pump is broken."), view(hiddenText)
	second := view("A well near the school, please.")
	for _, id := range []act.ID{c.held, c.waiting, second} {
		c.submit(t, moderator, id, &act.StatementPublished{}, nil)
	}
	c.submit(t, moderator, c.withheld, &act.StatementWithheld{Reason: "personal_data"}, map[string]any{"explanation": &act.Explanation{Text: "It names people."}})
	var raised *act.Raised
	views := []act.ID{c.held, second}
	c.View(func(s *civic.State) { raised = s.Raised(views) })
	content := names("Clean water", "ទឹកស្អាត")
	content["raised"] = raised
	c.need = c.submit(t, facilitator, c.dialogue, &act.NeedIdentified{Theme: "water", Place: "07", Statements: views}, content).Act
	c.submit(t, facilitator, c.need, &act.NeedSummarised{Covers: views[:1], Means: "human"}, names("Wells", "អណ្ដូង"))
	c.answered = c.submit(t, facilitator, c.need, &act.ReferralMade{Authority: c.office}, nil).Act
	c.silent = c.submit(t, facilitator, c.waiting, &act.ReferralMade{Authority: c.office}, nil).Act
	c.answer = c.submit(t, signing, c.office, &act.AnswerIssued{Position: "director", Covers: []act.Covered{{Case: c.answered, Decision: act.Accepted}},
		ConsideredOn: "2026-11-24", ConsideredIn: "meeting"}, map[string]any{"reasons": &act.Reasons{Letter: "12/26", Cases: []act.CaseReasons{{Case: c.answered, Text: reasons}}}}).Act
	c.promises(t, signing, monitor, other)
	c.now = c.now.AddDate(0, 0, 20)
	return c
}

func (c *chain) promises(t *testing.T, signing, monitor civic.Actor, verifier act.ID) {
	t.Helper()
	said := func(en, km string) map[string]string { return map[string]string{"en": en, "km": km} }
	milestone := func(due string) []act.Milestone { return []act.Milestone{{Code: "drilled", Due: due}} }
	c.promise = c.submit(t, signing, c.need, &act.CommitmentMade{Needs: []act.ID{c.need}, Responsible: c.office, Position: "director", Start: "2026-11-25", End: "2027-03-31",
		Milestones: milestone("2027-02-28"), Funding: "unfunded", Verifier: verifier,
		Indicator: act.Indicator{Measure: "unit", BaselineOn: "2026-11-01", Target: 2, TargetOn: "2027-03-31"}}, map[string]any{"plan": &act.Plan{
		What: said("Two wells", "អណ្ដូងពីរ"), Indicator: said("Wells", "អណ្ដូង"), Verified: said("On the spot", "នៅកន្លែង"),
		Milestones: map[string]map[string]string{"drilled": said("Drilled", "ខួង")}}}).Act
	c.submit(t, signing, c.promise, &act.CommitmentRevised{End: "2027-04-30", Funding: "unfunded", Why: "procurement", Milestones: milestone("2027-03-10")},
		map[string]any{"reasons": &act.Explanation{Text: "The tender took longer."}})
	claim := c.submit(t, signing, c.promise, &act.ProgressClaimed{Status: act.Complete, Milestone: "drilled", Files: 1},
		map[string]any{"evidence": &act.Evidence{Text: "Both are drilled.", Files: []act.File{{Type: "image/jpeg", Size: 2000}}}}).Act
	c.submit(t, monitor, c.promise, &act.ProgressAssessed{Claim: &claim, Verdict: act.Disputed, Status: act.Substantial},
		map[string]any{"evidence": &act.Evidence{Text: "One gives no water."}})
	c.submit(t, monitor, c.promise, &act.IndicatorMeasured{Value: 1, On: "2026-11-24"}, nil)
}

const root = "/api/v1"

// TestNeedsAndCases reads a need, its cases and its answer.
func TestNeedsAndCases(t *testing.T) {
	c := newChain(t)
	var list api.Needs
	c.get(t, root+"/needs?dialogue=one&theme=water&place=07").ok(200).into(&list)
	if len(list.Needs) != 1 || list.Needs[0].ID != c.need.String() || list.Needs[0].Views != 2 || list.Needs[0].Open || list.Next != "" {
		t.Errorf("needs %+v", list)
	}
	for _, query := range []string{"?dialogue=cards", "?theme=roads", "?open=true", "?place=0701"} {
		list = api.Needs{}
		if c.get(t, root+"/needs"+query).ok(200).into(&list); len(list.Needs) != 0 {
			t.Errorf("needs%s: %+v", query, list)
		}
	}
	var need api.WholeNeed
	c.get(t, root+"/needs/"+c.need.String()).ok(200).into(&need)
	if len(need.Statements) != 2 || need.Statements[0].LeftOut || !need.Statements[1].LeftOut || need.Summary == nil || need.Summary.LeftOut != 1 ||
		need.Raised == nil || need.Raised.People != nil || len(need.InHands) != 1 || len(need.Answers) != 1 || len(need.Plans) != 1 || need.Plans[0].What["en"] != "Two wells" {
		t.Errorf("need %+v", need)
	}
	var one api.Case
	c.get(t, root+"/cases/"+c.answered.String()).ok(200).into(&one)
	if one.Need != need.ID || one.Decision != act.Accepted || one.InTime == nil || !*one.InTime || one.Disposition != "answered" || one.Clock != nil || len(one.Events) != 2 || one.Events[1].Position == 0 {
		t.Errorf("case %+v", one)
	}
	one = api.Case{}
	c.get(t, root+"/cases/"+c.silent.String()).ok(200).into(&one)
	if one.Statement == "" || one.Disposition != "waiting" || one.Clock == nil || !one.Clock.Overdue || one.InTime != nil {
		t.Errorf("silent case %+v", one)
	}
	var answer api.Answer
	c.get(t, root+"/answers/"+c.answer.String()).ok(200).into(&answer)
	if answer.Letter != "12/26" || len(answer.Covers) != 1 || answer.Covers[0].Reasons != reasons || answer.Covers[0].Views != 2 || answer.Covers[0].Same != 2 {
		t.Errorf("answer %+v", answer)
	}
}

// TestCommitments reads a commitment with both of its sides, and filters.
func TestCommitments(t *testing.T) {
	c := newChain(t)
	var whole api.WholeCommitment
	c.get(t, root+"/commitments/"+c.promise.String()).ok(200).into(&whole)
	if whole.State != "disputed" || whole.FirstEnd != "2027-03-31" || whole.End != "2027-04-30" || whole.Slip != 30 || whole.What["km"] != "អណ្ដូងពីរ" {
		t.Errorf("commitment %+v", whole.Commitment)
	}
	if len(whole.Milestones) != 1 || whole.Milestones[0].Slip != 10 || !whole.Milestones[0].Reached || whole.Milestones[0].Words["en"] != "Drilled" {
		t.Errorf("milestones %+v", whole.Milestones)
	}
	if len(whole.Revisions) != 1 || whole.Revisions[0].Reasons == nil || whole.Revisions[0].Position == 0 || len(whole.Measurements) != 1 || whole.Measurements[0].Value != 1 {
		t.Errorf("revisions %+v, measurements %+v", whole.Revisions, whole.Measurements)
	}
	if len(whole.Reports) != 1 || whole.Reports[0].Evidence == nil || len(whole.Reports[0].Evidence.Files) != 1 || len(whole.Reports[0].Found) != 1 ||
		whole.Reports[0].Found[0].Evidence.Text != "One gives no water." || len(whole.Unreported) != 0 {
		t.Errorf("reports %+v", whole.Reports)
	}
	for query, want := range map[string]int{"": 1, "?state=disputed": 1, "?state=late": 0, "?place=07": 1, "?place=0701": 0, "?dialogue=one": 1, "?dialogue=cards": 0,
		"?authority=" + c.office.String(): 1, "?authority=" + c.host.String(): 0, "?cursor=1": 0, "?limit=1": 1} {
		var list api.Commitments
		if c.get(t, root+"/commitments"+query).ok(200).into(&list); len(list.Commitments) != want {
			t.Errorf("commitments%s: %d, not %d", query, len(list.Commitments), want)
		}
	}
	c.get(t, root+"/commitments?state=done").problem(422, "problem.choice_unknown")
	c.get(t, root+"/commitments?authority=x").problem(404, "problem.authority_unknown")
	c.get(t, root+"/needs?dialogue=none").problem(404, "problem.dialogue_unknown")
}

// TestAuthorities reads an authority's figures.
func TestAuthorities(t *testing.T) {
	c := newChain(t)
	var list []api.Authority
	c.get(t, root+"/authorities").ok(200).into(&list)
	if len(list) != 1 || list[0].Balance.Registered != 3 || list[0].Commitments != 1 {
		t.Errorf("authorities %+v", list)
	}
	var whole api.WholeAuthority
	c.get(t, root+"/authorities/"+c.office.String()).ok(200).into(&whole)
	if whole.Figures.Cases != 2 || whole.Figures.InTime != 1 || whole.Figures.Decisions[act.Accepted] != 1 || len(whole.Competences) != 1 || whole.Figures.Slipped != 1 {
		t.Errorf("authority %+v", whole)
	}
	for _, path := range []string{"/authorities/" + c.host.String(), "/authorities/x", "/needs/" + c.promise.String(), "/cases/" + c.need.String(),
		"/answers/" + c.need.String(), "/commitments/" + c.need.String()} {
		c.get(t, root+path).problem(404, "problem.not_found")
	}
}

// TestThreadOfAChain: a view's thread leads to everything that became of it, and
// no answer of the API has words that are withheld.
func TestThreadOfAChain(t *testing.T) {
	c := newChain(t)
	var thread api.Thread
	c.get(t, root+"/statements/"+c.held.String()).ok(200).into(&thread)
	if len(thread.Needs) != 1 || len(thread.Cases) != 1 || len(thread.Answers) != 1 || thread.Answers[0].Covers[0].Reasons != reasons ||
		len(thread.Commitments) != 1 || thread.Commitments[0].What["en"] != "Two wells" {
		t.Errorf("thread %+v", thread)
	}
	for _, path := range []string{"/needs", "/needs/" + c.need.String(), "/cases/" + c.silent.String(), "/statements/" + c.withheld.String(), "/statements/" + c.held.String(),
		"/dialogues/one/statements", "/authorities", "/answers/" + c.answer.String(), "/commitments"} {
		if body := c.get(t, root+path).ok(200).Body; bytes.Contains(body, []byte(hiddenText)) {
			t.Errorf("%s: %s", path, body)
		}
	}
}

// TestBalanceOfAPastDay: what is over, and nothing else.
func TestBalanceOfAPastDay(t *testing.T) {
	c := newChain(t)
	today := c.now.In(time.FixedZone("", 7*3600)).Format(time.DateOnly)
	for _, day := range []string{today, "2027-11-24", "2026-11-23", "0001-01-01"} {
		p := c.get(t, root+"/balance?at="+day).problem(422, "problem.past_day")
		if p.Field != "at" {
			t.Errorf("%s: field %q", day, p.Field)
		}
	}
	for _, day := range []string{"yesterday", "2026-02-30", "20261124"} {
		c.get(t, root+"/balance?at="+day).problem(422, "problem.date")
	}
	c.get(t, root+"/balance?authority="+c.host.String()).problem(404, "problem.authority_unknown")
	answer := c.get(t, root+"/balance?at=2026-11-24&authority="+c.office.String()).ok(200)
	var b civic.Balance
	answer.into(&b)
	if b.Registered != 3 || b.Answered != 2 || b.Waiting.OnTime != 1 || b.Waiting.Overdue != 0 || answer.Header.Get("Samleng-As-At") != "2026-11-24T16:59:59Z" {
		t.Errorf("%+v as at %s", b, answer.Header.Get("Samleng-As-At"))
	}
	b = civic.Balance{}
	c.get(t, root+"/balance?authority="+c.office.String()).ok(200).into(&b)
	if b.Waiting.Overdue != 1 {
		t.Errorf("today %+v", b)
	}
}
