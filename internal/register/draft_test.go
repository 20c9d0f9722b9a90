package register_test

import (
	"bytes"
	"errors"
	"testing"

	"samleng/act"
	"samleng/internal/register"
	"samleng/internal/store"
)

// TestDraftsBelongToTheOrganisation: colleagues see them, others do not, and of
// two who change one the second is told.
func TestDraftsBelongToTheOrganisation(t *testing.T) {
	r := sqlite(t).open(t)
	ctx, ours, theirs := t.Context(), act.ID{1}, act.ID{2}
	first, err := r.SaveDraft(ctx, register.Draft{ID: act.ID{9}, Owner: ours, Author: act.ID{7}, Content: []byte(`{"a":1}`)})
	if err != nil || first.Version != 1 {
		t.Fatal(first, err)
	}
	if _, err := r.Draft(ctx, theirs, act.ID{9}); !errors.Is(err, register.ErrNotFound) {
		t.Errorf("another organisation reads it: %v", err)
	}
	read, err := r.Draft(ctx, ours, act.ID{9})
	if err != nil || read.Author != (act.ID{7}) || string(read.Content) != `{"a":1}` {
		t.Fatal(read, err)
	}
	kept, err := r.Store().Records(ctx).Drafts(store.ID(ours))
	if err != nil || len(kept) != 1 || bytes.Contains(kept[0].Bytes, []byte(`"a"`)) {
		t.Errorf("a draft lies in the database for everybody to read: %s %v", kept[0].Bytes, err)
	}
	second := read
	second.Content = []byte(`{"a":2}`)
	if second, err = r.SaveDraft(ctx, second); err != nil || second.Version != 2 {
		t.Fatal(second, err)
	}
	if _, err := r.SaveDraft(ctx, read); !errors.Is(err, register.ErrDraftChanged) {
		t.Errorf("the older version is stored over the newer: %v", err)
	}
	read.Version = 0
	if _, err := r.SaveDraft(ctx, read); !errors.Is(err, register.ErrDraftChanged) {
		t.Errorf("a new draft is stored over one that there is: %v", err)
	}
	big := second
	big.Content = append([]byte(`"`), make([]byte, register.MostDraft)...)
	if _, err := r.SaveDraft(ctx, big); !errors.Is(err, act.ErrContent) {
		t.Errorf("too large: %v", err)
	}
	if err := r.DropDraft(ctx, theirs, act.ID{9}); err != nil {
		t.Fatal(err)
	}
	if all, err := r.Drafts(ctx, ours); err != nil || len(all) != 1 {
		t.Fatal("another organisation removed it", all, err)
	}
	if err := r.DropDraft(ctx, ours, act.ID{9}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.SaveDraft(ctx, second); !errors.Is(err, register.ErrDraftChanged) {
		t.Errorf("one that is gone is changed: %v", err)
	}
}
