package register

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
	"samleng/translog"
)

// witnessWait is how long a checkpoint waits for enough witnesses.
const witnessWait = 10 * time.Minute

// witnessSkew is how far a witness's clock may be from what the log says.
const witnessSkew = 30 * time.Minute

// Errors of cosignatures that are handed in.
var (
	// ErrCosignatures: no key that is in force has signed, or the note cannot be
	// read.
	ErrCosignatures = errors.New("register: no cosignature of a declared witness")
	// ErrNotSigned: the checkpoint is none of this log's.
	ErrNotSigned = errors.New("register: this log signed no such checkpoint")
	// ErrWitnessClock: the moment of a cosignature cannot be: before the acts it
	// is about, in the future, or when the log had already grown.
	ErrWitnessClock = errors.New("register: the moment of a cosignature cannot be")
)

// waiting is since when the newest signed checkpoint waits for its witnesses. It
// is kept in memory: a process that starts waits anew.
type waiting struct {
	mu    sync.Mutex
	size  int64
	since time.Time
}

// waits reports whether checkpoints wait for witnesses at all: only where those
// that are always on are enough for the policy.
func (r *Register) waits() (worth bool) {
	r.View(func(s *civic.State) { worth = s.AlwaysWitnessed() })
	return worth
}

// mayPublish reports whether a signed checkpoint may be published: enough
// witnesses have signed it, or those that are always on would not be enough, or
// it has waited long enough. keys are those that have signed it.
func (r *Register) mayPublish(size int64, keys []string) bool {
	var witnessed bool
	r.View(func(s *civic.State) { witnessed = s.Witnessed(keys) })
	if witnessed || !r.waits() {
		return true
	}
	wait := r.config.WitnessWait
	if wait == 0 {
		wait = witnessWait
	}
	w := &r.waiting
	w.mu.Lock()
	defer w.mu.Unlock()
	now := r.config.Now()
	if w.size != size {
		w.size, w.since = size, now
	}
	return now.Sub(w.since) >= wait
}

// publishReady publishes the newest signed checkpoint if it may be, and shows
// what other processes have added to the published one.
func (r *Register) publishReady(ctx context.Context) error {
	records := r.store.Records(ctx)
	latest, has, err := records.LatestCheckpoint()
	if err != nil || !has {
		return err
	}
	published := r.published.Load()
	if published != nil && published.Size >= latest.Size {
		stored, _, err := records.CheckpointBySize(published.Size)
		if err != nil {
			return err
		}
		return r.show(&stored, records)
	}
	cosignatures, err := r.cosignaturesOf(latest.Size, records)
	if err != nil {
		return err
	}
	var keys []string
	known := r.witnessKeys()
	for _, c := range cosignatures {
		if at := slices.IndexFunc(known, func(k civic.WitnessKey) bool { return shortOf(k.Key) == c.Key() }); at >= 0 {
			keys = append(keys, known[at].Key)
		}
	}
	if published != nil && !r.mayPublish(latest.Size, keys) {
		return nil
	}
	return r.pin(ctx)
}

func (r *Register) witnessKeys() (keys []civic.WitnessKey) {
	r.View(func(s *civic.State) { keys = s.WitnessKeys() })
	return keys
}

// shortOf is the short form of a verifier key that the rules have accepted.
func shortOf(vkey string) string {
	short, _ := translog.KeyName(vkey)
	return short
}

// cosignaturesOf gives the cosignatures that are stored of a checkpoint, each
// key's newest.
func (r *Register) cosignaturesOf(size int64, records *store.Records) ([]translog.Cosignature, error) {
	stored, err := records.CosignaturesOf(size)
	if err != nil {
		return nil, err
	}
	var newest []translog.Cosignature
	for _, c := range slices.Backward(stored) {
		if !slices.ContainsFunc(newest, func(other translog.Cosignature) bool { return other.Key() == c.Key }) {
			newest = append(newest, cosignature(c))
		}
	}
	slices.Reverse(newest)
	return newest, nil
}

