package web_test

import (
	"fmt"
	"html"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/register"
)

// deskAct is something that can be asked for at the desk.
type deskAct struct {
	name  string
	ready func(d *deskSample, v register.Receipt) // brings a view to where it can be asked for
	send  func(d *deskSample, v register.Receipt, token string) *httptest.ResponseRecorder
	roles []act.Role
}

var (
	decide   = []act.Role{act.RoleModerator, act.RoleFacilitator}
	anyFiler = []act.Role{act.RoleFacilitator, act.RoleRapporteur, act.RoleMonitor, act.RoleAdministrator, act.RoleBoard, act.RoleModerator}
)

// onCase sends one of a case's forms with everything right in it.
func onCase(name string, typed ...string) func(*deskSample, register.Receipt, string) *httptest.ResponseRecorder {
	return func(d *deskSample, v register.Receipt, token string) *httptest.ResponseRecorder {
		form := url.Values{"token": {token}}
		d.Register.View(func(s *civic.State) { form.Set("seen", fmt.Sprint(len(s.Statement(v.Act).Events))) })
		for i := 0; i+1 < len(typed); i += 2 {
			value := typed[i+1]
			if value == "SAME" {
				value = string(d.Views[0].Code)
			}
			form.Set(typed[i], value)
		}
		path := "/desk/v/" + string(v.Code) + "/" + name
		if name != "redact" {
			return d.post(path, form)
		}
		// What is published is what was shown.
		w := d.post(path, form)
		if field := strings.Split(w.Body.String(), `name="previewed" value="`); len(field) > 1 {
			id, _, _ := strings.Cut(field[1], `"`)
			form.Set("previewed", id)
		}
		form.Set("step", "publish")
		return d.post(path, form)
	}
}

func published(d *deskSample, v register.Receipt) {
	d.do(d.Judge(v), v.Act, &act.StatementPublished{}, nil)
}

// Judge is a moderator of an organisation that has nothing to do with any view.
func (d *deskSample) Judge(register.Receipt) civic.Actor { return d.impartial }

var deskActs = []deskAct{
	{"publish", nil, onCase("publish"), decide},
	{"redact", nil, onCase("redact", "passage1", "words", "gap1", "personal_data"), decide},
	{"withhold", nil, onCase("withhold", "reason", "insult", "explanation", "It insults."), decide},
	{"safeguard", nil, onCase("safeguard", "confirm", "yes"), decide},
	{"same", nil, onCase("same", "same", "SAME"), decide},
	{"translate", published, onCase("translate", "language", "km", "means", "human", "translation", "ពាក្យ"), append(slices.Clone(decide), act.RoleRapporteur)},
	{"take a correction", corrected, onCase("correction", "which", "new"), decide},
	{"turn a correction down", corrected, onCase("correction", "which", "old"), decide},
	{"appeal", appealed, onCase("appeal", "outcome", "overturned", "answer", "It is a view."), decide},
	{"erase", nil, onCase("erase", "erase_reason", "law", "confirm", "yes"), append(slices.Clone(decide), act.RoleAdministrator)},
}

func corrected(d *deskSample, v register.Receipt) {
	published(d, v)
	d.do(civic.Actor{By: act.Participant, Holds: v.Act}, v.Act, &act.StatementCorrected{}, map[string]any{"text": &act.Text{Text: "other words"}})
}

// appealed: the impartial organisation withheld it, so whoever sits at the desk
// may decide the appeal.
func appealed(d *deskSample, v register.Receipt) {
	d.do(d.Judge(v), v.Act, &act.StatementWithheld{Reason: "insult"}, explained("because"))
	d.do(civic.Actor{By: act.Participant, Holds: v.Act}, v.Act, &act.AppealLodged{}, map[string]any{"grounds": &act.Explanation{Text: "no"}})
}

// relation is what whoever sits at the desk has to do with a view.
type relation string

const (
	entered   relation = "entered it"
	filedIt   relation = "their organisation filed it"
	subject   relation = "it is about their organisation"
	unrelated relation = "nothing"
)

// viewFor makes a view of the relation to somebody; nil where there cannot be
// one (their role writes nothing down).
func (d *deskSample) viewFor(who civic.Actor, is relation) *register.Receipt {
	facts := &act.StatementRegistered{Channel: "web", Written: "en", Visibility: "open"}
	source, by := &act.Source{}, civic.Actor{By: act.Participant, Participant: d.Register.Participant("somebody", d.Dialogue)}
	source.Participant = &by.Participant
	switch is {
	case entered:
		if who.By.Role != act.RoleFacilitator && who.By.Role != act.RoleRapporteur {
			return nil
		}
		by, facts.Channel, facts.Spoken, facts.ReadBack = who, "assisted", "tpu", "yes"
		source = &act.Source{Staff: &who.By.Staff}
	case filedIt:
		by, facts.Channel = d.colleague[who.By.Organisation], "organisation"
		source = &act.Source{Staff: &by.By.Staff, Organisation: &by.By.Organisation}
	case subject:
		source.Subjects = []act.ID{who.By.Organisation}
	}
	receipt := d.do(by, d.Dialogue, facts, map[string]any{"text": &act.Text{Text: "some words to read"}, "source": source})
	return &receipt
}

// refusal is the key of the message that somebody must meet, "" if they may.
// It is written down from the rules of the design, not taken from the code:
// a public authority never moderates; nobody moderates what they entered, filed
// or are named in.
func refusal(a deskAct, who civic.Actor, authority bool, is relation) string {
	switch {
	case !slices.Contains(a.roles, who.By.Role):
		return "problem.forbidden"
	case authority:
		return civic.RefusedAuthority
	case a.name == "translate":
		return "" // it is no decision: whoever wrote a view down may translate it
	case is == entered:
		return civic.RefusedOwnEntry
	case is == filedIt, is == subject:
		return civic.RefusedInterest
	}
	return ""
}

