package register

import (
	"context"
	"fmt"
	"time"

	"samleng/civic"
	"samleng/internal/store"
)

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
	r.mu.Lock()
	err = r.state.Apply(a)
	r.position.Store(r.state.Position())
	r.mu.Unlock()
	if err != nil {
		return fmt.Errorf("act at %d: %w", stored.Position, err)
	}
	r.forget(a)
	return nil
}

// followWait bounds one look at what other processes appended; what was read
// until then stays, and the next look goes on from there.
const followWait = 5 * time.Second

// follow applies what other processes appended, outside a transaction.
func (r *Register) follow(ctx context.Context) {
	if r.Fault() != nil || r.Trouble() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, followWait)
	defer cancel()
	size, err := r.store.Size(ctx)
	if err != nil || size == r.Position() {
		return // not to be had now: the next look or submission will tell
	}
	if size < r.Position() {
		r.setFault(fmt.Errorf("%w: the log has %d acts, and had %d", civic.ErrDamaged, size, r.Position()))
		return
	}
	var fault error
	err = r.store.Scan(ctx, r.Position(), size, func(stored store.Stored) error {
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
