package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"samleng/internal/store"
	"samleng/internal/store/storetest"
)

// keptUp is a register served for a while, with what was seen of it.
type keptUp struct {
	prepared
	outsider *outsider
	crowd    *crowd
}

// works serves the register for a while, with a crowd at it, and does something
// in between.
func (s *keptUp) works(t *testing.T, between func(*process), end func(*process)) {
	t.Helper()
	server := s.serve(t, "--checkpoint", "20ms", "--release", "0s")
	s.crowd.at(server.listens())
	work, stop := context.WithCancel(t.Context())
	clients := s.crowd.run(work, t.Context(), 4)
	time.Sleep(200 * time.Millisecond)
	if between != nil {
		between(server)
	}
	time.Sleep(200 * time.Millisecond)
	stop()
	clients.Wait()
	s.crowd.check(t)
	var last int64
	for _, h := range s.crowd.holds(0) {
		last = max(last, h.position+1)
	}
	s.outsider.covering(t, server.base, last)
	end(server)
}

// readOnly checks that a served register takes nothing, signs nothing, and says
// why to whoever runs it and whoever comes.
func readOnly(t *testing.T, p prepared, o *outsider, why string) {
	t.Helper()
	server := p.serve(t, "--checkpoint", "20ms")
	base := server.listens()
	code, h := health(t, base)
	if code != http.StatusServiceUnavailable || h.Status != "read-only" || !strings.Contains(h.Fault, why) {
		t.Errorf("/healthz says %d %+v, not %q", code, h, why)
	}
	if key := newSending(t).told(t, base); key != "problem.read_only" {
		t.Errorf("told %s", key)
	}
	time.Sleep(100 * time.Millisecond) // time for some checkpoints, if it signed any
	if _, err := o.look(t.Context(), base); err != nil && (isFork(err) || !errors.Is(err, os.ErrNotExist)) {
		t.Error(err)
	}
	page, err := o.fetch(t.Context(), base, "../en/")
	if err != nil {
		page, err = o.fetch(t.Context(), base, "../")
	}
	if err != nil || !strings.Contains(string(page), `class="banner`) {
		t.Errorf("no banner on the page: %v\n%.600s", err, page)
	}
	server.terminate()
}

// TestOldCopies brings back yesterday's register in all the ways in which people
// do. It is noticed, and nothing is signed for it.
func TestOldCopies(t *testing.T) {
	t.Run("backup", func(t *testing.T) { storetest.Each(t, oldBackup) })
	t.Run("copied by hand", oldFiles)
}

