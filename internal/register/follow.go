package register

import (
	"context"
	"fmt"

	"samleng/act"
	"samleng/internal/store"
)

// Follow calls fn with every act from a position on, in order, and then with
// each new one once it is in the fold, until fn returns an error or ctx ends.
// Sections that only the holder or trustees can open are missing. A follower
// keeps its own position; it starts again where it left off.
func (r *Register) Follow(ctx context.Context, from int64, fn func(position int64, a *act.Act) error) error {
	for {
		moved := r.Moved()
		for size := r.Position(); from < size; {
			var failed error
			err := r.store.Scan(ctx, from, size, func(stored store.Stored) error {
				a, err := r.decode(stored)
				if err == nil {
					err = fn(stored.Position, a)
				}
				failed = err
				if err == nil {
					from = stored.Position + 1
				}
				return err
			})
			if failed != nil {
				return failed
			}
			if err != nil {
				return fmt.Errorf("follow the log from %d: %w", from, err)
			}
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
