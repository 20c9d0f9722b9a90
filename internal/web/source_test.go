package web_test

import (
	"fmt"
	"strings"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
)

// TestTakenOver: the page of a dialogue that was taken over says from where and
// on which terms, and that its figures are exact; one that was held here says
// neither.
func TestTakenOver(t *testing.T) {
	s := filled(t)
	importing := civic.Actor{By: act.System, Import: true}
	content := called("Elsewhere", "កន្លែងផ្សេង")
	content["origin"] = &act.Origin{ID: "https://example.org/conversation", Fields: map[string]string{act.OriginAttribution: "Gathered by <others>, CC BY 4.0"}}
	dialogue := s.do(importing, act.ID{}, &act.DialogueAnnounced{Slug: "elsewhere", Level: "imported", Door: "open", Limit: 1000, Changes: 60,
		Opens: "2026-03-09", Closes: "2026-04-30", Public: true, Host: s.IDs["cso"]}, content).Act
	s.do(importing, dialogue, &act.DialogueOpened{}, nil)
	// In the other language: a page that is there may be shown for a second.
	page := s.get("/d/elsewhere?lang=km").Body.String()
	for _, want := range []string{locale.Get("km").T("web.dialogue.source"), `href="https://example.org/conversation"`, "Gathered by &lt;others&gt;, CC BY 4.0",
		locale.Get("km").T("web.released.none_exact")} {
		if !strings.Contains(page, want) {
			t.Errorf("before a release the page lacks %q", want)
		}
	}
	view := s.do(importing, dialogue, &act.StatementRegistered{Channel: "import", Written: "en", Visibility: "open"},
		map[string]any{"text": &act.Text{Text: "Said elsewhere"}, "source": &act.Source{}}).Act
	s.do(importing, view, &act.StatementPublished{}, nil)
	for i := range 13 {
		who := s.Register.Participant(fmt.Sprint("elsewhere ", i), dialogue)
		s.do(civic.Actor{By: act.Participant, Participant: who}, dialogue, &act.BallotCast{}, map[string]any{
			"ballot": &act.Ballot{Participant: who, Votes: []act.StatementVote{{Statement: view, Vote: act.Agree}}}})
	}
	if err := s.Register.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	for path, exact := range map[string]bool{"/d/elsewhere": true, "/d/elsewhere/statements": true, "/d/ratanakkiri": false, "/d/ratanakkiri/statements": false} {
		page := s.get(path + "?lang=en").Body.String()
		if strings.Contains(page, "Counts are exact. 13 people took part.") != exact || strings.Contains(page, "Counts are rounded") == exact {
			t.Errorf("%s: exact is %v, and the page says otherwise", path, exact)
		}
		if path == "/d/ratanakkiri" && strings.Contains(page, "Taken over from") {
			t.Error("a dialogue that was held here was taken over from somewhere")
		}
	}
}
