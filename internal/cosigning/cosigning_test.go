package cosigning_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/cosigning"
	"samleng/internal/register"
	"samleng/internal/store"
	"samleng/translog"
	"samleng/witness"
)

// partners are a register and two witnesses that are always on.
type partners struct {
	t testing.TB
	*register.Register
	now       time.Time
	collector *cosigning.Collector
	told      *bytes.Buffer
	away      [2]atomic.Bool // does not answer
	asked     [2]atomic.Int64
	dirs      [2]string
	handlers  [2]atomic.Pointer[http.Handler]
	secrets   [2]string
}

func newPartners(t testing.TB) *partners {
	dir := t.TempDir()
	keys, err := register.LoadKeys(filepath.Join(dir, "keys"), "log.example/register", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &partners{t: t, now: time.Date(2026, 3, 9, 3, 20, 0, 0, time.UTC), told: &bytes.Buffer{}}
	p.Register, err = register.Open(t.Context(), register.Config{Store: store.Config{Dir: dir}, Keys: keys,
		Now: func() time.Time { return p.now }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Register.Close() })
	p.submit(&act.ProgrammeDeclared{Prefix: "KH", TimeZone: "UTC", Languages: []string{"km"}, Threshold: 10, Rounding: 5, Step: 10})
	p.publish()
	facts := &act.WitnessesDeclared{Quorum: 2}
	config := cosigning.Config{Register: p.Register, Log: slog.New(slog.NewTextHandler(p.told, nil))}
	for i, kind := range []string{"cso_coalition", "donor"} {
		org := p.submit(&act.OrganisationRegistered{Type: kind})
		var key string
		if p.secrets[i], key, err = translog.GenerateCosignerKey(rand.Reader, kind+".example"); err != nil {
			t.Fatal(err)
		}
		facts.Witnesses = append(facts.Witnesses, act.Witness{Organisation: org, Key: key, Cadence: act.CadenceAlways})
		p.dirs[i] = t.TempDir()
		p.start(i)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p.asked[i].Add(1)
			if p.away[i].Load() {
				http.Error(w, "away", http.StatusBadGateway)
				return
			}
			(*p.handlers[i].Load()).ServeHTTP(w, r)
		}))
		t.Cleanup(server.Close)
		config.Endpoints = append(config.Endpoints, cosigning.Endpoint{Name: kind + ".example", URL: server.URL})
	}
	p.submit(facts)
	p.collector = cosigning.New(config)
	return p
}

