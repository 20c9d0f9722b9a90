package register

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"samleng/civic"
	"samleng/internal/store"
)

// ErrBusy is returned where a past day cannot be folded now, because others are
// waiting for theirs. Asking again in a few seconds helps.
var ErrBusy = errors.New("register: other days of the past are being looked up")

const (
	// pastKept is how many folded days stay in memory: each is a whole state.
	pastKept = 2
	// pastQueue is how many requests may wait for a day that is not there.
	pastQueue = 8
	// pastPatience is how long a request waits for its turn.
	pastPatience = 10 * time.Second
)

// Past keeps the states of days that have passed, of a register or of a copy of
// one. Its zero value with Fold set is ready; it is safe for concurrent use.
type Past struct {
	// Fold gives the state after the acts of hours before a moment.
	Fold func(ctx context.Context, end time.Time) (*civic.State, error)

	mu      sync.Mutex
	days    []pastDay // the one asked for last at the end
	waiting int
	turn    chan struct{} // holds the right to fold
}

type pastDay struct {
	day   string
	state *civic.State
}

func (p *Past) find(day string) *civic.State {
	for i, kept := range p.days {
		if kept.day == day {
			p.days = append(append(p.days[:i:i], p.days[i+1:]...), kept)
			return kept.state
		}
	}
	return nil
}

// PastDay gives the last second of a day that has passed ("2026-11-20", in the
// programme's time zone), at which what was due by it is not late yet. The error
// is ErrNotFound for a day that has not ended, that is none, or that ended before
// the programme was declared.
func (r *Register) PastDay(day string) (last time.Time, err error) {
	r.View(func(s *civic.State) { last, err = LastSecond(s, r.Now(), day) })
	return last, err
}

// LastSecond gives the last second of a day that had passed by now. The error is
// that of [Register.PastDay].
func LastSecond(s *civic.State, now time.Time, day string) (time.Time, error) {
	start, err := time.ParseInLocation(time.DateOnly, day, s.Zone())
	if err != nil || s.Programme() == nil {
		return time.Time{}, ErrNotFound
	}
	end := start.AddDate(0, 0, 1)
	if !end.Before(now) || !s.Programme().At.Before(end) {
		return time.Time{}, ErrNotFound
	}
	return end.Add(-time.Second), nil
}

// PastView calls fn with the state as it stood at the end of a day that has
// passed. fn copies what it needs. What may be read of it is for today's state
// to say: words come through Text and Content. The error is that of PastDay, or
// ErrBusy where too many ask for too many days.
func (r *Register) PastView(ctx context.Context, day string, fn func(*civic.State)) error {
	last, err := r.PastDay(day)
	if err != nil {
		return err
	}
	return r.past.View(ctx, day, last, fn)
}

// View calls fn with the state at the end of a day, whose last second it is
// given. The error is ErrBusy where too many ask for too many days.
func (p *Past) View(ctx context.Context, day string, last time.Time, fn func(*civic.State)) error {
	state, err := p.state(ctx, day, last.Add(time.Second))
	if err != nil {
		return err
	}
	// Nothing changes a folded day, so it needs no lock.
	fn(state)
	return nil
}

func (p *Past) state(ctx context.Context, day string, end time.Time) (*civic.State, error) {
	p.mu.Lock()
	if p.turn == nil {
		p.turn = make(chan struct{}, 1)
	}
	if state := p.find(day); state != nil || p.waiting >= pastQueue {
		p.mu.Unlock()
		if state == nil {
			return nil, ErrBusy
		}
		return state, nil
	}
	p.waiting++
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.waiting--
		p.mu.Unlock()
	}()
	limit := time.NewTimer(pastPatience)
	defer limit.Stop()
	select {
	case p.turn <- struct{}{}:
	case <-limit.C:
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.turn }()
	p.mu.Lock()
	state := p.find(day) // somebody before us may have wanted the same
	p.mu.Unlock()
	if state != nil {
		return state, nil
	}
	state, err := p.Fold(ctx, end)
	if err != nil {
		return nil, fmt.Errorf("fold the acts until %s: %w", day, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.days) >= pastKept {
		p.days = append(p.days[:0:0], p.days[1:]...)
	}
	p.days = append(p.days, pastDay{day, state})
	return state, nil
}

var errEnough = errors.New("enough")

// foldUntil applies the acts of hours before a moment.
func (r *Register) foldUntil(ctx context.Context, end time.Time) (*civic.State, error) {
	state := civic.New()
	err := r.Store().Scan(ctx, 0, r.Position(), func(stored store.Stored) error {
		a, err := r.decode(stored)
		if err != nil {
			return err
		}
		if !a.At.Before(end) {
			return errEnough
		}
		return state.Apply(a)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	return state, nil
}
