package web_test

import (
	"encoding/csv"
	"fmt"
	"html"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
)

var receiptPattern = regexp.MustCompile(`KH-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]|\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b`)

// receipts lists the codes and secrets on a page, in their order, each once.
func receipts(w *httptest.ResponseRecorder) []string {
	var found []string
	seen := map[string]bool{}
	for _, text := range receiptPattern.FindAllString(mainOf(w.Body.String()), -1) {
		if !seen[text] {
			seen[text] = true
			found = append(found, text)
		}
	}
	return found
}

// text reads what a view says, as its holder.
func (d *deskSample) text(code, secret, section string) string {
	d.t.Helper()
	key, err := act.ParseCode("KH", code)
	if err != nil {
		d.t.Fatal(err)
	}
	holder, err := d.Register.Holder(d.t.Context(), key, secret)
	if err != nil {
		d.t.Fatalf("%s with its secret: %v", code, err)
	}
	text, err := d.Register.Text(d.t.Context(), holder, holder.Holds, section)
	if err != nil {
		d.t.Fatal(err)
	}
	return text
}

func (d *deskSample) statement(code string) civic.Statement {
	d.t.Helper()
	key, err := act.ParseCode("KH", code)
	if err != nil {
		d.t.Fatal(err)
	}
	var found civic.Statement
	d.Register.View(func(s *civic.State) {
		if v := s.StatementByCode(key); v != nil {
			found = *v
		}
	})
	return found
}

func TestWriteDownForSomebody(t *testing.T) {
	d := seated(t)
	d.as(d.Facilitator)
	words := "  ស្ត្រី\u200bយើង <b>&\r\nចង់បានទឹក "
	form := assistedForm(words)
	form.Set("detail", "more\n")
	form.Add("about", d.IDs["ministry"].String())
	w := d.post("/desk/register", form)
	wants(t, "register", w, 200, "The view is recorded", "Give both parts to the person", "Somebody other than you will check it")
	got := receipts(w)
	if len(got) != 2 {
		t.Fatalf("receipts: %q", got)
	}
	if text := d.text(got[0], got[1], "text"); text != words {
		t.Errorf("the words became %q", text)
	}
	v := d.statement(got[0])
	if v.Channel != "assisted" || v.Spoken != "tpu" || v.ReadBack != "yes" || v.Place != "1602" || v.By.Staff != d.Facilitator.By.Staff {
		t.Errorf("%+v", v)
	}
	again := receipts(d.post("/desk/register", form))
	if fmt.Sprint(again) != fmt.Sprint(got) {
		t.Errorf("sent twice: %q, then %q", got, again)
	}
	form.Set("text", "other words")
	wants(t, "other words from the same form", d.post("/desk/register", form), 409, "Something else was already sent from this form", "other words")
	for _, header := range []string{"Location", "Set-Cookie", "Link"} {
		if strings.Contains(w.Header().Get(header), got[1]) {
			t.Errorf("the secret stands in %s", header)
		}
	}
	if i := strings.Index(w.Body.String(), `href="/desk/register?`); i < 0 || !strings.Contains(html.UnescapeString(w.Body.String()[i:i+160]), "channel=assisted&dialogue=ratanakkiri&place=1602&spoken=tpu&written=km") {
		t.Error("the form for the next one keeps nothing")
	}
	// Whoever wrote it down does not decide; the ministry it is about does not read it.
	wants(t, "their own entry", d.get("/desk/v/"+got[0]+"?lang=en"), 200, "You entered this view, so somebody else has to decide about it.")
	if strings.Contains(d.as(d.Ministry).get("/desk/v/"+got[0]).Body.String(), "ចង់បានទឹក") {
		t.Error("those it is about read it before it is published")
	}
}

func TestWriteDownOnASlip(t *testing.T) {
	d := seated(t)
	slips, err := d.Register.NewSlips(2, cryptoSource)
	if err != nil {
		t.Fatal(err)
	}
	d.as(d.Facilitator)
	form := assistedForm("a view on paper")
	form.Set("channel", "paper")
	form.Set("slip", strings.ToLower(slips[0].Number))
	w := d.post("/desk/register", form)
	wants(t, "a slip", w, 200, "is now the receipt of this view")
	if got := receipts(w); len(got) != 2 || got[0] != string(slips[0].Code) || got[1] != slips[0].Secret {
		t.Errorf("%q, not the slip's %s", got, slips[0].Code)
	}
	wants(t, "the same again", d.post("/desk/register", form), 200)
	other := assistedForm("another view")
	other.Set("slip", slips[0].Number)
	wants(t, "a slip that was used", d.post("/desk/register", other), 409, "This slip belongs to another view already", "another view")
	other.Set("slip", "7KQ2-0041-X9")
	wants(t, "a slip that was never printed", d.post("/desk/register", other), 422, "has printed no slip with this number")
	other.Set("slip", strings.Repeat("7", 41))
	wants(t, "no number at all", d.post("/desk/register", other), 422, "has printed no slip")
}

