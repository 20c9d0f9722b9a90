package register_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/translog"
)

// pinned reads the checkpoint kept beside the keys.
func (e engine) pinned(t testing.TB) translog.Checkpoint {
	t.Helper()
	signed, err := os.ReadFile(filepath.Join(e.keys.Dir, "checkpoint"))
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := translog.NewVerifier(e.keys.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := translog.Open(signed, "test.example/register", verifier)
	if err != nil {
		t.Fatal(err)
	}
	return opened.Checkpoint
}

// putViews registers n views.
func putViews(t testing.TB, r *register.Register, dialogue act.ID, n int) {
	t.Helper()
	for i := range n {
		who := person(r, fmt.Sprint(i), dialogue)
		if _, err := r.Submit(t.Context(), who, viewDraft(who, dialogue, "a view"), nil); err != nil {
			t.Fatal(err)
		}
	}
}

// refusesActs checks that a register is served read-only and says why.
func refusesActs(t testing.TB, r *register.Register, dialogue act.ID, why string) {
	t.Helper()
	if r.Fault() == nil || !strings.Contains(r.Fault().Error(), why) {
		t.Errorf("its fault is %v, not %q", r.Fault(), why)
	}
	who := person(r, "somebody", dialogue)
	if _, err := r.Submit(t.Context(), who, viewDraft(who, dialogue, "refused"), nil); !errors.Is(err, register.ErrReadOnly) {
		t.Errorf("it takes acts: %v", err)
	}
	if err := r.Publish(t.Context()); !errors.Is(err, register.ErrReadOnly) {
		t.Errorf("it signs: %v", err)
	}
}

func TestKeptCheckpoint(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		path := filepath.Join(e.keys.Dir, "checkpoint")
		r := e.open(t)
		dialogue := begin(t, r)
		if err := r.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		older, _ := os.ReadFile(path)
		putViews(t, r, dialogue, 1)
		if err := r.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		newest := e.pinned(t)
		r.Close()

		for name, kept := range map[string][]byte{"missing": nil, "one publication behind": older} {
			os.Remove(path)
			if kept != nil {
				if err := os.WriteFile(path, kept, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			r = e.open(t)
			if r.Fault() != nil {
				t.Errorf("%s: %v", name, r.Fault())
			}
			if got := e.pinned(t); got != newest {
				t.Errorf("%s: kept after the start is %+v, not %+v", name, got, newest)
			}
			r.Close()
		}
		whole, _ := os.ReadFile(path)
		for name, kept := range map[string][]byte{"empty": {}, "cut off": whole[:len(whole)/2], "changed": bytes.Replace(whole, []byte("\n1"), []byte("\n2"), 1), "anything": []byte("x")} {
			if bytes.Equal(kept, whole) {
				continue
			}
			if err := os.WriteFile(path, kept, 0o644); err != nil {
				t.Fatal(err)
			}
			r = e.open(t)
			refusesActs(t, r, dialogue, path)
			r.Close()
			if now, _ := os.ReadFile(path); !bytes.Equal(now, kept) {
				t.Errorf("%s: what was kept was overwritten", name)
			}
		}
		if err := os.WriteFile(path, whole, 0o644); err != nil {
			t.Fatal(err)
		}
		r = e.open(t)
		defer r.Close()
		if r.Fault() != nil {
			t.Error(r.Fault())
		}
	})
}

// TestForkIsNoticed: the log of a database is another than the one that was
// published, as long or longer.
func TestForkIsNoticed(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		r := e.open(t)
		dialogue := begin(t, r)
		putViews(t, r, dialogue, 3)
		if err := r.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.Close()
		fork := sqlite
		if e.store.Database != "" {
			fork = postgres
		}
		other := fork(t)
		r = other.open(t)
		putViews(t, r, begin(t, r), 9)
		r.Close()
		// It has the first one's name and key; its own was never published.
		other.keys.Dir, other.keys.Log, other.keys.Verifier = e.keys.Dir, e.keys.Log, e.keys.Verifier
		r = other.open(t)
		defer r.Close()
		refusesActs(t, r, dialogue, "another than the one")
	})
}

// TestTwoPublish has two registers on one log sign, publish and release as fast
// as they can while acts come in at both. What is kept outside never goes back,
// and no size gets two roots.
func TestTwoPublish(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		config := register.Config{Store: e.store, Keys: e.keys, Log: slog.New(slog.DiscardHandler),
			CheckpointEvery: time.Millisecond, ReleaseEvery: time.Millisecond}
		var open [2]*register.Register
		var dialogue act.ID
		for i := range open {
			var err error
			if open[i], err = register.Open(t.Context(), config); err != nil {
				t.Fatal(err)
			}
			defer open[i].Close()
			if i == 0 {
				dialogue = begin(t, open[0])
			}
		}
		author := person(open[0], "author", dialogue)
		view, err := open[0].Submit(t.Context(), author, viewDraft(author, dialogue, "a view"), nil)
		if err != nil {
			t.Fatal(err)
		}
		submit(t, open[0], civic.System, view.Act, &act.StatementPublished{}, nil)
		if err := open[1].Wait(t.Context(), open[0].Position()); err != nil {
			t.Fatal(err)
		}
		if err := open[0].Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var watch, work sync.WaitGroup
		seen := map[int64]translog.Checkpoint{}
		watch.Go(func() {
			for last := int64(0); ctx.Err() == nil; {
				kept := e.pinned(t)
				if kept.Size < last {
					t.Errorf("the checkpoint kept went from %d back to %d", last, kept.Size)
				}
				last = kept.Size
				seen[kept.Size] = kept
			}
		})
		for i, r := range open {
			for w := range 4 {
				work.Go(func() {
					for k := range 60 {
						who := person(r, fmt.Sprint(i, w, k), dialogue)
						if _, err := r.Submit(context.Background(), who, ballotDraft(who, dialogue, view.Act, act.Agree), nil); err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
		work.Wait()
		stop()
		watch.Wait()
		s := open[0].Store()
		for size, kept := range seen {
			if root, err := s.Root(t.Context(), size); err != nil || root != kept.Root {
				t.Errorf("size %d: published %s, the tree gives %s: %v", size, kept.Root, root, err)
			}
		}
		// Releases go on by themselves: the two are compared when both have read
		// as far as each other.
		for deadline := time.Now().Add(10 * time.Second); ; {
			size, err := s.Size(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range open {
				if err := r.Wait(t.Context(), size); err != nil || r.Fault() != nil {
					t.Fatalf("%v, fault %v", err, r.Fault())
				}
			}
			if bytes.Equal(publicState(t, open[0]), publicState(t, open[1])) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("two states of one log")
			}
		}
		open[0].View(func(s *civic.State) {
			if n := s.Ballots(dialogue); n != 480 || len(s.Releases(dialogue)) < 2 {
				t.Errorf("%d ballots, %d releases", n, len(s.Releases(dialogue)))
			}
		})
		t.Logf("%d checkpoints were seen kept", len(seen))
	})
}
