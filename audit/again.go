package audit

import (
	"context"
	"fmt"

	"samleng/act"
	"samleng/civic"
	"samleng/translog"
)

// bundlesAgain is how many old bundles of sections a later run reads again. It
// bounds what a run costs whatever the register's size; of a million acts every
// section is read again in 245 runs.
const bundlesAgain = 16

// readAgain reads in turn some of the bundles that earlier runs read, and gives
// the sections in them that the rules leave open and that are not served. A
// section can be altered, withheld or served again at any time, and no act says
// that it was: only looking again finds it.
func (a *auditor) readAgain(ctx context.Context) (gone []lacking, err error) {
	if a.old == 0 {
		return nil, nil
	}
	reader, err := translog.NewReader(ctx, a.newest, a.fetch)
	if err != nil {
		return nil, err
	}
	for range min(bundlesAgain, a.old) {
		missing, err := a.bundleAgain(ctx, reader, a.again%a.old)
		if err != nil {
			return nil, err
		}
		gone = append(gone, missing...)
		a.again = (a.again + 1) % a.old
	}
	return gone, nil
}

// bundleAgain holds what is served of a bundle's sections to the digests, and to
// what the rules leave open now.
func (a *auditor) bundleAgain(ctx context.Context, reader *translog.Reader, index int64) (gone []lacking, err error) {
	served, err := ReadSections(ctx, a.fetch, index)
	if err != nil {
		return nil, err
	}
	for b, err := range reader.Bundles(index * translog.TileWidth) {
		if err != nil {
			return nil, err
		}
		for i, entry := range b.Entries {
			h, err := act.DecodeHeader(entry)
			if err != nil {
				return nil, err // it was decoded before: acts are replayed up to here
			}
			position := b.First + int64(i)
			gone = append(gone, a.sectionsAgain(h, position, served[position])...)
		}
		break
	}
	return gone, nil
}

// sectionsAgain looks at the sections of one act.
func (a *auditor) sectionsAgain(h *act.Header, position int64, served []act.Section) (gone []lacking) {
	for _, s := range served {
		if want, has := h.Section(s.Name); !has || s.Digest() != want {
			a.lasting(Finding{Check: CheckSection, Position: position, Kind: string(h.Kind), Section: s.Name})
		}
	}
	for _, wanted := range h.Sections {
		ref := civic.SectionRef{Act: h.ID, Name: wanted.Name}
		switch _, erased := a.state.ErasedSection(ref.Act, ref.Name); {
		case !hasSection(served, ref.Name):
			if a.state.MayRead(civic.Actor{}, ref) {
				gone = append(gone, lacking{ref, position})
			}
		case !erased:
			a.serve(h, ref.Name, position)
		default:
			a.lasting(Finding{Check: CheckErased, Position: position, Section: ref.Name, Log: fmt.Sprint(a.erasedBy(ref))})
		}
	}
	return gone
}

// lasting records what stays wrong whatever is served later: it was.
func (a *auditor) lasting(f Finding) {
	a.report.found(f)
	a.kept.found(f)
}

// erasedBy is the place of the act that erased a section.
func (a *auditor) erasedBy(ref civic.SectionRef) int64 {
	for _, e := range a.erased {
		if e.ref == ref {
			return e.position
		}
	}
	return NoPosition
}
