package store_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"samleng/internal/store"
)

func TestCheckpoints(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		save := func(size int64, root tlog.Hash, note string) error {
			return s.Append(ctx, func(tx *store.Tx) error { return tx.SaveCheckpoint(size, root, []byte(note)) })
		}
		root := func(size int64) tlog.Hash {
			hash, err := s.Root(ctx, size)
			if err != nil {
				t.Fatal(err)
			}
			return hash
		}
		if _, found, err := s.LatestCheckpoint(ctx); found || err != nil {
			t.Fatal(found, err)
		}
		appendAll(t, s, batch("c", 0, 10))
		if err := save(10, root(10), "ten"); err != nil {
			t.Fatal(err)
		}
		appendAll(t, s, batch("c", 10, 15))
		if err := save(15, root(10), "x"); !errors.Is(err, store.ErrCheckpoint) {
			t.Errorf("a root that the tree does not give: %v, want ErrCheckpoint", err)
		}
		if err := save(15, root(15), "fifteen"); err != nil {
			t.Fatal(err)
		}
		for what, err := range map[string]error{
			"another root":  save(10, tlog.Hash{1}, "x"),
			"a wrong root":  save(12, root(10), "x"),
			"beyond":        save(16, root(15), "x"),
			"going back":    save(12, root(12), "x"),
			"negative size": save(-1, root(0), "x"),
		} {
			if !errors.Is(err, store.ErrCheckpoint) {
				t.Errorf("%s: %v, want ErrCheckpoint", what, err)
			}
		}
		if err := save(10, root(10), "ten, cosigned"); err != nil {
			t.Fatal(err)
		}
		all, err := s.Checkpoints(ctx, 0)
		if err != nil {
			t.Fatal(err)
		}
		same(t, all, []store.Checkpoint{{10, root(10), []byte("ten, cosigned")}, {15, root(15), []byte("fifteen")}})
		since, err := s.Checkpoints(ctx, 11)
		if err != nil {
			t.Fatal(err)
		}
		same(t, since, all[1:])
		latest, found, err := s.LatestCheckpoint(ctx)
		if err != nil || !found {
			t.Fatal(found, err)
		}
		same(t, latest, all[1])
		if _, found, err := s.CheckpointBySize(ctx, 12); found || err != nil {
			t.Error(found, err)
		}
	})
}

func TestRecords(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		mine, his := store.ID{1}, store.ID{2}
		err := s.Append(ctx, func(tx *store.Tx) error {
			first, err := tx.QueueNotice([]byte("act"), []byte("r"), 3, 3)
			second, err2 := tx.QueueNotice([]byte("act"), []byte("r"), 3, 9)
			if !first || second {
				t.Errorf("QueueNotice twice: %v, %v", first, second)
			}
			salt, err3 := tx.InitSetting("salt", []byte("one"))
			again, err4 := tx.InitSetting("salt", []byte("two"))
			same(t, [][]byte{salt, again}, [][]byte{[]byte("one"), []byte("one")})
			return errors.Join(err, err2, err3, err4, tx.Append(batch("r", 0, 1)),
				tx.PutSetting("cursor", nil), tx.PutSetting("cursor", []byte{7}),
				tx.PutDraft(store.Draft{ID: store.ID{8}, Owner: mine, Changed: 5, Bytes: []byte("a")}),
				tx.PutDraft(store.Draft{ID: store.ID{9}, Owner: mine, Changed: 6, Bytes: []byte("b")}),
				tx.PutContact(store.Contact{ID: store.ID{5}, About: store.ID{4}, Bytes: []byte("c")}),
				tx.DeleteDraft(his, store.ID{8}))
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.Update(ctx, func(r *store.Records) error {
			return r.PutDraft(store.Draft{ID: store.ID{8}, Owner: his, Bytes: []byte("stolen")})
		})
		if !errors.Is(err, store.ErrConflict) {
			t.Errorf("another's draft: %v, want ErrConflict", err)
		}
		change := func(before, after string) error {
			return s.Update(ctx, func(r *store.Records) error {
				return r.ChangeDraft(store.Draft{ID: store.ID{8}, Owner: mine, Changed: 5, Bytes: []byte(after)}, []byte(before))
			})
		}
		if err := change("a", "c"); err != nil {
			t.Errorf("change a draft: %v", err)
		}
		if err := change("a", "d"); !errors.Is(err, store.ErrConflict) {
			t.Errorf("change a draft that was changed meanwhile: %v, want ErrConflict", err)
		}
		if err := change("c", "a"); err != nil {
			t.Errorf("change it back: %v", err)
		}
		r := s.Records(ctx)
		drafts, err := r.Drafts(mine)
		if err != nil {
			t.Fatal(err)
		}
		same(t, drafts, []store.Draft{{store.ID{9}, mine, 6, []byte("b")}, {store.ID{8}, mine, 5, []byte("a")}})
		contacts, err := r.Contacts(store.ID{4})
		if err != nil {
			t.Fatal(err)
		}
		same(t, contacts, []store.Contact{{store.ID{5}, store.ID{4}, []byte("c")}})
		if cursor, found, err := r.Setting("cursor"); !found || err != nil || string(cursor) != "\x07" {
			t.Error(cursor, found, err)
		}
		if _, found, err := r.Setting("none"); found || err != nil {
			t.Error(found, err)
		}
		if err := r.PutSetting("x", nil); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("writing outside a transaction: %v", err)
		}
		if err := s.Update(ctx, func(r *store.Records) error {
			return errors.Join(r.DeleteDraft(mine, store.ID{8}), r.DeleteDraft(mine, store.ID{9}), r.DeleteContact(store.ID{5}))
		}); err != nil {
			t.Fatal(err)
		}
		if drafts, err := r.Drafts(mine); len(drafts) != 0 || err != nil {
			t.Error(drafts, err)
		}
	})
}

