package web

import (
	"context"
	"reflect"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/translog"
)

// lookEvery is how often pages look whether witnesses have signed or become
// late. It is all that a page can be behind in that.
const lookEvery = 20 * time.Second

// watching is what was last seen of the witnesses.
type watching struct {
	looked   time.Time
	position int64
	policy   *civic.WitnessPolicy // the state's own: another one after every change
	newest   []civic.Cosigned
	// state is nil where nobody witnesses. It stays the same pointer as long as
	// it says the same, so that cached pages are compared by it.
	state *civic.Witnessing
}

// witnessing says how the log is witnessed now. Cosignatures are no acts, so
// that the register's position does not tell when they come.
func (s *Server) witnessing(ctx context.Context) (*civic.Witnessing, error) {
	now, position := s.now(), s.read.Position()
	fresh := func(w *watching) bool {
		return w != nil && w.position == position && !now.Before(w.looked) && now.Sub(w.looked) < lookEvery
	}
	if known := s.watched.Load(); fresh(known) {
		return known.state, nil
	}
	s.looking.Lock()
	defer s.looking.Unlock()
	known := s.watched.Load()
	if fresh(known) {
		return known.state, nil
	}
	next := &watching{looked: now, position: position}
	s.read.View(func(state *civic.State) { next.policy = state.Witnesses() })
	if known != nil && known.policy == next.policy && !now.Before(known.looked) && now.Sub(known.looked) < lookEvery {
		next.looked, next.newest, next.state = known.looked, known.newest, known.state
		s.watched.Store(next)
		return next.state, nil
	}
	if next.policy != nil {
		var err error
		if next.newest, err = s.read.Cosigned(ctx); err != nil {
			if known == nil {
				return nil, err
			}
			// What was seen stands, and grows late by itself: pages that need no
			// store must not fail because signatures cannot be read.
			next.newest = known.newest
			s.log.Error("witnesses' signatures could not be read", "error", err)
		}
	}
	s.read.View(func(state *civic.State) { next.state = state.Witnessing(next.newest, now) })
	if known != nil && reflect.DeepEqual(known.state, next.state) {
		next.state = known.state
	}
	s.watched.Store(next)
	return next.state, nil
}

// watchView says who watches the log, in a line.
type watchView struct {
	// State is "kept" where enough witnesses keep their cadence, "late" where not
	// enough do, "waiting" before enough have signed while none is late, "none"
	// where nobody witnesses.
	State string
	Size  int64     // how many entries enough witnesses have signed
	By    string    // the names of those
	At    time.Time // since when that is so
	Late  []lateWitness
	Due   time.Time // by when the next signature is due, while none is late
}

// lateWitness is a witness that has not signed in time.
type lateWitness struct {
	Name  string
	Since time.Time
	Never bool // it has made no signature at all
}

// watch says who watches the log now.
func (s *Server) watch(v *visit) (watchView, error) {
	w, err := s.witnessing(v.r.Context())
	if err != nil || w == nil {
		return watchView{State: "none"}, err
	}
	view := watchView{State: "waiting", Size: w.Size}
	zone := s.zone()
	var by []act.Names
	s.read.View(func(state *civic.State) {
		for _, witness := range w.Witnesses {
			names := state.Names(witness.Organisation)
			if w.Size > 0 && witness.Last.Size >= w.Size {
				by = append(by, names)
				if view.At.IsZero() || witness.Last.At.Before(view.At) {
					view.At = witness.Last.At.In(zone)
				}
			}
			if witness.Late {
				view.State = "late"
				view.Late = append(view.Late, lateWitness{v.name(names), witness.Until.In(zone), witness.Last.Size == 0})
			} else if view.Due.IsZero() || witness.Until.Before(view.Due) {
				view.Due = witness.Until.In(zone)
			}
		}
	})
	if w.Kept {
		view.State = "kept"
	}
	view.By = v.listed(by)
	return view, nil
}

// listed writes several names: "A, B and C".
func (v *visit) listed(names []act.Names) (text string) {
	for i, one := range names {
		switch name := v.name(one); {
		case i == 0:
			text = name
		case i == len(names)-1:
			text = v.T("web.list.last", "before", text, "last", name)
		default:
			text += ", " + name
		}
	}
	return text
}

// signedBy opens a published checkpoint: which of the witnesses in force have
// signed it.
func (s *Server) signedBy(note []byte, policy *civic.WitnessPolicy) (by []act.Witness, err error) {
	if policy == nil {
		return nil, nil
	}
	keys := s.read.VerifierKeys()
	for _, witness := range policy.Witnesses {
		keys = append(keys, witness.Key)
	}
	verifiers, err := verifiersOf(keys)
	if err != nil {
		return nil, err
	}
	opened, err := translog.Open(note, s.read.Origin(), verifiers...)
	if err != nil {
		return nil, err
	}
	for _, witness := range policy.Witnesses {
		short, err := translog.KeyName(witness.Key)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(opened.Cosignatures, func(c translog.Cosignature) bool { return c.Key() == short }) {
			by = append(by, witness)
		}
	}
	return by, nil
}
