package witness_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"samleng/translog"
	"samleng/witness"
)

// TestConcurrentRequests sends all pairs of sizes, and those of a fork, at once
// through two witnesses on one folder: what is signed never goes back, and there
// are never two roots for one size.
func TestConcurrentRequests(t *testing.T) {
	w := newWorld(t)
	two := []*witness.Witness{w.witness(), w.witness()}
	var mu sync.Mutex
	roots := map[int64]translog.Hash{}
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			by, log := two[i%2], w.log
			if i%4 == 3 {
				log = w.fork
			}
			old := int64(0)
			for next := int64(1 + i%5); next <= testSize; {
				_, err := by.Add(log.request(old, next))
				if conflict, is := errors.AsType[*witness.ConflictError](err); is {
					if conflict.Size < old {
						t.Errorf("the memory went back from %d to %d", old, conflict.Size)
					}
					old, next = conflict.Size, max(next, conflict.Size)
					continue
				}
				if err == nil {
					mu.Lock()
					if root, signed := roots[next]; signed && root != log.checkpoint(next).Root {
						t.Errorf("two roots for size %d", next)
					}
					roots[next] = log.checkpoint(next).Root
					mu.Unlock()
					old = next
				} else if !errors.Is(err, witness.ErrProof) && !isFork(err) {
					t.Errorf("size %d: %v", next, err)
				}
				next += int64(1 + i%3)
			}
		})
	}
	all.Wait()
	// All that was signed is of one log: each root leads to the next.
	one := w.log
	if root, signed := roots[testSize]; signed && root == w.fork.checkpoint(testSize).Root {
		one = w.fork
	}
	for size, root := range roots {
		if root != one.checkpoint(size).Root {
			t.Errorf("size %d was signed of the other log", size)
		}
	}
	if len(roots) < 5 || size(t, two[0]) != size(t, two[1]) {
		t.Errorf("%d sizes signed, remembered %d and %d", len(roots), size(t, two[0]), size(t, two[1]))
	}
}

func isFork(err error) bool {
	_, is := errors.AsType[*witness.ForkError](err)
	return is
}

// lost is a connection that breaks when the answer is written.
type lost struct{ http.ResponseWriter }

func (lost) Write([]byte) (int, error) { return 0, errors.New("broken") }

// TestReplyLost breaks off between the memory and the reply: what was signed is
// remembered by a witness that begins anew, and the client gets its line by
// asking again.
func TestReplyLost(t *testing.T) {
	w := newWorld(t)
	r := w.log.request(0, 7)
	w.witness().Handler().ServeHTTP(lost{httptest.NewRecorder()}, httptest.NewRequest(http.MethodPost, "/add-checkpoint", bytes.NewReader(r.Encode())))
	by := w.witness()
	if got := size(t, by); got != 7 {
		t.Fatalf("it remembers size %d", got)
	}
	if answer := post(by, r.Encode()); answer.Code != http.StatusConflict || answer.Body.String() != "7\n" {
		t.Errorf("%d %q", answer.Code, answer.Body)
	}
	w.add(by, w.log.request(7, 7))
}

