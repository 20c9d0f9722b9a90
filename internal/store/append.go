package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// commitWait bounds the wait for a commit's answer. A commit is never
// abandoned because the caller's context ended: its outcome would be unknown.
const commitWait = 15 * time.Second

// Append takes the log head's lock, runs fn, and commits durably what fn wrote.
// If fn returns an error, panics, or has let any statement of its Tx fail,
// nothing is written, and fn's error is returned as it is. So is nothing
// written when ctx ends before the commit is sent; Append then returns the
// context's error. Otherwise see ErrOutcomeUnknown, ErrUnavailable, ErrConflict.
//
// fn must not use the store other than through its Tx, nor keep the Tx.
func (s *Store) Append(ctx context.Context, fn func(*Tx) error) error {
	return s.write(ctx, true, func(ctx context.Context, h *handle) error {
		tx := &Tx{Records: Records{ctx: ctx, h: h, write: true}, postgres: s.postgres}
		if err := tx.readSize(); err != nil {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		return tx.failed
	})
}

// Update changes private records without taking the log head's lock (on SQLite
// all writers share one lock anyway). Its errors are those of Append.
func (s *Store) Update(ctx context.Context, fn func(*Records) error) error {
	return s.write(ctx, false, func(ctx context.Context, h *handle) error {
		records := &Records{ctx: ctx, h: h, write: true}
		if err := fn(records); err != nil {
			return err
		}
		return records.failed
	})
}

func (s *Store) write(ctx context.Context, head bool, fn func(context.Context, *handle) error) error {
	if s.readOnly {
		return fmt.Errorf("append: %w: the store is open for reading only", ErrUnavailable)
	}
	if s.postgres {
		return s.writePostgres(ctx, head, fn)
	}
	return s.writeSQLite(ctx, fn)
}

func (s *Store) writeSQLite(ctx context.Context, fn func(context.Context, *handle) error) error {
	release, err := s.acquireWriter(ctx)
	if err != nil {
		return fail("append: reach the database", err)
	}
	sound := false
	defer func() { release(sound) }()
	h := s.writer
	if _, err := h.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fail("append: take the log head's lock", err)
	}
	// The driver starts a goroutine for each statement under a context that can
	// end; the transaction is short, so it looks at the context itself.
	inner := context.WithoutCancel(ctx)
	// Runs on a panic too: then sound is false and the connection is dropped.
	done := false
	defer func() {
		if !done {
			_, rollbackErr := h.exec(inner, "ROLLBACK")
			sound = rollbackErr == nil || notInTransaction(rollbackErr)
		}
	}()
	if err := fn(inner, h); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("append: %w", err)
	}
	if _, err := h.exec(inner, "COMMIT"); err != nil {
		return failCommitSQLite(err)
	}
	done, sound = true, true
	return nil
}

func notInTransaction(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code() == sqlite3.SQLITE_ERROR
}

// failCommitSQLite: an input or output error may come after the commit record
// was written (the sync failed), and a later recovery of the write-ahead log
// would then find it. Any other refusal comes before that record is complete.
func failCommitSQLite(err error) error {
	var lite *sqlite.Error
	if errors.As(err, &lite) && lite.Code()&0xff != sqlite3.SQLITE_IOERR && classOf(err) != nil {
		return fail("append: commit", err)
	}
	return fmt.Errorf("append: commit: %w: %w", ErrOutcomeUnknown, err)
}

// acquireWriter waits for SQLite's one writing connection. release(false)
// closes the connection, so that the next writer starts on a fresh one.
func (s *Store) acquireWriter(ctx context.Context) (release func(sound bool), err error) {
	select {
	case s.slot <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.writer == nil {
		conn, err := s.w.Conn(ctx)
		if err != nil {
			<-s.slot
			return nil, err
		}
		s.writer = newConnHandle(conn, true)
	}
	return func(sound bool) {
		if !sound {
			s.writer.discard()
			s.writer = nil
		}
		<-s.slot
	}, nil
}

func (s *Store) writePostgres(ctx context.Context, head bool, fn func(context.Context, *handle) error) error {
	conn, err := s.w.Conn(ctx)
	if err != nil {
		return fail("append: reach the database", err)
	}
	defer conn.Close()
	h := newConnHandle(conn, false)
	done := false
	defer func() {
		if !done {
			rollback(ctx, conn)
		}
	}()
	if err := begin(ctx, conn, head); err != nil {
		return fail("append: take the log head's lock", err)
	}
	if err := fn(ctx, h); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("append: %w", err)
	}
	done = true
	return commit(ctx, conn)
}

// begin opens a transaction that sees what is committed when each of its
// statements starts, and locks the head. The durability setting is read inside
// it, after the lock, so that no default, pooler or later SET can weaken it
// unnoticed.
func begin(ctx context.Context, conn *sql.Conn, head bool) error {
	query := "SELECT current_setting('synchronous_commit') FROM head WHERE one = 1"
	if head {
		query += " FOR UPDATE"
	}
	var setting string
	err := pgxOf(conn, func(c *pgx.Conn) error {
		if _, err := c.Exec(ctx, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"); err != nil {
			return err
		}
		if err := c.QueryRow(ctx, query).Scan(&setting); err != nil {
			return err
		}
		if !durable(setting) { // an error here also drops the connection
			return fmt.Errorf("%w: %w: synchronous_commit is %s", ErrUnavailable, ErrWeakDurability, setting)
		}
		return nil
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%w: the head's row is missing", ErrDamaged)
	}
	return err
}

// rollback ends a transaction that is given up; a connection on which that
// fails is closed, and the server then ends the transaction itself.
func rollback(ctx context.Context, conn *sql.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = pgxOf(conn, func(c *pgx.Conn) error {
		_, err := c.Exec(ctx, "ROLLBACK")
		return err
	})
}

func commit(ctx context.Context, conn *sql.Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitWait)
	defer cancel()
	var tag pgconn.CommandTag
	sent := false
	err := pgxOf(conn, func(c *pgx.Conn) (err error) {
		if c.IsClosed() {
			return net.ErrClosed
		}
		sent = true
		tag, err = c.Exec(ctx, "COMMIT")
		return err
	})
	if err != nil && !sent {
		return fmt.Errorf("append: commit: %w: %w", ErrUnavailable, err)
	}
	if err != nil {
		return failCommitPostgres(err)
	}
	if tag.String() != "COMMIT" { // a failed transaction answers COMMIT with ROLLBACK
		return fmt.Errorf("append: commit: %w: the server answered %s", ErrUnavailable, tag)
	}
	return nil
}

// failCommitPostgres: once COMMIT was handed to the connection only an ERROR
// from the server proves that nothing was written. A FATAL ends the session and
// may come after the commit took place (a wait for a standby cut short). And
// pgconn.SafeToRetry must not be asked: a line cut while the answer is awaited
// comes back as "conn closed", which it calls safe.
func failCommitPostgres(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.SeverityUnlocalized == "ERROR" {
		if classOf(err) == nil {
			return fmt.Errorf("append: commit: %w: %w", ErrUnavailable, err)
		}
		return fail("append: commit", err)
	}
	return fmt.Errorf("append: commit: %w: %w", ErrOutcomeUnknown, err)
}
