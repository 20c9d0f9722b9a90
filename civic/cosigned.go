package civic

import (
	"slices"
	"time"

	"samleng/act"
	"samleng/translog"
)

// Cosigned is a witness's newest signature: at At, the log's first Size acts
// were the largest tree it had seen, and continued all it had seen before.
type Cosigned struct {
	Key  string // the witness's key in short (translog.KeyName)
	At   time.Time
	Size int64
}

// within is how long after a signature a witness's next one is late: its
// cadence and as much again as a weekend, a broken line or a short month needs.
var within = map[string]time.Duration{
	act.CadenceAlways:  2 * time.Hour,
	act.CadenceDaily:   2 * 24 * time.Hour,
	act.CadenceWeekly:  9 * 24 * time.Hour,
	act.CadenceMonthly: 35 * 24 * time.Hour,
}

// WitnessState is a witness, and whether it keeps its cadence.
type WitnessState struct {
	act.Witness
	// Last is its newest signature, zero if it has made none with its key.
	Last Cosigned
	// Until is when its next signature is late, counted from the last one or from
	// when the policy was declared.
	Until time.Time
	Late  bool
}

// Witnessing is how the log is witnessed at a moment.
type Witnessing struct {
	Quorum    int
	Witnesses []WitnessState
	// Kept says that the witnesses who keep their cadence are enough for the
	// policy: what is shown green.
	Kept bool
	// Size is how many acts are witnessed: the largest number that enough
	// witnesses have signed, be it with the same checkpoint or with later ones.
	Size int64
}

// Witnessing says how the log is witnessed, given each key's newest signature;
// nil without a policy.
func (s *State) Witnessing(newest []Cosigned, now time.Time) *Witnessing {
	policy := s.keys.policy
	if policy == nil {
		return nil
	}
	w := &Witnessing{Quorum: policy.Quorum}
	var kept []string
	for _, declared := range policy.Witnesses {
		state := WitnessState{Witness: declared, Until: policy.At.Add(within[declared.Cadence])}
		if short, err := translog.KeyName(declared.Key); err == nil {
			if i := slices.IndexFunc(newest, func(c Cosigned) bool { return c.Key == short }); i >= 0 {
				state.Last = newest[i]
				state.Until = newest[i].At.Add(within[declared.Cadence])
			}
		}
		state.Late = now.After(state.Until)
		if !state.Late && state.Last.Size > 0 {
			kept = append(kept, declared.Key)
		}
		w.Witnesses = append(w.Witnesses, state)
	}
	w.Kept = s.Witnessed(kept)
	for _, candidate := range w.Witnesses {
		var signed []string
		for _, other := range w.Witnesses {
			if other.Last.Size >= candidate.Last.Size {
				signed = append(signed, other.Key)
			}
		}
		if candidate.Last.Size > w.Size && s.Witnessed(signed) {
			w.Size = candidate.Last.Size
		}
	}
	return w
}

// AlwaysWitnessed reports whether the witnesses that are always on are enough
// for the policy: only then is it worth while to hold a checkpoint back until
// they have signed.
func (s *State) AlwaysWitnessed() bool {
	if s.keys.policy == nil {
		return false
	}
	var keys []string
	for _, w := range s.keys.policy.Witnesses {
		if w.Cadence == act.CadenceAlways {
			keys = append(keys, w.Key)
		}
	}
	return s.Witnessed(keys)
}
