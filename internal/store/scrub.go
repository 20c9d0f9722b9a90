package store

import (
	"context"
	"fmt"
	"time"
)

// scrubWait is how long Scrub waits between tries while readers are in the way.
const scrubWait = 50 * time.Millisecond

// Scrub makes the bytes of erased sections (and of deleted private records)
// vanish from the database's own files. It is called after the erasure has
// committed, and may be called again.
//
// SQLite: deleted content was overwritten with zeros as it was deleted
// (secure_delete); Scrub moves those pages from the write-ahead log into the
// database and cuts the log to nothing. When it returns nil, no file of the
// folder holds the bytes. A reader of an older snapshot, or another process,
// can be in the way: Scrub then tries again until ctx ends, and the error is
// ErrUnavailable.
//
// PostgreSQL: VACUUM removes the dead rows, also those of the TOAST table, and
// the space is reused. What remains until it is overwritten: bytes in the free
// part of pages, PostgreSQL's write-ahead log and its archive, standbys, and
// rows that an older snapshot on that server may still see. Nothing of it can
// be read through SQL; whoever runs the server must let the log and the backups
// expire, and should keep the disk encrypted.
//
// What the file system, the disk or a copy made earlier keeps, no program
// inside the database can reach.
func (s *Store) Scrub(ctx context.Context) error {
	if s.readOnly {
		return fmt.Errorf("scrub: %w: the store is open for reading only", ErrUnavailable)
	}
	if s.postgres {
		for _, table := range []string{"section", "contact", "draft"} {
			if _, err := s.w.ExecContext(ctx, "VACUUM "+table); err != nil {
				return fail("scrub", err)
			}
		}
		return nil
	}
	for {
		done, err := s.truncateLog(ctx)
		if err != nil {
			return fail("scrub", err)
		}
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("scrub: %w: a reader is in the way: %w", ErrUnavailable, ctx.Err())
		case <-time.After(scrubWait):
		}
	}
}

// truncateLog moves the write-ahead log into the database and empties it,
// unless a reader needs it. It waits for readers only briefly, because writers
// wait for it.
func (s *Store) truncateLog(ctx context.Context) (done bool, err error) {
	release, err := s.acquireWriter(ctx)
	if err != nil {
		return false, err
	}
	sound := false
	defer func() { release(sound) }()
	if _, err := s.writer.exec(ctx, "PRAGMA busy_timeout = 200"); err != nil {
		return false, err
	}
	var busy, frames, moved int64
	if err := s.writer.row(ctx, "PRAGMA wal_checkpoint(TRUNCATE)", nil, &busy, &frames, &moved); err != nil {
		return false, err
	}
	if _, err := s.writer.exec(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", lockWait)); err != nil {
		return false, err
	}
	sound = true
	return busy == 0, nil
}
