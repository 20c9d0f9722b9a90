// Package mapping keeps the opinion map of every dialogue fresh as reactions
// arrive, for those who run it, and publishes it in steps for everybody else.
//
// Four loops share the work, so that none waits for another: one follows the
// log and takes reactions in; one refreshes positions and tallies, one dialogue
// at a time; one finds the groups behind it; and one publishes, from a frozen
// copy, with the resampling that a published map needs. Who reads a map takes
// the newest one that is ready, without a lock.
package mapping

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/opinion"
)

// refreshRest is how long a refresh waits for more reactions to come in.
const refreshRest = 200 * time.Millisecond

// What is found behind the refresh leaves the processors to those who react and
// read: of the time, finding a dialogue's groups takes a tenth and resampling a
// quarter. In a dialogue of thousands groups are as fresh as a refresh; of
// 100,000 people they are found two or three times a minute, and until then who
// reacted stands where the groups found last place them.
const (
	groupRest    = 9 // times as long as finding groups took
	resampleRest = 3 // times as long as a step took
)

// Keeper keeps the maps.
type Keeper struct {
	register *register.Register
	log      *slog.Logger
	mu       sync.RWMutex
	tracked  map[act.ID]*tracked
	maps     sync.Map      // act.ID → *atomic.Pointer[Map]
	stale    chan struct{} // holds one while something changed
	ungroup  chan struct{} // holds one while groups are behind
}

// New makes a keeper of a register's maps. Run starts it.
func New(r *register.Register, log *slog.Logger) *Keeper {
	return &Keeper{register: r, log: log, tracked: map[act.ID]*tracked{}, stale: make(chan struct{}, 1), ungroup: make(chan struct{}, 1)}
}

// Map gives a dialogue's map as it is now, nil before the first. It never waits.
func (k *Keeper) Map(dialogue act.ID) *Map {
	if slot, has := k.maps.Load(dialogue); has {
		return slot.(*atomic.Pointer[Map]).Load()
	}
	return nil
}

func (k *Keeper) track(t *tracked) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.tracked[t.dialogue] == nil {
		k.tracked[t.dialogue] = t
		k.maps.Store(t.dialogue, new(atomic.Pointer[Map]))
	}
}

func (k *Keeper) of(dialogue act.ID) *tracked {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.tracked[dialogue]
}

func (k *Keeper) all() []*tracked {
	k.mu.RLock()
	defer k.mu.RUnlock()
	all := make([]*tracked, 0, len(k.tracked))
	for _, t := range k.tracked {
		all = append(all, t)
	}
	return all
}

func (k *Keeper) changed() { wake(k.stale) }

// wake marks that there is something to do; once is enough.
func wake(signal chan struct{}) {
	select {
	case signal <- struct{}{}:
	default:
	}
}

// Run keeps the maps until ctx ends, publishing what is due at every interval;
// 0 publishes nothing.
func (k *Keeper) Run(ctx context.Context, publishEvery time.Duration) error {
	from := k.load()
	k.changed()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var loops sync.WaitGroup
	loops.Go(func() { k.eachTime(ctx, k.stale, k.refresh) })
	loops.Go(func() { k.eachTime(ctx, k.ungroup, k.regroup) })
	if publishEvery > 0 {
		loops.Go(func() { k.publishing(ctx, publishEvery) })
	}
	err := k.follow(ctx, from)
	cancel()
	loops.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// eachTime does the work for every dialogue whenever it is asked for.
func (k *Keeper) eachTime(ctx context.Context, signal chan struct{}, work func(*tracked)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-signal:
		}
		for _, t := range k.all() {
			if ctx.Err() != nil {
				return
			}
			work(t)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(refreshRest):
		}
	}
}

// refresh makes the map of the reactions so far the current one.
func (k *Keeper) refresh(t *tracked) {
	slot := k.slot(t.dialogue)
	t.mu.Lock()
	if t.err != nil && !t.told {
		t.told = true
		k.log.Warn("no opinion map is kept of a dialogue", "dialogue", t.dialogue.String(), "error", t.err)
	}
	if last := slot.Load(); t.err != nil || last != nil && !t.live.Stale() && last.State == t.live.Current() {
		t.mu.Unlock()
		return
	}
	next := &Map{Dialogue: t.dialogue, State: t.live.Refresh(), Position: t.position,
		People: t.names[:len(t.names):len(t.names)], Statements: t.statements[:len(t.statements):len(t.statements)]}
	rows := maps.Clone(t.moved)
	t.mu.Unlock()
	next.Hidden = next.State.PCA.Hidden
	t.shown.Lock()
	last := slot.Load()
	if last != nil {
		next.Groups, next.Grouped, next.fit = last.Groups, last.Grouped, last.fit
	}
	next.place(rows, last)
	slot.Store(next)
	t.shown.Unlock()
	wake(k.ungroup)
}