func cosignature(c store.Cosignature) translog.Cosignature {
	name, hash, _ := strings.Cut(c.Key, "+")
	var keyHash uint32
	fmt.Sscanf(hash, "%08x", &keyHash)
	return translog.Cosignature{Name: name, KeyHash: keyHash, Time: time.Unix(c.At, 0).UTC(), Base64: c.Signature}
}

// Newest gives the newest signed checkpoint, published or waiting for its
// witnesses, as a note with the log's own signatures; ErrNotFound before the
// first.
func (r *Register) Newest(ctx context.Context) (signed []byte, size int64, err error) {
	latest, has, err := r.store.LatestCheckpoint(ctx)
	if err != nil {
		return nil, 0, unavailable(err)
	}
	if !has {
		return nil, 0, ErrNotFound
	}
	return latest.Note, latest.Size, nil
}

// ProveConsistency gives the proof that the log's first older acts are the
// beginning of its first newer ones.
func (r *Register) ProveConsistency(ctx context.Context, older, newer int64) ([]translog.Hash, error) {
	proof, err := translog.ProveConsistency(older, newer, r.store.HashReader(ctx))
	return proof, unavailable(err)
}

// Cosigned gives each key's newest cosignature.
func (r *Register) Cosigned(ctx context.Context) ([]civic.Cosigned, error) {
	stored, err := r.store.Records(ctx).LatestCosignatures()
	if err != nil {
		return nil, unavailable(err)
	}
	newest := make([]civic.Cosigned, len(stored))
	for i, c := range stored {
		newest[i] = civic.Cosigned{Key: c.Key, At: time.Unix(c.At, 0).UTC(), Size: c.Size}
	}
	return newest, nil
}

// CosignedMonths lists the months (UTC, their first moments) in which checkpoints
// were cosigned, oldest first.
func (r *Register) CosignedMonths(ctx context.Context) ([]time.Time, error) {
	days, err := r.store.Records(ctx).CosignatureDays()
	if err != nil {
		return nil, unavailable(err)
	}
	var months []time.Time
	for _, day := range days {
		at := time.Unix(day*24*60*60, 0).UTC()
		month := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
		if len(months) == 0 || !months[len(months)-1].Equal(month) {
			months = append(months, month)
		}
	}
	return months, nil
}

// CosignedMonth gives the checkpoints that were cosigned in a month (2026-11,
// UTC), as signed notes with the cosignatures of that month, by size. It is what
// an auditor holds the acts' hours to.
func (r *Register) CosignedMonth(ctx context.Context, month time.Time) ([][]byte, error) {
	records := r.store.Records(ctx)
	stored, err := records.CosignaturesBetween(month.Unix(), month.AddDate(0, 1, 0).Unix())
	if err != nil {
		return nil, unavailable(err)
	}
	slices.SortStableFunc(stored, func(a, b store.Cosignature) int { return int(a.Size - b.Size) })
	notes := [][]byte{}
	for len(stored) > 0 {
		n := slices.IndexFunc(stored, func(c store.Cosignature) bool { return c.Size != stored[0].Size })
		if n < 0 {
			n = len(stored)
		}
		checkpoint, has, err := records.CheckpointBySize(stored[0].Size)
		if err != nil {
			return nil, unavailable(err)
		}
		if has {
			var lines []translog.Cosignature
			for _, c := range stored[:n] {
				lines = append(lines, cosignature(c))
			}
			signed, err := addLines(checkpoint.Note, lines)
			if err != nil {
				return nil, err
			}
			notes = append(notes, signed...)
		}
		stored = stored[n:]
	}
	return notes, nil
}

// addLines puts cosignatures under a checkpoint. A note has one signature of a
// key; of a key that signed twice the first makes a note of its own.
func addLines(signed []byte, lines []translog.Cosignature) ([][]byte, error) {
	var notes [][]byte
	for len(lines) > 0 {
		var now, later []translog.Cosignature
		for _, c := range lines {
			if slices.ContainsFunc(now, func(other translog.Cosignature) bool { return other.Key() == c.Key() }) {
				later = append(later, c)
			} else {
				now = append(now, c)
			}
		}
		out, err := translog.AddCosignatures(signed, now...)
		if err != nil {
			return nil, err
		}
		notes, lines = append(notes, out), later
	}
	return notes, nil
}

