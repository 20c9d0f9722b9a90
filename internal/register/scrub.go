package register

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
)

// An erasure deletes a section in the transaction of its act. The bytes leave
// the database's files a little later, when Scrub has run; a reader of an older
// view can be in the way for minutes, and the process may be killed between the
// two. So the act's transaction also notes that a scrub is due, and whichever
// process has the register open sees to it until it is done.
const scrubSetting = "scrub-due"

const (
	scrubEvery = 30 * time.Second
	// scrubWait is how long one try waits for readers. Whoever erases waits as
	// long at most: what is left after that goes without them.
	scrubWait = 2 * time.Second
)

// noteScrub notes, in the transaction of an erasure, that a scrub is due.
func noteScrub(tx *store.Tx) error {
	return tx.PutSetting(scrubSetting, binary.BigEndian.AppendUint64(nil, uint64(tx.Size())))
}

// scrub sees to what is due, at once and then whenever somebody erased.
func (r *Register) scrub(ctx context.Context) {
	for {
		wait := scrubEvery
		if err := r.scrubDue(ctx); err != nil && ctx.Err() == nil {
			r.config.Log.Warn("the bytes of what was erased may still be in the database's files; it will be tried again", "error", err)
			wait = scrubWait
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		case <-r.erased:
			timer.Stop()
		}
	}
}

// forget drops what an erasure deleted from memory, once the fold knows of it
// (a reader that is at it looks at the fold after it has put something there),
// and has the bytes scrubbed.
func (r *Register) forget(a *act.Act) {
	erased, is := a.Facts.(*act.SectionErased)
	if !is {
		return
	}
	r.texts.forget(civic.SectionRef{Act: a.Of, Name: erased.Section})
	select {
	case r.erased <- struct{}{}:
	default:
	}
}

// scrubDue scrubs if that is due.
func (r *Register) scrubDue(ctx context.Context) error {
	if r.Fault() != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, scrubWait)
	defer cancel()
	due, is, err := r.store.Records(ctx).Setting(scrubSetting)
	if err != nil || !is {
		return err
	}
	if err := r.store.Scrub(ctx); err != nil {
		return err
	}
	// One that came due meanwhile stays due.
	return r.store.Update(ctx, func(records *store.Records) error {
		now, is, err := records.Setting(scrubSetting)
		if err != nil || !is || !bytes.Equal(now, due) {
			return err
		}
		return records.DeleteSetting(scrubSetting)
	})
}

// ScrubDue reports whether the bytes of something erased may still be in the
// database's files.
func (r *Register) ScrubDue(ctx context.Context) (bool, error) {
	_, is, err := r.store.Records(ctx).Setting(scrubSetting)
	return is, err
}

// scrubNow is scrubDue for whoever has just erased. That readers are in the way
// is no failure of the erasure.
func (r *Register) scrubNow(ctx context.Context) error {
	err := r.scrubDue(ctx)
	if errors.Is(err, store.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		r.config.Log.Warn("the bytes of what was erased may still be in the database's files; it will be tried again", "error", err)
		return nil
	}
	return err
}
