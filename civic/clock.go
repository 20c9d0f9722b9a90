package civic

import (
	"slices"
	"time"

	"samleng/act"
)

// calendar knows which days are worked.
type calendar struct {
	zone     *time.Location
	weekend  [7]bool
	holidays map[string]bool // by "2006-01-02"
	// off are the holidays on days of the week that are worked, in days since
	// 1970, ascending.
	off      []int32
	declared bool
}

func newCalendar(zone *time.Location) calendar {
	return calendar{zone: zone, weekend: [7]bool{time.Saturday: true, time.Sunday: true}, holidays: map[string]bool{}}
}

func calendarOf(zone *time.Location, facts *act.CalendarDeclared) calendar {
	c := calendar{zone: zone, holidays: make(map[string]bool, len(facts.Holidays))}
	for _, day := range facts.Weekend {
		c.weekend[day] = true
	}
	for _, day := range facts.Holidays {
		c.holidays[day] = true
	}
	for day := range c.holidays {
		if n := daysUntil(day); !c.weekend[weekday(n)] {
			c.off = append(c.off, n)
		}
	}
	slices.Sort(c.off)
	return c
}

func (c calendar) works(day civilDay) bool {
	n := day.number()
	_, off := slices.BinarySearch(c.off, n)
	return !off && !c.weekend[weekday(n)]
}

// count counts the working days after one day up to and including another.
func (c calendar) count(after, until civilDay) int {
	a, b := after.number(), until.number()
	perWeek := 0
	for _, free := range c.weekend {
		if !free {
			perWeek++
		}
	}
	n := int(b-a) / 7 * perWeek
	for day := b - (b-a)%7 + 1; day <= b; day++ {
		if !c.weekend[weekday(day)] {
			n++
		}
	}
	from, _ := slices.BinarySearch(c.off, a+1)
	to, _ := slices.BinarySearch(c.off, b+1)
	return n - (to - from)
}

// weekday gives the day of the week of one counted in days since 1970.
func weekday(day int32) time.Weekday { return time.Weekday(((day+4)%7 + 7) % 7) } // the first was a Thursday

// civilDay is a day of the calendar, whatever the zone: midnight of it in UTC.
// Days are counted with it rather than with moments, because in some zones a
// day begins at one o'clock, begins twice, or does not happen.
type civilDay time.Time

// dayOf is the day on which a moment falls in a zone.
func dayOf(moment time.Time, zone *time.Location) civilDay {
	year, month, day := moment.In(zone).Date()
	return civilDay(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

func (d civilDay) date() time.Time            { return time.Time(d) }
func (d civilDay) number() int32              { return int32(d.date().Unix() / 86400) }
func (d civilDay) next() civilDay             { return civilDay(d.date().AddDate(0, 0, 1)) }
func (d civilDay) before(other civilDay) bool { return d.date().Before(other.date()) }

// String gives the day as "2006-01-02".
func (d civilDay) String() string { return d.date().Format(time.DateOnly) }

// begins is the first moment of the day in a zone, or of the next one where
// the zone left the day out.
func (d civilDay) begins(zone *time.Location) time.Time {
	year, month, day := d.date().Date()
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	start, end := t.ZoneBounds()
	switch h, m, s := t.Clock(); {
	case dayOf(t, zone).before(d): // no midnight: the zone changes over it
		return end
	case dayOf(t, zone) != d || h+m+s > 0:
		return start
	}
	if start.IsZero() {
		return t
	}
	// Where the clocks go back over midnight there are two: the first counts.
	_, now := t.Zone()
	_, then := start.Add(-1).Zone()
	if earlier := t.Add(time.Duration(now-then) * time.Second); earlier.Before(start) && dayOf(earlier, zone) == d {
		return earlier
	}
	return t
}

// after gives the moment at which the days-th working day after start's day
// ends. The day of start itself does not count.
func (c calendar) after(start time.Time, days int) time.Time {
	day := dayOf(start, c.zone)
	// No calendar has ten years without a working day; the bound keeps a
	// damaged one from hanging the fold.
	for left := 3660; days > 0 && left > 0; left-- {
		day = day.next()
		if c.works(day) {
			days--
		}
	}
	return day.next().begins(c.zone)
}

// WorkingDays counts the working days after from's day up to and including
// to's day; negative when to is before from.
func (s *State) WorkingDays(from, to time.Time) int {
	a, b, sign := dayOf(from, s.calendar.zone), dayOf(to, s.calendar.zone), 1
	if b.before(a) {
		a, b, sign = b, a, -1
	}
	return sign * min(s.calendar.count(a, b), 10_000)
}

// Clock is a step that somebody has to take in time.
type Clock struct {
	Step act.Step
	// Start is the hour it began, Due the moment after which it is overdue:
	// the end of a working day. Both are zero where no clock runs.
	Start, Due time.Time
	// from is where its working days are counted from, if that is not Start.
	from time.Time
	days int
}

// Running reports whether a clock runs.
func (c Clock) Running() bool { return !c.Start.IsZero() }

// Overdue reports whether the clock runs and its time is up at the moment.
func (c Clock) Overdue(at time.Time) bool { return c.Running() && !at.Before(c.Due) }

// LastDay is the day by whose end the step is due, in the zone of Due.
func (c Clock) LastDay() time.Time { return c.Due.AddDate(0, 0, -1) }

// endOfHour is the last moment of the hour that an act states.
func endOfHour(at time.Time) time.Time { return at.Add(time.Hour - 1) }

// start gives the clock of a step that begins at the hour, with the policy and
// the calendar in force. A step without a policy has no clock.
func (s *State) start(step act.Step, at time.Time) Clock {
	return s.startFor(act.ID{}, step, at)
}

// startFor is start for a case of an authority, which may have a policy of its
// own for a step.
func (s *State) startFor(authority act.ID, step act.Step, at time.Time) Clock {
	days, has := s.policies[authority][step]
	if !has {
		days, has = s.policy[step]
	}
	if !has {
		return Clock{}
	}
	return Clock{Step: step, Start: at, Due: s.calendar.after(at, days), days: days}
}

// again counts a clock that runs from another moment, and for other days. What
// it started with stays its start.
func (c Clock) again(s *State, from time.Time, days int) Clock {
	if c.Running() {
		c.from, c.days = from, days
		c.Due = s.calendar.after(from, days)
	}
	return c
}

// rebind moves a clock to a new calendar: one that is late stays late, and no
// clock gets shorter. Acts say the hour alone, so one that falls due within the
// hour may be late already and counts as late.
func (c *Clock) rebind(s *State, at time.Time) {
	if !c.Running() || c.Overdue(endOfHour(at)) {
		return
	}
	from := c.from
	if from.IsZero() {
		from = c.Start
	}
	if due := s.calendar.after(from, c.days); due.After(c.Due) {
		c.Due = due
	}
}

// After gives the last day of a step that begins at a moment and has so many
// working days.
func (s *State) After(from time.Time, days int) time.Time {
	return s.calendar.after(from, days).AddDate(0, 0, -1)
}
