package register

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
	"samleng/translog"
)

// folded are the sections that the fold reads; others stay on disk.
var folded = map[string]bool{"names": true, "source": true, "ballot": true, "self": true, "reasons": true}

// decode reads an act as it is stored, with the sections that the fold needs
// and the server can open.
func (r *Register) decode(stored store.Stored) (*act.Act, error) {
	h, err := act.DecodeHeader(stored.Header)
	if err != nil {
		return nil, fmt.Errorf("act at %d: %w", stored.Position, err)
	}
	a := &act.Act{Header: h, Leaf: stored.Header}
	for _, kept := range stored.Sections {
		if !folded[kept.Name] {
			continue
		}
		digest, has := h.Section(kept.Name)
		if !has {
			return nil, fmt.Errorf("%w: the act at %d has no section %s", civic.ErrDamaged, stored.Position, kept.Name)
		}
		section, err := r.sealer.Open(kept.Name, digest, kept.Salt, kept.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%w: section %s of the act at %d: %w", civic.ErrDamaged, kept.Name, stored.Position, err)
		}
		if section.Digest() != digest {
			return nil, fmt.Errorf("%w: section %s of the act at %d does not fit its digest", civic.ErrDamaged, kept.Name, stored.Position)
		}
		a.Sections = append(a.Sections, section)
	}
	return a, nil
}

// replayChunk is how many acts one worker reads at a time.
const replayChunk = 4096

// chunk is a stretch of the log, decoded.
type chunk struct {
	acts   []*act.Act
	leaves []translog.Hash
	err    error
}

// replay reads the log and applies it. Decoding is most of the work and needs
// no order, so stretches are decoded by as many workers as there are
// processors and applied in turn. The tree is computed anew on the way: a
// header that was altered in the database is found here.
func (r *Register) replay(ctx context.Context) error {
	s := r.store
	if _, err := s.Check(ctx); err != nil {
		return err
	}
	size, err := s.Size(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := max(2, runtime.GOMAXPROCS(0))
	next := make(chan (chan chunk), workers) // in the order of the log
	go r.readChunks(ctx, s, size, next)
	var tree translog.Frontier
	for results := range next {
		decoded := <-results
		if decoded.err != nil {
			return decoded.err
		}
		r.mu.Lock()
		for i, a := range decoded.acts {
			if err = r.state.Apply(a); err != nil {
				err = fmt.Errorf("act at %d: %w", r.state.Position(), err)
				break
			}
			if err = tree.Append(decoded.leaves[i]); err != nil {
				break
			}
		}
		r.position.Store(r.state.Position())
		r.mu.Unlock()
		if err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	root, err := s.Root(ctx, size)
	if err != nil {
		return err
	}
	if tree.Size() != size || tree.Root() != root {
		return fmt.Errorf("%w: the log's headers do not give the root of its tree", civic.ErrDamaged)
	}
	return nil
}

// readChunks hands out the stretches of the log, a bounded number at a time,
// and sends where each will come in their order.
func (r *Register) readChunks(ctx context.Context, s *store.Store, size int64, next chan<- chan chunk) {
	defer close(next)
	for from := int64(0); from < size; from += replayChunk {
		results := make(chan chunk, 1)
		select {
		case next <- results:
		case <-ctx.Done():
			return
		}
		go func() { results <- r.readChunk(ctx, s, from, min(from+replayChunk, size)) }()
	}
}

func (r *Register) readChunk(ctx context.Context, s *store.Store, from, to int64) chunk {
	c := chunk{acts: make([]*act.Act, 0, to-from), leaves: make([]translog.Hash, 0, to-from)}
	c.err = s.Scan(ctx, from, to, func(stored store.Stored) error {
		a, err := r.decode(stored)
		if err != nil {
			return err
		}
		c.acts = append(c.acts, a)
		c.leaves = append(c.leaves, translog.LeafHash(stored.Header))
		return nil
	})
	if c.err == nil && int64(len(c.acts)) != to-from {
		c.err = errors.New("register: the log is shorter than it was")
	}
	return c
}
