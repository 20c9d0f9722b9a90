package civic_test

import (
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
)

// chain is a world with authorities, their officers and a monitor.
type chain struct {
	*world
	ids                                       map[string]act.ID
	facilitator, focal, signing, boss, mender civic.Actor
	monitor, own                              civic.Actor
	views                                     []act.ID
}

const why = "The province has set aside money for two wells in next year's plan, after a visit on the spot."

func newChain(t testing.TB) *chain {
	w, ids := newWorld(t)
	c := &chain{world: w, ids: ids}
	w.must(civic.System, act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepAcknowledge: 5, act.StepAnswer: 20,
		act.StepInform: 15, act.StepReview: 15, act.StepEscalate: 10}}, nil)
	ministry := ids["ministry"]
	for _, org := range []string{"province", "department"} {
		ids[org] = w.must(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "line_department", Authority: true, Parent: &ministry}, names(org))
	}
	ids["elsewhere"] = w.must(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "district_administration", Authority: true}, names("elsewhere"))
	w.must(civic.System, ids["department"], &act.LadderDeclared{To: []act.ID{ids["province"], ministry}}, nil)
	c.facilitator = w.staff(ids["cso"], act.RoleFacilitator)
	c.focal, c.signing = w.staff(ids["department"], act.RoleFocalPoint), w.staff(ids["department"], act.RoleSigningOfficer)
	c.boss, c.mender = w.staff(ids["province"], act.RoleSigningOfficer), w.staff(ids["elsewhere"], act.RoleSigningOfficer)
	c.monitor, c.own = w.staff(ids["other"], act.RoleMonitor), w.staff(ids["department"], act.RoleMonitor)
	moderator := w.staff(ids["cso"], act.RoleModerator)
	for range 3 {
		id := w.view(participant(), ids["dialogue"], "ទឹកស្អាត")
		w.must(moderator, id, &act.StatementPublished{}, nil)
		c.views = append(c.views, id)
	}
	return c
}

// need gathers views into a need.
func (c *chain) need(views ...act.ID) act.ID {
	content := names("need")
	content["raised"] = c.state.Raised(views)
	return c.must(c.facilitator, c.ids["dialogue"], &act.NeedIdentified{Theme: "water", Statements: views}, content)
}

func (c *chain) refer(of act.ID) act.ID {
	return c.must(c.facilitator, of, &act.ReferralMade{Authority: c.ids["department"]}, nil)
}

func (c *chain) answering(who civic.Actor, decision string, text string, cases ...act.ID) (act.ID, error) {
	facts := &act.AnswerIssued{Position: "director", ConsideredOn: c.now.Format(time.DateOnly), ConsideredIn: "meeting"}
	reasons := &act.Reasons{}
	for _, id := range cases {
		facts.Covers = append(facts.Covers, act.Covered{Case: id, Decision: decision})
		reasons.Cases = append(reasons.Cases, act.CaseReasons{Case: id, Text: text})
	}
	return c.try(who, who.By.Organisation, facts, map[string]any{"reasons": reasons})
}

