package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Classes of failure, told apart with errors.Is. An error that is none of
// them is a programming error or came from the caller's own function.
var (
	// ErrOutcomeUnknown: the commit was sent and its answer never came, so the
	// acts may or may not be in the log. The caller must treat them as
	// neither: reopen the store, read the log and compare.
	ErrOutcomeUnknown = errors.New("outcome of the commit unknown")
	// ErrUnavailable: nothing was written (lost connection, full disk,
	// read-only, lock not granted in time). Trying again later is safe.
	ErrUnavailable = errors.New("storage unavailable")
	// ErrConflict: nothing was written, because an act id or an idempotency
	// key is in the log already.
	ErrConflict = errors.New("already in the log")
	// ErrNotFound: there is no such row (or the section was erased).
	ErrNotFound = errors.New("not found")
	// ErrDamaged: what is stored contradicts itself (a gap, a missing hash, a
	// checkpoint that the tree does not give, a broken database file).
	ErrDamaged = errors.New("stored register damaged")
	// ErrCheckpoint: SaveCheckpoint refused, because it would put a second
	// root beside a size, go backwards, or sign what the tree does not give.
	ErrCheckpoint = errors.New("checkpoint refused")
	// ErrWeakDurability: the database would acknowledge a commit before it is
	// on disk.
	ErrWeakDurability = errors.New("database is set to acknowledge commits that are not durable")
)

// fail wraps err with what was being done and with its class, if it has one.
func fail(doing string, err error) error {
	if class := classOf(err); class != nil && !errors.Is(err, class) {
		return fmt.Errorf("%s: %w: %w", doing, class, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// classOf names the class of an error met before a commit was sent. A
// cancelled context has none: it is the caller's own doing.
func classOf(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return classOfSQLite(lite.Code())
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return classOfPostgres(pg.Code)
	}
	var network net.Error
	var connect *pgconn.ConnectError
	if errors.As(err, &network) || errors.As(err, &connect) || pgconn.SafeToRetry(err) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, net.ErrClosed) {
		return ErrUnavailable
	}
	return nil
}

func classOfSQLite(code int) error {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return ErrConflict
	}
	switch code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL,
		sqlite3.SQLITE_PERM:
		return ErrUnavailable
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ErrDamaged
	}
	return nil
}

// classOfPostgres reads the SQLSTATE (PostgreSQL manual, appendix A).
func classOfPostgres(state string) error {
	switch state {
	case "23505": // unique_violation
		return ErrConflict
	case "25006", // read_only_sql_transaction
		"40001", "40P01", // serialization_failure, deadlock_detected
		"55P03", // lock_not_available
		"58030", // io_error
		"25P03": // idle_in_transaction_session_timeout
		return ErrUnavailable
	case "XX001", "XX002": // data_corrupted, index_corrupted
		return ErrDamaged
	}
	switch state[:min(2, len(state))] {
	case "08", "53", "57": // connection, insufficient resources, operator intervention
		return ErrUnavailable
	}
	return nil
}
