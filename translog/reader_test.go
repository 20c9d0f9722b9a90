package translog_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"samleng/translog"
)

// publish writes a log of size entries into a folder as C2SP tlog-tiles, with
// its signed checkpoint and its key.
func publish(t *testing.T, dir string, size int64) (translog.Checkpoint, memory) {
	t.Helper()
	m := grow(t, nil, 0, size, 256)
	write := func(path string, data []byte) {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for tile := range translog.Tiles(0, size) {
		if tile.Level == translog.EntriesLevel {
			write(tile.Path(), must[[]byte](t)(translog.EncodeBundle(entries(tile.First(), tile.First()+int64(tile.Width)))))
		} else {
			write(tile.Path(), must[[]byte](t)(translog.ReadTile(tile, m)))
		}
	}
	k := testKeys(t)
	c := translog.Checkpoint{Origin: testOrigin, Size: size, Root: must[translog.Hash](t)(translog.Root(size, m))}
	write("checkpoint", must[[]byte](t)(translog.Sign(c, k.log)))
	write("key", []byte(k.logVkey+"\n"))
	return c, m
}

func folder(dir string) translog.Fetch {
	return func(_ context.Context, path string) ([]byte, error) {
		return os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
	}
}

// TestPublishedLog writes a log as files and reads it again as an outsider:
// checkpoint, every entry, proofs. SAMLENG_KEEP_LOG names a folder to leave the
// files in, for other verifiers to read.
func TestPublishedLog(t *testing.T) {
	size := int64(70_000)
	if testing.Short() {
		size = 1_000
	}
	dir := t.TempDir()
	if keep := os.Getenv("SAMLENG_KEEP_LOG"); keep != "" {
		dir = keep
	}
	want, m := publish(t, dir, size)
	fetch := folder(dir)

	k := testKeys(t)
	signed := must[[]byte](t)(fetch(t.Context(), "checkpoint"))
	opened := must[translog.Signed](t)(translog.Open(signed, testOrigin, []note.Verifier{k.logKey}...))
	if opened.Checkpoint != want {
		t.Fatalf("checkpoint %+v, want %+v", opened.Checkpoint, want)
	}
	fetches := 0
	r := must[*translog.Reader](t)(translog.NewReader(t.Context(), opened.Checkpoint, func(ctx context.Context, path string) ([]byte, error) {
		fetches++
		return fetch(ctx, path)
	}))
	next := int64(0)
	var frontier translog.Frontier
	for e, err := range r.Entries(0) {
		if err != nil {
			t.Fatal(err)
		}
		if string(e) != string(entry(next)) {
			t.Fatalf("entry %d is %q", next, e)
		}
		if err := frontier.Append(translog.LeafHash(e)); err != nil {
			t.Fatal(err)
		}
		next++
	}
	if next != size || frontier.Root() != want.Root {
		t.Errorf("read %d entries of %d", next, size)
	}
	if limit := int(size/translog.TileWidth)*2 + 20; fetches > limit {
		t.Errorf("%d fetches, at most %d: the tiles near the root are not kept", fetches, limit)
	}
	for _, index := range []int64{0, 255, 256, size / 2, size - 1} {
		proof := must[[]translog.Hash](t)(translog.ProveInclusion(index, size, r))
		if err := translog.VerifyInclusion(translog.LeafHash(entry(index)), index, size, want.Root, proof); err != nil {
			t.Error(err)
		}
	}
	older := size / 3
	proof := must[[]translog.Hash](t)(translog.ProveConsistency(older, size, r))
	if err := translog.VerifyConsistency(older, must[translog.Hash](t)(translog.Root(older, m)), size, want.Root, proof); err != nil {
		t.Error(err)
	}
	for e, err := range r.Entries(size - 3) {
		if err != nil || string(e) != string(entry(size-3)) {
			t.Errorf("third from the end: %q, %v", e, err)
		}
		break
	}
}

// TestReaderBelievesNothing changes one byte of each kind of file, takes files
// away, and wants an error that says which it was.
func TestReaderBelievesNothing(t *testing.T) {
	dir := t.TempDir()
	c, _ := publish(t, dir, 1_000)
	readAll := func(fetch translog.Fetch) error {
		r := must[*translog.Reader](t)(translog.NewReader(t.Context(), c, fetch))
		for _, err := range r.Entries(0) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	good := folder(dir)
	if err := readAll(good); err != nil {
		t.Fatal(err)
	}
	for tile := range translog.Tiles(0, 1_000) {
		changed := func(alter func([]byte) []byte) translog.Fetch {
			return func(ctx context.Context, path string) ([]byte, error) {
				data, err := good(ctx, path)
				if err == nil && path == tile.Path() {
					data = alter(data)
				}
				return data, err
			}
		}
		for name, alter := range map[string]func([]byte) []byte{
			"flipped": func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
			"cut":     func(b []byte) []byte { return b[:len(b)-1] },
			"longer":  func(b []byte) []byte { return append(b, 0) },
			"empty":   func([]byte) []byte { return nil },
		} {
			if err := readAll(changed(alter)); !errors.Is(err, translog.ErrInconsistent) {
				t.Errorf("%s %s: %v", tile.Path(), name, err)
			}
		}
		missing := func(ctx context.Context, path string) ([]byte, error) {
			if path == tile.Path() {
				return nil, fs.ErrNotExist
			}
			return good(ctx, path)
		}
		if err := readAll(missing); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, translog.ErrInconsistent) {
			t.Errorf("%s missing: %v", tile.Path(), err)
		}
	}
}

// TestReaderTakesFullForPartial reads at a checkpoint whose partial tiles are
// gone, as they may be once the log has grown over them.
func TestReaderTakesFullForPartial(t *testing.T) {
	dir := t.TempDir()
	_, m := publish(t, dir, 512)
	at := translog.Checkpoint{Origin: testOrigin, Size: 300, Root: must[translog.Hash](t)(translog.Root(300, m))}
	full := folder(dir)
	// Level 1 of the older tree is one hash wide and of the newer two: partial
	// in both, so a log keeps serving it.
	r := must[*translog.Reader](t)(translog.NewReader(t.Context(), at, func(ctx context.Context, path string) ([]byte, error) {
		if path == "tile/1/000.p/1" {
			return translog.ReadTile(translog.Tile{Level: 1, Width: 1}, m)
		}
		return full(ctx, path)
	}))
	n := 0
	for _, err := range r.Entries(0) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 300 {
		t.Errorf("%d entries", n)
	}
	if _, err := r.ReadHashes([]int64{-1}); !errors.Is(err, translog.ErrSize) {
		t.Errorf("a negative index: %v", err)
	}
	if _, err := r.ReadHashes([]int64{1 << 20}); !errors.Is(err, translog.ErrSize) {
		t.Errorf("an index past the end: %v", err)
	}
}
