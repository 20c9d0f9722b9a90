package register

import (
	"context"
	"time"

	"samleng/civic"
)

// mostInBatch is the most acts in one transaction.
const mostInBatch = 512

// poll is how often a register that is not asked anything looks whether other
// processes appended.
const poll = 500 * time.Millisecond

// write is the only goroutine that appends and the only one that changes the
// state. It gathers what waits into one transaction after the other. When it
// ends, everybody who waits is answered.
func (r *Register) write(ctx context.Context) {
	defer close(r.closed)
	var waiting, batch []*submission
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
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
		if r.Trouble() != nil || ctx.Err() != nil {
			// Whoever waits behind a transaction that failed hears so at once
			// rather than after a failure of their own.
			r.refuse(waiting)
			waiting, batch = nil, nil
			continue
		}
		batch, waiting = choose(waiting)
		r.append(ctx, batch)
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
