package audit_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"samleng/audit"
)

// everyThird has each third request go wrong.
func everyThird(next http.Handler, wrong http.HandlerFunc) http.Handler {
	var requests atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1)%3 == 0 {
			wrong(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// TestPoorLine audits over lines that fail in the middle: the report is the one
// of a good line.
func TestPoorLine(t *testing.T) {
	w := served(t)
	want := run(t, w.handler, nil)
	for name, wrong := range map[string]http.HandlerFunc{
		"the server has an error": func(out http.ResponseWriter, _ *http.Request) { http.Error(out, "no", http.StatusInternalServerError) },
		"the server is busy":      func(out http.ResponseWriter, _ *http.Request) { http.Error(out, "later", http.StatusTooManyRequests) },
		"the line is cut before the answer": func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		},
		"the line is cut in the answer": func(out http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			w.handler.ServeHTTP(answer, r)
			out.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
			out.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		},
		"less comes than was said": func(out http.ResponseWriter, r *http.Request) {
			out.Header().Set("Content-Length", "5000")
			fmt.Fprint(out, "half")
		},
	} {
		t.Run(name, func(t *testing.T) {
			report := run(t, everyThird(w.handler, wrong), nil)
			same(t, report, want)
		})
	}
	// An answer that never ends, now and then.
	var slow atomic.Int64
	report := run(t, http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if slow.Add(1)%150 != 0 {
			w.handler.ServeHTTP(out, r)
			return
		}
		out.WriteHeader(http.StatusOK)
		out.(http.Flusher).Flush()
		<-r.Context().Done()
	}), nil)
	same(t, report, want)
}

// TestElsewhere: a site that sends on to another host is not followed there, nor
// from https to http; what lies elsewhere on the host is.
func TestElsewhere(t *testing.T) {
	w := served(t)
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the other host was asked") }))
	defer other.Close()
	otherHost := strings.Replace(other.URL, "127.0.0.1", "localhost", 1)
	audited := func(server *httptest.Server) audit.Report {
		defer server.Close()
		site := audit.Site{Base: server.URL, Client: server.Client()}
		report, err := audit.Run(t.Context(), audit.Config{Seed: 7, Fetch: site.Fetch, API: site.API, Now: func() time.Time { return today }, Pause: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	to := func(address string) http.Handler {
		return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			http.Redirect(out, r, address+r.URL.Path, http.StatusFound)
		})
	}
	for name, server := range map[string]*httptest.Server{
		"another host":     httptest.NewServer(to(otherHost)),
		"http after https": httptest.NewTLSServer(to(other.URL)),
		"again and again":  httptest.NewServer(to("")),
	} {
		report := audited(server)
		if report.Outcome != audit.Unfinished || report.Stop != audit.StopElsewhere || len(report.Findings) != 0 {
			t.Errorf("%s: %+v", name, report)
		}
		if name == "another host" && !strings.Contains(report.Stopped, otherHost) {
			t.Errorf("%q does not say where to", report.Stopped)
		}
	}
	moved := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if path, is := strings.CutPrefix(r.URL.Path, "/new"); is {
			r.URL.Path = path
			w.handler.ServeHTTP(out, r)
			return
		}
		http.Redirect(out, r, "/new"+r.URL.RequestURI(), http.StatusFound)
	}))
	if report := audited(moved); report.Outcome != audit.Verified {
		t.Errorf("elsewhere on the host: %+v", report)
	}
}

// TestStops: what ended an audit early is sorted for advice.
func TestStops(t *testing.T) {
	for want, failed := range map[audit.Stop]error{
		audit.StopNothing: fs.ErrNotExist, audit.StopUnreadable: fs.ErrPermission, audit.StopServer: errors.New("no line\xff"), audit.StopElsewhere: audit.ErrElsewhere,
	} {
		report, err := audit.Run(t.Context(), audit.Config{Seed: 7, Now: time.Now, Tries: 2, Pause: 1, Fetch: func(context.Context, string) ([]byte, error) {
			return nil, fmt.Errorf("of a sort: %w", failed)
		}})
		if err != nil || report.Outcome != audit.Unfinished || report.Stop != want || !strings.Contains(report.Stopped, "of a sort") {
			t.Errorf("%s: %v: %+v", want, err, report)
		}
	}
}

// TestWrongClock audits with a clock that is behind: one finding for the log,
// not one an act, and what clocks say.
func TestWrongClock(t *testing.T) {
	w := served(t)
	report := run(t, w.handler, func(c *audit.Config) { c.Now = func() time.Time { return today.AddDate(0, 0, -30) } })
	inLog := 0
	for _, f := range report.Findings {
		if f.Check != audit.CheckTime {
			t.Errorf("found %v", f)
		}
		if f.Position >= 0 {
			inLog++
		}
	}
	if report.Outcome != audit.Wrong || inLog != 1 || report.Acts != w.Position() {
		t.Errorf("%d acts of hours to come: %+v", inLog, report)
	}
}
