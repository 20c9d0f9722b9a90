package demo

import (
	"math"
	"slices"
	"time"

	"samleng/act"
)

// camps are where people stand, with the share of each in a hundred: those for
// growth and investment, those for what is there already, and those against
// rules and charges. Everybody stands a little apart from their camp.
var camps = []struct {
	share int
	at    [2]float64
}{{40, [2]float64{1, 0.5}}, {35, [2]float64{-1, 0.4}}, {25, [2]float64{0.1, -1.2}}}

func (w *writer) newPerson() *person {
	p := &person{dialogue: w.dialogue}
	draw := w.random.IntN(100)
	for _, camp := range camps {
		if draw < camp.share {
			p.at = camp.at
			break
		}
		draw -= camp.share
	}
	for i := range p.at {
		p.at[i] += 0.35 * w.random.NormFloat64()
	}
	if w.sometimes(60) {
		p.self = w.newSelf()
	}
	return p
}

// newSelf draws what somebody says about themselves. Nobody has to say
// everything.
func (w *writer) newSelf() *act.Self {
	self := &act.Self{Sex: "woman", Language: "km"}
	switch draw := w.random.IntN(100); {
	case draw < 46:
		self.Sex = "man"
	case draw < 48:
		self.Sex = "other"
	case draw < 52:
		self.Sex = "undisclosed"
	}
	self.AgeBand = act.AgeBands[[]int{0, 1, 1, 1, 2, 2, 2, 2, 3, 4}[w.random.IntN(10)]]
	if w.sometimes(70) {
		self.Place = w.where(base{}).Code
	}
	if code := w.speech(); code != "" {
		self.Language, self.Indigenous = code, code
	}
	return self
}

// joined notes an act of somebody's.
func (p *person) joined(at time.Time) {
	if p.since.IsZero() || at.Before(p.since) {
		p.since = at
	}
}

// mostOnBallot is the most votes that somebody casts in one go.
const mostOnBallot = 12

// sitting is a time at which somebody reacts to some views.
type sitting struct {
	person *person
	at     time.Time
	n      int // of views, at most
}

// vote makes everybody react to some of the views that are public when they
// come, in one to three sittings.
func (w *writer) vote() {
	var all []sitting
	for _, p := range w.people {
		// Few do much and many do little.
		appetite := 10 + int(36*w.random.ExpFloat64())
		for range 1 + w.random.IntN(3) {
			n := min(appetite, 5+w.random.IntN(60))
			appetite -= n
			all = append(all, sitting{p, w.moment(w.dialogue.Opens+2, w.until()), n})
		}
	}
	slices.SortStableFunc(all, func(a, b sitting) int { return a.at.Compare(b.at) })
	cast, tally := map[*person]map[*view]bool{}, map[*view]int{}
	for _, s := range all {
		if cast[s.person] == nil {
			cast[s.person] = map[*view]bool{}
		}
		w.sit(s, cast[s.person], tally)
	}
}

// sit lets somebody react to views that they have not seen, those first that
// few have reacted to, as the register offers them.
func (w *writer) sit(s sitting, cast map[*view]bool, tally map[*view]int) {
	var fresh []*view
	for _, v := range w.views {
		public := !v.shown.IsZero() && v.shown.Before(s.at) && !v.matched && (v.hidden.IsZero() || v.hidden.After(s.at))
		if public && !cast[v] {
			fresh = append(fresh, v)
		}
	}
	w.random.Shuffle(len(fresh), func(i, j int) { fresh[i], fresh[j] = fresh[j], fresh[i] })
	slices.SortStableFunc(fresh, func(a, b *view) int { return tally[a]/8 - tally[b]/8 })
	var votes []vote
	for _, v := range fresh[:min(s.n, len(fresh))] {
		cast[v] = true
		tally[v]++
		votes = append(votes, vote{v, w.opinion(s.person, v)})
	}
	for chunk := range slices.Chunk(votes, mostOnBallot) {
		s.person.ballots = append(s.person.ballots, ballot{s.at, chunk})
	}
	if len(votes) > 0 {
		s.person.joined(s.at)
	}
}

// opinion draws how somebody reacts to a view: nearly everybody agrees with
// most; over some they differ by where they stand; one in ten passes.
func (w *writer) opinion(p *person, v *view) act.Vote {
	if w.sometimes(10) {
		return act.Pass
	}
	lean := 2.0
	if v.axis != [2]float64{} {
		lean = 0.2 + 2.4*(v.axis[0]*p.at[0]+v.axis[1]*p.at[1])
	}
	lean += 0.4 * w.random.NormFloat64()
	if w.random.Float64() < 1/(1+math.Exp(-lean)) {
		return act.Agree
	}
	return act.Disagree
}
