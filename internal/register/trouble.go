package register

import (
	"context"
	"errors"
	"time"

	"samleng/internal/store"
)

// Trouble tells why acts cannot be stored now, as far as the last attempt
// showed; nil when it succeeded. Unlike a Fault it passes by itself when its
// cause is gone.
func (r *Register) Trouble() error {
	if trouble := r.trouble.Load(); trouble != nil {
		return *trouble
	}
	return nil
}

func (r *Register) troubled(err error) {
	if err == nil {
		if r.trouble.Swap(nil) != nil {
			r.config.Log.Info("acts are stored again")
		}
		return
	}
	r.trouble.Store(&err)
}

// failed notes what a failed transaction says about the store.
func (r *Register) failed(ctx context.Context, err error) {
	switch {
	case errors.Is(err, store.ErrDamaged):
		r.setFault(err)
	case errors.Is(err, ErrReadOnly) || ctx.Err() != nil:
	case errors.Is(err, store.ErrOutcomeUnknown):
		r.undecided = true
		r.troubled(err)
		r.config.Log.Warn("the outcome of a commit is unknown; it counts as neither until the log was read again", "error", err)
	case spoilt(err):
		r.config.Log.Error("the store refused an act; it was not recorded", "error", err)
	default:
		r.troubled(err)
		r.config.Log.Warn("a transaction failed; nothing of it was recorded", "error", err)
	}
}

// recover sees to the store after a commit whose outcome is unknown: it counts
// as neither until the store has begun anew and what is in the log was read.
// Whoever submits meanwhile hears at once that nothing can be stored now.
func (r *Register) recover(ctx context.Context) {
	for wait := 50 * time.Millisecond; r.undecided; wait = min(2*wait, 2*time.Second) {
		short, cancel := context.WithTimeout(ctx, appendWait)
		err := r.store.Reset(short)
		cancel()
		r.refuse(nil)
		if err == nil {
			r.undecided = false
			r.troubled(nil)
			r.follow(ctx)
			return
		}
		select {
		case <-ctx.Done():
			return
		case s := <-r.submissions:
			r.refuse([]*submission{s})
		case <-time.After(wait):
		}
	}
}

// probe looks whether acts can be stored again, when the last attempt failed
// and nobody submits anything that would show it.
func (r *Register) probe(ctx context.Context) {
	if r.Trouble() == nil || r.Fault() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, followWait)
	defer cancel()
	now, err := r.Now().UTC().MarshalText()
	if err == nil {
		err = r.store.Update(ctx, func(records *store.Records) error { return records.PutSetting(probeSetting, now) })
	}
	if err == nil {
		r.troubled(nil)
	}
}

const probeSetting = "probe"

// refuse answers those who wait, and those who come just now, that nothing of
// theirs was recorded.
func (r *Register) refuse(waiting []*submission) []*submission {
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
	return nil
}
