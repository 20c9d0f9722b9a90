package register_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/internal/store"
)

// TestContact keeps an address sealed, one for a view, bound to it.
func TestContact(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		r := e.open(t)
		defer r.Close()
		dialogue := begin(t, r)
		var views []act.ID
		for _, name := range []string{"one", "two"} {
			who := person(r, name, dialogue)
			receipt, err := r.Submit(t.Context(), who, viewDraft(who, dialogue, said), nil)
			if err != nil {
				t.Fatal(err)
			}
			views = append(views, receipt.Act)
		}
		holder := civic.Actor{By: act.Participant, Holds: views[0]}
		if _, err := r.ContactOf(t.Context(), views[0]); !errors.Is(err, register.ErrNotFound) {
			t.Errorf("before: %v", err)
		}
		for _, address := range []string{"first@mail.example", "second@mail.example"} {
			if err := r.LeaveContact(t.Context(), holder, address, "km"); err != nil {
				t.Fatal(err)
			}
		}
		got, err := r.ContactOf(t.Context(), views[0])
		if err != nil || got.Address != "second@mail.example" || got.Language != "km" || got.About != views[0] {
			t.Errorf("%+v: %v", got, err)
		}
		if again, err := r.Contact(t.Context(), got.ID); err != nil || again != got {
			t.Errorf("%+v: %v", again, err)
		}
		for _, piece := range []string{"first@mail", "second@mail", "mail.example"} {
			if e.holds(t, r, piece) || strings.Contains(unzipped(t, r), piece) {
				t.Errorf("%q stands in clear", piece)
			}
		}
		// Moved to another view it opens no more.
		err = r.Store().Update(t.Context(), func(records *store.Records) error {
			kept, _, err := records.Contact(store.ID(got.ID))
			kept.About = store.ID(views[1])
			return errors.Join(err, records.PutContact(kept))
		})
		if err != nil {
			t.Fatal(err)
		}
		if c, err := r.ContactOf(t.Context(), views[1]); err == nil {
			t.Errorf("opened for another view: %+v", c)
		}
		if err := r.DropContact(t.Context(), civic.Actor{Holds: views[1]}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.ContactOf(t.Context(), views[1]); !errors.Is(err, register.ErrNotFound) {
			t.Errorf("after: %v", err)
		}
		if err := r.LeaveContact(t.Context(), civic.Actor{Holds: act.ID{1}}, "a@mail.example", "km"); !errors.Is(err, register.ErrNotFound) {
			t.Errorf("for what there is not: %v", err)
		}
	})
}

// TestContactNeverOutlives: an address that is left while the words are erased,
// through another server too, is gone in the end.
func TestContactNeverOutlives(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		r := e.open(t)
		defer r.Close()
		other := e.open(t)
		defer other.Close()
		dialogue := begin(t, r)
		left := 0
		for i := range 20 {
			who := person(r, string(rune('a'+i)), dialogue)
			receipt, err := r.Submit(t.Context(), who, viewDraft(who, dialogue, said), nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := other.Wait(t.Context(), r.Position()); err != nil {
				t.Fatal(err)
			}
			holder := civic.Actor{By: act.Participant, Holds: receipt.Act}
			var both sync.WaitGroup
			both.Go(func() {
				err := other.LeaveContact(t.Context(), holder, "a@mail.example", "km")
				if err == nil {
					left++
				} else if !errors.Is(err, register.ErrErased) {
					t.Error(err)
				}
			})
			both.Go(func() {
				if _, err := r.Erase(t.Context(), holder, receipt.Act, act.ErasedByHolder); err != nil {
					t.Error(err)
				}
			})
			both.Wait()
			if c, err := r.ContactOf(t.Context(), receipt.Act); !errors.Is(err, register.ErrNotFound) {
				t.Fatalf("%+v outlives the words: %v", c, err)
			}
		}
		t.Logf("%d of 20 addresses were left before the erasure", left)
	})
}
