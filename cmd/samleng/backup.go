package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"crypto/rand"

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
	File     string `arg:"" help:"Backup to read." type:"existingfile"`
	Mirror   string `help:"Published copy of the log that has what the backup lacks: its address (https://…/log/) or a folder." placeholder:"URL|DIR"`
	NewEpoch bool   `name:"new-epoch" help:"Begin another log, of another --origin, that takes up the old one's acts. For when acts after the backup are lost for good."`
	WithKeys bool   `name:"with-keys" help:"Take the keys from the backup (made with --with-keys)."`
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

// mostFetched is the most bytes read of any file of a mirror.
const mostFetched = 64 << 20

// mirrorAt reads a published log over HTTP or from a folder.
func mirrorAt(where string) *register.Mirror {
	if strings.HasPrefix(where, "http://") || strings.HasPrefix(where, "https://") {
		return &register.Mirror{Fetch: func(ctx context.Context, path string) ([]byte, error) {
			address, err := url.JoinPath(where, path)
			if err != nil {
				return nil, err
			}
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
			if err != nil {
				return nil, err
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				return nil, err
			}
			defer response.Body.Close()
			switch response.StatusCode {
			case http.StatusOK:
				return io.ReadAll(io.LimitReader(response.Body, mostFetched))
			case http.StatusNotFound:
				return nil, os.ErrNotExist
			}
			return nil, fmt.Errorf("%s: %s", path, response.Status)
		}}
	}
	return &register.Mirror{Fetch: func(_ context.Context, path string) ([]byte, error) {
		return os.ReadFile(filepath.Join(where, filepath.FromSlash(path)))
	}}
}
