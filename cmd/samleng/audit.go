package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"samleng/audit"
	"samleng/internal/locale"
	"samleng/translog"
)

type auditCommand struct {
	Source string        `arg:"" help:"Address of a register that is served, or folder of a copy of its log." placeholder:"URL|DIR"`
	JSON   bool          `name:"json" help:"Write the report as JSON."`
	Pinned string        `help:"File with what you know from somebody you trust, a line each: verifier keys of the log and of witnesses, and checkpoints, as SIZE ROOT or as they stand on paper, with an empty line behind each of these." type:"existingfile" placeholder:"FILE"`
	Seen   string        `help:"File that keeps the key and the newest checkpoint from one audit to the next. It is made if it is not there." type:"path" placeholder:"FILE"`
	Follow time.Duration `help:"Stay, and audit again after each such time, what is new: 15m. One line for each new checkpoint, the report where the outcome changes; the end at the first thing that is wrong." placeholder:"DURATION"`
	Wait   time.Duration `help:"How long to wait for the site's next checkpoint where it goes on meanwhile." default:"90s"`
	// What is compared is a sample, unless it is to be everything.
	Thorough bool   `help:"Compare everything that the site says, not a sample."`
	Seed     uint64 `help:"Compare the same sample as an earlier audit whose report names this number." placeholder:"N"`
	Lang     string `help:"Language of the report." enum:"en,km" default:"en"`

	told  *progress // of the run under way
	total int64     // what it was told last
}

// exitStatus is an error that has been told already: the program ends with it.
type exitStatus int

func (s exitStatus) Error() string { return "exit status " + strconv.Itoa(int(s)) }

// Run audits a register and tells what was found: exit status 0 where all is
// verified, 1 where something is wrong, 2 where the audit could not be finished.
func (c *auditCommand) Run(ctx context.Context) error { return c.run(ctx, os.Stdout) }

func (c *auditCommand) run(ctx context.Context, out io.Writer) error {
	config := audit.Config{Now: time.Now, Patience: c.Wait, Thorough: c.Thorough, Seed: c.Seed}
	if isAddress(c.Source) {
		site := audit.Site{Base: c.Source}
		config.Fetch, config.API, config.Page = site.Fetch, site.API, site.Page
	} else {
		config.Fetch = audit.Folder(logFolder(c.Source))
		config.Tries = 1 // what a disk does not give now it does not give in a second
	}
	auditor, err := c.begin(&config)
	if err != nil {
		fmt.Fprintln(os.Stderr, "samleng:", err)
		return exitStatus(2)
	}
	if c.Follow > 0 {
		return c.follow(ctx, auditor, out)
	}
	report, err := c.once(ctx, auditor)
	if err != nil {
		return c.ended(ctx, report, err)
	}
	if err := c.tell(out, report); err != nil {
		return err
	}
	return statusOf(report)
}

// ended tells why there is no report.
func (c *auditCommand) ended(ctx context.Context, r audit.Report, err error) error {
	if ctx.Err() != nil {
		fmt.Fprintln(os.Stderr, locale.Get(c.Lang).T("audit.interrupted", "leaves", r.Leaves, "size", r.Size, "command", copyWith))
	} else {
		fmt.Fprintln(os.Stderr, "samleng:", err)
	}
	return exitStatus(2)
}

