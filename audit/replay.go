package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/translog"
)

// read goes on from where it was to the newest checkpoint: every leaf, every
// section, every act. After an error the tree and the state stand at the same
// act, so that it can be called again.
func (a *auditor) read(ctx context.Context) error {
	if err := a.compareSeen(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	reader, err := translog.NewReader(ctx, a.newest, a.fetch)
	if err != nil {
		return err
	}
	if err := a.continues(reader); err != nil {
		return err
	}
	stretches := a.ahead(ctx, reader)
	defer func() {
		// Nothing may be fetched any more when this returns.
		cancel()
		for range stretches {
		}
	}()
	for s := range stretches {
		if s.err != nil {
			return s.err
		}
		if err := a.take(&s); err != nil {
			return err
		}
		a.config.Progress(a.tree.Size(), a.newest.Size)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if root := a.tree.Root(); root != a.newest.Root {
		return a.end(Finding{Check: CheckTree, Position: a.newest.Size, Log: root.String(), Site: a.newest.Root.String()})
	}
	return nil
}

// continues holds what was read before to the newest checkpoint.
func (a *auditor) continues(reader *translog.Reader) error {
	if a.tree.Size() == 0 {
		return nil
	}
	root, err := translog.Root(a.tree.Size(), reader)
	if err == nil && root != a.tree.Root() {
		return a.end(Finding{Check: CheckFork, Position: a.tree.Size(), Log: a.tree.Root().String(), Site: root.String()})
	}
	return err
}

// take takes a stretch into the tree, and its acts into the state. A whole bundle
// is one node of the tree, hashed when it was verified, unless a checkpoint was
// seen before whose root lies within it.
func (a *auditor) take(s *stretch) error {
	after := s.First + int64(len(s.Entries))
	whole := s.Node != translog.Hash{} && (a.compared == len(a.seen) || a.seen[a.compared].Size > after)
	for i := range s.Entries {
		if !whole {
			if err := a.tree.Append(s.Leaves[i]); err != nil {
				return err
			}
			if err := a.compareSeen(); err != nil {
				return err
			}
		}
		a.act(s.First+int64(i), s, i)
	}
	if whole {
		if err := a.tree.AppendNode(translog.TileHeight, s.Node); err != nil {
			return err
		}
	}
	a.report.Leaves = a.tree.Size()
	return a.compareSeen()
}

// compareSeen holds the tree as far as it is read to the checkpoints seen before
// that are of this size.
func (a *auditor) compareSeen() error {
	for ; a.compared < len(a.seen) && a.seen[a.compared].Size <= a.tree.Size(); a.compared++ {
		before := a.seen[a.compared]
		if before.Size != a.tree.Size() {
			continue
		}
		if root := a.tree.Root(); root != before.Root {
			return a.end(a.printed(before.Checkpoint, Finding{Check: CheckFork, Position: before.Size, Log: before.Root.String(), Site: root.String()}))
		}
		if !before.cosigned {
			a.report.Seen++
		}
	}
	return nil
}

// printed adds to a finding about a checkpoint seen before that it is on paper.
func (a *auditor) printed(before translog.Checkpoint, f Finding) Finding {
	f.PrintedOn, f.Printed = a.config.Printed[before]
	return f
}

// act takes one act in, number i of a stretch: its sections, whether it may
// happen, what it changes.
func (a *auditor) act(position int64, s *stretch, i int) {
	header, err := s.headers[i], s.invalid[i]
	switch {
	case errors.Is(err, act.ErrUnknown):
		a.unknown(position, err)
		return
	case err != nil:
		a.halt(Finding{Check: CheckHeader, Position: position, Detail: err.Error()})
		return
	}
	a.history.note(position, header.At)
	opened := a.open(position, header, s.open[position])
	if a.halted != "" {
		a.report.skip(a.halted, 1, position, "")
		return
	}
	// No act is of an earlier hour than the one before it: the first tells all.
	if limit := a.config.Now().Add(skew); !a.future && header.At.After(limit) {
		a.future = true
		a.report.found(Finding{Check: CheckTime, Position: position, Kind: string(header.Kind), Site: header.At.UTC().Format(time.RFC3339),
			Log: limit.UTC().Format(time.RFC3339)})
	}
	if adopted, is := header.Facts.(*act.RulesAdopted); is && adopted.Version > civic.RulesVersion {
		a.unknown(position, fmt.Errorf("rules version %d; this program knows up to %d", adopted.Version, civic.RulesVersion))
		return
	}
	a.replay(position, &act.Act{Header: header, Leaf: s.Entries[i], Sections: opened})
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
	for _, section := range next.Sections {
		a.serve(next.Header, section.Name, position)
	}
	switch facts := next.Facts.(type) {
	case *act.SectionErased:
		a.erased = append(a.erased, erasure{ref: civic.SectionRef{Act: next.Of, Name: facts.Section}, position: position})
	case *act.ReleasePublished:
		a.ballots.released[next.Of] = a.state.Ballots(next.Of)
		a.report.skip(ReasonReleases, 1, position, "")
	case *act.MapPublished:
		a.report.skip(ReasonMaps, 1, position, "")
	}
}

// halt records a finding after which the state cannot be followed. Leaves and
// sections are read on, and the acts are counted.
func (a *auditor) halt(f Finding) {
	a.report.found(f)
	if a.halted != "" {
		a.report.skip(a.halted, 1, f.Position, "")
		return
	}
	a.halted = ReasonAfter
}

// unknown ends the replay at an act that is nothing wrong.
func (a *auditor) unknown(position int64, err error) {
	if a.halted == "" {
		a.halted = ReasonUnknown
	}
	a.report.skip(a.halted, 1, position, err.Error())
}

// open holds the sections that are served of an act to the digests in its
// header, and gives those that fit.
func (a *auditor) open(position int64, h *act.Header, served []act.Section) (fit []act.Section) {
	at := placed{position: position}
	for _, section := range served {
		want, has := h.Section(section.Name)
		if !has || section.Digest() != want {
			a.report.found(Finding{Check: CheckSection, Position: position, Kind: string(h.Kind), Section: section.Name})
			continue
		}
		if audience, err := act.AudienceOf(h.Kind, section.Name); err == nil && audience == act.Sealed {
			a.report.found(Finding{Check: CheckClosed, Position: position, Kind: string(h.Kind), Section: section.Name})
			continue // the state is that of an auditor who never saw it
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
	// Votes are most of a register, and nothing refers to them.
	if h.Kind != act.KindBallotCast {
		a.acts[h.ID] = at
	}
	return fit
}

func hasSection(sections []act.Section, name string) bool {
	return slices.ContainsFunc(sections, func(s act.Section) bool { return s.Name == name })
}
