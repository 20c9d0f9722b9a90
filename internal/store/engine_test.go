package store_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"

	"samleng/internal/store"
	"samleng/internal/store/storetest"
)

// engine is one real database that a test may open as often as it likes.
type engine struct {
	name   string
	config store.Config
}

// engines gives a fresh, empty database of each kind, gone when the test ends.
func engines(t testing.TB) []engine {
	t.Helper()
	all := []engine{{"sqlite", store.Config{Dir: t.TempDir()}}}
	if storetest.Has() {
		all = append(all, engine{"postgres", store.Config{Database: storetest.Schema(t)}})
	}
	return all
}

// onBoth runs a test on each engine, opened.
func onBoth(t *testing.T, fn func(t *testing.T, s *store.Store, e engine)) {
	storetest.Each(t, func(t *testing.T, where store.Config) {
		name := "sqlite"
		if where.Database != "" {
			name = "postgres"
		}
		fn(t, open(t, where), engine{name, where})
	})
}

func open(t testing.TB, config store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// entry makes the n'th act of a series: always the same bytes.
func entry(series string, n int) store.Entry {
	seed := sha256.Sum256(fmt.Appendf(nil, "%s %d", series, n))
	e := store.Entry{
		ID:     store.ID(seed[:16]),
		Header: fmt.Appendf(nil, `{"v":1,"kind":"vote.cast","id":"%x","at":"2027-02-01T08","by":"participant","of":"%x","facts":{"statement":"%s"}}`, seed[:16], seed[16:24], series),
		Sections: []store.Section{
			{Name: "ballot", Salt: seed[:], Bytes: fmt.Appendf(nil, `{"participant":"%x","value":%d}`, seed[8:24], n%3-1)},
		},
		Token: &store.Token{Key: sha256.Sum256(seed[:]), Fingerprint: seed, Secret: seed[:20]},
	}
	if n%5 == 0 {
		e.Sections = append(e.Sections, store.Section{Name: "text", Salt: seed[:16], Bytes: binary.BigEndian.AppendUint64(nil, uint64(n))})
	}
	if n%7 == 0 {
		e.Sections = nil
	}
	return e
}

func batch(series string, from, to int) []store.Entry {
	entries := make([]store.Entry, 0, to-from)
	for n := from; n < to; n++ {
		entries = append(entries, entry(series, n))
	}
	return entries
}

func appendAll(t testing.TB, s *store.Store, entries []store.Entry) {
	t.Helper()
	err := s.Append(context.Background(), func(tx *store.Tx) error { return tx.Append(entries) })
	if err != nil {
		t.Fatal(err)
	}
}