func TestBadWriting(t *testing.T) {
	d := seated(t)
	d.as(d.Facilitator)
	before := d.Register.Position()
	for _, c := range []struct {
		field, value string
		status       int
		want         string
	}{
		{"text", "", 422, "Please write something first"}, {"text", "\u200b \u17b4", 422, "Please write something first"},
		{"text", strings.Repeat("ស្ត្រី", 301), 422, "This is 301 characters long; 300 is the most"},
		{"text", "a\u202eb", 422, "hidden signs"}, {"text", "GgÁkarGnupléRBeQI", 422, "old Khmer font"}, {"text", "a\xffb", 422, "letters of this text are damaged"},
		{"detail", "\x1b[2J", 422, "hidden signs"}, {"channel", "web", 422, "does not exist"}, {"channel", "", 422, "Please choose one of these"},
		{"spoken", "xx", 422, "does not exist"}, {"read_back", "", 422, "Please choose one"}, {"visibility", "sealed", 422, "does not exist"},
		{"place", "07", 303, ""}, {"place", "9999", 422, "do not know this place"}, {"theme", "money", 422, "does not belong to the programme"},
		{"about", "nobody", 422, "does not exist"}, {"dialogue", "national", 409, "has not opened yet"}, {"dialogue", "nowhere", 404, "no such dialogue"}, {"dialogue", "", 200, ""}, {"token", "x", 422, "form is damaged"},
	} {
		form := assistedForm("words that must not be lost")
		form.Set(c.field, c.value)
		w := d.post("/desk/register", form)
		switch c.status {
		case 303, 200: // the rules have no say in it, or there is only one open dialogue
			if w.Code != 200 {
				t.Errorf("%s=%q: %d %s", c.field, c.value, w.Code, mainOf(w.Body.String()))
			}
			before++
			continue
		}
		texts := []string{c.want}
		if c.field != "text" && c.field != "token" && c.field != "dialogue" {
			texts = append(texts, "words that must not be lost")
		}
		wants(t, fmt.Sprintf("%s=%.20q", c.field, c.value), w, c.status, texts...)
	}
	form := assistedForm("x")
	form["theme"] = []string{"water", "roads", "water", "roads"}
	wants(t, "four themes", d.post("/desk/register", form), 422, "choose 3 at most")
	if n := d.Register.Position(); n != before {
		t.Errorf("%d acts came of bad input", n-before)
	}
}

