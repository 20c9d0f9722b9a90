package api

import (
	"testing"

	"samleng/civic"
	"samleng/internal/problem"
)

// TestRefusalsHere: what the API says of a refusal where it differs from what a
// page says, and the member that each is about.
func TestRefusalsHere(t *testing.T) {
	for key, want := range map[string]struct {
		kind  problem.Kind
		field string
	}{
		civic.RefusedStatement:   {problem.Invalid, "votes"},
		civic.RefusedParticipant: {problem.Invalid, "participant"},
		civic.RefusedErased:      {problem.Gone, ""},
		civic.RefusedTime:        {problem.Unavailable, ""},
		civic.RefusedLong:        {problem.Invalid, "text"},
		civic.RefusedNoTrustees:  {problem.Invalid, "visibility"},
		civic.RefusedOwnEntry:    {problem.Forbidden, ""},
		civic.RefusedDialogue:    {problem.NotFound, ""},
		civic.RefusedClosed:      {problem.Conflict, ""},
	} {
		if got := problemOf(&civic.Refusal{Key: key}); got.Kind != want.kind || got.Field != want.field {
			t.Errorf("%s is %v about %q, want %v about %q", key, got.Kind, got.Field, want.kind, want.field)
		}
	}
}
