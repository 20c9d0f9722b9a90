package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/translog"
)

// reconcile compares the state at the newest checkpoint with what the site says
// and serves. moved says that the site has gone on since, so that it is worth
// while to follow; where this is the last time, what could not be compared is
// counted instead.
func (a *auditor) reconcile(ctx context.Context, last bool) (moved bool, err error) {
	c := &comparison{auditor: a, state: a.state, compared: map[Class]Compared{}, tallies: map[act.ID]*act.Tally{}, words: map[string]string{}, maps: map[act.ID]*act.OpinionMap{}}
	if err := c.recount(ctx); err != nil {
		return false, err
	}
	if a.config.API != nil {
		if err := c.compare(ctx); err != nil {
			return false, err
		}
	}
	gone, err := a.stillLacking(ctx)
	if err != nil {
		return false, err
	}
	again, err := a.readAgain(ctx)
	if err != nil {
		return false, err
	}
	gone = append(gone, again...)
	after := c.position
	if a.config.API != nil {
		answer, err := a.api(ctx, "balance")
		if err != nil {
			return false, err
		}
		after = answer.Position
		moved = after != a.state.Position()
		a.stale = false
		if f := c.straying(after); f != nil {
			c.always, moved, last = append(c.always, *f), false, true
		} else if !moved && c.strayed != nil {
			moved, a.stale, after = true, true, c.strayed.position // an answer from before the checkpoint: it may come right
		}
	}
	if moved && !last {
		return true, nil
	}
	return false, a.settle(ctx, c, gone, moved, after)
}

// settle puts into the report what reconcile found.
func (a *auditor) settle(ctx context.Context, c *comparison, gone []lacking, moved bool, position int64) error {
	r := &a.report
	r.AsAt = c.asAt
	r.compare(c.compared)
	open := map[civic.SectionRef]bool{}
	for _, l := range gone {
		open[l.ref] = true
		if moved {
			r.skip(ReasonTaken, 1, l.position, "")
			continue
		}
		a.lasting(Finding{Check: CheckMissing, Position: l.position, Section: l.ref.Name})
	}
	// A section that is not served may be why something else does not fit.
	for _, f := range c.always {
		r.found(f)
	}
	r.skip(ReasonMarks, c.strange, NoPosition, "")
	switch {
	case a.config.API == nil:
		r.skip(ReasonNoSite, 1, NoPosition, "")
	case !moved:
		for _, f := range c.settled {
			r.found(f)
		}
	case position < a.state.Position():
		r.skip(ReasonBehind, 1, position, "")
	default:
		r.skip(ReasonMoved, position-a.state.Position(), a.state.Position(), "")
	}
	for _, l := range a.lacking {
		if _, erased := a.state.ErasedSection(l.ref.Act, l.ref.Name); erased {
			r.skip(ReasonErased, 1, l.position, "")
		} else if !open[l.ref] && !a.state.MayRead(civic.Actor{}, l.ref) {
			r.skip(ReasonClosed, 1, l.position, "")
		}
	}
	if a.config.API != nil && !moved {
		if err := a.checkClosed(ctx); err != nil {
			return err
		}
	}
	return a.checkErased(ctx)
}

// checkErased looks whether sections that acts erased are served. Those that
// were when they were read are looked for again: they may be gone since. What is
// gone is not looked for in later runs, but where its bundle's turn comes.
func (a *auditor) checkErased(ctx context.Context) error {
	for i, e := range a.erased {
		at, known := a.acts[e.ref.Act]
		if e.gone || !known || at.served == 0 {
			continue
		}
		open, err := a.sections.of(ctx, at.position)
		if err != nil {
			return err
		}
		if a.erased[i].gone = !hasSection(open, e.ref.Name); !a.erased[i].gone {
			a.lasting(Finding{Check: CheckErased, Position: at.position, Section: e.ref.Name, Log: fmt.Sprint(e.position)})
		}
	}
	return nil
}