func TestFileMany(t *testing.T) {
	d := seated(t)
	filer := d.staff(d.IDs["other"], act.RoleMonitor)
	d.as(filer)
	table := "\ufeffមតិ;details;written in;និយាយជាភាសា;place;themes;visibility;about;reference\r\n" +
		"យើងត្រូវការស្ពាន;;km;;រតនគិរី;ទឹក;open;;=A1\r\n" +
		"\"=1+1 is \"\"two\"\"\r\nnot three\";longer;English;Tampuan;Ban Lung;water|roads;;Ministry of Interior;B-2\r\n" +
		";;;;;;;;\r\nthird;;;;16;;មិនបង្ហាញឈ្មោះ;;\r\n"
	token := newToken()
	w := d.upload(table, "token", token, "step", "preview", "language", "km", "visibility", "unattributed")
	wants(t, "preview", w, 200, "3 views can be filed", "Nothing has been filed yet", "Row 3", "=1+1 is \"two\"", "Cells are separated by semicolons", "Some cells have more than one line", "about Ministry of Interior")
	before := d.Register.Position()
	w = d.upload(table, "token", token, "step", "file", "language", "km", "visibility", "unattributed")
	wants(t, "file", w, 200, "All 3 views are recorded", "The secrets are shown this once")
	got := receipts(w)
	if len(got) != 6 || d.Register.Position() != before+3 {
		t.Fatalf("receipts %q of %d acts", got, d.Register.Position()-before)
	}
	again := d.upload(table, "token", token, "step", "file", "language", "km", "visibility", "unattributed")
	if fmt.Sprint(receipts(again)) != fmt.Sprint(got) || d.Register.Position() != before+3 {
		t.Errorf("sent again after a lost reply: %q, not %q", receipts(again), got)
	}
	if text := d.text(got[2], got[3], "text"); text != "=1+1 is \"two\"\r\nnot three" {
		t.Errorf("a cell became %q", text)
	}
	open, unnamed := d.statement(got[0]), d.statement(got[2])
	if open.By.As != act.ByStaff || open.Visibility != act.VisibilityOpen || open.Place != "16" || open.Themes[0] != "water" || open.Channel != "organisation" {
		t.Errorf("the open one: %+v", open)
	}
	if unnamed.By != (act.By{As: act.ByOrganisation, Organisation: d.IDs["other"]}) || unnamed.Written != "en" || unnamed.Spoken != "tpu" || unnamed.Place != "1602" || len(unnamed.Themes) != 2 {
		t.Errorf("the unattributed one: %+v", unnamed)
	}
	w = d.upload(table, "token", token, "step", "csv", "language", "km", "visibility", "unattributed")
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/csv; charset=utf-8" || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("the receipts as a file: %d %v", w.Code, w.Header())
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 4 || rows[1][1] != "'=A1" || rows[1][2] != got[0] || rows[1][3] != got[1] || rows[2][1] != "B-2" ||
		rows[1][4] != "https://samleng.example/r/"+got[0] {
		t.Errorf("%v %q", err, rows)
	}
	// Nobody of the organisation that filed them decides; nobody it is about reads them.
	mate := d.staff(d.IDs["other"], act.RoleModerator)
	wants(t, "a colleague", d.as(mate).get("/desk/v/"+got[2]+"?lang=en"), 200, "Your organisation filed this view or is concerned by it, so another has to decide.")
	// The next form of the page, after the dialogue closed, still gives the receipts.
	d.do(civic.System, d.Dialogue, &act.DialogueClosed{}, nil)
	d.as(filer)
	again = d.upload(table, "token", token, "step", "file", "language", "km", "visibility", "unattributed")
	if fmt.Sprint(receipts(again)) != fmt.Sprint(got) {
		t.Errorf("after closing: %q", receipts(again))
	}
	w = d.upload("text\nlate\n", "step", "file", "visibility", "unattributed")
	wants(t, "a row after closing", w, 409, "1 of 1 rows was not filed", "has closed")
}

func TestBadTables(t *testing.T) {
	d := seated(t)
	d.as(d.Facilitator)
	before := d.Register.Position()
	for _, c := range []struct {
		table string
		wants []string
	}{
		{"text,phone\nwords,012\n", []string{"The column “phone” is not known here", "1"}},
		{"place\n16\n", []string{"The file has no column “text”"}},
		{"text,មតិ\na,b\n", []string{"the column “មតិ” twice"}},
		{"text,place,themes,visibility,language\nwords,Atlantis,money,secret,Latin\n,16,,,\n" + strings.Repeat("x", 301) + ",,,,\n", []string{
			"2 place “Atlantis” is not known here", "2 themes “money” is not known", "2 who may see it “secret”", "2 written in “Latin”",
			"3 view Please write something first", "4 view This is 301 characters long; 300 is the most", "6 things in the table"}},
		{"text\nGgÁkarGnupléRBeQI\n", []string{"2 view This was typed with an old Khmer font"}},
		{"text\n\"a\x07b\"\n", []string{"2 view The text holds hidden signs"}},
		{"text\none,two\n", []string{"2 – This row has more cells than the header"}},
		{"text,themes\nx,water;roads;water;WATER;ផ្លូវ\n", nil},
		{"text\n\"open\n", []string{"Row 2 of the file cannot be read"}},
		{"text\n", []string{"The file has no rows"}},
		{"text\n\xff\xfe\n", []string{"letters of this text are damaged"}},
		{"text\n" + strings.Repeat("x\n", 501), []string{"The file has 501 rows; 500 is the most"}},
		{"", []string{"Please choose a file"}},
	} {
		status := 422
		if c.wants == nil {
			status = 200
		}
		for _, step := range []string{"preview", "file"} {
			if status == 200 && step == "file" {
				continue
			}
			wants(t, fmt.Sprintf("%s %.40q", step, c.table), squeezed(d.upload(c.table, "step", step, "visibility", "unattributed")), status, c.wants...)
		}
	}
	wants(t, "too large", d.upload("text\n"+strings.Repeat("x", 1<<20), "step", "preview"), 413, "At most 1,024 KB")
	wants(t, "no dialogue of that name", d.upload("text\nx\n", "dialogue", "nowhere", "step", "preview"), 404, "no such dialogue")
	r := httptest.NewRequest("POST", "/desk/file?lang=en", strings.NewReader("--x\r\nbroken"))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	w := httptest.NewRecorder()
	d.Pages.ServeHTTP(w, r)
	wants(t, "a broken form", w, 422, "did not arrive as it was sent")
	if n := d.Register.Position(); n != before {
		t.Errorf("%d acts came of bad tables", n-before)
	}
}

