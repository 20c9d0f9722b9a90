// Package storetest gives tests empty databases of both kinds.
package storetest

import (
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"samleng/internal/store"
)

const variable = "SAMLENG_TEST_POSTGRES"

// Has reports whether there is a PostgreSQL database for tests.
func Has() bool { return os.Getenv(variable) != "" }

// Address gives the address of a PostgreSQL database where schemas may be made.
// Without one the test is skipped, and says how to run it.
func Address(t testing.TB) string {
	t.Helper()
	if !Has() {
		t.Skip("to run on PostgreSQL, set " + variable + " to the postgres:// address of a database where schemas may be made")
	}
	return os.Getenv(variable)
}

// Schema gives the address of an empty schema of its own, gone when the test
// ends. Without a database the test is skipped.
func Schema(t testing.TB) string {
	t.Helper()
	address := Address(t)
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if _, err := db.Exec("CREATE SCHEMA " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP SCHEMA " + name + " CASCADE"); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	return With(t, address, "search_path", name)
}

// With adds a parameter to an address of a database.
func With(t testing.TB, address, key, value string) string {
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

// Each runs a test on an empty database of each kind.
func Each(t *testing.T, fn func(t *testing.T, where store.Config)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, store.Config{Dir: t.TempDir()}) })
	t.Run("postgres", func(t *testing.T) { fn(t, store.Config{Database: Schema(t)}) })
}
