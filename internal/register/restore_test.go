package register_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"testing"

	"samleng/civic"
	"samleng/internal/register"
	"samleng/translog"
)

// elsewhere are the same keys on a machine that never kept a checkpoint.
func (e engine) elsewhere(t testing.TB) register.Keys {
	keys := e.keys
	keys.Dir = t.TempDir()
	return keys
}

// TestUnfinishedRestoreIsNoticed: what a restore leaves that was cut short is
// no register, also where nobody kept a checkpoint.
func TestUnfinishedRestoreIsNoticed(t *testing.T) {
	e := sqlite(t)
	r := e.open(t)
	defer r.Close()
	dialogue := begin(t, r)
	putViews(t, r, dialogue, 30)
	if err := r.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	whole := backup(t, r)
	keys := e.elsewhere(t)
	for _, part := range []float64{0.5, 0.8, 0.97} {
		half := engine{sqlite(t).store, keys}
		config := register.Config{Store: half.store, Keys: keys, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)}
		cut := bytes.NewReader(whole.Bytes()[:int(float64(whole.Len())*part)])
		if _, err := register.Restore(t.Context(), config, cut, register.RestoreOptions{}); !errors.Is(err, register.ErrBackup) {
			t.Fatalf("%v of a backup: %v", part, err)
		}
		opened := half.open(t)
		refusesActs(t, opened, dialogue, "was not finished")
		if _, _, err := opened.Checkpoint(t.Context()); !errors.Is(err, register.ErrNotFound) {
			t.Errorf("it publishes a checkpoint: %v", err)
		}
		opened.Close()
		// Nothing of the log was written yet, so the place is as good as empty.
		if _, err := register.Restore(t.Context(), config, bytes.NewReader(whole.Bytes()), register.RestoreOptions{}); err != nil {
			t.Error(err)
		}
		opened = half.open(t)
		if opened.Fault() != nil || !bytes.Equal(publicState(t, opened), publicState(t, r)) {
			t.Errorf("restored again into the same place: %v", opened.Fault())
		}
		opened.Close()
	}
	restored, _, err := restore(t, keys, whole, register.RestoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	again := restored.open(t)
	defer again.Close()
	if again.Fault() != nil {
		t.Error(again.Fault())
	}
	// The checkpoint of the backup stands from the start.
	note, size, err := again.Checkpoint(t.Context())
	before, beforeSize, _ := r.Checkpoint(t.Context())
	if err != nil || size != beforeSize || !bytes.Equal(note, before) {
		t.Errorf("after the restore the checkpoint is of %d: %v", size, err)
	}
}

// TestPartnersCheckpoint restores, on a machine that never kept a checkpoint, a
// backup older than the one a partner kept: alone, and with a mirror that is
// older too, and with one that is not.
func TestPartnersCheckpoint(t *testing.T) {
	e := sqlite(t)
	r := e.open(t)
	defer r.Close()
	dialogue := begin(t, r)
	copied := backup(t, r)
	putViews(t, r, dialogue, 3)
	if err := r.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	stale, err := frozen(t, r)
	if err != nil {
		t.Fatal(err)
	}
	putViews(t, r, dialogue, 3)
	if err := r.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	partners, size, err := r.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	keys := e.elsewhere(t)
	if _, _, err := restore(t, keys, copied, register.RestoreOptions{Pinned: partners}); !errors.Is(err, register.ErrOlder) {
		t.Errorf("without a mirror: %v", err)
	}
	if _, _, err := restore(t, keys, copied, register.RestoreOptions{Pinned: partners, Mirror: stale}); !errors.Is(err, civic.ErrDamaged) {
		t.Errorf("with a mirror that is older than what the partner saw: %v", err)
	}
	restored, _, err := restore(t, keys, copied, register.RestoreOptions{Pinned: partners, Mirror: published(r, true)})
	if err != nil {
		t.Fatal(err)
	}
	again := restored.open(t)
	defer again.Close()
	if note, now, err := again.Checkpoint(t.Context()); err != nil || now != size || !bytes.Equal(note, partners) {
		t.Errorf("after the restore the checkpoint is of %d, not %d: %v", now, size, err)
	}
	root, err := r.Store().Root(t.Context(), size)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Store().Root(t.Context(), size); err != nil || got != root {
		t.Errorf("the root is %s, not %s: %v", got, root, err)
	}
}

// frozen gives a mirror that stays as a register's log is published now.
func frozen(t *testing.T, r *register.Register) (*register.Mirror, error) {
	now := published(r, false)
	note, size, err := r.Checkpoint(t.Context())
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"checkpoint": note}
	for tile := range translog.Tiles(0, size) {
		if files[tile.Path()], err = now.Fetch(t.Context(), tile.Path()); err != nil {
			return nil, err
		}
	}
	return &register.Mirror{Fetch: func(_ context.Context, path string) ([]byte, error) {
		if content, has := files[path]; has {
			return content, nil
		}
		return nil, register.ErrNotFound
	}}, nil
}
