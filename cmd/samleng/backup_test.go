package main

import (
	"bytes"
	"encoding/hex"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// evidenceIn gives the files of a folder of evidence, by their digest.
func evidenceIn(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all[filepath.Base(filepath.Dir(path))+filepath.Base(path)] = content
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// saidBy runs a command and gives what it says beside its result.
func saidBy(t *testing.T, do func() error) string {
	t.Helper()
	before := os.Stderr
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stderr = w
	done := do()
	os.Stderr = before
	w.Close()
	out, err := io.ReadAll(r)
	if done != nil || err != nil {
		t.Fatalf("%v, %v: %s", done, err, out)
	}
	return string(out)
}

// TestBackupHoldsEvidence backs a demonstration up, with its pictures and one
// that was erased and one that was damaged, and restores it elsewhere.
func TestBackupHoldsEvidence(t *testing.T) {
	if testing.Short() {
		t.Skip("a demonstration is filled")
	}
	from := place{Data: filepath.Join(t.TempDir(), "from"), Origin: demoOrigin}
	if _, err := (&demoCommand{Seed: 1}).make(t.Context(), from.Data); err != nil {
		t.Fatal(err)
	}
	files := filepath.Join(from.Data, "files")
	names := evidenceIn(t, files)
	if len(names) < 2 {
		t.Fatalf("the demonstration has %d pictures", len(names))
	}
	// Another picture that no act names (somebody is about to), and one more
	// whose bytes have changed on the disk.
	opened, err := from.openFiles("")
	if err != nil {
		t.Fatal(err)
	}
	pdf := []byte("%PDF-1.7\nsigned\n%%EOF\n")
	if _, err := opened.Put(t.Context(), bytes.NewReader(pdf)); err != nil {
		t.Fatal(err)
	}
	bad, err := opened.Put(t.Context(), strings.NewReader("%PDF-1.7\ndamaged\n%%EOF\n"))
	if err != nil {
		t.Fatal(err)
	}
	badName := hex.EncodeToString(bad.SHA256[:])
	if err := os.WriteFile(filepath.Join(files, badName[:2], badName[2:]), []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup")
	said := saidBy(t, func() error { return (&backupCommand{place: from, File: backup}).Run(t.Context()) })
	if !strings.Contains(said, "files of evidence") {
		t.Errorf("it says %q", said)
	}
	want := evidenceIn(t, files)
	delete(want, badName)
	to := place{Data: filepath.Join(t.TempDir(), "to"), Keys: filepath.Join(from.Data, "keys")}
	said = saidBy(t, func() error { return (&restoreCommand{place: to, File: backup}).Run(t.Context()) })
	back := evidenceIn(t, filepath.Join(to.Data, "files"))
	if len(back) != len(want) {
		t.Errorf("%d files came back, not %d", len(back), len(want))
	}
	for name, content := range want {
		if !bytes.Equal(back[name], content) {
			t.Errorf("the file %s came back otherwise", name)
		}
	}
	if strings.Contains(said, "lacks its file") {
		t.Error(said)
	}

	// One is erased while the files are read: its evidence is named at the restore.
	erased := slices.Max(slices.Collect(maps.Keys(names)))
	read := 0
	for content, err := range contents(opened) {
		if err != nil {
			t.Fatal(err)
		}
		if read++; read == 1 {
			if bytes.Equal(content, names[erased]) {
				t.Fatal("the last comes first")
			}
			if err := os.Remove(filepath.Join(files, erased[:2], erased[2:])); err != nil {
				t.Fatal(err)
			}
		}
	}
	if read != len(want)-1 {
		t.Errorf("%d files are read of %d, one of which is erased", read, len(want))
	}
	saidBy(t, func() error { return (&backupCommand{place: from, File: backup}).Run(t.Context()) })
	to.Data = filepath.Join(t.TempDir(), "without")
	said = saidBy(t, func() error { return (&restoreCommand{place: to, File: backup}).Run(t.Context()) })
	if !strings.Contains(said, "lacks its file "+erased) || strings.Count(said, "lacks") != 1 {
		t.Errorf("after a picture was erased the restore says %q", said)
	}

	// Without files everything else is whole.
	saidBy(t, func() error { return (&backupCommand{place: from, File: backup, NoFiles: true}).Run(t.Context()) })
	to.Data = filepath.Join(t.TempDir(), "bare")
	said = saidBy(t, func() error { return (&restoreCommand{place: to, File: backup}).Run(t.Context()) })
	if !strings.Contains(said, "0 files of evidence are back") || strings.Count(said, "lacks") == 0 {
		t.Errorf("of a backup without files the restore says %q", said)
	}
	r, err := to.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.Fault() != nil {
		t.Error(r.Fault())
	}
}
