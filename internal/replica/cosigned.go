package replica

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/audit"
	"samleng/civic"
	"samleng/translog"
)

// CosignedMonths gives the months in which checkpoints were cosigned, as far as
// the copy has them.
func (r *Replica) CosignedMonths(ctx context.Context) ([]time.Time, error) {
	content, err := r.fetch(ctx, audit.MonthsPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return audit.DecodeMonths(content)
}

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
	months, err := r.CosignedMonths(ctx)
	if err != nil {
		return nil, err
	}
	for _, month := range slices.Backward(months) {
		if r.foundAll(newest) {
			break
		}
		notes, err := r.CosignedMonth(ctx, month)
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
