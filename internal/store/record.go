package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Records are the private, mutable tables: what is kept beside the log and is
// no act. Within Append or Update they can be written, in the same transaction;
// from Store.Records and within a Snapshot they can only be read.
type Records struct {
	ctx   context.Context
	h     *handle
	write bool
	// failed is the first statement's error. After it nothing more is run: SQLite
	// may have rolled back already, and would commit each further statement alone.
	failed error
}

// Records gives the private tables for reading, outside any transaction.
func (s *Store) Records(ctx context.Context) *Records {
	return &Records{ctx: ctx, h: s.rh}
}

// did remembers a failed statement, classed and wrapped.
func (r *Records) did(doing string, err error) error {
	if err == nil {
		return nil
	}
	err = fail(doing, err)
	if r.failed == nil {
		r.failed = err
	}
	return err
}

func (r *Records) exec(doing, query string, args ...any) (int64, error) {
	if !r.write {
		return 0, fmt.Errorf("%s: %w: these records are open for reading only", doing, ErrUnavailable)
	}
	if r.failed != nil {
		return 0, r.failed
	}
	result, err := r.h.exec(r.ctx, query, args...)
	if err != nil {
		return 0, r.did(doing, err)
	}
	n, err := result.RowsAffected()
	return n, r.did(doing, err)
}

