package replica

import (
	"context"
	"fmt"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/translog"
)

// Tile gives what a tile of hashes or a bundle of entries holds, of every width
// and verified; register.ErrNotFound beyond the checkpoint.
func (r *Replica) Tile(ctx context.Context, t translog.Tile) ([]byte, error) {
	if !t.In(r.at.Size) {
		return nil, register.ErrNotFound
	}
	if t.Level != translog.EntriesLevel {
		reader, err := translog.NewReader(ctx, r.at, r.fetch)
		if err != nil {
			return nil, err
		}
		return translog.ReadTile(t, reader)
	}
	b, err := r.bundle(ctx, t.Index)
	if err != nil {
		return nil, err
	}
	leaves := make([][]byte, t.Width)
	for i := range leaves {
		leaves[i] = b.entries[i].leaf
	}
	return translog.EncodeBundle(leaves)
}

// OpenSections calls fn with the sections that everybody may read of each act at
// positions from, from+1 … below to, in order. Acts without any are left out.
func (r *Replica) OpenSections(ctx context.Context, from, to int64, fn func(position int64, open []act.Section) error) error {
	if from >= r.at.Size {
		return register.ErrNotFound
	}
	for position := from; position < min(to, r.at.Size); position++ {
		e, err := r.entry(ctx, position)
		if err != nil {
			return err
		}
		open := r.readable(e)
		if len(open) == 0 {
			continue
		}
		if err := fn(position, open); err != nil {
			return err
		}
	}
	return nil
}

// readable gives those sections of an act that everybody may read.
func (r *Replica) readable(e *entry) (open []act.Section) {
	for _, section := range e.open {
		if r.state.MayRead(civic.Actor{}, civic.SectionRef{Act: e.header.ID, Name: section.Name}) {
			open = append(open, section)
		}
	}
	return open
}

// ReceiptFile makes the receipt of an act with what is public of it.
func (r *Replica) ReceiptFile(ctx context.Context, _ civic.Actor, id act.ID) (*translog.Receipt, error) {
	position, err := r.Locate(ctx, id)
	if err != nil {
		return nil, err
	}
	e, err := r.entry(ctx, position)
	if err != nil {
		return nil, err
	}
	receipt := &translog.Receipt{Header: e.leaf, Index: position, Openings: r.readable(e), Checkpoint: r.signed}
	reader, err := translog.NewReader(ctx, r.at, r.fetch)
	if err != nil {
		return nil, err
	}
	if receipt.Inclusion, err = translog.ProveInclusion(position, r.at.Size, reader); err != nil {
		return nil, fmt.Errorf("prove act %s: %w", id, err)
	}
	return receipt, nil
}
