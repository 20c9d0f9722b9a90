package civic

import (
	"slices"
	"time"

	"samleng/act"
)

// line is what the balance needs of one view. Lines lie side by side, so that a
// hundred thousand views are counted in a millisecond or two. A line follows
// from its view: touch makes it anew whenever the view changes.
type line struct {
	due      int64 // when the view's own clock is up, in seconds since 1970; 0 where none runs
	day      int32 // of registration, in days since 1970 in the programme's zone
	dialogue int32 // its place among the dialogues
	place    int32 // in State.placeNumbers; that of the dialogue where the view names none
	only     int32 // the place of its only case; noCase, or manyCases
	state    Disposition
}

const (
	noCase    = -1
	manyCases = -2
)

// touch makes a view's line anew.
func (s *State) touch(v *Statement) {
	d := s.dialogues.byID[v.Dialogue]
	l := line{day: s.dayNumber(v.At), dialogue: int32(d.order), only: noCase}
	if v.Clock.Running() {
		l.due = v.Clock.Due.Unix()
	}
	switch {
	case v.Erased:
		l.state = DispErased
	case v.Moderation == Withheld:
		l.state = DispWithheld
	case v.Moderation == Awaiting:
		l.state = DispAwaiting
	default:
		l.state = DispNotYetReferred
		v.eachReferral(func(r *Referral) {
			switch {
			case l.only == noCase:
				l.only = int32(r.order)
			case l.only != int32(r.order):
				l.only = manyCases
			}
		})
	}
	place := v.Place
	if place == "" {
		place = d.Place
	}
	l.place = s.placeNumber(place)
	s.views.lines[v.order] = l
}

// touchAll makes the lines of views and of those that are the same anew.
func (s *State) touchAll(views ...*Statement) {
	for _, v := range with(views...) {
		s.touch(v)
	}
}

// dayNumber counts the days since 1970 of a moment's day in the programme's zone.
func (s *State) dayNumber(moment time.Time) int32 {
	local := moment.In(s.Zone())
	return int32(time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (s *State) placeNumber(code string) int32 {
	number, has := s.placeNumbers[code]
	if !has {
		number = int32(len(s.placeNumbers))
		s.placeNumbers[code] = number
	}
	return number
}

// Balance accounts for the views that the filter picks, with what is overdue
// at the moment.
func (s *State) Balance(f Filter, at time.Time) Balance {
	if !f.Authority.IsZero() {
		return s.balanceOf(f, at)
	}
	var b Balance
	counts := s.counter(f, at)
	views, lines := s.views.order, s.views.lines
	if !f.Dialogue.IsZero() {
		d := s.dialogues.byID[f.Dialogue]
		if d == nil {
			return b
		}
		for _, v := range d.statements {
			counts.add(&b, v, &lines[v.order])
		}
		return b
	}
	for i := range lines {
		counts.add(&b, views[i], &lines[i])
	}
	return b
}

// balanceOf accounts for the views of which an authority has, or had, a case.
func (s *State) balanceOf(f Filter, at time.Time) Balance {
	var b Balance
	counts := s.counter(f, at)
	seen := make([]bool, len(s.views.order))
	for _, r := range s.cases.held[f.Authority] {
		for _, v := range r.Views() {
			l := &s.views.lines[v.order]
			if seen[v.order] || !f.Dialogue.IsZero() && v.Dialogue != f.Dialogue || !counts.picks(l) {
				continue
			}
			seen[v.order] = true
			d, clock := v.standingWith(f.Authority, at)
			b.add(d, clock.Overdue(at))
		}
	}
	return b
}

// counter puts views into the parts of a balance.
type counter struct {
	state       *State
	at          time.Time
	now         int64
	from, until int32
	bounded     bool
	within      []bool // by number of place; nil for every place
	cases       []standing
}

// standing is where a case stands at the moment, once somebody asked.
type standing struct {
	disposition Disposition
	late        bool
}

func (s *State) counter(f Filter, at time.Time) *counter {
	c := &counter{state: s, at: at, now: at.Unix(), cases: make([]standing, len(s.cases.order)), until: 1<<31 - 1}
	if f.From != "" || f.Until != "" {
		c.bounded = true
		if day, err := time.Parse(time.DateOnly, f.From); err == nil {
			c.from = int32(day.Unix() / 86400)
		}
		if day, err := time.Parse(time.DateOnly, f.Until); err == nil {
			c.until = int32(day.Unix() / 86400)
		}
	}
	if f.Place != "" {
		c.within = make([]bool, len(s.placeNumbers))
		for code, number := range s.placeNumbers {
			c.within[number] = code != "" && s.Within(code, f.Place)
		}
	}
	return c
}

func (c *counter) picks(l *line) bool {
	return (!c.bounded || l.day >= c.from && l.day <= c.until) && (c.within == nil || c.within[l.place])
}

func (c *counter) add(b *Balance, v *Statement, l *line) {
	switch {
	case !c.picks(l):
	case l.only == noCase:
		b.add(l.state, l.due != 0 && c.now >= l.due)
	case l.only == manyCases:
		d, clock := v.Standing(c.at)
		b.add(d, clock.Overdue(c.at))
	default:
		known := &c.cases[l.only]
		if known.disposition == "" {
			d, clock := c.state.cases.order[l.only].Standing(c.at)
			*known = standing{d, clock.Overdue(c.at)}
		}
		b.add(known.disposition, known.late)
	}
}

// hold notes that an authority has, or had, a case.
func (c *caseBook) hold(authority act.ID, r *Referral) {
	if !slices.Contains(c.held[authority], r) {
		c.held[authority] = append(c.held[authority], r)
	}
}
