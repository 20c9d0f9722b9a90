// Package replica is a register as its published copy gives it: the public
// state folded from a verified folder, for reading only.
//
// The folder is what a register publishes below /log/: the checkpoint, the key,
// tiles of hashes, bundles of entries, and the sections that are open. Memory
// holds the state and where each act stands; words stay on disk behind a small
// cache, and each is held to its digest again when it is read, so that a folder
// that changes beneath a replica gives an error and never other words.
package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"samleng/act"
	"samleng/audit"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/translog"
)

// Config says which copy is opened, and what is known of it already.
type Config struct {
	// Dir is the folder with the copy's files, named as they are below /log/.
	Dir string
	// Origin, Keys and Seen are what the audit is told: see audit.Config.
	Origin string
	Keys   []string
	Seen   []translog.Checkpoint
	// Now is the clock; time.Now if nil.
	Now func() time.Time
	// Progress is told now and then how many acts of how many are verified; nil
	// for nobody.
	Progress func(done, total int64)
}

// ErrUnverified is returned for a copy that does not verify. What is wrong with
// it stands in the audit's report.
var ErrUnverified = errors.New("replica: the copy does not verify")

// Replica is an open copy. Its state never changes; only its fault may. It is
// safe for concurrent use.
type Replica struct {
	fetch    translog.Fetch
	dir      string // where fetch reads
	at       translog.Checkpoint
	signed   []byte
	key      string
	now      func() time.Time
	state    *civic.State
	places   []place // by id
	evidence []civic.SectionRef
	bundles  bundles
	past     register.Past
	fault    atomic.Pointer[error]
}

// place is where an act stands in the log.
type place struct {
	id       act.ID
	position int64
}

// Open audits a copy and folds it. The report is the audit's, also beside
// ErrUnverified; any other error means that the copy could not be read.
func Open(ctx context.Context, config Config) (*Replica, audit.Report, error) {
	r := &Replica{fetch: audit.Folder(config.Dir), dir: config.Dir, now: config.Now}
	if r.now == nil {
		r.now = time.Now
	}
	report, err := audit.Run(ctx, audit.Config{
		Fetch: r.fetch, Origin: config.Origin, Keys: config.Keys, Seen: config.Seen, Now: r.now, Progress: config.Progress,
		Tries: 1, // a folder does not get better by asking again
	})
	if err != nil {
		return nil, report, err
	}
	if report.Outcome != audit.Verified {
		return nil, report, ErrUnverified
	}
	r.at = translog.Checkpoint{Origin: report.Origin, Size: report.Size, Root: report.Root}
	r.signed, r.past.Fold, r.bundles.limit = report.Signed, r.foldUntil, bundleBytes
	if r.key, err = keyOf(report.Keys); err != nil {
		return nil, report, err
	}
	if content, err := r.fetch(ctx, "key"); err == nil && strings.TrimSpace(string(content)) != r.key {
		return nil, report, fmt.Errorf("%w: the key in its folder is not the one that its checkpoint is signed with", ErrUnverified)
	}
	if err := r.load(ctx); err != nil {
		return nil, report, fmt.Errorf("read the copy again after it was verified: %w", err)
	}
	return r, report, nil
}

// keyOf gives the log's key among those of the log and of witnesses.
func keyOf(keys []string) (string, error) {
	for _, key := range keys {
		v, err := translog.NewVerifier(key)
		if err != nil {
			return "", err
		}
		if !translog.IsCosigner(v) {
			return key, nil
		}
	}
	return "", errors.New("replica: no key of the log")
}

// load folds the copy and notes where each act stands.
func (r *Replica) load(ctx context.Context) error {
	r.places = make([]place, 0, r.at.Size)
	r.state = civic.New()
	for e, err := range r.entries(ctx, 0) {
		if err != nil {
			return err
		}
		if err := r.state.Apply(e.act()); err != nil {
			return fmt.Errorf("act at %d: %w", e.position, err)
		}
		r.places = append(r.places, place{e.header.ID, e.position})
		if _, has := e.header.Section("evidence"); has {
			r.evidence = append(r.evidence, civic.SectionRef{Act: e.header.ID, Name: "evidence"})
		}
	}
	slices.SortFunc(r.places, func(a, b place) int { return bytes.Compare(a.id[:], b.id[:]) })
	return nil
}

// foldUntil gives the state after the acts of hours before a moment.
func (r *Replica) foldUntil(ctx context.Context, end time.Time) (*civic.State, error) {
	state := civic.New()
	for e, err := range r.entries(ctx, 0) {
		if err != nil {
			return nil, err
		}
		if !e.header.At.Before(end) {
			break
		}
		if err := state.Apply(e.act()); err != nil {
			return nil, fmt.Errorf("act at %d: %w", e.position, err)
		}
	}
	return state, nil
}

// View calls fn with the state. fn copies what it needs.
func (r *Replica) View(fn func(*civic.State)) { fn(r.state) }

// PastDay gives the last second of a day that has passed, as the register does:
// of a day after the last act too, for clocks ran on.
func (r *Replica) PastDay(day string) (time.Time, error) {
	return register.LastSecond(r.state, r.Now(), day)
}

// PastView calls fn with the state at the end of a day that has passed. The
// errors are those of register.PastView.
func (r *Replica) PastView(ctx context.Context, day string, fn func(*civic.State)) error {
	last, err := r.PastDay(day)
	if err != nil {
		return err
	}
	return r.past.View(ctx, day, last, fn)
}

// Position is the number of acts in the state: all that the checkpoint covers.
func (r *Replica) Position() int64 { return r.at.Size }

// Wait returns at once: a position that is not there will not come.
func (r *Replica) Wait(_ context.Context, position int64) error {
	if position > r.at.Size {
		return register.ErrUnavailable
	}
	return nil
}

// Checkpoint gives the copy's signed checkpoint and its size.
func (r *Replica) Checkpoint(context.Context) ([]byte, int64, error) {
	if r.at.Size == 0 {
		return nil, 0, register.ErrNotFound
	}
	return r.signed, r.at.Size, nil
}

// At is the verified checkpoint.
func (r *Replica) At() translog.Checkpoint { return r.at }

// VerifierKeys are the log's public keys there have been, oldest first.
func (r *Replica) VerifierKeys() []string {
	changes := r.state.LogKeyChanges()
	if len(changes) == 0 {
		return []string{r.key}
	}
	keys := []string{changes[0].Old}
	for _, c := range changes {
		keys = append(keys, c.New)
	}
	return keys
}

// Origin names the log in its checkpoints.
func (r *Replica) Origin() string { return r.at.Origin }

// Now is the clock.
func (r *Replica) Now() time.Time { return r.now() }

// Fault tells why a newer copy in the folder is not shown; nil where there is
// none.
func (r *Replica) Fault() error {
	if fault := r.fault.Load(); fault != nil {
		return *fault
	}
	return nil
}

// Outdated says that what came into the folder since does not verify, so that
// this state is shown on.
func (r *Replica) Outdated(why error) { r.fault.Store(&why) }
