package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations
var migrations embed.FS

func (s *Store) provider(db *sql.DB) (*goose.Provider, error) {
	dialect, folder := goose.DialectSQLite3, "migrations/sqlite"
	if s.postgres {
		dialect, folder = goose.DialectPostgres, "migrations/postgres"
	}
	sub, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, db, sub, goose.WithDisableGlobalRegistry(true))
}

// migrate brings the tables up to what this binary knows. Processes that start
// at once may meet here: on PostgreSQL a lock lets one through at a time; on
// SQLite the loser of the race fails, and finds the work done when it looks again.
func (s *Store) migrate(ctx context.Context) (err error) {
	if s.postgres {
		unlock, err := s.lockMigration(ctx)
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		defer unlock()
		return s.migrateOnce(ctx)
	}
	for wait := 10 * time.Millisecond; ; wait *= 2 {
		if err = s.checkPragmas(ctx); err == nil {
			err = s.migrateOnce(ctx)
		}
		if err == nil || !lostRace(err) || wait > 2*time.Second {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// lostRace says whether an error may come of another process that makes the
// same database at this moment: a lock that SQLite does not wait for (changing
// the journal mode), a table or a version that is there already.
func lostRace(err error) bool {
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		return false
	}
	code := lite.Code() & 0xff
	return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_ERROR || code == sqlite3.SQLITE_CONSTRAINT
}

func (s *Store) migrateOnce(ctx context.Context) error {
	provider, err := s.provider(s.w)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return s.checkVersion(ctx, s.w)
}

var errNewer = errors.New("the tables were made by a newer version of this program")

// checkVersion refuses tables that are newer or, where nothing may be
// migrated, older than this binary. It writes nothing.
func (s *Store) checkVersion(ctx context.Context, db *sql.DB) error {
	provider, err := s.provider(db)
	if err != nil {
		return fmt.Errorf("read table version: %w", err)
	}
	var have int64
	err = db.QueryRowContext(ctx, "SELECT max(version_id) FROM "+goose.DefaultTablename+" WHERE is_applied").Scan(&have)
	if err != nil {
		return fmt.Errorf("read table version: %w", err)
	}
	sources := provider.ListSources()
	known := sources[len(sources)-1].Version
	switch {
	case have > known:
		return fmt.Errorf("%w: version %d, known up to %d", errNewer, have, known)
	case have < known:
		return fmt.Errorf("tables are of version %d and must first be migrated to %d", have, known)
	}
	return nil
}
