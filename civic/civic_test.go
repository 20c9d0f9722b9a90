package civic_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
)

// world is a register in memory for tests: it checks and applies acts as the
// register does.
type world struct {
	t     testing.TB
	state *civic.State
	acts  []*act.Act
	now   time.Time
}

func (w *world) try(who civic.Actor, of act.ID, facts act.Facts, content map[string]any) (act.ID, error) {
	w.t.Helper()
	id, err := act.NewID(rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := act.New(act.Draft{By: who.By, Of: of, Facts: facts, Content: content}, id, w.now, rand.Reader)
	if err != nil {
		return id, err
	}
	if err := w.state.Check(who, a); err != nil {
		return id, err
	}
	if err := w.state.Apply(a); err != nil {
		w.t.Fatalf("apply %s after check passed: %v", a.Leaf, err)
	}
	w.acts = append(w.acts, a)
	return id, nil
}

func (w *world) must(who civic.Actor, of act.ID, facts act.Facts, content map[string]any) act.ID {
	w.t.Helper()
	id, err := w.try(who, of, facts, content)
	if err != nil {
		w.t.Fatalf("%s: %v", facts.Kind(), err)
	}
	return id
}

// names for tests.
func names(word string) map[string]any {
	return map[string]any{"names": &act.Names{Name: map[string]string{"en": word, "km": "ឈ្មោះ"}}}
}

// newWorld declares a programme with two CSOs, an authority, and an open
// dialogue; now is a Monday.
func newWorld(t testing.TB) (*world, map[string]act.ID) { return newWorldIn(t, "Asia/Phnom_Penh") }

func newWorldIn(t testing.TB, zone string) (*world, map[string]act.ID) {
	w := &world{t: t, state: civic.New(), now: time.Date(2026, 3, 9, 3, 0, 0, 0, time.UTC)}
	ids := map[string]act.ID{}
	ids["programme"] = w.must(civic.System, act.ID{}, &act.ProgrammeDeclared{
		Prefix: "KH", TimeZone: zone, Languages: []string{"km", "en"}, Themes: []string{"water", "roads"},
		Threshold: 10, Rounding: 5, Step: 10,
	}, names("programme"))
	w.must(civic.System, act.ID{}, &act.RulesAdopted{Version: 1}, nil)
	w.must(civic.System, act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepModerate: 2, act.StepAppeal: 10, act.StepRefer: 3}}, nil)
	w.must(civic.System, act.ID{}, &act.CalendarDeclared{Weekend: []int{0, 6}, Holidays: []string{"2026-03-11"}}, nil)
	w.must(civic.System, act.ID{}, &act.PlaceRegistered{Code: "16", Level: 1}, names("Ratanakkiri"))
	w.must(civic.System, act.ID{}, &act.PlaceRegistered{Code: "1602", Parent: "16", Level: 2}, names("Ban Lung"))
	for _, org := range []string{"cso", "other", "ministry"} {
		ids[org] = w.must(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "other", Authority: org == "ministry"}, names(org))
	}
	ids["dialogue"] = w.must(civic.System, act.ID{}, &act.DialogueAnnounced{
		Slug: "ratanakkiri", Level: "provincial", Place: "16", PlaceLevel: 1, Door: "open", Limit: 300, Changes: 3,
		Opens: "2026-03-09", Closes: "2026-04-09", Host: ids["cso"],
	}, names("dialogue"))
	w.must(civic.System, ids["dialogue"], &act.DialogueOpened{}, nil)
	return w, ids
}

func (w *world) staff(org act.ID, role act.Role) civic.Actor {
	w.t.Helper()
	id, _ := act.NewID(rand.Reader)
	w.must(civic.System, org, &act.RoleGranted{Staff: id, Role: role, From: "2026-01-01"}, nil)
	return civic.Actor{By: act.By{As: act.ByStaff, Organisation: org, Staff: id, Role: role}}
}

func participant() civic.Actor {
	id, _ := act.NewID(rand.Reader)
	return civic.Actor{By: act.Participant, Participant: id}
}