func (k *Keeper) slot(dialogue act.ID) *atomic.Pointer[Map] {
	slot, _ := k.maps.LoadOrStore(dialogue, new(atomic.Pointer[Map]))
	return slot.(*atomic.Pointer[Map])
}

// regroup finds the groups of the current map and puts them into it, or into
// the one that came meanwhile.
func (k *Keeper) regroup(t *tracked) {
	slot := k.slot(t.dialogue)
	now := slot.Load()
	if now == nil || now.Groups != nil && now.Grouped == now.Position {
		return
	}
	began := time.Now()
	if began.Before(t.regroup) {
		return // it is asked for again then
	}
	fit, groups := opinion.FindGroups(now.State.Votes, used(now.State.Votes, now.Hidden))
	rest := groupRest * time.Since(began)
	t.regroup = time.Now().Add(rest)
	time.AfterFunc(rest, func() { wake(k.ungroup) })
	t.mu.Lock()
	maps.DeleteFunc(t.moved, func(_ int, position int64) bool { return position <= now.Position })
	rows := maps.Clone(t.moved)
	t.mu.Unlock()
	t.shown.Lock()
	defer t.shown.Unlock()
	next := slot.Load().copy()
	next.Groups, next.Grouped, next.fit = groups, now.Position, fit
	// Rows that came after what is shown wait for the next refresh.
	maps.DeleteFunc(rows, func(row int, position int64) bool { return position > next.Position })
	next.place(rows, nil)
	slot.Store(next)
}

// used marks the statements that are not hidden.
func used(v *opinion.Votes, hidden []bool) []bool {
	use := make([]bool, v.Statements())
	for s := range use {
		use[s] = s >= len(hidden) || !hidden[s]
	}
	return use
}

// Publish publishes the map of every dialogue that is due. Of several processes
// that try at once one succeeds; the others are refused, which is as good.
func (k *Keeper) Publish(ctx context.Context) error {
	return k.publishAll(ctx, 0)
}

func (k *Keeper) publishAll(ctx context.Context, rest time.Duration) error {
	for _, t := range k.all() {
		if err := k.publish(ctx, t, rest); err != nil {
			return err
		}
	}
	return nil
}

// PublishNow loads the votes of a register whose maps are not kept, and
// publishes what is due.
func PublishNow(ctx context.Context, r *register.Register, log *slog.Logger) error {
	k := New(r, log)
	k.load()
	return k.Publish(ctx)
}

func (k *Keeper) publishing(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if err := k.publishAll(ctx, resampleRest); err != nil && ctx.Err() == nil {
			k.log.Error("publish an opinion map", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// publish publishes a map if it is due, resting so many times as long as it
// resamples.
func (k *Keeper) publish(ctx context.Context, t *tracked, rest time.Duration) error {
	due := false
	k.register.View(func(s *civic.State) { due = s.MapDue(t.dialogue) })
	if !due || k.register.Fault() != nil {
		return nil
	}
	t.mu.Lock()
	if t.err != nil {
		t.mu.Unlock()
		return nil
	}
	f := &found{position: t.position, statements: t.statements[:len(t.statements):len(t.statements)]}
	state := t.live.Refresh()
	t.mu.Unlock()
	f.votes, f.hidden = state.Votes, state.PCA.Hidden
	if err := f.find(ctx, rest); err != nil {
		return err
	}
	var content *act.OpinionMap
	var err error
	k.register.View(func(s *civic.State) {
		rule, exact := s.Disclosure(t.dialogue)
		content, err = f.content(rule, exact)
	})
	if err != nil {
		return err
	}
	draft := act.Draft{By: act.System, Of: t.dialogue, Facts: &act.MapPublished{At: f.position}, Content: map[string]any{"map": content}}
	_, err = k.register.Submit(ctx, civic.System, draft, nil)
	var refusal *civic.Refusal
	if errors.As(err, &refusal) {
		return nil
	}
	return err
}

// find finds the groups and how stable they are.
func (f *found) find(ctx context.Context, rest time.Duration) error {
	fit, groups := opinion.FindGroups(f.votes, used(f.votes, f.hidden))
	f.groups = groups
	if groups.K < 2 {
		return nil
	}
	resampling := fit.Resample()
	for more := true; more; {
		began := time.Now()
		more = resampling.Step()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rest * time.Since(began)):
		}
	}
	f.stability = resampling.Stability()
	f.groups = f.stability.Groups(f.votes)
	return nil
}
