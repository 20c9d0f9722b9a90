package web_test

import (
	"html"
	"net/url"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/api"
	"samleng/internal/locale"
)

// TestPagesOfPastDays: a page of a day that has passed has that day's balance,
// says of which day it is, and leads to today.
func TestPagesOfPastDays(t *testing.T) {
	c := throughTheChain(t)
	c.more()
	a, err := api.New(api.Config{Register: c.Register})
	if err != nil {
		t.Fatal(err)
	}
	department := c.IDs["department"].String()
	for _, day := range []string{"2026-03-09", "2026-03-19", "2026-03-26", "2026-04-10", "2026-04-19", "2026-05-01"} {
		for path, query := range map[string]url.Values{"/": {}, "/d/ratanakkiri": {"dialogue": {"ratanakkiri"}}, "/a/" + department: {"authority": {department}}} {
			if day < "2026-03-19" && strings.HasPrefix(path, "/a/") {
				continue // it was not there yet
			}
			query.Set("at", day)
			shows(t, c, path+"?lang=en&on="+day, asked(t, a, query))
		}
	}
	for _, language := range []string{"km", "en"} {
		l := locale.Get(language)
		at, err := time.Parse(time.DateOnly, "2026-03-26")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/", "/d/ratanakkiri", "/a/" + department, "/commitments", "/overdue"} {
			w := c.get(path + "?on=2026-03-26&lang=" + language)
			body := html.UnescapeString(w.Body.String())
			for _, want := range []string{l.T("web.past.notice", "date", l.Date(at, time.UTC)), `<a href="` + path + `">` + l.T("web.past.today"), `value="2026-03-26"`, "noindex"} {
				if w.Code != 200 || !strings.Contains(body, want) || strings.Contains(body, "⟦") {
					t.Errorf("%s in %s: %d, without %q\n%s", path, language, w.Code, want, mainOf(body))
				}
			}
			if strings.Contains(body, "/take-part") {
				t.Errorf("%s: taking part in the past", path)
			}
			if body := c.get(path + "?lang=" + language).Body.String(); strings.Contains(body, l.T("web.past.today")) || !strings.Contains(body, `name="on"`) {
				t.Errorf("%s: today is not today, or there is no way to another day", path)
			}
		}
	}
	for path, want := range map[string]string{"/commitments?lang=en&on=2026-03-18": locale.Get("en").T("web.commitments.none"),
		"/commitments?lang=en&on=2026-03-19": "Two wells", "/commitments?lang=en&on=2026-03-19&state=late": "0 of 1 commitments",
		"/overdue?lang=en&on=2026-03-09": locale.Get("en").T("web.home.none_overdue")} {
		if body := html.UnescapeString(c.get(path).Body.String()); !strings.Contains(body, want) {
			t.Errorf("%s lacks %q\n%s", path, want, mainOf(body))
		}
	}
}

// TestDaysThatCannotBeShown: the message is in the reader's language.
func TestDaysThatCannotBeShown(t *testing.T) {
	c := throughTheChain(t)
	today := c.Now().In(time.FixedZone("", 7*3600)).Format(time.DateOnly)
	for _, language := range []string{"km", "en"} {
		for _, path := range []string{"/", "/d/ratanakkiri", "/a/" + c.IDs["department"].String(), "/commitments", "/overdue"} {
			for _, day := range []string{today, "2030-01-01", "2026-03-08", "2026-02-30", "yesterday", "0000-00-00", strings.Repeat("9", 500)} {
				w := c.get(path + "?lang=" + language + "&on=" + day)
				if w.Code != 422 || !strings.Contains(html.UnescapeString(w.Body.String()), locale.Get(language).T("problem.past_day")) {
					t.Errorf("%s on %q in %s: %d\n%s", path, day, language, w.Code, mainOf(w.Body.String()))
				}
			}
		}
		w := c.get("/a/" + c.IDs["department"].String() + "?on=2026-03-10&lang=" + language)
		if w.Code != 404 || !strings.Contains(html.UnescapeString(w.Body.String()), locale.Get(language).T("problem.not_then")) {
			t.Errorf("before it was there: %d\n%s", w.Code, mainOf(w.Body.String()))
		}
	}
}

// TestPastPagesShowNoWordsTakenAway: what may be read on a past day's page is
// decided by today's state.
func TestPastPagesShowNoWordsTakenAway(t *testing.T) {
	c := throughTheChain(t)
	const path, words = "/overdue?lang=en&on=2026-04-10", "The road to the health centre floods"
	if body := c.get(path).Body.String(); !strings.Contains(body, words) {
		t.Fatalf("the view was not late:\n%s", mainOf(body))
	}
	c.do(c.Judge, c.Views[1].Act, &act.StatementWithheld{Reason: "personal_data"}, explained("It names somebody."))
	c.Pass(time.Minute)
	body := html.UnescapeString(c.get(path).Body.String())
	if strings.Contains(body, words) || !strings.Contains(body, locale.Get("en").T("web.view.taken_away")) || !strings.Contains(body, string(c.Views[1].Code)) {
		t.Errorf("withheld today, and on that day's page:\n%s", mainOf(body))
	}
	// The same for words that are erased.
	if _, err := c.Register.Erase(t.Context(), civic.Actor{By: act.Participant, Holds: c.Held.Act}, c.Held.Act, act.ErasedByHolder); err != nil {
		t.Fatal(err)
	}
	c.Pass(time.Minute)
	for _, path := range []string{"/", "/d/ratanakkiri", "/a/" + c.IDs["department"].String(), "/commitments", "/overdue"} {
		if body := c.get(path + "?lang=en&on=2026-03-19").Body.String(); strings.Contains(body, "We need a well near the school.") || strings.Contains(body, words) {
			t.Errorf("%s has words that were taken away", path)
		}
	}
}
