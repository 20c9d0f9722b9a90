package act

import (
	"bytes"
	"crypto/rand"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func mustID(t testing.TB) ID {
	t.Helper()
	id, err := NewID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestHeaderRoundTrip(t *testing.T) {
	at := time.Date(2026, 3, 12, 9, 41, 0, 0, time.UTC)
	voter, statement, org := mustID(t), mustID(t), mustID(t)
	drafts := []Draft{
		{By: Participant, Of: mustID(t), Facts: &BallotCast{}, Content: map[string]any{
			"ballot": &Ballot{Participant: voter, Votes: []StatementVote{{statement, Agree}}}}},
		{By: By{As: ByStaff, Organisation: org, Staff: mustID(t), Role: RoleFacilitator}, Of: mustID(t),
			Facts: &StatementRegistered{Channel: "assisted", Written: "km", Spoken: "tpu", ReadBack: "yes", Visibility: VisibilityOpen, Themes: []string{"water"}},
			Content: map[string]any{
				"text": &Text{"ទឹកស្អាត <b>& more"}, "source": &Source{},
			}},
		{By: By{As: ByOrganisation, Organisation: org}, Of: mustID(t),
			Facts:   &StatementRegistered{Channel: "organisation", Written: "en", Visibility: VisibilityUnattributed},
			Content: map[string]any{"text": &Text{"Roads"}, "source": &Source{}}},
		{By: System, Facts: &RulesAdopted{Version: 1}},
	}
	for _, draft := range drafts {
		a, err := New(draft, mustID(t), at, rand.Reader)
		if err != nil {
			t.Fatalf("%s: %v", draft.Facts.Kind(), err)
		}
		back, err := Decode(a.Leaf, a.Sections)
		if err != nil {
			t.Fatalf("decode %s: %v", a.Leaf, err)
		}
		again, err := back.Append(nil)
		if err != nil || !bytes.Equal(again, a.Leaf) {
			t.Errorf("encoding again gives\n%s, not\n%s (%v)", again, a.Leaf, err)
		}
		t.Logf("%d bytes: %s", len(a.Leaf), a.Leaf)
	}
}

func TestIDText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var id ID
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		back, err := ParseID(id.String())
		if err != nil || back != id {
			t.Fatalf("%s reads as %s: %v", id, back, err)
		}
	})
}

// TestCodeFindsSlips changes each character of codes, and exchanges
// neighbours: every such slip must be found by the check character alone.
func TestCodeFindsSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var id ID
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		code := []byte(id.Code("KH"))
		key, err := ParseCode("KH", string(code))
		if err != nil || key != id.CodeKey() {
			t.Fatalf("%s: %v", code, err)
		}
		for i := 3; i < len(code); i++ {
			if code[i] == '-' {
				continue
			}
			for _, other := range []byte("0123456789ABCDEFGHJKMNPQRSTVWXYZ") {
				if other == code[i] {
					continue
				}
				wrong := bytes.Clone(code)
				wrong[i] = other
				if _, err := ParseCode("KH", string(wrong)); err == nil {
					t.Fatalf("%s passes for %s", wrong, code)
				}
			}
		}
		for i := 3; i < len(code)-1; i++ {
			j := i + 1
			if code[j] == '-' {
				j++
			}
			if code[i] == '-' || code[i] == code[j] {
				continue
			}
			wrong := bytes.Clone(code)
			wrong[i], wrong[j] = wrong[j], wrong[i]
			if _, err := ParseCode("KH", string(wrong)); err == nil {
				t.Fatalf("%s passes for %s", wrong, code)
			}
		}
	})
}
