// Package store holds everything Samleng keeps in a database and all of its
// SQL, for SQLite (one folder, the default) and PostgreSQL (several servers).
// It deals in bytes: it neither decodes acts nor knows who may read a section.
//
// # Contract
//
// Order. The acts of a log stand at positions 0, 1, 2 … without a gap. Append
// takes the log head's lock before it calls its function and holds it until
// the commit is known, across goroutines, processes and servers; so what the
// function reads about the log cannot be overtaken, and positions are handed
// out in the order in which transactions commit. A reader that sees position n
// sees every position below n.
//
// Durability. When Append returns nil, acts, sections, tokens and the Merkle
// hashes of the whole batch are on disk, together: SQLite runs in WAL mode with
// synchronous=FULL, and PostgreSQL is refused when the setting in force within
// the very transaction is weaker than synchronous_commit=on. When Append
// returns an error that is not ErrOutcomeUnknown, nothing of the batch is or
// will be in the log. ErrOutcomeUnknown means just that: the caller stops
// accepting, opens the store anew, and reads what is there.
//
// Immutability. Acts, tree hashes and tokens are only ever inserted. A section
// can be erased; then it is missing, and after Scrub its bytes are gone.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// ID is an act's 128 random bits.
type ID = [16]byte

// Section is one named piece of an act's content, as stored: ciphertext when
// it is sealed.
type Section struct {
	Name  string
	Salt  []byte
	Bytes []byte
}

// Token makes a submission safe to repeat.
type Token struct {
	Key         [32]byte // hash of the idempotency token
	Fingerprint [32]byte // of the payload, keyed by the token
	Secret      []byte   // salted hash of the holder's secret; may be empty
	Act         ID       // the act it led to; zero in an Entry means the entry's own
}

// Entry is an act to append. A zero LeafHash means the record hash of Header.
type Entry struct {
	ID       ID
	Header   []byte
	LeafHash tlog.Hash
	Sections []Section // at most MaxSections, of different names
	Token    *Token    // nil when there is none
}

// Stored is an act in the log. Sections stand in the order in which they were
// appended; erased ones are simply missing. The slices belong to the reader.
type Stored struct {
	Position int64
	ID       ID
	Header   []byte
	Sections []Section
}

// MaxSections is the largest number of sections of one act.
const MaxSections = 1 << sectionBits

const sectionBits = 10

// Config says where the register is kept: exactly one of Dir and Database.
type Config struct {
	Dir      string // folder of the SQLite file samleng.db; made if need be
	Database string // postgres://…
	ReadOnly bool   // nothing is created, migrated or written
}

// Store is an open register. It is safe for concurrent use.
type Store struct {
	postgres bool
	readOnly bool
	path     string // SQLite file

	w  *sql.DB // SQLite: one connection; PostgreSQL: a few
	r  *sql.DB // SQLite: read-only connections; PostgreSQL: a pool of its own
	rh *handle

	writers, readers int // connections that w and r keep

	// SQLite's one writer, with its prepared statements. Holding the slot is
	// holding the right to use it.
	slot   chan struct{}
	writer *handle
}

// Open opens the register, making and migrating its tables unless ReadOnly. A
// database whose tables are newer than this binary knows is refused.
func Open(ctx context.Context, config Config) (*Store, error) {
	s := &Store{readOnly: config.ReadOnly, slot: make(chan struct{}, 1)}
	var err error
	switch {
	case (config.Dir == "") == (config.Database == ""):
		return nil, errors.New("open store: give either a folder or a database")
	case config.Dir != "":
		err = s.openSQLite(ctx, config.Dir)
	default:
		s.postgres = true
		err = s.openPostgres(ctx, config.Database)
	}
	if err != nil {
		return nil, errors.Join(fail("open store", err), s.Close())
	}
	s.rh = newHandle(s.r, !s.postgres)
	return s, nil
}

// Close closes all connections. Appends under way must have ended.
func (s *Store) Close() error {
	var errs []error
	if s.writer != nil {
		errs = append(errs, s.writer.close())
		s.writer = nil
	}
	if s.rh != nil {
		errs = append(errs, s.rh.close())
	}
	for _, db := range []*sql.DB{s.r, s.w} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// handle runs statements on a pool or on one connection. For SQLite it keeps
// them prepared; pgx keeps its own prepared statements on each connection.
type handle struct {
	on interface {
		PrepareContext(context.Context, string) (*sql.Stmt, error)
		ExecContext(context.Context, string, ...any) (sql.Result, error)
		QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	}
	conn    *sql.Conn // nil on a pool
	prepare bool

	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

func newHandle(db *sql.DB, prepare bool) *handle {
	return &handle{on: db, prepare: prepare, stmts: map[string]*sql.Stmt{}}
}

func newConnHandle(conn *sql.Conn, prepare bool) *handle {
	return &handle{on: conn, conn: conn, prepare: prepare, stmts: map[string]*sql.Stmt{}}
}

func (h *handle) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if stmt, ok := h.stmts[query]; ok {
		return stmt, nil
	}
	stmt, err := h.on.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	h.stmts[query] = stmt
	return stmt, nil
}

func (h *handle) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if !h.prepare {
		return h.on.ExecContext(ctx, query, args...)
	}
	stmt, err := h.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

func (h *handle) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if !h.prepare {
		return h.on.QueryContext(ctx, query, args...)
	}
	stmt, err := h.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

// row runs a query of at most one row into dest; sql.ErrNoRows if there is none.
func (h *handle) row(ctx context.Context, query string, args []any, dest ...any) error {
	rows, err := h.query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := rows.Scan(dest...); err != nil {
		return err
	}
	return rows.Close()
}

// close closes the statements and gives a connection back to its pool.
func (h *handle) close() error {
	errs := h.closeStatements()
	if h.conn != nil {
		errs = append(errs, h.conn.Close())
	}
	return errors.Join(errs...)
}

// discard closes the connection for good, so that nobody meets what was left
// open on it. The statements must go first: they stand in its memory.
func (h *handle) discard() {
	_ = h.closeStatements() // the connection is given up: its complaints add nothing
	_ = h.conn.Raw(func(any) error { return errDiscard })
	_ = h.conn.Close()
}

func (h *handle) closeStatements() (errs []error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, stmt := range h.stmts {
		errs = append(errs, stmt.Close())
	}
	clear(h.stmts)
	return errs
}
