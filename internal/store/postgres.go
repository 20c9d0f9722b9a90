package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// connectWait is how long making a connection may take.
const connectWait = 10 * time.Second

func (s *Store) openPostgres(ctx context.Context, address string) error {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return err
	}
	for name, value := range map[string]string{
		"lock_timeout": strconv.Itoa(lockWait),
		// A server that hangs while it holds the head must not stop the others for ever.
		"idle_in_transaction_session_timeout": "20000",
		"application_name":                    "samleng",
	} {
		if _, given := config.RuntimeParams[name]; !given {
			config.RuntimeParams[name] = value
		}
	}
	// A line that swallows everything must not be mistaken for a slow one.
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectWait
	}
	// Two pools, so that long reads never keep an append waiting for a connection.
	s.w = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(checkSession))
	s.writers, s.readers = 4, 8
	s.w.SetMaxOpenConns(s.writers)
	s.w.SetMaxIdleConns(s.writers)
	s.r = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(checkSession))
	s.r.SetMaxOpenConns(s.readers)
	s.r.SetMaxIdleConns(s.readers)
	if s.readOnly {
		if err := s.w.Close(); err != nil {
			return err
		}
		s.w = nil
		return s.checkVersion(ctx, s.r)
	}
	return s.migrate(ctx)
}

// checkSession looks at every new connection before it is used: it asks for
// durable commits, and refuses a server that does not give them or that does
// not keep text as UTF-8.
func checkSession(ctx context.Context, conn *pgx.Conn) error {
	var commit, fsync, encoding string
	read := func() error {
		return conn.QueryRow(ctx, "SELECT current_setting('synchronous_commit'), current_setting('fsync'), current_setting('server_encoding')").
			Scan(&commit, &fsync, &encoding)
	}
	if err := read(); err != nil {
		return fmt.Errorf("read the server's settings: %w", err)
	}
	if !durable(commit) {
		if _, err := conn.Exec(ctx, "SET synchronous_commit = on"); err != nil {
			return fmt.Errorf("%w: synchronous_commit is %s: %w", ErrWeakDurability, commit, err)
		}
		if err := read(); err != nil {
			return fmt.Errorf("read the server's settings: %w", err)
		}
	}
	switch {
	case !durable(commit):
		return fmt.Errorf("%w: synchronous_commit stays %s", ErrWeakDurability, commit)
	case fsync != "on":
		return fmt.Errorf("%w: fsync is %s", ErrWeakDurability, fsync)
	case encoding != "UTF8":
		return fmt.Errorf("the database's encoding is %s, and must be UTF8", encoding)
	}
	return nil
}

// durable says whether a value of synchronous_commit is "on" or stronger.
func durable(commit string) bool { return commit == "on" || commit == "remote_apply" }

// lockMigration lets one process at a time migrate one schema.
func (s *Store) lockMigration(ctx context.Context) (unlock func(), err error) {
	conn, err := s.w.Conn(ctx)
	if err != nil {
		return nil, err
	}
	const lock = "SELECT pg_advisory_lock(hashtextextended('samleng migration ' || current_schema(), 0))"
	if _, err := conn.ExecContext(ctx, lock); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() {
		// Closing the session, not handing it back, gives the lock up for certain.
		_ = conn.Raw(func(any) error { return errDiscard })
		_ = conn.Close()
	}, nil
}

// pgxOf runs fn on the pgx connection below conn. A connection on which fn
// fails is closed, not put back in the pool.
func pgxOf(conn *sql.Conn, fn func(*pgx.Conn) error) error {
	var failed error
	err := conn.Raw(func(raw any) error {
		failed = fn(raw.(*stdlib.Conn).Conn())
		if failed != nil {
			return errDiscard
		}
		return nil
	})
	if failed != nil {
		return failed
	}
	return err
}

// errDiscard makes database/sql drop a connection instead of pooling it.
var errDiscard = driver.ErrBadConn
