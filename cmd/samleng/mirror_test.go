package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"samleng/internal/locale"
)

// TestMirrorAgain: a copy that is brought up to date fetches what is new.
func TestMirrorAgain(t *testing.T) {
	r, base := auditedSite(t)
	target, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	fetched := map[string]int64{}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(response *http.Response) error {
		if path := response.Request.URL.Path; strings.HasPrefix(path, "/log/sections/") || strings.HasPrefix(path, "/log/tile/") {
			content, err := io.ReadAll(response.Body)
			fetched[path] += int64(len(content))
			response.Body = io.NopCloser(bytes.NewReader(content))
			return err
		}
		return nil
	}
	var lock sync.Mutex
	counted := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	defer counted.Close()
	dir := filepath.Join(t.TempDir(), "copy")
	mirror(t, counted.URL, dir)
	if fetched["/log/sections/0"] == 0 || fetched["/log/sections/1"] == 0 || fetched["/log/tile/entries/000"] == 0 {
		t.Fatalf("the first run fetched %v", fetched)
	}
	grow(t, r)
	clear(fetched)
	mirror(t, counted.URL, dir)
	if fetched["/log/sections/0"] != 0 || fetched["/log/tile/entries/000"] != 0 || fetched["/log/sections/1"] == 0 {
		t.Errorf("the second run fetched %v", fetched)
	}
	// A copy that was changed is put right.
	damaged := filepath.Join(dir, "sections", "0")
	whole, err := os.ReadFile(damaged)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(damaged, bytes.Replace(whole, []byte("an organisation"), []byte("no organisation"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	mirror(t, counted.URL, dir)
	if again, err := os.ReadFile(damaged); err != nil || !bytes.Equal(again, whole) {
		t.Errorf("%v: the copy was not put right", err)
	}
}

// TestNoAddress: what is no address is told, with nothing made for it.
func TestNoAddress(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"mirror", "example.org", filepath.Join(dir, "copy")},
		{"cosign", "example.org", "--key", filepath.Join(dir, "key"), "--memory", filepath.Join(dir, "memory"), "--name", "witness.example/w"},
	} {
		out, err := run(t, append(args, "--lang", "km")...)
		exit, is := errors.AsType[*exec.ExitError](err)
		if !is || exit.ExitCode() != 2 || !strings.Contains(out, locale.Get("km").T("command.address", "address", "example.org", "scheme", scheme)) {
			t.Errorf("%s: %v\n%s", args[0], err, out)
		}
	}
	if made, err := os.ReadDir(dir); err != nil || len(made) != 0 {
		t.Errorf("%v %v", made, err)
	}
}