func oldBackup(t *testing.T, config store.Config) {
	s := &keptUp{prepared: prepare(t, config)}
	s.outsider, s.crowd = newOutsider(t, s.verifier), newCrowd(s.statements, verifierOf(t, s.verifier))
	file := filepath.Join(t.TempDir(), "backup")
	mirror := t.TempDir()
	s.works(t, func(*process) {
		// While it is served.
		if out, err := run(t, append([]string{"backup", file}, where(s.config, s.keys)...)...); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}, func(server *process) {
		s.outsider.save(t, server.base, mirror)
		server.kill()
	})
	before := len(s.outsider.ids)
	empty := func() prepared {
		p := s.prepared
		p.config = store.Config{Dir: filepath.Join(t.TempDir(), "restored")}
		return p
	}
	restoring := func(p prepared, more ...string) (string, error) {
		return run(t, append(append([]string{"restore", file}, where(p.config, p.keys)...), more...)...)
	}

	// Alone it is refused, and what is left of the attempt is no register.
	old := empty()
	if out, err := restoring(old); err == nil || !strings.Contains(out, "went on after this backup") {
		t.Errorf("an old backup: %v\n%s", err, out)
	}
	// The same where nobody kept a checkpoint, but a partner did.
	stranger := empty()
	stranger.keys = t.TempDir()
	copyFile(t, s.keys, stranger.keys, "log.key", "seal.key", "people.key", "accounts.key")
	if out, err := restoring(stranger, "--checkpoint", filepath.Join(mirror, "checkpoint")); err == nil || !strings.Contains(out, "went on after this backup") {
		t.Errorf("an old backup, and a partner's checkpoint: %v\n%s", err, out)
	}

	// With a mirror it is complete, byte for byte.
	whole := empty()
	if out, err := restoring(whole, "--mirror", mirror); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	replays(t, whole, s.outsider)
	again := &keptUp{whole, s.outsider, newCrowd(s.statements, verifierOf(t, s.verifier))}
	all := s.crowd.holds(0)
	server := whole.serve(t, "--checkpoint", "20ms")
	o := s.outsider
	o.follow(t, server.listens())
	for _, h := range all {
		if err := h.stands(o); err != nil {
			t.Fatal(err)
		}
	}
	server.terminate()
	again.works(t, nil, func(server *process) { server.terminate() })

	// A new epoch is another log.
	epoch := empty()
	epoch.keys = t.TempDir()
	copyFile(t, s.keys, epoch.keys, "seal.key", "people.key", "accounts.key")
	if out, err := restoring(epoch, "--new-epoch", "--origin", "test.example/second"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	server = epoch.serve(t)
	becomes(t, server.listens(), "ok")
	signed, err := o.fetch(t.Context(), server.base, "checkpoint")
	if err != nil || !strings.HasPrefix(string(signed), "test.example/second\n") {
		t.Errorf("the new epoch's checkpoint: %v\n%s", err, signed)
	}
	server.terminate()
	t.Logf("%d acts, %d after the mirror's restore went on, %d checkpoints, %d consistency proofs", before, len(o.ids), len(o.seen), o.proofs)
}

// save keeps a copy of what is published, as a mirror does.
func (o *outsider) save(t *testing.T, base, dir string) {
	t.Helper()
	newest := o.follow(t, base)
	keep := func(path string, content []byte) {
		to := filepath.Join(dir, filepath.FromSlash(path))
		if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, content, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range o.files(newest.Size) {
		content, err := o.fetch(t.Context(), base, path)
		if err != nil {
			t.Fatal(err)
		}
		if path == "checkpoint" {
			if got, err := o.remember(content); err != nil || got.Size != newest.Size {
				t.Fatalf("the checkpoint moved on to %d: %v", got.Size, err)
			}
		}
		keep(path, content)
	}
}

func copyFile(t testing.TB, from, to string, names ...string) {
	t.Helper()
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// oldFiles copies yesterday's database over today's, with the keys where they
// are: after the server stopped, and after it was killed, when its write-ahead
// log lies beside.
func oldFiles(t *testing.T) {
	for _, test := range []struct {
		name    string
		killed  bool
		wal     bool // the copy has yesterday's write-ahead log as well
		leftWAL bool // today's is left where it is
	}{
		{name: "database"},
		{name: "killed, whole copy", killed: true, wal: true},
		{name: "killed, database alone", killed: true},
		{name: "killed, beside today's write-ahead log", killed: true, leftWAL: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			s := &keptUp{prepared: prepare(t, store.Config{Dir: dir})}
			s.outsider, s.crowd = newOutsider(t, s.verifier), newCrowd(s.statements, verifierOf(t, s.verifier))
			end := func(server *process) {
				if test.killed {
					server.kill()
				} else {
					server.terminate()
				}
			}
			s.works(t, nil, end)
			yesterday := t.TempDir()
			names := []string{"samleng.db"}
			if test.wal {
				names = append(names, "samleng.db-wal")
			}
			copyFile(t, dir, yesterday, names...)
			s.works(t, nil, end)
			today := len(s.outsider.ids)
			if !test.leftWAL {
				for _, name := range []string{"samleng.db-wal", "samleng.db-shm"} {
					os.Remove(filepath.Join(dir, name))
				}
			}
			copyFile(t, yesterday, dir, names...)
			if test.leftWAL {
				// SQLite plays today's changes onto yesterday's pages. Either all
				// that changed is among them, or it is noticed.
				mixedOrWhole(t, s, today)
				return
			}
			readOnly(t, s.prepared, s.outsider, "an old copy was restored")
		})
	}
}

// mixedOrWhole serves a database of which nobody knows what it is.
func mixedOrWhole(t *testing.T, s *keptUp, today int) {
	t.Helper()
	server := s.serve(t, "--checkpoint", "20ms")
	select {
	case <-server.up:
	case <-time.After(20 * time.Second):
		t.Fatal("it neither serves nor ends")
	}
	if server.base == "" {
		t.Logf("refused at the start: %.300s", server.output())
		return
	}
	code, h := health(t, server.base)
	if code != http.StatusOK {
		t.Logf("read-only: %s", h.Fault)
		if _, err := s.outsider.look(t.Context(), server.base); isFork(err) {
			t.Error(err)
		}
		return
	}
	s.outsider.follow(t, server.base)
	if len(s.outsider.ids) < today {
		t.Errorf("%d acts of %d", len(s.outsider.ids), today)
	}
	allResolve(t, s.crowd, s.outsider, server.base, s.crowd.holds(0))
	once(t, s.outsider, s.crowd.holds(0), len(s.statements))
	t.Log("whole: everything that had changed was in the write-ahead log")
}
