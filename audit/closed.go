package audit

import (
	"context"

	"samleng/act"
	"samleng/civic"
)

// serve remembers a section that is served and that the rules do not leave open
// yet: an act that comes later may open it, as one that publishes opens the words
// of a view. A sealed one nothing opens.
func (a *auditor) serve(h *act.Header, name string, position int64) {
	ref := civic.SectionRef{Act: h.ID, Name: name}
	if audience, err := act.AudienceOf(h.Kind, name); err == nil && audience == act.Sealed {
		a.lasting(Finding{Check: CheckClosed, Position: position, Kind: string(h.Kind), Section: name})
		return
	}
	if a.config.API != nil && a.halted == "" && !a.state.MayRead(civic.Actor{}, ref) {
		a.early = append(a.early, lacking{ref, position})
	}
}

// checkClosed finds sections that are served although the rules keep them from the
// public at the newest checkpoint. Only a site that stands at it can be held to
// that: a copy in a folder may have been made while one was being opened.
func (a *auditor) checkClosed(ctx context.Context) error {
	kept := a.early[:0:0]
	for _, e := range a.early {
		if _, erased := a.state.ErasedSection(e.ref.Act, e.ref.Name); erased || a.state.MayRead(civic.Actor{}, e.ref) {
			continue // open by now, or told of elsewhere
		}
		open, err := a.sections.of(ctx, e.position)
		if err != nil {
			return err
		}
		if hasSection(open, e.ref.Name) {
			kept = append(kept, e)
			a.lasting(Finding{Check: CheckClosed, Position: e.position, Section: e.ref.Name})
		}
	}
	a.early = kept
	return nil
}
