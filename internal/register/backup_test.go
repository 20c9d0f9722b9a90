package register_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/internal/store"
	"samleng/translog"
)

func backup(t *testing.T, r *register.Register) *bytes.Buffer {
	t.Helper()
	var copied bytes.Buffer
	if _, err := r.Backup(t.Context(), &copied, register.BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	return &copied
}

func restore(t *testing.T, keys register.Keys, copied *bytes.Buffer, options register.RestoreOptions) (engine, register.Restored, error) {
	t.Helper()
	e := engine{store.Config{Dir: t.TempDir()}, keys}
	done, err := register.Restore(t.Context(), register.Config{Store: e.store, Keys: keys, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)},
		bytes.NewReader(copied.Bytes()), options)
	return e, done, err
}

// published gives a mirror of a register: what it serves under /log/.
func published(r *register.Register, sections bool) *register.Mirror {
	m := &register.Mirror{Fetch: func(ctx context.Context, path string) ([]byte, error) {
		note, size, err := r.Checkpoint(ctx)
		if err != nil || path == "checkpoint" {
			return note, err
		}
		tile, err := translog.ParseTilePath(path)
		if err != nil {
			return nil, err
		}
		if !tile.In(size) {
			return nil, fs.ErrNotExist
		}
		if tile.Level != translog.EntriesLevel {
			return translog.ReadTile(tile, r.Store())
		}
		var entries [][]byte
		from := tile.Index * translog.TileWidth
		err = r.Store().Scan(ctx, from, from+int64(tile.Width), func(stored store.Stored) error {
			entries = append(entries, stored.Header)
			return nil
		})
		if err != nil {
			return nil, err
		}
		return translog.EncodeBundle(entries)
	}}
	if !sections {
		return m
	}
	m.Sections = func(ctx context.Context, position int64) ([]act.Section, error) {
		stored, err := r.Store().Act(ctx, position)
		if err != nil {
			return nil, err
		}
		var open []act.Section
		for _, kept := range stored.Sections {
			if may := mayRead(r, civic.SectionRef{Act: act.ID(stored.ID), Name: kept.Name}); may {
				section := act.Section{Name: kept.Name, Content: kept.Bytes}
				copy(section.Salt[:], kept.Salt)
				open = append(open, section)
			}
		}
		return open, nil
	}
	return m
}

func mayRead(r *register.Register, ref civic.SectionRef) (may bool) {
	r.View(func(s *civic.State) { may = s.MayRead(civic.Actor{}, ref) })
	return may
}

func TestBackupRestores(t *testing.T) {
	e := sqlite(t)
	r := e.open(t)
	defer r.Close()
	dialogue := begin(t, r)
	who := person(r, "somebody", dialogue)
	token, _ := register.NewToken(rand.Reader)
	receipt, err := r.Submit(t.Context(), who, viewDraft(who, dialogue, "before the backup"), &token)
	if err != nil {
		t.Fatal(err)
	}
	submit(t, r, civic.System, receipt.Act, &act.StatementPublished{}, nil)
	voter := person(r, "voter", dialogue)
	if _, err := r.Submit(t.Context(), voter, ballotDraft(voter, dialogue, receipt.Act, act.Agree), nil); err != nil {
		t.Fatal(err)
	}
	if err := r.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	copied := backup(t, r)

	t.Run("whole", func(t *testing.T) {
		restored, done, err := restore(t, e.keys, copied, register.RestoreOptions{})
		if err != nil {
			t.Fatal(err)
		}
		again := restored.open(t)
		defer again.Close()
		if again.Fault() != nil || done.Acts != r.Position() || !bytes.Equal(publicState(t, again), publicState(t, r)) {
			t.Errorf("restored %+v, fault %v", done, again.Fault())
		}
		key, _ := act.ParseCode("KH", string(receipt.Code))
		if _, err := again.Holder(t.Context(), key, receipt.Secret); err != nil {
			t.Errorf("the holder's secret after the restore: %v", err)
		}
		same, err := again.Submit(t.Context(), who, viewDraft(who, dialogue, "before the backup"), &token)
		if err != nil || same.Act != receipt.Act {
			t.Errorf("the token after the restore gives %+v: %v", same, err)
		}
	})
	t.Run("cut off", func(t *testing.T) {
		if _, _, err := restore(t, e.keys, bytes.NewBuffer(copied.Bytes()[:copied.Len()*2/3]), register.RestoreOptions{}); !errors.Is(err, register.ErrBackup) {
			t.Errorf("half a backup: %v", err)
		}
	})

	// The log goes on: a view that stays, one that is published, one erased.
	var later []register.Receipt
	for i := range 3 {
		token, _ := register.NewToken(rand.Reader)
		receipt, err := r.Submit(t.Context(), who, viewDraft(who, dialogue, fmt.Sprint("after the backup ", i)), &token)
		if err != nil {
			t.Fatal(err)
		}
		later = append(later, receipt)
	}
	submit(t, r, civic.System, later[1].Act, &act.StatementPublished{}, nil)
	if _, err := r.Erase(t.Context(), civic.Actor{By: act.Participant, Holds: receipt.Act}, receipt.Act, act.ErasedByHolder); err != nil {
		t.Fatal(err)
	}
	if err := r.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}

	t.Run("older", func(t *testing.T) {
		if _, _, err := restore(t, e.keys, copied, register.RestoreOptions{}); !errors.Is(err, register.ErrOlder) {
			t.Errorf("a backup older than the published checkpoint: %v", err)
		}
	})
	t.Run("mirror", func(t *testing.T) {
		restored, done, err := restore(t, e.keys, copied, register.RestoreOptions{Mirror: published(r, true)})
		if err != nil {
			t.Fatal(err)
		}
		again := restored.open(t)
		defer again.Close()
		// Lost: the text and source of two views, the source of the published one.
		if done.FromMirror == 0 || done.Lost != 5 {
			t.Errorf("restored %+v", done)
		}
		if words, err := again.Text(t.Context(), civic.Actor{}, later[1].Act, "text"); err != nil || words != "after the backup 1" {
			t.Errorf("published words after the restore: %q, %v", words, err)
		}
		if foundIn(t, restored.store.Dir, "before the backup") {
			t.Error("what was erased after the backup is back")
		}
		again.View(func(s *civic.State) {
			b := s.Balance(civic.Filter{}, again.Now())
			if b.Registered != 4 || b.Sum() != 4 {
				t.Errorf("balance %+v", b)
			}
		})
		if err := again.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("new epoch", func(t *testing.T) {
		dir := t.TempDir()
		keys, err := register.LoadKeys(dir, "test.example/second", rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		keys.Seal, keys.People, keys.Accounts = e.keys.Seal, e.keys.People, e.keys.Accounts
		restored, _, err := restore(t, keys, copied, register.RestoreOptions{NewEpoch: true})
		if err != nil {
			t.Fatal(err)
		}
		again := restored.open(t)
		defer again.Close()
		again.View(func(s *civic.State) {
			if epoch := s.Epoch(); epoch == nil || epoch.Origin != "test.example/register" || epoch.Size == 0 {
				t.Errorf("the new epoch names %+v", epoch)
			}
		})
		if again.Fault() != nil {
			t.Error(again.Fault())
		}
	})
}
