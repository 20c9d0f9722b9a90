package register

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"samleng/civic"
	"samleng/internal/store"
	"samleng/translog"
)

// pinName is the file beside the keys that holds the newest checkpoint that was
// published. A database that is older than it was restored from a copy.
const pinName = "checkpoint"

// Checkpoint gives the newest published checkpoint, as a signed note with the
// witnesses' signatures on it, and its size. There is none (ErrNotFound) before
// the first was signed.
func (r *Register) Checkpoint(ctx context.Context) ([]byte, int64, error) {
	checkpoint := r.published.Load()
	if checkpoint == nil {
		return nil, 0, ErrNotFound
	}
	return checkpoint.Note, checkpoint.Size, nil
}

// Publish signs the log's head, if the log has grown since the last time, and
// publishes what was signed once it may be (witness.go): nothing new is signed
// while a checkpoint waits for its witnesses. Signing happens under the head's
// lock, after the acts it is about are known to be on disk; what is published is
// what was stored; and no size ever gets a second root.
func (r *Register) Publish(ctx context.Context) error {
	if r.Fault() != nil || r.config.Store.ReadOnly {
		return ErrReadOnly
	}
	ctx, cancel := context.WithTimeout(ctx, appendWait)
	defer cancel()
	err := r.store.Append(ctx, r.sign)
	if err == nil {
		err = r.publishReady(ctx)
	}
	if errors.Is(err, civic.ErrDamaged) || errors.Is(err, store.ErrDamaged) || errors.Is(err, store.ErrCheckpoint) {
		r.setFault(err)
	} else if errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrOutcomeUnknown) {
		r.troubled(err)
	}
	if err != nil {
		return fmt.Errorf("publish a checkpoint: %w", err)
	}
	return nil
}

// sign stores a signed checkpoint of the log's head.
func (r *Register) sign(tx *store.Tx) error {
	size := tx.Size()
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
	latest, has, err := tx.LatestCheckpoint()
	if err != nil || size == 0 || has && latest.Size == size {
		return err
	}
	if before := r.published.Load(); has && before != nil && latest.Size > before.Size && r.waits() {
		return nil // it waits for its witnesses, or is published next
	}
	root, err := tx.Root(size)
	if err != nil {
		return err
	}
	signers, err := r.signers()
	if err != nil {
		return err
	}
	signed, err := translog.Sign(translog.Checkpoint{Origin: r.Origin(), Size: size, Root: root}, signers[0], signers[1:]...)
	if err != nil {
		return err
	}
	return tx.SaveCheckpoint(size, root, signed)
}

// pin keeps the newest stored checkpoint outside the database, and then
// publishes it. It is written under the head's lock, so that of several
// processes none puts an older one in its place.
func (r *Register) pin(ctx context.Context) error {
	latest, has, err := r.store.LatestCheckpoint(ctx)
	if err != nil || !has {
		return err
	}
	if before := r.published.Load(); before != nil && before.Size >= latest.Size {
		return nil
	}
	return r.store.Append(ctx, func(tx *store.Tx) error {
		latest, _, err := tx.LatestCheckpoint()
		if err != nil {
			return err
		}
		if err := writeFile(filepath.Join(r.keys.Dir, pinName), latest.Note, 0o644, false); err != nil {
			return fmt.Errorf("keep the checkpoint: %w", err)
		}
		return r.show(&latest, &tx.Records)
	})
}

// show makes a stored checkpoint the published one, with the cosignatures that
// are stored for it.
func (r *Register) show(c *store.Checkpoint, records *store.Records) error {
	cosignatures, err := r.cosignaturesOf(c.Size, records)
	if err != nil {
		return err
	}
	shown := *c
	if shown.Note, err = translog.AddCosignatures(c.Note, cosignatures...); err != nil {
		return fmt.Errorf("the checkpoint of %d acts: %w", c.Size, err)
	}
	for {
		before := r.published.Load()
		if before != nil && before.Size > shown.Size {
			return nil
		}
		if r.published.CompareAndSwap(before, &shown) {
			return nil
		}
	}
}

