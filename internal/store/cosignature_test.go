package store_test

import (
	"errors"
	"slices"
	"testing"

	"samleng/internal/store"
)

// TestCosignaturesAreThinned: a witness that signs all the time leaves the last
// signature of each day, and what the published checkpoint needs.
func TestCosignaturesAreThinned(t *testing.T) {
	const day = 86400
	onBoth(t, func(t *testing.T, s *store.Store, e engine) {
		save := func(key string, at, size, keep int64, want bool) {
			t.Helper()
			err := s.Update(ctx, func(r *store.Records) error {
				added, err := r.SaveCosignature(store.Cosignature{Key: key, At: at, Size: size, Signature: "c2ln"}, keep)
				if added != want {
					t.Errorf("%s at %d added: %v", key, at, added)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		times := func(all []store.Cosignature, err error) (at []int64) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range all {
				at = append(at, c.At)
			}
			return at
		}
		read := s.Records(ctx)
		// On one checkpoint the first and the newest stay.
		for _, at := range []int64{10, 20, 30} {
			save("a+1", at, 5, 0, true)
		}
		save("a+1", 30, 5, 0, false)
		save("b+2", 15, 5, 0, true)
		if got := times(read.CosignaturesOf(5)); !slices.Equal(got, []int64{10, 15, 30}) {
			t.Errorf("of the checkpoint: %v", got)
		}
		// Later ones of the day leave those on the published checkpoint.
		save("a+1", 40, 7, 5, true)
		if got := times(read.CosignaturesOf(5)); !slices.Equal(got, []int64{10, 15, 30}) {
			t.Errorf("of the published checkpoint: %v", got)
		}
		save("a+1", 50, 9, 9, true)
		if got := times(read.CosignaturesBetween(0, day)); !slices.Equal(got, []int64{15, 50}) {
			t.Errorf("of the day: %v", got)
		}
		// What is of another day stays, and so does what came later but is stored
		// earlier.
		save("a+1", day+1, 12, 12, true)
		save("a+1", 45, 8, 12, true)
		if got := times(read.CosignaturesBetween(0, 2*day)); !slices.Equal(got, []int64{15, 45, 50, day + 1}) {
			t.Errorf("of both days: %v", got)
		}
		save("b+2", 15, 6, 12, true)
		latest, err := read.LatestCosignatures()
		if err != nil || len(latest) != 2 || latest[0] != (store.Cosignature{Key: "a+1", At: day + 1, Size: 12, Signature: "c2ln"}) || latest[1].At != 15 || latest[1].Size != 6 {
			t.Errorf("%+v, %v", latest, err)
		}
		if days, err := read.CosignatureDays(); err != nil || !slices.Equal(days, []int64{0, 1}) {
			t.Errorf("days with cosignatures: %v, %v", days, err)
		}
		if none, err := read.CosignaturesOf(99); len(none) != 0 || errors.Is(err, store.ErrNotFound) {
			t.Errorf("of another checkpoint: %v, %v", none, err)
		}
	})
}
