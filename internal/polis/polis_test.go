package polis_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"samleng/internal/polis"
)

// conversations are the folders of real exports at hand.
func conversations(t *testing.T) []string {
	t.Helper()
	root := os.Getenv("SAMLENG_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	found, err := filepath.Glob(filepath.Join(root, "data", "polis", "*", "comments.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Skip("no real conversations at", root, "- set SAMLENG_SHARED")
	}
	for i := range found {
		found[i] = filepath.Dir(found[i])
	}
	return found
}

// TestSameBytes reads every real export and writes it again: the same files.
func TestSameBytes(t *testing.T) {
	for _, dir := range conversations(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			c, err := polis.Read(os.DirFS(dir))
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Notes) > 0 {
				t.Errorf("notes: %q", c.Notes)
			}
			files, _ := filepath.Glob(filepath.Join(dir, "*.csv"))
			if len(files) != len(c.Files()) {
				t.Errorf("%d files come from %d", len(c.Files()), len(files))
			}
			for _, name := range c.Files() {
				want, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				var got bytes.Buffer
				if err := c.Encode(&got, name); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got.Bytes(), want) {
					t.Errorf("%s differs: %s", name, firstDifference(got.Bytes(), want))
				}
			}
		})
	}
}

func firstDifference(got, want []byte) string {
	a, b := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(a), len(b)) {
		if !bytes.Equal(a[i], b[i]) {
			return string(a[i][:min(len(a[i]), 200)]) + "\nnot\n" + string(b[i][:min(len(b[i]), 200)])
		}
	}
	return "one is longer"
}
