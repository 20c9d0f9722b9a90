package web_test

import (
	"html"
	"net/url"
	"strings"
	"testing"

	"samleng/internal/register"
)

// chainPages are the public pages of what became of views.
func (c *chained) chainPages() []string {
	return []string{"/authorities", "/a/" + c.IDs["department"].String(), "/a/" + c.IDs["ministry"].String(), "/d/ratanakkiri/needs", "/n/" + c.Need.String(),
		"/commitments", "/commitments?state=disputed&place=16", "/commitments?office=" + c.IDs["department"].String(), "/c/" + c.Promise.String(),
		"/overdue", "/d/ratanakkiri", "/", "/v/" + string(c.Held.Code), "/v/" + string(c.Views[1].Code), "/v/" + string(c.Missing.Code)}
}

func TestChainPagesInEveryLanguage(t *testing.T) {
	c := throughTheChain(t)
	for _, path := range c.chainPages() {
		for _, language := range []string{"km", "en"} {
			address := path + "?lang=" + language
			if strings.Contains(path, "?") {
				address = path + "&lang=" + language
			}
			w := c.get(address)
			body := w.Body.String()
			if w.Code != 200 || strings.Contains(body, "⟦") || pointers.MatchString(body) || !strings.Contains(body, `<html lang="`+language+`">`) {
				t.Errorf("%s: %d\n%s", address, w.Code, mainOf(body))
			}
		}
	}
	for path, texts := range map[string][]string{
		"/v/" + string(c.Held.Code): {"This view has been answered", "Clean water near the school", reasonsGiven, "Accepted", "Two wells", "Passed to the public office",
			"Two officials went there", "Reported done, disputed", "Answered"},
		"/v/" + string(c.Views[1].Code):        {"has not confirmed yet", "working days late", "No answer came; passed up to the next level", "Ministry of Interior"},
		"/v/" + string(c.Missing.Code):         {"Missing: exactly where", "asked for"},
		"/n/" + c.Need.String():                {"It leaves one view out", "Fewer than 10 people", "Two wells"},
		"/c/" + c.Promise.String():             {"Promised first for 30 September 2026; 30 days later now", "The tender took longer", "Both are drilled", "One gives no water", "Wells with water", "The first well"},
		"/a/" + c.IDs["department"].String():   {"1 of 2 matters that fell due", "12/26", "One open matter was passed up", "Reported done, disputed", "decides: Water"},
		"/d/ratanakkiri":                       {"Clean water near the school", "Two wells"},
		"/commitments?state=confirmed&lang=en": {"0 of 1 commitments"},
	} {
		w := c.get(strings.ReplaceAll(path+"?lang=en", "?lang=en?", "?"))
		if strings.Contains(path, "?") {
			w = c.get(path)
		}
		body := html.UnescapeString(w.Body.String())
		for _, text := range texts {
			if !strings.Contains(plain(body), text) {
				t.Errorf("%s lacks %q\n%s", path, text, mainOf(body))
			}
		}
	}
}

// plain takes the tags out of a page.
func plain(body string) string { return mainOf(body) }

// TestHolderSuppliesAndJudges: the receipt shows what an office needs to know,
// and takes what its holder thinks of an answer.
func TestHolderSuppliesAndJudges(t *testing.T) {
	c := throughTheChain(t)
	p := c.phone()
	open := func(r register.Receipt) (string, url.Values) {
		form := url.Values{"code": {string(r.Code)}, "secret": {r.Secret}}
		body := p.send("/receipt", form).Body.String()
		for _, field := range hiddenField.FindAllStringSubmatch(body, -1) {
			if field[1] == "token" || field[1] == "case" || field[1] == "answer" {
				form.Set(field[1], field[2])
			}
		}
		return html.UnescapeString(mainOf(body)), form
	}
	page, form := open(c.Held)
	if !strings.Contains(page, reasonsGiven) || form.Get("answer") != c.Answer.String() {
		t.Fatalf("the holder does not see the answer:\n%s", page)
	}
	form.Set("deals", "no")
	wants(t, "half a judgement", p.send("/receipt/judge", form), 422, "choose")
	form.Set("understandable", "yes")
	form.Set("reason", "It is about another school.")
	wants(t, "a judgement", p.send("/receipt/judge", form), 200, "It counts in the figures", "is considering this view")
	form.Set("token", "")
	wants(t, "no token", p.send("/receipt/judge", form), 422)
	wants(t, "its figures", p.open("/a/"+c.IDs["department"].String()+"?lang=en"), 200, "One person answered this")
	page, _ = open(c.Missing)
	if strings.Contains(page, "Which road is it?") {
		t.Error("the time to supply it has passed, and it is still asked for")
	}
}

// TestHolderSuppliesInTime is the same before the time is up.
func TestHolderSuppliesInTime(t *testing.T) {
	c := throughTheChain(t)
	c.Pass(-25 * 24 * 60 * 60 * 1e9)
	p := c.phone()
	holding := url.Values{"code": {string(c.Missing.Code)}, "secret": {c.Missing.Secret}}
	body := p.send("/receipt", holding).Body.String()
	if !strings.Contains(body, "Which road is it?") {
		t.Fatalf("the holder is not asked:\n%s", mainOf(body))
	}
	for _, field := range hiddenField.FindAllStringSubmatch(body, -1) {
		if field[1] == "token" || field[1] == "case" {
			holding.Set(field[1], field[2])
		}
	}
	c.Pass(25 * 24 * 60 * 60 * 1e9)
	holding.Set("missing", "From the market to the school.")
	w := p.send("/receipt/supply", holding)
	wants(t, "supplied", w, 200, "The office goes on with your matter")
}
