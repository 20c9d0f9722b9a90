package witness_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/translog"
	"samleng/witness"
)

// TestClient has a log follow its witness by the protocol over HTTP.
func TestClient(t *testing.T) {
	w := newWorld(t)
	mux := http.NewServeMux()
	mux.Handle("POST /prefix/add-checkpoint", w.witness().Handler())
	server := httptest.NewServer(mux)
	defer server.Close()
	client := witness.Client{URL: server.URL + "/prefix/"}
	own := must[note.Verifier](t)(translog.NewVerifier(w.vkey))
	logKey := must[note.Verifier](t)(translog.NewVerifier(w.logKey))
	ask := func(old, size int64, log logOf) ([]byte, error) {
		r := log.request(old, size)
		return client.AddCheckpoint(t.Context(), r.Old, r.Proof, r.Checkpoint)
	}
	lines, err := ask(0, 7, w.log)
	if err != nil {
		t.Fatal(err)
	}
	merged, added, err := witness.Merge(w.log.signed(7), append(lines, unknownLine...), own)
	if err != nil || added != 1 {
		t.Fatal(added, err)
	}
	opened := must[translog.Signed](t)(translog.Open(merged, testOrigin, logKey, own))
	if len(opened.Cosignatures) != 1 || !opened.Cosignatures[0].Time.Equal(signedAt) || len(opened.Unknown) != 0 {
		t.Errorf("%+v", opened)
	}
	if again, added, err := witness.Merge(merged, lines, own); err != nil || added != 1 || !bytes.Equal(again, merged) {
		t.Errorf("merged twice: %d %v\n%s", added, err, again)
	}
	if _, _, err := witness.Merge(w.log.signed(8), lines, own); !errors.Is(err, witness.ErrSignature) {
		t.Errorf("lines of another checkpoint: %v", err)
	}
	_, err = ask(0, 9, w.log)
	if conflict, is := errors.AsType[*witness.ConflictError](err); !is || conflict.Size != 7 {
		t.Errorf("%v", err)
	}
	if _, err := ask(7, 9, w.log); err != nil {
		t.Error(err)
	}
	for status, err := range map[int]error{
		http.StatusConflict:            second(ask(9, 9, w.fork)),
		http.StatusUnprocessableEntity: second(ask(9, 12, w.fork)),
		http.StatusMethodNotAllowed:    second(witness.Client{URL: redirecting(t, server.URL+"/prefix")}.AddCheckpoint(t.Context(), 0, nil, nil)),
	} {
		refused, is := errors.AsType[*witness.StatusError](err)
		if !is || refused.Status != status || refused.Message == "" {
			t.Errorf("status %d: %v", status, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// redirecting is a server that sends elsewhere; a browser's redirect makes GET of
// POST, which no witness answers.
func redirecting(t *testing.T, to string) string {
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, to+r.URL.Path, http.StatusFound)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestClientAgainstLies has a witness answer what is none of the protocol.
func TestClientAgainstLies(t *testing.T) {
	for name, lie := range map[string]http.HandlerFunc{
		"nothing": func(http.ResponseWriter, *http.Request) {},
		"words":   func(rw http.ResponseWriter, _ *http.Request) { io.WriteString(rw, "fine\n") },
		"a text before": func(rw http.ResponseWriter, _ *http.Request) {
			io.WriteString(rw, "another text\n\n"+unknownLine)
		},
		"half a line": func(rw http.ResponseWriter, _ *http.Request) {
			io.WriteString(rw, strings.TrimSuffix(unknownLine, "\n"))
		},
		"no end": func(rw http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			for r.Context().Err() == nil {
				if _, err := io.WriteString(rw, unknownLine); err != nil {
					return
				}
			}
		},
		"a size that is none": func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", "text/x.tlog.size")
			rw.WriteHeader(http.StatusConflict)
			io.WriteString(rw, "-1\n")
		},
	} {
		server := httptest.NewServer(lie)
		lines, err := witness.Client{URL: server.URL}.AddCheckpoint(t.Context(), 0, nil, nil)
		if !errors.Is(err, witness.ErrAnswer) || lines != nil {
			t.Errorf("%s: %q %v", name, lines, err)
		}
		server.Close()
	}
	hung := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is it seen that the client has gone
		<-r.Context().Done()
	}))
	defer hung.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := (witness.Client{URL: hung.URL}).AddCheckpoint(ctx, 0, nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("hung: %v", err)
	}
}

// TestHandlerLimits refuses what is too long before it is in memory.
func TestHandlerLimits(t *testing.T) {
	w := newWorld(t)
	if answer := post(w.witness(), bytes.Repeat([]byte("x"), witness.MaxRequest+1)); answer.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %q", answer.Code, answer.Body)
	}
	r := w.log.request(0, 7)
	r.Checkpoint = append(r.Checkpoint, bytes.Repeat([]byte(unknownLine), 101)...)
	if answer := post(w.witness(), r.Encode()); answer.Code != http.StatusBadRequest {
		t.Errorf("more signatures than any note has: %d %q", answer.Code, answer.Body)
	}
	r = w.log.request(0, 7)
	r.Checkpoint = append(r.Checkpoint, bytes.Repeat([]byte(unknownLine), 60)...)
	if answer := post(w.witness(), r.Encode()); answer.Code != http.StatusOK {
		t.Errorf("%d %q", answer.Code, answer.Body)
	}
}
