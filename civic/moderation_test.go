package civic_test

import (
	"strings"
	"testing"

	"samleng/act"
	"samleng/civic"
)

func explanation(words string) map[string]any {
	return map[string]any{"explanation": &act.Explanation{Text: words}}
}

func grounds(words string) map[string]any {
	return map[string]any{"grounds": &act.Explanation{Text: words}}
}

func text(words string) map[string]any { return map[string]any{"text": &act.Text{Text: words}} }

func gap() map[string]any {
	return map[string]any{"text": &act.Redaction{Parts: []act.RedactionPart{{Text: "The chief of "}, {Gap: "personal_data"}}}}
}

// refuses fails the test unless the act is refused with the key.
func (w *world) refuses(key string, who civic.Actor, of act.ID, facts act.Facts, content map[string]any) {
	w.t.Helper()
	if _, err := w.try(who, of, facts, content); refusal(err) != key {
		w.t.Errorf("%s: %v, not %s", facts.Kind(), err, key)
	}
}

func (w *world) readable(who civic.Actor, of act.ID, name string) bool {
	return w.state.MayRead(who, civic.SectionRef{Act: of, Name: name})
}

// TestRedactionOutlivesAppeal: what a second look restores is what was public
// before, gaps included, not the words that the gaps left out.
func TestRedactionOutlivesAppeal(t *testing.T) {
	w, ids := newWorld(t)
	moderator, other := w.staff(ids["cso"], act.RoleModerator), w.staff(ids["other"], act.RoleModerator)
	for name, restore := range map[string]func(view act.ID){
		"appeal": func(view act.ID) {
			w.must(civic.Actor{By: act.Participant, Holds: view}, view, &act.AppealLodged{}, grounds("It is no insult."))
			w.must(other, view, &act.AppealDecided{Outcome: act.AppealOverturned}, explanation("Right."))
		},
		"change of mind": func(view act.ID) { w.must(moderator, view, &act.StatementPublished{}, nil) },
	} {
		view := w.view(participant(), ids["dialogue"], "The chief of the village is …")
		redacted := w.must(moderator, view, &act.StatementRedacted{Gaps: []string{"personal_data"}}, gap())
		w.must(moderator, view, &act.StatementWithheld{Reason: "insult"}, explanation("no"))
		restore(view)
		v := w.state.Statement(view)
		if v.Moderation != civic.Redacted || v.Text != redacted || w.readable(civic.Actor{}, view, "text") || !w.readable(civic.Actor{}, redacted, "text") {
			t.Errorf("%s: after it the view is %s with the text of %s", name, v.Moderation, v.Text)
		}
	}
}

// TestTranslationFollowsItsWords: a translation of words that are public no
// longer is not public either.
func TestTranslationFollowsItsWords(t *testing.T) {
	w, ids := newWorld(t)
	moderator := w.staff(ids["cso"], act.RoleModerator)
	view := w.view(participant(), ids["dialogue"], "The chief of the village is …")
	w.must(moderator, view, &act.StatementPublished{}, nil)
	translation := w.must(moderator, view, &act.StatementTranslated{Language: "en", Means: "human"}, text("The chief, Mr …"))
	if !w.readable(civic.Actor{}, translation, "text") {
		t.Fatal("a translation is not public")
	}
	w.must(moderator, view, &act.StatementRedacted{Gaps: []string{"personal_data"}}, gap())
	if w.readable(civic.Actor{}, translation, "text") {
		t.Error("the translation still says what the redaction leaves out")
	}
	w.refuses(civic.RefusedAuthority, w.staff(ids["ministry"], act.RoleFacilitator), view, &act.StatementTranslated{Language: "en", Means: "human"}, text("All is well."))
}

// TestOverruledStaysOverruled: who lost an appeal does not withhold or redact
// the view again; another organisation may, and that can be appealed anew.
func TestOverruledStaysOverruled(t *testing.T) {
	w, ids := newWorld(t)
	moderator, other := w.staff(ids["cso"], act.RoleModerator), w.staff(ids["other"], act.RoleModerator)
	view := w.view(participant(), ids["dialogue"], "one")
	holder := civic.Actor{By: act.Participant, Holds: view}
	w.must(moderator, view, &act.StatementWithheld{Reason: "insult"}, explanation("no"))
	w.must(holder, view, &act.AppealLodged{}, grounds("It is none."))
	w.refuses(civic.RefusedForbidden, civic.System, view, &act.AppealDecided{Outcome: act.AppealUpheld}, explanation("by rule"))
	w.must(other, view, &act.AppealDecided{Outcome: act.AppealOverturned}, explanation("Right."))
	w.refuses(civic.RefusedOverruled, moderator, view, &act.StatementWithheld{Reason: "danger"}, explanation("again"))
	w.refuses(civic.RefusedOverruled, moderator, view, &act.StatementRedacted{Gaps: []string{"insult"}}, map[string]any{
		"text": &act.Redaction{Parts: []act.RedactionPart{{Gap: "insult"}}}})
	w.must(other, view, &act.StatementWithheld{Reason: "danger"}, explanation("It puts somebody in danger."))
	w.must(holder, view, &act.AppealLodged{}, grounds("It does not."))
	w.refuses(civic.RefusedSameOffice, other, view, &act.AppealDecided{Outcome: act.AppealUpheld}, explanation("no"))
	w.must(moderator, view, &act.AppealDecided{Outcome: act.AppealUpheld}, explanation("It does."))
	w.refuses(civic.RefusedAppealed, holder, view, &act.AppealLodged{}, grounds("Once more."))
}

