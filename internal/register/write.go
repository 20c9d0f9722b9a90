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

// mostInBatch is the most acts in one transaction.
const mostInBatch = 512

// poll is how often a register that is not asked anything looks whether other
// processes appended.
const poll = 500 * time.Millisecond

// write is the only goroutine that appends and the only one that changes the
// state. It gathers what waits into one transaction after the other.
func (r *Register) write(ctx context.Context) {
	var waiting, batch []*submission
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	defer func() {
		for _, s := range waiting {
			s.reply <- outcome{err: ErrUnavailable}
		}
	}()
	for {
		if len(waiting) == 0 {
			select {
			case <-ctx.Done():
				return
			case s := <-r.submissions:
				waiting = append(waiting, s)
			case <-r.catchUp:
				r.follow(ctx)
				continue
			case <-ticker.C:
				r.follow(ctx)
				continue
			}
		}
		waiting = r.gather(waiting, len(batch))
		batch, waiting = choose(waiting)
		r.append(ctx, batch)
		if ctx.Err() != nil {
			return
		}
	}
}

// linger is how long the writer waits for a batch to fill up under load: as
// many as had their turn together the last time are likely to come again. It is
// far less than a transaction takes, and each one saved is processor time.
const linger = time.Millisecond

// gather adds what has come in to what waits. last is the size of the batch
// before; a register with one client at a time never lingers.
func (r *Register) gather(waiting []*submission, last int) []*submission {
	var limit <-chan time.Time
	for len(waiting) < 4*mostInBatch {
		select {
		case s := <-r.submissions:
			waiting = append(waiting, s)
			continue
		default:
		}
		if len(waiting) >= last {
			break
		}
		if limit == nil {
			limit = time.After(linger)
		}
		select {
		case s := <-r.submissions:
			waiting = append(waiting, s)
		case <-limit:
			return waiting
		}
	}
	return waiting
}

// choose takes from what waits, in order, the submissions that do not conflict
// with one chosen before: none writes what another reads or writes. Then
// checking each against the committed state is exact. The rest waits.
func choose(waiting []*submission) (batch, rest []*submission) {
	type use struct{ read, written bool }
	used := make(map[civic.Key]use, 4*len(waiting))
	tokens := map[[32]byte]bool{}
	for _, s := range waiting {
		conflict := len(batch) == mostInBatch || s.token != nil && tokens[s.token.Key]
		for _, key := range s.keys.Writes {
			u := used[key]
			conflict = conflict || u.read || u.written
		}
		for _, key := range s.keys.Reads {
			conflict = conflict || used[key].written
		}
		// What has to wait keeps its turn: nobody who comes after it may take
		// what it needs, or it could wait for ever.
		for _, key := range s.keys.Writes {
			u := used[key]
			u.written = true
			used[key] = u
		}
		for _, key := range s.keys.Reads {
			u := used[key]
			u.read = true
			used[key] = u
		}
		if s.token != nil {
			tokens[s.token.Key] = true
		}
		if conflict {
			rest = append(rest, s)
		} else {
			batch = append(batch, s)
		}
	}
	return batch, rest
}

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

// followTx applies what other processes appended, before anything is checked.
func (r *Register) followTx(tx *store.Tx) error {
	if r.Fault() != nil {
		return ErrReadOnly
	}
	size, position := tx.Size(), r.Position()
	if size == position {
		return nil
	}
	if size < position {
		err := fmt.Errorf("%w: the log has %d acts, and had %d", civic.ErrDamaged, size, position)
		r.setFault(err)
		return ErrReadOnly
	}
	for stored, err := range tx.Acts(position) {
		if err != nil {
			return err
		}
		if err := r.applyStored(stored); err != nil {
			r.setFault(err)
			return ErrReadOnly
		}
	}
	r.newMoved()
	return nil
}

// applyStored applies one act that is in the log already.
func (r *Register) applyStored(stored store.Stored) error {
	a, err := r.decode(stored)
	if err != nil {
		return err
	}
	if erased, is := a.Facts.(*act.SectionErased); is {
		r.texts.forget(civic.SectionRef{Act: a.Of, Name: erased.Section})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.state.Apply(a); err != nil {
		return fmt.Errorf("act at %d: %w", stored.Position, err)
	}
	r.position.Store(r.state.Position())
	return nil
}

// follow applies what other processes appended, outside a transaction.
func (r *Register) follow(ctx context.Context) {
	if r.Fault() != nil {
		return
	}
	s := r.store.Load()
	size, err := s.Size(ctx)
	if err != nil || size == r.Position() {
		return // not to be had now: the next look or submission will tell
	}
	if size < r.Position() {
		r.setFault(fmt.Errorf("%w: the log has %d acts, and had %d", civic.ErrDamaged, size, r.Position()))
		return
	}
	var fault error
	err = s.Scan(ctx, r.Position(), size, func(stored store.Stored) error {
		fault = r.applyStored(stored)
		return fault
	})
	if fault != nil {
		r.setFault(fault)
	} else if err != nil && ctx.Err() == nil {
		r.config.Log.Warn("the log's new acts could not be read; they will be read again", "error", err)
	}
	r.newMoved()
}

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
