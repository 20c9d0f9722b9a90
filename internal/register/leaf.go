package register

import (
	"context"
	"errors"
	"fmt"

	"samleng/internal/store"
)

// Leaf gives the header at a place in the log, byte for byte: the leaf of the
// tree. The error is ErrNotFound beyond the log's end.
func (r *Register) Leaf(ctx context.Context, position int64) ([]byte, error) {
	if position < 0 || position >= r.Position() {
		return nil, ErrNotFound
	}
	stored, err := r.store.Act(ctx, position)
	if errors.Is(err, store.ErrNotFound) {
		return nil, ErrNotFound
	} else if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return stored.Header, nil
}
