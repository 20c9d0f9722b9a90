package register

import (
	"context"
	"fmt"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
	"samleng/translog"
)

// Tile gives what a tile of hashes or a bundle of entries of the published log
// holds. ErrNotFound beyond the newest published checkpoint: what is behind it
// was promised to nobody yet. Partial tiles are given of every width, for what
// they hold never changes.
func (r *Register) Tile(ctx context.Context, t translog.Tile) ([]byte, error) {
	_, size, err := r.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	if !t.In(size) {
		return nil, ErrNotFound
	}
	if t.Level != translog.EntriesLevel {
		data, err := translog.ReadTile(t, r.store.HashReader(ctx))
		return data, unavailable(err)
	}
	entries := make([][]byte, 0, t.Width)
	err = r.store.Scan(ctx, t.First(), t.First()+int64(t.Width), func(stored store.Stored) error {
		entries = append(entries, stored.Header)
		return nil
	})
	if err != nil {
		return nil, unavailable(err)
	}
	if len(entries) != t.Width {
		return nil, fmt.Errorf("%w: %d acts for %s", civic.ErrDamaged, len(entries), t.Path())
	}
	return translog.EncodeBundle(entries)
}

// OpenSections calls fn with the sections that everybody may read now of each
// published act at positions from, from+1 … below to, in order. Acts without
// any are left out.
func (r *Register) OpenSections(ctx context.Context, from, to int64, fn func(position int64, open []act.Section) error) error {
	_, size, err := r.Checkpoint(ctx)
	if err != nil {
		return err
	}
	if from >= size {
		return ErrNotFound
	}
	return unavailable(r.store.Scan(ctx, from, min(to, size), func(stored store.Stored) error {
		var open []act.Section
		r.View(func(s *civic.State) {
			for _, kept := range stored.Sections {
				if len(kept.Salt) == len(act.Salt{}) && s.MayRead(civic.Actor{}, civic.SectionRef{Act: act.ID(stored.ID), Name: kept.Name}) {
					open = append(open, act.Section{Name: kept.Name, Salt: act.Salt(kept.Salt), Content: kept.Bytes})
				}
			}
		})
		if len(open) == 0 {
			return nil
		}
		return fn(stored.Position, open)
	}))
}

// Lag is the number of acts in the log that the fold has not taken in yet:
// those that other processes have just appended.
func (r *Register) Lag(ctx context.Context) (int64, error) {
	size, err := r.store.Size(ctx)
	return max(0, size-r.Position()), unavailable(err)
}
