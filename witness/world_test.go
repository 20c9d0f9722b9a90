package witness_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"samleng/translog"
	"samleng/witness"
)

const (
	testOrigin  = "log.example/one"
	testWitness = "witness.example/w1"
	testSize    = 40 // leaves of the test log; its fork is another from forkedAt on
	forkedAt    = 6
)

// signedAt is the clock of these tests.
var signedAt = time.Date(2026, 3, 20, 7, 5, 47, 0, time.UTC)

// logOf is a log that can be had at any size up to testSize.
type logOf struct {
	t      testing.TB
	signer note.Signer
	stored tlog.HashReaderFunc
}

// world is a log, a fork of it under the same key, and a witness's key.
type world struct {
	t         testing.TB
	log, fork logOf
	logKey    string // verifier key
	key, vkey string // of the witness, secret and public
	dir       string // the witness's memory
	said      *heard // what the witness logged
}

type heard struct {
	mu sync.Mutex
	bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.Buffer.Write(p)
}

func (h *heard) text() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.Buffer.String()
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: filepath.Join(t.TempDir(), "memory"), said: new(heard)}
	skey, logKey, err := translog.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{1}, 32)), testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	w.logKey = logKey
	if w.key, w.vkey, err = translog.GenerateCosignerKey(bytes.NewReader(bytes.Repeat([]byte{2}, 32)), testWitness); err != nil {
		t.Fatal(err)
	}
	signer := must[note.Signer](t)(translog.NewSigner(skey))
	w.log = logOf{t, signer, grown(t, testSize)}
	w.fork = logOf{t, signer, grown(t, forkedAt)}
	return w
}

// in makes t the test that fails.
func (w *world) in(t testing.TB) *world {
	w.t, w.log.t, w.fork.t = t, t, t
	return w
}

// grown gives the stored hashes of testSize leaves, which from leaf number
// changed on are not those of others.
func grown(t testing.TB, changed int) tlog.HashReaderFunc {
	var leaves []translog.Hash
	for i := range testSize {
		text := fmt.Sprint("leaf ", i)
		if i >= changed {
			text += " changed"
		}
		leaves = append(leaves, translog.LeafHash([]byte(text)))
	}
	stored := must[[]translog.Hash](t)(translog.AppendHashes(0, leaves, nil))
	return func(indexes []int64) ([]translog.Hash, error) {
		hashes := make([]translog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	}
}

// checkpoint is the log's head at a size.
func (l logOf) checkpoint(size int64) translog.Checkpoint {
	l.t.Helper()
	return translog.Checkpoint{Origin: testOrigin, Size: size, Root: must[translog.Hash](l.t)(translog.Root(size, l.stored))}
}

// signed is the checkpoint as the log signs it, with extension lines if any.
func (l logOf) signed(size int64, extension ...string) []byte {
	l.t.Helper()
	text := string(must[[]byte](l.t)(l.checkpoint(size).Text()))
	for _, line := range extension {
		text += line + "\n"
	}
	return must[[]byte](l.t)(note.Sign(&note.Note{Text: text}, l.signer))
}

// request asks for the cosignature of the checkpoint at newer, with the proof
// from older.
func (l logOf) request(older, newer int64) witness.Request {
	l.t.Helper()
	return witness.Request{Old: older, Checkpoint: l.signed(newer),
		Proof: must[[]translog.Hash](l.t)(translog.ProveConsistency(older, newer, l.stored))}
}

func (w *world) config() witness.Config {
	w.t.Helper()
	log := must[witness.Log](w.t)(witness.NewLog(w.logKey))
	return witness.Config{Key: w.key, Dir: w.dir, Logs: []witness.Log{log},
		Now: func() time.Time { return signedAt }, Log: slog.New(slog.NewTextHandler(w.said, nil))}
}

func (w *world) witness() *witness.Witness {
	w.t.Helper()
	return must[*witness.Witness](w.t)(witness.New(w.config()))
}

// add has the witness sign, and checks that it did.
func (w *world) add(by *witness.Witness, r witness.Request) {
	w.t.Helper()
	lines := must[[]byte](w.t)(by.Add(r))
	own := must[note.Verifier](w.t)(translog.NewVerifier(w.vkey))
	n := must[*note.Note](w.t)(note.Open(append(bytes.Clone(r.Checkpoint), lines...), note.VerifierList(own)))
	if len(n.Sigs) != 1 {
		w.t.Fatalf("signed by %v", n.Sigs)
	}
}

// post sends a body to the witness.
func post(by *witness.Witness, body []byte) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	by.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/add-checkpoint", bytes.NewReader(body)))
	return answer
}

// size is what the witness remembers.
func size(t testing.TB, by *witness.Witness) int64 {
	t.Helper()
	return must[witness.State](t)(by.Last(testOrigin)).Size
}
