package register_test

import (
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"samleng/internal/register"
	"samleng/internal/store"
)

// onBoth runs a test on an empty register of each kind.
func onBoth(t *testing.T, fn func(t *testing.T, e engine)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, sqlite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, postgres(t)) })
}

// postgres gives a schema of its own, gone when the test ends.
func postgres(t testing.TB) engine {
	t.Helper()
	address := os.Getenv("SAMLENG_TEST_POSTGRES")
	if address == "" {
		t.Skip("to run on PostgreSQL, set SAMLENG_TEST_POSTGRES to the postgres:// address of a database where schemas may be made")
	}
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
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("search_path", name)
	u.RawQuery = query.Encode()
	keys, err := register.LoadKeys(filepath.Join(t.TempDir(), "keys"), "test.example/register", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return engine{store.Config{Database: u.String()}, keys}
}
