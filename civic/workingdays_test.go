package civic_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
)

// TestWorkingDaysOneByOne counts day by day what WorkingDays counts by weeks,
// with several weekends and with holidays that fall on them or not.
func TestWorkingDaysOneByOne(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 7))
	for _, weekend := range [][]int{{}, {0}, {0, 6}, {5, 6}, {1, 3, 5}} {
		w := &world{t: t, state: civic.New(), now: time.Date(2026, 3, 9, 3, 0, 0, 0, time.UTC)}
		w.must(civic.System, act.ID{}, &act.ProgrammeDeclared{Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"km"}, Threshold: 10, Rounding: 5, Step: 10}, names("programme"))
		start := time.Date(1969, 12, 1, 0, 0, 0, 0, w.state.Zone())
		holidays := []string{}
		for range 80 {
			if day := start.AddDate(0, 0, random.IntN(500)).Format(time.DateOnly); !slices.Contains(holidays, day) {
				holidays = append(holidays, day)
			}
		}
		slices.Sort(holidays)
		w.must(civic.System, act.ID{}, &act.CalendarDeclared{Weekend: weekend, Holidays: holidays}, nil)
		for range 300 {
			from := start.AddDate(0, 0, random.IntN(500))
			days := random.IntN(60)
			want := 0
			for i := range days {
				day := from.AddDate(0, 0, i+1)
				if !slices.Contains(weekend, int(day.Weekday())) && !slices.Contains(holidays, day.Format(time.DateOnly)) {
					want++
				}
			}
			until := from.AddDate(0, 0, days)
			if got := w.state.WorkingDays(from, until); got != want {
				t.Fatalf("weekend %v: %d working days after %s up to %s, not %d", weekend, got, from, until, want)
			}
			if got := w.state.WorkingDays(until, from); got != -want {
				t.Fatalf("weekend %v: backwards %d, not %d", weekend, got, -want)
			}
		}
	}
}
