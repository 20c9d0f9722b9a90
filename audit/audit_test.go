package audit_test

import (
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"samleng/audit"
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "samleng-audit-")
	if err != nil {
		panic(err)
	}
	sharedDir = dir
	code := m.Run()
	if shared.Register != nil {
		shared.Close()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// TestHonest audits the register as it is: nothing is wrong, everything that is
// public is checked, and what is not is counted.
func TestHonest(t *testing.T) {
	w := served(t)
	report := run(t, w.handler, nil)
	for _, f := range report.Findings {
		t.Error(f)
	}
	if report.Outcome != audit.Verified || report.Leaves != w.Position() || report.Acts != w.Position() || report.Sections == 0 || report.Figures < 20 {
		t.Errorf("%+v", report)
	}
	t.Logf("%d acts, %d sections, %d figures %+v; unchecked %+v", report.Acts, report.Sections, report.Figures, report.Compared, report.Unchecked)
}

// TestThorough compares everything that the site says: all of it is the log's.
func TestThorough(t *testing.T) {
	w := served(t)
	var requests atomic.Int64
	counted := http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		w.handler.ServeHTTP(out, r)
	})
	report := run(t, counted, nil)
	sampled := requests.Swap(0)
	if most := int64(400); sampled > most {
		t.Errorf("%d requests for a sample, at most %d", sampled, most)
	}
	whole := run(t, counted, func(c *audit.Config) { c.Thorough = true })
	for _, f := range whole.Findings {
		t.Error(f)
	}
	if unchecked(whole, audit.ReasonMarks) {
		t.Errorf("figures on pages that are compared with nothing: %+v", whole.Unchecked)
	}
	for _, class := range audit.Classes {
		if report.Compared[class].Figures == 0 || whole.Compared[class].Figures < report.Compared[class].Figures {
			t.Errorf("%s: %+v of a sample, %+v of everything", class, report.Compared[class], whole.Compared[class])
		}
	}
	t.Logf("%d requests for a sample, %d for everything; %+v", sampled, requests.Load(), whole.Compared)
}

// TestSeed: the same seed chooses the same sample.
func TestSeed(t *testing.T) {
	w := served(t)
	asked := func(seed uint64) []string {
		var paths []string
		var mu sync.Mutex
		report := run(t, http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			mu.Lock()
			paths = append(paths, r.URL.RequestURI())
			mu.Unlock()
			w.handler.ServeHTTP(out, r)
		}), func(c *audit.Config) { c.Seed = seed })
		if report.Seed != seed && seed != 0 {
			t.Errorf("seed %d, not %d", report.Seed, seed)
		}
		slices.Sort(paths)
		return slices.Compact(paths)
	}
	if one, again, other := asked(7), asked(7), asked(8); !slices.Equal(one, again) || slices.Equal(one, other) {
		t.Errorf("%d, %d and %d addresses", len(one), len(again), len(other))
	}
}
