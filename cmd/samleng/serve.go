package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"samleng/internal/register"
)

// listening says how pages are served.
type listening struct {
	Addr        string        `help:"Address to listen on." default:"127.0.0.1:8080"`
	TLSCert     string        `name:"tls-cert" help:"Certificate file; with --tls-key the server speaks TLS itself." type:"path" and:"tls"`
	TLSKey      string        `name:"tls-key" help:"The certificate's key file." type:"path" and:"tls"`
	BaseURL     string        `name:"base-url" help:"Address under which people reach the pages, such as https://example.org. Passkeys and links are bound to it." placeholder:"URL"`
	GracePeriod time.Duration `name:"grace-period" help:"How long requests under way may take when the server stops." default:"10s"`
}

// ruleEvery is how often the register does what its rules ask of it. Acts carry
// the hour and deadlines end with a day, so minutes are soon enough.
const ruleEvery = time.Minute

type serveCommand struct {
	place
	listening
	mailing
	Checkpoint time.Duration `help:"How often the log's head is signed and published." default:"1m"`
	Release    time.Duration `help:"How often new figures are looked for." default:"15s"`
	Witness    []string      `help:"Where a witness that is always on takes checkpoints, by the name of its declared key." placeholder:"NAME=URL"`
	Files      string        `help:"Folder of the files of evidence. By default the folder files in --data; with --database none are taken unless it is named." type:"path"`
}

// Run serves until it is told to stop.
func (c *serveCommand) Run(ctx context.Context) error {
	endpoints, err := witnessEndpoints(c.Witness)
	if err != nil {
		return err
	}
	r, err := c.openWith(ctx, register.Config{CheckpointEvery: c.Checkpoint, ReleaseEvery: c.Release, RuleEvery: ruleEvery})
	if err != nil {
		return err
	}
	defer r.Close()
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	base := c.baseURL(listener.Addr())
	accounts, err := openAccounts(r, base)
	if err != nil {
		listener.Close()
		return err
	}
	files, err := c.openFiles(c.Files)
	if err != nil {
		listener.Close()
		return err
	}
	notices, err := c.openNotices(r, accounts, base)
	if err != nil {
		listener.Close()
		return err
	}
	maps, stopMaps := keepMaps(ctx, r, c.Release)
	defer stopMaps()
	handler, err := newSite(siteConfig{register: r, accounts: accounts, baseURL: base, files: files, maps: maps, notices: notices})
	if err != nil {
		listener.Close()
		return err
	}
	slog.Info("serving", "address", base, "listening", listener.Addr().String(), "acts", r.Position())
	if r.Fault() == nil {
		if err := r.Publish(ctx); err != nil {
			slog.Warn("no checkpoint could be signed at the start", "error", err)
		}
	}
	defer runNotices(ctx, notices)()
	defer runCosigning(ctx, r, endpoints)()
	return c.serve(ctx, listener, handler)
}

func (l *listening) baseURL(addr net.Addr) string {
	if l.BaseURL != "" {
		return l.BaseURL
	}
	scheme := "http"
	if l.TLSCert != "" {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return scheme + "://" + addr.String()
	}
	if ip := net.ParseIP(host); ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost" // passkeys are bound to names, not to numbers
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// serve answers requests until ctx ends, then lets those under way finish.
func (l *listening) serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           bounded(handler, answerWithin),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() {
		if l.TLSCert != "" {
			server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
			ended <- server.ServeTLS(listener, l.TLSCert, l.TLSKey)
		} else {
			ended <- server.Serve(listener)
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	slog.Info("stopping", "grace", l.GracePeriod)
	grace, cancel := context.WithTimeout(context.Background(), l.GracePeriod)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// answerWithin bounds the work on one request, below the time in which its
// answer has to be written: a reading that hangs (the line to the database
// swallows everything) ends as a problem that is told.
const answerWithin = 90 * time.Second

func bounded(next http.Handler, limit time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func init() {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
}
