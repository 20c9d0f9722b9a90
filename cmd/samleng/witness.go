package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"samleng/audit"
	"samleng/internal/locale"
	"samleng/translog"
	"samleng/witness"
)

// witnessing says who cosigns, and where that is remembered.
type witnessing struct {
	Key    string `help:"File of the witness's secret key. It is made if it is not there." type:"path" required:"" placeholder:"FILE"`
	Name   string `help:"The witness's name, an address without its scheme such as example.org/witness. Needed once, to make the key." placeholder:"NAME"`
	Memory string `help:"Folder of what the witness has signed. Never put an older copy of it back." type:"path" required:"" placeholder:"DIR"`
}

type witnessCommand struct {
	witnessing
	Log     []string      `help:"Verifier keys of the logs whose checkpoints are cosigned." placeholder:"VKEY"`
	Logs    string        `help:"File with one verifier key of a log a line. The log's address may follow it: then the memory is compared at the start with what the log publishes." type:"existingfile" placeholder:"FILE"`
	Cadence time.Duration `help:"How often this witness is there, to be shown; 0 for always." default:"0"`
	Addr    string        `help:"Address to listen on." default:"127.0.0.1:8081"`
	TLSCert string        `name:"tls-cert" help:"Certificate file; with --tls-key the witness speaks TLS itself." type:"path" and:"tls"`
	TLSKey  string        `name:"tls-key" help:"The certificate's key file." type:"path" and:"tls"`
}

// Run serves until it is told to stop.
func (c *witnessCommand) Run(ctx context.Context) error {
	logs, err := c.knownLogs()
	if err != nil {
		return err
	}
	w, err := c.open(logs)
	if err != nil {
		return err
	}
	for _, log := range logs {
		if err := catchUp(ctx, w, log); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	l := listening{Addr: c.Addr, TLSCert: c.TLSCert, TLSKey: c.TLSKey, GracePeriod: 10 * time.Second}
	mux := http.NewServeMux()
	mux.Handle("POST /add-checkpoint", w.Handler())
	mux.HandleFunc("GET /{$}", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		for _, lang := range []string{"en", "km"} {
			_, _ = io.WriteString(rw, witnessPage(locale.Get(lang), w, logs, c.Cadence))
		}
	})
	slog.Info("serving", "address", l.baseURL(listener.Addr()), "listening", listener.Addr().String(), "witness", w.VerifierKey(), "logs", len(logs))
	return l.serve(ctx, listener, mux)
}

// open reads the key, or makes it, and opens the memory.
func (c *witnessing) open(logs []knownLog) (*witness.Witness, error) {
	key, err := c.loadKey()
	if err != nil {
		return nil, err
	}
	config := witness.Config{Key: key, Dir: c.Memory, Now: time.Now, Log: slog.Default()}
	for _, log := range logs {
		config.Logs = append(config.Logs, log.Log)
	}
	w, err := witness.New(config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Key, err)
	}
	if c.Name != "" && c.Name != w.Name() {
		return nil, fmt.Errorf("%s is the key of %s, not of %s", c.Key, w.Name(), c.Name)
	}
	return w, nil
}

// loadKey reads the secret key. Where there is none it makes one, says its
// verifier key, and returns only when it is on the disk: a key that signed and
// was lost could not sign again.
func (c *witnessing) loadKey() (string, error) {
	content, err := readAtMost(c.Key, audit.MaxKey)
	if err == nil {
		return strings.TrimSpace(string(content)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if c.Name == "" {
		return "", fmt.Errorf("%s is not there; to make it, name the witness with --name", c.Key)
	}
	skey, vkey, err := translog.GenerateCosignerKey(rand.Reader, c.Name)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(c.Key), 0o700); err != nil {
		return "", err
	}
	file, err := os.OpenFile(c.Key, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(skey + "\n")
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return "", err
	}
	fmt.Println(vkey)
	return skey, nil
}

func readAtMost(name string, most int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(content)) > most {
		err = fmt.Errorf("%s: more than %d bytes", name, most)
	}
	return content, err
}

// knownLog is a log that is cosigned, and where it is published if that is known.
type knownLog struct {
	witness.Log
	vkeys []string
	url   string
}

