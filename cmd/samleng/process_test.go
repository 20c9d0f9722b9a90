package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"samleng/internal/store"
)

// binary is the program, built once for all tests that start it. It is built by
// the go command of the machine, in this folder.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildDir, "samleng")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return path, nil
})

var buildDir string

// TestMain makes the test binary the command itself where a test starts it as
// a process of its own, and removes what was built for those that start the
// program as it is shipped.
func TestMain(m *testing.M) {
	if os.Getenv("SAMLENG_TEST_COMMAND") != "" {
		main()
		return
	}
	var err error
	if buildDir, err = os.MkdirTemp("", "samleng-build-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(buildDir)
	os.Exit(code)
}

// process is a running program that serves.
type process struct {
	t    testing.TB
	cmd  *exec.Cmd
	base string        // http://127.0.0.1:port, once it listens
	up   chan struct{} // closed when it listens, or has ended
	done chan struct{} // closed when it has ended
	err  error         // how it ended
	mu   sync.Mutex
	said strings.Builder
}

var listeningAt = regexp.MustCompile(`msg=serving .*listening=(\S+)`)

// where gives the flags that lead to a register and its keys.
func where(config store.Config, keys string) []string {
	if config.Database != "" {
		return []string{"--database", config.Database, "--keys", keys}
	}
	return []string{"--data", config.Dir, "--keys", keys}
}

// launch starts the program; it is killed when the test ends.
func launch(t testing.TB, args ...string) *process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(path, args...), up: make(chan struct{}), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), "GOTRACEBACK=all")
	out, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.watch(out)
	t.Cleanup(func() {
		p.signal(syscall.SIGKILL)
		<-p.done
		if text := p.output(); strings.Contains(text, "panic") || strings.Contains(text, "goroutine ") {
			t.Errorf("the program panicked:\n%s", text)
		} else if t.Failed() {
			t.Logf("the program said:\n%s", text[max(0, len(text)-3000):])
		}
	})
	return p
}

// watch reads what the program says until it ends.
func (p *process) watch(out io.Reader) {
	lines := bufio.NewScanner(out)
	listens := false
	for lines.Scan() {
		p.mu.Lock()
		fmt.Fprintln(&p.said, lines.Text())
		p.mu.Unlock()
		if found := listeningAt.FindStringSubmatch(lines.Text()); found != nil && !listens {
			listens = true
			p.base = "http://" + found[1]
			close(p.up)
		}
	}
	p.err = p.cmd.Wait()
	if !listens {
		close(p.up)
	}
	close(p.done)
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

func (p *process) signal(s os.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Error(err)
	}
}

// kill ends the program as a power cut does, for all that it can notice.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// terminate asks the program to end, and wants it to do so in good order.
func (p *process) terminate() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
		if p.err != nil {
			p.t.Errorf("told to stop, it ended with %v:\n%s", p.err, p.output())
		}
	case <-time.After(20 * time.Second):
		p.signal(syscall.SIGQUIT)
		<-p.done
		p.t.Errorf("told to stop, it did not within 20 s:\n%s", p.output())
	}
}

// listens waits until the program serves, and gives its address.
func (p *process) listens() string {
	p.t.Helper()
	select {
	case <-p.up:
	case <-time.After(30 * time.Second):
		p.signal(syscall.SIGQUIT)
		<-p.done
	}
	if p.base == "" {
		p.t.Fatalf("it does not serve (%v):\n%s", p.err, p.output())
	}
	return p.base
}

// run runs the program until it ends and gives what it wrote to both outputs.
func run(t testing.TB, args ...string) (string, error) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
	return string(out), err
}
