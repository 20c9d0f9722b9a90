package demo

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"samleng/act"
)

// script is everything that is going to happen after the programme was founded.
// The same seed and the same day give the same script.
type script struct {
	days    days
	founded time.Time
	views   []*view // in the order in which they are registered
	said    map[string]bool
	people  []*person
	chains  []*thread
}

// view is one view that is put forward, and what becomes of it.
type view struct {
	dialogue *dialogue
	at       time.Time
	language string
	text     string
	detail   string
	facts    act.StatementRegistered
	// person puts it forward; or staff of an organisation enters or files it.
	person *person
	staff  staff
	slip   bool
	steps  []step
	// shown is when its words became public, hidden when they ceased to be;
	// zero for never. matched says that people do not react to it.
	shown, hidden time.Time
	matched       bool
	// axis is where people differ over it; both zero where most agree.
	axis [2]float64
	key  string
}

// staff names a role of an organisation by its key.
type staff struct {
	organisation string
	role         act.Role
}

// step is one act in the life of a view after its registration.
type step struct {
	at       time.Time
	kind     act.Kind
	by       staff // nobody where its holder acts
	text     string
	reason   string // of withholding; an appeal's outcome
	language string // of a translation
	like     *view  // the view that it is the same as
	pieces   []piece
	// old says that a correction was turned down: the words that are public
	// stay so.
	old bool
}

// write makes the script.
func write(c *content, seed uint64, now time.Time) (*script, error) {
	calendar, err := newDays(&c.programme, now)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	s := &script{days: calendar, said: map[string]bool{}}
	first := 0
	for _, d := range c.programme.Dialogues {
		first = min(first, d.Announced)
	}
	s.founded = calendar.on(first-2, 9)
	for i, d := range c.programme.Dialogues {
		w := &writer{content: c, script: s, dialogue: d, random: rand.New(rand.NewPCG(seed, uint64(i)))}
		if err := w.write(); err != nil {
			return nil, fmt.Errorf("demo: write %s: %w", d.Slug, err)
		}
	}
	slices.SortStableFunc(s.views, func(a, b *view) int { return a.at.Compare(b.at) })
	if err := s.follow(c); err != nil {
		return nil, err
	}
	return s, s.check()
}

// check makes sure that the script can be performed: everything in order, and
// nothing that is still to come. What happens to one view at one hour would
// have no order.
func (s *script) check() error {
	for _, v := range s.views {
		last := v.at
		if last.Before(s.founded) || !s.days.past(last) {
			return fmt.Errorf("demo: a view of %s is put forward at %s", v.dialogue.Slug, last)
		}
		for _, step := range v.steps {
			if !step.at.After(last) || !s.days.past(step.at) || step.like != nil && !step.like.shown.Before(step.at) {
				return fmt.Errorf("demo: %s in %s at %s, after %s", step.kind, v.dialogue.Slug, step.at, last)
			}
			last = step.at
		}
	}
	return nil
}

// writer writes what happens in one dialogue.
type writer struct {
	content  *content
	script   *script
	dialogue *dialogue
	random   *rand.Rand
	people   []*person
	views    []*view
}

func (w *writer) write() error {
	for range w.dialogue.People {
		w.people = append(w.people, w.newPerson())
	}
	if err := w.common(); err != nil {
		return err
	}
	if err := w.special(); err != nil {
		return err
	}
	w.vote()
	w.script.views = append(w.script.views, w.views...)
	w.script.people = append(w.script.people, w.people...)
	return nil
}

// last is the last hour in which views and votes come in.
func (w *writer) last() time.Time {
	closing := w.script.days.on(w.dialogue.Closes, 16)
	if closing.Before(w.script.days.now) {
		return closing
	}
	return w.script.days.now
}

// moment draws an hour between two days (counted from today) at which somebody
// puts something forward: most on the day of the forum and the day after.
func (w *writer) moment(from, to int) time.Time {
	last := w.last()
	weight := func(day int) int {
		switch day {
		case w.dialogue.Forum:
			return 16
		case w.dialogue.Forum + 1:
			return 8
		case 0, -1:
			return 4
		}
		return 1
	}
	all := 0
	for day := from; day <= to; day++ {
		all += weight(day)
	}
	draw, day := w.random.IntN(all), from
	for ; draw >= weight(day); day++ {
		draw -= weight(day)
	}
	hours := []int{9, 15, 19}
	at := w.script.days.on(day, hours[w.random.IntN(len(hours))])
	if at.After(last) {
		at = last.Add(-time.Duration(w.random.IntN(3)) * time.Hour)
	}
	return at
}

// until is the last day, counted from today, on which something is put forward.
func (w *writer) until() int { return min(w.dialogue.Closes, 0) }

// where draws the place of a view. In the national forum somebody may speak
// from anywhere in the country, and of the country they do.
func (w *writer) where(b base) place {
	area := w.dialogue.Area
	if w.dialogue.Level == "national" && !b.local && (b.Rural || w.sometimes(30)) {
		area = ""
	}
	var there []place
	for _, p := range w.content.places {
		if len(b.At) > 0 && !slices.Contains(b.At, p.Code) {
			continue
		}
		if p.Parent != "" && (area == "" || p.Parent == area) && (!b.Rural || p.Kind == "District") {
			there = append(there, p)
		}
	}
	return there[w.random.IntN(len(there))]
}

// sometimes is true n times in a hundred.
func (w *writer) sometimes(n int) bool { return w.random.IntN(100) < n }

// person is somebody who takes part in one dialogue.
type person struct {
	dialogue *dialogue
	// at is where they stand on the two axes over which people differ.
	at      [2]float64
	self    *act.Self // what they say about themselves, if they do
	since   time.Time // their first act
	ballots []ballot
}

// ballot is a few votes that somebody casts at one time.
type ballot struct {
	at    time.Time
	votes []vote
}

type vote struct {
	view *view
	vote act.Vote
}
