package civic_test

import (
	"testing"

	"samleng/act"
	"samleng/civic"
)

// TestWhoJudgesOverWhom: nobody takes part in judging over their own
// organisation, or one related to it; and whoever did not sign an answer changes
// none, a board least of all.
func TestWhoJudgesOverWhom(t *testing.T) {
	c := newChain(t)
	need := c.need(c.views[0])
	referral := c.refer(need)
	answer := c.answer(act.NotAccepted, referral)
	facts, plan := c.commitment(need)
	commitment := c.must(c.signing, need, facts, plan)
	holder := civic.Actor{By: act.Participant, Holds: c.views[0]}
	c.must(holder, c.views[0], &act.AnswerJudged{Answer: answer, Deals: "no", Understandable: "yes"}, because("reason", "Another village."))
	found := &act.ProgressAssessed{Verdict: act.Confirmed, Status: act.Limited}
	seen := map[string]any{"evidence": &act.Evidence{Text: "Seen."}}
	correction := &act.AnswerIssued{Position: "director", ConsideredOn: "2026-03-09", ConsideredIn: "file", Corrects: &answer,
		Covers: []act.Covered{{Case: referral, Decision: act.Accepted}}}
	reasons := map[string]any{"reasons": &act.Reasons{Cases: []act.CaseReasons{{Case: referral, Text: why}}}}
	review, grounds := &act.ReviewDecided{Outcome: act.ReviewUpheld}, because("reasons", "It stands.")
	own, parent, other := c.ids["department"], c.ids["ministry"], c.ids["other"]
	for _, role := range act.Roles {
		for _, org := range []act.ID{own, c.ids["province"], parent, other} {
			want := civic.RefusedForbidden // the role may not assess
			if role == act.RoleMonitor {
				want = civic.RefusedNotIndependent
			}
			if role != act.RoleMonitor || org != other {
				c.refused(want, c.staff(org, role), commitment, found, seen)
			}
			want = civic.RefusedForbidden
			if role == act.RoleSigningOfficer || role == act.RoleMonitor || role == act.RoleBoard {
				want = civic.RefusedNotIndependent
			}
			if want != civic.RefusedNotIndependent || org != other {
				c.refused(want, c.staff(org, role), referral, review, grounds)
			}
			if role != act.RoleSigningOfficer { // the board among them
				c.refused(civic.RefusedForbidden, c.staff(org, role), own, correction, reasons)
			} else if org != own {
				c.refused(civic.RefusedNotAuthority, c.staff(org, role), own, correction, reasons)
			}
		}
		for _, judge := range []act.ID{own, parent} {
			want := civic.RefusedForbidden
			if role == act.RoleModerator || role == act.RoleFacilitator {
				want = civic.RefusedAuthority
			}
			c.refused(want, c.staff(judge, role), c.views[1], &act.StatementWithheld{Reason: "insult"}, explanation("no"))
		}
	}
	c.must(c.monitor, commitment, found, seen)
	c.must(c.monitor, referral, review, grounds)
}
