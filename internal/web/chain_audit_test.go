package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"samleng/audit"
)

// audited has a sceptic audit everything that the site says now.
func (w *walk) audited() {
	w.t.Helper()
	if err := w.Register.Publish(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.Pass(2 * time.Second) // in which a page that was just made is served on
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/log/") || strings.HasPrefix(r.URL.Path, "/api/") {
			w.api.ServeHTTP(rw, r)
			return
		}
		w.Pages.ServeHTTP(rw, r)
	}))
	defer server.Close()
	site := audit.Site{Base: server.URL}
	report, err := audit.Run(w.t.Context(), audit.Config{Fetch: site.Fetch, API: site.API, Page: site.Page, Now: w.Now, Tries: 1, Thorough: true})
	if err != nil || report.Outcome != audit.Verified || report.Leaves != w.Register.Position() || report.Compared[audit.ClassPages].Answers == 0 {
		w.t.Errorf("%v: %s, %d acts of %d, compared %v; found %+v; unchecked %+v; %s", err, report.Outcome, report.Leaves, w.Register.Position(),
			report.Compared, report.Findings, report.Unchecked, report.Stopped)
	}
}