// copyOf restores everything that a snapshot of s gives into another store.
func copyOf(t *testing.T, s, other *store.Store, during func()) {
	t.Helper()
	err := s.Snapshot(ctx, func(snap *store.Snap) error {
		during()
		tokens := map[int64]*store.Token{}
		if err := snap.Tokens(0, snap.Size(), func(position int64, token store.Token) error { tokens[position] = &token; return nil }); err != nil {
			return err
		}
		return other.Append(ctx, func(tx *store.Tx) error {
			err := snap.Scan(0, snap.Size(), func(act store.Stored) error {
				return tx.Append([]store.Entry{{ID: act.ID, Header: act.Header, Sections: act.Sections, Token: tokens[act.Position]}})
			})
			if err != nil {
				return err
			}
			checkpoints, err := snap.Checkpoints(0)
			if err != nil {
				return err
			}
			for _, c := range checkpoints {
				if err := tx.SaveCheckpoint(c.Size, c.Root, c.Note); err != nil {
					return err
				}
			}
			for _, table := range store.PrivateTables() {
				if err := snap.Private(table.Name, func(values []any) error { return tx.PutPrivate(table.Name, values) }); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSnapshotRestores copies each engine's register into each other's while it
// goes on growing, and compares everything.
func TestSnapshotRestores(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		entries := batch("s", 0, 900)
		appendAll(t, s, entries)
		root, err := s.Root(ctx, 900)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Append(ctx, func(tx *store.Tx) error {
			_, err := tx.QueueNotice([]byte("act"), []byte("r"), 3, 3)
			return errors.Join(err, tx.SaveCheckpoint(900, root, []byte("note")), tx.PutSetting("salt", []byte("s")),
				tx.PutDraft(store.Draft{ID: store.ID{8}, Owner: store.ID{1}, Changed: 5, Bytes: []byte("a")}),
				tx.PutContact(store.Contact{ID: store.ID{5}, About: store.ID{4}, Bytes: []byte("c")}))
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range engines(t) {
			other := open(t, target.config)
			grown := 0
			copyOf(t, s, other, func() {
				at, err := s.Size(ctx)
				if err != nil {
					t.Error(err)
				}
				grown = int(at)
				appendAll(t, s, batch("later "+target.name, 0, 5))
				if err := s.Update(ctx, func(r *store.Records) error { return r.PutSetting("late", []byte("x")) }); err != nil {
					t.Error(err)
				}
			})
			same(t, scanned(t, other, 0, 900), want(entries))
			for _, n := range []int{0, 899} {
				token, found, err := other.TokenByKey(ctx, entries[n].Token.Key)
				if err != nil || !found || token.Act != entries[n].ID {
					t.Error(token, found, err)
				}
			}
			latest, _, err := other.LatestCheckpoint(ctx)
			if err != nil {
				t.Fatal(err)
			}
			same(t, latest, store.Checkpoint{900, root, []byte("note")})
			if _, found, err := other.Records(ctx).Setting("late"); found || err != nil {
				t.Errorf("the snapshot shows what was written after it (%v)", err)
			}
			if err := s.Update(ctx, func(r *store.Records) error { return r.DeleteSetting("late") }); err != nil {
				t.Fatal(err)
			}
			drafts, err := other.Records(ctx).Drafts(store.ID{1})
			if err != nil || len(drafts) != 1 {
				t.Error(drafts, err)
			}
			found, err := other.Check(ctx)
			if err != nil || found.Acts != int64(grown) {
				t.Errorf("Check() = %+v, %v, want %d acts", found, err, grown)
			}
		}
	})
}

func TestCheckFindsWhatIsMissing(t *testing.T) {
	for _, spoil := range []string{
		"DELETE FROM act WHERE position = 3",
		"DELETE FROM act WHERE position = 0",
		"DELETE FROM act WHERE position = 19",
		"DELETE FROM tree WHERE act = 6",
		"UPDATE tree SET hashes = substr(hashes, 1, 32) WHERE act = 7",
		"DELETE FROM act WHERE position > 7",
		"UPDATE checkpoint SET size = 9",
		"UPDATE checkpoint SET size = 99",
	} {
		t.Run(spoil, func(t *testing.T) {
			onBoth(t, func(t *testing.T, s *store.Store, e engine) {
				appendAll(t, s, batch("k", 0, 20))
				root, err := s.Root(ctx, 20)
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Append(ctx, func(tx *store.Tx) error { return tx.SaveCheckpoint(20, root, nil) }); err != nil {
					t.Fatal(err)
				}
				found, err := s.Check(ctx)
				if err != nil {
					t.Fatal(err)
				}
				same(t, found, store.Integrity{Acts: 20, Sections: 20, Tokens: 20, Hashes: tlog.StoredHashCount(20), Checkpoints: 1, Root: root})
				if err := s.Spoil(spoil); err != nil {
					t.Fatal(err)
				}
				if found, err := s.Check(ctx); !errors.Is(err, store.ErrDamaged) {
					t.Errorf("Check() = %+v, %v, want ErrDamaged", found, err)
				}
			})
		})
	}
}

// TestTablesAreTheSame holds the two folders of migrations, and the list of
// private tables, against the tables that come out.
func TestTablesAreTheSame(t *testing.T) {
	var listed []string
	for _, columns := range []string{
		"act.position act.id act.header", "section.place section.name section.salt section.bytes", "tree.act tree.hashes",
		"checkpoint.size checkpoint.root checkpoint.note", "token.act token.key token.fingerprint token.secret", "head.one",
		"session.hash session.staff session.means session.made session.seen",
	} {
		listed = append(listed, strings.Fields(columns)...)
	}
	for _, table := range store.PrivateTables() {
		for _, column := range table.Columns {
			listed = append(listed, table.Name+"."+column)
		}
	}
	slices.Sort(listed)
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		columns, err := s.TablesOf(ctx)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(columns)
		same(t, columns, listed)
	})
	lite, err := os.ReadDir("migrations/sqlite")
	if err != nil {
		t.Fatal(err)
	}
	pg, err := os.ReadDir("migrations/postgres")
	if err != nil {
		t.Fatal(err)
	}
	names := func(files []os.DirEntry) (names []string) {
		for _, file := range files {
			names = append(names, file.Name())
		}
		return names
	}
	same(t, names(lite), names(pg))
}

// TestAccounts keeps accounts and sessions on both engines.
func TestAccounts(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		update := func(fn func(*store.Records) error) error { return s.Update(ctx, fn) }
		a := store.Account{Staff: store.ID{1}, Organisation: store.ID{9}, Name: []byte("name"), Bytes: []byte("sealed")}
		if err := update(func(r *store.Records) error { return r.AddAccount(a) }); err != nil {
			t.Fatal(err)
		}
		if err := update(func(r *store.Records) error { return r.AddAccount(a) }); !errors.Is(err, store.ErrConflict) {
			t.Errorf("the same staff twice: %v", err)
		}
		read, found, err := s.Records(ctx).AccountNamed([]byte("name"))
		if err != nil || !found || read.Version != 1 || string(read.Bytes) != "sealed" {
			t.Fatalf("%+v %t %v", read, found, err)
		}
		if _, found, _ := s.Records(ctx).AccountInvited(nil); found {
			t.Error("no invitation finds an account")
		}
		read.Invitation = []byte("invited")
		if err := update(func(r *store.Records) error { return r.PutAccount(read) }); err != nil {
			t.Fatal(err)
		}
		if err := update(func(r *store.Records) error { return r.PutAccount(read) }); !errors.Is(err, store.ErrConflict) {
			t.Errorf("changed at an old version: %v", err)
		}
		if read, found, err = s.Records(ctx).AccountInvited([]byte("invited")); !found || err != nil || read.Version != 2 {
			t.Errorf("%+v %t %v", read, found, err)
		}
		all, err := s.Records(ctx).Accounts(store.ID{9})
		if err != nil || len(all) != 1 {
			t.Errorf("%+v %v", all, err)
		}
		err = update(func(r *store.Records) error {
			for i := range byte(3) {
				if err := r.AddSession(store.Session{Hash: []byte{i}, Staff: store.ID{1}, Means: "passkey", Made: 100 * int64(i), Seen: 1}); err != nil {
					return err
				}
			}
			return errors.Join(r.SeeSession([]byte{2}, 250), r.DeleteSession([]byte{1}), r.DeleteSessionsBefore(50))
		})
		if err != nil {
			t.Fatal(err)
		}
		session, found, err := s.Records(ctx).Session([]byte{2})
		if err != nil || !found || session.Seen != 250 || session.Staff != (store.ID{1}) {
			t.Errorf("%+v %t %v", session, found, err)
		}
		for i := range byte(2) {
			if _, found, _ := s.Records(ctx).Session([]byte{i}); found {
				t.Errorf("session %d is still there", i)
			}
		}
		if err := update(func(r *store.Records) error { return r.DeleteSessions(store.ID{1}) }); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := s.Records(ctx).Session([]byte{2}); found {
			t.Error("signed out everywhere, and still in")
		}
	})
}
