package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/audit"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/translog"
	"samleng/witness"
)

// before puts a site before another: it shows the checkpoint it is given, and
// takes cosigned ones where it is told to.
type before struct {
	*httptest.Server
	checkpoint []byte // "" for the site's own
	taken      []byte // the last that was handed over
	refuses    bool
}

func inFrontOf(t *testing.T, base string) *before {
	t.Helper()
	target, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	b, proxy := new(before), httputil.NewSingleHostReverseProxy(target)
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/log/checkpoint" && b.checkpoint != nil:
			w.Write(b.checkpoint)
		case r.URL.Path == "/log/cosignatures" && b.refuses:
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `{"title":"This witness is not known","detail":"its key"}`)
		case r.URL.Path == "/log/cosignatures" && r.Method == http.MethodPost:
			b.taken, _ = io.ReadAll(r.Body)
			w.WriteHeader(http.StatusNoContent)
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(b.Close)
	return b
}

// laptop runs the command and gives its exit status and what it said.
func laptop(t *testing.T, c cosignCommand) (status int, said string) {
	t.Helper()
	if c.Lang == "" {
		c.Lang = "en"
	}
	out := os.Stdout
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout = file
	err = c.Run(t.Context())
	os.Stdout = out
	file.Close()
	content, errRead := os.ReadFile(file.Name())
	if errRead != nil {
		t.Fatal(errRead)
	}
	if err != nil {
		code, is := err.(exitStatus)
		if !is {
			t.Fatal(err)
		}
		status = int(code)
	}
	return status, string(content)
}

