package witness_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"samleng/translog"
	"samleng/witness"
)

// prove computes proofs from the log itself.
func (l logOf) prove(_ context.Context, older, newer translog.Checkpoint) ([]translog.Hash, error) {
	return translog.ProveConsistency(older.Size, newer.Size, l.stored)
}

// published is the log's checkpoint with the witness's cosignature, as a witness
// that forgot about it must have made it.
func (w *world) published(log logOf, size int64) []byte {
	w.t.Helper()
	config := w.config()
	config.Dir = filepath.Join(w.t.TempDir(), "another")
	by := must[*witness.Witness](w.t)(witness.New(config))
	lines := must[[]byte](w.t)(by.Add(log.request(0, size)))
	return append(log.signed(size), lines...)
}

// rolledBack gives a witness that signed size 9, and whose folder was put back
// to when it had signed 7.
func (w *world) rolledBack() *witness.Witness {
	w.t.Helper()
	by := w.witness()
	w.add(by, w.log.request(0, 7))
	copied := w.t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(w.dir)); err != nil {
		w.t.Fatal(err)
	}
	w.add(by, w.log.request(7, 9))
	w.dir = copied
	return w.witness()
}

func TestCatchUp(t *testing.T) {
	w := newWorld(t)
	by := w.rolledBack()
	if got := size(t, by); got != 7 {
		t.Fatalf("put back to %d", got)
	}
	from, caughtUp, err := by.CatchUp(t.Context(), testOrigin, w.published(w.log, 9), w.log.prove)
	if err != nil || !caughtUp || from.Size != 7 || size(t, by) != 9 {
		t.Errorf("from %d, %v, %v; it remembers %d", from.Size, caughtUp, err, size(t, by))
	}
	if !strings.Contains(w.said.text(), "the memory was behind") {
		t.Errorf("said:\n%s", w.said.text())
	}
	// Nothing to catch up with: the same, an older one, one without our signature.
	for _, published := range [][]byte{w.published(w.log, 9), w.published(w.log, 3), w.log.signed(20)} {
		if _, caughtUp, err := by.CatchUp(t.Context(), testOrigin, published, w.log.prove); err != nil || caughtUp || size(t, by) != 9 {
			t.Errorf("%v, %v; it remembers %d", caughtUp, err, size(t, by))
		}
	}
	w.add(by, w.log.request(9, 20))
}

// TestCatchUpOnLostMemory finds by what is published that there was a memory.
func TestCatchUpOnLostMemory(t *testing.T) {
	w := newWorld(t)
	by := w.witness()
	from, caughtUp, err := by.CatchUp(t.Context(), testOrigin, w.published(w.log, 9), w.log.prove)
	if err != nil || !caughtUp || from.Size != 0 || size(t, by) != 9 {
		t.Errorf("from %d, %v, %v; it remembers %d", from.Size, caughtUp, err, size(t, by))
	}
}

// TestCatchUpFork finds that what we signed, and what we remember, are two logs.
func TestCatchUpFork(t *testing.T) {
	for name, published := range map[string]int64{"a later size": 9, "the same size": 7} {
		w := newWorld(t)
		by := w.rolledBack()
		_, caughtUp, err := by.CatchUp(t.Context(), testOrigin, w.published(w.fork, published), w.fork.prove)
		if err == nil || caughtUp || size(t, by) != 7 || !(errors.Is(err, witness.ErrProof) || isFork(err)) {
			t.Errorf("%s: %v, %v; it remembers %d", name, caughtUp, err, size(t, by))
		}
		if files, _ := filepath.Glob(filepath.Join(w.dir, "*.json")); len(files) != 1 {
			t.Errorf("%s: evidence %v", name, files)
		}
	}
}

// TestCatchUpBelievesNobody takes no cosignature that is not ours, and no proof
// that is none.
func TestCatchUpBelievesNobody(t *testing.T) {
	w := newWorld(t)
	by := w.rolledBack()
	good := w.published(w.log, 9)
	forged := bytes.Replace(w.published(w.log, 9), []byte("\n9\n"), []byte("\n8\n"), 1)
	if _, caughtUp, err := by.CatchUp(t.Context(), testOrigin, forged, w.log.prove); err == nil || caughtUp {
		t.Errorf("forged: %v %v", caughtUp, err)
	}
	broken := errors.New("no tiles")
	for _, prove := range []witness.Prove{
		func(context.Context, translog.Checkpoint, translog.Checkpoint) ([]translog.Hash, error) {
			return nil, nil
		},
		func(context.Context, translog.Checkpoint, translog.Checkpoint) ([]translog.Hash, error) {
			return nil, broken
		},
	} {
		if _, caughtUp, err := by.CatchUp(t.Context(), testOrigin, good, prove); err == nil || caughtUp || size(t, by) != 7 {
			t.Errorf("%v %v", caughtUp, err)
		}
	}
	if _, _, err := by.CatchUp(t.Context(), "log.example/two", good, w.log.prove); !errors.Is(err, witness.ErrUnknownLog) {
		t.Error(err)
	}
}

// TestAddNoticesRollback is told by the request itself, which carries our own
// cosignature, that more was signed than is remembered.
func TestAddNoticesRollback(t *testing.T) {
	w := newWorld(t)
	by := w.rolledBack()
	r := w.log.request(7, 9)
	r.Checkpoint = w.published(w.log, 9)
	w.add(by, witness.Request{Old: r.Old, Proof: r.Proof, Checkpoint: r.Checkpoint})
	if !strings.Contains(w.said.text(), "the memory was behind") {
		t.Errorf("said:\n%s", w.said.text())
	}
	// A line that only pretends to be ours is no reason to refuse.
	r = w.log.request(9, 12)
	line := bytes.Split(bytes.TrimSuffix(w.published(w.log, 9), []byte("\n")), []byte("\n"))
	r.Checkpoint = append(w.log.signed(12), append(line[len(line)-1], '\n')...)
	if _, err := by.Add(r); err != nil {
		t.Errorf("a forged line of ours: %v", err)
	}
}