// TestNobodyDecidesOnTheirOwnAppeal: an organisation that filed a view does not
// take the second look at it.
func TestNobodyDecidesOnTheirOwnAppeal(t *testing.T) {
	w, ids := newWorld(t)
	moderator, filer, colleague := w.staff(ids["cso"], act.RoleModerator), w.staff(ids["other"], act.RoleMonitor), w.staff(ids["other"], act.RoleModerator)
	for _, visibility := range []string{"open", "unattributed"} {
		view := w.file(filer, ids["dialogue"], visibility)
		w.must(moderator, view, &act.StatementWithheld{Reason: "advertising"}, explanation("no"))
		by := filer
		if visibility == "unattributed" {
			by = civic.Actor{By: act.By{As: act.ByOrganisation, Organisation: ids["other"]}, Staff: filer.By.Staff}
		}
		w.must(by, view, &act.AppealLodged{}, grounds("It is none."))
		w.refuses(civic.RefusedInterest, colleague, view, &act.AppealDecided{Outcome: act.AppealOverturned}, explanation("Right."))
	}
}

// file registers a view for the organisation of a staff member.
func (w *world) file(who civic.Actor, dialogue act.ID, visibility string) act.ID {
	w.t.Helper()
	staff, organisation := who.By.Staff, who.By.Organisation
	source := &act.Source{Staff: &staff, Organisation: &organisation}
	if visibility != "open" {
		who = civic.Actor{By: act.By{As: act.ByOrganisation, Organisation: who.By.Organisation}, Staff: who.By.Staff}
	}
	return w.must(who, dialogue, &act.StatementRegistered{Channel: "organisation", Written: "en", Visibility: visibility},
		map[string]any{"text": &act.Text{Text: "Roads"}, "source": source})
}

// TestOrganisationHoldsWhatItFiled: whoever filed it may have left; somebody
// else of the organisation appeals, corrects and withdraws. Nobody of another
// organisation does.
func TestOrganisationHoldsWhatItFiled(t *testing.T) {
	w, ids := newWorld(t)
	moderator, filer := w.staff(ids["cso"], act.RoleModerator), w.staff(ids["other"], act.RoleMonitor)
	successor, stranger := w.staff(ids["other"], act.RoleMonitor), w.staff(ids["cso"], act.RoleMonitor)
	views := map[string]act.ID{"open": w.file(filer, ids["dialogue"], "open"), "unattributed": w.file(filer, ids["dialogue"], "unattributed")}
	w.must(civic.System, ids["other"], &act.RoleEnded{Staff: filer.By.Staff, Role: act.RoleMonitor}, nil)
	for visibility, view := range views {
		as := func(who civic.Actor) civic.Actor {
			if visibility == "open" {
				return who
			}
			return civic.Actor{By: act.By{As: act.ByOrganisation, Organisation: who.By.Organisation}, Staff: who.By.Staff}
		}
		w.must(moderator, view, &act.StatementWithheld{Reason: "advertising"}, explanation("no"))
		w.refuses(civic.RefusedRole, as(filer), view, &act.AppealLodged{}, grounds("It is none."))
		w.refuses(civic.RefusedHolder, as(stranger), view, &act.AppealLodged{}, grounds("It is none."))
		w.refuses(civic.RefusedHolder, as(stranger), view, &act.StatementCorrected{}, text("Roads!"))
		w.refuses(civic.RefusedHolder, as(stranger), view, &act.SectionErased{Section: "text", Reason: act.ErasedByHolder}, nil)
		w.must(as(successor), view, &act.AppealLodged{}, grounds("It is none."))
		w.must(as(successor), view, &act.StatementCorrected{}, text("Roads!"))
		w.must(as(successor), view, &act.SectionErased{Section: "text", Reason: act.ErasedByHolder}, nil)
	}
}

