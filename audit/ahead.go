package audit

import (
	"context"

	"samleng/act"
	"samleng/translog"
)

// stretch is a run of at most 256 entries, verified and decoded: all that can be
// done with it before the acts that stand before it are applied.
type stretch struct {
	translog.Bundle
	headers []*act.Header // nil where invalid says why
	invalid []error
	open    map[int64][]act.Section
	err     error // what ended the reading; then there is nothing else
}

// aheadOf bounds the stretches that are read before their turn. The memory they
// take is what a server sends: of a register some 200 kB each, at worst some
// hundred MB.
const aheadOf = 2

// ahead reads and decodes the log from where the tree ends to the reader's
// checkpoint, on another processor than the one that replays. It ends after the
// first error, or with the context.
func (a *auditor) ahead(ctx context.Context, reader *translog.Reader) <-chan stretch {
	read := make(chan stretch, aheadOf)
	from := a.tree.Size()
	go func() {
		defer close(read)
		for b, err := range reader.Bundles(from) {
			s := stretch{err: err}
			if err == nil {
				s = a.prepare(ctx, b)
			}
			select {
			case read <- s:
			case <-ctx.Done():
				return
			}
			if s.err != nil {
				return
			}
		}
	}()
	return read
}

// prepare decodes entries, and reads the open sections of their acts if any of
// them can have some.
func (a *auditor) prepare(ctx context.Context, b translog.Bundle) stretch {
	s := stretch{Bundle: b, headers: make([]*act.Header, len(b.Entries)), invalid: make([]error, len(b.Entries))}
	sections := false
	for i, entry := range b.Entries {
		s.headers[i], s.invalid[i] = act.DecodeHeader(entry)
		sections = sections || s.invalid[i] == nil && len(s.headers[i].Sections) > 0
	}
	if sections {
		s.open, s.err = ReadSections(ctx, a.fetch, b.First/translog.TileWidth)
	}
	return s
}
