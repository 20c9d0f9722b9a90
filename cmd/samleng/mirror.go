package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"samleng/audit"
	"samleng/internal/locale"
	"samleng/internal/replica"
	"samleng/translog"
)

type mirrorCommand struct {
	URL    string        `arg:"" help:"Address of a register that is served." placeholder:"URL"`
	Dir    string        `arg:"" help:"Folder of the copy. What is there already is not fetched again." type:"path" placeholder:"DIR"`
	Pinned string        `help:"File with what you know from somebody you trust, as for audit." type:"existingfile" placeholder:"FILE"`
	Wait   time.Duration `help:"How long to wait for the site's next checkpoint where it goes on meanwhile." default:"90s"`
	Lang   string        `help:"Language of the report." enum:"en,km" default:"en"`
}

// Run copies a log while it is audited. The checkpoint is written last and only
// where nothing of the tree was wrong, so that a folder with a checkpoint is a
// whole copy; one that was begun is gone on with.
func (c *mirrorCommand) Run(ctx context.Context) error {
	if err := wantAddress(c.URL, c.Lang); err != nil {
		return err
	}
	kept := audit.Folder(c.Dir)
	site := audit.Site{Base: c.URL, Kept: kept}
	copied := &copying{from: site.Fetch, dir: c.Dir, kept: kept}
	command := &auditCommand{Pinned: c.Pinned, Seen: filepath.Join(c.Dir, seenName), Lang: c.Lang}
	auditor, err := command.begin(&audit.Config{Fetch: copied.fetch, API: site.API, Now: time.Now, Patience: c.Wait})
	if err != nil {
		fmt.Fprintln(os.Stderr, "samleng:", err)
		return exitStatus(2)
	}
	report, err := command.once(ctx, auditor)
	if ctx.Err() != nil {
		fmt.Fprintln(os.Stderr, locale.Get(c.Lang).T("mirror.interrupted", "leaves", report.Leaves, "size", report.Size))
		return exitStatus(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "samleng:", err)
		return exitStatus(2)
	}
	if err := tellAudit(os.Stdout, locale.Get(c.Lang), report); err != nil {
		return err
	}
	if treeHolds(report) {
		if err := copied.finish(ctx, report); err != nil {
			return err
		}
		if err := c.complete(ctx, report); err != nil {
			return err
		}
	}
	return statusOf(report)
}

// complete opens the copy, as site will, and gets the files of evidence that it
// names. A register that goes on while it is copied may have closed a section
// that the copy's checkpoint leaves open: the next run has both as they are then.
func (c *mirrorCommand) complete(ctx context.Context, made audit.Report) error {
	l := locale.Get(c.Lang)
	copied, report, err := replica.Open(ctx, replica.Config{Dir: c.Dir, Origin: made.Origin, Keys: made.Keys})
	if errors.Is(err, replica.ErrUnverified) {
		fmt.Fprintln(os.Stderr, l.T("mirror.again"))
		if err := tellAudit(os.Stderr, l, report); err != nil {
			return err
		}
		return exitStatus(max(1, report.Outcome.Status()))
	}
	if err != nil {
		return err
	}
	files, err := copyFiles(ctx, copied, c.URL, filepath.Join(c.Dir, filesFolder))
	if err != nil {
		return err
	}
	if files.all > 0 {
		fmt.Println(l.T("mirror.files", "n", files.all, "fetched", files.fetched))
	}
	for _, missing := range files.missing {
		fmt.Println("- " + l.T("mirror.file_missing", "file", missing))
	}
	return nil
}

// seenName is the file in which a copy keeps what its last audit saw.
const seenName = "seen.json"

// copying keeps what is fetched.
type copying struct {
	from, kept translog.Fetch
	dir        string
}

// fetch takes a full tile from the copy, where it never changes, and everything
// else from the site.
func (c *copying) fetch(ctx context.Context, path string) ([]byte, error) {
	if tile, err := translog.ParseTilePath(path); err == nil && tile.Width == translog.TileWidth {
		if content, err := c.kept(ctx, path); err == nil {
			return content, nil
		}
	}
	content, err := c.from(ctx, path)
	if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(path, "sections/") {
		return nil, err
	}
	if err != nil || path == "checkpoint" {
		return content, err
	}
	return content, writeWhole(filepath.Join(c.dir, filepath.FromSlash(path)), content)
}

// finish writes the key and, last, the checkpoint.
func (c *copying) finish(ctx context.Context, r audit.Report) error {
	key, err := c.from(ctx, "key")
	if err != nil {
		return err
	}
	if err := writeWhole(filepath.Join(c.dir, "key"), key); err != nil {
		return err
	}
	return writeWhole(filepath.Join(c.dir, "checkpoint"), r.Signed)
}
