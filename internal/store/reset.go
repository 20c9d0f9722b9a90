package store

import (
	"context"
	"fmt"
)

// Reset begins anew with the database after ErrOutcomeUnknown: it gives up the
// connections at hand, and takes the log head's lock on a fresh one. The lock
// is granted only when the session whose answer was lost has ended, so that
// when Reset returns nil the unknown commit is decided: what it wrote is in the
// log and can be read, or never will be. The Store stays the one it was for
// everybody who holds it. Its errors are those of Append.
func (s *Store) Reset(ctx context.Context) error {
	if s.readOnly {
		return nil
	}
	if s.postgres {
		s.dropIdle()
	} else {
		// SQLite's readers stay: with the last connection the index of the
		// write-ahead log goes, and on a full disk nobody could make another.
		if err := s.resetWriter(ctx); err != nil {
			return fail("reset", err)
		}
	}
	if err := s.Append(ctx, func(*Tx) error { return nil }); err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	return nil
}

// resetWriter gives up SQLite's writing connection and looks whether a fresh
// one would write as it must.
func (s *Store) resetWriter(ctx context.Context) error {
	select {
	case s.slot <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.slot }()
	if s.writer != nil {
		s.writer.discard()
		s.writer = nil
	}
	return s.checkPragmas(ctx)
}

// dropIdle closes the connections that nobody uses at this moment; one that is
// dead goes when its user notices.
func (s *Store) dropIdle() {
	s.w.SetMaxIdleConns(0)
	s.r.SetMaxIdleConns(0)
	s.w.SetMaxIdleConns(s.writers)
	s.r.SetMaxIdleConns(s.readers)
}
