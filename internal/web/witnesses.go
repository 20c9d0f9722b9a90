package web

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/translog"
)

// witnessesView answers: who would notice if the register were changed?
type witnessesView struct {
	Watch      watchView
	Quorum     int
	Rows       []witnessRow
	Declared   entryOf // of the policy in force
	Checkpoint *checkpointView
	Changes    []keyChangeView
	Months     []cosignedMonth // the newest first
	Key        string          // of the log
	Address    string
}

// witnessRow is one witness.
type witnessRow struct {
	Names   act.Names
	Cadence string
	Size    int64     // entries that it signed last, 0 if none
	At      time.Time // when it signed last
	Late    bool
	Until   time.Time // when its next signature is late
	Key     string
}

// entryOf is an act in the log, and its hour.
type entryOf struct {
	Position int64
	At       time.Time
}

// checkpointView is the newest published checkpoint.
type checkpointView struct {
	Size int64
	At   time.Time // the hour of its last act
	By   string    // which witnesses have signed it
	// State is "enough" with the policy's signatures, "waited" where it was
	// published without them after waiting, "unasked" where it could not wait for
	// witnesses that are rarely there, "" without a policy.
	State string
	Note  string
}

// keyChangeView says that a key was followed by another.
type keyChangeView struct {
	Names    act.Names // of the witness; none for the log itself
	Log      bool
	Old, New string
	entryOf
}

// cosignedMonth is a month of cosigned checkpoints.
type cosignedMonth struct{ Name, Path string }

// mostKeyChanges is how many changes of keys the page lists, the newest.
const mostKeyChanges = 50

func (s *Server) witnesses(v *visit) (page, error) {
	data := witnessesView{Key: newestKey(s.read), Address: s.address(v)}
	var err error
	if data.Watch, err = s.watch(v); err != nil {
		return page{}, fmt.Errorf("read who witnesses: %w", err)
	}
	w, err := s.witnessing(v.r.Context())
	if err != nil {
		return page{}, fmt.Errorf("read who witnesses: %w", err)
	}
	var policy *civic.WitnessPolicy
	s.read.View(func(state *civic.State) {
		policy = state.Witnesses()
		if w != nil {
			data.rows(state, w, v.now.Location())
		}
		data.changes(state)
	})
	if policy != nil {
		data.Declared = entryOf{policy.Position, policy.At.In(v.now.Location())}
	}
	for i := range data.Changes {
		if data.Changes[i].At, err = s.hourOf(v, data.Changes[i].Position); err != nil {
			return page{}, err
		}
	}
	if data.Checkpoint, err = s.newestCheckpoint(v, policy); err != nil {
		return page{}, err
	}
	months, err := s.read.CosignedMonths(v.r.Context())
	if err != nil {
		return page{}, fmt.Errorf("list months of cosigned checkpoints: %w", err)
	}
	for _, month := range slices.Backward(months) {
		data.Months = append(data.Months, cosignedMonth{v.T("web.witnesses.month", "month", v.L.Month(month.Month()), "year", month.Format("2006")), "/log/cosigned/" + month.Format("2006-01")})
	}
	return page{Name: "witnesses", Title: v.T("web.witnesses.title"), Nav: "verify", Data: data}, nil
}

func (data *witnessesView) rows(state *civic.State, w *civic.Witnessing, zone *time.Location) {
	data.Quorum = w.Quorum
	for _, witness := range w.Witnesses {
		row := witnessRow{Names: state.Names(witness.Organisation), Cadence: witness.Cadence, Size: witness.Last.Size, Late: witness.Late,
			Until: witness.Until.In(zone), Key: witness.Key}
		if row.Size > 0 {
			row.At = witness.Last.At.In(zone)
		}
		data.Rows = append(data.Rows, row)
	}
}

// changes lists how keys followed each other, the newest first.
func (data *witnessesView) changes(state *civic.State) {
	positions := state.LogKeyPositions()
	for i, change := range state.LogKeyChanges() {
		data.Changes = append(data.Changes, keyChangeView{Log: true, Old: change.Old, New: change.New, entryOf: entryOf{Position: positions[i]}})
	}
	for _, key := range state.WitnessKeys() {
		if key.Followed != "" {
			data.Changes = append(data.Changes, keyChangeView{Names: state.Names(key.Organisation), Old: key.Key, New: key.Followed, entryOf: entryOf{Position: key.Until}})
		}
	}
	slices.SortFunc(data.Changes, func(a, b keyChangeView) int { return int(b.Position - a.Position) })
	data.Changes = data.Changes[:min(len(data.Changes), mostKeyChanges)]
}

// newestCheckpoint says of the newest published checkpoint who has signed it;
// nil before the first.
func (s *Server) newestCheckpoint(v *visit, policy *civic.WitnessPolicy) (*checkpointView, error) {
	signed, size, err := s.read.Checkpoint(v.r.Context())
	if errors.Is(err, register.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read the checkpoint: %w", err)
	}
	c := &checkpointView{Size: size, Note: string(signed)}
	if c.At, err = s.hourOf(v, size-1); err != nil || policy == nil {
		return c, err
	}
	by, err := s.signedBy(signed, policy)
	if err != nil {
		return nil, fmt.Errorf("open the checkpoint: %w", err)
	}
	var names []act.Names
	var keys []string
	s.read.View(func(state *civic.State) {
		for _, witness := range by {
			names, keys = append(names, state.Names(witness.Organisation)), append(keys, witness.Key)
		}
		switch {
		case state.Witnessed(keys):
			c.State = "enough"
		case state.AlwaysWitnessed():
			c.State = "waited"
		default:
			c.State = "unasked"
		}
	})
	c.By = v.listed(names)
	return c, nil
}

// hourOf is the hour of the act at a position.
func (s *Server) hourOf(v *visit, position int64) (time.Time, error) {
	leaf, err := s.read.Leaf(v.r.Context(), position)
	if err != nil {
		return time.Time{}, fmt.Errorf("read an entry: %w", err)
	}
	header, err := act.DecodeHeader(leaf)
	if err != nil {
		return time.Time{}, fmt.Errorf("read entry %d: %w", position, err)
	}
	return header.At.In(v.now.Location()), nil
}

func verifiersOf(keys []string) (all []note.Verifier, err error) {
	for _, key := range keys {
		verifier, err := translog.NewVerifier(key)
		if err != nil {
			return nil, err
		}
		all = append(all, verifier)
	}
	return all, nil
}
