package audit_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"samleng/act"
	"samleng/audit"
	"samleng/civic"
	"samleng/internal/api"
	"samleng/internal/blob"
	"samleng/internal/demo"
	"samleng/internal/register"
	"samleng/internal/store"
	"samleng/internal/web"
)

const origin = "test.example/register"

var today = time.Date(2026, 11, 26, 6, 40, 0, 0, time.UTC)

// world is a register with everything in it, served as the site serves it. The
// tests only read it.
type world struct {
	*register.Register
	dir     string
	handler http.Handler
	// gone is the place of an act whose words were erased, and before what was
	// published of its bundle until then.
	gone   int64
	before []byte
}

var (
	shared     world
	makeShared sync.Once
	sharedDir  string
)

// served gives the one register that all tests lie about.
func served(t testing.TB) *world {
	t.Helper()
	makeShared.Do(func() { shared = *newWorld(t, sharedDir) })
	if shared.Register == nil {
		t.Fatal("there is no register: an earlier test says why")
	}
	return &shared
}

// newWorld fills a register with the illustrative programme, erases a view of
// it, and publishes a checkpoint of all.
func newWorld(t testing.TB, dir string) *world {
	t.Helper()
	keys, err := register.LoadKeys(filepath.Join(dir, "keys"), origin, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	clock := demo.NewClock(today)
	r, err := register.Open(context.Background(), register.Config{Store: store.Config{Dir: dir}, Keys: keys, Now: clock.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	files, err := blob.Open(filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Fill(context.Background(), r, demo.Config{Seed: 1, Today: today, Clock: clock, Files: files}); err != nil {
		t.Fatal(err)
	}
	var shown act.ID
	r.View(func(s *civic.State) {
		for _, v := range s.Statements() {
			if v.Shown() && v.Text == v.ID {
				shown = v.ID
			}
		}
	})
	if err := r.Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	a, err := api.New(api.Config{Register: r, Now: func() time.Time { return today }})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	a.Mount(mux)
	pages, err := web.New(web.Config{Register: r, Files: files, Address: "https://test.example", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/", pages)
	gone, err := r.Locate(context.Background(), shown)
	if err != nil {
		t.Fatal(err)
	}
	before := get(t, mux, fmt.Sprintf("/log/sections/%d", gone/256))
	if _, err := r.Erase(context.Background(), civic.System, shown, act.ErasedByLaw); err != nil {
		t.Fatal(err)
	}
	if err := r.Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	return &world{r, dir, mux, gone, before}
}

// run audits what a handler serves.
func run(t testing.TB, handler http.Handler, change func(*audit.Config)) audit.Report {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	site := audit.Site{Base: server.URL, Wait: 5 * time.Second}
	config := audit.Config{Seed: 7, Fetch: site.Fetch, API: site.API, Page: site.Page, Now: func() time.Time { return today }, Tries: 3, Pause: time.Millisecond}
	if change != nil {
		change(&config)
	}
	report, err := audit.Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return report
}
