package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"samleng/audit"
	"samleng/internal/api"
	"samleng/internal/blob"
	"samleng/internal/locale"
	"samleng/internal/replica"
	"samleng/internal/web"
	"samleng/translog"
)

type siteCommand struct {
	Dir string `arg:"" help:"Folder of a copy that mirror made. It is read again whenever mirror brings it up to date." type:"existingdir" placeholder:"DIR"`
	listening
	Original string        `help:"Address of the register that this is a copy of, for links to what only it can do." placeholder:"URL"`
	Pinned   string        `help:"File with what you know from somebody you trust, as for audit." type:"existingfile" placeholder:"FILE"`
	Look     time.Duration `help:"How often to look whether the copy is newer." default:"10s"`
	Lang     string        `help:"Language of what is told where the copy does not verify." enum:"en,km" default:"en"`
}

// Run verifies a copy and serves it until it is told to stop. One that does not
// verify is not served.
func (c *siteCommand) Run(ctx context.Context) error {
	if c.Original != "" && !isAddress(c.Original) {
		return errors.New("--original is an address, such as https://example.org")
	}
	site := &copySite{command: c, dir: logFolder(c.Dir)}
	site.looked = site.stamp()
	known, err := c.known(site.dir)
	if err != nil {
		return err
	}
	first, err := site.open(ctx, known)
	if err != nil {
		fmt.Fprintln(os.Stderr, "samleng:", err)
		return exitStatus(max(1, site.report.Outcome.Status()))
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	site.base = c.baseURL(listener.Addr())
	if err := site.show(first); err != nil {
		listener.Close()
		return err
	}
	slog.Info("serving a copy", "address", site.base, "listening", listener.Addr().String(), "log", first.Origin(), "acts", first.Position())
	following, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); site.follow(following) }()
	defer func() { stop(); <-ended }()
	return c.serve(ctx, listener, site)
}

// known gives what is known of the copy before it is read: what mirror saw, and
// what somebody trusted said.
func (c *siteCommand) known(dir string) (known audit.Config, err error) {
	if c.Pinned != "" {
		if err := readPinned(c.Pinned, &known); err != nil {
			return known, err
		}
	}
	return known, readSeen(filepath.Join(dir, seenName), &known)
}

// copySite serves a copy, and a newer one in its place once that verifies. One
// request sees one copy: each has its own pages.
type copySite struct {
	command *siteCommand
	dir     string
	base    string
	handler atomic.Pointer[http.Handler]

	// What follows is for one goroutine at a time.
	shown  *replica.Replica
	looked stamp
	report audit.Report // of the copy that was opened last
}

// ServeHTTP implements http.Handler.
func (s *copySite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*s.handler.Load()).ServeHTTP(w, r)
}

// stamp tells whether a copy's checkpoint was written anew: mirror replaces it
// when everything else is there.
type stamp struct {
	written time.Time
	size    int64
}

func (s *copySite) stamp() stamp {
	info, err := os.Stat(filepath.Join(s.dir, "checkpoint"))
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size()}
}

// open opens the copy as it is in the folder. The error says in words what is
// wrong with it.
func (s *copySite) open(ctx context.Context, known audit.Config) (opened *replica.Replica, err error) {
	opened, s.report, err = replica.Open(ctx, replica.Config{Dir: s.dir, Origin: known.Origin, Keys: known.Keys, Seen: known.Seen})
	if err == nil || ctx.Err() != nil {
		return opened, err
	}
	l := locale.Get(s.command.Lang)
	var why strings.Builder
	if s.report.Stopped != "" {
		why.WriteString("\n- " + l.T("audit.stopped", "why", s.report.Stopped))
	}
	const most = 5
	for i, f := range s.report.Findings {
		if i == most {
			why.WriteString("\n" + l.T("audit.more", "n", len(s.report.Findings)-most+s.report.More))
			break
		}
		why.WriteString("\n- " + findingWords(l, f))
	}
	for _, u := range s.report.Unchecked {
		if u.Reason.Stops() {
			why.WriteString("\n- " + l.T("audit.unchecked."+string(u.Reason), "n", u.Count, "position", u.Position, "detail", u.Detail))
		}
	}
	return nil, fmt.Errorf("%s: %w%s", s.dir, err, why.String())
}

// show serves a copy from now on.
func (s *copySite) show(r *replica.Replica) error {
	var files *blob.Store
	if dir := filepath.Join(s.dir, filesFolder); isFolder(dir) {
		var err error
		if files, err = blob.Open(dir); err != nil {
			return err
		}
	}
	handler, err := newCopySite(r, files, s.base, s.command.Original)
	if err != nil {
		return err
	}
	s.shown = r
	s.handler.Store(&handler)
	return nil
}

// newCopySite puts a copy's pages, the reading half of its API and its log
// behind one address.
func newCopySite(r *replica.Replica, files *blob.Store, base, original string) (http.Handler, error) {
	pages, err := web.New(web.Config{Reader: r, Files: files, Address: base, Secure: isSecure(base), Original: original, Log: slog.Default()})
	if err != nil {
		return nil, err
	}
	data, err := api.New(api.Config{Reader: r})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	data.Mount(mux)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { copyHealth(w, r) })
	return mux, nil
}

// copyHealth says whether the newest copy is the one that is shown.
func copyHealth(w http.ResponseWriter, r *replica.Replica) {
	health, status := api.Health{Status: "ok", Position: r.Position()}, http.StatusOK
	if r.Fault() != nil {
		// What is wrong names a folder: the program's log has it.
		health.Status, health.Fault, status = "outdated", "a newer copy does not verify", http.StatusServiceUnavailable
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The status is what counts; whoever hung up needs no more.
	_ = json.NewEncoder(w).Encode(health)
}

// follow looks again and again whether the folder holds a newer copy.
func (s *copySite) follow(ctx context.Context) {
	ticker := time.NewTicker(max(s.command.Look, time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		s.refresh(ctx)
	}
}

// refresh looks once, and says on every page and in the program's log if the
// folder's copy cannot be shown.
func (s *copySite) refresh(ctx context.Context) {
	if err := s.look(ctx); err != nil && ctx.Err() == nil {
		slog.Error("the copy in the folder is not shown; the one before is served on", "acts", s.shown.Position(), "reason", err)
		s.shown.Outdated(err)
	}
}

// look shows the copy in the folder if its checkpoint was written since the last
// look. It has to go on from the one that is shown, signed with the same key.
func (s *copySite) look(ctx context.Context) error {
	now := s.stamp()
	if now == s.looked {
		return nil
	}
	if now == (stamp{}) {
		s.looked = now
		return fmt.Errorf("%s: %w", filepath.Join(s.dir, "checkpoint"), fs.ErrNotExist)
	}
	next, err := s.open(ctx, audit.Config{Origin: s.shown.Origin(), Keys: s.shown.VerifierKeys(), Seen: []translog.Checkpoint{s.shown.At()}})
	s.looked = now
	if err != nil {
		return err
	}
	if err := s.show(next); err != nil {
		return err
	}
	slog.Info("serving a newer copy", "acts", next.Position())
	return nil
}
