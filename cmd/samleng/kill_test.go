package main

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"samleng/act"
	"samleng/internal/store"
	"samleng/internal/store/storetest"
)

// kills is how often each register is killed, unless SAMLENG_TEST_KILLS says
// how often (what is verified grows with the square).
const kills = 20

// TestNothingIsLost serves a register, has many clients put views forward and
// vote, and kills the server again and again at any moment: under load, while
// it starts, while it signs and publishes checkpoints, now and then in good
// order. Each client sends again, with the same key, until it has a receipt.
// Whatever a receipt was handed out for is in the log from then on, where the
// receipt says, once; and each checkpoint ever shown is a beginning of every
// later one.
func TestNothingIsLost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, where store.Config) {
		n := kills
		if testing.Short() {
			n = 8
		}
		if text := os.Getenv("SAMLENG_TEST_KILLS"); text != "" {
			var err error
			if n, err = strconv.Atoi(text); err != nil {
				t.Fatal(err)
			}
		}
		killAgainAndAgain(t, prepare(t, where), n)
	})
}

func killAgainAndAgain(t *testing.T, p prepared, n int) {
	began := time.Now()
	o, c := newOutsider(t, p.verifier), newCrowd(p.statements, verifierOf(t, p.verifier))
	work, stop := context.WithCancel(t.Context())
	patience, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	clients := c.run(work, patience, 12)
	defer clients.Wait()
	defer stop()
	watching := make(chan error, 1)
	go func() { watching <- c.watch(work, o) }()

	killed, early, checked := 0, 0, 0
	for killed < n {
		// Checkpoints come so often that many a kill falls into one.
		server := p.serve(t, "--checkpoint", "30ms", "--release", "100ms")
		if rand.IntN(4) == 0 { // it may not even listen yet
			time.Sleep(time.Duration(rand.IntN(80)) * time.Millisecond)
			server.kill()
			killed, early = killed+1, early+1
			continue
		}
		c.at(server.listens())
		// What was handed out before the last kill is there after it.
		all := c.holds(0)
		o.follow(t, server.base)
		for _, h := range all[:checked] {
			if err := h.stands(o); err != nil {
				t.Fatal(err)
			}
		}
		allResolve(t, c, o, server.base, some(all[:checked], 20))
		fresh := all[checked:]
		for _, h := range fresh { // the newest may wait for their checkpoint
			if h.position >= int64(len(o.ids)) {
				o.covering(t, server.base, h.position+1)
			}
			if err := h.stands(o); err != nil {
				t.Fatal(err)
			}
		}
		allResolve(t, c, o, server.base, some(fresh, 60))
		checked = len(all)
		time.Sleep(time.Duration(50+rand.IntN(250)) * time.Millisecond)
		if rand.IntN(8) == 0 {
			server.terminate()
		} else {
			server.kill()
			killed++
		}
	}

	server := p.serve(t, "--checkpoint", "30ms", "--release", "0s")
	c.at(server.listens())
	stop()
	time.AfterFunc(20*time.Second, giveUp)
	clients.Wait()
	if err := <-watching; err != nil {
		t.Error(err)
	}
	all := c.holds(0)
	for _, h := range all {
		if h.position >= int64(len(o.ids)) {
			o.covering(t, server.base, h.position+1)
		}
	}
	allResolve(t, c, o, server.base, all)
	c.check(t)
	once(t, o, all, len(p.statements))
	server.terminate()
	replays(t, p, o)
	t.Logf("%d kills (%d during the start), %d acts, %d receipts verified (%d from pages), %d of them sent more than once, %d retries, %d checkpoints, %d consistency proofs, %s",
		killed, early, len(o.ids), len(all), c.forms.Load(), c.resent.Load(), c.retries.Load(), len(o.seen), o.proofs, time.Since(began).Round(time.Millisecond))
	if len(all) < 10*n || c.resent.Load() == 0 || len(o.seen) < n/2 {
		t.Errorf("this was no test: %d receipts, %d for what was sent before, %d checkpoints", len(all), c.resent.Load(), len(o.seen))
	}
}

// watch looks at the newest checkpoint all the time, so that none is shown to
// nobody. The error is a fork.
func (c *crowd) watch(ctx context.Context, o *outsider) error {
	for ctx.Err() == nil {
		if base := *c.base.Load(); base != "" {
			if _, err := o.look(ctx, base); isFork(err) {
				return err
			}
		}
		time.Sleep(8 * time.Millisecond)
	}
	return nil
}

// some gives up to n of the receipts, of all ages.
func some(receipts []held, n int) []held {
	if len(receipts) <= n {
		return receipts
	}
	chosen := make([]held, n)
	for i := range chosen {
		chosen[i] = receipts[rand.IntN(len(receipts))]
	}
	return chosen
}

// once checks that the log holds exactly what receipts were handed out for:
// every client waited for its own.
func once(t *testing.T, o *outsider, all []held, before int) {
	t.Helper()
	views, ballots := before, 0
	seen := map[act.ID]bool{}
	for _, h := range all {
		if seen[h.act] {
			t.Errorf("two receipts for the act %s", h.act)
		}
		seen[h.act] = true
		if h.view {
			views++
		} else {
			ballots++
		}
	}
	if n := o.count(act.KindStatementRegistered); n != views {
		t.Errorf("%d views are in the log, receipts were handed out for %d", n, views)
	}
	if n := o.count(act.KindBallotCast); n != ballots {
		t.Errorf("%d ballots are in the log, receipts were handed out for %d", n, ballots)
	}
}

// replays opens the register anew, in this process: it is whole, and its log is
// what the outsider read.
func replays(t *testing.T, p prepared, o *outsider) {
	t.Helper()
	r := p.open(t)
	defer r.Close()
	if r.Fault() != nil {
		t.Fatal(r.Fault())
	}
	if found, err := r.Store().Check(t.Context()); err != nil || found.Acts < int64(len(o.ids)) {
		t.Errorf("%+v: %v", found, err)
	}
	err := r.Store().Scan(t.Context(), 0, int64(len(o.ids)), func(stored store.Stored) error {
		if string(stored.Header) != string(o.headers[stored.Position]) {
			t.Errorf("the act at %d is another than was published", stored.Position)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
