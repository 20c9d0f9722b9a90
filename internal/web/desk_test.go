package web_test

import (
	"bytes"
	"crypto/rand"
	"html"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/blob"
	"samleng/internal/mapping"
	"samleng/internal/problem"
	"samleng/internal/register"
	"samleng/internal/web"
)

// deskSample is a sample at whose desk somebody sits: who is signed in, nobody
// where it is zero.
type deskSample struct {
	*sample
	who civic.Actor
	// Moderator and Facilitator are of the host, Other moderates for another
	// organisation, Ministry is a moderator of a public authority.
	Moderator, Facilitator, Other, Ministry civic.Actor
	// impartial moderates for an organisation that has to do with no view, and
	// colleague is somebody else of an organisation.
	lang      string // of what is posted, English if empty
	impartial civic.Actor
	colleague map[act.ID]civic.Actor
}

var cryptoSource = rand.Reader

func newToken() string {
	token, err := register.NewToken(cryptoSource)
	if err != nil {
		panic(err)
	}
	return token.String()
}

// upload sends a table for filing.
func (d *deskSample) upload(table string, typed ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	fields := typed
	for name, value := range map[string]string{"dialogue": "ratanakkiri", "token": newToken()} {
		if !slices.Contains(typed, name) {
			fields = append(fields, name, value)
		}
	}
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			d.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", "views.csv")
	if err != nil {
		d.t.Fatal(err)
	}
	part.Write([]byte(table))
	form.Close()
	r := httptest.NewRequest("POST", "/desk/file?lang="+d.language(), &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	w := httptest.NewRecorder()
	d.Pages.ServeHTTP(w, r)
	return w
}

func seated(t testing.TB) *deskSample { return sit(filled(t)) }

func sit(s *sample) *deskSample { return sitBefore(s, nil) }

// sitBefore has the desk's pages with the opinion maps that are kept.
func sitBefore(s *sample, maps *mapping.Keeper) *deskSample {
	d := &deskSample{sample: s}
	files, err := blob.Open(s.t.TempDir())
	if err != nil {
		s.t.Fatal(err)
	}
	d.Pages, err = web.New(web.Config{Register: s.Register, Files: files, Maps: maps, Address: "https://samleng.example", SignedIn: func(*http.Request) (staff, organisation act.ID, err error) {
		if d.who.By.Staff.IsZero() {
			return staff, organisation, problem.New(problem.Unauthenticated, "problem.sign_in")
		}
		return d.who.By.Staff, d.who.By.Organisation, nil
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	if len(s.IDs) > 0 {
		d.Moderator, d.Facilitator = s.staff(s.IDs["cso"], act.RoleModerator), s.staff(s.IDs["cso"], act.RoleFacilitator)
		d.Other, d.Ministry = s.staff(s.IDs["other"], act.RoleModerator), s.staff(s.IDs["ministry"], act.RoleModerator)
	}
	return d
}

// as seats somebody.
func (d *deskSample) as(who civic.Actor) *deskSample {
	d.who = who
	return d
}

// post sends a form, in English.
func (d *deskSample) post(path string, form url.Values) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequest("POST", path+"?lang="+d.language(), strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	d.Pages.ServeHTTP(w, r)
	return w
}

// form is the hidden part of the form on a page, with what is typed into it.
func (d *deskSample) form(path string, typed ...string) url.Values {
	d.t.Helper()
	body := d.get(path + "?lang=en").Body.String()
	if strings.Contains(path, "?") {
		body = d.get(path + "&lang=en").Body.String()
	}
	form := url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(body, -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	for i := 0; i+1 < len(typed); i += 2 {
		form.Add(typed[i], typed[i+1])
	}
	return form
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)

// decide sends a form of a case, filled in.
func (d *deskSample) decide(view register.Receipt, name string, typed ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	path := "/desk/v/" + string(view.Code)
	return d.post(path+"/"+name, d.form(path, typed...))
}

// fresh puts a view forward that nobody decided on.
func (d *deskSample) fresh(text string) register.Receipt {
	return d.view(d.person("fresh"), "en", text, "water")
}

func (d *deskSample) moderation(view register.Receipt) (state civic.Moderation, reason string) {
	d.Register.View(func(s *civic.State) { state, reason = s.Statement(view.Act).Moderation, s.Statement(view.Act).Reason })
	return state, reason
}

// wants fails unless the answer has the status and all of the texts.
func wants(t testing.TB, what string, w *httptest.ResponseRecorder, status int, texts ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("%s: %d, not %d\n%s", what, w.Code, status, mainOf(w.Body.String()))
		return
	}
	body := html.UnescapeString(w.Body.String())
	for _, text := range texts {
		if !strings.Contains(body, text) {
			t.Errorf("%s: lacks %q\n%s", what, text, mainOf(body))
		}
	}
}

// mainOf is what stands on a page, without its tags.
func mainOf(body string) string {
	_, inside, _ := strings.Cut(body, "<main")
	inside, _, _ = strings.Cut(inside, "</main>")
	inside = forScripts.ReplaceAllString(inside, "")
	return strings.Join(strings.Fields(tags.ReplaceAllString(inside, " ")), " ")
}

var (
	tags = regexp.MustCompile(`<[^>]*>`)
	// forScripts are words that a script fills in: nobody reads them as they stand.
	forScripts = regexp.MustCompile(`(?s)<template.*?</template>`)
)

// TestDeskPagesInEveryLanguage looks at every page of the desk as every kind of
// person who may sit there.
func TestDeskPagesInEveryLanguage(t *testing.T) {
	d := seated(t)
	rapporteur, focal := d.staff(d.IDs["cso"], act.RoleRapporteur), d.staff(d.IDs["ministry"], act.RoleFocalPoint)
	correction := d.Views[0]
	d.do(civic.Actor{By: act.Participant, Holds: correction.Act}, correction.Act, &act.StatementCorrected{}, map[string]any{"text": &act.Text{Text: "ពាក្យថ្មី"}})
	appealed := d.Views[4]
	d.do(civic.Actor{By: act.Participant, Holds: appealed.Act}, appealed.Act, &act.AppealLodged{}, map[string]any{"grounds": &act.Explanation{Text: "It is a view."}})
	pages := []string{"/desk", "/desk?kind=moderate&theme=water", "/desk?place=07", "/desk?done=3", "/desk/register", "/desk/register?dialogue=-",
		"/desk/register?dialogue=ratanakkiri&channel=paper&spoken=tpu&place=1602", "/desk/file", "/desk/file?dialogue=-", "/desk/dialogues", "/desk/d/ratanakkiri", "/desk/d/national"}
	for _, view := range d.Views {
		pages = append(pages, "/desk/v/"+string(view.Code), "/desk/v/"+string(view.Code)+"?did=publish")
	}
	for name, who := range map[string]civic.Actor{"moderator": d.Moderator, "facilitator": d.Facilitator, "other": d.Other, "ministry": d.Ministry, "rapporteur": rapporteur, "focal point": focal} {
		d.as(who)
		for _, path := range pages {
			for _, language := range []string{"km", "en"} {
				address := path + map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "lang=" + language
				w := d.get(address)
				body := w.Body.String()
				forbidden := (strings.HasPrefix(path, "/desk/register") || strings.HasPrefix(path, "/desk/file")) && w.Code == 403
				if w.Code != 200 && !forbidden {
					t.Errorf("%s %s: %d\n%s", name, address, w.Code, mainOf(body))
				}
				if i := strings.Index(body, "⟦"); i >= 0 {
					t.Errorf("%s %s: no message %s", name, address, body[i:i+60])
				}
				if !strings.Contains(body, `<html lang="`+language+`">`) || w.Header().Get("Cache-Control") != "no-store" {
					t.Errorf("%s %s: not in %s, or kept by caches", name, address, language)
				}
				if forbidden {
					continue
				}
				if hole := unfilled.FindString(body); hole != "" {
					t.Errorf("%s %s: nobody filled in %s", name, address, hole)
				}
				for _, code := range missingCode.FindAllString(body, -1) {
					t.Errorf("%s %s: no word for the code %s", name, address, code)
				}
			}
		}
	}
}

// missingCode finds codes that stand on a page for lack of words: they have an
// underscore in them, outside tags.
var missingCode = regexp.MustCompile(`>[^<>]*\b[a-z]+_[a-z_]+\b[^<>]*<`)

// unfilled finds parameters of messages that nobody gave.
var unfilled = regexp.MustCompile(`\{[a-z_]+\}`)

func TestDeskIsClosed(t *testing.T) {
	d := seated(t)
	for _, path := range []string{"/desk", "/desk/register", "/desk/file", "/desk/file/template.csv", "/desk/dialogues", "/desk/d/ratanakkiri", "/desk/v/" + string(d.Views[0].Code)} {
		if w := d.get(path); w.Code != 303 || w.Header().Get("Location") != "/signin" {
			t.Errorf("%s: %d %s, not to the sign-in page", path, w.Code, w.Header().Get("Location"))
		}
	}
	token, _ := register.ParseToken("0123456789abcdefghjkmnpqrs")
	for _, path := range []string{"/desk/publish", "/desk/register", "/desk/file", "/desk/dialogues", "/desk/d/national/open", "/desk/v/" + string(d.Views[6].Code) + "/publish"} {
		if w := d.post(path, url.Values{"token": {token.String()}}); w.Code != 401 {
			t.Errorf("POST %s: %d, not 401", path, w.Code)
		}
	}
	if state, _ := d.moderation(d.Views[6]); state != civic.Awaiting {
		t.Errorf("somebody who is not signed in decided: %s", state)
	}
}

func (d *deskSample) language() string {
	if d.lang == "" {
		return "en"
	}
	return d.lang
}
