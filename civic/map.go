package civic

import (
	"fmt"
	"slices"

	"samleng/act"
	"samleng/disclosure"
)

// mapGrowth is tallyGrowth for maps: groups take seconds to compute, so a map
// moves more slowly.
const mapGrowth = 20

// Maps lists a dialogue's published opinion maps, oldest first.
func (s *State) Maps(dialogue act.ID) []Release { return s.maps[dialogue] }

// MapDue reports whether enough ballots were cast since the last published map
// for another one.
func (s *State) MapDue(dialogue act.ID) bool {
	d := s.dialogues.byID[dialogue]
	return d != nil && s.enoughBallots(d, s.rolls[dialogue].mapped, mapGrowth)
}

// Disclosure is the rule by which counts of people may be shown, and whether a
// dialogue's figures are exact because its source had published who voted what.
func (s *State) Disclosure(dialogue act.ID) (rule disclosure.Rule, exact bool) {
	if s.programme != nil {
		rule = disclosure.Rule{Threshold: s.programme.Threshold, Rounding: s.programme.Rounding}
	}
	d := s.dialogues.byID[dialogue]
	return rule, d != nil && d.Public
}

var mapRules = map[act.Kind]rule{
	act.KindMapPublished: {
		public: func(s *State, h *act.Header) error {
			if s.dialogues.byID[h.Of] == nil {
				return refuse(RefusedDialogue)
			}
			at, past := h.Facts.(*act.MapPublished).At, s.maps[h.Of]
			if at > s.position || len(past) > 0 && at <= past[len(past)-1].At || !s.MapDue(h.Of) {
				return refuse(RefusedRelease)
			}
			return nil
		},
		private: checkMap,
		apply: func(s *State, a *act.Act) error {
			r := s.rolls[a.Of]
			if r == nil {
				return missing("dialogue", a)
			}
			s.maps[a.Of] = append(s.maps[a.Of], Release{a.ID, a.Facts.(*act.MapPublished).At, a.At})
			r.mapped = r.ballots
			return nil
		},
		keys: func(a *act.Act, k *KeySet) {
			// The next map's step is counted from it: it goes alone.
			k.write(keySetting, act.ID{}, act.ID{})
		},
	},
}

// checkMap holds a map to what may be shown: statements that are public, and
// counts that pass the rule for counts of people. That it follows from the votes
// is not for the fold to say: who has the votes computes it again.
func checkMap(s *State, who Actor, a *act.Act) error {
	var m act.OpinionMap
	if has, err := a.Content("map", &m); err != nil || !has {
		return fmt.Errorf("civic: a map without content: %w", err)
	}
	rule, exact := s.Disclosure(a.Of)
	fits := func(least int, counts ...*int) bool {
		whole := 0
		for _, n := range counts {
			if n == nil {
				return true
			}
			if whole += *n; !exact && rule.Rounding > 1 && *n%rule.Rounding != 0 {
				return false
			}
		}
		return exact || whole >= least
	}
	// Three parts that are rounded one by one may come to less than the whole.
	least := rule.Threshold - 3*(rule.Rounding/2)
	if !fits(rule.Threshold-rule.Rounding/2, m.Participants) || !fits(rule.Threshold-rule.Rounding/2, m.Unplaced) ||
		slices.ContainsFunc(m.Groups, func(g act.OpinionGroup) bool { return !fits(rule.Threshold-rule.Rounding/2, g.Size) }) {
		return refuse(RefusedReleaseWrong)
	}
	for _, row := range m.Statements {
		if v := s.views.byID[row.Statement]; v == nil || v.Dialogue != a.Of || !v.Votable() {
			return refuse(RefusedReleaseWrong)
		}
		for _, counts := range append([]*[3]int{row.All}, row.Groups...) {
			if counts != nil && !fits(least, &counts[0], &counts[1], &counts[2]) {
				return refuse(RefusedReleaseWrong)
			}
		}
	}
	return nil
}
