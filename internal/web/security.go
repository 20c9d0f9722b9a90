package web

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"runtime/debug"
)

var cryptoRandom = rand.Reader

// maxBody is the most bytes of a form. Routes that take files read them with a
// limit of their own, below maxUpload.
const (
	maxBody   = 256 << 10
	maxUpload = 4 << 20
)

// policy is what pages may load and do: nothing but our own files, no inline
// script and no inline style.
const policy = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// fixedHeaders stand on every answer. Their values are shared: they are set,
// never appended to.
var fixedHeaders = map[string][]string{
	"Content-Security-Policy":    {policy},
	"Referrer-Policy":            {"same-origin"},
	"X-Content-Type-Options":     {"nosniff"},
	"X-Frame-Options":            {"DENY"},
	"Cross-Origin-Opener-Policy": {"same-origin"},
	"Permissions-Policy":         {"camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"},
}

// guard is what every request passes through: headers, limits, a refusal of
// forms that other sites send, and an answer where a handler panicked.
func (s *Server) guard(next http.Handler) (http.Handler, error) {
	origin := http.NewCrossOriginProtection()
	for _, trusted := range s.config.Origins {
		if err := origin.AddTrustedOrigin(trusted); err != nil {
			return nil, fmt.Errorf("web: trusted origin %q: %w", trusted, err)
		}
	}
	origin.SetDenyHandler(s.adapt(func(http.ResponseWriter, *http.Request) error { return errCrossOrigin }))
	protected := origin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		for name, value := range fixedHeaders {
			header[name] = value
		}
		if s.config.Secure {
			header.Set("Strict-Transport-Security", "max-age=31536000")
		}
		defer func() {
			if fault := recover(); fault != nil {
				if fault == http.ErrAbortHandler {
					panic(fault)
				}
				s.log.Error("a page panicked", "route", r.Pattern, "fault", fault, "stack", string(debug.Stack()))
				s.fail(w, r, fmt.Errorf("web: panic: %v", fault))
			}
		}()
		if r.Body != nil && r.Body != http.NoBody {
			limit := int64(maxBody)
			switch {
			case isMultipart(r) && takesEvidence(r):
				limit = maxEvidence
			case isMultipart(r):
				limit = maxUpload
			}
			r.Body = http.MaxBytesReader(w, r.Body, limit)
		}
		protected.ServeHTTP(w, r)
	}), nil
}
