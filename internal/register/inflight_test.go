package register_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/internal/store"
)

// hold takes the log head's lock, as another process does that is slow, until
// release is called.
func (e engine) hold(t testing.TB) (release func()) {
	t.Helper()
	other, err := store.Open(t.Context(), e.store)
	if err != nil {
		t.Fatal(err)
	}
	held, letGo, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		err := other.Append(context.Background(), func(*store.Tx) error {
			close(held)
			<-letGo
			return nil
		})
		if err := errors.Join(err, other.Close()); err != nil {
			t.Error(err)
		}
	}()
	<-held
	return sync.OnceFunc(func() { close(letGo); <-done })
}

func views(r *register.Register) (n int) {
	r.View(func(s *civic.State) { n = len(s.Statements()) })
	return n
}

// TestCloseAnswersEverybody closes a register while more people wait than its
// queue holds: nobody waits for ever, and nobody is told what is not so.
func TestCloseAnswersEverybody(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		r := e.open(t)
		dialogue := begin(t, r)
		release := e.hold(t)
		defer release()
		var all sync.WaitGroup
		var recorded, unknown atomic.Int64
		for i := range 3000 {
			all.Go(func() {
				who := person(r, fmt.Sprint(i), dialogue)
				_, err := r.Submit(context.Background(), who, viewDraft(who, dialogue, "a view"), nil)
				switch {
				case err == nil:
					recorded.Add(1)
				case errors.Is(err, register.ErrUnknown):
					unknown.Add(1)
				case !errors.Is(err, register.ErrUnavailable):
					t.Error(err)
				}
			})
		}
		time.Sleep(50 * time.Millisecond)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		within(t, 5*time.Second, "everybody is answered after Close", all.Wait)
		release()
		who := person(r, "late", dialogue)
		within(t, time.Second, "a submission after Close is answered", func() {
			if _, err := r.Submit(context.Background(), who, viewDraft(who, dialogue, "late"), nil); !errors.Is(err, register.ErrUnavailable) {
				t.Errorf("after Close: %v", err)
			}
		})
		r = e.open(t)
		defer r.Close()
		if n := int64(views(r)); n < recorded.Load() || n > recorded.Load()+unknown.Load() {
			t.Errorf("%d views are recorded; %d receipts were handed out, %d are unknown", n, recorded.Load(), unknown.Load())
		}
	})
}

func within(t testing.TB, limit time.Duration, what string, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	select {
	case <-done:
	case <-time.After(limit):
		t.Fatalf("not so within %s: %s", limit, what)
	}
}

// TestGivenUpIsNotRecorded: who is told that nothing was recorded, because they
// gave up before their turn came, is told the truth.
func TestGivenUpIsNotRecorded(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		r := e.open(t)
		defer r.Close()
		dialogue := begin(t, r)
		release := e.hold(t)
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				who := person(r, fmt.Sprint(i), dialogue)
				short, cancel := context.WithTimeout(context.Background(), 60*time.Millisecond)
				defer cancel()
				_, err := r.Submit(short, who, viewDraft(who, dialogue, "given up"), nil)
				if !errors.Is(err, register.ErrUnavailable) || errors.Is(err, register.ErrUnknown) {
					t.Errorf("given up while the head was locked: %v", err)
				}
			})
		}
		all.Wait()
		release()
		who := person(r, "patient", dialogue)
		if _, err := r.Submit(t.Context(), who, viewDraft(who, dialogue, "patient"), nil); err != nil {
			t.Fatal(err)
		}
		if n := views(r); n != 1 {
			t.Errorf("%d views are recorded, 20 of which were given up", n-1)
		}
	})
}

