package store_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"samleng/internal/store"
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
	if address := os.Getenv("SAMLENG_TEST_POSTGRES"); address != "" {
		all = append(all, engine{"postgres", store.Config{Database: schema(t, address)}})
	}
	return all
}

// schema makes a schema of its own and returns the address that leads there.
func schema(t testing.TB, address string) string {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	random := make([]byte, 8)
	rand.Read(random)
	name := "test_" + hex.EncodeToString(random)
	if _, err := db.Exec("CREATE SCHEMA " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP SCHEMA " + name + " CASCADE"); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	return within(t, address, "search_path", name)
}

// within adds a parameter to an address.
func within(t testing.TB, address, key, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set(key, value)
	u.RawQuery = query.Encode()
	return u.String()
}

// onBoth runs a test on each engine, opened.
func onBoth(t *testing.T, fn func(t *testing.T, s *store.Store, e engine)) {
	for _, name := range []string{"sqlite", "postgres"} {
		t.Run(name, func(t *testing.T) {
			for _, e := range engines(t) {
				if e.name == name {
					fn(t, open(t, e.config), e)
					return
				}
			}
			t.Skip("to run on PostgreSQL, set SAMLENG_TEST_POSTGRES to the postgres:// address of a database where schemas may be made")
		})
	}
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
