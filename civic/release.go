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

// ReleaseDue reports whether enough ballots came in since the last release.
func (s *State) ReleaseDue(dialogue act.ID) bool {
	r := s.rolls[dialogue]
	return s.programme != nil && r != nil && r.ballots-r.released >= int64(s.programme.Step)
}

// ReleaseTally makes the figures of a release of a dialogue as they stand now:
// small counts suppressed, the others rounded (package disclosure).
func (s *State) ReleaseTally(dialogue act.ID) *act.Tally {
	d, r := s.dialogues.byID[dialogue], s.rolls[dialogue]
	if d == nil || r == nil || s.programme == nil {
		return &act.Tally{}
	}
	rule := disclosure.Rule{Threshold: s.programme.Threshold, Rounding: s.programme.Rounding}
	exact := d.Public
	tally := &act.Tally{Participants: rule.Count(s.Participants(dialogue), exact)}
	for _, v := range d.statements {
		if !v.Votable() {
			continue
		}
		t := s.Tally(v.ID)
		counts := rule.Parts([]int{t.Agree, t.Disagree, t.Pass}, exact)
		tally.Statements = append(tally.Statements, act.StatementTally{Statement: v.ID, Agree: counts[0], Disagree: counts[1], Pass: counts[2]})
	}
	slices.SortFunc(tally.Statements, func(a, b act.StatementTally) int { return bytes.Compare(a.Statement[:], b.Statement[:]) })
	return tally
}

var releaseRules = map[act.Kind]rule{
	act.KindReleasePublished: {
		public: func(s *State, h *act.Header) error {
			if s.dialogues.byID[h.Of] == nil {
				return refuse(RefusedDialogue)
			}
			at, past := h.Facts.(*act.ReleasePublished).At, s.releases[h.Of]
			if at > s.position || len(past) > 0 && at < past[len(past)-1].At+int64(s.programme.Step) {
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
