package civic_test

import (
	"errors"
	"testing"

	"samleng/act"
	"samleng/civic"
)

// staffed gives a role to somebody new.
func (w *world) staffed(org act.ID, role act.Role) civic.Actor {
	id := act.ID{byte(len(w.acts)), 7, byte(len(w.acts) >> 8), 1}
	w.must(civic.System, org, &act.RoleGranted{Staff: id, Role: role, From: "2026-01-01"}, nil)
	return civic.Actor{By: act.By{As: act.ByStaff, Organisation: org, Staff: id, Role: role}}
}

func refusedWith(err error) string {
	var refusal *civic.Refusal
	if errors.As(err, &refusal) {
		return refusal.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// TestWhoJudges: erasing another's words, deciding an appeal and translating
// are held to what publishing is.
func TestWhoJudges(t *testing.T) {
	w, ids := newWorld(t)
	filer := w.staffed(ids["other"], act.RoleFacilitator)
	text := func(words string) map[string]any {
		return map[string]any{"text": &act.Text{Text: words}, "source": &act.Source{}}
	}
	because := map[string]any{"explanation": &act.Explanation{Text: "because"}}
	view := w.must(filer, ids["dialogue"], &act.StatementRegistered{Channel: "organisation", Written: "en", Visibility: "open"}, text("words"))
	host, ministry, colleague := w.staffed(ids["cso"], act.RoleModerator), w.staffed(ids["ministry"], act.RoleModerator), w.staffed(ids["other"], act.RoleModerator)
	chief := w.staffed(ids["ministry"], act.RoleAdministrator)
	erase := &act.SectionErased{Section: "text", Reason: act.ErasedByLaw}
	w.must(host, view, &act.StatementWithheld{Reason: "insult"}, because)
	w.must(civic.Actor{By: act.Participant, Holds: view}, view, &act.AppealLodged{}, map[string]any{"grounds": &act.Explanation{Text: "no"}})
	for _, c := range []struct {
		name    string
		who     civic.Actor
		facts   act.Facts
		content map[string]any
		want    string
	}{
		{"an authority erases", chief, erase, nil, civic.RefusedAuthority},
		{"the organisation that filed it erases", colleague, erase, nil, civic.RefusedInterest},
		{"who entered it erases by law", filer, erase, nil, civic.RefusedOwnEntry},
		{"the organisation that filed it decides its appeal", colleague, &act.AppealDecided{Outcome: "overturned"}, because, civic.RefusedInterest},
		{"who withheld it decides the appeal", host, &act.AppealDecided{Outcome: "upheld"}, because, civic.RefusedSameOffice},
		{"an authority decides the appeal", ministry, &act.AppealDecided{Outcome: "upheld"}, because, civic.RefusedAuthority},
	} {
		if _, err := w.try(c.who, view, c.facts, c.content); refusedWith(err) != c.want {
			t.Errorf("%s: %q, not %q", c.name, refusedWith(err), c.want)
		}
	}
	other := w.must(w.staffed(ids["cso"], act.RoleFacilitator), ids["dialogue"], &act.StatementRegistered{Channel: "assisted", Spoken: "tpu", ReadBack: "yes", Written: "km", Visibility: "open"}, text("សូមជួយ"))
	if _, err := w.try(colleague, other, erase, nil); err != nil {
		t.Errorf("another organisation's moderator cannot erase by law: %v", err)
	}
}

// TestTranslationsFollowTheWords: a translation of words that were taken back
// is not public any more, nor when a copy with gaps is.
func TestTranslationsFollowTheWords(t *testing.T) {
	w, ids := newWorld(t)
	moderator, ministry := w.staffed(ids["cso"], act.RoleModerator), w.staffed(ids["ministry"], act.RoleFacilitator)
	view := w.must(civic.Actor{By: act.Participant, Participant: act.Pseudonym{1}}, ids["dialogue"], &act.StatementRegistered{Channel: "web", Written: "km", Visibility: "open"},
		map[string]any{"text": &act.Text{Text: "ឈ្មោះ និងពាក្យ"}, "source": &act.Source{}})
	w.must(moderator, view, &act.StatementPublished{}, nil)
	words := map[string]any{"text": &act.Text{Text: "the name and the words"}}
	if _, err := w.try(ministry, view, &act.StatementTranslated{Language: "en", Means: "human"}, words); refusedWith(err) != civic.RefusedAuthority {
		t.Errorf("an authority translates: %v", err)
	}
	translation := w.must(moderator, view, &act.StatementTranslated{Language: "en", Means: "human"}, words)
	ref := civic.SectionRef{Act: translation, Name: "text"}
	if !w.state.MayRead(civic.Actor{}, ref) {
		t.Fatal("a translation of public words is not public")
	}
	w.must(moderator, view, &act.StatementRedacted{Gaps: []string{"personal_data"}}, map[string]any{"text": &act.Redaction{Parts: []act.RedactionPart{{Gap: "personal_data"}, {Text: " និងពាក្យ"}}}})
	if w.state.MayRead(civic.Actor{}, ref) {
		t.Error("what a redaction left out stays public in its translation")
	}
}