// grow adds an act to a register and publishes it.
func grow(t *testing.T, r *register.Register) {
	t.Helper()
	d := act.Draft{By: act.System, Facts: &act.OrganisationRegistered{Type: "cso"}, Content: map[string]any{"names": &act.Names{Name: map[string]string{"en": "one more"}}}}
	if _, err := r.Submit(t.Context(), civic.System, d, nil); err != nil {
		t.Fatal(err)
	}
	if err := r.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestCosign is a year of a witness on a laptop.
func TestCosign(t *testing.T) {
	r, base := auditedSite(t)
	site := inFrontOf(t, base)
	c := cosignCommand{URL: site.URL + "/log/"}
	c.Key, c.Memory = filepath.Join(t.TempDir(), "keys", "witness"), filepath.Join(t.TempDir(), "memory")
	if status, said := laptop(t, c); status != 2 || !strings.Contains(said, "not from the site") {
		t.Errorf("with no key of the log: %d\n%s", status, said)
	}
	c.Log = []string{r.VerifierKey()}
	if status, said := laptop(t, c); status != 2 || !strings.Contains(said, "--name") {
		t.Errorf("with no key and no name: %d\n%s", status, said)
	}
	c.Name = "witness.example/laptop"
	status, said := laptop(t, c)
	if status != 0 || !strings.Contains(said, "All verified") {
		t.Fatalf("%d\n%s", status, said)
	}
	w, err := c.open(nil)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(c.Key)
	if err != nil || info.Mode().Perm() != 0o600 || !strings.Contains(said, w.VerifierKey()) {
		t.Errorf("%v %v\n%s", err, info.Mode(), said)
	}
	opened, err := translog.Open(site.taken, testOrigin, verifierOf(t, r.VerifierKey()), verifierOf(t, w.VerifierKey()))
	if err != nil || opened.Size != 301 || len(opened.Cosignatures) != 1 {
		t.Errorf("handed over: %+v %v", opened, err)
	}
	old := t.TempDir()
	if err := os.CopyFS(old, os.DirFS(c.Memory)); err != nil {
		t.Fatal(err)
	}
	first := site.taken

	// A month later: the log's key is known, and it cannot be handed over.
	grow(t, r)
	c.Log, c.Name, site.refuses = nil, "", true
	status, said = laptop(t, c)
	if status != 2 || !strings.Contains(said, "This witness is not known") || !strings.Contains(said, "— witness.example/laptop ") {
		t.Errorf("not handed over: %d\n%s", status, said)
	}
	c.Out, c.ConsistencyOnly = filepath.Join(t.TempDir(), "cosigned"), true
	if status, said = laptop(t, c); status != 0 || !strings.Contains(said, c.Out) {
		t.Errorf("into a file: %d\n%s", status, said)
	}
	second, err := os.ReadFile(c.Out)
	if err != nil {
		t.Fatal(err)
	}

	// The site serves an old checkpoint.
	site.checkpoint = first
	for _, only := range []bool{true, false} {
		c.ConsistencyOnly = only
		if status, said = laptop(t, c); status != 1 || !strings.Contains(said, "302 was seen before") {
			t.Errorf("an old checkpoint: %d\n%s", status, said)
		}
	}
	// The memory is put back to an older copy, and the site shows what was signed.
	site.checkpoint, c.Memory, c.ConsistencyOnly = second, old, true
	if status, said = laptop(t, c); status != 0 || !strings.Contains(said, "it held 301 entries, although you had signed 302") {
		t.Errorf("rolled back: %d\n%s", status, said)
	}
	// Another key than the log's.
	_, other, err := translog.GenerateKey(rand.Reader, testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	c.Log, c.Memory = []string{other}, t.TempDir()
	if status, said = laptop(t, c); status != 1 || !strings.Contains(said, "not signed by the key that you know") {
		t.Errorf("another key: %d\n%s", status, said)
	}
}

// smallLog publishes a log of at most 255 leaves, or its fork: of another leaf 5.
type smallLog struct {
	signer note.Signer
	size   int64
	forked bool
}

func (l *smallLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var tile []byte
	var tree translog.Frontier
	for i := range l.size {
		text := fmt.Sprint("leaf ", i)
		if i == 5 && l.forked {
			text = "another"
		}
		leaf := translog.LeafHash([]byte(text))
		tile = append(tile, leaf[:]...)
		if err := tree.Append(leaf); err != nil {
			panic(err)
		}
	}
	switch r.URL.Path {
	case "/log/checkpoint":
		signed, err := translog.Sign(translog.Checkpoint{Origin: testOrigin, Size: l.size, Root: tree.Root()}, l.signer)
		if err != nil {
			panic(err)
		}
		w.Write(signed)
	case fmt.Sprintf("/log/tile/0/000.p/%d", l.size):
		w.Write(tile)
	default:
		http.NotFound(w, r)
	}
}

// TestCosignRefusesFork: another log under the same key is refused, and kept.
func TestCosignRefusesFork(t *testing.T) {
	skey, vkey, err := translog.GenerateKey(rand.Reader, testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := translog.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	log := &smallLog{signer: signer, size: 20}
	site := httptest.NewServer(log)
	defer site.Close()
	c := cosignCommand{URL: site.URL, ConsistencyOnly: true, Out: filepath.Join(t.TempDir(), "cosigned"), Log: []string{vkey}}
	c.Name, c.Key, c.Memory = "witness.example/laptop", filepath.Join(t.TempDir(), "witness"), filepath.Join(t.TempDir(), "memory")
	if status, said := laptop(t, c); status != 0 {
		t.Fatalf("%d\n%s", status, said)
	}
	log.forked = true
	for size, want := range map[int64]string{20: "two contents for one size", 19: "20 was seen before", 30: "does not continue"} {
		log.size = size
		if status, said := laptop(t, c); status != 1 || !strings.Contains(said, want) {
			t.Errorf("size %d: %d\n%s", size, status, said)
		}
	}
	for _, kind := range []string{"fork", "unproven"} {
		if files, _ := filepath.Glob(filepath.Join(c.Memory, "*."+kind+"-*.json")); len(files) != 1 {
			t.Errorf("evidence of kind %s: %v", kind, files)
		}
	}
	// A checkpoint on paper that the log does not continue is as good.
	log.size, log.forked, c.Memory = 20, false, t.TempDir()
	c.Pinned = filepath.Join(t.TempDir(), "pinned")
	if err := os.WriteFile(c.Pinned, []byte("10 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, said := laptop(t, c); status != 1 || !strings.Contains(said, "does not continue") {
		t.Errorf("another root on paper: %d\n%s", status, said)
	}
	c.Pinned = ""
	files, err := filepath.Glob(filepath.Join(c.Memory, "*.checkpoint"))
	if err != nil || len(files) != 0 {
		t.Errorf("signed all the same: %v %v", files, err)
	}
	// A damaged memory.
	if status, said := laptop(t, c); status != 0 {
		t.Fatalf("%d\n%s", status, said)
	}
	if files, _ = filepath.Glob(filepath.Join(c.Memory, "*.checkpoint")); len(files) != 1 {
		t.Fatal(files)
	}
	if err := os.Truncate(files[0], 30); err != nil {
		t.Fatal(err)
	}
	if status, said := laptop(t, c); status != 1 || !strings.Contains(said, "memory of this log cannot be used") {
		t.Errorf("a damaged memory: %d\n%s", status, said)
	}
}

// TestWitnessCommand serves a witness as it is shipped, twice on one memory.
func TestWitnessCommand(t *testing.T) {
	skey, vkey, err := translog.GenerateKey(rand.Reader, testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := translog.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	log := &smallLog{signer: signer, size: 20}
	site := httptest.NewServer(log)
	defer site.Close()
	logs := filepath.Join(t.TempDir(), "logs")
	if err := os.WriteFile(logs, []byte("# ours\n"+vkey+" "+site.URL+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	fetch := audit.Site{Base: site.URL}.Fetch
	args := []string{"witness", "--key", filepath.Join(t.TempDir(), "key"), "--memory", filepath.Join(t.TempDir(), "memory"), "--logs", logs, "--addr", "127.0.0.1:0"}
	if out, err := run(t, args...); err == nil || !strings.Contains(out, "--name") {
		t.Errorf("no name: %v\n%s", err, out)
	}
	ask := func(base string, old int64) ([]byte, error) {
		t.Helper()
		signed, err := fetch(t.Context(), "checkpoint")
		if err != nil {
			t.Fatal(err)
		}
		newest, err := translog.ReadForeign(signed)
		if err != nil {
			t.Fatal(err)
		}
		proof, err := witness.ProveFrom(fetch)(t.Context(), translog.Checkpoint{Size: old}, newest)
		if err != nil {
			t.Fatal(err)
		}
		return witness.Client{URL: base}.AddCheckpoint(t.Context(), old, proof, signed)
	}
	p := launch(t, append(args, "--name", "witness.example/w1", "--cadence", "720h")...)
	if _, err := ask(p.listens(), 0); err != nil {
		t.Fatal(err)
	}
	p.kill() // as a power cut
	log.size = 25
	p = launch(t, args...)
	_, err = ask(p.listens(), 0)
	if conflict, is := errors.AsType[*witness.ConflictError](err); !is || conflict.Size != 20 {
		t.Errorf("%v", err)
	}
	if _, err := ask(p.base, 20); err != nil {
		t.Error(err)
	}
	response, err := http.Get(p.base + "/")
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(response.Body)
	response.Body.Close()
	for _, want := range []string{"witness.example/w1+", "It is always on.", testOrigin + ": last signed at 25 entries", "សាក្សី"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q (%v):\n%s", want, err, page)
		}
	}
	p.terminate()
}
