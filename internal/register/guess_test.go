package register_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"

	"samleng/act"
	"samleng/internal/register"
)

// TestOnlyWrongSecretsCount: wrong secrets are limited, code by code; a look-up
// that the database did not answer was no guess, and shuts nobody out.
func TestOnlyWrongSecretsCount(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		r := e.open(t)
		dialogue := begin(t, r)
		who := person(r, "somebody", dialogue)
		token, err := register.NewToken(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		receipt, err := r.Submit(t.Context(), who, viewDraft(who, dialogue, "a view"), &token)
		if err != nil {
			t.Fatal(err)
		}
		code, err := act.ParseCode("KH", string(receipt.Code))
		if err != nil {
			t.Fatal(err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for range 30 {
			if _, err := r.Holder(gone, code, receipt.Secret); !errors.Is(err, register.ErrUnavailable) {
				t.Fatalf("with nobody to answer: %v", err)
			}
		}
		if _, err := r.Holder(t.Context(), code, receipt.Secret); err != nil {
			t.Errorf("the right secret, after look-ups that failed: %v", err)
		}
		last := error(nil)
		for range 30 {
			_, last = r.Holder(t.Context(), code, "0000-0000-0000-0000")
		}
		if !errors.Is(last, register.ErrGuesses) {
			t.Errorf("after 30 wrong secrets: %v", last)
		}
	})
}
