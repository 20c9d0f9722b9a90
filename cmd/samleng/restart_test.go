//go:build unix

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"samleng/internal/store"
	"samleng/internal/store/storetest"
)

// cluster is a PostgreSQL server of this test's own, which it may kill.
type cluster struct {
	t       *testing.T
	bin     string
	dir     string
	port    int
	running *exec.Cmd
	ended   chan struct{}       // closed when it has
	as      *syscall.Credential // root may not run PostgreSQL
}

// newCluster makes a database server; the test is skipped where it cannot.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(found) == 0 {
		t.Skip("there are no programs of PostgreSQL in /usr/lib/postgresql/*/bin to make a server with that may be killed")
	}
	c := &cluster{t: t, bin: slices.Max(found)}
	if c.dir, err = os.MkdirTemp("", "samleng-postgres-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(c.dir) })
	if os.Getuid() == 0 {
		who, err := user.Lookup("postgres")
		if err != nil {
			t.Skip("root may not run PostgreSQL, and there is no user postgres")
		}
		uid, _ := strconv.Atoi(who.Uid)
		gid, _ := strconv.Atoi(who.Gid)
		c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(c.dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.port = listen.Addr().(*net.TCPAddr).Port
	listen.Close()
	out, err := c.command("initdb", "-D", filepath.Join(c.dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput()
	if err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	c.start()
	t.Cleanup(func() { c.kill(syscall.SIGQUIT) })
	return c
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as, Setpgid: true}
	return cmd
}

func (c *cluster) address() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", c.port)
}

// start starts the server and waits until it takes connections. A server whose
// forerunner's sessions have not all noticed yet that it is gone ends at once;
// it is started again.
func (c *cluster) start() {
	c.t.Helper()
	c.launch()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		s, err := store.Open(c.t.Context(), store.Config{Database: c.address()})
		if err == nil {
			s.Close()
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatal(err)
		}
		select {
		case <-c.ended:
			c.launch()
		default:
		}
	}
}

func (c *cluster) launch() {
	c.t.Helper()
	cmd := c.command("postgres", "-D", filepath.Join(c.dir, "data"), "-p", strconv.Itoa(c.port), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "logging_collector=off")
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cmd.Wait()
	}()
	c.running, c.ended = cmd, ended
}

// kill ends the whole server, its sessions included, and waits for it.
func (c *cluster) kill(signal syscall.Signal) {
	if signal == syscall.SIGKILL {
		// The sessions notice that their parent is gone; so does the next start.
		syscall.Kill(-c.running.Process.Pid, signal)
	}
	c.running.Process.Signal(signal)
	<-c.ended
}

// TestDatabaseServerIsKilled stops, crashes and starts the database server under
// a program that goes on, with people who go on sending.
func TestDatabaseServerIsKilled(t *testing.T) {
	storetest.Address(t) // whoever has one has the server's program too
	c := newCluster(t)
	f := newFaulty(t, prepare(t, store.Config{Database: c.address()}))
	for i, signal := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGINT, syscall.SIGKILL, syscall.SIGQUIT, syscall.SIGKILL} {
		before := len(f.crowd.holds(0))
		c.kill(signal)
		becomes(t, f.server.base, "unavailable")
		if i == 0 {
			newSending(t).told(t, f.server.base)
		}
		c.start()
		becomes(t, f.server.base, "ok")
		for deadline := time.Now().Add(10 * time.Second); len(f.crowd.holds(0)) < before+20; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("nobody gets a receipt, although the server is there again")
			}
		}
		f.outsider.follow(t, f.server.base)
	}
	f.whole(t)
}
