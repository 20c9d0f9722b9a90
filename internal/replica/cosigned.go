package replica

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/audit"
	"samleng/civic"
	"samleng/translog"
)

// monthsBack is how far back a witness's newest signature is looked for.
const monthsBack = 24

// CosignedMonth gives the checkpoints that were cosigned in a month, as the copy
// has them; none where it has no file of that month.
func (r *Replica) CosignedMonth(ctx context.Context, month time.Time) ([][]byte, error) {
	content, err := r.fetch(ctx, audit.CosignedPath(month))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return audit.DecodeCosigned(content)
}

// CosignedMonths lists the months (UTC, their first moments) of which the copy
// has cosigned checkpoints, oldest first.
func (r *Replica) CosignedMonths(ctx context.Context) ([]time.Time, error) {
	entries, err := os.ReadDir(filepath.Join(r.dir, "cosigned"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var months []time.Time
	for _, entry := range entries { // by name, which is by time
		month, err := time.Parse("2006-01", entry.Name())
		if err != nil {
			continue // a file that is being written, or none of ours
		}
		notes, err := r.CosignedMonth(ctx, month)
		if err != nil {
			return nil, err
		}
		if len(notes) > 0 {
			months = append(months, month)
		}
	}
	return months, nil
}

// Cosigned gives the newest cosignature that the copy has of each key in force,
// and of former ones where it comes across them: it reads month after month back
// until every key in force is found.
func (r *Replica) Cosigned(ctx context.Context) ([]civic.Cosigned, error) {
	verifiers, err := r.verifiers()
	if err != nil {
		return nil, err
	}
	var newest []civic.Cosigned
	take := func(signed []byte) {
		opened, err := translog.Open(signed, r.Origin(), verifiers...)
		if err != nil {
			return // the audit has told
		}
		for _, c := range opened.Cosignatures {
			found := civic.Cosigned{Key: c.Key(), At: c.Time, Size: opened.Size}
			if i := slices.IndexFunc(newest, func(other civic.Cosigned) bool { return other.Key == found.Key }); i < 0 {
				newest = append(newest, found)
			} else if newest[i].At.Before(found.At) {
				newest[i] = found
			}
		}
	}
	take(r.signed)
	now := r.now().UTC()
	for back := range monthsBack {
		if r.foundAll(newest) {
			break
		}
		notes, err := r.CosignedMonth(ctx, time.Date(now.Year(), now.Month()-time.Month(back), 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			return nil, err
		}
		for _, signed := range notes {
			take(signed)
		}
	}
	return newest, nil
}

// foundAll reports whether there is a cosignature of every key in force.
func (r *Replica) foundAll(found []civic.Cosigned) bool {
	policy := r.state.Witnesses()
	if policy == nil {
		return true
	}
	for _, witness := range policy.Witnesses {
		short, err := translog.KeyName(witness.Key)
		if err == nil && !slices.ContainsFunc(found, func(c civic.Cosigned) bool { return c.Key == short }) {
			return false
		}
	}
	return true
}

// verifiers are those of every key that the log has had and of every witness.
func (r *Replica) verifiers() (all []note.Verifier, err error) {
	keys := r.VerifierKeys()
	for _, witness := range r.state.WitnessKeys() {
		if !slices.Contains(keys, witness.Key) {
			keys = append(keys, witness.Key)
		}
	}
	for _, key := range keys {
		v, err := translog.NewVerifier(key)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}
