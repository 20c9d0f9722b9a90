package register

import (
	"context"
	"errors"
	"fmt"
	"time"

	"samleng/internal/store"
)

// Trouble tells why acts cannot be stored now, as far as the last attempt
// showed; nil when nothing is known to be wrong. Unlike a Fault it passes by
// itself when its cause is gone. While there is one, submissions are refused at
// once: nobody waits for what is known not to come.
func (r *Register) Trouble() error {
	if trouble := r.trouble.Load(); trouble != nil {
		return *trouble
	}
	return nil
}

// troubled notes that a transaction failed for the state the store is in. An
// unknown outcome stays one until it is decided.
func (r *Register) troubled(err error) {
	before := r.trouble.Load()
	if before != nil && errors.Is(*before, store.ErrOutcomeUnknown) {
		return
	}
	r.trouble.CompareAndSwap(before, &err)
	select {
	case r.probeNow <- struct{}{}:
	default:
	}
}

// unavailable says of a reading that failed that the database could not be had,
// if that is what it was.
func unavailable(err error) error {
	if errors.Is(err, store.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// failed notes what a failed transaction says about the store.
func (r *Register) failed(ctx context.Context, err error) {
	switch {
	case errors.Is(err, store.ErrDamaged):
		r.setFault(err)
	case errors.Is(err, ErrReadOnly) || ctx.Err() != nil:
	case spoilt(err):
		r.config.Log.Error("the store refused an act; it was not recorded", "error", err)
	case errors.Is(err, store.ErrOutcomeUnknown):
		r.config.Log.Warn("the outcome of a commit is unknown; it counts as neither until the log was read again", "error", err)
		r.troubled(err)
	default:
		r.config.Log.Warn("a transaction failed; nothing of it was recorded", "error", err)
		r.troubled(err)
	}
}

// probe looks, while there is trouble, whether its cause is gone. It is a
// goroutine of its own: a line that swallows everything holds it up for a
// while, and must not hold up the answers of the writer.
func (r *Register) probe(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.probeNow:
		}
		wait := 20 * time.Millisecond
		for trouble := r.trouble.Load(); trouble != nil; trouble = r.trouble.Load() {
			if r.stores(ctx, *trouble) && r.trouble.CompareAndSwap(trouble, nil) {
				r.config.Log.Info("acts can be stored again")
				continue
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
				wait = min(2*wait, time.Second)
			}
		}
	}
}

// stores tries whether the store takes what it is given. After a commit whose
// outcome is unknown it begins anew, so that this is decided before anything
// else is accepted.
func (r *Register) stores(ctx context.Context, trouble error) bool {
	ctx, cancel := context.WithTimeout(ctx, followWait)
	defer cancel()
	if errors.Is(trouble, store.ErrOutcomeUnknown) {
		if err := r.store.Reset(ctx); err != nil {
			return false
		}
	}
	now, err := r.Now().UTC().MarshalText()
	if err != nil {
		return false
	}
	return r.store.Update(ctx, func(records *store.Records) error { return records.PutSetting(probeSetting, now) }) == nil
}

const probeSetting = "probe"

// refuse answers those who wait, and those who come just now, that nothing of
// theirs was recorded.
func (r *Register) refuse(waiting []*submission) {
	for {
		select {
		case s := <-r.submissions:
			waiting = append(waiting, s)
			continue
		default:
		}
		break
	}
	err := ErrUnavailable
	if r.Fault() != nil {
		err = ErrReadOnly
	}
	for _, s := range waiting {
		s.reply <- outcome{err: err}
	}
}
