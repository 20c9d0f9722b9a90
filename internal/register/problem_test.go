package register_test

import (
	"slices"
	"testing"

	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// TestRefusalKind: every refusal is the sender's to know of, and one of each
// sort is what it was when pages and the API first told it.
func TestRefusalKind(t *testing.T) {
	counted := map[problem.Kind]int{}
	for _, key := range civic.Refusals {
		kind := register.RefusalKind(key)
		if !slices.Contains([]problem.Kind{problem.Forbidden, problem.Invalid, problem.NotFound, problem.Conflict}, kind) {
			t.Errorf("%s is %v", key, kind)
		}
		counted[kind]++
	}
	if counted[problem.Forbidden] < 10 || counted[problem.Invalid] < 10 || counted[problem.NotFound] < 3 {
		t.Errorf("a listed refusal is no refusal: %v", counted)
	}
	for key, want := range map[string]problem.Kind{
		civic.RefusedOwnEntry: problem.Forbidden, civic.RefusedLong: problem.Invalid, civic.RefusedSection: problem.NotFound,
		civic.RefusedClosed: problem.Conflict, civic.RefusedErased: problem.Conflict,
	} {
		if got := register.RefusalKind(key); got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
}
