package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"samleng/act"
	"samleng/internal/locale"
)

// running is the command as a real process.
type running struct {
	t       *testing.T
	command *exec.Cmd
	base    string // the address that it printed
	mu      sync.Mutex
	out     strings.Builder
	read    chan struct{} // closed when there is no more to read
}

var printedAddress = regexp.MustCompile(`^  (http://localhost:\d+)/$`)

// start starts the command and waits until it has said where it serves.
func start(t *testing.T, temp string, args ...string) *running {
	t.Helper()
	p := &running{t: t, command: exec.Command(os.Args[0], args...), read: make(chan struct{})}
	p.command.Env = append(os.Environ(), "SAMLENG_TEST_COMMAND=1", "TMPDIR="+temp)
	p.command.Stderr = os.Stderr
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.command.Process.Kill() })
	served := make(chan string, 1)
	go func() {
		defer close(p.read)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			p.mu.Lock()
			fmt.Fprintln(&p.out, lines.Text())
			p.mu.Unlock()
			if found := printedAddress.FindStringSubmatch(lines.Text()); found != nil {
				served <- found[1]
			} else if strings.HasPrefix(lines.Text(), "End it") {
				close(served)
			}
		}
	}()
	limit := time.After(90 * time.Second)
	for {
		select {
		case base, more := <-served:
			if !more {
				if p.base == "" {
					t.Fatal("no address was printed")
				}
				return p
			}
			p.base = base
		case <-p.read:
			t.Fatalf("it ended: %v\n%s", p.command.Wait(), p.said())
		case <-limit:
			t.Fatalf("it served nothing in 90 seconds:\n%s", p.said())
		}
	}
}

func (p *running) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// stop ends the process as a service manager does.
func (p *running) stop() {
	p.t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	<-p.read
	if err := p.command.Wait(); err != nil {
		p.t.Errorf("it did not end well: %v", err)
	}
}

// get reads a page.
func (p *running) get(path string) string {
	p.t.Helper()
	response, err := http.Get(p.base + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		p.t.Errorf("GET %s: %d, %v", path, response.StatusCode, err)
	}
	return string(body)
}

// TestDemo starts the demonstration as a process, reads its pages in both
// languages, and stops it: nothing is left behind.
func TestDemo(t *testing.T) {
	temp := t.TempDir()
	began := time.Now()
	p := start(t, temp, "demo", "--addr", "127.0.0.1:0")
	t.Logf("served after %v", time.Since(began).Round(10*time.Millisecond))
	banner := map[string]string{"en": "This is a demonstration.", "km": "នេះជាការបង្ហាញសាកល្បង។"}
	code := regexp.MustCompile(`code (DEMO-\S+)   secret \S+   a view that was published`).FindStringSubmatch(p.said())
	if code == nil {
		t.Fatalf("no receipt was printed:\n%s", p.said())
	}
	for language, words := range banner {
		for _, path := range []string{"/", "/dialogues", "/d/phnom-penh", "/d/kampong-cham", "/d/siem-reap", "/d/ratanakkiri", "/d/kampot",
			"/d/ratanakkiri/statements", "/withheld", "/verify", "/about", "/v/" + code[1]} {
			page := p.get(path + "?lang=" + language)
			if !strings.Contains(page, words) {
				t.Errorf("%s in %s is not labelled illustrative", path, language)
			}
			if strings.Contains(page, "⟦") {
				t.Errorf("%s in %s lacks a message", path, language)
			}
		}
	}
	if healthy := p.get("/healthz"); !strings.Contains(healthy, "ok") {
		t.Errorf("/healthz: %s", healthy)
	}
	for _, path := range []string{"/api/v1/openapi.json", "/log/checkpoint", "/log/key", "/metrics"} {
		p.get(path)
	}
	checkSeats(t, p)
	p.stop()
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

var printedSeat = regexp.MustCompile(`(?m)^  (http://\S+/demo/signin/\S+)  ([^,]+), (.+)$`)

// checkSeats follows the link of every role to its desk.
func checkSeats(t *testing.T, p *running) {
	t.Helper()
	offices := map[string][]string{}
	for _, line := range printedSeat.FindAllStringSubmatch(p.said(), -1) {
		offices[strings.ToLower(line[2])] = append(offices[strings.ToLower(line[2])], line[3])
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Jar: jar}
		response, err := client.Get(line[1])
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		where := response.Request.URL.Path
		if response, err = client.Get(p.base + where + "?lang=en"); err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK || where != "/desk" || !strings.Contains(string(body), html.EscapeString(line[3])) {
			t.Errorf("%s, %s: %d at %s, %v", line[2], line[3], response.StatusCode, where, err)
		}
	}
	for _, role := range act.Roles {
		if len(offices[locale.Get("en").T("code.role."+string(role))]) == 0 {
			t.Errorf("no link for a %s", role)
		}
	}
	// Whoever withheld a view does not decide the appeal.
	if moderators := offices["moderator"]; len(moderators) < 2 || moderators[0] == moderators[1] {
		t.Errorf("moderators of %v", moderators)
	}
	response, err := http.Get(p.base + signInPath + rand.Text())
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusNotFound || len(response.Cookies()) > 0 {
		t.Errorf("a link that was never given: %d, %v", response.StatusCode, response.Cookies())
	}
}

