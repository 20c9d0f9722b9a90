package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"
)

// spent is the processor time this process has used.
func spent(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// nowhere takes an answer and keeps nothing.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header       { return n.header }
func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) WriteHeader(int)             {}

// BenchmarkCachedPage serves a page that was made before, and a handler that
// says "ok", over real connections in turns. The figure to watch is of-ok, at
// most 3: the processor time of a request for the page over that of an "ok",
// what the client spends on either included in both.
func BenchmarkCachedPage(b *testing.B) {
	s := filled(b)
	ok := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })
	handlers := map[string]http.Handler{"page": s.Pages, "ok": ok}
	const turn = 2000
	cost := map[string]time.Duration{}
	servers := map[string]*httptest.Server{}
	for name, handler := range handlers {
		servers[name] = httptest.NewServer(handler)
		defer servers[name].Close()
	}
	ask := func(name string, n int) {
		client := servers[name].Client()
		for range n {
			r, err := http.NewRequest("GET", servers[name].URL+"/d/ratanakkiri?lang=km", nil)
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("Accept-Encoding", "gzip")
			answer, err := client.Do(r)
			if err != nil || answer.StatusCode != 200 {
				b.Fatal(err, answer)
			}
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
	}
	turns := 0
	for b.Loop() {
		for name := range handlers {
			before := spent(b)
			ask(name, turn)
			cost[name] += spent(b) - before
		}
		turns++
	}
	b.ReportMetric(float64(cost["page"].Microseconds())/float64(turns*turn), "cpu-us/page")
	b.ReportMetric(float64(cost["ok"].Microseconds())/float64(turns*turn), "cpu-us/ok")
	b.ReportMetric(float64(cost["page"])/float64(cost["ok"]), "of-ok")
	r := httptest.NewRequest("GET", "/d/ratanakkiri?lang=km", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	before := spent(b)
	for range turn {
		s.Pages.ServeHTTP(nowhere{http.Header{}}, r)
	}
	b.ReportMetric(float64((spent(b)-before).Nanoseconds())/turn, "cpu-ns/handler")
}
