package register

import (
	"context"
	"errors"
	"fmt"
	"time"

	"samleng/act"
	"samleng/internal/store"
)

// appendWait bounds one transaction, the wait for the head's lock included: a
// line that swallows everything must not hold up whoever waits for an answer.
const appendWait = 15 * time.Second

// append brings one batch into the log and the fold, and answers.
func (r *Register) append(ctx context.Context, batch []*submission) {
	outcomes := make([]outcome, len(batch))
	chosen, err := r.transact(ctx, batch, outcomes)
	switch {
	case err == nil:
	case spoilt(err) && len(batch) > 1:
		// The store refused something in the batch for what it is. Nobody
		// shall suffer for somebody else's act.
		for i := range batch {
			if r.Trouble() != nil {
				r.refuse(batch[i:])
				return
			}
			r.append(ctx, batch[i:i+1])
		}
		return
	default:
		r.answerFailed(batch, chosen, outcomes, err)
		r.failed(ctx, err)
		return
	}
	if len(chosen) > 0 {
		r.apply(batch, chosen)
	}
	for i, s := range batch {
		if outcomes[i].err != nil {
			r.stats.rejected.Add(1)
		}
		s.reply <- outcomes[i]
	}
}

// transact runs one batch's transaction. Chosen are the submissions whose acts
// it wrote; the others' outcomes rest on what was in the log before.
func (r *Register) transact(ctx context.Context, batch []*submission, outcomes []outcome) (chosen []int, err error) {
	ctx, cancel := context.WithTimeout(ctx, appendWait)
	defer cancel()
	err = r.store.Append(ctx, func(tx *store.Tx) error {
		if err := r.followTx(tx); err != nil {
			return err
		}
		if err := r.decide(tx, batch, outcomes, &chosen); err != nil {
			return err
		}
		return r.insert(tx, batch, chosen, outcomes)
	})
	return chosen, err
}

// spoilt says whether a transaction failed for what was in it, not for the
// state that the store is in.
func spoilt(err error) bool {
	for _, other := range []error{
		ErrReadOnly, store.ErrUnavailable, store.ErrOutcomeUnknown, store.ErrDamaged, context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, other) {
			return false
		}
	}
	return true
}

// answerFailed tells everybody in a batch what its failed transaction means
// for them.
func (r *Register) answerFailed(batch []*submission, chosen []int, outcomes []outcome, err error) {
	if errors.Is(err, store.ErrOutcomeUnknown) {
		for _, i := range chosen {
			outcomes[i] = outcome{err: fmt.Errorf("%w: %w", ErrUnknown, err)}
		}
	} else {
		if !errors.Is(err, ErrReadOnly) && !spoilt(err) {
			err = fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		for i := range outcomes {
			outcomes[i] = outcome{err: err}
		}
	}
	for i, s := range batch {
		s.reply <- outcomes[i]
	}
}

// apply moves the fold on by what was appended.
func (r *Register) apply(batch []*submission, chosen []int) {
	r.mu.Lock()
	var fault error
	for _, i := range chosen {
		if fault = r.state.Apply(batch[i].act); fault != nil {
			break
		}
	}
	r.position.Store(r.state.Position())
	r.mu.Unlock()
	if fault != nil {
		r.setFault(fault)
	}
	for _, i := range chosen {
		r.forget(batch[i].act)
	}
	r.newMoved()
	r.stats.batches.Add(1)
	r.stats.acts.Add(int64(len(chosen)))
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
		if !s.claim(taken) {
			outcomes[i].err = ErrUnavailable // nobody listens any more
			continue
		}
		if s.token != nil {
			if before, has := known[s.token.Key]; has {
				if outcomes[i], err = r.replayed(tx, s, before); err != nil {
					return err
				}
				continue
			}
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
	due := false
	for _, i := range chosen {
		erased, is := batch[i].act.Facts.(*act.SectionErased)
		if !is {
			continue
		}
		if err := eraseTx(tx, batch[i].act.Of, erased.Section); err != nil {
			return err
		}
		due = true
	}
	if !due {
		return nil
	}
	return noteScrub(tx)
}
