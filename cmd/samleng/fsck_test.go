//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"samleng/internal/store"
)

// How long one run of the other verifier may take: the first fetches and builds
// it, and on a log that does not verify it never ends.
const (
	fsckWithin     = 3 * time.Minute
	tamperedWithin = 15 * time.Second
)

// TestExistingVerifierAcceptsTheLog has a verifier that knows nothing of Samleng
// check the log of the running program, with the command line of the README.
func TestExistingVerifierAcceptsTheLog(t *testing.T) {
	if os.Getenv("SAMLENG_TEST_FSCK") == "" {
		t.Skip("to have Tessera's fsck verify the log of the running program, set SAMLENG_TEST_FSCK=1 (it is fetched through the Go module proxy)")
	}
	p := prepare(t, store.Config{Dir: filepath.Join(t.TempDir(), "data")})
	server := p.serve(t, "--checkpoint", "50ms")
	o, c := newOutsider(t, p.verifier), newCrowd(p.statements, verifierOf(t, p.verifier))
	c.pause = 0
	c.at(server.listens())
	work, stop := context.WithCancel(t.Context())
	clients := c.run(work, t.Context(), 16)
	for len(c.holds(0)) < 700 {
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	clients.Wait()
	c.check(t)
	size := o.covering(t, server.base, p.acts+int64(len(c.holds(0)))).Size
	if size < 600 || size%256 == 0 {
		t.Fatalf("%d acts make no log of several bundles and a part of one", size)
	}
	key, err := o.fetch(t.Context(), server.base, "key")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, key, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := fsck(t, server.base+"/log/", file, fsckWithin)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("a log of %d acts; fsck said:\n%s", size, out)

	// It can fail: of the same log with one byte changed it says that it is not
	// what the checkpoint says, or does not come to an end.
	tampered := tamper(t, server.base)
	if out, err := fsck(t, tampered+"/log/", file, tamperedWithin); err == nil {
		t.Errorf("it accepts a log of which one byte was changed:\n%s", out)
	}
}

// fsck runs the verifier on the log at an address.
func fsck(t *testing.T, address, keyFile string, limit time.Duration) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "run", "github.com/transparency-dev/tessera/cmd/fsck@v1.0.4",
		"--ui=false", "--storage_url="+address, "--public_key="+keyFile)
	cmd.Dir = t.TempDir() // outside the module, as the README's reader is
	// go run has a child, which would live on.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	return string(out), errors.Join(err, ctx.Err())
}

// tamper serves the log at base with one byte of its first bundle changed.
func tamper(t *testing.T, base string) string {
	t.Helper()
	target, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/tile/entries/000") { // the full bundle, or a part of it
			proxy.ServeHTTP(w, r)
			return
		}
		whole := httptest.NewRecorder()
		proxy.ServeHTTP(whole, r)
		w.Write(bytes.Replace(whole.Body.Bytes(), []byte("programme"), []byte("programmf"), 1))
	}))
	t.Cleanup(server.Close)
	return server.URL
}
