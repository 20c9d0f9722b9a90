package civic_test

import (
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
)

func calendar(holidays ...string) *act.CalendarDeclared {
	return &act.CalendarDeclared{Weekend: []int{0, 6}, Holidays: holidays}
}

// TestCalendarBindsEveryClock: a holiday that is declared later gives every
// step that is not late another day: moderating, moderating a correction, and
// deciding an appeal.
func TestCalendarBindsEveryClock(t *testing.T) {
	w, ids := newWorld(t)
	moderator := w.staff(ids["cso"], act.RoleModerator)
	view, other := w.view(participant(), ids["dialogue"], "one"), w.view(participant(), ids["dialogue"], "two")
	holder := civic.Actor{By: act.Participant, Holds: view}
	w.must(moderator, view, &act.StatementWithheld{Reason: "insult"}, explanation("no"))
	w.must(holder, view, &act.AppealLodged{}, grounds("yes"))
	w.must(holder, view, &act.StatementCorrected{}, text("one again"))
	v, o := w.state.Statement(view), w.state.Statement(other)
	before := []time.Time{o.Clock.Due, v.CorrectionClock.Due, v.Appeal.Clock.Due}
	w.must(civic.System, act.ID{}, calendar("2026-03-11", "2026-03-12"), nil)
	for i, after := range []time.Time{o.Clock.Due, v.CorrectionClock.Due, v.Appeal.Clock.Due} {
		if want := before[i].AddDate(0, 0, 1); !after.Equal(want) && after.Weekday() != time.Tuesday {
			t.Errorf("clock %d is due at %s, not %s", i, after, want)
		}
		if !after.After(before[i]) {
			t.Errorf("clock %d did not move from %s", i, before[i])
		}
	}
}

// TestLateWithinTheHour: in a zone whose midnight is half past an hour of UTC,
// an act's hour does not tell whether it came before or after midnight. What may
// be late by then stays late.
func TestLateWithinTheHour(t *testing.T) {
	w, ids := newWorldIn(t, "Asia/Kolkata")
	v := w.state.Statement(w.view(participant(), ids["dialogue"], "one"))
	due := v.Clock.Due
	if due.Minute() != 0 || due.UTC().Minute() != 30 {
		t.Fatalf("due at %s: this test needs half an hour", due.UTC())
	}
	w.now = due.Add(10 * time.Minute)
	if !v.Clock.Overdue(w.now) {
		t.Fatal("not late ten minutes after it is due")
	}
	next := due.AddDate(0, 0, 1).Format(time.DateOnly)
	w.must(civic.System, act.ID{}, calendar("2026-03-11", next), nil)
	if !v.Clock.Overdue(w.now) {
		t.Errorf("a holiday declared after the day made it be in time: due %s", v.Clock.Due)
	}
	// The day that began at half past is not to be changed any more.
	w.now = w.now.AddDate(0, 0, 3)
	today := w.now.In(due.Location()).Format(time.DateOnly)
	if _, err := w.try(civic.System, act.ID{}, calendar("2026-03-11", next, today), nil); refusal(err) != civic.RefusedPast {
		t.Errorf("a day that has begun becomes a holiday: %v", err)
	}
}
