package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/audit"
	"samleng/internal/locale"
	"samleng/translog"
	"samleng/witness"
)

type cosignCommand struct {
	URL string `arg:"" help:"Address of the register." placeholder:"URL"`
	witnessing
	Log             []string      `help:"Verifier keys of the log, from somebody you trust. Needed the first time; they are kept in the memory." placeholder:"VKEY"`
	Pinned          string        `help:"File with what you know from somebody you trust, as for audit." type:"existingfile" placeholder:"FILE"`
	ConsistencyOnly bool          `name:"consistency-only" help:"Do not audit the register; check only that its log continues what was signed before."`
	Out             string        `help:"Write the cosigned checkpoint to a file instead of handing it over." type:"path" placeholder:"FILE"`
	Wait            time.Duration `help:"How long the audit waits for the site's next checkpoint where it goes on meanwhile." default:"90s"`
	Lang            string        `help:"Language of what is said." enum:"en,km" default:"en"`
}

// Run cosigns a register's newest checkpoint: exit status 0 where that was done
// and handed over, 1 where it was refused because something is wrong, 2 where it
// could not be finished.
func (c *cosignCommand) Run(ctx context.Context) error {
	if err := wantAddress(c.URL, c.Lang); err != nil {
		return err
	}
	l := locale.Get(c.Lang)
	err := c.run(ctx, func(key string, params ...any) { fmt.Println(l.T(key, params...)) })
	if err == nil {
		return nil
	}
	status := exitStatus(2)
	if told, is := errors.AsType[exitStatus](err); is {
		return told
	}
	fork, isFork := errors.AsType[*witness.ForkError](err)
	switch {
	case isFork:
		status = 1
		fmt.Println(l.T("cosign.fork", "size", fork.Size, "before", fork.Root.String(), "now", fork.Other.String()))
	case contradicts(err):
		status = 1
		fmt.Println(l.T("cosign.inconsistent", "detail", err.Error()))
	case errors.Is(err, witness.ErrMemory):
		status = 1
		fmt.Println(l.T("cosign.memory", "detail", err.Error()))
	case errors.Is(err, witness.ErrSignature), errors.Is(err, translog.ErrSignature), errors.Is(err, translog.ErrOrigin):
		status = 1
		fmt.Println(l.T("cosign.signature", "detail", err.Error()))
	default:
		fmt.Println(l.T("cosign.unfinished", "detail", err.Error()))
	}
	if status == 1 {
		fmt.Println(l.T("cosign.refused", "memory", c.Memory))
	}
	return status
}

func (c *cosignCommand) run(ctx context.Context, say func(string, ...any)) error {
	config := audit.Config{Now: time.Now, Patience: c.Wait, Keys: slices.Clone(c.Log)}
	if c.Pinned != "" {
		if err := readPinned(c.Pinned, &config); err != nil {
			return err
		}
	}
	log, err := c.knownLog(config.Keys)
	if err != nil {
		return err
	}
	w, err := c.open([]knownLog{log})
	if err != nil {
		return err
	}
	site := audit.Site{Base: c.URL}
	prove := witness.ProveFrom(site.Fetch)
	if _, err := w.Last(log.Origin); err != nil {
		return err
	}
	signed, err := site.Fetch(ctx, "checkpoint")
	if err != nil {
		return err
	}
	from, caughtUp, err := w.CatchUp(ctx, log.Origin, signed, prove)
	if err != nil {
		return err
	}
	last, err := w.Last(log.Origin)
	if err != nil {
		return err
	}
	if caughtUp {
		say("cosign.rolled_back", "from", from.Size, "to", last.Size)
	}
	config.Origin = log.Origin
	config.Keys = append(log.vkeys, w.VerifierKey())
	if last.Signed != nil {
		config.Seen = append(config.Seen, last.Checkpoint)
	}
	if !c.ConsistencyOnly {
		config.Fetch, config.API = site.Fetch, site.API
		if signed, err = c.audited(ctx, config, say); err != nil {
			return err
		}
	}
	lines, newest, err := cosign(ctx, w, log.Log, last.Checkpoint, config.Seen, signed, prove, say)
	if err != nil {
		return err
	}
	if err := c.keepLog(log); err != nil {
		return err
	}
	say("cosign.signed", "name", w.Name(), "size", newest.Size, "root", newest.Root.String())
	own, err := translog.NewVerifier(w.VerifierKey())
	if err != nil {
		return err
	}
	cosigned, err := signedAlone(signed, log.Keys, lines, own)
	if err != nil {
		return err
	}
	return c.deliver(ctx, cosigned, say)
}

// signedAlone puts a witness's lines on a checkpoint without those of others: a
// register that knows another witness would take the checkpoint for that one's
// sake, and this one would never hear that it is not known.
func signedAlone(signed []byte, log []note.Verifier, lines []byte, own note.Verifier) ([]byte, error) {
	n, err := note.Open(signed, note.VerifierList(log...))
	if err != nil {
		return nil, err
	}
	n.UnverifiedSigs = nil
	if signed, err = note.Sign(n); err != nil {
		return nil, err
	}
	cosigned, _, err := witness.Merge(signed, lines, own)
	return cosigned, err
}

