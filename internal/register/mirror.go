package register

import (
	"context"
	"fmt"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
	"samleng/translog"
)

// Mirror is a published copy of the log that has what the backup lacks.
type Mirror struct {
	// Fetch gets a file below the log's address (translog.Fetch).
	Fetch translog.Fetch
	// Sections gives the open sections of the act at a position.
	Sections func(ctx context.Context, position int64) ([]act.Section, error)
}

// mirror appends what the log had after the backup, once it is shown that the
// backup's acts are the beginning of the mirror's log.
func (w *restoring) mirror() error {
	signed, err := w.options.Mirror.Fetch(w.ctx, "checkpoint")
	if err != nil {
		return err
	}
	newest, err := translog.Open(signed, w.head.Origin, w.verifiers...)
	if err != nil {
		return err
	}
	w.checkpoints = append(w.checkpoints, known{newest.Checkpoint, signed})
	reader, err := translog.NewReader(w.ctx, newest.Checkpoint, w.options.Mirror.Fetch)
	if err != nil {
		return err
	}
	size := w.tree.Size()
	if newest.Size < size {
		return fmt.Errorf("%w: the mirror's log has %d acts, the backup %d", civic.ErrDamaged, newest.Size, size)
	}
	root, err := translog.Root(size, reader)
	if err != nil {
		return err
	}
	if root != w.tree.Root() {
		return fmt.Errorf("%w: the mirror's log does not begin with the backup's", civic.ErrDamaged)
	}
	position := size
	for header, err := range reader.Entries(size) {
		if err != nil {
			return err
		}
		if err := w.mirrored(header, position); err != nil {
			return err
		}
		position++
	}
	return w.flush()
}

func (w *restoring) mirrored(header []byte, position int64) error {
	h, err := act.DecodeHeader(header)
	if err != nil {
		return err
	}
	entry := store.Entry{ID: store.ID(h.ID), Header: header}
	var open []act.Section
	if len(h.Sections) > 0 && w.options.Mirror.Sections != nil {
		if open, err = w.options.Mirror.Sections(w.ctx, position); err != nil {
			return err
		}
	}
	for _, want := range h.Sections {
		found := false
		for _, section := range open {
			if section.Name == want.Name && section.Digest() == want.Digest {
				entry.Sections = append(entry.Sections, store.Section{Name: section.Name, Salt: section.Salt[:], Bytes: section.Content})
				found = true
			}
		}
		if !found {
			w.lost = append(w.lost, civic.SectionRef{Act: h.ID, Name: want.Name})
		}
	}
	w.result.FromMirror++
	if err := w.names(h.ID, entry.Sections); err != nil {
		return err
	}
	erased, is := h.Facts.(*act.SectionErased)
	if !is {
		return w.add(entry)
	}
	// An erasure that came after the backup is carried out again.
	if err := w.flush(); err != nil {
		return err
	}
	gone := civic.SectionRef{Act: h.Of, Name: erased.Section}
	w.lost = remove(w.lost, gone)
	err = w.store.Append(w.ctx, func(tx *store.Tx) error {
		if err := tx.Append([]store.Entry{entry}); err != nil {
			return err
		}
		if err := eraseTx(tx, gone.Act, gone.Name); err != nil {
			return err
		}
		return noteScrub(tx)
	})
	return err
}

func remove(refs []civic.SectionRef, gone civic.SectionRef) []civic.SectionRef {
	kept := refs[:0]
	for _, ref := range refs {
		if ref != gone {
			kept = append(kept, ref)
		}
	}
	return kept
}
