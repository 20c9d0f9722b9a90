package demo

import (
	"slices"
	"strconv"
	"time"
)

// days is the calendar in which the illustration happens: where today is, and
// which days are worked.
type days struct {
	zone     *time.Location
	now      time.Time // the last hour in which anything happens
	weekend  []int
	holidays []string
}

// newDays makes the calendar. Many Cambodian holidays move with the moon and
// are set every year by sub-decree; only those with a fixed date are in it, for
// the years that a demonstration can touch, and they are illustrative like
// everything else.
func newDays(p *programme, now time.Time) (days, error) {
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return days{}, err
	}
	d := days{zone: zone, now: now.Truncate(time.Hour), weekend: p.Weekend}
	for year := now.Year() - 1; year <= now.Year()+1; year++ {
		for _, day := range p.Holidays {
			d.holidays = append(d.holidays, strconv.Itoa(year)+"-"+day)
		}
	}
	slices.Sort(d.holidays)
	return d, nil
}

// on gives an hour (in the programme's zone) of a day counted from today.
func (d days) on(day, hour int) time.Time {
	local := d.now.In(d.zone)
	return time.Date(local.Year(), local.Month(), local.Day()+day, hour, 0, 0, 0, d.zone)
}

// date writes a day counted from today.
func (d days) date(day int) string { return d.on(day, 12).Format(time.DateOnly) }

func (d days) works(moment time.Time) bool {
	local := moment.In(d.zone)
	_, holiday := slices.BinarySearch(d.holidays, local.Format(time.DateOnly))
	return !holiday && !slices.Contains(d.weekend, int(local.Weekday()))
}

// working gives an hour of the n-th working day after a moment; n = 0 is the
// moment's own day if it is worked and the hour is still to come.
func (d days) working(after time.Time, n, hour int) time.Time {
	local := after.In(d.zone)
	at := func(day int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+day, hour, 0, 0, 0, d.zone)
	}
	day := 0
	if !d.works(at(0)) || !at(0).After(after) {
		n = max(n, 1)
	}
	for n > 0 {
		day++
		if d.works(at(day)) {
			n--
		}
	}
	return at(day)
}

// past reports whether a moment has come.
func (d days) past(moment time.Time) bool { return !moment.After(d.now) }
