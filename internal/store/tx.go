package store

import (
	"database/sql"
	"fmt"
	"iter"

	"golang.org/x/mod/sumdb/tlog"
)

// Tx is one transaction that holds the log head's lock. It is used by one
// goroutine. After a statement has failed every further one fails with the same
// error, and nothing is committed, whatever the caller does with the error.
type Tx struct {
	Records
	postgres bool
	size     int64
}

func (tx *Tx) readSize() error {
	_, err := tx.row("read the log's size", sizeQuery, nil, &tx.size)
	return err
}

// Size is the number of acts in the log, those of this transaction included.
func (tx *Tx) Size() int64 { return tx.size }

// Acts gives the acts from a position to the end of the log, in order, with
// their sections. It stops after the first error.
func (tx *Tx) Acts(from int64) iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		if tx.failed != nil {
			yield(Stored{}, tx.failed)
			return
		}
		stopped := false
		err := scan(tx.ctx, tx.h, from, tx.size, func(act Stored) error {
			if !yield(act, nil) {
				stopped = true
				return errStop
			}
			return nil
		})
		if err != nil && !stopped {
			yield(Stored{}, tx.did("read acts", err))
		}
	}
}

// TokenByKey finds what an idempotency token led to.
func (tx *Tx) TokenByKey(key [32]byte) (Token, bool, error) {
	found, err := tx.Tokens([][32]byte{key})
	token, ok := found[key]
	return token, ok, err
}

// Tokens finds what many idempotency tokens led to; those unknown are missing.
func (tx *Tx) Tokens(keys [][32]byte) (map[[32]byte]Token, error) {
	if tx.failed != nil {
		return nil, tx.failed
	}
	found, err := tokens(tx.ctx, tx.h, keys)
	return found, tx.did("read tokens", err)
}

// Position finds where in the log an act stands, or ErrNotFound.
func (tx *Tx) Position(id ID) (int64, error) {
	var position int64
	found, err := tx.row("find act", positionQuery, []any{id[:]}, &position)
	if err == nil && !found {
		return 0, fmt.Errorf("find act: %w", ErrNotFound)
	}
	return position, err
}

// Append adds acts at positions Size(), Size()+1 …, with their sections, tokens
// and Merkle hashes. An act id or token key that is in the log already is an
// ErrConflict, and ends the transaction.
func (tx *Tx) Append(entries []Entry) error {
	if tx.failed != nil || len(entries) == 0 {
		return tx.failed
	}
	rows, err := tx.prepareRows(entries)
	if err != nil {
		return tx.did("append", err)
	}
	insert := insertSQLite
	if tx.postgres {
		insert = insertPostgres
	}
	if err := insert(tx.ctx, tx.h, rows); err != nil {
		return tx.did("append", err)
	}
	tx.size += int64(len(entries))
	return nil
}

// HasSection reports whether an act's section is kept; ErrNotFound where there is
// no such act.
func (tx *Tx) HasSection(act ID, name string) (bool, error) {
	position, err := tx.Position(act)
	if err != nil {
		return false, err
	}
	var place int64
	return tx.row("find section", "SELECT place FROM section WHERE place >= $1 AND place < $2 AND name = $3",
		[]any{position << sectionBits, (position + 1) << sectionBits, name}, &place)
}

// EraseSection deletes a section for good, in the transaction of the act that
// says so; ErrNotFound if it is not there. The bytes may linger in the
// database's files until Scrub has run after the commit.
func (tx *Tx) EraseSection(act ID, name string) error {
	position, err := tx.Position(act)
	if err != nil {
		return err
	}
	n, err := tx.exec("erase section", "DELETE FROM section WHERE place >= $1 AND place < $2 AND name = $3",
		position<<sectionBits, (position+1)<<sectionBits, name)
	if err == nil && n == 0 {
		return fmt.Errorf("erase section: %w", ErrNotFound)
	}
	return err
}

// Root is the root hash of the tree of the first size acts.
func (tx *Tx) Root(size int64) (tlog.Hash, error) {
	if size < 0 || size > tx.size {
		return tlog.Hash{}, fmt.Errorf("root of the first %d acts: the log has %d", size, tx.size)
	}
	return tlog.TreeHash(size, tx)
}

// ReadHashes reads stored Merkle hashes; it implements tlog.HashReader.
func (tx *Tx) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	if tx.failed != nil {
		return nil, tx.failed
	}
	hashes, err := hashReader{tx.ctx, tx.h}.ReadHashes(indexes)
	return hashes, tx.did("read hashes", err)
}

// SaveCheckpoint stores a signed note about the first size acts. It refuses
// (ErrCheckpoint) a root that the stored tree does not give, and a new size
// below the latest; so there are never two roots for one size. Saving a size
// again, with the same root, replaces the note (a cosignature was added).
func (tx *Tx) SaveCheckpoint(size int64, root tlog.Hash, note []byte) error {
	if size < 0 || size > tx.size {
		return fmt.Errorf("%w: size %d, the log has %d", ErrCheckpoint, size, tx.size)
	}
	grown, err := tx.Root(size)
	if err != nil {
		return err
	}
	if grown != root {
		return fmt.Errorf("%w: the root of size %d is another", ErrCheckpoint, size)
	}
	latest, found, err := tx.LatestCheckpoint()
	if err != nil {
		return err
	}
	if found && size < latest.Size {
		_, known, err := tx.CheckpointBySize(size)
		if err != nil {
			return err
		}
		if !known {
			return fmt.Errorf("%w: size %d is below the latest, %d", ErrCheckpoint, size, latest.Size)
		}
	}
	n, err := tx.exec("save checkpoint",
		`INSERT INTO checkpoint (size, root, note) VALUES ($1, $2, $3)
		 ON CONFLICT (size) DO UPDATE SET note = excluded.note WHERE checkpoint.root = excluded.root`,
		size, root[:], some(note))
	if err == nil && n == 0 {
		return fmt.Errorf("%w: size %d stands with another root", ErrCheckpoint, size)
	}
	return err
}

// Checkpoint is a stored signed note about the first Size acts.
type Checkpoint struct {
	Size int64
	Root tlog.Hash
	Note []byte
}

// LatestCheckpoint is the stored checkpoint of the greatest size.
func (r *Records) LatestCheckpoint() (Checkpoint, bool, error) {
	return r.oneCheckpoint("SELECT size, root, note FROM checkpoint ORDER BY size DESC LIMIT 1")
}

// CheckpointBySize is the stored checkpoint of exactly that size.
func (r *Records) CheckpointBySize(size int64) (Checkpoint, bool, error) {
	return r.oneCheckpoint("SELECT size, root, note FROM checkpoint WHERE size = $1", size)
}

// Checkpoints lists the stored checkpoints of at least a size, smallest first.
func (r *Records) Checkpoints(since int64) ([]Checkpoint, error) {
	var all []Checkpoint
	err := r.rows("list checkpoints", "SELECT size, root, note FROM checkpoint WHERE size >= $1 ORDER BY size", []any{since},
		func(rows *sql.Rows) error {
			var c Checkpoint
			var root []byte
			if err := rows.Scan(&c.Size, &root, &c.Note); err != nil {
				return err
			}
			err := into(c.Root[:], root)
			all = append(all, c)
			return err
		})
	return all, err
}

func (r *Records) oneCheckpoint(query string, args ...any) (Checkpoint, bool, error) {
	var c Checkpoint
	var root []byte
	found, err := r.row("read checkpoint", query, args, &c.Size, &root, &c.Note)
	if found {
		err = r.did("read checkpoint", into(c.Root[:], root))
	}
	return c, found && err == nil, err
}
