package store_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLibcIsTheOneSQLiteWants: modernc.org/sqlite works with exactly the
// version of modernc.org/libc that its own go.mod names.
func TestLibcIsTheOneSQLiteWants(t *testing.T) {
	ours, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Skip("needs the go command on the path: ", err)
	}
	version := required(t, ours, "modernc.org/sqlite")
	theirs, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(cache)), "modernc.org", "sqlite@"+version, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	const libc = "modernc.org/libc"
	if have, want := required(t, ours, libc), required(t, theirs, libc); have != want {
		t.Errorf("%s %s is required here, sqlite %s wants %s", libc, have, version, want)
	}
}

func required(t *testing.T, mod []byte, module string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^\s*(?:require )?` + regexp.QuoteMeta(module) + ` (v\S+)`).FindSubmatch(mod)
	if found == nil {
		t.Fatalf("a go.mod names no %s", module)
	}
	return string(found[1])
}