// start starts a witness on its folder.
func (p *partners) start(i int) {
	p.t.Helper()
	log, err := witness.NewLog(p.VerifierKeys()...)
	if err != nil {
		p.t.Fatal(err)
	}
	w, err := witness.New(witness.Config{Key: p.secrets[i], Dir: p.dirs[i], Logs: []witness.Log{log}, Now: func() time.Time { return p.now }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		p.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /add-checkpoint", w.Handler())
	var handler http.Handler = mux
	p.handlers[i].Store(&handler)
}

func (p *partners) submit(facts act.Facts) act.ID {
	p.t.Helper()
	d := act.Draft{By: act.System, Facts: facts}
	if facts.Kind() != act.KindWitnessesDeclared {
		d.Content = map[string]any{"names": &act.Names{Name: map[string]string{"km": "name"}}}
	}
	receipt, err := p.Submit(p.t.Context(), civic.System, d, nil)
	if err != nil {
		p.t.Fatalf("%s: %v", facts.Kind(), err)
	}
	return receipt.Act
}

func (p *partners) publish() {
	p.t.Helper()
	if err := p.Publish(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

func (p *partners) round() {
	p.t.Helper()
	if err := p.collector.Round(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

func (p *partners) published() int64 {
	p.t.Helper()
	_, size, err := p.Checkpoint(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return size
}

func (p *partners) witnessing() (w *civic.Witnessing) {
	p.t.Helper()
	newest, err := p.Cosigned(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	p.View(func(s *civic.State) { w = s.Witnessing(newest, p.now) })
	return w
}

// TestWitnessesSign: what is signed is witnessed and then published, again and
// again; with one of two away it waits; who was away catches up.
func TestWitnessesSign(t *testing.T) {
	p := newPartners(t)
	before := p.published()
	p.publish()
	if p.published() != before {
		t.Fatal("published before it was witnessed")
	}
	p.round()
	if p.published() != p.Position() || !p.witnessing().Kept || p.witnessing().Size != p.Position() {
		t.Fatalf("%d acts of %d are published, %+v; told: %s", p.published(), p.Position(), p.witnessing(), p.told)
	}
	asked := p.asked[0].Load()
	p.round()
	if p.asked[0].Load() != asked {
		t.Error("asked again for what it has signed")
	}
	// Nothing comes for an hour: each states once more that the log stands there.
	p.now = p.now.Add(time.Hour)
	p.round()
	if last := p.witnessing().Witnesses[0].Last; !last.At.Equal(p.now) || last.Size != p.Position() {
		t.Errorf("after an hour: %+v", last)
	}

	p.away[1].Store(true)
	p.submit(&act.OrganisationRegistered{Type: "media"})
	p.publish()
	p.round()
	if p.published() == p.Position() {
		t.Error("published with one witness of two")
	}
	asked = p.asked[1].Load()
	p.round()
	if p.asked[1].Load() != asked {
		t.Error("asked again at once, though it did not answer")
	}
	if strings.Count(p.told.String(), "did not sign") != 1 || !strings.Contains(p.told.String(), "502") {
		t.Errorf("told: %s", p.told)
	}
	p.now = p.now.Add(10 * time.Minute)
	p.publish()
	if p.published() != p.Position() || p.witnessing().Size == p.Position() {
		t.Errorf("after ten minutes %d acts of %d are published, %+v", p.published(), p.Position(), p.witnessing())
	}
	p.away[1].Store(false)
	p.round()
	if p.witnessing().Size != p.Position() {
		t.Errorf("back again: %+v; told: %s", p.witnessing(), p.told)
	}
}

// TestWitnessThatLostItsMemory says so by the size that it remembers, and is
// given the proof from there.
func TestWitnessThatLostItsMemory(t *testing.T) {
	p := newPartners(t)
	p.publish()
	p.round()
	p.dirs[0] = t.TempDir()
	p.start(0)
	p.submit(&act.OrganisationRegistered{Type: "media"})
	p.publish()
	p.round()
	if p.witnessing().Size != p.Position() {
		t.Errorf("%+v; told: %s", p.witnessing(), p.told)
	}
}

// TestWitnessThatSawMore: a witness answers that it has signed more acts than
// the log has. That is told, and nothing is taken for signed.
func TestWitnessThatSawMore(t *testing.T) {
	p := newPartners(t)
	var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/x.tlog.size")
		w.WriteHeader(http.StatusConflict)
		fmt.Fprintln(w, p.Position()+5)
	})
	p.handlers[0].Store(&handler)
	p.publish()
	p.round()
	if !strings.Contains(p.told.String(), "old copy") || p.witnessing().Witnesses[0].Last.Size != 0 || p.published() == p.Position() {
		t.Errorf("%+v; told: %s", p.witnessing(), p.told)
	}
}

// TestWitnessWithAnotherKey: a signature by a key that is not declared is none.
func TestWitnessWithAnotherKey(t *testing.T) {
	p := newPartners(t)
	var err error
	if p.secrets[0], _, err = translog.GenerateCosignerKey(rand.Reader, "cso_coalition.example"); err != nil {
		t.Fatal(err)
	}
	p.start(0)
	p.publish()
	p.round()
	if !strings.Contains(p.told.String(), "another key") || p.witnessing().Witnesses[0].Last.Size != 0 {
		t.Errorf("%+v; told: %s", p.witnessing(), p.told)
	}
}

// TestRunEnds with its context.
func TestRunEnds(t *testing.T) {
	p := newPartners(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p.collector.Run(ctx)
}
