// Package e2e_test is the browser suite: it starts the program as a newcomer
// would and walks its pages in Chromium.
package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// site is the demonstration, served by the real program.
type site struct {
	Base, Data, Binary string
	// Code and Secret are of a view that was published, Withheld of one that was
	// not; Seats are the sign-in links by the role's title.
	Code, Secret      string
	Withheld, Secret2 string
	Seats             map[string]string
}

var (
	receiptLine = regexp.MustCompile(`code (\S+)\s+secret (\S+)`)
	seatLine    = regexp.MustCompile(`(http://\S+/demo/signin/\S+)\s+(.+)$`)
)

// start builds the program and runs samleng demo. The test is skipped where no
// browser is named.
func start(t *testing.T) *site {
	t.Helper()
	if os.Getenv("SAMLENG_TEST_CHROMIUM") == "" {
		t.Skip("needs a browser: set SAMLENG_TEST_CHROMIUM to the path of Chromium")
	}
	s := &site{Data: filepath.Join(t.TempDir(), "demo"), Binary: filepath.Join(t.TempDir(), "samleng"), Seats: map[string]string{}}
	if out, err := exec.Command("go", "build", "-o", s.Binary, "samleng/cmd/samleng").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	program := exec.Command(s.Binary, "demo", "--data", s.Data, "--addr", "127.0.0.1:0")
	program.Stderr = os.Stderr
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		program.Process.Signal(syscall.SIGTERM)
		program.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case s.Base == "" && strings.HasPrefix(line, "  http://"):
			s.Base = strings.TrimSuffix(strings.TrimSpace(line), "/")
		case receiptLine.MatchString(line):
			found := receiptLine.FindStringSubmatch(line)
			if s.Code == "" {
				s.Code, s.Secret = found[1], found[2]
			} else {
				s.Withheld, s.Secret2 = found[1], found[2]
			}
		case seatLine.MatchString(line):
			found := seatLine.FindStringSubmatch(line)
			s.Seats[strings.TrimSpace(found[2])] = found[1]
		}
		if strings.HasPrefix(line, "End it with") {
			break
		}
	}
	if s.Base == "" || s.Withheld == "" {
		t.Fatal("the demonstration did not say where it is")
	}
	go func() {
		for lines.Scan() {
			continue // so that it never waits for us
		}
	}()
	return s
}

// seat gives the sign-in link of a role.
func (s *site) seat(t *testing.T, role string) string {
	t.Helper()
	for title, link := range s.Seats {
		if strings.HasPrefix(strings.ToLower(title), role) {
			return link
		}
	}
	t.Fatalf("no sign-in link for a %s among %v", role, s.Seats)
	return ""
}

// tab is a browser with nothing in it.
type tab struct {
	t   *testing.T
	ctx context.Context
	*site
}

// narrow and wide are the two windows that every page is looked at in.
var (
	narrow = [2]int64{360, 780}
	wide   = [2]int64{1280, 900}
)

func (s *site) open(t *testing.T, window [2]int64) *tab {
	t.Helper()
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(os.Getenv("SAMLENG_TEST_CHROMIUM")),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true))
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(cancel)
	b := &tab{t, ctx, s}
	b.do(chromedp.EmulateViewport(window[0], window[1], func(p *emulation.SetDeviceMetricsOverrideParams, _ *emulation.SetTouchEmulationEnabledParams) {
		p.Mobile = window[0] < 600
	}))
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// eval evaluates a script that gives a T.
func eval[T any](b *tab, script string, options ...chromedp.EvaluateOption) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, options...))
	if err != nil {
		b.t.Fatalf("%v in\n%.300s", err, script)
	}
	return value
}

// visit opens a page.
func (b *tab) visit(path string) {
	b.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.Base + path
	}
	b.do(chromedp.Navigate(path))
}

// press clicks the first element that a selector finds, and waits for the page
// that comes.
func (b *tab) press(selector string) {
	b.t.Helper()
	if !eval[bool](b, fmt.Sprintf("document.querySelector(%q) !== null", selector)) {
		b.t.Fatalf("%s: nothing to press at %s\n%s", b.where(), selector, b.text())
	}
	if _, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		b.t.Fatalf("press %s at %s: %v", selector, b.where(), err)
	}
}

func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

func (b *tab) where() string { return eval[string](b, "location.pathname + location.search") }
func (b *tab) text() string  { return eval[string](b, "document.querySelector('main').innerText") }

// sees fails unless the page says something.
func (b *tab) sees(what string) {
	b.t.Helper()
	if !strings.Contains(b.text(), what) {
		b.t.Errorf("%s does not say %q:\n%s", b.where(), what, b.text())
	}
}

// picture keeps a picture of the page where SAMLENG_PICTURES says.
func (b *tab) picture(name string, whole bool) {
	b.t.Helper()
	dir := os.Getenv("SAMLENG_PICTURES")
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	shot := chromedp.CaptureScreenshot()
	if whole {
		shot = chromedp.FullScreenshot(100)
	}
	png, err := chromedp.Run(b.ctx, shot)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
