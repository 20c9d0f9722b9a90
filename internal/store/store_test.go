package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/mod/sumdb/tlog"

	"samleng/internal/store"
)

var ctx = context.Background()

// want is what the log should give back for the acts of a series.
func want(entries []store.Entry) []store.Stored {
	all := make([]store.Stored, len(entries))
	for i, e := range entries {
		all[i] = store.Stored{Position: int64(i), ID: e.ID, Header: e.Header, Sections: e.Sections}
	}
	return all
}

func scanned(t testing.TB, s *store.Store, from, to int64) []store.Stored {
	t.Helper()
	var all []store.Stored
	if err := s.Scan(ctx, from, to, func(act store.Stored) error { all = append(all, act); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

func same(t testing.TB, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}

// memory is a tree kept by tlog alone, to hold the store's against.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = m[index]
	}
	return hashes, nil
}

func reference(t testing.TB, entries []store.Entry) memory {
	t.Helper()
	var m memory
	for n, e := range entries {
		hashes, err := tlog.StoredHashes(int64(n), e.Header, m)
		if err != nil {
			t.Fatal(err)
		}
		m = append(m, hashes...)
	}
	return m
}

func TestAppendAndRead(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		entries := batch("read", 0, 1300)
		for from, step := 0, 1; from < len(entries); from, step = from+step, step*2+1 {
			appendAll(t, s, entries[from:min(from+step, len(entries))])
		}
		if size, err := s.Size(ctx); err != nil || size != int64(len(entries)) {
			t.Fatalf("Size() = %d, %v", size, err)
		}
		expected := want(entries)
		same(t, scanned(t, s, 0, 1<<40), expected)
		same(t, scanned(t, s, 511, 1025), expected[511:1025])
		same(t, scanned(t, s, 2000, 3000), []store.Stored(nil))
		var wg sync.WaitGroup
		for part := range int64(4) { // disjoint ranges at once
			wg.Go(func() {
				same(t, scanned(t, s, part*325, (part+1)*325), expected[part*325:(part+1)*325])
			})
		}
		wg.Wait()
		for _, n := range []int{0, 1, 35, 1299} {
			act, err := s.Act(ctx, int64(n))
			if err != nil {
				t.Fatal(err)
			}
			same(t, act, expected[n])
			act, err = s.ActByID(ctx, entries[n].ID)
			if err != nil {
				t.Fatal(err)
			}
			same(t, act, expected[n])
			token, found, err := s.TokenByKey(ctx, entries[n].Token.Key)
			if err != nil || !found {
				t.Fatal(found, err)
			}
			whole := *entries[n].Token
			whole.Act = entries[n].ID
			same(t, token, whole)
			secret, err := s.HolderSecret(ctx, entries[n].ID)
			if err != nil {
				t.Fatal(err)
			}
			same(t, secret, whole.Secret)
		}
		section, err := s.Section(ctx, entries[5].ID, "text")
		if err != nil {
			t.Fatal(err)
		}
		same(t, section, entries[5].Sections[1])
		for what, err := range map[string]error{
			"act":     third(s.Act(ctx, 1300)),
			"id":      third(s.ActByID(ctx, store.ID{1})),
			"section": third(s.Section(ctx, entries[1].ID, "text")),
			"secret":  third(s.HolderSecret(ctx, store.ID{1})),
		} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %v, want ErrNotFound", what, err)
			}
		}
	})
}

func third[T any](_ T, err error) error { return err }

func TestTreeIsThatOfTlog(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		entries := batch("tree", 0, 700)
		tree := reference(t, entries)
		for from, step := 0, 1; from < len(entries); from, step = from+step, step+13 {
			appendAll(t, s, entries[from:min(from+step, len(entries))])
		}
		all := make([]int64, tlog.StoredHashCount(700))
		for i := range all {
			all[len(all)-1-i] = int64(i) // any order will do
		}
		got, err := s.ReadHashes(all)
		if err != nil {
			t.Fatal(err)
		}
		expected, _ := tree.ReadHashes(all)
		same(t, got, expected)
		for _, size := range []int64{1, 2, 3, 255, 256, 257, 700} {
			root, err := tlog.TreeHash(size, s)
			if err != nil {
				t.Fatal(err)
			}
			proof, err := tlog.ProveRecord(size, size/2, s)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckRecord(proof, size, root, size/2, tlog.RecordHash(entries[size/2].Header)); err != nil {
				t.Error(size, err)
			}
		}
		if _, err := s.ReadHashes([]int64{tlog.StoredHashCount(700)}); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("hash beyond the tree: %v", err)
		}
	})
}

// TestTwoStoresEndGapless lets two stores on one database append at once, each
// from several goroutines, and reads what the other wrote under the lock.
func TestTwoStoresEndGapless(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		other := open(t, e.config)
		const writers, rounds = 3, 25
		var wg sync.WaitGroup
		for which, s := range []*store.Store{s, other} {
			for w := range writers {
				wg.Go(func() {
					series := string(rune('a'+which)) + string(rune('a'+w))
					for n := range rounds {
						err := s.Append(ctx, func(tx *store.Tx) error {
							before := tx.Size()
							if err := tx.Append(batch(series, 3*n, 3*n+3)); err != nil {
								return err
							}
							seen := before
							for act, err := range tx.Acts(before) {
								if err != nil {
									return err
								}
								if act.Position != seen {
									return errors.New("the transaction sees a gap")
								}
								seen++
							}
							if seen != before+3 || tx.Size() != seen {
								return errors.New("the transaction does not see its own acts")
							}
							return nil
						})
						if err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
		}
		wg.Wait()
		acts := scanned(t, s, 0, 1<<40)
		if len(acts) != 2*writers*rounds*3 {
			t.Fatalf("%d acts in the log, want %d", len(acts), 2*writers*rounds*3)
		}
		entries := make([]store.Entry, len(acts))
		for i, act := range acts {
			entries[i].Header = act.Header
		}
		expected, err := tlog.TreeHash(int64(len(acts)), reference(t, entries))
		if err != nil {
			t.Fatal(err)
		}
		if root, err := other.Root(ctx, int64(len(acts))); err != nil || root != expected {
			t.Errorf("Root = %v, %v, want %v", root, err, expected)
		}
	})
}
