package audit

import (
	"strconv"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
)

// shows reports whether people read of a figure what its value says: its numbers
// and no others, and of a code the word that stands for it everywhere.
func (c *comparison) shows(m mark, language string, at time.Time) bool {
	if !m.says(c.beside(m, at)...) {
		return false
	}
	kind, rest, _ := strings.Cut(m.name, ".")
	subject, what, _ := strings.Cut(rest, ".")
	if kind == "view" && what == "overdue" {
		return c.showsClock(m, subject, at)
	}
	set := ""
	switch {
	case kind == "view" && what == "state":
		set = "state"
	case kind == "commitment" && what == "state":
		set = "commitment"
	case kind == "commitment" && strings.HasPrefix(what, "reported."):
		set = "status"
	case kind == "commitment" && strings.HasPrefix(what, "found."):
		set = "verdict"
	}
	if set == "" || !m.inline {
		return true // a sentence: what it says beside the code nobody can tell
	}
	return c.cell(language, code(set, m.value), strings.Join(strings.Fields(m.text), " "))
}

// beside are the numbers that may stand in a figure's text beside its own.
func (c *comparison) beside(m mark, at time.Time) []string {
	kind, rest, _ := strings.Cut(m.name, ".")
	subject, what, _ := strings.Cut(rest, ".")
	switch {
	case m.name == "overdue.views":
		return []string{strconv.Itoa(len(c.state.Statements()))}
	case kind == "figures" && (rest == "fell_due" || rest == "in_time"):
		return c.punctuality // of the page's authority
	case kind == "tally", kind == "mapped":
		return []string{sumOf(m.value)}
	case kind == "commitment" && (what == "end" || what == "first_end"):
		id, err := act.ParseID(subject)
		p := c.state.Commitment(id)
		if err != nil || p == nil {
			return nil
		}
		return append(append(daysNumbers(p.End()), daysNumbers(p.CommitmentMade.End)...), strconv.Itoa(max(p.Slip(), -p.Slip())))
	}
	return nil
}

// sumOf adds the parts of a value such as 15/3/0.
func sumOf(value string) string {
	sum := 0
	for part := range strings.SplitSeq(value, "/") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return ""
		}
		sum += n
	}
	return strconv.Itoa(sum)
}

// daysNumbers are those that a day is written with.
func daysNumbers(day string) []string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil
	}
	return []string{strconv.Itoa(t.Day()), strconv.Itoa(t.Year())}
}

// showsClock reports whether a text says of a view's clock what is so: how many
// working days are left or have passed, and the last day.
func (c *comparison) showsClock(m mark, subject string, at time.Time) bool {
	key, err := act.ParseCode(c.prefix(), subject)
	v := c.state.StatementByCode(key)
	if err != nil || v == nil {
		return false
	}
	_, clock := v.Standing(at)
	if !clock.Running() {
		return false
	}
	return saysClock(m.text, clock, c.state, at)
}

func saysClock(text string, clock civic.Clock, s *civic.State, at time.Time) bool {
	last := clock.LastDay()
	days := s.WorkingDays(at, last)
	left, day := strconv.Itoa(max(days, -days)), strconv.Itoa(last.Day())
	numbers := numbersOf(text)
	if !within(numbers, []string{left, day, strconv.Itoa(last.Year())}) || len(numbers) == 0 {
		return false
	}
	// Where nothing is late the day is named, and the month with it.
	return clock.Overdue(at) || namesMonth(text, last.Month())
}
