package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"samleng/internal/store"
)

// limitFileSize sets how long files of a running process may become, as
// prlimit(1) does; -1 lifts the limit.
func limitFileSize(pid int, bytes int64) error {
	limit := [2]uint64{uint64(bytes), ^uint64(0)}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// TestFullDisk fills the disk of a served register, and makes room again.
func TestFullDisk(t *testing.T) {
	t.Run("no space left", func(t *testing.T) {
		disk := filepath.Join(t.TempDir(), "disk")
		if err := os.Mkdir(disk, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=24m"); err != nil {
			t.Skip("nothing may be mounted here, so there is no small disk to fill: ", err)
		}
		t.Cleanup(func() {
			if err := syscall.Unmount(disk, 0); err != nil {
				t.Error(err)
			}
		})
		f := newFaulty(t, prepare(t, store.Config{Dir: filepath.Join(disk, "data")}))
		ballast := filepath.Join(disk, "ballast")
		f.failsAndComesBack(t, func() error { return fill(ballast) }, func() error { return os.Remove(ballast) })
	})
	t.Run("no file may grow", func(t *testing.T) {
		f := newFaulty(t, prepare(t, store.Config{Dir: filepath.Join(t.TempDir(), "data")}))
		pid := f.server.cmd.Process.Pid
		f.failsAndComesBack(t, func() error { return limitFileSize(pid, 4096) }, func() error { return limitFileSize(pid, -1) })
	})
	// What a failed write has left in the write-ahead log is found by the next
	// process, or is not: its sender gets the same receipt either way.
	t.Run("killed meanwhile", func(t *testing.T) {
		f := newFaulty(t, prepare(t, store.Config{Dir: filepath.Join(t.TempDir(), "data")}))
		for range 5 {
			told := f.crowd.told.Load()
			if err := limitFileSize(f.server.cmd.Process.Pid, 4096); err != nil {
				t.Fatal(err)
			}
			for f.crowd.told.Load() == told {
				time.Sleep(time.Millisecond)
			}
			f.server.kill()
			f.server = f.serve(t, "--checkpoint", "50ms", "--release", "0s")
			f.crowd.at(f.server.listens())
			f.outsider.follow(t, f.server.base)
			time.Sleep(100 * time.Millisecond)
		}
		f.whole(t)
	})
}

// fill writes a file until there is no space left.
func fill(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	for size := 1 << 20; size > 0; {
		if _, err := file.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			return err
		}
	}
	return nil
}

// TestReadOnlyFolder makes the folder of a served register read-only, as a file
// system does that has met an error, and writable again. Root may write in any
// folder, and an open file stays open, so it is the files that are made
// immutable.
func TestReadOnlyFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	p := prepare(t, store.Config{Dir: dir})
	f := newFaulty(t, p)
	set := func(sign string) error {
		// The index of the write-ahead log stays as it is: it is memory that
		// processes share, and only ext4 would refuse to write to that.
		files := []string{dir}
		for _, name := range []string{"samleng.db", "samleng.db-wal"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				files = append(files, filepath.Join(dir, name))
			}
		}
		out, err := exec.Command("chattr", append([]string{sign + "i"}, files...)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("chattr: %w: %s", err, out)
		}
		return nil
	}
	t.Cleanup(func() { set("-") })
	if err := set("+"); err != nil {
		t.Skip("files cannot be made immutable here: ", err)
	}
	if err := set("-"); err != nil {
		t.Fatal(err)
	}
	f.failsAndComesBack(t, func() error { return set("+") }, func() error { return set("-") })

	// At the start it is an error that says so, and no harm.
	if err := set("+"); err != nil {
		t.Fatal(err)
	}
	out, err := run(t, append([]string{"serve", "--addr", "127.0.0.1:0"}, where(p.config, p.keys)...)...)
	if err == nil || !strings.Contains(out, "storage unavailable") {
		t.Errorf("started in a read-only folder: %v\n%s", err, out)
	}
	if err := set("-"); err != nil {
		t.Fatal(err)
	}
	server := p.serve(t)
	becomes(t, server.listens(), "ok")
	server.terminate()
}

// failsAndComesBack makes storing impossible and possible again, while the crowd
// goes on.
func (f *faulty) failsAndComesBack(t *testing.T, fail, mend func() error) {
	t.Helper()
	if err := fail(); err != nil {
		t.Fatal(err)
	}
	// What room there was in the log's file is used up first.
	for deadline := time.Now().Add(30 * time.Second); f.crowd.told.Load() == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("acts are stored although there is nowhere to store them: this test cannot fail")
		}
	}
	became := time.Now()
	becomes(t, f.server.base, "unavailable")
	s := newSending(t)
	s.told(t, f.server.base)
	before := len(f.crowd.holds(0))
	time.Sleep(700 * time.Millisecond)
	// Reading goes on.
	f.outsider.follow(t, f.server.base)
	allResolve(t, f.crowd, f.outsider, f.server.base, some(f.covered(), 20))
	t.Logf("%d receipts were handed out while nothing can be stored", len(f.crowd.holds(0))-before)
	if err := mend(); err != nil {
		t.Fatal(err)
	}
	becomes(t, f.server.base, "ok")
	f.registered(t, s)
	t.Logf("it failed for %s", time.Since(became).Round(time.Millisecond))
	f.whole(t)
}

// covered are the receipts of the crowd that the outsider has read about.
func (f *faulty) covered() (covered []held) {
	for _, h := range f.crowd.holds(0) {
		if h.position < int64(len(f.outsider.ids)) {
			covered = append(covered, h)
		}
	}
	return covered
}