// TestSafeguarding: a view that tells of abuse is closed to those who moderate,
// to every public authority and to a second withholding. Who said it may still
// ask for a second look, which an administrator of another organisation takes.
func TestSafeguarding(t *testing.T) {
	w, ids := newWorld(t)
	moderator := w.staff(ids["cso"], act.RoleModerator)
	admin, otherAdmin := w.staff(ids["cso"], act.RoleAdministrator), w.staff(ids["other"], act.RoleAdministrator)
	other, official := w.staff(ids["other"], act.RoleModerator), w.staff(ids["ministry"], act.RoleAdministrator)
	view := w.view(participant(), ids["dialogue"], "My uncle …")
	holder := civic.Actor{By: act.Participant, Holds: view}
	w.must(moderator, view, &act.StatementWithheld{Reason: act.ReasonSafeguarding}, explanation("moved"))
	w.refuses(civic.RefusedSafeguarding, civic.System, view, &act.StatementPublished{}, nil)
	w.refuses(civic.RefusedSafeguarding, holder, view, &act.StatementCorrected{}, text("My uncle, Mr …"))
	for who, may := range map[*civic.Actor]bool{&moderator: false, &other: false, &official: false, &otherAdmin: false, {}: false, &admin: true, &holder: true} {
		if w.readable(*who, view, "text") != may {
			t.Errorf("%+v reads a safeguarding report: %t", who.By, !may)
		}
	}
	w.must(holder, view, &act.AppealLodged{}, grounds("It is a view."))
	w.refuses(civic.RefusedSafeguarding, other, view, &act.AppealDecided{Outcome: act.AppealOverturned}, explanation("Right."))
	w.refuses(civic.RefusedSameOffice, admin, view, &act.AppealDecided{Outcome: act.AppealUpheld}, explanation("No."))
	w.refuses(civic.RefusedAuthority, official, view, &act.AppealDecided{Outcome: act.AppealUpheld}, explanation("No."))
	if !w.readable(otherAdmin, view, "text") || w.readable(official, view, "text") || w.readable(other, view, "text") {
		t.Error("who decides the appeal cannot read what it is about, or others can")
	}
	w.must(otherAdmin, view, &act.AppealDecided{Outcome: act.AppealUpheld}, explanation("No."))
	if w.readable(otherAdmin, view, "text") {
		t.Error("still open to who decided")
	}
}

// TestAuthorityHostReadsNoReport: where a ministry hosts the dialogue, those who
// see a report of abuse are of the organisation that moved it out.
func TestAuthorityHostReadsNoReport(t *testing.T) {
	w, ids := newWorld(t)
	dialogue := w.must(civic.System, act.ID{}, &act.DialogueAnnounced{
		Slug: "national", Level: "national", PlaceLevel: 1, Door: "open", Limit: 300, Changes: 3,
		Opens: "2026-03-09", Closes: "2026-04-09", Host: ids["ministry"],
	}, names("dialogue"))
	w.must(civic.System, dialogue, &act.DialogueOpened{}, nil)
	view := w.view(participant(), dialogue, "My uncle …")
	w.must(w.staff(ids["cso"], act.RoleModerator), view, &act.StatementWithheld{Reason: act.ReasonSafeguarding}, explanation("moved"))
	if w.readable(w.staff(ids["ministry"], act.RoleAdministrator), view, "text") {
		t.Error("a public authority reads a safeguarding report")
	}
	if !w.readable(w.staff(ids["cso"], act.RoleAdministrator), view, "text") {
		t.Error("nobody can see to a safeguarding report")
	}
}

// TestMatchedIsNotPutToVotes, whatever is done to its words; a view whose match
// is gone can be published as its own.
func TestMatchedIsNotPutToVotes(t *testing.T) {
	w, ids := newWorld(t)
	moderator := w.staff(ids["cso"], act.RoleModerator)
	first, second := w.view(participant(), ids["dialogue"], "one"), w.view(participant(), ids["dialogue"], "one")
	w.must(moderator, first, &act.StatementPublished{}, nil)
	w.must(moderator, second, &act.StatementMatched{Same: first}, nil)
	v := w.state.Statement(second)
	w.must(moderator, second, &act.StatementRedacted{Gaps: []string{"personal_data"}}, gap())
	if v.Votable() {
		t.Error("a matched view is put to votes once it is redacted")
	}
	correction := w.must(civic.Actor{By: act.Participant, Holds: second}, second, &act.StatementCorrected{}, text("uno"))
	w.must(moderator, second, &act.StatementPublished{Text: &correction}, nil)
	if v.Moderation != civic.Matched || v.Votable() {
		t.Errorf("a matched view is %s after a correction", v.Moderation)
	}
	w.must(moderator, second, &act.StatementWithheld{Reason: "insult"}, explanation("no"))
	w.must(moderator, second, &act.StatementPublished{}, nil)
	if v.Moderation != civic.Matched || v.Text != correction {
		t.Errorf("withheld and shown again it is %s with the text of %s", v.Moderation, v.Text)
	}
	w.must(moderator, first, &act.StatementWithheld{Reason: "insult"}, explanation("no"))
	w.must(moderator, second, &act.StatementPublished{}, nil)
	if v.Moderation != civic.Published || !v.Same.IsZero() || !v.Votable() || v.Text != correction {
		t.Errorf("published as its own it is %s with the text of %s", v.Moderation, v.Text)
	}
}

