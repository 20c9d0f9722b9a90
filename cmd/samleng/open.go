package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"samleng/internal/blob"
	"samleng/internal/register"
	"samleng/internal/store"
)

// place says where a register is kept. Every command but demo takes it.
type place struct {
	Data     string `help:"Folder that holds the register (SQLite)." type:"path" xor:"where"`
	Database string `help:"PostgreSQL database that holds the register (postgres://…)." xor:"where" placeholder:"URL"`
	Keys     string `help:"Folder of the server's keys; keep it apart from the database's copies. By default the folder keys in --data." type:"path"`
	Origin   string `help:"Name of the log in its checkpoints, such as example.org/register. It is fixed when the register is made." placeholder:"NAME"`
}

// originByDefault names the log of a register whose maker gave it no name.
const originByDefault = "samleng.invalid/register"

func (p place) store() (store.Config, error) {
	if (p.Data == "") == (p.Database == "") {
		return store.Config{}, errors.New("say where the register is: --data DIR or --database URL")
	}
	return store.Config{Dir: p.Data, Database: p.Database}, nil
}

func (p place) keys() (register.Keys, error) {
	dir := p.Keys
	if dir == "" {
		if p.Data == "" {
			return register.Keys{}, errors.New("say where the keys are: --keys DIR (they are never kept in the database)")
		}
		dir = filepath.Join(p.Data, "keys")
	}
	keys, err := register.LoadKeys(dir, p.Origin, rand.Reader)
	if errors.Is(err, register.ErrNoOrigin) {
		return register.LoadKeys(dir, originByDefault, rand.Reader)
	}
	return keys, err
}

// openFiles opens the files of evidence: in a folder of their own, by default
// beside the register's; nil where there is neither.
func (p place) openFiles(dir string) (*blob.Store, error) {
	switch {
	case dir != "":
	case p.Data != "":
		dir = filepath.Join(p.Data, "files")
	default:
		return nil, nil
	}
	return blob.Open(dir)
}

// open opens the register for a command that ends: it signs no checkpoints and
// publishes no releases on its own.
func (p place) open(ctx context.Context) (*register.Register, error) {
	return p.openWith(ctx, register.Config{})
}

func (p place) openWith(ctx context.Context, config register.Config) (*register.Register, error) {
	var err error
	if config.Store, err = p.store(); err != nil {
		return nil, err
	}
	if config.Keys, err = p.keys(); err != nil {
		return nil, err
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	config.Log = slog.Default()
	return register.Open(ctx, config)
}