// stillLacking gives the sections that the rules leave open at the newest
// checkpoint and that are not served. Bundles are read again: a section may have
// been opened by an act that came after it was looked for.
func (a *auditor) stillLacking(ctx context.Context) (gone []lacking, err error) {
	a.sections.index = -1
	kept := a.lacking[:0:0]
	for _, l := range a.lacking {
		if !a.state.MayRead(civic.Actor{}, l.ref) {
			kept = append(kept, l)
			continue
		}
		open, err := a.sections.of(ctx, l.position)
		if err != nil {
			return nil, err
		}
		if hasSection(open, l.ref.Name) {
			if f := a.fits(ctx, l, open); f != nil {
				a.lasting(*f)
				kept = append(kept, l)
				continue
			}
			at := a.acts[l.ref.Act]
			at.served |= late
			a.acts[l.ref.Act] = at
			continue
		}
		kept, gone = append(kept, l), append(gone, l)
	}
	a.lacking = kept
	return gone, nil
}

// fits holds a section that was opened late to its digest, which the log is
// asked for again.
func (a *auditor) fits(ctx context.Context, l lacking, open []act.Section) *Finding {
	wrong := &Finding{Check: CheckSection, Position: l.position, Section: l.ref.Name}
	leaf, err := a.leaf(ctx, l.position)
	if err != nil {
		wrong.Detail = err.Error()
		return wrong
	}
	h, err := act.DecodeHeader(leaf)
	if err != nil {
		wrong.Detail = err.Error()
		return wrong
	}
	want, _ := h.Section(l.ref.Name)
	for _, section := range open {
		if section.Name == l.ref.Name && section.Digest() != want {
			return wrong
		}
	}
	a.report.Sections++
	a.kept.Sections++
	return nil
}

// late stands in placed.served for a section that was not served at first.
const late = 1 << 31

// ask asks the site, and again where that may help.
func (a *auditor) ask(ctx context.Context, site API, path string) (Answer, error) {
	return patient(ctx, a.config.Tries, a.config.Pause, func() (Answer, error) { return site(ctx, path) })
}

// api asks for what is there for certain.
func (a *auditor) api(ctx context.Context, path string) (Answer, error) {
	answer, err := a.ask(ctx, a.config.API, path)
	if errors.Is(err, fs.ErrNotExist) {
		return answer, fmt.Errorf("the site has no api/v1/%s: %w", path, errForm)
	}
	return answer, err
}

// checkMoment finds a moment of the site that is far from the auditor's.
func (a *auditor) checkMoment(path string, at time.Time) *Finding {
	now := a.config.Now()
	if at.IsZero() || at.After(now.Add(skew)) || at.Before(now.Add(-skew)) {
		return &Finding{Check: CheckTime, Position: NoPosition, Figure: path, Log: now.UTC().Format(time.RFC3339), Site: at.Format(time.RFC3339)}
	}
	return nil
}

// leaf reads one verified leaf again.
func (a *auditor) leaf(ctx context.Context, position int64) ([]byte, error) {
	if position < 0 || position >= a.newest.Size {
		return nil, fs.ErrNotExist
	}
	index, within := position/translog.TileWidth, position%translog.TileWidth
	if a.leaves.of != a.newest {
		a.leaves = leafCache{a.newest, map[int64][][]byte{}}
	}
	if kept := a.leaves.bundles[index]; kept != nil {
		return kept[within], nil
	}
	reader, err := translog.NewReader(ctx, a.newest, a.fetch)
	if err != nil {
		return nil, err
	}
	for b, err := range reader.Bundles(index * translog.TileWidth) {
		if err != nil {
			return nil, err
		}
		if len(a.leaves.bundles) == mostLeafBundles {
			clear(a.leaves.bundles)
		}
		a.leaves.bundles[index] = b.Entries
		return b.Entries[within], nil
	}
	return nil, fs.ErrNotExist
}

// leafCache holds some bundles of verified leaves at a checkpoint: many sections
// that are compared with answers stand close to one another.
type leafCache struct {
	of      translog.Checkpoint
	bundles map[int64][][]byte
}

// mostLeafBundles bounds what is held: of a register some MB.
const mostLeafBundles = 16
