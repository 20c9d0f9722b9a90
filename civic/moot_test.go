package civic_test

import (
	"testing"

	"samleng/act"
	"samleng/civic"
)

// TestNothingLeftOfACase: cases of which every view was erased count nowhere,
// and count again when another view comes in.
func TestNothingLeftOfACase(t *testing.T) {
	c := newChain(t)
	moderator := c.staff(c.ids["cso"], act.RoleModerator)
	erase := func(view act.ID) {
		c.must(civic.Actor{By: act.Participant, Holds: view}, view, &act.SectionErased{Section: "text", Reason: act.ErasedByHolder}, nil)
	}
	counts := func(when string, want int) {
		t.Helper()
		if fell, _ := c.state.Punctuality(c.now); fell != want {
			t.Errorf("%s: %d cases fell due, not %d", when, fell, want)
		}
		for _, filter := range []civic.Filter{{}, {Authority: c.ids["department"]}} {
			if got, want := c.state.Balance(filter, c.now), recounted(c.state, filter, c.now); got != want {
				t.Errorf("%s: the balance says %+v, a recount %+v", when, got, want)
			}
		}
	}
	twin := func(of act.ID) act.ID {
		id := c.view(participant(), c.ids["dialogue"], "ទឹក")
		c.must(moderator, id, &act.StatementMatched{Same: of}, nil)
		return id
	}
	one, two := twin(c.views[0]), twin(c.views[1])
	c.refer(c.views[0])
	need := c.need(c.views[1])
	c.refer(need)
	c.pass(60)
	counts("both wait", 2)
	erase(c.views[0])
	counts("another says the same as the erased one", 2)
	c.must(moderator, one, &act.StatementPublished{}, nil)
	counts("the other stands for itself", 1)
	erase(c.views[1])
	counts("all of a need is erased, and another says the same", 0)
	c.must(c.facilitator, need, &act.NeedGathered{Add: []act.ID{c.views[2]}}, nil)
	counts("another view came into the need", 1)
	erase(c.views[2])
	erase(two)
	counts("nothing is left", 0)
}
