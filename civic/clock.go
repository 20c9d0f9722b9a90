package civic

import (
	"time"

	"samleng/act"
)

// calendar knows which days are worked.
type calendar struct {
	zone     *time.Location
	weekend  [7]bool
	holidays map[string]bool // by "2006-01-02"
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
	return c
}

func (c calendar) works(day time.Time) bool {
	return !c.weekend[day.Weekday()] && !c.holidays[day.Format(time.DateOnly)]
}

// midnight is the first moment of the moment's day in the calendar's zone.
func (c calendar) midnight(moment time.Time) time.Time {
	local := moment.In(c.zone)
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, c.zone)
}

// after gives the moment at which the days-th working day after start's day
// ends. The day of start itself does not count.
func (c calendar) after(start time.Time, days int) time.Time {
	day := c.midnight(start)
	// No calendar has ten years without a working day; the bound keeps a
	// damaged one from hanging the fold.
	for left := 3660; days > 0 && left > 0; left-- {
		day = day.AddDate(0, 0, 1)
		if c.works(day) {
			days--
		}
	}
	return day.AddDate(0, 0, 1)
}

// WorkingDays counts the working days after from's day up to and including
// to's day; negative when to is before from.
func (s *State) WorkingDays(from, to time.Time) int {
	a, b, sign := s.calendar.midnight(from), s.calendar.midnight(to), 1
	if b.Before(a) {
		a, b, sign = b, a, -1
	}
	n := 0
	for day := a.AddDate(0, 0, 1); !day.After(b) && n < 10_000; day = day.AddDate(0, 0, 1) {
		if s.calendar.works(day) {
			n++
		}
	}
	return sign * n
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
// clock gets shorter.
func (c *Clock) rebind(s *State, at time.Time) {
	if !c.Running() || c.Overdue(at) {
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
