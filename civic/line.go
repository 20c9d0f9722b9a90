package civic

import (
	"slices"
	"time"

	"samleng/act"
)

// line is what balances and lists need of one view. Lines lie side by side, so
// that a hundred thousand views are counted in less than a millisecond. A line
// follows from its view and the view's cases: touch makes it anew whenever one
// of them changes.
type line struct {
	due int64 // when the clock that runs for it is up, in seconds since 1970; 0 where none runs
	// then is due once information that was asked for did not come in time: from
	// then on the view is being considered.
	then     int64
	day      int32 // of registration, in days since 1970 in the programme's zone
	dialogue int32 // its place among the dialogues
	place    int32 // in State.placeNumbers; that of the dialogue where the view names none
	only     int32 // the place of its only case; noCase, or otherCases
	state    part
	live     bool // several cases, one of which may lapse: only the view itself tells
}

const (
	noCase     = -1
	otherCases = -2 // several, or one of which nothing is left
)

// touch makes a view's line anew.
func (s *State) touch(v *Statement) {
	d := s.dialogues.byID[v.Dialogue]
	l := line{day: s.dayNumber(v.At), dialogue: int32(d.order), only: noCase}
	state, clock := v.Standing(time.Time{}) // when nothing has lapsed yet
	l.state, l.due = partNumber(state), seconds(clock)
	var only *Referral
	cases, lapses := 0, false
	v.eachReferral(func(r *Referral) {
		if r != only {
			only = r
			cases++
		}
		standing, _ := r.Standing(time.Time{})
		lapses = lapses || standing == DispNeedsInformation
	})
	lapses = lapses && !l.decided()
	switch {
	case cases == 0:
	case cases > 1 || only.moot() && !l.decided():
		l.only, l.live = otherCases, lapses
	default:
		l.only = int32(only.order)
		if lapses {
			l.then = seconds(only.Answer)
		}
	}
	place := v.Place
	if place == "" {
		place = d.Place
	}
	l.place = s.placeNumber(place)
	s.views.lines[v.order] = l
}

// seconds is when a clock is up, 0 where it does not run.
func seconds(c Clock) int64 {
	if !c.Running() {
		return 0
	}
	return c.Due.Unix()
}

// touchAll makes the lines of views and of those that are the same anew.
func (s *State) touchAll(views ...*Statement) {
	for _, v := range with(views...) {
		s.touch(v)
	}
}

// caseMoved makes the lines of a case and of every view in it anew.
func (s *State) caseMoved(r *Referral) {
	s.cases.lines[r.order] = lineOfCase(r)
	for _, v := range r.Views() {
		s.touch(v)
	}
}

// casesMoved does that for every case that a view has to do with: where it is
// erased, nothing may be left of a case.
func (s *State) casesMoved(v *Statement) {
	for _, r := range v.referrals {
		s.caseMoved(r)
	}
	for _, n := range v.needs {
		for _, r := range n.referrals {
			s.caseMoved(r)
		}
	}
	if v.twin != nil {
		for _, r := range v.twin.referrals {
			s.caseMoved(r)
		}
	}
}

// caseLine is what figures over all authorities need of one case.
type caseLine struct {
	due      int64 // of its answer; 0 where no clock runs
	moot     bool
	answered bool
	inTime   bool
}

