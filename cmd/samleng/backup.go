package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"samleng/internal/register"
)

type backupCommand struct {
	place
	File     string `arg:"" help:"File to write; - for standard output." type:"path"`
	WithKeys bool   `name:"with-keys" help:"Put the server's keys in as well: whoever has the file can then open its sealed sections."`
}

// Run writes a backup whole, or not at all.
func (c *backupCommand) Run(ctx context.Context) error {
	r, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	if c.File == "-" {
		return r.Backup(ctx, os.Stdout, c.WithKeys)
	}
	f, err := os.CreateTemp(filepath.Dir(c.File), ".backup-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = r.Backup(ctx, f, c.WithKeys)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), c.File); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s holds %d acts%s\n", c.File, r.Position(), map[bool]string{true: " and the keys: keep it secret", false: ""}[c.WithKeys])
	return nil
}

type restoreCommand struct {
	place
	File       string `arg:"" help:"Backup to read." type:"existingfile"`
	Mirror     string `help:"Published copy of the log that has what the backup lacks: its address (https://…/log/) or a folder." placeholder:"URL|DIR"`
	Checkpoint string `help:"Newest checkpoint of the log that is known elsewhere, as a file: a copy of its /log/checkpoint that a partner kept." type:"existingfile" placeholder:"FILE"`
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
	return nil
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
