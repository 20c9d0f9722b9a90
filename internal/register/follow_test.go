package register_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"samleng/act"
)

func TestFollow(t *testing.T) {
	r := sqlite(t).open(t)
	defer r.Close()
	dialogue := begin(t, r)
	before := r.Position()
	go func() {
		for i := range 5 {
			who := person(r, fmt.Sprint(i), dialogue)
			if _, err := r.Submit(context.Background(), who, viewDraft(who, dialogue, "a view"), nil); err != nil {
				t.Error(err)
			}
		}
	}()
	enough := errors.New("enough")
	var next int64
	err := r.Follow(t.Context(), 0, func(position int64, a *act.Act) error {
		if position != next {
			t.Errorf("position %d, not %d", position, next)
		}
		next++
		if next == before+5 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Errorf("following ended with %v", err)
	}
}