// TestNothingSignedUnwritten makes writing fail, as a full or broken disk does.
func TestNothingSignedUnwritten(t *testing.T) {
	w := newWorld(t)
	by := w.witness()
	w.add(by, w.log.request(0, 7))
	files, err := filepath.Glob(filepath.Join(w.dir, "*.checkpoint"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	// Where the next file would be written, a folder is in the way.
	if err := os.Mkdir(files[0]+".new", 0o700); err != nil {
		t.Fatal(err)
	}
	answer := post(by, w.log.request(7, 9).Encode())
	if answer.Code != http.StatusInternalServerError || strings.Contains(answer.Body.String(), "—") || strings.Contains(answer.Body.String(), w.dir) {
		t.Errorf("%d %q", answer.Code, answer.Body)
	}
	if lines, err := by.Add(w.log.request(7, 9)); !errors.Is(err, witness.ErrMemory) || lines != nil {
		t.Errorf("%q %v", lines, err)
	}
	if got := size(t, by); got != 7 {
		t.Errorf("it remembers size %d", got)
	}
	if err := os.Remove(files[0] + ".new"); err != nil {
		t.Fatal(err)
	}
	w.add(by, w.log.request(7, 9))
}

// TestDamagedMemory damages the file in every way that a disk or a hand can.
func TestDamagedMemory(t *testing.T) {
	w := newWorld(t)
	w.add(w.witness(), w.log.request(0, 7))
	files, err := filepath.Glob(filepath.Join(w.dir, "*.checkpoint"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	whole := must[[]byte](t)(os.ReadFile(files[0]))
	other := *newWorld(t)
	for name, content := range map[string][]byte{
		"empty":             {},
		"cut":               whole[:len(whole)-5],
		"half":              whole[:len(whole)/2],
		"another size":      bytes.Replace(whole, []byte("\n7\n"), []byte("\n6\n"), 1),
		"another log":       bytes.Replace(whole, []byte(testOrigin+"\n"), []byte("log.example/two\n"), 1),
		"no signature":      whole[:bytes.Index(whole, []byte("\n\n"))+1],
		"nobody's":          must[[]byte](t)(note.Sign(&note.Note{Text: "a\n1\nb\n"}, other.log.signer)),
		"a bit":             flipped(whole),
		"longer than it is": append(bytes.Clone(whole), bytes.Repeat([]byte("x"), translog.MaxCheckpoint)...),
	} {
		if err := os.WriteFile(files[0], content, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, r := range []witness.Request{w.log.request(0, 9), w.log.request(7, 9)} {
			if lines, err := w.witness().Add(r); !errors.Is(err, witness.ErrMemory) || lines != nil {
				t.Errorf("%s: %q %v", name, lines, err)
			}
		}
		if now := must[[]byte](t)(os.ReadFile(files[0])); !bytes.Equal(now, content) {
			t.Errorf("%s: the damaged file was written over", name)
		}
	}
	if err := os.WriteFile(files[0], whole, 0o600); err != nil {
		t.Fatal(err)
	}
	w.add(w.witness(), w.log.request(7, 9))
}

func flipped(content []byte) []byte {
	out := bytes.Clone(content)
	out[len(out)-20] ^= 1
	return out
}

// TestEvidence keeps what contradicts what was signed, once, and says so once.
func TestEvidence(t *testing.T) {
	w := newWorld(t)
	by := w.witness()
	w.add(by, w.log.request(0, 10))
	for range 2 {
		// The same size with another root is proof, whatever old size comes with it.
		if answer := post(by, w.fork.request(0, 10).Encode()); answer.Code != http.StatusConflict || answer.Body.String() != "10\n" {
			t.Errorf("%d %q", answer.Code, answer.Body)
		}
		if _, err := by.Add(w.fork.request(10, 10)); !isFork(err) {
			t.Errorf("%v", err)
		}
	}
	if answer := post(by, w.fork.request(10, 12).Encode()); answer.Code != http.StatusUnprocessableEntity {
		t.Errorf("%d %q", answer.Code, answer.Body)
	}
	files, err := filepath.Glob(filepath.Join(w.dir, "*.json"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%v %v", files, err)
	}
	proven := 0
	for _, name := range files {
		var e witness.Evidence
		if err := json.Unmarshal(must[[]byte](t)(os.ReadFile(name)), &e); err != nil {
			t.Fatal(err)
		}
		key := must[note.Verifier](t)(translog.NewVerifier(w.logKey))
		one := must[translog.Signed](t)(translog.Open([]byte(e.Remembered), testOrigin, key))
		two := must[translog.Signed](t)(translog.Open([]byte(e.Other), testOrigin, key))
		if e.Proven {
			proven++
			if one.Size != 10 || two.Size != 10 || one.Root == two.Root {
				t.Errorf("this proves nothing: %+v", e)
			}
		}
	}
	if proven != 1 {
		t.Errorf("%d files of proof", proven)
	}
	if got := strings.Count(w.said.text(), "do not fit together"); got != 2 {
		t.Errorf("said %d times:\n%s", got, w.said.text())
	}
	if got := size(t, by); got != 10 {
		t.Errorf("it remembers size %d", got)
	}
	// Who sends the log's own checkpoint with a false proof does not fill the disk.
	for n := int64(11); n <= testSize; n++ {
		for _, log := range []logOf{w.log, w.fork} {
			post(by, witness.Request{Old: 10, Proof: []translog.Hash{{}}, Checkpoint: log.signed(n)}.Encode())
		}
	}
	if files, _ := filepath.Glob(filepath.Join(w.dir, "*.json")); len(files) != 33 {
		t.Errorf("%d files", len(files))
	}
	w.add(by, w.log.request(10, 11))
}

// TestExtensionLines signs what a log of another making adds to its checkpoint,
// and another text for the same tree: the witness vouches for the tree.
func TestExtensionLines(t *testing.T) {
	w := newWorld(t)
	by := w.witness()
	r := w.log.request(0, 7)
	r.Checkpoint = w.log.signed(7, "an extension", "and another")
	w.add(by, r)
	r = w.log.request(7, 7)
	w.add(by, r)
	if got := size(t, by); got != 7 {
		t.Errorf("it remembers size %d", got)
	}
	r.Checkpoint = w.log.signed(7, "before an empty line", "")
	if answer := post(by, r.Encode()); answer.Code != http.StatusBadRequest {
		t.Errorf("%d %q", answer.Code, answer.Body)
	}
}

// TestRemembersAcrossKeys lets the log and the witness change their keys, one at
// a time: the other's signature still vouches for the memory.
func TestRemembersAcrossKeys(t *testing.T) {
	w := newWorld(t)
	w.add(w.witness(), w.log.request(0, 7))
	config := w.config()
	var err error
	if config.Key, _, err = translog.GenerateCosignerKey(bytes.NewReader(bytes.Repeat([]byte{7}, 32)), testWitness); err != nil {
		t.Fatal(err)
	}
	by := must[*witness.Witness](t)(witness.New(config))
	if last := must[witness.State](t)(by.Last(testOrigin)); last.Size != 7 || !last.At.IsZero() {
		t.Errorf("%+v", last)
	}
	if _, err := by.Add(w.log.request(7, 9)); err != nil {
		t.Error(err)
	}
	_, next, err := translog.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{8}, 32)), testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	config.Logs = []witness.Log{must[witness.Log](t)(witness.NewLog(next))}
	if got := size(t, must[*witness.Witness](t)(witness.New(config))); got != 9 {
		t.Errorf("it remembers size %d", got)
	}
}

// TestNewLog takes no key of a witness and no two logs for one.
func TestNewLog(t *testing.T) {
	w := newWorld(t)
	_, other, err := translog.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{3}, 32)), "log.example/two")
	if err != nil {
		t.Fatal(err)
	}
	for _, keys := range [][]string{{}, {"none"}, {w.vkey}, {w.logKey, w.vkey}, {w.logKey, other}} {
		if log, err := witness.NewLog(keys...); err == nil {
			t.Errorf("%q: %+v", keys, log)
		}
	}
	config := w.config()
	config.Logs = append(config.Logs, config.Logs...)
	if _, err := witness.New(config); err == nil {
		t.Error("one log twice")
	}
}
