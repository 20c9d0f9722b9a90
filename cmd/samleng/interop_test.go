//go:build unix

package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"samleng/audit"
	"samleng/internal/store"
	"samleng/translog"
	"samleng/witness"
)

// tesseraVersion is the release whose code the tests of this file run.
const tesseraVersion = "v1.0.4"

// buildTessera builds testdata/tessera in a module of its own.
func buildTessera(t *testing.T) string {
	t.Helper()
	if os.Getenv("SAMLENG_TEST_FSCK") == "" {
		t.Skip("to have Tessera's own code write a log that our witness cosigns, and read ours, set SAMLENG_TEST_FSCK=1 (it is fetched through the Go module proxy)")
	}
	dir := t.TempDir()
	source, err := os.ReadFile(filepath.Join("testdata", "tessera", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"main.go": string(source),
		"go.mod":  "module interop\n\ngo 1.25\n\nrequire github.com/transparency-dev/tessera " + tesseraVersion + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"mod", "tidy"}, {"list", "-m", "github.com/transparency-dev/tessera"}, {"build", "-o", "interop", "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", args, err, out)
		}
		if args[0] == "list" && !strings.Contains(string(out), tesseraVersion) {
			t.Fatalf("built with %s", out)
		}
	}
	return filepath.Join(dir, "interop")
}

// TestWitnessOfTessera has Tessera, with its POSIX storage and a policy of one
// witness, publish checkpoints: it does so only with the cosignature of the
// running program. Then a second witness follows the same log by our client.
func TestWitnessOfTessera(t *testing.T) {
	program := buildTessera(t)
	const origin = "tessera.example/log"
	skey, vkey, err := translog.GenerateKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	keyFile, key := filepath.Join(t.TempDir(), "log.key"), filepath.Join(t.TempDir(), "witness.key")
	if err := os.WriteFile(keyFile, []byte(skey), 0o600); err != nil {
		t.Fatal(err)
	}
	start := func(key, name string) (*process, string) {
		p := launch(t, "witness", "--key", key, "--name", name, "--memory", filepath.Join(t.TempDir(), "memory"), "--log", vkey, "--addr", "127.0.0.1:0")
		p.listens()
		w, err := (&witnessing{Key: key, Memory: t.TempDir()}).open(nil)
		if err != nil {
			t.Fatal(err)
		}
		return p, w.VerifierKey()
	}
	server, witnessKey := start(key, "witness.example/first")
	second, secondKey := start(filepath.Join(t.TempDir(), "second.key"), "witness.example/second")
	dir := filepath.Join(t.TempDir(), "log")
	write := func(n int) (string, error) {
		out, err := exec.CommandContext(t.Context(), program, "write", dir, keyFile, strconv.Itoa(n), witnessKey, server.base).CombinedOutput()
		return string(out), err
	}
	client, fetch := witness.Client{URL: second.base}, audit.Folder(dir)
	var last translog.Checkpoint
	for _, n := range []int{300, 100} {
		if out, err := write(n); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		published, err := fetch(t.Context(), "checkpoint")
		if err != nil {
			t.Fatal(err)
		}
		signed, err := translog.OpenForeign(published, origin, verifierOf(t, vkey), verifierOf(t, witnessKey))
		if err != nil || signed.Size != last.Size+int64(n) || len(signed.Cosignatures) != 1 {
			t.Fatalf("published: %+v, %v\n%s", signed, err, published)
		}
		t.Logf("Tessera %s published with the cosignature of our witness:\n%s", tesseraVersion, published)
		proof, err := witness.ProveFrom(fetch)(t.Context(), last, signed.Checkpoint)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := client.AddCheckpoint(t.Context(), last.Size, proof, published)
		if err != nil {
			t.Fatal(err)
		}
		if _, added, err := witness.Merge(published, lines, verifierOf(t, secondKey)); err != nil || added != 1 {
			t.Errorf("the second witness: %d %v", added, err)
		}
		last = signed.Checkpoint
	}
	// It can fail: without the witness Tessera publishes nothing.
	server.kill()
	if out, err := write(10); err == nil || !strings.Contains(out, "not published") {
		t.Errorf("published without the witness: %v\n%s", err, out)
	}
	published, err := fetch(t.Context(), "checkpoint")
	if now, errRead := translog.ReadForeign(published); err != nil || errRead != nil || now != last {
		t.Errorf("published without the witness: %+v %v %v", now, err, errRead)
	}
}

// TestTesseraClientReadsTheLog has Tessera's client read and verify the log of
// the running program, entry by entry.
func TestTesseraClientReadsTheLog(t *testing.T) {
	program := buildTessera(t)
	p := prepare(t, store.Config{Dir: filepath.Join(t.TempDir(), "data")})
	server := p.serve(t, "--checkpoint", "50ms")
	newOutsider(t, p.verifier).covering(t, server.listens(), p.acts)
	out, err := exec.CommandContext(t.Context(), program, "read", server.base+"/log/", p.verifier).CombinedOutput()
	if want := fmt.Sprintf("size %d, entries %d\n", p.acts, p.acts); err != nil || string(out) != want {
		t.Errorf("%v\n%s, want %s", err, out, want)
	}
	t.Logf("Tessera's client: %s", out)
	// It can fail: of the same log with one byte changed it says which entry.
	out, err = exec.CommandContext(t.Context(), program, "read", tamper(t, server.base)+"/log/", p.verifier).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "entry") {
		t.Errorf("it accepts a log of which one byte was changed: %v\n%s", err, out)
	}
}
