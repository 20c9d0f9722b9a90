package main

import (
	"context"
	"fmt"
	"strconv"

	"samleng/act"
	"samleng/audit"
	"samleng/internal/register"
	"samleng/translog"
)

// mirrorAt reads a published log, with its open sections, over HTTP or from a
// folder.
func mirrorAt(where string) *register.Mirror {
	fetch := audit.Folder(where)
	if isAddress(where) {
		fetch = audit.Site{Base: where}.Fetch
	}
	sections := &bundleOfSections{fetch: fetch, index: -1}
	return &register.Mirror{Fetch: fetch, Sections: sections.of}
}

// bundleOfSections reads the open sections of 256 acts at a time, as they are
// published under sections/N. One that is not there is an error: words that a copy
// has somewhere else must not be given up for lost.
type bundleOfSections struct {
	fetch translog.Fetch
	index int64
	open  map[int64][]act.Section
}

func (b *bundleOfSections) of(ctx context.Context, position int64) ([]act.Section, error) {
	if index := position / translog.TileWidth; index != b.index {
		content, err := b.fetch(ctx, "sections/"+strconv.FormatInt(index, 10))
		if err != nil {
			return nil, err
		}
		if b.open, err = audit.DecodeSections(content); err != nil {
			return nil, fmt.Errorf("sections/%d: %w", index, err)
		}
		b.index = index
	}
	return b.open[position], nil
}
