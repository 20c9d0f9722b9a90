package web

import (
	"compress/gzip"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"samleng/internal/problem"
	"samleng/internal/register"
)

// readForm reads the fields of a form that was sent. Their sum is limited by
// guard, one field by most bytes.
func readForm(r *http.Request, most int) (url.Values, error) {
	if err := r.ParseForm(); err != nil {
		if trouble := problem.Of(err); trouble.Kind == problem.TooLarge {
			return nil, trouble
		}
		return nil, problem.Wrap(err, problem.Invalid, "problem.content")
	}
	for name, values := range r.PostForm {
		for _, value := range values {
			if len(value) > most {
				return nil, problem.New(problem.TooLarge, "problem.too_large", "kb", most/1024).In(name)
			}
		}
	}
	return r.PostForm, nil
}

// formToken makes the token that a form brings along, so that sending it twice
// records once.
func (s *Server) formToken() (string, error) {
	token, err := register.NewToken(s.random)
	if err != nil {
		return "", fmt.Errorf("draw a form's token: %w", err)
	}
	return token.String(), nil
}

// tokenOf reads the token of a form's hidden field "token".
func tokenOf(form url.Values) (*register.Token, error) {
	token, err := register.ParseToken(form.Get("token"))
	if err != nil {
		return nil, problem.Wrap(err, problem.Invalid, "problem.token")
	}
	return &token, nil
}

// tokenAfter gives the token of a form that is shown again after a problem: the
// one that it brought, so that sending it again is the same act; a fresh one if
// it brought none that is good, or one that is spent.
func tokenAfter(form url.Values, err error, fresh string) string {
	if key := problemOf(err).Key; key == "problem.token_conflict" || key == "problem.token" || form.Get("token") == "" {
		return fresh
	}
	return form.Get("token")
}

func isMultipart(r *http.Request) bool {
	return strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "multipart/")
}

func sortedKeys(values url.Values) []string { return slices.Sorted(maps.Keys(values)) }

// acceptsGzip reports whether the client takes gzip. Browsers all say so in the
// plainest form; "gzip;q=0" is looked for because a test tool may send it.
func acceptsGzip(r *http.Request) bool {
	accepted := r.Header.Get("Accept-Encoding")
	return strings.Contains(accepted, "gzip") && !strings.Contains(accepted, "gzip;q=0")
}

// writeBody answers with a body that no cache keeps, compressed if the client
// takes that and it is worth it. Pages that hold a secret hold nothing that an
// attacker chose beside it, so compressing them tells nothing of it.
func writeBody(w http.ResponseWriter, r *http.Request, status int, body []byte) error {
	header := w.Header()
	header.Add("Vary", "Accept-Encoding")
	if !acceptsGzip(r) || len(body) < 1000 {
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			// A client that went away is no fault of ours.
			_, _ = w.Write(body)
		}
		return nil
	}
	header.Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	zip := zippers.Get().(*gzip.Writer)
	defer zippers.Put(zip)
	zip.Reset(w)
	// The same: what fails here is the connection.
	_, _ = zip.Write(body)
	_ = zip.Close()
	return nil
}
