package civic

import (
	"time"
)

// promiseLine is what lists of commitments need of one. Lines lie side by side,
// as those of views do.
type promiseLine struct {
	end     int32           // its last day as it stands now, in days since 1970
	place   int32           // in State.placeNumbers
	settled CommitmentState // empty where the day says how it stands
	slipped bool            // its end moved back
}

// promiseMoved makes a commitment's line anew.
func (s *State) promiseMoved(c *Commitment) {
	s.promises.lines[c.order] = promiseLine{end: daysUntil(c.End()), place: s.placeNumber(s.PlaceOf(c)), settled: c.settled(), slipped: c.Slip() > 0}
}

// PlaceOf is the place of what a commitment is about: that of its first need, or
// of the dialogue where the need has none.
func (s *State) PlaceOf(c *Commitment) string {
	if n := s.needs.byID[c.Needs[0]]; n != nil && n.Place != "" {
		return n.Place
	}
	if d := s.dialogues.byID[c.Dialogue]; d != nil {
		return d.Place
	}
	return ""
}

// daysUntil counts the days from 1970 to one that the form of facts guarantees.
func daysUntil(day string) int32 {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	return int32(t.Unix() / 86400)
}

func (l *promiseLine) state(today int32) CommitmentState {
	switch {
	case l.settled != "":
		return l.settled
	case l.end < today:
		return CommitmentLate
	}
	return CommitmentUnderWay
}

// CommitmentsByEnd gives the commitments that fits picks by where they stand on
// a day, those that end first before the others, then as they were made.
func (s *State) CommitmentsByEnd(today string, fits func(*Commitment, CommitmentState) bool) Order[*Commitment] {
	now := daysUntil(today)
	return orderOf(s.promises.order, func(yield func(int64, int)) {
		for i := range s.promises.lines {
			l := &s.promises.lines[i]
			if fits(s.promises.order[i], l.state(now)) {
				yield(int64(l.end), i)
			}
		}
	})
}

// CommitmentCounts counts the commitments by where they stand on a day, and
// gives the codes of the places that they are about.
func (s *State) CommitmentCounts(today string) (counts map[CommitmentState]int, places map[string]bool) {
	now, used := daysUntil(today), make([]bool, len(s.placeNumbers))
	counts, places = map[CommitmentState]int{}, map[string]bool{}
	for i := range s.promises.lines {
		l := &s.promises.lines[i]
		counts[l.state(now)]++
		used[l.place] = true
	}
	for code, number := range s.placeNumbers {
		if used[number] {
			places[code] = true
		}
	}
	return counts, places
}
