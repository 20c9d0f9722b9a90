package register

import (
	"context"
	"errors"
	"time"

	"samleng/internal/store"
)

// failed sees to the store after a transaction that did not end well. One
// whose outcome is unknown counts as neither: the database is opened anew, and
// what is there is read before anything else is accepted.
func (r *Register) failed(ctx context.Context, err error) {
	if errors.Is(err, store.ErrDamaged) {
		r.setFault(err)
	}
	if !errors.Is(err, store.ErrOutcomeUnknown) {
		if !errors.Is(err, ErrReadOnly) && ctx.Err() == nil {
			r.config.Log.Warn("a transaction failed; nothing of it was recorded", "error", err)
		}
		return
	}
	r.config.Log.Warn("the outcome of a commit is unknown; the database is opened anew", "error", err)
	old := r.store.Load()
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		fresh, err := store.Open(ctx, r.config.Store)
		if err == nil {
			r.store.Store(fresh)
			old.Close()
			r.follow(ctx)
			return
		}
		// Whoever submits meanwhile hears so at once rather than wait.
		r.refuseWaiting()
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

func (r *Register) refuseWaiting() {
	for {
		select {
		case s := <-r.submissions:
			s.reply <- outcome{err: ErrUnavailable}
		default:
			return
		}
	}
}
