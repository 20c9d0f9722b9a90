package civic

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"samleng/act"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestAfter gives the end of the days-th working day in zones whose days begin
// at odd moments: over a year's end, at holidays, where the clocks change at
// midnight (the day begins at one, or twice).
func TestAfter(t *testing.T) {
	for _, c := range []struct {
		zone, start string // start in UTC
		holidays    []string
		days        int
		want        string // in UTC
	}{
		// Friday evening in Phnom Penh; Monday and Tuesday are worked.
		{"Asia/Phnom_Penh", "2026-03-06T11:00:00Z", nil, 2, "2026-03-10T17:00:00Z"},
		// Half past midnight there is still the day before in UTC.
		{"Asia/Phnom_Penh", "2026-03-08T17:00:00Z", nil, 1, "2026-03-10T17:00:00Z"},
		// Thursday 31 December; New Year and the weekend are free.
		{"Asia/Phnom_Penh", "2026-12-31T03:00:00Z", []string{"2027-01-01"}, 2, "2027-01-05T17:00:00Z"},
		// The Khmer New Year's three days and the weekend after.
		{"Asia/Phnom_Penh", "2026-04-13T02:00:00Z", []string{"2026-04-14", "2026-04-15", "2026-04-16"}, 2, "2026-04-20T17:00:00Z"},
		// No midnight on Sunday 4 November 2018 in São Paulo.
		{"America/Sao_Paulo", "2018-11-01T12:00:00Z", nil, 3, "2018-11-07T02:00:00Z"},
		{"America/Sao_Paulo", "2018-11-02T12:00:00Z", nil, 1, "2018-11-06T02:00:00Z"},
		// The same, with a holiday on either side of it.
		{"America/Sao_Paulo", "2018-11-01T12:00:00Z", []string{"2018-11-02", "2018-11-05"}, 1, "2018-11-07T02:00:00Z"},
		// Two midnights on Sunday 1 November 2026 in Havana: Saturday ends at the first.
		{"America/Havana", "2026-10-30T12:00:00Z", nil, 1, "2026-11-03T05:00:00Z"},
		// A day of half an hour less in UTC terms.
		{"Asia/Kolkata", "2026-03-06T11:00:00Z", nil, 1, "2026-03-09T18:30:00Z"},
		{"Australia/Lord_Howe", "2026-04-02T01:00:00Z", nil, 3, "2026-04-07T13:30:00Z"},
	} {
		start, _ := time.Parse(time.RFC3339, c.start)
		cal := calendarOf(zone(t, c.zone), &act.CalendarDeclared{Weekend: []int{0, 6}, Holidays: c.holidays})
		if got := cal.after(start, c.days); got.UTC().Format(time.RFC3339) != c.want {
			t.Errorf("%s: %d working days after %s end at %s, not %s", c.zone, c.days, c.start, got.UTC().Format(time.RFC3339), c.want)
		}
	}
}

// TestMidnight holds the first moment of a day to a search hour by hour: it is
// in the day, and nothing of the day is before it.
func TestMidnight(t *testing.T) {
	zones := []string{"Asia/Phnom_Penh", "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Africa/Cairo", "Asia/Kolkata", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Amman"}
	rapid.Check(t, func(t *rapid.T) {
		z, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		day := civilDay(time.Date(2005, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 9000).Draw(t, "day")))
		got := day.begins(z)
		if dayOf(got, z) != day {
			t.Fatalf("%s in %s begins at %s, which is not that day", day, z, got)
		}
		for back := time.Minute; back <= 26*time.Hour; back += 10 * time.Minute {
			if before := got.Add(-back); dayOf(before, z) == day {
				t.Fatalf("%s in %s begins at %s, yet %s is that day too", day, z, got, before)
			}
		}
	})
}

func TestWorkingDaysIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New()
		z, err := time.LoadLocation(rapid.SampledFrom([]string{"Asia/Phnom_Penh", "America/Sao_Paulo"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		s.calendar = calendarOf(z, &act.CalendarDeclared{Weekend: []int{0, 6}, Holidays: []string{"2018-11-05", "2018-12-25"}})
		moment := rapid.Custom(func(t *rapid.T) time.Time {
			return time.Date(2018, 10, 1, rapid.IntRange(0, 24*120).Draw(t, "hours"), 0, 0, 0, time.UTC)
		})
		a, b, c := moment.Draw(t, "a"), moment.Draw(t, "b"), moment.Draw(t, "c")
		if s.WorkingDays(a, b) != -s.WorkingDays(b, a) {
			t.Fatalf("from %s to %s: %d, and back %d", a, b, s.WorkingDays(a, b), s.WorkingDays(b, a))
		}
		if s.WorkingDays(a, b)+s.WorkingDays(b, c) != s.WorkingDays(a, c) {
			t.Fatalf("%s, %s, %s do not add up", a, b, c)
		}
		// A clock of n working days ends with a day that is n working days on.
		n := rapid.IntRange(1, 30).Draw(t, "n")
		due := s.calendar.after(a, n)
		if got := s.WorkingDays(a, due.Add(-1)); got != n {
			t.Fatalf("%d working days after %s end at %s, which is %d", n, a, due, got)
		}
		if last := dayOf(due.Add(-1), z); !s.calendar.works(last) || last.next().begins(z) != due {
			t.Fatalf("%s is no end of a working day", due)
		}
	})
}
