package register_test

import (
	"crypto/rand"
	"path/filepath"
	"testing"

	"samleng/internal/register"
	"samleng/internal/store"
	"samleng/internal/store/storetest"
)

// onBoth runs a test on an empty register of each kind.
func onBoth(t *testing.T, fn func(t *testing.T, e engine)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, sqlite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, postgres(t)) })
}

// postgres gives a schema of its own, gone when the test ends.
func postgres(t testing.TB) engine {
	t.Helper()
	keys, err := register.LoadKeys(filepath.Join(t.TempDir(), "keys"), "test.example/register", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return engine{store.Config{Database: storetest.Schema(t)}, keys}
}
