package store

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Integrity is what Check counted.
type Integrity struct {
	Acts        int64
	Sections    int64
	Tokens      int64
	Hashes      int64 // stored Merkle hashes
	Checkpoints int64
	Root        tlog.Hash // of all acts
}

// Check counts what is stored, in one snapshot, and compares the counts: every
// position from 0 has its act, every leaf its hashes, nothing stands beyond the
// log's end, and the latest checkpoint has the root that the tree gives. It
// reads no header and no section's bytes, so it finds what is missing, not what
// was altered. A finding is ErrDamaged and names them all.
func (s *Store) Check(ctx context.Context) (Integrity, error) {
	var found Integrity
	err := s.Snapshot(ctx, func(snap *Snap) error {
		var faults []error
		var err error
		found, faults, err = snap.check()
		if err != nil {
			return err
		}
		if len(faults) > 0 {
			return fmt.Errorf("check: %w: %w", ErrDamaged, errors.Join(faults...))
		}
		return nil
	})
	return found, err
}

func (snap *Snap) check() (found Integrity, faults []error, err error) {
	size := snap.size
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	var first, leaves, bytes, lastLeaf, beyond int64
	if _, err = snap.row("count acts", "SELECT count(*), coalesce(min(position), 0) FROM act", nil, &found.Acts, &first); err != nil {
		return found, nil, err
	}
	if found.Acts != size || first != 0 {
		fault("%d acts stand at positions %d to %d", found.Acts, first, size-1)
	}
	if _, err = snap.row("count hashes", "SELECT count(*), coalesce(sum(length(hashes)), 0), coalesce(max(act), -1) FROM tree", nil, &leaves, &bytes, &lastLeaf); err != nil {
		return found, nil, err
	}
	found.Hashes = bytes / tlog.HashSize
	if leaves != size || lastLeaf != size-1 || bytes != tlog.StoredHashCount(size)*tlog.HashSize {
		fault("%d bytes of hashes for %d leaves, want %d for %d", bytes, leaves, tlog.StoredHashCount(size)*tlog.HashSize, size)
	}
	if _, err = snap.row("count sections", "SELECT count(*), (SELECT count(*) FROM section WHERE place >= $1) FROM section", []any{size << sectionBits}, &found.Sections, &beyond); err != nil {
		return found, nil, err
	}
	if beyond != 0 {
		fault("%d sections stand beyond the last act", beyond)
	}
	if _, err = snap.row("count tokens", "SELECT count(*), (SELECT count(*) FROM token WHERE act >= $1) FROM token", []any{size}, &found.Tokens, &beyond); err != nil {
		return found, nil, err
	}
	if beyond != 0 {
		fault("%d tokens stand beyond the last act", beyond)
	}
	if _, err = snap.row("count checkpoints", "SELECT count(*) FROM checkpoint", nil, &found.Checkpoints); err != nil {
		return found, nil, err
	}
	more, err := snap.checkRoots(&found)
	return found, append(faults, more...), err
}

// checkRoots works out the root and holds the latest checkpoint against the tree.
func (snap *Snap) checkRoots(found *Integrity) (faults []error, err error) {
	reader := hashReader{snap.ctx, snap.h}
	if found.Root, err = tlog.TreeHash(snap.size, reader); err != nil {
		if !errors.Is(err, ErrDamaged) {
			return nil, err
		}
		faults = append(faults, err)
	}
	latest, ok, err := snap.LatestCheckpoint()
	if err != nil || !ok {
		return faults, err
	}
	if latest.Size > snap.size {
		return append(faults, fmt.Errorf("the latest checkpoint is of size %d, the log has %d acts", latest.Size, snap.size)), nil
	}
	root, err := tlog.TreeHash(latest.Size, reader)
	switch {
	case errors.Is(err, ErrDamaged):
		faults = append(faults, err)
	case err != nil:
		return nil, err
	case root != latest.Root:
		faults = append(faults, fmt.Errorf("the tree of size %d has another root than its checkpoint", latest.Size))
	}
	return faults, nil
}
