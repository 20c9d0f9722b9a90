package register

import (
	"context"
	"errors"
	"fmt"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
)

// append brings one batch into the log and the fold, and answers.
func (r *Register) append(ctx context.Context, batch []*submission) {
	outcomes := make([]outcome, len(batch))
	var chosen []int
	err := r.store.Load().Append(ctx, func(tx *store.Tx) error {
		chosen = chosen[:0]
		if err := r.followTx(tx); err != nil {
			return err
		}
		if err := r.decide(tx, batch, outcomes, &chosen); err != nil {
			return err
		}
		return r.insert(tx, batch, chosen, outcomes)
	})
	if err != nil {
		answer := err
		if !errors.Is(err, ErrReadOnly) {
			answer = fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		for _, s := range batch {
			s.reply <- outcome{err: answer}
		}
		r.failed(ctx, err)
		return
	}
	if len(chosen) > 0 {
		r.mu.Lock()
		for _, i := range chosen {
			if err := r.state.Apply(batch[i].act); err != nil {
				r.mu.Unlock()
				r.setFault(err)
				r.mu.Lock()
				break
			}
		}
		r.position.Store(r.state.Position())
		r.mu.Unlock()
		r.newMoved()
		r.stats.batches.Add(1)
		r.stats.acts.Add(int64(len(chosen)))
	}
	for i, s := range batch {
		if outcomes[i].err != nil {
			r.stats.rejected.Add(1)
		}
		s.reply <- outcomes[i]
	}
}

// decide says of each submission whether it came before (by its token), is
// refused, or is chosen to be appended.
func (r *Register) decide(tx *store.Tx, batch []*submission, outcomes []outcome, chosen *[]int) error {
	var keys [][32]byte
	for _, s := range batch {
		if s.token != nil {
			keys = append(keys, s.token.Key)
		}
	}
	known, err := tx.Tokens(keys)
	if err != nil {
		return err
	}
	at := r.config.Now().UTC().Truncate(time.Hour)
	if last := r.state.At(); at.Before(last) {
		at = last
	}
	for i, s := range batch {
		outcomes[i] = outcome{}
		if s.token != nil {
			if before, has := known[s.token.Key]; has {
				if outcomes[i], err = r.replayed(tx, s, before); err != nil {
					return err
				}
				continue
			}
		}
		if s.ctx.Err() != nil {
			outcomes[i].err = fmt.Errorf("%w: %w", ErrUnavailable, s.ctx.Err())
			continue
		}
		_, release := s.draft.Facts.(*act.ReleasePublished)
		if release {
			s.draft = releaseDraft(r.state, s.draft.Of)
		}
		if release || !s.act.At.Equal(at) {
			if outcomes[i].err = r.prepare(s, at); outcomes[i].err != nil {
				continue
			}
		}
		if outcomes[i].err = r.state.Check(s.who, s.act); outcomes[i].err == nil {
			*chosen = append(*chosen, i)
		}
	}
	return nil
}

func (r *Register) replayed(tx *store.Tx, s *submission, before store.Token) (outcome, error) {
	if before.Fingerprint != s.token.Fingerprint {
		return outcome{err: ErrTokenConflict}, nil
	}
	position, err := tx.Position(before.Act)
	if err != nil {
		return outcome{}, err
	}
	return outcome{position: position, id: act.ID(before.Act), at: r.atOf(act.ID(before.Act), s), replayed: true}, nil
}

// atOf is the hour of an act of before; only views need it on their receipt.
func (r *Register) atOf(id act.ID, s *submission) time.Time {
	if v := r.state.Statement(id); v != nil {
		return v.At
	}
	return s.act.At
}

func (r *Register) insert(tx *store.Tx, batch []*submission, chosen []int, outcomes []outcome) error {
	if len(chosen) == 0 {
		return nil
	}
	entries := make([]store.Entry, len(chosen))
	for n, i := range chosen {
		s := batch[i]
		entries[n] = s.entry
		outcomes[i] = outcome{position: tx.Size() + int64(n), id: s.act.ID, at: s.act.At}
	}
	if err := tx.Append(entries); err != nil {
		return err
	}
	for _, i := range chosen {
		erased, is := batch[i].act.Facts.(*act.SectionErased)
		if !is {
			continue
		}
		if err := tx.EraseSection(store.ID(batch[i].act.Of), erased.Section); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		r.texts.forget(civic.SectionRef{Act: batch[i].act.Of, Name: erased.Section})
	}
	return nil
}
