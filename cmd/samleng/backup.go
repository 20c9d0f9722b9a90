package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"samleng/act"
	"samleng/internal/blob"
	"samleng/internal/register"
)

type backupCommand struct {
	place
	File     string `arg:"" help:"File to write; - for standard output." type:"path"`
	Files    string `help:"Folder of the files of evidence. By default the folder files in --data." type:"path"`
	NoFiles  bool   `name:"no-files" help:"Leave the files of evidence out."`
	WithKeys bool   `name:"with-keys" help:"Put the server's keys in as well: whoever has the file can then open its sealed sections."`
}

// Run writes a backup whole, or not at all.
func (c *backupCommand) Run(ctx context.Context) error {
	r, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	options := register.BackupOptions{Keys: c.WithKeys}
	if !c.NoFiles {
		files, err := c.openFiles(c.Files)
		if err != nil {
			return err
		}
		if files == nil {
			slog.Warn("the backup holds no files of evidence: say where they are (--files DIR), or that they are left out (--no-files)")
		} else {
			options.Files = contents(files)
		}
	}
	if c.File == "-" {
		_, err := r.Backup(ctx, os.Stdout, options)
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(c.File), ".backup-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	done, err := r.Backup(ctx, f, options)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), c.File); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s holds %d acts and %d files of evidence%s\n", c.File, done.Acts, done.Files,
		map[bool]string{true: ", and the keys: keep it secret", false: ""}[c.WithKeys])
	return nil
}

// contents reads the files one at a time. One that was deleted since they were
// listed is left out; so is one whose bytes are no longer what they were, which
// is said: it must not keep everything else from being backed up.
func contents(files *blob.Store) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		all, err := files.All()
		if err != nil {
			yield(nil, err)
			return
		}
		for _, sum := range all {
			content, err := files.Read(sum)
			if errors.Is(err, blob.ErrNotFound) {
				if err != blob.ErrNotFound { // it is there, and damaged
					slog.Warn("a file of evidence is left out", "file", hex.EncodeToString(sum[:]), "error", err)
				}
				continue
			}
			if !yield(content, err) || err != nil {
				return
			}
		}
	}
}

type restoreCommand struct {
	place
	File       string `arg:"" help:"Backup to read." type:"existingfile"`
	Mirror     string `help:"Published copy of the log that has what the backup lacks: its address (https://…/log/) or a folder." placeholder:"URL|DIR"`
	Checkpoint string `help:"Newest checkpoint of the log that is known elsewhere, as a file: a copy of its /log/checkpoint that a partner kept." type:"existingfile" placeholder:"FILE"`
	Files      string `help:"Folder to put the files of evidence into. By default the folder files in --data." type:"path"`
	NewEpoch   bool   `name:"new-epoch" help:"Begin another log, of another --origin, that takes up the old one's acts. For when acts after the backup are lost for good."`
	WithKeys   bool   `name:"with-keys" help:"Take the keys from the backup (made with --with-keys)."`
}

// Run restores into an empty place.
func (c *restoreCommand) Run(ctx context.Context) error {
	where, err := c.store()
	if err != nil {
		return err
	}
	if c.WithKeys {
		if err := c.restoreKeys(); err != nil {
			return err
		}
	}
	keys, err := c.keys()
	if err != nil {
		return err
	}
	options := register.RestoreOptions{NewEpoch: c.NewEpoch}
	if c.Mirror != "" {
		options.Mirror = mirrorAt(c.Mirror)
	}
	if c.Checkpoint != "" {
		if options.Pinned, err = os.ReadFile(c.Checkpoint); err != nil {
			return err
		}
	}
	files, err := c.openFiles(c.Files)
	if err != nil {
		return err
	}
	if files != nil {
		options.PutFile = func(sum act.Digest, content []byte) error { return files.Restore(sum, content) }
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	done, err := register.Restore(ctx, register.Config{Store: where, Keys: keys, Random: rand.Reader, Log: slog.Default()}, f, options)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "restored %d acts from the backup and %d from the mirror; %d sections that nobody had are marked as lost\n",
		done.Acts, done.FromMirror, done.Lost)
	if files == nil {
		fmt.Fprintf(os.Stderr, "%d files of evidence are left out: say where they belong (--files DIR)\n", done.Files)
		return nil
	}
	fmt.Fprintf(os.Stderr, "%d files of evidence are back\n", done.Files)
	return sayMissing(done.Evidence, files)
}

// sayMissing names the evidence whose file is neither in the backup nor in the
// folder, so that it can be looked for where copies may be.
func sayMissing(evidence map[act.Digest]act.ID, files *blob.Store) error {
	var lines []string
	for sum, of := range evidence {
		switch _, err := files.Look(sum); {
		case errors.Is(err, blob.ErrNotFound):
			lines = append(lines, fmt.Sprintf("the evidence of the act %s lacks its file %x\n", of, sum[:]))
		case err != nil:
			return err
		}
	}
	slices.Sort(lines)
	_, err := fmt.Fprint(os.Stderr, strings.Join(lines, ""))
	return err
}

func (c *restoreCommand) restoreKeys() error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	dir := c.place.Keys
	if dir == "" {
		dir = filepath.Join(c.Data, "keys")
	}
	return register.RestoreKeys(f, dir)
}