func (w *world) view(who civic.Actor, dialogue act.ID, text string) act.ID {
	w.t.Helper()
	return w.must(who, dialogue, &act.StatementRegistered{Channel: "web", Written: "km", Visibility: "open", Themes: []string{"water"}},
		map[string]any{"text": &act.Text{Text: text}, "source": &act.Source{Participant: &who.Participant}})
}

func refusal(err error) string {
	var r *civic.Refusal
	if errors.As(err, &r) {
		return r.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestModeration(t *testing.T) {
	w, ids := newWorld(t)
	moderator, other := w.staff(ids["cso"], act.RoleModerator), w.staff(ids["other"], act.RoleModerator)
	official := w.staff(ids["ministry"], act.RoleModerator)
	view := w.view(participant(), ids["dialogue"], "ទឹកស្អាត")
	v := w.state.Statement(view)
	// Registered on Monday 9 March; Wednesday is a holiday: due by the end of Thursday.
	if got := v.Clock.LastDay().Format(time.DateOnly); got != "2026-03-12" {
		t.Errorf("due by the end of %s, not 2026-03-12", got)
	}
	if _, err := w.try(official, view, &act.StatementPublished{}, nil); refusal(err) != civic.RefusedAuthority {
		t.Errorf("an authority moderates: %v", err)
	}
	if b := w.state.Balance(civic.Filter{}, w.now); b.AwaitingModeration.OnTime != 1 || b.Sum() != b.Registered {
		t.Errorf("balance %+v", b)
	}
	if b := w.state.Balance(civic.Filter{}, w.now.AddDate(0, 0, 4)); b.AwaitingModeration.Overdue != 1 {
		t.Errorf("balance on Friday %+v", b)
	}
	explanation := map[string]any{"explanation": &act.Explanation{Text: "It names a person."}}
	w.must(moderator, view, &act.StatementWithheld{Reason: "personal_data"}, explanation)
	holder := civic.Actor{By: act.Participant, Holds: view}
	w.must(holder, view, &act.AppealLodged{}, map[string]any{"grounds": &act.Explanation{Text: "It does not."}})
	if _, err := w.try(moderator, view, &act.AppealDecided{Outcome: "upheld"}, explanation); refusal(err) != civic.RefusedSameOffice {
		t.Errorf("who withheld decides the appeal: %v", err)
	}
	w.must(other, view, &act.AppealDecided{Outcome: "overturned"}, explanation)
	if !v.Votable() || !w.state.MayRead(civic.Actor{}, civic.SectionRef{Act: view, Name: "text"}) {
		t.Errorf("not shown after a successful appeal: %+v", v)
	}
	if w.state.MayRead(moderator, civic.SectionRef{Act: view, Name: "source"}) {
		t.Error("a role reads who said what")
	}
}

func TestPublicStateNeedsNoSection(t *testing.T) {
	w, ids := newWorld(t)
	moderator := w.staff(ids["cso"], act.RoleModerator)
	var views []act.ID
	for range 5 {
		views = append(views, w.view(participant(), ids["dialogue"], "Clean water"))
		w.must(moderator, views[len(views)-1], &act.StatementPublished{}, nil)
	}
	for i := range 12 {
		voter := participant()
		w.must(voter, ids["dialogue"], &act.BallotCast{}, map[string]any{"ballot": &act.Ballot{Participant: voter.Participant,
			Votes: []act.StatementVote{{Statement: views[i%5], Vote: act.Agree}}}})
	}
	at := w.state.Position()
	w.must(civic.System, ids["dialogue"], &act.ReleasePublished{At: at}, map[string]any{"tally": w.state.ReleaseTally(ids["dialogue"])})
	bare := civic.New()
	for _, a := range w.acts {
		header, err := act.Decode(a.Leaf, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := bare.CheckPublic(header.Header); err != nil {
			t.Fatalf("%s: %v", a.Leaf, err)
		}
		if err := bare.Apply(header); err != nil {
			t.Fatal(err)
		}
	}
	full, _ := w.state.PublicJSON()
	stripped, err := bare.PublicJSON()
	if err != nil || !bytes.Equal(full, stripped) {
		t.Errorf("with sections stripped the public state is\n%s\nnot\n%s\n%v", stripped, full, err)
	}
}
