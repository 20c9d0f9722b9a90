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

// Map is a dialogue's opinion map as it is now. It is not written to. It tells
// who reacted how: it is for those who run the dialogue.
type Map struct {
	Dialogue act.ID
	// Position is the number of acts that State takes in.
	Position int64
	// People and Statements name the rows and columns.
	People     []act.Pseudonym
	Statements []act.ID
	Hidden     []bool
	State      *opinion.State
	// Groups are those found last, nil before the first: they run behind, and
	// take in Grouped acts. Who reacted since stands where the groups found then
	// place them now: see Member.
	Groups  *opinion.Grouping
	Grouped int64
	fit     *opinion.Fit
	moved   map[int]Member
}

// Member is where the map has somebody: the most probable group, -1 for somebody
// without a reaction that counts, and how probable it is.
type Member struct {
	Group       int
	Probability float64
	Point       [2]float64
}

// Member says where the map has the person of a row.
func (m *Map) Member(row int) Member {
	if moved, has := m.moved[row]; has {
		return moved
	}
	if m.Groups == nil || row >= len(m.Groups.Group) {
		return Member{Group: -1}
	}
	return Member{int(m.Groups.Group[row]), float64(m.Groups.Probability[row]),
		[2]float64{float64(m.Groups.Points[row][0]), float64(m.Groups.Points[row][1])}}
}

// place places who reacted since the groups were found. rows are theirs.
func (m *Map) place(rows map[int]int64) {
	m.moved = nil
	if m.fit == nil || m.Groups.K == 0 {
		return
	}
	m.moved = make(map[int]Member, len(rows))
	for row, position := range rows {
		if position <= m.Grouped {
			continue
		}
		p := m.fit.Place(m.State.Votes.Row(row))
		member := Member{Point: [2]float64{p.Point[0], p.Point[1]}}
		for g, probability := range m.Groups.Membership(&p) {
			if probability > member.Probability {
				member.Group, member.Probability = g, probability
			}
		}
		m.moved[row] = member
	}
}

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
	if last := slot.Load(); last != nil {
		next.Groups, next.Grouped, next.fit = last.Groups, last.Grouped, last.fit
	}
	next.place(rows)
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
	fit, groups := opinion.FindGroups(now.State.Votes, used(now.State.Votes, now.Hidden))
	t.mu.Lock()
	maps.DeleteFunc(t.moved, func(_ int, position int64) bool { return position <= now.Position })
	rows := maps.Clone(t.moved)
	t.mu.Unlock()
	t.shown.Lock()
	defer t.shown.Unlock()
	next := *slot.Load()
	next.Groups, next.Grouped, next.fit = groups, now.Position, fit
	// Rows that came after what is shown wait for the next refresh.
	maps.DeleteFunc(rows, func(row int, position int64) bool { return position > next.Position })
	next.place(rows)
	slot.Store(&next)
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
	for _, t := range k.all() {
		if err := k.publish(ctx, t); err != nil {
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
		if err := k.Publish(ctx); err != nil && ctx.Err() == nil {
			k.log.Error("publish an opinion map", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (k *Keeper) publish(ctx context.Context, t *tracked) error {
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
	if err := f.find(ctx); err != nil {
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
func (f *found) find(ctx context.Context) error {
	fit, groups := opinion.FindGroups(f.votes, used(f.votes, f.hidden))
	f.groups = groups
	if groups.K < 2 {
		return nil
	}
	stability, err := fit.Stability(ctx)
	if err != nil {
		return err
	}
	f.stability, f.groups = stability, stability.Groups(f.votes)
	return nil
}
