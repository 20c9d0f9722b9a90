package civic

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"samleng/act"
	"samleng/disclosure"
)

// Release is one frozen publication of a dialogue's figures.
type Release struct {
	Act act.ID
	// At is the position whose figures it holds.
	At   int64
	When time.Time
}

// Releases lists a dialogue's releases, oldest first.
func (s *State) Releases(dialogue act.ID) []Release { return s.releases[dialogue] }

// figures are what a release showed, and how much has changed since.
type figures struct {
	counts [3]*int // agree, disagree, pass; or the number of people, alone
	exact  int     // the number of people that was shown
	at     int64   // the position of the release that showed them
	moved  int     // people whose vote on the statement came or changed since
}

// ReleaseDue reports whether enough ballots came in since the last release, and
// any figure would move.
func (s *State) ReleaseDue(dialogue act.ID) bool {
	d, r := s.dialogues.byID[dialogue], s.rolls[dialogue]
	if d == nil || r == nil || !s.enoughBallots(d, r.released, tallyGrowth) {
		return false
	}
	return d.Public || s.crowdMoves(r) || slices.ContainsFunc(d.statements, func(v *Statement) bool {
		return v.Votable() && v.index < len(r.shown) && s.moves(r.shown[v.index])
	})
}

// tallyGrowth is how much a dialogue's ballots have to grow between two releases
// of its tallies: by one in so many, and by the programme's step at least. A
// release has a row for every view, so that what is published in a large dialogue
// would outgrow what was said in it otherwise.
const tallyGrowth = 50

// enoughBallots reports whether enough ballots were cast since there were as many
// as before: one in growth of those, and the programme's step at least. Once a
// dialogue is closed the step is enough, so that its last figures come out. All
// of it follows from headers alone.
func (s *State) enoughBallots(d *Dialogue, before, growth int64) bool {
	if s.programme == nil {
		return false
	}
	least := int64(s.programme.Step)
	if d.Stage() != Closed {
		least = max(least, before/growth)
	}
	return s.rolls[d.ID].ballots-before >= least
}

// moves reports whether figures have changed so much that their next state
// tells of no single person.
func (s *State) moves(f figures) bool { return f.moved >= s.programme.Step }

func (s *State) crowdMoves(r *roll) bool {
	moved := len(r.order) + r.apart - r.crowd.exact
	return max(moved, -moved) >= s.programme.Step
}

// ReleaseTally makes the figures of a release of a dialogue as they stand now:
// small counts suppressed, the others rounded (package disclosure). Figures that
// changed by fewer people than the programme's step stay as they were released:
// between two releases, a statement's figures differ by at least so many people
// or not at all.
func (s *State) ReleaseTally(dialogue act.ID) *act.Tally {
	d, r := s.dialogues.byID[dialogue], s.rolls[dialogue]
	if d == nil || r == nil || s.programme == nil {
		return &act.Tally{}
	}
	rule := disclosure.Rule{Threshold: s.programme.Threshold, Rounding: s.programme.Rounding}
	exact := d.Public
	tally := &act.Tally{Participants: r.crowd.counts[0]}
	if exact || s.crowdMoves(r) {
		tally.Participants = rule.Count(s.Participants(dialogue), exact)
	}
	for _, v := range d.statements {
		if !v.Votable() {
			continue
		}
		var shown figures
		if v.index < len(r.shown) {
			shown = r.shown[v.index]
		}
		if exact || s.moves(shown) {
			t := s.Tally(v.ID)
			shown.counts = [3]*int(rule.Parts([]int{t.Agree, t.Disagree, t.Pass}, exact))
		}
		tally.Statements = append(tally.Statements, act.StatementTally{
			Statement: v.ID, Agree: shown.counts[0], Disagree: shown.counts[1], Pass: shown.counts[2]})
	}
	slices.SortFunc(tally.Statements, func(a, b act.StatementTally) int { return bytes.Compare(a.Statement[:], b.Statement[:]) })
	return tally
}

// keepShown remembers what a release showed: where the sections are at hand,
// the figures of its tally.
func (s *State) keepShown(dialogue act.ID, r *roll) {
	tally := s.ReleaseTally(dialogue)
	if s.crowdMoves(r) {
		r.crowd = figures{counts: [3]*int{tally.Participants}, exact: s.Participants(dialogue)}
	}
	for _, row := range tally.Statements {
		index := s.views.byID[row.Statement].index
		if index >= len(r.shown) || !s.moves(r.shown[index]) {
			continue
		}
		r.shown[index] = figures{counts: [3]*int{row.Agree, row.Disagree, row.Pass}, at: s.position}
	}
}

var releaseRules = map[act.Kind]rule{
	act.KindReleasePublished: {
		public: func(s *State, h *act.Header) error {
			d := s.dialogues.byID[h.Of]
			if d == nil {
				return refuse(RefusedDialogue)
			}
			at, past := h.Facts.(*act.ReleasePublished).At, s.releases[h.Of]
			// In a log that takes up an older one, positions are further on.
			if at > s.position || len(past) > 0 && at <= past[len(past)-1].At || !s.enoughBallots(d, s.rolls[h.Of].released, tallyGrowth) {
				return refuse(RefusedRelease)
			}
			return nil
		},
		private: checkRelease,
		apply: func(s *State, a *act.Act) error {
			r := s.rolls[a.Of]
			if r == nil {
				return missing("dialogue", a)
			}
			s.releases[a.Of] = append(s.releases[a.Of], Release{a.ID, a.Facts.(*act.ReleasePublished).At, a.At})
			s.keepShown(a.Of, r)
			r.released = r.ballots
			return nil
		},
		keys: func(a *act.Act, k *KeySet) {
			// Its figures take in every ballot before it: it goes alone.
			k.write(keySetting, act.ID{}, act.ID{})
		},
	},
}

func checkRelease(s *State, who Actor, a *act.Act) error {
	if a.Facts.(*act.ReleasePublished).At != s.position || !s.ReleaseDue(a.Of) {
		return refuse(RefusedRelease)
	}
	var tally act.Tally
	if has, err := a.Content("tally", &tally); err != nil || !has {
		return fmt.Errorf("civic: a release without a tally: %w", err)
	}
	want := s.ReleaseTally(a.Of)
	same := slices.EqualFunc(tally.Statements, want.Statements, func(a, b act.StatementTally) bool {
		return a.Statement == b.Statement && equalCount(a.Agree, b.Agree) && equalCount(a.Disagree, b.Disagree) && equalCount(a.Pass, b.Pass)
	})
	if !same || !equalCount(tally.Participants, want.Participants) {
		return refuse(RefusedReleaseWrong)
	}
	return nil
}

func equalCount(a, b *int) bool {
	return (a == nil) == (b == nil) && (a == nil || *a == *b)
}
