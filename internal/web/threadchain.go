package web

import (
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
)

// chain adds to a view's way what became of it after it was published: the acts
// of its cases and of the commitments made about its needs.
func (t *threadView) chain(state *civic.State, view *civic.Statement, now time.Time) {
	seen := map[act.ID]bool{}
	for _, e := range t.Events {
		seen[e.id] = true
	}
	add := func(events []civic.Event) {
		for _, e := range events {
			if !seen[e.Act] {
				seen[e.Act] = true
				t.Events = append(t.Events, eventOf(state, e, now))
			}
		}
	}
	today := now.Format(time.DateOnly)
	for _, n := range view.Needs() {
		t.Needs = append(t.Needs, needLineOf(state, n, now))
		add(n.Events[:1])
		for _, c := range n.Commitments() {
			if !slices.ContainsFunc(t.Plans, func(line commitmentLine) bool { return line.ID == c.ID }) {
				t.Plans = append(t.Plans, commitmentLineOf(state, c, today, now))
			}
			add(c.Events)
		}
	}
	for _, r := range view.Referrals() {
		t.Cases = append(t.Cases, caseLineOf(state, r, now))
		add(r.Events)
		if !r.Answered.IsZero() && len(r.Answers) > 0 {
			t.Answers = append(t.Answers, answerLineOf(state, state.Answer(r.Answers[len(r.Answers)-1]), r, now))
		}
	}
}

// chain fills in what an act of a case or a commitment says.
func (e *event) chain(state *civic.State, facts act.Facts, now time.Time) {
	office := func(ids ...act.ID) {
		for _, id := range ids {
			e.Office = append(e.Office, state.Names(id))
		}
	}
	switch facts := facts.(type) {
	case *act.ReferralMade:
		office(facts.Authority)
	case *act.ReferralTransferred:
		office(facts.To)
	case *act.CaseEscalated:
		e.Sign = "late"
		office(facts.To...)
	case *act.ReferralConsidered:
		e.On, e.In = day(facts.On, now.Location()), facts.In
	case *act.InformationRequested:
		e.What, e.From = facts.What, facts.From
	case *act.AnswerExtended:
		e.Days = facts.Days
	case *act.AnswerIssued:
		e.On, e.In = day(facts.ConsideredOn, now.Location()), facts.ConsideredIn
	case *act.AnswerJudged:
		e.Deals, e.Clear = facts.Deals, facts.Understandable
	case *act.ReviewDecided:
		e.Decision = "review." + facts.Outcome
	case *act.ProgressClaimed:
		e.Decision = "status." + facts.Status
	case *act.ProgressAssessed:
		e.Decision = "verdict." + facts.Verdict
	}
}