// squeezed gives an answer whose tags are taken away, to look for what a row of
// a table says.
func squeezed(w *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	again := httptest.NewRecorder()
	again.WriteHeader(w.Code)
	again.WriteString(mainOf(w.Body.String()))
	return again
}

func TestTemplateIsAccepted(t *testing.T) {
	d := seated(t)
	d.as(d.Facilitator)
	for _, tag := range locale.Languages() {
		header := d.get("/desk/file/template.csv?lang=" + tag).Body.String()
		row := strings.Repeat(",", strings.Count(header, ","))
		wants(t, tag, d.upload(header+"words"+row+"\r\n", "step", "preview"), 200, "1 view can be filed")
	}
}

func TestAnnounceOpenCloseAndWatch(t *testing.T) {
	d := seated(t)
	d.as(d.Facilitator)
	wants(t, "announce", d.post("/desk/dialogues", announcement("kampot-2026")), 303)
	d.Register.View(func(s *civic.State) {
		got := s.DialogueBySlug("kampot-2026")
		if got == nil || got.Host != d.IDs["cso"] || got.Limit != 300 || got.Opens != "2026-04-01" || got.Closes != "2026-04-30" || s.Names(got.ID).About["km"] != "តើអ្នកត្រូវការអ្វី?" {
			t.Errorf("%+v", got)
		}
	})
	yes := url.Values{"token": {newToken()}, "confirm": {"yes"}}
	wants(t, "open unconfirmed", d.post("/desk/d/kampot-2026/open", url.Values{"token": {newToken()}}), 422, "Please tick the box")
	for range 2 {
		wants(t, "open", d.post("/desk/d/kampot-2026/open", yes), 303)
	}
	wants(t, "open again", d.post("/desk/d/kampot-2026/open", url.Values{"token": {newToken()}, "confirm": {"yes"}}), 409, "open already")
	wants(t, "close", d.post("/desk/d/kampot-2026/close", url.Values{"token": {newToken()}, "confirm": {"yes"}}), 303)
	wants(t, "an act that there is not", d.post("/desk/d/kampot-2026/reopen", yes), 404)
	wants(t, "a dialogue that there is not", d.post("/desk/d/nowhere/open", yes), 404)
	for field, bad := range map[string]string{"slug": "Bad Slug", "limit": "10", "changes": "0", "opens": "soon", "closes": "1/1/2020", "name_en": "", "about_km": "a\x00", "door": "back", "level": "", "place_level": "3", "place": ""} {
		form := announcement("again")
		form.Set(field, bad)
		wants(t, "announce with "+field, d.post("/desk/dialogues", form), 422, "What do you need?")
	}
	wants(t, "a name that is taken", d.post("/desk/dialogues", announcement("ratanakkiri")), 409, "Another dialogue has this address already")

	d.Pass(time.Hour)
	live := d.as(d.Moderator).get("/desk/d/ratanakkiri?lang=en")
	wants(t, "live figures", squeezed(live), 200, "These figures are not public", "36 people took part", "36 0 0", "12 12 12")
	for name, who := range map[string]civic.Actor{"another organisation": d.Other, "a public authority": d.Ministry, "the host's monitor": d.staff(d.IDs["cso"], act.RoleMonitor)} {
		if body := mainOf(d.as(who).get("/desk/d/ratanakkiri?lang=en").Body.String()); strings.Contains(body, "36") || strings.Contains(body, "12 12") {
			t.Errorf("%s sees figures that were not released", name)
		}
	}
	// An authority that hosts does not watch either.
	wants(t, "the ministry's own", d.as(d.Ministry).get("/desk/d/national?lang=en"), 200, "A public authority sees the released figures only")
}
