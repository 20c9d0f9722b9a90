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
	var waiting []*submission
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
		for gathering := true; gathering && len(waiting) < 4*mostInBatch; {
			select {
			case s := <-r.submissions:
				waiting = append(waiting, s)
			default:
				gathering = false
			}
		}
		if r.Trouble() != nil || ctx.Err() != nil {
			// Whoever waits behind a transaction that failed hears so at once
			// rather than after a failure of their own.
			r.refuse(waiting)
			waiting = nil
			continue
		}
		var batch []*submission
		batch, waiting = choose(waiting)
		r.append(ctx, batch)
	}
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