// TestDeskRules goes through every act of the desk, every role, every kind of
// organisation and every relation to the view, through the real handler.
func TestDeskRules(t *testing.T) {
	d := seated(t)
	neutral := d.do(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "un_agency"}, called("An agency", "ទីភ្នាក់ងារ")).Act
	d.impartial = d.staff(neutral, act.RoleModerator)
	d.colleague = map[act.ID]civic.Actor{}
	en, done, refused := locale.Get("en"), 0, 0
	for _, org := range []string{"cso", "other", "ministry"} {
		d.colleague[d.IDs[org]] = d.staff(d.IDs[org], act.RoleMonitor)
		for _, role := range act.Roles {
			who := d.staff(d.IDs[org], role)
			for _, is := range []relation{entered, filedIt, subject, unrelated} {
				for _, a := range deskActs {
					view := d.viewFor(who, is)
					if view == nil {
						continue
					}
					if a.ready != nil {
						a.ready(d, *view)
					}
					before, _ := d.moderation(*view)
					token, _ := register.NewToken(cryptoSource)
					w := a.send(d.as(who), *view, token.String())
					what := fmt.Sprintf("%s %s of %s (%s)", a.name, role, org, is)
					want := refusal(a, who, org == "ministry", is)
					if want == "" {
						done++
						if w.Code != 303 {
							t.Errorf("%s: %d, refused\n%s", what, w.Code, mainOf(w.Body.String()))
						}
						continue
					}
					refused++
					after, _ := d.moderation(*view)
					if w.Code == 303 || after != before {
						t.Errorf("%s: allowed; it is %s now", what, after)
					} else if !strings.Contains(html.UnescapeString(w.Body.String()), en.T(want)) {
						t.Errorf("%s: %d, not with %q:\n%s", what, w.Code, want, mainOf(w.Body.String()))
					}
				}
			}
		}
	}
	t.Logf("%d allowed, %d refused", done, refused)
}

// TestHostRules: who announces, opens and closes; who writes down, who files.
func TestHostRules(t *testing.T) {
	d := seated(t)
	en, n := locale.Get("en"), 0
	for _, org := range []string{"cso", "other", "ministry"} {
		for _, role := range act.Roles {
			who := d.staff(d.IDs[org], role)
			d.as(who)
			check := func(what string, w *httptest.ResponseRecorder, roles []act.Role, ok int, otherwise string) {
				t.Helper()
				want := ""
				if !slices.Contains(roles, role) {
					want = "problem.forbidden"
				} else if otherwise != "" {
					want = otherwise
				}
				if want == "" && w.Code != ok {
					t.Errorf("%s by %s of %s: %d\n%s", what, role, org, w.Code, mainOf(w.Body.String()))
				}
				if want != "" && (w.Code == ok || !strings.Contains(html.UnescapeString(w.Body.String()), en.T(want))) {
					t.Errorf("%s by %s of %s: %d, not refused with %s\n%s", what, role, org, w.Code, want, mainOf(w.Body.String()))
				}
			}
			n++
			slug := fmt.Sprintf("dialogue-%d", n)
			hosts := []act.Role{act.RoleFacilitator, act.RoleAdministrator}
			check("announce", d.post("/desk/dialogues", announcement(slug)), hosts, 303, "")
			// One that their organisation hosts, whoever announced it.
			own := fmt.Sprintf("own-%d", n)
			d.do(civic.System, act.ID{}, &act.DialogueAnnounced{Slug: own, Level: "national", PlaceLevel: 1, Door: "open", Limit: 300, Changes: 5,
				Opens: "2026-03-09", Closes: "2026-04-30", Host: d.IDs[org]}, called("A dialogue", "វេទិកា"))
			yes := func() url.Values { return url.Values{"token": {newToken()}, "confirm": {"yes"}} }
			check("open", d.post("/desk/d/"+own+"/open", yes()), hosts, 303, "")
			closing := ""
			if !slices.Contains(hosts, role) {
				closing = "problem.forbidden"
			}
			check("close", d.post("/desk/d/"+own+"/close", yes()), hosts, 303, closing)
			foreign := civic.RefusedForbidden
			if org == "ministry" {
				foreign = ""
			}
			if foreign != "" {
				check("open another's", d.post("/desk/d/national/open", yes()), hosts, 303, foreign)
			}
			check("write down", d.post("/desk/register", assistedForm("words "+slug)), []act.Role{act.RoleFacilitator, act.RoleRapporteur}, 200, "")
			check("file", d.upload("text\nwords "+slug+"\n", "visibility", "open", "step", "preview"), anyFiler, 200, "")
		}
	}
}

func announcement(slug string) url.Values {
	return url.Values{"token": {newToken()}, "name_en": {"A dialogue"}, "name_km": {"វេទិកា"}, "about_en": {"What do you need?"}, "about_km": {"តើអ្នកត្រូវការអ្វី?"},
		"slug": {slug}, "level": {"provincial"}, "place": {"07"}, "place_level": {"1"}, "door": {"open"}, "limit": {"៣០០"}, "changes": {"5"}, "opens": {"2026-04-01"}, "closes": {"30/4/2026"}}
}

func assistedForm(text string) url.Values {
	return url.Values{"token": {newToken()}, "dialogue": {"ratanakkiri"}, "text": {text}, "channel": {"assisted"}, "spoken": {"tpu"}, "written": {"km"},
		"read_back": {"yes"}, "visibility": {"unattributed"}, "place": {"1602"}, "theme": {"water"}}
}