func (c *chain) answer(decision string, cases ...act.ID) act.ID {
	c.t.Helper()
	id, err := c.answering(c.signing, decision, why, cases...)
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

func because(key, text string) map[string]any {
	return map[string]any{key: &act.Explanation{Text: text}}
}

func (c *chain) pass(days int) { c.now = c.now.AddDate(0, 0, days) }

func (c *chain) stands(view act.ID, want civic.Disposition, late bool) {
	c.t.Helper()
	d, clock := c.state.Statement(view).Standing(c.now)
	if d != want || clock.Overdue(c.now) != late {
		c.t.Errorf("the view is %s, late %t; not %s, %t", d, clock.Overdue(c.now), want, late)
	}
	if b := c.state.Balance(civic.Filter{}, c.now); b.Sum() != b.Registered {
		c.t.Errorf("the balance does not balance: %+v", b)
	}
}

func (c *chain) refused(want string, who civic.Actor, of act.ID, facts act.Facts, content map[string]any) {
	c.t.Helper()
	if _, err := c.try(who, of, facts, content); refusal(err) != want {
		c.t.Errorf("%s: %v, not %s", facts.Kind(), err, want)
	}
}

// commitment is a plan that the department can make about a need.
func (c *chain) commitment(needs ...act.ID) (*act.CommitmentMade, map[string]any) {
	words := func(text string) map[string]string { return map[string]string{"en": text} }
	return &act.CommitmentMade{Needs: needs, Responsible: c.ids["department"], Position: "director", Start: "2026-04-01", End: "2026-09-30",
			Milestones: []act.Milestone{{Code: "survey", Due: "2026-05-31"}, {Code: "drilled", Due: "2026-08-31"}},
			Funding:    "provincial_fund", Verifier: c.ids["other"],
			Indicator: act.Indicator{Measure: "unit", Baseline: 0, BaselineOn: "2026-03-01", Target: 2, TargetOn: "2026-09-30"}},
		map[string]any{"plan": &act.Plan{What: words("Two wells"), Indicator: words("Wells with water"), Verified: words("On the spot")}}
}

func TestFromViewToConfirmed(t *testing.T) {
	c := newChain(t)
	need := c.need(c.views[0], c.views[1])
	c.stands(c.views[0], civic.DispNotYetReferred, false)
	referral := c.refer(need)
	c.stands(c.views[0], civic.DispWaiting, false)
	c.stands(c.views[2], civic.DispNotYetReferred, false)
	c.must(c.focal, referral, &act.ReferralAcknowledged{}, nil)
	c.stands(c.views[1], civic.DispConsidering, false)
	c.must(c.focal, referral, &act.ReferralConsidered{On: "2026-03-09", In: "meeting"}, nil)
	answer := c.answer(act.Accepted, referral)
	c.stands(c.views[0], civic.DispAnswered, false)
	if n := c.state.SameReasons("  " + why); n != 2 {
		t.Errorf("%d views got these reasons, not 2", n)
	}
	facts, plan := c.commitment(need)
	commitment := c.must(c.signing, need, facts, plan)
	evidence := map[string]any{"evidence": &act.Evidence{Text: "Both wells are drilled.", Files: []act.File{{Type: "image/jpeg", Size: 10}}}}
	c.pass(180)
	c.refused(civic.RefusedNoEvidence, c.focal, commitment, &act.ProgressClaimed{Status: act.Complete}, map[string]any{"evidence": &act.Evidence{Text: "done"}})
	claim := c.must(c.focal, commitment, &act.ProgressClaimed{Status: act.Complete, Files: 1}, evidence)
	today := c.now.Format(time.DateOnly)
	if got := c.state.Commitment(commitment).State(today); got != civic.CommitmentClaimed {
		t.Errorf("claimed done by who promised is %s", got)
	}
	found := &act.ProgressAssessed{Claim: &claim, Verdict: act.Confirmed, Status: act.Complete}
	seen := map[string]any{"evidence": &act.Evidence{Text: "Seen, both give water."}}
	c.refused(civic.RefusedNotIndependent, c.own, commitment, found, seen)
	c.must(c.monitor, commitment, found, seen)
	if got := c.state.Commitment(commitment).State(today); got != civic.CommitmentConfirmed {
		t.Errorf("confirmed by another organisation is %s", got)
	}
	holder := civic.Actor{By: act.Participant, Holds: c.views[0]}
	c.must(holder, c.views[0], &act.AnswerJudged{Answer: answer, Deals: "yes", Understandable: "partly"}, nil)
	c.refused(civic.RefusedJudged, holder, c.views[0], &act.AnswerJudged{Answer: answer, Deals: "no", Understandable: "no"}, nil)
	f := c.state.Figures(c.ids["department"], c.now)
	if f.Cases != 1 || f.FellDue != 1 || f.InTime != 1 || f.MedianAnswer != 0 || f.Deals["yes"] != 1 || f.Understandable["partly"] != 1 ||
		f.Commitments[civic.CommitmentConfirmed] != 1 || f.Decisions[act.Accepted] != 1 {
		t.Errorf("the figures of the office: %+v", f)
	}
	w := c.world
	w.must(civic.System, c.ids["dialogue"], &act.DialogueClosed{}, nil)
	w.must(c.facilitator, c.ids["dialogue"], &act.DialogueCompleted{}, nil)
	samePublic(t, c.world)
}

func TestSilence(t *testing.T) {
	c := newChain(t)
	referral := c.refer(c.views[0])
	c.refused(civic.RefusedNotDue, civic.System, referral, &act.CaseEscalated{To: []act.ID{c.ids["province"], c.ids["ministry"]}, Level: 1}, nil)
	c.pass(8) // five working days, a holiday, a weekend
	c.stands(c.views[0], civic.DispWaiting, false)
	c.pass(1)
	c.stands(c.views[0], civic.DispWaiting, true)
	c.pass(14)
	due := c.state.Escalations(c.now)
	if len(due) != 1 || due[0].Level != 1 || len(due[0].To) != 2 {
		t.Fatalf("due to go up: %+v", due)
	}
	c.must(civic.System, referral, &due[0].CaseEscalated, nil)
	if again := c.state.Escalations(c.now); len(again) != 0 {
		t.Errorf("it goes up twice: %+v", again)
	}
	next := c.must(civic.System, act.ID{}, &act.DialogueAnnounced{Slug: "again", Level: "provincial", Place: "16", PlaceLevel: 1, Door: "open",
		Limit: 300, Changes: 3, Opens: "2026-05-01", Closes: "2026-06-01", Host: c.ids["cso"]}, names("again"))
	tabled := c.state.AgendaDue(next, c.now)
	if tabled == nil || len(tabled.Cases) != 1 {
		t.Fatalf("the next dialogue takes up %+v", tabled)
	}
	c.must(civic.System, next, tabled, nil)
	if c.state.AgendaDue(next, c.now) != nil {
		t.Error("it is tabled twice")
	}
	samePublic(t, c.world)
}

func TestTransferKeepsTheFirstClock(t *testing.T) {
	c := newChain(t)
	referral := c.refer(c.views[0])
	r := c.state.Referral(referral)
	first := r.Answer.Due
	c.pass(1)
	c.must(c.focal, referral, &act.ReferralAcknowledged{}, nil)
	c.must(c.focal, referral, &act.ReferralTransferred{To: c.ids["province"]}, because("reasons", "Roads are the province's."))
	c.stands(c.views[0], civic.DispWaiting, false)
	if !r.Answer.Due.Equal(first) {
		t.Errorf("the transfer moved the answer from %s to %s", first, r.Answer.Due)
	}
	c.refused(civic.RefusedNotHolding, c.focal, referral, &act.ReferralAcknowledged{}, nil)
	if _, err := c.answering(c.signing, act.Accepted, why, referral); refusal(err) != civic.RefusedNotHolding {
		t.Errorf("who handed it on answers: %v", err)
	}
	c.refused(civic.RefusedCircular, c.boss, referral, &act.ReferralTransferred{To: c.ids["department"]}, because("reasons", "Back to you."))
	b := c.state.Balance(civic.Filter{Authority: c.ids["department"]}, c.now)
	if b.Registered != 1 || b.TransferredOn != 1 || b.Sum() != 1 {
		t.Errorf("the balance of who handed it on: %+v", b)
	}
}

func TestNeedsInformationOnceAndLapses(t *testing.T) {
	c := newChain(t)
	referral := c.refer(c.views[0])
	c.pass(1)
	ask := &act.InformationRequested{What: "place", From: "holder"}
	c.must(c.focal, referral, ask, because("question", "Which village is it?"))
	c.stands(c.views[0], civic.DispNeedsInformation, false)
	c.refused(civic.RefusedAsked, c.focal, referral, ask, because("question", "And when?"))
	r := c.state.Referral(referral)
	c.now = r.Info.Clock.Due
	c.stands(c.views[0], civic.DispConsidering, false)
	if !r.Answer.Due.After(r.Info.Clock.Due) {
		t.Errorf("when its time is up there is no time left to answer: %s", r.Answer.Due)
	}
	c.now = r.Answer.Due
	c.stands(c.views[0], civic.DispConsidering, true)

	c = newChain(t)
	referral = c.refer(c.views[0])
	c.must(c.focal, referral, ask, because("question", "Which village is it?"))
	left := c.state.WorkingDays(c.now, c.state.Referral(referral).FirstDue.AddDate(0, 0, -1))
	c.pass(4)
	stranger := civic.Actor{By: act.Participant, Holds: c.views[1]}
	c.refused(civic.RefusedCase, stranger, c.views[1], &act.InformationSupplied{Case: referral}, because("text", "Not mine"))
	c.must(civic.Actor{By: act.Participant, Holds: c.views[0]}, c.views[0], &act.InformationSupplied{Case: referral}, because("text", "Behind the school."))
	if got := c.state.WorkingDays(c.now, c.state.Referral(referral).Answer.LastDay()); got != left {
		t.Errorf("%d working days are left to answer, not %d", got, left)
	}
}

func TestSecondLook(t *testing.T) {
	c := newChain(t)
	referral := c.refer(c.views[0])
	answer := c.answer(act.NotAccepted, referral)
	holder := civic.Actor{By: act.Participant, Holds: c.views[0]}
	no := &act.AnswerJudged{Answer: answer, Deals: "no", Understandable: "yes"}
	c.refused(civic.RefusedHolder, participant(), c.views[0], no, because("reason", "Not what I asked."))
	c.must(holder, c.views[0], no, because("reason", "It is about another village."))
	c.stands(c.views[0], civic.DispConsidering, false)
	decided := &act.ReviewDecided{Outcome: act.ReviewReopened}
	c.refused(civic.RefusedNotIndependent, c.boss, referral, decided, because("reasons", "It stands."))
	c.refused(civic.RefusedForbidden, c.focal, referral, decided, because("reasons", "It stands."))
	c.must(c.mender, referral, decided, because("reasons", "It speaks of another village."))
	c.stands(c.views[0], civic.DispConsidering, false)
	c.answer(act.Accepted, referral)
	c.stands(c.views[0], civic.DispAnswered, false)
	samePublic(t, c.world)
}

func TestAnswersThatAreNone(t *testing.T) {
	c := newChain(t)
	referral := c.refer(c.views[0])
	if _, err := c.answering(c.focal, act.Accepted, why, referral); refusal(err) != civic.RefusedForbidden {
		t.Errorf("a focal point signs: %v", err)
	}
	if _, err := c.answering(c.signing, act.Accepted, "Noted.", referral); err == nil || !strings.Contains(err.Error(), "characters of reasons") {
		t.Errorf("an answer without reasons: %v", err)
	}
	if _, err := c.answering(c.signing, act.Accepted, why); err == nil {
		t.Error("an answer that covers nothing")
	}
	c.must(civic.System, c.ids["department"], &act.CompetenceDeclared{Themes: []string{"roads"}, As: act.Decides, From: "2026-01-01"}, nil)
	if _, err := c.answering(c.signing, act.Accepted, why, referral); refusal(err) != civic.RefusedNotCompetent {
		t.Errorf("an office that is not competent: %v", err)
	}
	c.must(civic.System, c.ids["department"], &act.CompetenceDeclared{Themes: []string{"water"}, As: act.Advises, From: "2026-01-01"}, nil)
	if _, err := c.answering(c.signing, act.Accepted, why, referral); refusal(err) != civic.RefusedAdvisesOnly {
		t.Errorf("an office that advises accepts: %v", err)
	}
	first := c.answer(act.NotAccepted, referral)
	if _, err := c.answering(c.signing, act.NotAccepted, why, referral); refusal(err) != civic.RefusedAnswered {
		t.Errorf("answered twice: %v", err)
	}
	facts := &act.AnswerIssued{Position: "director", ConsideredOn: "2026-03-09", ConsideredIn: "file", Corrects: &first,
		Covers: []act.Covered{{Case: referral, Decision: act.AlreadyInPlace}}}
	reasons := map[string]any{"reasons": &act.Reasons{Cases: []act.CaseReasons{{Case: referral, Text: why}}}}
	c.must(c.signing, c.ids["department"], facts, reasons)
	c.refused(civic.RefusedCorrects, c.signing, c.ids["department"], facts, reasons)
	delegate := c.staff(c.ids["department"], act.RoleFocalPoint)
	signs := delegate
	signs.By.Role = act.RoleSigningOfficer
	other := c.refer(c.views[1])
	if _, err := c.answering(signs, act.NotAccepted, why, other); refusal(err) != civic.RefusedRole {
		t.Errorf("a focal point signs as an officer: %v", err)
	}
	c.must(c.signing, c.ids["department"], &act.SigningDelegated{To: delegate.By.Staff, From: "2026-03-01", Until: "2026-03-31"}, nil)
	if _, err := c.answering(signs, act.NotAccepted, why, other); err != nil {
		t.Errorf("a delegate signs: %v", err)
	}
}

func TestPlans(t *testing.T) {
	c := newChain(t)
	need := c.need(c.views...)
	facts, plan := c.commitment(need)
	for _, bad := range []struct {
		want   string
		change func(*act.CommitmentMade)
	}{
		{civic.RefusedCurrency, func(f *act.CommitmentMade) { f.Budget = &act.Money{Minor: 100, Currency: "EUR"} }},
		{civic.RefusedVerifier, func(f *act.CommitmentMade) { f.Verifier = c.ids["province"] }},
		{civic.RefusedForbidden, func(f *act.CommitmentMade) { f.Responsible = c.ids["province"] }},
		{civic.RefusedNeed, func(f *act.CommitmentMade) { f.Needs = []act.ID{need, c.views[0]} }},
	} {
		changed := *facts
		bad.change(&changed)
		c.refused(bad.want, c.signing, need, &changed, plan)
	}
	for name, change := range map[string]func(*act.CommitmentMade){
		"a milestone after the end": func(f *act.CommitmentMade) {
			f.Milestones = []act.Milestone{{Code: "late", Due: "2026-12-31"}}
		},
		"negative money":             func(f *act.CommitmentMade) { f.Budget = &act.Money{Minor: -1, Currency: "USD"} },
		"an indicator with no start": func(f *act.CommitmentMade) { f.Indicator.BaselineOn = "" },
	} {
		changed := *facts
		change(&changed)
		if _, err := c.try(c.signing, need, &changed, plan); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	c.must(civic.System, c.ids["dialogue"], &act.DialogueClosed{}, nil)
	c.refused(civic.RefusedNeedsOpen, c.facilitator, c.ids["dialogue"], &act.DialogueCompleted{}, nil)
	commitment := c.must(c.signing, need, facts, plan)
	c.must(c.facilitator, c.ids["dialogue"], &act.DialogueCompleted{}, nil)
	moved := &act.CommitmentRevised{End: "2026-10-30", Funding: "unfunded", Why: "funding",
		Milestones: []act.Milestone{{Code: "survey", Due: "2026-06-30"}}}
	c.refused(civic.RefusedMilestoneGone, c.signing, commitment, moved, because("reasons", "No money yet."))
	moved.Milestones = append(moved.Milestones, act.Milestone{Code: "drilled", Due: "2026-10-15"})
	c.must(c.signing, commitment, moved, because("reasons", "No money yet."))
	kept := c.state.Commitment(commitment)
	if kept.CommitmentMade.End != "2026-09-30" || kept.End() != "2026-10-30" || kept.Slip() != 30 {
		t.Errorf("promised for %s, now %s, slipped %d days", kept.CommitmentMade.End, kept.End(), kept.Slip())
	}
	if got := kept.State("2026-10-31"); got != civic.CommitmentLate {
		t.Errorf("past its end it is %s", got)
	}
}

func TestMatchedViewsShareTheirCase(t *testing.T) {
	c := newChain(t)
	moderator := c.staff(c.ids["cso"], act.RoleModerator)
	referral := c.refer(c.views[0])
	same := c.view(participant(), c.ids["dialogue"], "ទឹកស្អាតដែរ")
	c.must(moderator, same, &act.StatementMatched{Same: c.views[0]}, nil)
	c.stands(same, civic.DispWaiting, false)
	answer := c.answer(act.Accepted, referral)
	c.stands(same, civic.DispAnswered, false)
	recount(t, c.state, c.now)
	c.must(civic.Actor{By: act.Participant, Holds: same}, same, &act.AnswerJudged{Answer: answer, Deals: "yes", Understandable: "yes"}, nil)
}

// samePublic folds the headers alone and compares.
func samePublic(t *testing.T, w *world) {
	t.Helper()
	bare := civic.New()
	for _, a := range w.acts {
		header, err := act.Decode(a.Leaf, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := bare.CheckPublic(header.Header); err != nil {
			t.Fatalf("%s: %v", a.Leaf, err)
		}
		if err := bare.Apply(header); err != nil {
			t.Fatal(err)
		}
	}
	recount(t, w.state, w.now)
	full, _ := w.state.PublicJSON()
	if stripped, err := bare.PublicJSON(); err != nil || string(full) != string(stripped) {
		t.Errorf("with sections stripped the public state is\n%s\nnot\n%s\n%v", stripped, full, err)
	}
}

// recount counts every view anew by its standing and compares with the balance.
func recount(t testing.TB, s *civic.State, now time.Time) {
	t.Helper()
	for _, days := range []int{0, 3, 10, 40, 400} {
		at := now.AddDate(0, 0, days)
		late, parts := 0, map[civic.Disposition]int{}
		for _, v := range s.Statements() {
			d, clock := v.Standing(at)
			parts[d]++
			if clock.Overdue(at) {
				late++
			}
		}
		b := s.Balance(civic.Filter{}, at)
		for _, d := range civic.Dispositions {
			if n, _ := b.Part(d); n != parts[d] {
				t.Errorf("after %d days the balance has %d views as %s, a recount %d", days, n, d, parts[d])
			}
		}
		if b.Overdue() != late || b.Registered != len(s.Statements()) {
			t.Errorf("after %d days the balance has %d late of %d, a recount %d of %d", days, b.Overdue(), b.Registered, late, len(s.Statements()))
		}
	}
}
