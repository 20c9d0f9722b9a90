package web_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
)

var dataPaths = []string{"/data/views.csv", "/data/commitments.csv", "/data/answers.csv", "/data/overdue.csv",
	"/feeds/views.atom", "/feeds/commitments.atom", "/feeds/answers.atom", "/feeds/overdue.atom", "/calendar.ics"}

// hidden are the words of the sample that nobody may read.
var hiddenWords = []string{"BUY CHEAP", "private matter", "will be erased", "████", "មតិថ្មីដែលទើបនឹងដាក់"}

// rowsOf reads a file of rows as a program does.
func rowsOf(t *testing.T, body []byte) [][]string {
	t.Helper()
	text, marked := bytes.CutPrefix(body, []byte("\ufeff"))
	if !marked {
		t.Error("no mark that says UTF-8")
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

type feedRead struct {
	ID      string `xml:"id"`
	Lang    string `xml:"lang,attr"`
	Updated string `xml:"updated"`
	Entries []struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Content string `xml:"content"`
		Link    struct {
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"http://www.w3.org/2005/Atom entry"`
}

func feedOf(t *testing.T, body []byte) (feed feedRead) {
	t.Helper()
	if err := xml.Unmarshal(body, &feed); err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return feed
}

// eventsOf reads a calendar: unfolded properties by event.
func eventsOf(t *testing.T, body string) (events []map[string]string) {
	t.Helper()
	for line := range strings.SplitSeq(strings.TrimSuffix(body, "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d octets: %q", len(line), line)
		}
	}
	unescape := strings.NewReplacer(`\n`, "\n", `\;`, ";", `\,`, ",", `\\`, `\`)
	for line := range strings.SplitSeq(strings.ReplaceAll(body, "\r\n ", ""), "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		if line == "BEGIN:VEVENT" {
			events = append(events, map[string]string{})
		}
		if len(events) > 0 {
			events[len(events)-1][name] = unescape.Replace(value)
		}
	}
	return events
}

func TestPublicFiles(t *testing.T) {
	c := throughTheChain(t)
	for _, path := range dataPaths {
		for _, language := range []string{"km", "en"} {
			w := c.get(path + "?lang=" + language)
			body := w.Body.String()
			kind := map[string]string{"csv": "text/csv", "tom": "application/atom+xml", "ics": "text/calendar"}[path[len(path)-3:]]
			if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) || strings.Contains(body, "⟦") || w.Header().Get("Set-Cookie") != "" {
				t.Errorf("%s in %s: %d %v\n%s", path, language, w.Code, w.Header(), body)
			}
			for _, words := range hiddenWords {
				if strings.Contains(body, words) {
					t.Errorf("%s has %q", path, words)
				}
			}
			if again := c.get(path+"?lang="+language, "If-None-Match", w.Header().Get("Etag")); again.Code != 304 {
				t.Errorf("%s is not cached: %d", path, again.Code)
			}
			switch kind {
			case "text/csv":
				if rows := rowsOf(t, w.Body.Bytes()); len(rows) < 2 && path != "/data/overdue.csv" {
					t.Errorf("%s has no rows", path)
				}
			case "application/atom+xml":
				feed := feedOf(t, w.Body.Bytes())
				if len(feed.Entries) == 0 || feed.Lang != language {
					t.Errorf("%s in %s: %d entries in %q", path, language, len(feed.Entries), feed.Lang)
				}
				ids := map[string]bool{}
				for _, e := range feed.Entries {
					at, err := time.Parse(time.RFC3339, e.Updated)
					link, _ := strings.CutPrefix(e.Link.Href, "https://samleng.example")
					if ids[e.ID] || e.Title == "" || err != nil || at.After(c.Now()) || c.get(link).Code != 200 {
						t.Errorf("%s: %+v", path, e)
					}
					ids[e.ID] = true
				}
			default:
				if len(eventsOf(t, body)) < 4 {
					t.Errorf("%s: %s", path, body)
				}
			}
		}
	}
	// Without a language in the address, the reader's usual one.
	if body := c.get("/data/commitments.csv", "Cookie", "lang=km").Body.String(); !strings.Contains(body, "អណ្ដូងពីរ") {
		t.Errorf("the cookie's language is not used: %s", body)
	}
}

func TestWhatFilesSay(t *testing.T) {
	c := throughTheChain(t)
	find := func(path string, texts ...string) []string {
		rows := rowsOf(t, c.get(path).Body.Bytes())
		i := slices.IndexFunc(rows, func(row []string) bool {
			return !slices.ContainsFunc(texts, func(text string) bool { return !slices.Contains(row, text) })
		})
		if i < 0 {
			t.Errorf("%s has no row with %q: %q", path, texts, rows)
			return nil
		}
		return rows[i]
	}
	address := "https://samleng.example"
	find("/data/commitments.csv?lang=en", "Two wells", "2026-09-30", "2026-10-30", "30", "Reported done, disputed", address+"/c/"+c.Promise.String())
	find("/data/answers.csv?lang=en", reasonsGiven, "Accepted", "12/26", "director", "Clean water near the school", "3", address+"/n/"+c.Need.String())
	find("/data/views.csv?lang=en", string(c.Held.Code), "We need a well near the school.", "Ratanakkiri", "Water", "Answered")
	find("/data/views.csv?lang=en&dialogue=ratanakkiri", string(c.Views[4].Code), locale.Get("en").T("code.state.withheld"), locale.Get("en").T("code.reason.advertising"), "")
	find("/data/views.csv?lang=en", string(c.Views[3].Code), "[left out: "+locale.Get("en").T("code.reason.personal_data")+"] of the commune asked for money to sign the form.")
	find("/data/overdue.csv?lang=en", string(c.Views[1].Code), "Provincial department of rural development", "Confirm that it arrived")
	var all, late int
	c.Register.View(func(s *civic.State) {
		b := s.Balance(civic.Filter{}, c.Now())
		all, late = b.Registered, b.Overdue()
	})
	if rows := rowsOf(t, c.get("/data/views.csv").Body.Bytes()); len(rows)-1 != all {
		t.Errorf("%d rows, %d views", len(rows)-1, all)
	}
	if rows := rowsOf(t, c.get("/data/overdue.csv").Body.Bytes()); len(rows)-1 != late || late == 0 {
		t.Errorf("%d rows, %d late", len(rows)-1, late)
	}
	if w := c.get("/data/views.csv?dialogue=none"); w.Code != 404 {
		t.Errorf("a dialogue that there is not: %d", w.Code)
	}
	body := c.get("/feeds/overdue.atom?lang=en").Body.String()
	if feed := feedOf(t, []byte(body)); len(feed.Entries) != late || !strings.Contains(body, string(c.Views[1].Code)) {
		t.Errorf("%d late, and the feed says %s", late, body)
	}
	events := eventsOf(t, c.get("/calendar.ics?lang=en").Body.String())
	for _, want := range [][3]string{{"Provincial dialogue in Ratanakkiri", "20260309", "20260501"}, {"Two wells", "20261030", "20261031"}, {"Two wells: Survey", "20260531", "20260601"}} {
		if !slices.ContainsFunc(events, func(e map[string]string) bool {
			return e["SUMMARY"] == want[0] && e["DTSTART;VALUE=DATE"] == want[1] && e["DTEND;VALUE=DATE"] == want[2]
		}) {
			t.Errorf("the calendar lacks %q: %q", want, events)
		}
	}
	if slices.ContainsFunc(events, func(e map[string]string) bool { return strings.Contains(e["SUMMARY"], "Drilled") }) {
		t.Error("a milestone that was reported reached is still due")
	}
}

// TestFilesAreHarmless: words that mean something to a spreadsheet, to XML or to
// a calendar are words.
func TestFilesAreHarmless(t *testing.T) {
	c := throughTheChain(t)
	nasty := "=HYPERLINK(\"https://example.org\";\"pay\")</content></entry><x>&\r\nEND:VEVENT\r\nSUMMARY:x, y"
	view := c.view(c.person("nasty"), "en", nasty, "water")
	c.do(c.Judge, view.Act, &act.StatementPublished{}, nil)
	name := "Wells; roads, and \\ more\nEND:VEVENT " + strings.Repeat("ទឹកស្អាត", 12)
	var raised *act.Raised
	c.Register.View(func(s *civic.State) { raised = s.Raised([]act.ID{view.Act}) })
	content := called(name, name)
	content["raised"] = raised
	need := c.do(c.Facilitator, c.Dialogue, &act.NeedIdentified{Theme: "water", Place: "16", Statements: []act.ID{view.Act}}, content).Act
	c.do(c.Facilitator, need, &act.ReferralMade{Authority: c.IDs["department"]}, nil)
	c.Pass(time.Minute)
	found := false
	for _, row := range rowsOf(t, c.get("/data/views.csv?lang=en").Body.Bytes()) {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("a spreadsheet runs %q", cell)
			}
			found = found || strings.HasPrefix(cell, "'=HYPERLINK(")
		}
	}
	if !found {
		t.Error("the view is not in the file")
	}
	feed := feedOf(t, c.get("/feeds/views.atom?lang=en").Body.Bytes())
	if feed.Entries[0].Content != nasty {
		t.Errorf("the feed says %q", feed.Entries[0].Content)
	}
	events := eventsOf(t, c.get("/calendar.ics?lang=en").Body.String())
	if !slices.ContainsFunc(events, func(e map[string]string) bool {
		return strings.HasSuffix(e["SUMMARY"], name) && e["DESCRIPTION"] != "" && e["END"] != ""
	}) {
		t.Errorf("the calendar lacks the need: %q", events)
	}
}

// TestFilesWithoutAnything: nothing to tell is a file too.
func TestFilesWithoutAnything(t *testing.T) {
	s := empty(t)
	for _, path := range dataPaths {
		if w := s.get(path + "?lang=en"); w.Code != 200 || w.Body.Len() == 0 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestFileOfManyRows: a file is bounded, and says where the rest is.
func TestFileOfManyRows(t *testing.T) {
	s := filled(t)
	importing := civic.Actor{By: act.System, Import: true}
	dialogue := s.do(importing, act.ID{}, &act.DialogueAnnounced{Slug: "many", Level: "imported", Door: "open", Limit: 1000, Changes: 60,
		Opens: "2026-03-09", Closes: "2026-04-30", Public: true, Host: s.IDs["cso"]}, called("Many", "ច្រើន")).Act
	s.do(importing, dialogue, &act.DialogueOpened{}, nil)
	for range 1001 {
		s.do(importing, dialogue, &act.StatementRegistered{Channel: "import", Written: "en", Visibility: "open"},
			map[string]any{"text": &act.Text{Text: "one of many"}, "source": &act.Source{}})
	}
	w := s.get("/data/views.csv?dialogue=many&lang=en")
	link := w.Header().Get("Link")
	if rows := rowsOf(t, w.Body.Bytes()); len(rows) != 1001 || link != `</data/views.csv?dialogue=many&lang=en&page=2>; rel="next"` {
		t.Fatalf("%d rows, then %q", len(rows), link)
	}
	w = s.get(link[1:strings.Index(link, ">")])
	if rows := rowsOf(t, w.Body.Bytes()); len(rows) != 2 || w.Header().Get("Link") != "" {
		t.Errorf("%d rows, then %q", len(rows), w.Header().Get("Link"))
	}
}

var hrefs = regexp.MustCompile(`(?:href|src|method="get" action)="([^"#]+)`)

// TestNoDeadLinks follows every address of our own from the public pages, and
// from the pages that they lead to.
func TestNoDeadLinks(t *testing.T) {
	c := throughTheChain(t)
	found := append(c.pages(), c.chainPages()...)
	seen, from := map[string]bool{}, map[string]string{}
	for len(found) > 0 {
		path := found[0]
		found = found[1:]
		// The sample's evidence names files whose bytes nobody handed in, and the
		// log is served by package api.
		if seen[path] || strings.HasPrefix(path, "/file/") || strings.HasPrefix(path, "/log/") {
			continue
		}
		seen[path] = true
		w := c.get(path)
		if w.Code == 404 || w.Code >= 500 {
			t.Errorf("%s, from %s: %d", path, from[path], w.Code)
		}
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		for _, match := range hrefs.FindAllStringSubmatch(w.Body.String(), -1) {
			at, err := url.Parse(html.UnescapeString(match[1]))
			if err != nil {
				t.Errorf("%s has the address %q", path, match[1])
			}
			if next := at.RequestURI(); at.Host == "" && strings.HasPrefix(next, "/") && !seen[next] && strings.Count(next, "lang=") < 2 {
				from[next] = path
				found = append(found, next)
			}
		}
	}
	for _, path := range dataPaths {
		if !seen[path+"?lang=km"] {
			t.Errorf("no page leads to %s", path)
		}
	}
	t.Logf("%d addresses", len(seen))
}

// TestColumnsHaveWords: the heads of the columns are in the reader's language.
func TestColumnsHaveWords(t *testing.T) {
	c := throughTheChain(t)
	for _, path := range dataPaths[:4] {
		head := rowsOf(t, c.get(path+"?lang=km").Body.Bytes())[0]
		other := rowsOf(t, c.get(path+"?lang=en").Body.Bytes())[0]
		for i := range head {
			if head[i] == other[i] || head[i] == "" || slices.Contains(head[:i], head[i]) {
				t.Errorf("%s: column %d is %q and %q", path, i, head[i], other[i])
			}
		}
	}
	if locale.Get("km").T("web.data.words") == "" {
		t.Error("no word")
	}
}
