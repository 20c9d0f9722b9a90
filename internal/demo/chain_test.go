package demo_test

import (
	"slices"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/internal/store"
)

// TestChain finds every state of the chain that a demonstration has to show.
func TestChain(t *testing.T) {
	r, _ := fill(t, 1, today)
	r.View(func(s *civic.State) {
		seen := map[string]int{}
		countCases(s, seen)
		countCommitments(s, seen)
		balance := s.Balance(civic.Filter{}, today)
		if balance.Sum() != balance.Registered {
			t.Errorf("balance: %+v", balance)
		}
		for _, what := range []string{
			"on time waiting", "late waiting", "on time being_considered", "late being_considered", "on time needs_information", "on time answered",
			"transferred", "extended", "supplied", "lapsed", "escalated", "case carried over", "commitment carried over",
			"decision accepted", "decision accepted_in_part", "decision already_in_place", "decision no_competent_authority",
			"judged yes", "judged partly", "judged no", "told", "second look decided", "note",
			"confirmed", "claimed", "partly", "disputed", "under_way", "late", "slipped", "unfunded", "milestone", "measured", "evidence",
		} {
			if seen[what] == 0 {
				t.Errorf("nothing is %q", what)
			}
		}
	})
	replayed(t, r)
}

func countCases(s *civic.State, seen map[string]int) {
	for _, c := range s.Referrals() {
		standing, clock := c.Standing(today)
		when := "on time "
		if clock.Overdue(today) {
			when = "late "
		}
		seen[when+string(standing)]++
		seen["decision "+c.Decision]++
		for what, is := range map[string]bool{
			"transferred": len(c.Held) > 1, "extended": c.Extended, "escalated": len(c.Escalations) > 0,
			"supplied":            c.Info != nil && !c.Info.Supplied.IsZero(),
			"lapsed":              c.Info != nil && c.Info.Supplied.IsZero() && c.Info.Clock.Overdue(today),
			"second look decided": c.Review != nil && c.Review.Outcome != "",
		} {
			if is {
				seen[what]++
			}
		}
	}
	for _, v := range s.Statements() {
		seen["told"] += len(v.Told)
		for _, j := range v.Judged {
			seen["judged "+j.Deals]++
		}
	}
	for _, d := range s.Dialogues() {
		seen["case carried over"] += len(d.Tabled.Cases)
		seen["commitment carried over"] += len(d.Tabled.Commitments)
	}
	for _, o := range s.Organisations() {
		seen["note"] += len(o.Notes())
	}
}

func countCommitments(s *civic.State, seen map[string]int) {
	for _, c := range s.Commitments() {
		seen[string(c.State(today.In(s.Zone()).Format(time.DateOnly)))]++
		_, _, funding, _ := c.Plan()
		seen[funding]++
		if c.Slip() > 0 {
			seen["slipped"]++
		}
		seen["measured"] += len(c.Measurements)
		for _, claim := range c.Claims {
			seen["evidence"] += claim.Files
			if claim.Milestone != "" {
				seen["milestone"]++
			}
		}
	}
}

// replayed folds the log anew and compares it with the register's own state.
func replayed(t *testing.T, r *register.Register) {
	t.Helper()
	state := civic.New()
	err := r.Store().Scan(t.Context(), 0, r.Position(), func(stored store.Stored) error {
		header, err := act.Decode(stored.Header, nil)
		if err != nil {
			return err
		}
		if err := state.CheckPublic(header.Header); err != nil {
			return err
		}
		return state.Apply(header)
	})
	if err != nil {
		t.Fatal(err)
	}
	replay, err := state.PublicJSON()
	if err != nil {
		t.Fatal(err)
	}
	r.View(func(s *civic.State) {
		if live, err := s.PublicJSON(); err != nil || !slices.Equal(live, replay) {
			t.Errorf("a replay of the log gives another state: %v", err)
		}
	})
}
