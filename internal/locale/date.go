package locale

import (
	"strconv"
	"time"

	// The programme's time zone must be known on a machine without zone files.
	_ "time/tzdata"
)

// Date writes the day of t in tz with its weekday: Friday 12 March 2027. No
// lunar date and no Buddhist year is computed: both depend on decisions taken
// year by year.
func (l *Locale) Date(t time.Time, tz *time.Location) string {
	return l.day("date.long", t.In(tz))
}

// DateShort is Date without the weekday, for tables: 12 March 2027.
func (l *Locale) DateShort(t time.Time, tz *time.Location) string {
	return l.day("date.short", t.In(tz))
}

// DateTime is the day and the time of t in tz, by the 24-hour clock.
func (l *Locale) DateTime(t time.Time, tz *time.Location) string {
	t = t.In(tz)
	return l.T("date.time", "date", l.day("date.long", t), "time", t.Format("15:04"))
}

// Hour is the day of t and its hour alone: what an act's header carries.
func (l *Locale) Hour(t time.Time, tz *time.Location) string {
	t = t.In(tz)
	return l.T("date.hour", "date", l.day("date.long", t),
		"from", t.Format("15:00"), "to", t.Add(time.Hour).Format("15:00"))
}

// Weekday names a day of the week.
func (l *Locale) Weekday(d time.Weekday) string { return l.T("weekday." + strconv.Itoa(int(d))) }

// Month names a month.
func (l *Locale) Month(m time.Month) string { return l.T("month." + strconv.Itoa(int(m))) }

func (l *Locale) day(key string, t time.Time) string {
	return l.T(key, "weekday", l.Weekday(t.Weekday()), "day", strconv.Itoa(t.Day()),
		"month", l.Month(t.Month()), "year", strconv.Itoa(t.Year()))
}

// Deadline says by when something is due, or how late it is, given the number
// of working days from now to the deadline as the programme's calendar counts
// them: positive ahead, 0 today, negative late. The year stands only where it
// is not the present one.
func (l *Locale) Deadline(due, now time.Time, tz *time.Location, workingDays int) string {
	due, now = due.In(tz), now.In(tz)
	if workingDays < 0 {
		return l.Late(-workingDays)
	}
	key := "date.weekday"
	if due.Year() != now.Year() {
		key = "date.long"
	}
	date := l.day(key, due)
	if workingDays == 0 {
		return l.T("deadline.today", "date", date)
	}
	return l.T("deadline.ahead", "date", date, "n", workingDays)
}

// Late says how many working days late something is: 12 working days late.
func (l *Locale) Late(workingDays int) string { return l.T("deadline.late", "n", workingDays) }