func (c *auditCommand) tell(out io.Writer, report audit.Report) error {
	if !c.JSON {
		return tellAudit(out, locale.Get(c.Lang), report)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", " ")
	return encoder.Encode(report)
}

// statusOf is nil for a report in which all is verified.
func statusOf(report audit.Report) error {
	if status := report.Outcome.Status(); status != 0 {
		return exitStatus(status)
	}
	return nil
}

// begin gives an auditor with what is known.
func (c *auditCommand) begin(config *audit.Config) (*audit.Auditor, error) {
	if c.Pinned != "" {
		if err := readPinned(c.Pinned, config); err != nil {
			return nil, err
		}
	}
	if c.Seen != "" {
		if err := readSeen(c.Seen, config); err != nil {
			return nil, err
		}
	}
	config.Progress = func(done, all int64) {
		if all != c.total {
			c.told.begin(locale.Get(c.Lang).T("audit.progress"), int(all))
			c.total = all
		}
		c.told.done.Store(done)
	}
	return audit.New(*config)
}

// once runs the audit, and keeps what it saw.
func (c *auditCommand) once(ctx context.Context, auditor *audit.Auditor) (audit.Report, error) {
	c.told, c.total = newProgress(os.Stderr), -1
	report, err := auditor.Run(ctx)
	c.told.end()
	if err != nil {
		return report, err
	}
	if c.Seen != "" && treeHolds(report) {
		err = writeSeen(c.Seen, report)
	}
	return report, err
}

// scheme is how addresses are to begin, for texts in any language.
const scheme = "https://"

func isAddress(where string) bool {
	return strings.HasPrefix(where, "http://") || strings.HasPrefix(where, "https://")
}

// wantAddress says so, and gives the exit status of what could not be finished,
// where the address of a register is none.
func wantAddress(text, lang string) error {
	if isAddress(text) {
		return nil
	}
	fmt.Fprintln(os.Stderr, "samleng:", locale.Get(lang).T("command.address", "address", text, "scheme", scheme))
	return exitStatus(2)
}

// logFolder is the folder of a copy that holds the log itself.
func logFolder(dir string) string {
	if _, err := os.Stat(filepath.Join(dir, "checkpoint")); errors.Is(err, fs.ErrNotExist) {
		if below := filepath.Join(dir, "log"); isFolder(below) {
			return below
		}
	}
	return dir
}

func isFolder(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir()
}

// treeHolds reports whether the whole tree was verified and continues all that
// was seen before: only then is its checkpoint worth remembering.
func treeHolds(r audit.Report) bool {
	if r.Stopped != "" || r.Leaves != r.Size || r.Size == 0 {
		return false
	}
	for _, f := range r.Findings {
		switch f.Check {
		case audit.CheckOld, audit.CheckFork, audit.CheckLeaf, audit.CheckTree, audit.CheckAnswer, audit.CheckCheckpoint,
			audit.CheckSignature, audit.CheckOrigin, audit.CheckKey:
			return false
		}
	}
	return true
}

// seenFile is what is kept from one audit to the next.
type seenFile struct {
	Origin string   `json:"origin"`
	Keys   []string `json:"keys"`
	Size   int64    `json:"size"`
	Root   string   `json:"root"`
}

// mostSeen is longer than any such file.
const mostSeen = 1 << 20

func readSeen(name string, config *audit.Config) error {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, mostSeen))
	if err == nil {
		err = decodeSeen(content, config)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// decodeSeen takes what was seen before into the configuration. A key of the log
// that was given goes before those that were seen.
func decodeSeen(content []byte, config *audit.Config) error {
	var seen seenFile
	if err := json.Unmarshal(content, &seen); err != nil {
		return err
	}
	before, err := checkpointOf(strconv.FormatInt(seen.Size, 10), seen.Root)
	if err != nil {
		return err
	}
	if _, _, err := audit.Verifiers(seen.Keys); err != nil {
		return err
	}
	if !translog.ValidOrigin(seen.Origin) {
		return fmt.Errorf("no log is called %.80q", seen.Origin)
	}
	config.Origin = seen.Origin
	config.Seen = append(config.Seen, before)
	// Witnesses' keys alone say nothing of the log's, which was seen before.
	if log, _, err := audit.Verifiers(config.Keys); err == nil && log == "" {
		config.Keys = append(config.Keys, seen.Keys...)
	}
	return nil
}

func writeSeen(name string, r audit.Report) error {
	content, err := json.MarshalIndent(seenFile{r.Origin, r.Keys, r.Size, r.Root.String()}, "", " ")
	if err != nil {
		return err
	}
	return writeWhole(name, append(content, '\n'))
}

// writeWhole replaces a file: whoever reads it finds the old one or the new one.
func writeWhole(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	next := name + ".new"
	if err := os.WriteFile(next, content, 0o644); err != nil {
		return err
	}
	return os.Rename(next, name)
}
