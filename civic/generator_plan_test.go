package civic_test

import (
	"slices"

	"samleng/act"
	"samleng/civic"
)

// planGenerators make what is promised, reported and found.
var planGenerators = []generator{
	{act.KindCommitmentMade, 8, (*machine).committed},
	{act.KindCommitmentRevised, 5, func(m *machine) draft {
		id := m.someCommitment()
		facts := &act.CommitmentRevised{End: m.day(30 + m.pick(40)), Budget: m.money(), Funding: any1(m, act.Fundings), Why: any1(m, act.RevisionReasons)}
		c := m.state.Commitment(id)
		if c != nil && m.pick(6) > 0 {
			milestones, _, _, _ := c.Plan()
			for _, milestone := range milestones {
				milestone.Due = facts.End
				facts.Milestones = append(facts.Milestones, milestone)
			}
		}
		if !m.likely() {
			facts.End, facts.Milestones = m.day(-400), nil
		}
		return draft{who: m.promiser(c), of: id, facts: facts, content: explanations("reasons", "the rain")}
	}},
	{act.KindProgressClaimed, 8, func(m *machine) draft {
		id := m.someCommitment()
		c := m.state.Commitment(id)
		facts := &act.ProgressClaimed{Status: any1(m, act.Statuses[1:]), Milestone: any1(m, []string{"", "", "first", "none"}),
			Place: any1(m, []string{"", "16", "nowhere"}), Files: m.pick(4) / 2}
		evidence := m.evidence(facts.Files)
		if !m.likely() {
			evidence = m.evidence(3)
		}
		return draft{who: m.promiser(c), of: id, facts: facts, content: evidence}
	}},
	{act.KindProgressAssessed, 7, func(m *machine) draft {
		id := m.someCommitment()
		facts := &act.ProgressAssessed{Verdict: any1(m, act.Verdicts), Status: any1(m, act.Statuses)}
		if c := m.state.Commitment(id); c != nil && len(c.Claims) > 0 && m.pick(6) > 0 {
			claim := any1(m, c.Claims).Act
			facts.Claim = &claim
		}
		return draft{who: m.staffOf(act.ID{}, act.RoleMonitor), of: id, facts: facts, content: m.evidence(0)}
	}},
	{act.KindIndicatorMeasured, 3, func(m *machine) draft {
		id := m.someCommitment()
		who := m.staffOf(act.ID{}, act.RoleMonitor)
		if m.pick(3) == 0 {
			who = m.promiser(m.state.Commitment(id))
		}
		return draft{who: who, of: id, facts: &act.IndicatorMeasured{Value: int64(m.pick(100)), On: m.day(m.pick(6) - 4)}}
	}},
}

func (m *machine) someCommitment() act.ID {
	return choose(m, m.state.Commitments(), func(*civic.Commitment) bool { return true }, func(c *civic.Commitment) act.ID { return c.ID })
}

// promiser chooses an officer of those who promised.
func (m *machine) promiser(c *civic.Commitment) civic.Actor {
	var of act.ID
	if c != nil && m.likely() {
		of = c.Responsible
		if len(c.With) > 0 && m.pick(3) == 0 {
			of = c.With[0]
		}
	}
	return m.staffOf(of, act.RoleFocalPoint, act.RoleSigningOfficer)
}

func (m *machine) money() *act.Money {
	if m.pick(3) == 0 {
		return nil
	}
	return &act.Money{Minor: int64(m.pick(1_000_000)), Currency: any1(m, []string{"KHR", "KHR", "USD", "EUR"})}
}

func (m *machine) evidence(files int) map[string]any {
	evidence := &act.Evidence{Text: "as seen"}
	for range files {
		evidence.Files = append(evidence.Files, act.File{Type: "image/jpeg", Size: 1})
	}
	return map[string]any{"evidence": evidence}
}

func (m *machine) committed() draft {
	need := m.someNeed(func(n *civic.Need) bool { return len(n.Commitments()) == 0 })
	who := m.staffOf(m.authority(), act.RoleFocalPoint, act.RoleSigningOfficer)
	facts := &act.CommitmentMade{Needs: []act.ID{need}, Responsible: who.By.Organisation, Position: "director", Start: m.day(0), End: m.day(20 + m.pick(30)),
		Budget: m.money(), Funding: any1(m, act.Fundings), Verifier: any1(m, m.state.Organisations()).ID,
		Indicator: act.Indicator{Measure: "unit", Target: 5, BaselineOn: m.day(-1), TargetOn: m.day(20)}}
	if m.pick(2) == 0 {
		facts.Milestones = []act.Milestone{{Code: "first", Due: m.day(3)}}
	}
	if other := any1(m, m.state.Organisations()).ID; other != who.By.Organisation && m.pick(4) == 0 {
		facts.With = []act.ID{other}
	}
	if second := m.someNeed(func(*civic.Need) bool { return true }); m.pick(4) == 0 && !slices.Contains(facts.Needs, second) {
		facts.Needs = append(facts.Needs, second)
	}
	if !m.likely() {
		facts.Responsible = m.authority()
	}
	words := map[string]string{"en": "a road"}
	return draft{who: who, of: need, facts: facts, content: map[string]any{"plan": &act.Plan{What: words, Indicator: words, Verified: words}}}
}
