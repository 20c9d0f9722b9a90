package demo_test

import (
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"samleng/civic"
	"samleng/internal/demo"
	"samleng/internal/register"
	"samleng/internal/store"
)

var today = time.Date(2026, 11, 26, 6, 40, 0, 0, time.UTC)

func fill(t testing.TB, seed uint64, at time.Time) (*register.Register, *demo.Filled) {
	t.Helper()
	dir := t.TempDir()
	keys, err := register.LoadKeys(filepath.Join(dir, "keys"), "demo.example/register", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	clock := demo.NewClock(at)
	r, err := register.Open(t.Context(), register.Config{Store: store.Config{Dir: dir}, Keys: keys, Now: clock.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	start := time.Now()
	filled, err := demo.Fill(t.Context(), r, demo.Config{Seed: seed, Today: at, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	stats := r.Stats()
	t.Logf("%d acts in %d transactions, %v", stats.Acts, stats.Batches, time.Since(start))
	return r, filled
}

func TestX(t *testing.T) {
	r, filled := fill(t, 1, today)
	t.Log(filled)
	r.View(func(s *civic.State) {
		t.Logf("%+v", s.Balance(civic.Filter{}, today))
		for _, d := range s.Dialogues() {
			t.Logf("%s %s %d %+v ballots %d people %d", d.Slug, d.Stage(), len(d.Statements()), s.Balance(civic.Filter{Dialogue: d.ID}, today), s.Ballots(d.ID), s.Participants(d.ID))
		}
	})
}
