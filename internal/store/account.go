package store

import (
	"database/sql"
	"errors"
	"fmt"
)

// Account is somebody who signs in. What is in Bytes is the caller's, sealed.
type Account struct {
	Staff, Organisation ID
	// Version counts its changes; PutAccount changes the version it was read as.
	Version int64
	// Name and Invitation are keyed hashes to look it up by; empty for none.
	Name, Invitation []byte
	Bytes            []byte
}

const accountColumns = "staff, organisation, version, name, invitation, bytes"

func scanAccount(scan func(...any) error) (Account, error) {
	var a Account
	var staff, organisation []byte
	if err := scan(&staff, &organisation, &a.Version, &a.Name, &a.Invitation, &a.Bytes); err != nil {
		return a, err
	}
	return a, errors.Join(into(a.Staff[:], staff), into(a.Organisation[:], organisation))
}

// AddAccount stores a new account. The error is ErrConflict where the staff id
// has one already.
func (r *Records) AddAccount(a Account) error {
	n, err := r.exec("add account", "INSERT INTO account ("+accountColumns+") VALUES ($1, $2, 1, $3, $4, $5) ON CONFLICT (staff) DO NOTHING",
		a.Staff[:], a.Organisation[:], some(a.Name), some(a.Invitation), some(a.Bytes))
	if err == nil && n == 0 {
		return fmt.Errorf("add account: %w", ErrConflict)
	}
	return err
}

// PutAccount changes an account that was read at its version. The error is
// ErrConflict where somebody changed it since.
func (r *Records) PutAccount(a Account) error {
	n, err := r.exec("put account", "UPDATE account SET version = version + 1, name = $1, invitation = $2, bytes = $3 WHERE staff = $4 AND version = $5",
		some(a.Name), some(a.Invitation), some(a.Bytes), a.Staff[:], a.Version)
	if err == nil && n == 0 {
		return fmt.Errorf("put account: %w: it was changed meanwhile", ErrConflict)
	}
	return err
}

// accountWhere finds the first account that a condition picks.
func (r *Records) accountWhere(condition string, arg []byte) (a Account, found bool, err error) {
	err = r.rows("read account", "SELECT "+accountColumns+" FROM account WHERE "+condition+" ORDER BY staff", []any{arg}, func(rows *sql.Rows) error {
		read, err := scanAccount(rows.Scan)
		if err == nil && !found {
			a, found = read, true
		}
		return err
	})
	return a, found, err
}

// Account finds an account by its staff id.
func (r *Records) Account(staff ID) (Account, bool, error) {
	return r.accountWhere("staff = $1", staff[:])
}

// AccountNamed finds an account by the hash of its sign-in name.
func (r *Records) AccountNamed(name []byte) (Account, bool, error) {
	if len(name) == 0 {
		return Account{}, false, nil
	}
	return r.accountWhere("name = $1", name)
}

// AccountInvited finds an account by the hash of its invitation.
func (r *Records) AccountInvited(invitation []byte) (Account, bool, error) {
	if len(invitation) == 0 {
		return Account{}, false, nil
	}
	return r.accountWhere("invitation = $1", invitation)
}

// Accounts lists an organisation's accounts, by staff id.
func (r *Records) Accounts(organisation ID) ([]Account, error) {
	var all []Account
	err := r.rows("list accounts", "SELECT "+accountColumns+" FROM account WHERE organisation = $1 ORDER BY staff", []any{organisation[:]}, func(rows *sql.Rows) error {
		a, err := scanAccount(rows.Scan)
		all = append(all, a)
		return err
	})
	return all, err
}

// Session is somebody signed in on a device.
type Session struct {
	Hash  []byte // of its token
	Staff ID
	Means string
	// Made and Seen are seconds since 1970.
	Made, Seen int64
}

// AddSession stores a session.
func (r *Records) AddSession(s Session) error {
	_, err := r.exec("add session", "INSERT INTO session (hash, staff, means, made, seen) VALUES ($1, $2, $3, $4, $5)", s.Hash, s.Staff[:], s.Means, s.Made, s.Seen)
	return err
}

// Session finds a session by the hash of its token.
func (r *Records) Session(hash []byte) (s Session, found bool, err error) {
	var staff []byte
	s.Hash = hash
	found, err = r.row("read session", "SELECT staff, means, made, seen FROM session WHERE hash = $1", []any{hash}, &staff, &s.Means, &s.Made, &s.Seen)
	if found && err == nil {
		err = into(s.Staff[:], staff)
	}
	return s, found, err
}

// SeeSession notes when a session was used last.
func (r *Records) SeeSession(hash []byte, seen int64) error {
	_, err := r.exec("see session", "UPDATE session SET seen = $1 WHERE hash = $2", seen, hash)
	return err
}

// DeleteSession ends a session, if there is one.
func (r *Records) DeleteSession(hash []byte) error {
	_, err := r.exec("delete session", "DELETE FROM session WHERE hash = $1", hash)
	return err
}

// DeleteSessions ends all sessions of an account.
func (r *Records) DeleteSessions(staff ID) error {
	_, err := r.exec("delete sessions", "DELETE FROM session WHERE staff = $1", staff[:])
	return err
}

// DeleteSessionsBefore ends the sessions that were made before a moment.
func (r *Records) DeleteSessionsBefore(made int64) error {
	_, err := r.exec("delete old sessions", "DELETE FROM session WHERE made < $1", made)
	return err
}