// TestOneBadActSpoilsNoBatch puts an act that the database refuses into the
// middle of others.
func TestOneBadActSpoilsNoBatch(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		r := e.open(t)
		defer r.Close()
		dialogue := begin(t, r)
		author := person(r, "author", dialogue)
		view, err := r.Submit(t.Context(), author, viewDraft(author, dialogue, "a view"), nil)
		if err != nil {
			t.Fatal(err)
		}
		submit(t, r, civic.System, view.Act, &act.StatementPublished{}, nil)
		release := e.hold(t)
		var all sync.WaitGroup
		var refused atomic.Int64
		for i := range 40 {
			all.Go(func() {
				who := person(r, fmt.Sprint(i), dialogue)
				d := ballotDraft(who, dialogue, view.Act, act.Agree)
				if i != 20 {
					if _, err := r.Submit(context.Background(), who, d, nil); err != nil {
						t.Error(err)
					}
					return
				}
				// A ballot under the id of the view: the fold keeps no ballots'
				// ids, so it is the database that refuses it.
				if _, err := r.SubmitID(context.Background(), who, d, view.Act); err == nil || errors.Is(err, register.ErrUnavailable) {
					t.Errorf("the id of another act: %v", err)
				}
				refused.Add(1)
			})
		}
		time.Sleep(100 * time.Millisecond)
		release()
		all.Wait()
		r.View(func(s *civic.State) {
			if n := s.Ballots(dialogue); n != 39 || refused.Load() != 1 {
				t.Errorf("%d ballots, %d refused", n, refused.Load())
			}
		})
		if r.Fault() != nil || r.Trouble() != nil {
			t.Errorf("fault %v, trouble %v", r.Fault(), r.Trouble())
		}
	})
}

// TestClockTurnsAndGoesBack: acts stand in order of time whatever the clock
// does, and a receipt says the hour that the log has.
func TestClockTurnsAndGoesBack(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		var clock atomic.Int64
		set := func(at time.Time) { clock.Store(at.UnixNano()) }
		ten := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
		set(ten.Add(59 * time.Minute))
		r, err := register.Open(t.Context(), register.Config{Store: e.store, Keys: e.keys, Log: slog.New(slog.DiscardHandler),
			Now: func() time.Time { return time.Unix(0, clock.Load()) }})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		dialogue := begin(t, r)
		put := func(name string, while func()) register.Receipt {
			t.Helper()
			release := e.hold(t)
			got := make(chan register.Receipt, 1)
			go func() {
				who := person(r, name, dialogue)
				token, _ := register.NewToken(strings.NewReader(name + strings.Repeat(" ", 16)))
				receipt, err := r.Submit(context.Background(), who, viewDraft(who, dialogue, name), &token)
				if err != nil {
					t.Error(err)
				}
				got <- receipt
			}()
			time.Sleep(50 * time.Millisecond)
			while()
			release()
			return <-got
		}
		// The hour turns between the making of an act and its turn.
		turned := put("turned", func() { set(ten.Add(61 * time.Minute)) })
		// The clock is set back by a year.
		back := put("back", func() { set(ten.AddDate(-1, 0, 0)) })
		again := put("back", func() {})
		for name, receipt := range map[string]register.Receipt{"turned": turned, "back": back, "again": again} {
			if !receipt.At.Equal(ten.Add(time.Hour)) {
				t.Errorf("%s: the receipt says %s", name, receipt.At)
			}
		}
		if !again.Replayed || again.Act != back.Act {
			t.Errorf("sent again: %+v, first %+v", again, back)
		}
		if err := r.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		file, err := r.ReceiptFile(t.Context(), civic.Actor{By: act.Participant, Holds: turned.Act}, turned.Act)
		if err != nil {
			t.Fatal(err)
		}
		h, err := act.DecodeHeader(file.Header)
		if err != nil || !h.At.Equal(turned.At) || len(file.Openings) != 2 {
			t.Errorf("the log says %s, with %d openings: %v", h.At, len(file.Openings), err)
		}
	})
}

// TestCloseLeavesNothingRunning opens, uses and closes registers.
func TestCloseLeavesNothingRunning(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		use := func() {
			r, err := register.Open(t.Context(), register.Config{Store: e.store, Keys: e.keys, Log: slog.New(slog.DiscardHandler),
				CheckpointEvery: 5 * time.Millisecond, ReleaseEvery: 5 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			if r.Position() == 0 {
				begin(t, r)
			}
			if r.Wait(t.Context(), r.Position()+1) == nil {
				t.Error("an act that there is not was waited for")
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
		use()
		before := runtime.NumGoroutine()
		use()
		use()
		for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				stacks := make([]byte, 1<<20)
				t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
			}
		}
	})
}