// loadCheckpoint compares the log with the newest checkpoint that is stored and
// with the newest one known outside the database. Nothing is signed for a log
// that is shorter than either, or another. What is missing outside is put there.
func (r *Register) loadCheckpoint(ctx context.Context) error {
	latest, has, err := r.store.LatestCheckpoint(ctx)
	if err != nil {
		return err
	}
	pinned, err := r.checkPinned(ctx)
	if errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil {
		return err
	}
	if err == nil && has {
		err = r.checkStored(latest)
	}
	if err != nil {
		r.setFault(err)
	}
	if has && (r.Fault() != nil || r.config.Store.ReadOnly || pinned == latest.Size) {
		return r.show(&latest, r.store.Records(ctx))
	}
	if before, kept, err := r.store.CheckpointBySize(ctx, pinned); err != nil {
		return err
	} else if kept && pinned < latest.Size && !r.mayPublish(latest.Size, nil) {
		return r.show(&before, r.store.Records(ctx))
	}
	if has && pinned == 0 {
		r.config.Log.Warn("no checkpoint was kept beside the keys, so that an old copy of the database could not be told; one is kept from now on", "size", latest.Size)
	}
	if !has || r.Fault() != nil {
		return nil
	}
	if err := r.pin(ctx); err != nil {
		// It was published before: that it cannot be kept now stops nothing.
		r.config.Log.Warn("the newest checkpoint could not be kept beside the keys", "error", err)
		return r.show(&latest, r.store.Records(ctx))
	}
	return ctx.Err()
}

// checkStored verifies the newest stored checkpoint: the tree was compared with
// its row, and the row may say something else than its note.
func (r *Register) checkStored(latest store.Checkpoint) error {
	verifiers, err := r.logVerifiers()
	if err != nil {
		return err
	}
	opened, err := translog.Open(latest.Note, r.Origin(), verifiers...)
	if err != nil {
		return fmt.Errorf("%w: the stored checkpoint: %w", civic.ErrDamaged, err)
	}
	if opened.Size != latest.Size || opened.Root != latest.Root {
		return fmt.Errorf("%w: the stored checkpoint of %d acts was signed for something else", civic.ErrDamaged, latest.Size)
	}
	return nil
}

// checkPinned compares the log with the newest checkpoint known outside the
// database, and gives its size; 0 if there is none.
func (r *Register) checkPinned(ctx context.Context) (int64, error) {
	path := filepath.Join(r.keys.Dir, pinName)
	signed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	} else if err != nil {
		return 0, fmt.Errorf("read the kept checkpoint: %w", err)
	}
	verifiers, err := r.logVerifiers()
	if err != nil {
		return 0, err
	}
	pinned, err := translog.Open(signed, r.Origin(), verifiers...)
	if err != nil {
		return 0, fmt.Errorf("the checkpoint kept in %s cannot be read, so that nobody can tell whether this is the log it was: %w", path, err)
	}
	return pinned.Size, checkContinues(ctx, r.store, pinned.Checkpoint)
}

// checkContinues checks that the log begins with what a checkpoint is about.
func checkContinues(ctx context.Context, s *store.Store, known translog.Checkpoint) error {
	size, err := s.Size(ctx)
	if err != nil {
		return err
	}
	if size < known.Size {
		return fmt.Errorf("%w: the log has %d acts, and a checkpoint of %d was published: an old copy was restored", civic.ErrDamaged, size, known.Size)
	}
	root, err := s.Root(ctx, known.Size)
	if err != nil {
		return err
	}
	if root != known.Root {
		return fmt.Errorf("%w: the log is another than the one whose checkpoint of %d acts was published", civic.ErrDamaged, known.Size)
	}
	return nil
}
