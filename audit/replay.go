package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/translog"
)

// told is how many acts pass between two reports of progress.
const told = 1024

// read goes on from where it was to the newest checkpoint: every leaf, every
// section, every act.
func (a *auditor) read(ctx context.Context) error {
	reader, err := translog.NewReader(ctx, a.newest, a.fetch)
	if err != nil {
		return err
	}
	// Sections are opened and withheld as time goes by: what is at hand is old.
	a.sections.index = -1
	if err := a.compareSeen(); err != nil {
		return err
	}
	for entry, err := range reader.Entries(a.tree.Size()) {
		if err != nil {
			return err
		}
		position := a.tree.Size()
		if err := a.tree.Append(translog.LeafHash(entry)); err != nil {
			return err
		}
		a.report.Leaves = a.tree.Size()
		if err := a.compareSeen(); err != nil {
			return err
		}
		if err := a.act(ctx, position, entry); err != nil {
			return err
		}
		if position%told == 0 {
			a.config.Progress(position, a.newest.Size)
		}
	}
	a.config.Progress(a.tree.Size(), a.newest.Size)
	if root := a.tree.Root(); root != a.newest.Root {
		return a.stop(Finding{Check: CheckTree, Position: a.newest.Size, Log: root.String(), Site: a.newest.Root.String()})
	}
	return nil
}

// compareSeen holds the tree as far as it is read to the checkpoints seen before
// that are of this size.
func (a *auditor) compareSeen() error {
	for ; a.compared < len(a.seen) && a.seen[a.compared].Size <= a.tree.Size(); a.compared++ {
		before := a.seen[a.compared]
		if before.Size != a.tree.Size() {
			continue
		}
		a.report.Seen++
		if root := a.tree.Root(); root != before.Root {
			return a.stop(Finding{Check: CheckFork, Position: before.Size, Log: before.Root.String(), Site: root.String()})
		}
	}
	return nil
}

// act takes one act in: its sections, whether it may happen, what it changes.
func (a *auditor) act(ctx context.Context, position int64, leaf []byte) error {
	header, err := act.DecodeHeader(bytes.Clone(leaf))
	if errors.Is(err, act.ErrUnknown) {
		a.unknown(position, err)
		return nil
	}
	if err != nil {
		a.halt(Finding{Check: CheckHeader, Position: position, Detail: err.Error()})
		return nil
	}
	opened, err := a.open(ctx, position, header)
	if err != nil {
		return err
	}
	if !a.replaying {
		return nil
	}
	if limit := a.config.Now().Add(skew); header.At.After(limit) {
		a.report.found(Finding{Check: CheckTime, Position: position, Kind: string(header.Kind), Site: header.At.UTC().Format(time.RFC3339),
			Log: limit.UTC().Format(time.RFC3339)})
	}
	if adopted, is := header.Facts.(*act.RulesAdopted); is && adopted.Version > civic.RulesVersion {
		a.unknown(position, fmt.Errorf("rules version %d; this program knows up to %d", adopted.Version, civic.RulesVersion))
		return nil
	}
	a.replay(position, &act.Act{Header: header, Leaf: leaf, Sections: opened})
	return nil
}

// replay asks the rules whether the act may happen, and moves the state on.
func (a *auditor) replay(position int64, next *act.Act) {
	err := a.state.CheckPublic(next.Header)
	if errors.Is(err, act.ErrUnknown) {
		a.unknown(position, err)
		return
	}
	f := Finding{Check: CheckForbidden, Position: position, Kind: string(next.Kind)}
	if refusal, is := errors.AsType[*civic.Refusal](err); is {
		f.Refusal = refusal.Key
	}
	if err == nil && a.ballots.twice(next.Header) {
		f.Refusal, err = civic.RefusedExists, errTwice
	}
	if err == nil {
		a.days.pass(a.state, next.Header)
		err = a.state.Apply(next)
	}
	if err != nil {
		f.Detail = err.Error()
		a.halt(f)
		return
	}
	a.report.Acts, a.report.LastAt = a.state.Position(), a.state.At()
	switch facts := next.Facts.(type) {
	case *act.SectionErased:
		a.erased = append(a.erased, erasure{civic.SectionRef{Act: next.Of, Name: facts.Section}, position})
	case *act.ReleasePublished:
		a.ballots.released[next.Of] = a.state.Ballots(next.Of)
		a.report.skip(ReasonReleases, 1, position, "")
	case *act.MapPublished:
		a.report.skip(ReasonMaps, 1, position, "")
	}
}

// halt records a finding after which the state cannot be followed. Leaves and
// sections are read on.
func (a *auditor) halt(f Finding) {
	if !a.replaying {
		a.report.found(f)
		return
	}
	a.report.found(f)
	a.replaying = false
	a.report.skip(ReasonAfter, a.newest.Size-f.Position-1, f.Position+1, "")
}

func (a *auditor) unknown(position int64, err error) {
	if a.replaying {
		a.replaying = false
		a.report.skip(ReasonUnknown, a.newest.Size-position, position, err.Error())
	}
}

// open holds the sections that are served of an act to the digests in its
// header, and gives those that fit.
func (a *auditor) open(ctx context.Context, position int64, h *act.Header) (fit []act.Section, err error) {
	ballot := h.Kind == act.KindBallotCast
	if len(h.Sections) == 0 {
		if !ballot {
			a.acts[h.ID] = placed{position: position}
		}
		return nil, nil
	}
	served, err := a.sections.of(ctx, position)
	if err != nil {
		return nil, err
	}
	at := placed{position: position}
	for _, section := range served {
		want, has := h.Section(section.Name)
		if !has || section.Digest() != want {
			a.report.found(Finding{Check: CheckSection, Position: position, Kind: string(h.Kind), Section: section.Name})
			continue
		}
		a.report.Sections++
		fit = append(fit, section)
	}
	for i, wanted := range h.Sections {
		audience, err := act.AudienceOf(h.Kind, wanted.Name)
		switch {
		case hasSection(served, wanted.Name):
			at.served |= 1 << i
		case err == nil && audience == act.Sealed:
			a.report.skip(ReasonSealed, 1, position, "")
		default:
			a.lacking = append(a.lacking, lacking{civic.SectionRef{Act: h.ID, Name: wanted.Name}, position})
		}
	}
	if !ballot {
		a.acts[h.ID] = at
	}
	return fit, nil
}

func hasSection(sections []act.Section, name string) bool {
	for _, s := range sections {
		if s.Name == name {
			return true
		}
	}
	return false
}