// AddCosignatures takes the cosignatures on a checkpoint of this log, each by a
// key in force, and gives how many were new. They prove themselves, so that
// anybody may hand them in. What waited for them is published.
func (r *Register) AddCosignatures(ctx context.Context, signed []byte) (added int, err error) {
	if r.Fault() != nil || r.config.Store.ReadOnly {
		return 0, ErrReadOnly
	}
	opened, err := r.openCosigned(signed)
	if err != nil {
		return 0, err
	}
	stored, has, err := r.store.CheckpointBySize(ctx, opened.Size)
	if err != nil {
		return 0, unavailable(err)
	}
	if !has || stored.Root != opened.Root {
		return 0, ErrNotSigned
	}
	if err := r.checkMoments(ctx, opened); err != nil {
		return 0, err
	}
	var keep int64
	if published := r.published.Load(); published != nil {
		keep = published.Size
	}
	err = r.store.Update(ctx, func(records *store.Records) error {
		added = 0
		for _, c := range opened.Cosignatures {
			fresh, err := records.SaveCosignature(store.Cosignature{Key: c.Key(), At: c.Time.Unix(), Size: opened.Size, Signature: c.Base64}, keep)
			if err != nil {
				return err
			}
			if fresh {
				added++
			}
		}
		return nil
	})
	if err != nil {
		return 0, unavailable(err)
	}
	return added, r.publishReady(ctx)
}

// openCosigned verifies a checkpoint by the log's keys and those of the
// witnesses in force.
func (r *Register) openCosigned(signed []byte) (translog.Signed, error) {
	verifiers, err := r.logVerifiers()
	if err != nil {
		return translog.Signed{}, err
	}
	var policy *civic.WitnessPolicy
	r.View(func(s *civic.State) { policy = s.Witnesses() })
	if policy == nil {
		return translog.Signed{}, ErrCosignatures
	}
	verifiers = append(verifiers, verifiersOf(policy.Witnesses)...)
	opened, err := translog.Open(signed, r.Origin(), verifiers...)
	if err != nil {
		return opened, fmt.Errorf("%w: %w", ErrCosignatures, err)
	}
	if len(opened.Cosignatures) == 0 {
		return opened, ErrCosignatures
	}
	return opened, nil
}

func verifiersOf(witnesses []act.Witness) (all []note.Verifier) {
	for _, w := range witnesses {
		if v, err := translog.NewVerifier(w.Key); err == nil {
			all = append(all, v)
		}
	}
	return all
}

// checkMoments refuses cosignatures of a moment that an auditor would find
// wrong: before the last act they are about, or long after the next one came.
func (r *Register) checkMoments(ctx context.Context, c translog.Signed) error {
	earliest, latest := time.Time{}, r.config.Now().Add(witnessSkew)
	if c.Size > 0 {
		at, err := r.hourOf(ctx, c.Size-1)
		if err != nil {
			return err
		}
		earliest = at.Add(-witnessSkew)
	}
	if next, err := r.hourOf(ctx, c.Size); err == nil {
		if until := next.Add(time.Hour + witnessSkew); until.Before(latest) {
			latest = until
		}
	} else if !errors.Is(err, ErrNotFound) {
		return err
	}
	for _, signed := range c.Cosignatures {
		if signed.Time.Before(earliest) || signed.Time.After(latest) {
			return fmt.Errorf("%w: %s by %s", ErrWitnessClock, signed.Time.Format(time.RFC3339), signed.Name)
		}
	}
	return nil
}

// hourOf is the hour of the act at a position.
func (r *Register) hourOf(ctx context.Context, position int64) (time.Time, error) {
	leaf, err := r.Leaf(ctx, position)
	if err != nil {
		return time.Time{}, err
	}
	h, err := act.DecodeHeader(leaf)
	if err != nil {
		return time.Time{}, err
	}
	return h.At, nil
}
