package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"samleng/internal/store"
)

// marked is an act whose sections can be recognised, in pieces of 32 bytes, in
// any file that holds a part of them.
func marked(n, length int) store.Entry {
	e := entry("erase", n)
	e.Sections = []store.Section{
		{Name: "text", Salt: mark(n, "salt", 16), Bytes: mark(n, "text", length)},
		{Name: "source", Salt: mark(n, "salu", 16), Bytes: mark(n, "sour", 40)},
	}
	return e
}

// mark fills length bytes with «#n:what#» again and again.
func mark(n int, what string, length int) []byte {
	piece := fmt.Sprintf("#%05d:%s#", n, what)
	return []byte(strings.Repeat(piece, length/len(piece)+1))
}

func traces(t *testing.T, dir, piece string) (where []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(piece)) {
			where = append(where, file.Name())
		}
	}
	return where
}

// TestErasedBytesLeaveTheFolder erases every third of many sections, of all
// lengths and in random order while others are appended, and looks for any
// piece of them in every file.
func TestErasedBytesLeaveTheFolder(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Config{Dir: dir})
	random := rand.New(rand.NewPCG(1, 2))
	const acts = 600
	erased := map[int]bool{}
	erase := func(below int) {
		for range 40 {
			n := 3 * random.IntN(below/3)
			if erased[n] {
				continue
			}
			erased[n] = true
			err := s.Append(ctx, func(tx *store.Tx) error {
				if err := tx.EraseSection(entry("erase", n).ID, "text"); err != nil {
					return err
				}
				return tx.Append([]store.Entry{{ID: entry("erasure", n).ID, Header: []byte(`{"kind":"section.erased"}`)}})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for n := 0; n < acts; {
		var entries []store.Entry
		for range 1 + random.IntN(20) {
			length := random.IntN(400)
			if random.IntN(10) == 0 {
				length = random.IntN(20_000)
			}
			entries = append(entries, marked(n, length))
			n++
		}
		appendAll(t, s, entries)
		if n > 60 && random.IntN(3) == 0 {
			erase(n)
		}
	}
	erase(acts)
	if len(traces(t, dir, "#00000:text#")) == 0 && !erased[0] {
		t.Fatal("what was not erased cannot be found: the search is blind")
	}
	if err := s.Scrub(ctx); err != nil {
		t.Fatal(err)
	}
	for n := range acts {
		for _, what := range []string{"text", "salt"} {
			where := traces(t, dir, fmt.Sprintf("#%05d:%s#", n, what))
			if erased[n] && len(where) > 0 {
				t.Errorf("a piece of erased %s %d is left in %v", what, n, where)
			}
			if !erased[n] && len(where) == 0 {
				t.Errorf("%s %d, not erased, is gone", what, n)
			}
		}
	}
}

func TestEraseSection(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		entries := batch("e", 0, 30)
		appendAll(t, s, entries)
		erase := func(id store.ID, name string) error {
			return s.Append(ctx, func(tx *store.Tx) error { return tx.EraseSection(id, name) })
		}
		if err := erase(entries[5].ID, "ballot"); err != nil {
			t.Fatal(err)
		}
		if err := s.Scrub(ctx); err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{erase(entries[5].ID, "ballot"), erase(store.ID{9}, "ballot"), third(s.Section(ctx, entries[5].ID, "ballot"))} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
		}
		expected := want(entries)
		expected[5].Sections = entries[5].Sections[1:]
		same(t, scanned(t, s, 0, 100), expected)
		if _, err := s.Check(ctx); err != nil {
			t.Error(err)
		}
	})
}

// TestScrubWaitsForReaders: an old view keeps the write-ahead log alive.
func TestScrubWaitsForReaders(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Config{Dir: dir})
	appendAll(t, s, []store.Entry{marked(1, 100)})
	err := s.Snapshot(ctx, func(snap *store.Snap) error {
		if err := s.Append(ctx, func(tx *store.Tx) error { return tx.EraseSection(entry("erase", 1).ID, "text") }); err != nil {
			return err
		}
		short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		if err := s.Scrub(short); !errors.Is(err, store.ErrUnavailable) && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Scrub beside a reader: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Scrub(ctx); err != nil {
		t.Fatal(err)
	}
	if where := traces(t, dir, "#00001:text#"); len(where) > 0 {
		t.Errorf("erased text left in %v", where)
	}
}
