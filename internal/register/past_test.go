package register_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"samleng/civic"
	"samleng/internal/register"
)

// TestPastDaysStayAsTheyWere looks at a register as it stood on earlier days.
func TestPastDaysStayAsTheyWere(t *testing.T) {
	e := sqlite(t)
	now := time.Date(2026, 3, 9, 16, 30, 0, 0, time.UTC) // half past eleven at night in Phnom Penh
	r, err := register.Open(t.Context(), register.Config{Store: e.store, Keys: e.keys, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	dialogue := begin(t, r)
	who := person(r, "somebody", dialogue)
	for range 3 {
		draft := viewDraft(who, dialogue, "ទឹកស្អាត")
		submit(t, r, who, dialogue, draft.Facts, draft.Content)
		now = now.Add(time.Hour) // the second and third are of the next day
	}
	now = now.AddDate(0, 0, 3)
	for day, want := range map[string]int{"2026-03-09": 1, "2026-03-10": 3, "2026-03-11": 3} {
		for range 2 {
			got := -1
			err := r.PastView(t.Context(), day, func(s *civic.State) { got = len(s.Statements()) })
			if err != nil || got != want {
				t.Errorf("at the end of %s there were %d views, not %d: %v", day, got, want, err)
			}
		}
	}
	today := now.Add(7 * time.Hour).Format(time.DateOnly)
	for _, day := range []string{today, "2027-01-01", "2026-03-08", "0001-01-01", "yesterday", ""} {
		if err := r.PastView(t.Context(), day, func(*civic.State) {}); !errors.Is(err, register.ErrNotFound) {
			t.Errorf("%q: %v", day, err)
		}
	}
}
