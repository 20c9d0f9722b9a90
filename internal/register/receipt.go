package register

import (
	"context"
	"errors"
	"fmt"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
	"samleng/translog"
)

// ReceiptFile makes the receipt of an act as a file: its header, the openings
// of those of its sections that who may have, and the proof that it is in the
// log. It is pending (no proof) until a checkpoint takes the act in.
func (r *Register) ReceiptFile(ctx context.Context, who civic.Actor, id act.ID) (*translog.Receipt, error) {
	s := r.store
	stored, err := s.ActByID(ctx, store.ID(id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, ErrNotFound
	} else if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	h, err := act.DecodeHeader(stored.Header)
	if err != nil {
		return nil, fmt.Errorf("read act %s: %w", id, err)
	}
	receipt := &translog.Receipt{Header: stored.Header, Index: stored.Position}
	for _, kept := range stored.Sections {
		ref := civic.SectionRef{Act: id, Name: kept.Name}
		var may bool
		r.View(func(state *civic.State) { may = state.MayRead(who, ref) || who.Holds == id && !id.IsZero() })
		if !may {
			continue
		}
		digest, _ := h.Section(kept.Name)
		section, err := r.sealer.Open(kept.Name, digest, kept.Salt, kept.Bytes)
		if errors.Is(err, act.ErrSealed) {
			continue
		} else if err != nil {
			return nil, err
		}
		receipt.Openings = append(receipt.Openings, section)
	}
	checkpoint := r.published.Load()
	if checkpoint == nil || checkpoint.Size <= stored.Position {
		return receipt, nil
	}
	receipt.Inclusion, err = translog.ProveInclusion(stored.Position, checkpoint.Size, s.HashReader(ctx))
	if err != nil {
		return nil, fmt.Errorf("prove act %s: %w", id, unavailable(err))
	}
	receipt.Checkpoint = checkpoint.Note
	return receipt, nil
}