func (c *witnessCommand) knownLogs() ([]knownLog, error) {
	lines := slices.Clone(c.Log)
	if c.Logs != "" {
		more, err := readLines(c.Logs)
		if err != nil {
			return nil, err
		}
		lines = append(lines, more...)
	}
	logs, err := parseLogs(lines)
	if err == nil && len(logs) == 0 {
		err = errors.New("no log is known: name its verifier key with --log, or a file with --logs")
	}
	return logs, err
}

// readLines gives a file's lines without comments and empty ones.
func readLines(name string) (lines []string, err error) {
	content, err := readAtMost(name, 1<<20)
	if err != nil {
		return nil, err
	}
	scanner := bufio.NewScanner(strings.NewReader(string(content)))
	for scanner.Scan() {
		if line := strings.TrimSpace(scanner.Text()); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines, scanner.Err()
}

// parseLogs reads lines of a verifier key and perhaps an address; several keys of
// one log make one log.
func parseLogs(lines []string) (logs []knownLog, err error) {
	for _, line := range lines {
		fields := strings.Fields(line)
		if len(fields) == 0 || len(fields) > 2 || len(fields) == 2 && !isAddress(fields[1]) {
			return nil, fmt.Errorf("%q is no verifier key, with an address or without", line)
		}
		one, err := witness.NewLog(fields[0])
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		i := slices.IndexFunc(logs, func(l knownLog) bool { return l.Origin == one.Origin })
		if i < 0 {
			i, logs = len(logs), append(logs, knownLog{Log: witness.Log{Origin: one.Origin}})
		}
		logs[i].Keys, logs[i].vkeys = append(logs[i].Keys, one.Keys...), append(logs[i].vkeys, fields[0])
		if len(fields) == 2 {
			logs[i].url = fields[1]
		}
	}
	return logs, nil
}

// catchUp compares the memory with what the log publishes with our cosignature.
// A log that cannot be reached is no reason not to serve the others; one that
// does not fit what we signed is for somebody to look at.
func catchUp(ctx context.Context, w *witness.Witness, log knownLog) error {
	if last, err := w.Last(log.Origin); err != nil {
		slog.Error("nothing is signed for a log", "log", log.Origin, "error", err)
		return nil
	} else if log.url == "" {
		slog.Info("the memory is not compared with what the log publishes: its address is not known", "log", log.Origin, "size", last.Size)
		return nil
	}
	site := audit.Site{Base: log.url, Wait: 20 * time.Second}
	published, err := site.Fetch(ctx, "checkpoint")
	if err == nil {
		_, _, err = w.CatchUp(ctx, log.Origin, published, witness.ProveFrom(site.Fetch))
	}
	if err != nil && contradicts(err) {
		return fmt.Errorf("what this witness signed for %q and what it remembers do not fit together; both are kept in its memory: %w", log.Origin, err)
	}
	if err != nil {
		slog.Warn("the memory could not be compared with what the log publishes", "log", log.Origin, "error", err)
	}
	return nil
}

// contradicts reports whether an error says that checkpoints do not fit together.
func contradicts(err error) bool {
	_, fork := errors.AsType[*witness.ForkError](err)
	return fork || errors.Is(err, witness.ErrProof) || errors.Is(err, translog.ErrInconsistent)
}

// witnessPage says who the witness is and what it last signed.
func witnessPage(l *locale.Locale, w *witness.Witness, logs []knownLog, cadence time.Duration) string {
	var b strings.Builder
	say := func(key string, params ...any) { b.WriteString(l.T(key, params...) + "\n") }
	say("witness.page.name", "name", w.Name())
	say("witness.page.key", "key", w.VerifierKey())
	if cadence == 0 {
		say("witness.page.always")
	} else {
		say("witness.page.every", "n", int64((cadence+24*time.Hour-1)/(24*time.Hour)))
	}
	for _, log := range logs {
		last, err := w.Last(log.Origin)
		switch {
		case err != nil:
			say("witness.page.damaged", "log", log.Origin)
		case last.Signed == nil:
			say("witness.page.none", "log", log.Origin)
		default:
			say("witness.page.last", "log", log.Origin, "size", last.Size, "at", l.DateTime(last.At, time.UTC)+" UTC")
		}
	}
	return b.String() + "\n"
}
