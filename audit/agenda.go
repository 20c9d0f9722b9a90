package audit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
)

// Limits of what calendars and feeds hold.
const (
	mostEvents  = 1000 // of a calendar; one that is full need not hold all
	mostEntries = 50   // of a feed
)

// event is a day in a calendar, or several in a row.
type event struct {
	first, last string // days
}

func (e event) String() string { return e.first + " " + e.last }

// events are the days of dialogues, of commitments and their milestones, and of
// the steps that offices have to take, by the names that calendars give them.
func (c *comparison) events() map[string]event {
	all := map[string]event{}
	for _, d := range c.state.Dialogues() {
		all["dialogue/"+d.ID.String()] = event{d.Opens, d.Closes}
	}
	for _, p := range c.state.Commitments() {
		if p.State(c.today()) == civic.CommitmentConfirmed {
			continue
		}
		all["commitment/"+p.ID.String()] = event{p.End(), p.End()}
		milestones, _, _, _ := p.Plan()
		for _, m := range milestones {
			if !slices.ContainsFunc(p.Claims, func(claim civic.Claim) bool { return claim.Milestone == m.Code }) {
				all["commitment/"+p.ID.String()+"/"+m.Code] = event{m.Due, m.Due}
			}
		}
	}
	for _, r := range c.state.Referrals() {
		_, clock := r.Standing(c.asAt)
		if !clock.Running() || r.Need() == nil && !r.Views()[0].Shown() {
			continue
		}
		all["case/"+r.ID.String()+"/"+string(clock.Step)] = event{lastDay(clock), lastDay(clock)}
	}
	return all
}

// calendar compares the days in the calendar: each is there once, unless it ended
// long ago, and nothing else is.
func (c *comparison) calendar(ctx context.Context, language string) error {
	path := "calendar.ics?lang=" + language
	answer, has, err := c.public(ctx, ClassFiles, path)
	if err != nil || !has {
		return err
	}
	ours, there := c.events(), map[string]bool{}
	for _, e := range eventsOf(string(answer.Body)) {
		c.count(ClassFiles, 0, 1)
		if want, has := ours[e.name]; !has || want != e.event || there[e.name] {
			c.found(CheckFile, "/"+path+" "+e.name, want.String(), e.event.String())
			return nil
		}
		there[e.name] = true
	}
	oldest := c.asAt.AddDate(0, 0, -89).In(c.state.Zone()).Format(time.DateOnly)
	for _, name := range slices.Sorted(maps.Keys(ours)) {
		if e := ours[name]; !there[name] && e.last >= oldest && len(there) < mostEvents {
			c.found(CheckFile, "/"+path+" "+name, e.String(), "")
			return nil
		}
	}
	return nil
}

type namedEvent struct {
	name string
	event
}

// eventsOf reads the events of a calendar (RFC 5545) of whole days.
func eventsOf(text string) (events []namedEvent) {
	var e namedEvent
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n ", ""), "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		switch name {
		case "BEGIN":
			e = namedEvent{}
		case "UID":
			e.name, _, _ = strings.Cut(value, "@")
		case "DTSTART;VALUE=DATE":
			e.first = dashed(value, 0)
		case "DTEND;VALUE=DATE":
			e.last = dashed(value, -1) // the day after the last
		case "END":
			if value == "VEVENT" {
				events = append(events, e)
			}
		}
	}
	return events
}

// dashed writes a day of a calendar as the log does, some days later.
func dashed(day string, later int) string {
	t, err := time.Parse("20060102", day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, later).Format(time.DateOnly)
}

// entry is what a feed tells of, and when it moved last.
type entry struct {
	id string
	at time.Time
}

func (e entry) String() string { return e.id + " " + e.at.UTC().Format(time.RFC3339) }

// entriesOf are those of every feed, in order.
func (c *comparison) entriesOf() map[string][]entry {
	views := []entry{}
	for _, v := range c.state.Recent(mostEntries) {
		views = append(views, entry{"view/" + v.ID.String(), v.Events[len(v.Events)-1].At})
	}
	plans := slices.Clone(c.state.Commitments())
	slices.Reverse(plans)
	last := func(p *civic.Commitment) time.Time { return p.Events[len(p.Events)-1].At }
	slices.SortStableFunc(plans, func(a, b *civic.Commitment) int { return last(b).Compare(last(a)) })
	promised := []entry{}
	for _, p := range plans[:min(len(plans), mostEntries)] {
		promised = append(promised, entry{"commitment/" + p.ID.String(), last(p)})
	}
	all := c.state.GivenAnswers()
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b civic.GivenAnswer) int { return b.Answer.At.Compare(a.Answer.At) })
	answers := []entry{}
	for _, g := range all[:min(len(all), mostEntries)] {
		answers = append(answers, entry{"answer/" + g.Answer.ID.String() + "/" + g.Of.ID.String(), g.Answer.At})
	}
	return map[string][]entry{"views": views, "commitments": promised, "answers": answers, "overdue": c.lateEntries()}
}

// lateEntries are what is late, what became late last first.
func (c *comparison) lateEntries() []entry {
	name := func(id act.ID, step act.Step, since time.Time) string {
		return "late/" + id.String() + "/" + string(step) + "/" + since.In(c.state.Zone()).Format(time.DateOnly)
	}
	all := []entry{}
	late := c.state.Overdue(c.asAt)
	for _, v := range late.Slice(0, late.Len()) {
		_, clock := v.Standing(c.asAt)
		all = append(all, entry{name(v.ID, clock.Step, clock.Due), clock.Due})
	}
	views := len(all)
	for _, p := range c.state.Commitments() {
		if p.State(c.today()) == civic.CommitmentLate {
			since := c.midnight(p.End()).AddDate(0, 0, 1)
			all = append(all, entry{name(p.ID, "", since), since})
		}
	}
	slices.SortStableFunc(all[views:], func(a, b entry) int { return a.at.Compare(b.at) })
	slices.SortStableFunc(all, func(a, b entry) int { return b.at.Compare(a.at) })
	return all[:min(len(all), mostEntries)]
}

// feeds compares what feeds tell of: which things, in which order, and when they
// moved last.
func (c *comparison) feeds(ctx context.Context, language string) error {
	all := c.entriesOf()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		path, ours := "feeds/"+name+".atom?lang="+language, all[name]
		answer, has, err := c.public(ctx, ClassFiles, path)
		if err != nil || c.moved() {
			return err
		}
		if !has {
			continue
		}
		site, err := feedOf(answer.Body)
		if err != nil {
			return fmt.Errorf("/%s: %w", path, err)
		}
		for i := range max(len(ours), len(site)) {
			log, is := "", ""
			if i < len(ours) {
				log = ours[i].String()
			}
			if i < len(site) {
				is = site[i].ID[strings.LastIndex(site[i].ID, ":")+1:] + " " + site[i].Updated
			}
			c.count(ClassFiles, 0, 1)
			if log != is {
				c.found(CheckFile, fmt.Sprintf("/%s entry %d", path, i+1), log, is)
				break
			}
		}
	}
	return nil
}
