package web

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"samleng/act"
	"samleng/civic"
)

// What the calendar holds: events that ended less than calendarPast days ago
// and later ones, at most calendarMost, the soonest first.
const (
	calendarMost = 1000
	calendarPast = 90
)

// dated is something with a day, or with several in a row.
type dated struct {
	id          string
	first, last time.Time
	summary     string
	about       string
	place       string
	path        string

	// What the words are read for, outside the state's lock.
	plan      *commitmentLine
	milestone string
	added     time.Time // when a revision added it: it has no words then
}

// calendar gives the dialogues and the days that are due as RFC 5545 has them:
// events of whole days, for no reminder depends on the hour.
func (s *Server) calendar(v *visit) (page, error) {
	var events []dated
	var stamp time.Time
	s.read.View(func(state *civic.State) {
		stamp = state.At()
		events = append(datedDialogues(state, v), datedPlans(state, v)...)
		events = append(events, datedCases(state, v)...)
	})
	oldest := v.now.AddDate(0, 0, -calendarPast)
	events = slices.DeleteFunc(events, func(e dated) bool { return e.first.IsZero() || e.last.Before(oldest) })
	slices.SortStableFunc(events, func(a, b dated) int { return cmp.Or(a.first.Compare(b.first), cmp.Compare(a.id, b.id)) })
	events = events[:min(len(events), calendarMost)]
	plans := map[act.ID]act.Plan{} // several events are of one commitment
	for i := range events {
		e := &events[i]
		if e.plan == nil {
			continue
		}
		plan, has := plans[e.plan.ID]
		if !has {
			var err error
			if plan, err = s.plan(v, e.plan.ID); err != nil {
				return page{}, err
			}
			plans[e.plan.ID] = plan
		}
		e.plan.What = plan.What
		e.summary = v.plan(*e.plan)
		if e.milestone != "" {
			e.summary += ": " + cmp.Or(inLanguage(plan.Milestones[e.milestone], v.L.Tag()), v.addedMilestone(e.added), e.milestone)
		}
	}
	return page{File: &download{Type: "text/calendar; charset=utf-8", Name: "samleng.ics", Body: s.writeCalendar(v, stamp, events)}}, nil
}

func datedDialogues(state *civic.State, v *visit) (events []dated) {
	for _, d := range state.Dialogues() {
		line := dialogueLineOf(state, d)
		events = append(events, dated{id: "dialogue/" + d.ID.String(), first: line.Opens, last: line.Closes, summary: v.name(line.Names),
			about: inLanguage(line.Names.About, v.L.Tag()), place: v.name(line.Place), path: "/d/" + d.Slug})
	}
	return events
}

// datedPlans are the last days of commitments, and their milestones that nobody
// has reported reached.
func datedPlans(state *civic.State, v *visit) (events []dated) {
	for _, c := range state.Commitments() {
		line := commitmentLineOf(state, c, v.now.Format(time.DateOnly), v.now)
		if line.State == civic.CommitmentConfirmed {
			continue
		}
		event := dated{id: "commitment/" + c.ID.String(), first: line.Now, last: line.Now, about: v.name(line.Responsible) + ". " + v.code("commitment", string(line.State)),
			place: v.name(line.Place), path: "/c/" + c.ID.String(), plan: &line}
		events = append(events, event)
		milestones, _, _, _ := c.Plan()
		for _, m := range milestones {
			if slices.ContainsFunc(c.Claims, func(claim civic.Claim) bool { return claim.Milestone == m.Code }) {
				continue
			}
			part := event
			if _, added := c.FirstDue(m.Code); added != nil {
				part.added = added.At.In(v.now.Location())
			}
			part.id, part.milestone, part.first, part.last = event.id+"/"+m.Code, m.Code, day(m.Due, v.now.Location()), day(m.Due, v.now.Location())
			events = append(events, part)
		}
	}
	return events
}

// datedCases are the days by which offices have to take a step. What a view
// says is not in the calendar; its code leads there.
func datedCases(state *civic.State, v *visit) (events []dated) {
	for _, r := range state.Referrals() {
		_, clock := r.Standing(v.now)
		if !clock.Running() || r.Need() == nil && !r.Views()[0].Shown() {
			continue
		}
		line := caseLineOf(state, r, v.now)
		events = append(events, dated{id: "case/" + r.ID.String() + "/" + string(clock.Step), first: line.Clock.LastDay, last: line.Clock.LastDay,
			summary: v.code("step", string(clock.Step)) + ": " + v.matter(line), about: v.name(line.Authority), path: matterPath(line)})
	}
	return events
}

// writeCalendar writes the events. The stamp is the hour of the last act, so
// that the same calendar is the same bytes.
func (s *Server) writeCalendar(v *visit, stamp time.Time, events []dated) []byte {
	host, _, _ := strings.Cut(s.read.Origin(), "/")
	const date = "20060102"
	b := []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
	b = foldedLine(b, "PRODID", "-//Samleng//"+host+"//"+strings.ToUpper(v.L.Tag()))
	b = foldedLine(b, "X-WR-CALNAME", escapeText(v.T("web.name")+": "+v.T("web.calendar")))
	for _, e := range events {
		b = foldedLine(b, "BEGIN", "VEVENT")
		b = foldedLine(b, "UID", escapeText(e.id+"@"+host))
		b = foldedLine(b, "DTSTAMP", stamp.UTC().Format("20060102T150405Z"))
		b = foldedLine(b, "DTSTART;VALUE=DATE", e.first.Format(date))
		b = foldedLine(b, "DTEND;VALUE=DATE", e.last.AddDate(0, 0, 1).Format(date)) // the day after the last
		b = foldedLine(b, "SUMMARY", escapeText(e.summary))
		for _, line := range [][2]string{{"DESCRIPTION", e.about}, {"LOCATION", e.place}} {
			if line[1] != "" {
				b = foldedLine(b, line[0], escapeText(line[1]))
			}
		}
		if s.config.Address != "" {
			b = foldedLine(b, "URL", s.config.Address+e.path) // a URI, and not escaped
		}
		b = foldedLine(b, "TRANSP", "TRANSPARENT") // nobody is busy on a day that is due
		b = foldedLine(b, "END", "VEVENT")
	}
	return append(b, "END:VCALENDAR\r\n"...)
}

var calendarEscapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// escapeText writes a text as a value of a calendar. What controls a terminal is
// left out.
func escapeText(text string) string {
	text = calendarEscapes.Replace(text)
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}

// foldedOctets is the most bytes of a line, its end aside.
const foldedOctets = 75

// foldedLine appends a line, folded between characters where it is long.
func foldedLine(b []byte, name, value string) []byte {
	line, room := name+":"+value, foldedOctets
	for len(line) > room {
		cut := room
		for cut > 0 && !utf8.RuneStart(line[cut]) {
			cut--
		}
		b = append(append(b, line[:cut]...), "\r\n "...)
		line, room = line[cut:], foldedOctets-1 // the space counts
	}
	return append(append(b, line...), "\r\n"...)
}
