package register

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"samleng/civic"
	"samleng/internal/store"
	"samleng/translog"
)

// pinName is the file beside the keys that holds the newest checkpoint that was
// published. A database that is older than it was restored from a copy.
const pinName = "checkpoint"

// Origin names the log in its checkpoints.
func (r *Register) Origin() string { return r.signer.Name() }

// VerifierKey is the log's public key in note format.
func (r *Register) VerifierKey() string { return r.keys.Verifier }

// verifiers are those of the log's own signature.
func (r *Register) verifier() (note.Verifier, error) { return translog.NewVerifier(r.keys.Verifier) }

// Checkpoint gives the newest published checkpoint, as a signed note, and its
// size. There is none (ErrNotFound) before the first was signed.
func (r *Register) Checkpoint(ctx context.Context) ([]byte, int64, error) {
	checkpoint := r.published.Load()
	if checkpoint == nil {
		return nil, 0, ErrNotFound
	}
	return checkpoint.Note, checkpoint.Size, nil
}

// Publish signs the log's head and publishes it, if the log has grown since the
// last time. Signing happens under the head's lock, after the acts it is about
// are known to be on disk; what is published is what was stored; and no size
// ever gets a second root.
func (r *Register) Publish(ctx context.Context) error {
	if r.Fault() != nil || r.config.Store.ReadOnly {
		return ErrReadOnly
	}
	s := r.store
	err := s.Append(ctx, func(tx *store.Tx) error {
		size := tx.Size()
		latest, has, err := tx.LatestCheckpoint()
		if err != nil || size == 0 || has && latest.Size == size {
			return err
		}
		if before := r.published.Load(); before != nil {
			if size < before.Size {
				return fmt.Errorf("%w: the log has %d acts, and had %d", civic.ErrDamaged, size, before.Size)
			}
			if root, err := tx.Root(before.Size); err != nil {
				return err
			} else if root != before.Root {
				return fmt.Errorf("%w: the log is no continuation of the checkpoint at %d", civic.ErrDamaged, before.Size)
			}
		}
		root, err := tx.Root(size)
		if err != nil {
			return err
		}
		signed, err := translog.Sign(translog.Checkpoint{Origin: r.Origin(), Size: size, Root: root}, r.signer)
		if err != nil {
			return err
		}
		return tx.SaveCheckpoint(size, root, signed)
	})
	if errors.Is(err, civic.ErrDamaged) || errors.Is(err, store.ErrCheckpoint) {
		r.setFault(err)
	}
	if err != nil {
		return fmt.Errorf("publish a checkpoint: %w", err)
	}
	latest, has, err := s.LatestCheckpoint(ctx)
	if err != nil || !has {
		return err
	}
	if before := r.published.Load(); before != nil && before.Size >= latest.Size {
		return nil
	}
	if err := writeFile(filepath.Join(r.keys.Dir, pinName), latest.Note, 0o644, false); err != nil {
		return fmt.Errorf("keep the checkpoint: %w", err)
	}
	r.published.Store(&latest)
	return nil
}

// checkPinned compares the log with the newest checkpoint known outside the
// database. Nothing is signed for a log that is shorter or another.
func (r *Register) checkPinned(ctx context.Context) error {
	signed, err := os.ReadFile(filepath.Join(r.keys.Dir, pinName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("read the kept checkpoint: %w", err)
	}
	verifier, err := r.verifier()
	if err != nil {
		return err
	}
	pinned, err := translog.Open(signed, r.Origin(), verifier)
	if err != nil {
		return fmt.Errorf("the kept checkpoint: %w", err)
	}
	s := r.store
	size, err := s.Size(ctx)
	if err != nil {
		return err
	}
	if size < pinned.Size {
		return fmt.Errorf("%w: the log has %d acts, and a checkpoint of %d was published: an old copy was restored", civic.ErrDamaged, size, pinned.Size)
	}
	root, err := s.Root(ctx, pinned.Size)
	if err != nil {
		return err
	}
	if root != pinned.Root {
		return fmt.Errorf("%w: the log is another than the one whose checkpoint of %d acts was published", civic.ErrDamaged, pinned.Size)
	}
	return nil
}
