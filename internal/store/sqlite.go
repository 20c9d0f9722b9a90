package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// FileName is the SQLite database within its folder; SQLite keeps FileName
// with "-wal" and "-shm" appended beside it.
const FileName = "samleng.db"

// lockWait is how long a transaction waits for another one's lock, in
// milliseconds, before it fails with ErrUnavailable.
const lockWait = 10_000

func (s *Store) openSQLite(ctx context.Context, dir string) error {
	s.path = filepath.Join(dir, FileName)
	if !s.readOnly {
		// 0700: sections that are not sealed stand in the file as they are.
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		var err error
		if s.w, err = sql.Open("sqlite", dataSource(s.path, "rwc", false)); err != nil {
			return err
		}
		s.w.SetMaxOpenConns(1)
		if err := s.migrate(ctx); err != nil {
			return err
		}
	}
	return s.openReaders(ctx)
}

func (s *Store) openReaders(ctx context.Context) error {
	immutable := false
	if s.readOnly {
		if _, err := os.Stat(s.path); err != nil {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		immutable = frozen(s.path)
	}
	var err error
	if s.r, err = sql.Open("sqlite", dataSource(s.path, "ro", immutable)); err != nil {
		return err
	}
	n := max(4, 2*runtime.GOMAXPROCS(0))
	s.r.SetMaxOpenConns(n)
	s.r.SetMaxIdleConns(n)
	if err := s.r.PingContext(ctx); err != nil {
		return err
	}
	if !s.readOnly {
		return nil
	}
	return s.checkVersion(ctx, s.r)
}

// frozen reports whether the file lies in a folder where SQLite can make
// neither of the two files that its write-ahead log needs, and has neither:
// then nobody writes to it through that folder, and it can be read as a
// constant. (A log left beside it must be read, so that is not frozen.)
func frozen(path string) bool {
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	probe, err := os.CreateTemp(filepath.Dir(path), ".probe-*")
	if err != nil {
		return true
	}
	probe.Close()
	os.Remove(probe.Name())
	return false
}

// dataSource gives the driver's address of a file. The order of the pragmas
// matters: the lock wait comes first, since setting the journal mode locks.
func dataSource(path, mode string, immutable bool) string {
	pragmas := []string{
		fmt.Sprintf("busy_timeout(%d)", lockWait),
		"foreign_keys(1)",
		"temp_store(memory)", // no sorter may spill an erased text into a file of its own
		"cache_size(-32768)", // KiB a connection
	}
	query := url.Values{"mode": {mode}}
	if mode == "ro" {
		pragmas = append(pragmas, "query_only(1)")
		if immutable {
			query.Set("immutable", "1")
		}
	} else {
		pragmas = append(pragmas, "journal_mode(wal)", "synchronous(full)", "secure_delete(on)",
			// Pages between moves of the log into the database, 32 MiB: ids and
			// keys are random, so a page that waits longer is moved for more acts.
			"wal_autocheckpoint(8192)")
		query.Set("_txlock", "immediate")
	}
	query["_pragma"] = pragmas
	// The path goes through url.URL, so that ? and # in folder names stay names.
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: query.Encode()}).String()
}

// checkPragmas makes sure that what durability and erasure rest on is in force
// (a file system without shared memory, for one, gives no write-ahead log).
func (s *Store) checkPragmas(ctx context.Context) error {
	for _, p := range []struct{ name, want string }{
		{"journal_mode", "wal"}, {"synchronous", "2"}, {"secure_delete", "1"}, {"foreign_keys", "1"},
	} {
		var got string
		if err := s.w.QueryRowContext(ctx, "PRAGMA "+p.name).Scan(&got); err != nil {
			return err
		}
		if !strings.EqualFold(got, p.want) {
			return fmt.Errorf("%w: %s is %s, not %s", ErrWeakDurability, p.name, got, p.want)
		}
	}
	return nil
}