func lineOfCase(r *Referral) caseLine {
	return caseLine{due: seconds(r.Answer), moot: r.moot(), answered: !r.Answered.IsZero(), inTime: r.InTime}
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

// part is a disposition by its place in parts: counting wants numbers.
type part uint8

// The parts of a balance that lines are asked for by name.
const (
	partNeedsInformation part = iota
	partConsidering
	partErased
	partWithheld
	partAwaiting
	partTransferred
)

var parts = [...]Disposition{DispNeedsInformation, DispConsidering, DispErased, DispWithheld, DispAwaiting, DispTransferred,
	DispNotYetReferred, DispWaiting, DispAnswered}

// decided reports whether the view stands where it does whatever becomes of its
// cases.
func (l *line) decided() bool {
	return l.state == partErased || l.state == partWithheld || l.state == partAwaiting
}

func partNumber(d Disposition) part { return part(max(0, slices.Index(parts[:], d))) }

// standing tells where a view stands at a moment (in seconds since 1970), and
// when what it waits for is due, 0 where nothing is.
func (l *line) standing(v *Statement, now int64) (part, int64) {
	switch {
	case l.live:
		d, clock := v.Standing(time.Unix(now, 0))
		return partNumber(d), seconds(clock)
	case l.state == partNeedsInformation && now >= l.due:
		return partConsidering, l.then
	}
	return l.state, l.due
}

// Balance accounts for the views that the filter picks, with what is overdue
// at the moment.
func (s *State) Balance(f Filter, at time.Time) Balance {
	if !f.Authority.IsZero() {
		return s.balanceOf(f, at)
	}
	counts := s.counter(f, at)
	views, lines := s.views.order, s.views.lines
	if !f.Dialogue.IsZero() {
		d := s.dialogues.byID[f.Dialogue]
		if d == nil {
			return Balance{}
		}
		for _, v := range d.statements {
			counts.add(v, &lines[v.order])
		}
		return counts.balance()
	}
	for i := range lines {
		counts.add(views[i], &lines[i])
	}
	return counts.balance()
}

// balanceOf accounts for the views of which an authority has, or had, a case.
func (s *State) balanceOf(f Filter, at time.Time) Balance {
	counts := s.counter(f, at)
	dialogue := int32(-1)
	if d := s.dialogues.byID[f.Dialogue]; d != nil {
		dialogue = int32(d.order)
	} else if !f.Dialogue.IsZero() {
		return Balance{}
	}
	const holds, had = 1, 2
	roles := make([]uint8, len(s.cases.order)) // what the authority has to do with each case
	for _, r := range s.cases.held[f.Authority] {
		roles[r.order] = had
		if r.Authority == f.Authority {
			roles[r.order] = holds
		}
	}
	for i := range s.views.lines {
		l := &s.views.lines[i]
		switch {
		case l.only == noCase || dialogue >= 0 && l.dialogue != dialogue || !counts.picks(l):
		case l.only == otherCases:
			v := s.views.order[i]
			mine := false
			v.eachReferral(func(r *Referral) { mine = mine || roles[r.order] > 0 })
			if mine {
				d, clock := v.standingWith(f.Authority, at)
				counts.count(partNumber(d), seconds(clock))
			}
		case roles[l.only] == had && !l.decided():
			counts.count(partTransferred, 0)
		case roles[l.only] > 0:
			counts.count(l.standing(s.views.order[i], counts.now))
		}
	}
	return counts.balance()
}

// counter puts views into the parts of a balance.
type counter struct {
	counts      [len(parts)]Waiting
	now         int64
	from, until int32
	bounded     bool
	within      []bool // by number of place; nil for every place
}

func (s *State) counter(f Filter, at time.Time) *counter {
	c := &counter{now: at.Unix(), until: 1<<31 - 1}
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

func (c *counter) add(v *Statement, l *line) {
	if c.picks(l) {
		c.count(l.standing(v, c.now))
	}
}

// count counts a view in a part; due is when what it waits for is due, 0 where
// nothing is.
func (c *counter) count(p part, due int64) {
	c.counts[p].add(due != 0 && c.now >= due)
}

func (c *counter) balance() Balance {
	var b Balance
	for p, n := range c.counts {
		b.add(parts[p], n)
	}
	return b
}

// Overdue gives the views whose step is late at a moment, the longest waiting
// first, then as registered.
func (s *State) Overdue(at time.Time) Order[*Statement] {
	now := at.Unix()
	return orderOf(s.views.order, func(yield func(int64, int)) {
		for i := range s.views.lines {
			l := &s.views.lines[i]
			if l.due == 0 && !l.live {
				continue
			}
			if _, due := l.standing(s.views.order[i], now); due != 0 && now >= due {
				yield(due, i)
			}
		}
	})
}

// hold notes that an authority has, or had, a case.
func (c *caseBook) hold(authority act.ID, r *Referral) {
	if !slices.Contains(c.held[authority], r) {
		c.held[authority] = append(c.held[authority], r)
	}
}
