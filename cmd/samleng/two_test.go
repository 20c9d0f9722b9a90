package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
	"samleng/internal/store/storetest"
)

// An import is another process that appends as fast as it can, with hundreds of
// submissions in flight. This test program is that process when it finds these
// in its environment.
const (
	importFolder   = "SAMLENG_TEST_IMPORT_FOLDER"
	importDatabase = "SAMLENG_TEST_IMPORT_DATABASE"
	importKeys     = "SAMLENG_TEST_IMPORT_KEYS"
	importActs     = 20_000
)

// TestImportProcess is the other process of TestTwoProcesses.
func TestImportProcess(t *testing.T) {
	keys := os.Getenv(importKeys)
	if keys == "" {
		t.Skip("this is the other process of TestTwoProcesses, which starts it")
	}
	p := prepared{config: store.Config{Dir: os.Getenv(importFolder), Database: os.Getenv(importDatabase)}, keys: keys}
	r := p.open(t)
	defer r.Close()
	var dialogue act.ID
	var statements []act.ID
	r.View(func(s *civic.State) {
		for _, d := range s.Dialogues() {
			dialogue = d.ID
		}
		for _, v := range s.Statements() {
			if v.Votable() {
				statements = append(statements, v.ID)
			}
		}
	})
	var next atomic.Int64
	var all sync.WaitGroup
	for range 400 {
		all.Go(func() {
			for n := next.Add(1); n <= importActs; n = next.Add(1) {
				who := civic.Actor{By: act.Participant, Participant: r.Participant(fmt.Sprint("imported ", n), dialogue)}
				_, err := r.Submit(context.Background(), who, act.Draft{By: who.By, Of: dialogue, Facts: &act.BallotCast{}, Content: map[string]any{
					"ballot": &act.Ballot{Participant: who.Participant, Votes: []act.StatementVote{{Statement: statements[int(n)%len(statements)], Vote: act.Agree}}}}}, nil)
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	t.Logf("%+v", r.Stats())
}

// TestTwoProcesses has two servers take acts from many clients at once, while a
// third process imports, all on one register. They end with one log, gapless,
// and the same state.
func TestTwoProcesses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, config store.Config) {
		p := prepare(t, config)
		o := newOutsider(t, p.verifier)
		work, stop := context.WithCancel(t.Context())
		patience, giveUp := context.WithTimeout(t.Context(), time.Minute)
		defer giveUp()
		defer stop()
		var servers [2]*process
		var crowds [2]*crowd
		var clients [2]*sync.WaitGroup
		watching := make(chan error, 2)
		for i := range servers {
			servers[i] = p.serve(t, "--checkpoint", "20ms", "--release", "50ms")
			crowds[i] = newCrowd(p.statements, verifierOf(t, p.verifier))
			crowds[i].at(servers[i].listens())
			clients[i] = crowds[i].run(work, patience, 8)
			go func() { watching <- crowds[i].watch(work, o) }()
		}
		began := time.Now()
		runImport(t, p)
		took := time.Since(began)
		stop()
		receipts := len(p.statements)
		var slowest time.Duration
		for i := range servers {
			clients[i].Wait()
			if err := <-watching; err != nil {
				t.Error(err)
			}
			crowds[i].check(t)
			slowest = max(slowest, time.Duration(crowds[i].slowest.Load()))
		}
		all := append(crowds[0].holds(0), crowds[1].holds(0)...)
		receipts += len(all)
		var last int64
		for _, h := range all {
			last = max(last, h.position+1)
		}
		// What one took both have, and show the same, once they have looked.
		for _, server := range servers {
			reaches(t, server.base, last)
		}
		o.covering(t, servers[0].base, max(last, importActs))
		o.covering(t, servers[1].base, int64(len(o.ids)))
		for i := range servers {
			allResolve(t, crowds[i], o, servers[1-i].base, some(crowds[i].holds(0), 300))
		}
		for i := range servers {
			servers[i].terminate()
		}
		imported := o.count(act.KindBallotCast) + o.count(act.KindStatementRegistered) - receipts
		if imported != importActs {
			t.Errorf("%d imported ballots are in the log, not %d", imported, importActs)
		}
		for _, h := range all {
			if err := h.stands(o); err != nil {
				t.Fatal(err)
			}
		}
		replays(t, p, o)
		sameState(t, p)
		t.Logf("%d acts, %d of them imported in %s beside %d receipts; the slowest answer took %s; %d were told to come again; %d checkpoints",
			len(o.ids), imported, took.Round(time.Millisecond), len(all), slowest.Round(time.Millisecond), crowds[0].told.Load()+crowds[1].told.Load(), len(o.seen))
		if len(all) < 100 || slowest > 9*time.Second {
			t.Errorf("%d receipts beside the import, the slowest after %s: it was starved", len(all), slowest)
		}
	})
}

// reaches waits, for two seconds at most, until a server's fold has a position.
func reaches(t *testing.T, base string, position int64) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		_, h := health(t, base)
		if h.Position >= position {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("its fold is at %d, and ought to be at %d", h.Position, position)
		}
	}
}

// runImport runs the import until it has ended.
func runImport(t *testing.T, p prepared) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestImportProcess$", "-test.v")
	cmd.Env = append(os.Environ(), importFolder+"="+p.config.Dir, importDatabase+"="+p.config.Database, importKeys+"="+p.keys)
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestImportProcess")) {
		t.Fatalf("the import: %v\n%s", err, out)
	}
	t.Logf("%s", bytes.TrimSpace(out))
}

// sameState replays the log twice, in registers of their own, and compares.
func sameState(t *testing.T, p prepared) {
	t.Helper()
	var states [2][]byte
	for i := range states {
		r := p.open(t)
		r.View(func(s *civic.State) {
			var err error
			if states[i], err = s.PublicJSON(); err != nil {
				t.Error(err)
			}
		})
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if !bytes.Equal(states[0], states[1]) {
		t.Error("one log, replayed twice, gives two states")
	}
}