// TestWaitingCorrection: where a newer wording waits, nobody publishes the old
// one without knowing; matching publishes the newer one.
func TestWaitingCorrection(t *testing.T) {
	w, ids := newWorld(t)
	moderator := w.staff(ids["cso"], act.RoleModerator)
	first, second := w.view(participant(), ids["dialogue"], "one"), w.view(participant(), ids["dialogue"], "my name is …")
	holder := civic.Actor{By: act.Participant, Holds: second}
	w.refuses(civic.RefusedLong, holder, second, &act.StatementCorrected{}, text(strings.Repeat("a", 301)))
	correction := w.must(holder, second, &act.StatementCorrected{}, text("without my name"))
	w.refuses(civic.RefusedCorrection, moderator, second, &act.StatementPublished{}, nil)
	w.must(moderator, first, &act.StatementPublished{}, nil)
	w.must(moderator, second, &act.StatementMatched{Same: first}, nil)
	if v := w.state.Statement(second); v.Text != correction || w.readable(civic.Actor{}, second, "text") {
		t.Error("matching published the wording that its holder had replaced")
	}
	// One that was erased is not to be published.
	correction = w.must(holder, second, &act.StatementCorrected{}, text("another"))
	w.must(holder, correction, &act.SectionErased{Section: "text", Reason: act.ErasedByHolder}, nil)
	w.refuses(civic.RefusedNothingToPub, moderator, second, &act.StatementPublished{Text: &correction}, nil)
	if v := w.state.Statement(second); v.Erased || v.CorrectionClock.Running() || !v.Correction.IsZero() {
		t.Error("a wording that was withdrawn waits for moderation, or took the view with it")
	}
}

// TestWithholdingDoesNotMakeUpForLateness: a view that waited too long to be
// referred is as late after it was withheld and published again.
func TestWithholdingDoesNotMakeUpForLateness(t *testing.T) {
	w, ids := newWorld(t)
	moderator := w.staff(ids["cso"], act.RoleModerator)
	view := w.view(participant(), ids["dialogue"], "one")
	w.must(moderator, view, &act.StatementPublished{}, nil)
	v := w.state.Statement(view)
	due := v.Clock.Due
	w.now = due.AddDate(0, 0, 7)
	w.must(moderator, view, &act.StatementWithheld{Reason: "insult"}, explanation("no"))
	w.must(moderator, view, &act.StatementPublished{}, nil)
	if !v.Clock.Overdue(w.now) || !v.Clock.Due.Equal(due) {
		t.Errorf("due at %s, then at %s", due, v.Clock.Due)
	}
}

// TestSourceIsTrue: who filed or put forward a view cannot say that somebody
// else did, or nobody: moderation would not know whom to keep away.
func TestSourceIsTrue(t *testing.T) {
	w, ids := newWorld(t)
	who, somebody := participant(), participant()
	facts := &act.StatementRegistered{Channel: "web", Written: "km", Visibility: "open"}
	for _, source := range []act.Source{{}, {Participant: &somebody.Participant}} {
		w.refuses(civic.RefusedParticipant, who, ids["dialogue"], facts, map[string]any{"text": &act.Text{Text: "one"}, "source": &source})
	}
	filer := w.staff(ids["other"], act.RoleMonitor)
	by := civic.Actor{By: act.By{As: act.ByOrganisation, Organisation: ids["other"]}, Staff: filer.By.Staff}
	colleague := w.staff(ids["other"], act.RoleMonitor)
	facts = &act.StatementRegistered{Channel: "organisation", Written: "km", Visibility: "unattributed"}
	for _, source := range []act.Source{{}, {Staff: &colleague.By.Staff}} {
		w.refuses(civic.RefusedSource, by, ids["dialogue"], facts, map[string]any{"text": &act.Text{Text: "one"}, "source": &source})
	}
}
