package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// Snap is one consistent view of everything stored, while others go on writing.
type Snap struct {
	Records
	size int64
}

// Snapshot runs fn on a view of the register as it stands when Snapshot is
// called; what is committed later does not show. It is what backups are made
// from: the same for both engines. fn's error is returned as it is. While a
// snapshot lasts SQLite cannot shorten its write-ahead log, so Scrub waits.
func (s *Store) Snapshot(ctx context.Context, fn func(*Snap) error) error {
	conn, err := s.r.Conn(ctx)
	if err != nil {
		return fail("snapshot", err)
	}
	h := newConnHandle(conn, !s.postgres)
	sound := false
	defer func() {
		if !sound { // a transaction that cannot be ended must not be met by the next reader
			h.discard()
			return
		}
		_ = h.close()
	}()
	begin := "BEGIN"
	if s.postgres {
		begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	}
	if _, err := h.exec(ctx, begin); err != nil {
		return fail("snapshot", err)
	}
	defer func() {
		_, err := h.exec(context.WithoutCancel(ctx), "ROLLBACK")
		sound = err == nil
	}()
	snap := &Snap{Records: Records{ctx: ctx, h: h}}
	// The first read is what fixes the view, on both engines.
	if _, err := snap.row("snapshot", sizeQuery, nil, &snap.size); err != nil {
		return err
	}
	return fn(snap)
}

// Size is the number of acts in the snapshot.
func (snap *Snap) Size() int64 { return snap.size }

// Scan is Store.Scan within the snapshot.
func (snap *Snap) Scan(from, to int64, fn func(Stored) error) error {
	return scan(snap.ctx, snap.h, from, min(to, snap.size), fn)
}

// Tokens calls fn with the tokens of the acts at positions from up to (not
// including) to, in their order.
func (snap *Snap) Tokens(from, to int64, fn func(position int64, token Token) error) error {
	query := `SELECT token.key, token.fingerprint, token.secret, act.id, token.act FROM token JOIN act ON act.position = token.act
		WHERE token.act >= $1 AND token.act < $2 ORDER BY token.act`
	var stop error
	err := snap.rows("read tokens", query, []any{from, to}, func(rows *sql.Rows) error {
		var t Token
		var key, fingerprint, act []byte
		var position int64
		if err := rows.Scan(&key, &fingerprint, &t.Secret, &act, &position); err != nil {
			return err
		}
		if err := errors.Join(into(t.Key[:], key), into(t.Fingerprint[:], fingerprint), into(t.Act[:], act)); err != nil {
			return err
		}
		stop = fn(position, t)
		return stop
	})
	if stop != nil {
		return stop
	}
	return err
}

// PrivateTable describes one table that is no part of the log, for backups:
// its columns in a fixed order, the key's first. A value is an int64, a string
// or a []byte (or nil, in a column that allows it).
type PrivateTable struct {
	Name    string
	Columns []string
	Key     int // how many of the columns are the key
}

// privateTables is every table that Backup and restore carry besides the log,
// its tokens and its checkpoints. A table added by a migration gets a line
// here; a test compares the list with the tables there are. Sessions are not
// carried: who was signed in signs in again.
var privateTables = []PrivateTable{
	{"setting", []string{"name", "bytes"}, 1},
	{"draft", []string{"id", "owner", "changed", "bytes"}, 1},
	{"contact", []string{"id", "about", "bytes"}, 1},
	{"outbox", []string{"cause", "recipient", "place", "state", "tries", "due"}, 2},
	{"cosignature", []string{"key", "at", "size", "signature"}, 3},
	{"account", []string{"staff", "organisation", "version", "name", "invitation", "bytes"}, 1},
}

// PrivateTables lists the private tables, in the order to restore them in.
func PrivateTables() []PrivateTable { return slices.Clone(privateTables) }

func privateTable(name string) (PrivateTable, error) {
	for _, t := range privateTables {
		if t.Name == name {
			return t, nil
		}
	}
	return PrivateTable{}, fmt.Errorf("%w: no private table is named %q", ErrNotFound, name)
}

// Private calls fn with every row of a private table, ordered by key; fn must
// not keep the slice, and may keep what is in it.
func (snap *Snap) Private(name string, fn func(values []any) error) error {
	table, err := privateTable(name)
	if err != nil {
		return err
	}
	values := make([]any, len(table.Columns))
	dest := make([]any, len(values))
	for i := range values {
		dest[i] = &values[i]
	}
	var stop error
	err = snap.rows("read "+name, "SELECT "+list(table.Columns)+" FROM "+table.Name+" ORDER BY "+list(table.Columns[:table.Key]), nil,
		func(rows *sql.Rows) error {
			if err := rows.Scan(dest...); err != nil {
				return err
			}
			stop = fn(values)
			return stop
		})
	if stop != nil {
		return stop
	}
	return err
}

// PutPrivate writes one row of a private table, as Private gave it, in place of
// the row of that key.
func (r *Records) PutPrivate(name string, values []any) error {
	table, err := privateTable(name)
	if err != nil {
		return err
	}
	if len(values) != len(table.Columns) {
		return fmt.Errorf("put %s: %d values for %d columns", name, len(values), len(table.Columns))
	}
	for i, value := range values {
		switch value.(type) {
		case nil, int64, string, []byte:
		default:
			return fmt.Errorf("put %s: a %T in column %s", name, value, table.Columns[i])
		}
	}
	update := "NOTHING"
	for i, column := range table.Columns[table.Key:] {
		if i == 0 {
			update = "UPDATE SET "
		} else {
			update += ", "
		}
		update += column + " = excluded." + column
	}
	_, err = r.exec("put "+name, "INSERT INTO "+table.Name+" ("+list(table.Columns)+") VALUES ("+placeholders(1, len(values))+
		") ON CONFLICT ("+list(table.Columns[:table.Key])+") DO "+update, values...)
	return err
}

func list(columns []string) string {
	text := columns[0]
	for _, column := range columns[1:] {
		text += ", " + column
	}
	return text
}
