package demo_test

import (
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"samleng/civic"
	"samleng/internal/blob"
	"samleng/internal/demo"
	"samleng/internal/register"
	"samleng/internal/store"
)

// TestServedRegisterEscalates opens a filled register weeks later: what has
// gone silent meanwhile goes up, and is tabled, by itself.
func TestServedRegisterEscalates(t *testing.T) {
	dir := t.TempDir()
	keys, err := register.LoadKeys(filepath.Join(dir, "keys"), "demo.example/register", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	files, err := blob.Open(filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	clock := demo.NewClock(today)
	config := register.Config{Store: store.Config{Dir: dir}, Keys: keys, Now: clock.Now, Log: slog.New(slog.DiscardHandler)}
	r, err := register.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Fill(t.Context(), r, demo.Config{Seed: 1, Today: today, Clock: clock, Files: files}); err != nil {
		t.Fatal(err)
	}
	before := escalations(r)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	config.Now = func() time.Time { return today.AddDate(0, 0, 40) }
	config.RuleEvery = 10 * time.Millisecond
	if r, err = register.Open(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range 500 {
		due := 1
		r.View(func(s *civic.State) { due = len(s.Escalations(r.Now().UTC().Truncate(time.Hour))) })
		if due == 0 && escalations(r) > before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d cases had gone up, %d have forty days later", before, escalations(r))
}

func escalations(r *register.Register) (n int) {
	r.View(func(s *civic.State) {
		for _, c := range s.Referrals() {
			n += len(c.Escalations)
		}
	})
	return n
}