// row scans the only row into dest and reports whether there was one.
func (r *Records) row(doing, query string, args []any, dest ...any) (bool, error) {
	if r.failed != nil {
		return false, r.failed
	}
	err := r.h.row(r.ctx, query, args, dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, r.did(doing, err)
}

// rows calls each for every row; each scans it.
func (r *Records) rows(doing, query string, args []any, each func(*sql.Rows) error) error {
	if r.failed != nil {
		return r.failed
	}
	rows, err := r.h.query(r.ctx, query, args...)
	if err != nil {
		return r.did(doing, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return r.did(doing, err)
		}
	}
	return r.did(doing, errors.Join(rows.Err(), rows.Close()))
}

// Setting returns a named value (a server salt, a follower's position); found
// is false if it was never put.
func (r *Records) Setting(name string) (bytes []byte, found bool, err error) {
	found, err = r.row("read setting", "SELECT bytes FROM setting WHERE name = $1", []any{name}, &bytes)
	return bytes, found, err
}

// PutSetting stores a named value in place of any before it.
func (r *Records) PutSetting(name string, bytes []byte) error {
	_, err := r.exec("put setting",
		"INSERT INTO setting (name, bytes) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET bytes = excluded.bytes",
		name, some(bytes))
	return err
}

// InitSetting stores a named value unless there is one, and returns the one
// that stands: of several processes that make up a salt at once, one wins.
func (r *Records) InitSetting(name string, bytes []byte) ([]byte, error) {
	_, err := r.exec("init setting", "INSERT INTO setting (name, bytes) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, some(bytes))
	if err != nil {
		return nil, err
	}
	bytes, _, err = r.Setting(name)
	return bytes, err
}

// MoveSetting stores a named value in place of the one it was read as. It
// reports false, and changes nothing, where it holds something else by now.
func (r *Records) MoveSetting(name string, from, to []byte) (bool, error) {
	n, err := r.exec("move setting", "UPDATE setting SET bytes = $1 WHERE name = $2 AND bytes = $3", some(to), name, some(from))
	return n == 1, err
}

// DeleteSetting removes a named value, if there is one.
func (r *Records) DeleteSetting(name string) error {
	_, err := r.exec("delete setting", "DELETE FROM setting WHERE name = $1", name)
	return err
}

// Draft is a form somebody has begun and not sent.
type Draft struct {
	ID      ID
	Owner   ID    // whose it is: a staff id, or an organisation's
	Changed int64 // seconds since 1970, UTC
	Bytes   []byte
}

// PutDraft stores a draft in place of the one of that id, whose owner stays.
func (r *Records) PutDraft(d Draft) error {
	n, err := r.exec("put draft",
		`INSERT INTO draft (id, owner, changed, bytes) VALUES ($1, $2, $3, $4)
		 ON CONFLICT (id) DO UPDATE SET changed = excluded.changed, bytes = excluded.bytes WHERE draft.owner = excluded.owner`,
		d.ID[:], d.Owner[:], d.Changed, some(d.Bytes))
	if err == nil && n == 0 {
		return fmt.Errorf("put draft: %w: the id is somebody else's", ErrConflict)
	}
	return err
}

// ChangeDraft stores a draft in place of what it held before, bytes for bytes.
// The error is ErrConflict where it holds something else by now, or is gone.
func (r *Records) ChangeDraft(d Draft, before []byte) error {
	n, err := r.exec("change draft", "UPDATE draft SET changed = $1, bytes = $2 WHERE id = $3 AND owner = $4 AND bytes = $5",
		d.Changed, some(d.Bytes), d.ID[:], d.Owner[:], some(before))
	if err == nil && n == 0 {
		return fmt.Errorf("change draft: %w: it was changed meanwhile", ErrConflict)
	}
	return err
}

// Drafts lists an owner's drafts, the latest changed first.
func (r *Records) Drafts(owner ID) ([]Draft, error) {
	var all []Draft
	err := r.rows("list drafts", "SELECT id, owner, changed, bytes FROM draft WHERE owner = $1 ORDER BY changed DESC, id", []any{owner[:]},
		func(rows *sql.Rows) error {
			var d Draft
			var id, by []byte
			if err := rows.Scan(&id, &by, &d.Changed, &d.Bytes); err != nil {
				return err
			}
			all = append(all, d)
			last := &all[len(all)-1]
			return errors.Join(into(last.ID[:], id), into(last.Owner[:], by))
		})
	return all, err
}

// DeleteDraft removes an owner's draft, if there is one.
func (r *Records) DeleteDraft(owner, id ID) error {
	_, err := r.exec("delete draft", "DELETE FROM draft WHERE id = $1 AND owner = $2", id[:], owner[:])
	return err
}

// Contact is how somebody asked to be told what became of an act.
type Contact struct {
	ID    ID
	About ID     // the act
	Bytes []byte // channel and address, as the caller encodes (and seals) them
}

// PutContact stores a contact in place of the one of that id.
func (r *Records) PutContact(c Contact) error {
	_, err := r.exec("put contact",
		`INSERT INTO contact (id, about, bytes) VALUES ($1, $2, $3)
		 ON CONFLICT (id) DO UPDATE SET about = excluded.about, bytes = excluded.bytes`,
		c.ID[:], c.About[:], some(c.Bytes))
	return err
}

// Contacts lists who is to be told about an act, by id.
func (r *Records) Contacts(about ID) ([]Contact, error) {
	var all []Contact
	err := r.rows("list contacts", "SELECT id, bytes FROM contact WHERE about = $1 ORDER BY id", []any{about[:]},
		func(rows *sql.Rows) error {
			c := Contact{About: about}
			var id []byte
			if err := rows.Scan(&id, &c.Bytes); err != nil {
				return err
			}
			err := into(c.ID[:], id)
			all = append(all, c)
			return err
		})
	return all, err
}

// Contact finds a contact by its id.
func (r *Records) Contact(id ID) (c Contact, found bool, err error) {
	var about []byte
	found, err = r.row("read contact", "SELECT about, bytes FROM contact WHERE id = $1", []any{id[:]}, &about, &c.Bytes)
	if found && err == nil {
		c.ID, err = id, into(c.About[:], about)
	}
	return c, found, err
}

// DeleteContacts removes whoever is to be told about an act, and reports
// whether there was anybody.
func (r *Records) DeleteContacts(about ID) (bool, error) {
	n, err := r.exec("delete contacts", "DELETE FROM contact WHERE about = $1", about[:])
	return n > 0, err
}

// DeleteContact removes a contact, if there is one.
func (r *Records) DeleteContact(id ID) error {
	_, err := r.exec("delete contact", "DELETE FROM contact WHERE id = $1", id[:])
	return err
}

// some makes an empty value out of a missing one: the columns are NOT NULL.
func some(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// into copies a stored value of fixed length.
func into(dest, from []byte) error {
	if len(dest) != len(from) {
		return fmt.Errorf("%w: a value of %d bytes where %d belong", ErrDamaged, len(from), len(dest))
	}
	copy(dest, from)
	return nil
}