// TestDemoKept keeps a demonstration in a folder: served again it is the same,
// not filled a second time.
func TestDemoKept(t *testing.T) {
	temp := t.TempDir()
	dir := filepath.Join(temp, "kept")
	p := start(t, temp, "demo", "--addr", "127.0.0.1:0", "--data", dir, "--seed", "4")
	line := regexp.MustCompile(`/d/phnom-penh .*`)
	first, key := line.FindString(p.said()), p.get("/log/key")
	seats := printedSeat.FindString(p.said())
	p.stop()
	p = start(t, temp, "demo", "--addr", "127.0.0.1:0", "--data", dir, "--seed", "5")
	if again := line.FindString(p.said()); again != first || first == "" || p.get("/log/key") != key {
		t.Errorf("%q, then %q", first, again)
	}
	if again := printedSeat.FindString(p.said()); again == seats {
		t.Errorf("links outlive their run: %s", again)
	}
	checkSeats(t, p)
	if strings.Contains(p.said(), "secret") {
		t.Error("secrets of receipts are told a second time")
	}
	p.stop()
	left, err := os.ReadDir(temp)
	if err != nil || len(left) != 1 {
		t.Errorf("beside the folder: %v %v", left, err)
	}
}

// TestDemoRefuses refuses folders that are not its own, and a taken address.
func TestDemoRefuses(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	full, real := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "notes.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	where := place{Data: real, Origin: "test.example/register"}
	r, err := where.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	for name, c := range map[string]struct {
		command demoCommand
		want    string
	}{
		"a taken address":                     {demoCommand{Addr: listener.Addr().String()}, "in use"},
		"a folder with other things":          {demoCommand{Addr: "127.0.0.1:0", Data: full}, "is not empty"},
		"a register that is no demonstration": {demoCommand{Addr: "127.0.0.1:0", Data: real}, "no demonstration"},
	} {
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		err := c.command.Run(ctx)
		stop()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, err := os.ReadDir(full); err != nil || len(left) != 1 {
		t.Errorf("the folder was touched: %v %v", left, err)
	}
}

// TestDemoInterrupted stops it while it fills a folder: the folder does not
// come to be, and the next start makes it whole.
func TestDemoInterrupted(t *testing.T) {
	temp := t.TempDir()
	ctx, stop := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer stop()
	c := demoCommand{Addr: "127.0.0.1:0", Data: filepath.Join(temp, "kept"), Seed: 1}
	if err := c.Run(ctx); err == nil {
		t.Skip("this machine fills a demonstration in less than 150 ms")
	}
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
