package civic_test

import (
	"testing"

	"samleng/act"
	"samleng/civic"
)

// TestWhoErases: the holder their own words, an administrator of the host or of
// the organisation that decided what the law or somebody's safety asks, the
// register what was lost. Nobody else, and nobody what an office decided.
func TestWhoErases(t *testing.T) {
	w, ids := newWorld(t)
	moderator, admin := w.staff(ids["cso"], act.RoleModerator), w.staff(ids["cso"], act.RoleAdministrator)
	official, otherAdmin := w.staff(ids["ministry"], act.RoleAdministrator), w.staff(ids["other"], act.RoleAdministrator)
	view := w.view(participant(), ids["dialogue"], "one")
	holder := civic.Actor{By: act.Participant, Holds: view}
	erase := func(name, reason string) *act.SectionErased { return &act.SectionErased{Section: name, Reason: reason} }
	w.refuses(civic.RefusedSection, holder, view, erase("names", act.ErasedByHolder), nil)
	w.refuses(civic.RefusedSection, civic.System, view, erase("ballot", act.ErasedLost), nil)
	w.refuses(civic.RefusedHolder, participant(), view, erase("text", act.ErasedByHolder), nil)
	for _, who := range []civic.Actor{moderator, otherAdmin} {
		w.refuses(civic.RefusedForbidden, who, view, erase("text", act.ErasedByLaw), nil)
	}
	w.refuses(civic.RefusedAuthority, official, view, erase("text", act.ErasedByLaw), nil)
	w.refuses(civic.RefusedNotWithheld, admin, view, erase("text", act.ErasedSafeguarding), nil)
	w.refuses(civic.RefusedSectionKept, civic.System, ids["cso"], erase("names", act.ErasedByLaw), nil)
	withheld := w.must(moderator, view, &act.StatementWithheld{Reason: act.ReasonSafeguarding}, explanation("moved"))
	w.refuses(civic.RefusedSectionKept, holder, withheld, erase("explanation", act.ErasedByHolder), nil)
	w.must(admin, withheld, erase("explanation", act.ErasedSafeguarding), nil)
	w.must(admin, view, erase("text", act.ErasedSafeguarding), nil)

	// Somebody whom the view is about does not erase it.
	who := participant()
	subject := w.must(who, ids["dialogue"], &act.StatementRegistered{Channel: "web", Written: "km", Visibility: "open"}, map[string]any{
		"text": &act.Text{Text: "about them"}, "source": &act.Source{Participant: &who.Participant, Subjects: []act.ID{ids["cso"]}}})
	w.refuses(civic.RefusedInterest, admin, subject, erase("text", act.ErasedByLaw), nil)
	w.must(civic.System, subject, erase("text", act.ErasedByLaw), nil)
}

// TestSelfIsWithdrawn: what somebody said about themselves is theirs to erase,
// and is gone from every count; what they had said before stands again, as it
// does for whoever reads the log anew.
func TestSelfIsWithdrawn(t *testing.T) {
	w, ids := newWorld(t)
	who, somebody := participant(), participant()
	describe := func(sex string) act.ID {
		return w.must(who, ids["dialogue"], &act.ParticipantDescribed{}, map[string]any{"self": &act.Self{Participant: who.Participant, Sex: sex}})
	}
	first, second := describe("other"), describe("woman")
	erase := &act.SectionErased{Section: "self", Reason: act.ErasedByHolder}
	w.refuses(civic.RefusedHolder, somebody, second, erase, nil)
	w.must(who, second, erase, nil)
	if self, has := w.state.Self(ids["dialogue"], who.Participant); !has || self.Sex != "other" {
		t.Errorf("after the second was erased they are %+v, %t", self, has)
	}
	w.must(who, first, erase, nil)
	if _, has := w.state.Self(ids["dialogue"], who.Participant); has || w.state.Participants(ids["dialogue"]) != 0 {
		t.Errorf("still known: %t, of %d participants", has, w.state.Participants(ids["dialogue"]))
	}
}

// TestErasedTranslation: a translation whose words are gone is none.
func TestErasedTranslation(t *testing.T) {
	w, ids := newWorld(t)
	moderator := w.staff(ids["cso"], act.RoleModerator)
	view := w.view(participant(), ids["dialogue"], "one")
	w.must(moderator, view, &act.StatementPublished{}, nil)
	translation := w.must(moderator, view, &act.StatementTranslated{Language: "en", Means: "human"}, text("uno"))
	w.must(civic.Actor{By: act.Participant, Holds: view}, translation, &act.SectionErased{Section: "text", Reason: act.ErasedByHolder}, nil)
	if v := w.state.Statement(view); len(v.Translations) > 0 || v.Erased {
		t.Errorf("translations %v, erased %t", v.Translations, v.Erased)
	}
}

// TestLost: only what the register does not have is marked as lost.
func TestLost(t *testing.T) {
	w, ids := newWorld(t)
	who := participant()
	view := w.view(who, ids["dialogue"], "one")
	lost := func(name string) *act.SectionErased { return &act.SectionErased{Section: name, Reason: act.ErasedLost} }
	w.refuses(civic.RefusedNotLost, civic.System, view, lost("source"), nil)
	w.refuses(civic.RefusedNotLost, civic.System, ids["cso"], lost("names"), nil)
	self := w.must(who, ids["dialogue"], &act.ParticipantDescribed{}, map[string]any{"self": &act.Self{Participant: who.Participant, Sex: "woman"}})
	w.refuses(civic.RefusedNotLost, civic.System, self, lost("self"), nil)
	w.must(w.staff(ids["cso"], act.RoleModerator), view, &act.StatementPublished{}, nil)
	ballot := w.must(who, ids["dialogue"], &act.BallotCast{}, map[string]any{"ballot": &act.Ballot{Participant: who.Participant,
		Votes: []act.StatementVote{{Statement: view, Vote: act.Agree}}}})
	w.refuses(civic.RefusedNotLost, civic.System, ballot, lost("ballot"), nil)
	w.must(civic.System, view, lost("text"), nil) // the fold does not keep words: the register is to know

	bare := &world{t: t, state: civic.New(), now: w.now}
	for _, a := range w.acts {
		header, err := act.Decode(a.Leaf, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := bare.state.Apply(header); err != nil {
			t.Fatal(err)
		}
	}
	for of, name := range map[act.ID]string{view: "source", ids["cso"]: "names", self: "self", ballot: "ballot"} {
		bare.must(civic.System, of, lost(name), nil)
	}
}

// TestDescribingNeedsTheDoor: who has no card says nothing about themselves
// either.
func TestDescribingNeedsTheDoor(t *testing.T) {
	w, ids := newWorld(t)
	dialogue := w.must(civic.System, act.ID{}, &act.DialogueAnnounced{
		Slug: "cards", Level: "provincial", Place: "16", PlaceLevel: 1, Door: "card", Limit: 300, Changes: 3,
		Opens: "2026-03-09", Closes: "2026-04-09", Host: ids["cso"],
	}, names("dialogue"))
	w.must(civic.System, dialogue, &act.DialogueOpened{}, nil)
	who := participant()
	content := map[string]any{"self": &act.Self{Participant: who.Participant, Sex: "woman"}}
	w.refuses(civic.RefusedDoor, who, dialogue, &act.ParticipantDescribed{}, content)
	who.Admitted = true
	w.must(who, dialogue, &act.ParticipantDescribed{}, content)
}
