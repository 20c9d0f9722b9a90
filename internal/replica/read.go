package replica

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"

	"samleng/act"
	"samleng/audit"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/translog"
)

// entry is an act of the copy, verified: its leaf against the checkpoint, its
// open sections against the digests in its header.
type entry struct {
	position int64
	leaf     []byte
	header   *act.Header
	open     []act.Section
}

func (e *entry) act() *act.Act { return &act.Act{Header: e.header, Leaf: e.leaf, Sections: e.open} }

// entries gives the acts from a position on, in order. It ends after the first
// error.
func (r *Replica) entries(ctx context.Context, from int64) iter.Seq2[*entry, error] {
	return func(yield func(*entry, error) bool) {
		reader, err := translog.NewReader(ctx, r.at, r.fetch)
		if err != nil {
			yield(nil, err)
			return
		}
		position, open := from, map[int64][]act.Section(nil)
		for leaf, err := range reader.Entries(from) {
			if err == nil && (position == from || position%translog.TileWidth == 0) {
				open, err = audit.ReadSections(ctx, r.fetch, position/translog.TileWidth)
			}
			var e *entry
			if err == nil {
				e, err = verified(position, slices.Clone(leaf), open[position])
			}
			if !yield(e, err) || err != nil {
				return
			}
			position++
		}
	}
}

// verified makes an entry of a verified leaf, and holds sections to its header.
func verified(position int64, leaf []byte, open []act.Section) (*entry, error) {
	h, err := act.DecodeHeader(leaf)
	if err != nil {
		return nil, fmt.Errorf("act at %d: %w", position, err)
	}
	for _, section := range open {
		if want, has := h.Section(section.Name); !has || section.Digest() != want {
			return nil, fmt.Errorf("%w: section %s of the act at %d does not fit its digest", civic.ErrDamaged, section.Name, position)
		}
	}
	return &entry{position, leaf, h, open}, nil
}

// entry gives the act at a position; register.ErrNotFound beyond the copy's end.
func (r *Replica) entry(ctx context.Context, position int64) (*entry, error) {
	if position < 0 || position >= r.at.Size {
		return nil, register.ErrNotFound
	}
	b, err := r.bundle(ctx, position/translog.TileWidth)
	if err != nil {
		return nil, err
	}
	return b.entries[position%translog.TileWidth], nil
}

// bundle gives the acts of one bundle, from memory where they were read lately.
func (r *Replica) bundle(ctx context.Context, index int64) (*bundle, error) {
	if b := r.bundles.get(index); b != nil {
		return b, nil
	}
	b, first := &bundle{}, index*translog.TileWidth
	last := min(first+translog.TileWidth, r.at.Size)
	for e, err := range r.entries(ctx, first) {
		if err != nil {
			return nil, err
		}
		b.add(e)
		if e.position == last-1 {
			break
		}
	}
	r.bundles.put(index, b)
	return b, nil
}

// Locate gives the place in the log of an act; register.ErrNotFound if the copy
// has no such act.
func (r *Replica) Locate(_ context.Context, id act.ID) (int64, error) {
	i, found := slices.BinarySearchFunc(r.places, id, func(p place, id act.ID) int { return bytes.Compare(p.id[:], id[:]) })
	if !found {
		return 0, register.ErrNotFound
	}
	return r.places[i].position, nil
}

// Leaf gives the header at a place in the log, byte for byte.
func (r *Replica) Leaf(ctx context.Context, position int64) ([]byte, error) {
	e, err := r.entry(ctx, position)
	if err != nil {
		return nil, err
	}
	return e.leaf, nil
}

// Content decodes a section that everybody may read into its body: nobody can
// show a copy that they may read more, and a copy has no more. The error is
// register.ErrNotFound for another, register.ErrErased for one that was erased.
func (r *Replica) Content(ctx context.Context, _ civic.Actor, ref civic.SectionRef, into any) error {
	if _, erased := r.state.ErasedSection(ref.Act, ref.Name); erased {
		return register.ErrErased
	}
	if !r.state.MayRead(civic.Actor{}, ref) {
		return register.ErrNotFound
	}
	position, err := r.Locate(ctx, ref.Act)
	if err != nil {
		return err
	}
	e, err := r.entry(ctx, position)
	if err != nil {
		return err
	}
	for _, section := range e.open {
		if section.Name != ref.Name {
			continue
		}
		if err := json.Unmarshal(section.Content, into); err != nil {
			return fmt.Errorf("read section %s of act %s: %w", ref.Name, ref.Act, err)
		}
		return nil
	}
	return register.ErrNotFound
}

// Text gives the words of a section of words that everybody may read.
func (r *Replica) Text(ctx context.Context, who civic.Actor, id act.ID, name string) (string, error) {
	var text act.Text
	err := r.Content(ctx, who, civic.SectionRef{Act: id, Name: name}, &text)
	return text.Text, err
}

// Evidence calls fn with each act whose evidence everybody may read, in the
// order of the log.
func (r *Replica) Evidence(ctx context.Context, fn func(act.ID, act.Evidence) error) error {
	for _, ref := range r.evidence {
		var evidence act.Evidence
		err := r.Content(ctx, civic.Actor{}, ref, &evidence)
		if errors.Is(err, register.ErrNotFound) || errors.Is(err, register.ErrErased) {
			continue
		}
		if err == nil {
			err = fn(ref.Act, evidence)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
