package audit_test

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"samleng/audit"
)

// BenchmarkAudit audits the whole register out of memory: what verifying,
// decoding and replaying cost, with no disk and no network.
func BenchmarkAudit(b *testing.B) {
	w := served(b)
	files := map[string][]byte{}
	fetch := func(_ context.Context, path string) ([]byte, error) {
		if content, has := files[path]; has {
			return content, nil
		}
		out := httptest.NewRecorder()
		w.handler.ServeHTTP(out, httptest.NewRequest("GET", "/log/"+path, nil))
		if out.Code != http.StatusOK {
			return nil, fs.ErrNotExist
		}
		files[path] = out.Body.Bytes()
		return files[path], nil
	}
	audited := func() {
		report, err := audit.Run(b.Context(), audit.Config{Fetch: fetch, Now: func() time.Time { return today }})
		if err != nil || report.Outcome != audit.Verified {
			b.Fatalf("%v: %+v", err, report)
		}
	}
	audited()
	for b.Loop() {
		audited()
	}
	b.ReportMetric(float64(b.N)*float64(w.Position())/b.Elapsed().Seconds(), "acts/s")
}