// audited audits the register and gives the checkpoint that was audited.
func (c *cosignCommand) audited(ctx context.Context, config audit.Config, say func(string, ...any)) ([]byte, error) {
	command := &auditCommand{Source: c.URL, Lang: c.Lang}
	auditor, err := command.begin(&config)
	if err != nil {
		return nil, err
	}
	report, err := command.once(ctx, auditor)
	if err != nil {
		return nil, err
	}
	if err := tellAudit(os.Stdout, locale.Get(c.Lang), report); err != nil {
		return nil, err
	}
	switch report.Outcome {
	case audit.Wrong:
		say("cosign.refused", "memory", c.Memory)
		return nil, exitStatus(1)
	case audit.Unfinished:
		say("cosign.not_audited", "option", "--consistency-only")
		return nil, exitStatus(2)
	}
	return report.Signed, nil
}

// cosign signs a checkpoint that continues what was signed and seen before.
func cosign(ctx context.Context, w *witness.Witness, log witness.Log, last translog.Checkpoint, seen []translog.Checkpoint, signed []byte,
	prove witness.Prove, say func(string, ...any)) (lines []byte, newest translog.Signed, err error) {
	if newest, err = translog.OpenForeign(signed, log.Origin, log.Keys...); err != nil {
		return nil, newest, err
	}
	for _, before := range seen {
		if before.Size > newest.Size {
			say("cosign.older", "size", newest.Size, "before", before.Size)
			return nil, newest, exitStatus(1)
		}
		proof, err := prove(ctx, before, newest.Checkpoint)
		if err != nil {
			return nil, newest, err
		}
		if before == last {
			// The witness checks this one itself, and keeps the evidence.
			continue
		}
		if err := translog.VerifyConsistency(before.Size, before.Root, newest.Size, newest.Root, proof); err != nil {
			return nil, newest, fmt.Errorf("%w: %w", witness.ErrProof, err)
		}
	}
	proof, err := prove(ctx, last, newest.Checkpoint)
	if err != nil {
		return nil, newest, err
	}
	lines, err = w.Add(witness.Request{Old: last.Size, Proof: proof, Checkpoint: signed})
	return lines, newest, err
}

// deliver hands the cosigned checkpoint over, or writes it where it was told to.
func (c *cosignCommand) deliver(ctx context.Context, cosigned []byte, say func(string, ...any)) error {
	if c.Out != "" {
		if err := writeWhole(c.Out, cosigned); err != nil {
			return err
		}
		say("cosign.written", "file", c.Out)
		return nil
	}
	if err := handOver(ctx, c.URL, cosigned); err != nil {
		say("cosign.not_handed", "detail", err.Error())
		fmt.Print("\n" + string(cosigned))
		return exitStatus(2)
	}
	say("cosign.handed")
	return nil
}

// handOver gives the register its cosigned checkpoint back.
func handOver(ctx context.Context, base string, cosigned []byte) error {
	address := strings.TrimSuffix(strings.TrimRight(base, "/"), "/log") + "/log/cosignatures"
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(cosigned))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "text/plain; charset=utf-8")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNoContent {
		return nil
	}
	var problem struct{ Title, Detail string }
	answer, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err == nil && json.Unmarshal(answer, &problem) == nil && problem.Title != "" {
		return fmt.Errorf("%s: %.200q %.400q", response.Status, problem.Title, problem.Detail)
	}
	return errors.New(response.Status)
}

// knownLog gives the log of the keys that are given, else of those kept for this
// address. The key that the site itself serves is never taken.
func (c *cosignCommand) knownLog(given []string) (knownLog, error) {
	var lines []string
	for _, key := range given {
		if v, err := translog.NewVerifier(key); err != nil || !translog.IsCosigner(v) {
			lines = append(lines, key)
		}
	}
	if len(lines) == 0 {
		kept, err := readLines(c.logsFile())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return knownLog{}, err
		}
		for _, line := range kept {
			if _, address, _ := strings.Cut(line, " "); address == c.address() {
				lines = append(lines, line)
			}
		}
	}
	logs, err := parseLogs(lines)
	if err != nil {
		return knownLog{}, err
	}
	if len(logs) != 1 {
		return knownLog{}, fmt.Errorf("the key of one log is needed, and %d are known for %s: name it with --log or --pinned; take it from somebody you trust, not from the site", len(logs), c.URL)
	}
	return logs[0], nil
}

// logsFile holds, in the form of witness --logs, the keys of the logs that were
// cosigned, each with its address.
func (c *cosignCommand) logsFile() string { return filepath.Join(c.Memory, "logs") }

func (c *cosignCommand) address() string {
	return strings.TrimSuffix(strings.TrimRight(c.URL, "/"), "/log")
}

// keepLog remembers the keys of a log for its address.
func (c *cosignCommand) keepLog(log knownLog) error {
	kept, err := readLines(c.logsFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	lines := slices.DeleteFunc(slices.Clone(kept), func(line string) bool {
		_, address, _ := strings.Cut(line, " ")
		return address == c.address()
	})
	for _, key := range log.vkeys {
		lines = append(lines, key+" "+c.address())
	}
	if slices.Equal(lines, kept) {
		return nil
	}
	return writeWhole(c.logsFile(), []byte(strings.Join(lines, "\n")+"\n"))
}
