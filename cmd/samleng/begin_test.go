package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBegin begins a register as a newcomer does: with the example's file, then
// an invitation. Doing it again records nothing; another programme is refused.
func TestBegin(t *testing.T) {
	folder := t.TempDir()
	data, file := filepath.Join(folder, "data"), filepath.Join(folder, "programme.json")
	example, err := run(t, "begin", "--example")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(example), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		said, err := run(t, "begin", file, "--data", data, "--origin", "test.example/register")
		if err != nil || !strings.Contains(said, "25 places") {
			t.Fatalf("%v: %s", err, said)
		}
	}
	said, err := run(t, "invite", "--data", data, "--new", "A coalition", "--type", "cso_coalition", "--role", "administrator")
	if err != nil || !strings.Contains(said, "invitation") {
		t.Fatalf("%v: %s", err, said)
	}
	other := bytes.ReplaceAll([]byte(example), []byte(`"KH"`), []byte(`"XX"`))
	if err := os.WriteFile(file, other, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := run(t, "begin", file, "--data", data); err == nil || !strings.Contains(said, "already") {
		t.Errorf("another programme: %v: %s", err, said)
	}
}

// TestProgrammeFileIsChecked: what is wrong with the file is said before
// anything is recorded.
func TestProgrammeFileIsChecked(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":            `prefix: KH`,
		"unknown field":      `{"prefix":"KH","colour":"blue"}`,
		"a theme unnamed":    `{"prefix":"KH","themes":["water"],"terms":{}}`,
		"something after it": `{"prefix":"KH"} {}`,
	} {
		if _, err := decodeProgramme([]byte(text)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func FuzzDecodeProgramme(f *testing.F) {
	f.Add(exampleProgramme)
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := decodeProgramme(text)
		if err == nil && p == nil {
			t.Error("neither a programme nor an error")
		}
	})
}
