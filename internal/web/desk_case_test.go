package web_test

import (
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"samleng/act"
	"samleng/civic"
)

// TestTwoOnOneCase: the second sees what the first decided and loses nothing.
func TestTwoOnOneCase(t *testing.T) {
	d := seated(t)
	view := d.fresh("The bridge is broken")
	path := "/desk/v/" + string(view.Code)
	second := d.as(d.Other).form(path, "reason", "insult", "explanation", "My long explanation,\r\nin two lines.")
	wants(t, "the first publishes", d.as(d.Moderator).decide(view, "publish"), 303)
	w := d.as(d.Other).post(path+"/withhold", second)
	wants(t, "the second withholds", w, 409, "Somebody else acted on this while you were writing", "My long explanation,\r\nin two lines.", "Coalition of civil-society organisations (moderator)")
	if state, _ := d.moderation(view); state != civic.Published {
		t.Errorf("the view is %s", state)
	}
	// Having read it, they may still decide.
	wants(t, "the second, again", d.decide(view, "withhold", "reason", "insult", "explanation", "It insults."), 303)
	// Of a form that is not offered any more, what was typed stands on the page.
	third := d.as(d.Moderator).form("/desk/v/"+string(d.fresh("another").Code), "query", "words I looked for")
	wants(t, "of a form that is gone", d.post(path+"/same", third), 409, "decided this view already", "What you wrote", "words I looked for")
}

func TestADoubleClickDecidesOnce(t *testing.T) {
	d := seated(t).as(nobody)
	d.as(d.Moderator)
	view := d.fresh("The well is dry")
	path := "/desk/v/" + string(view.Code)
	form := d.form(path, "reason", "insult", "explanation", "because")
	before := d.Register.Position()
	for range 3 {
		wants(t, "withhold", d.post(path+"/withhold", form), 303)
	}
	if n := d.Register.Position() - before; n != 1 {
		t.Errorf("three clicks made %d acts", n)
	}
	form.Set("explanation", "another")
	wants(t, "another under the same token", d.post(path+"/withhold", form), 409)
}

var nobody civic.Actor

func TestPublishMany(t *testing.T) {
	d := seated(t)
	d.as(d.Moderator)
	one, two, stale := d.fresh("one"), d.fresh("two"), d.fresh("three")
	form := d.form("/desk")
	picks := ticks(d.get("/desk?lang=en").Body.String())
	for _, view := range []act.Code{one.Code, two.Code, stale.Code} {
		if picks[string(view)] == "" {
			t.Fatalf("%s cannot be ticked", view)
		}
		form.Add("pick", picks[string(view)])
	}
	// Meanwhile a new wording comes in: who ticked it has not read that.
	d.do(civic.Actor{By: act.Participant, Holds: stale.Act}, stale.Act, &act.StatementCorrected{}, map[string]any{"text": &act.Text{Text: "worse"}})
	wants(t, "three ticked, one of them stale", d.post("/desk/publish", form), 409, "2 were", string(stale.Code), "Somebody else acted on this")
	for _, c := range []struct {
		id   act.ID
		want civic.Moderation
	}{{one.Act, civic.Published}, {two.Act, civic.Published}, {stale.Act, civic.Awaiting}} {
		d.Register.View(func(s *civic.State) {
			if got := s.Statement(c.id).Moderation; got != c.want {
				t.Errorf("%s is %s", s.Code(c.id), got)
			}
		})
	}
	before := d.Register.Position()
	form.Del("pick")
	form.Add("pick", picks[string(one.Code)])
	wants(t, "sent twice", d.post("/desk/publish", form), 303)
	if d.Register.Position() != before {
		t.Error("sending it twice made another act")
	}
	wants(t, "none ticked", d.post("/desk/publish", url.Values{"token": {newToken()}}), 422, "Please tick the views")
	wants(t, "nonsense ticked", d.post("/desk/publish", url.Values{"token": {newToken()}, "pick": {"KH-0000-0000-1.1", "<script>"}}), 409)
}

// ticks finds the boxes of the queue by their view's code.
func ticks(body string) map[string]string {
	found := map[string]string{}
	for _, part := range strings.Split(body, `name="pick" value="`)[1:] {
		value, _, _ := strings.Cut(part, `"`)
		code, _, _ := strings.Cut(value, ".")
		found[code] = value
	}
	return found
}

func TestRedactOnTheCase(t *testing.T) {
	d := seated(t)
	d.as(d.Moderator)
	view := d.fresh("Mr. Somebody of the commune.\r\nAsk Mr. Somebody, ស្ត្រី")
	path := "/desk/v/" + string(view.Code)
	form := d.form(path, "passage1", "Mr. Somebody", "gap1", "personal_data", "step", "preview")
	w := d.post(path+"/redact", form)
	wants(t, "preview", w, 200, "This is what everybody will read", "[left out: names or details of a person]</mark> of the commune.", "Ask ")
	if state, _ := d.moderation(view); state != civic.Awaiting {
		t.Fatalf("a preview published: %s", state)
	}
	_, rest, _ := strings.Cut(w.Body.String(), `name="previewed" value="`)
	id, _, _ := strings.Cut(rest, `"`)
	form.Set("previewed", html.UnescapeString(id))
	form.Set("step", "publish")
	form.Set("passage2", "commune")
	form.Set("gap2", "danger")
	wants(t, "changed after the preview", d.post(path+"/redact", form), 200, "[left out: could put somebody in danger]")
	form.Del("passage2")
	wants(t, "published", d.post(path+"/redact", form), 303)
	body := d.get("/v/" + string(view.Code) + "?lang=en").Body.String()
	if strings.Contains(body, "Somebody of") || strings.Contains(body, "Ask Mr") || !strings.Contains(body, "of the commune.") {
		t.Errorf("the public copy is wrong:\n%s", mainOf(body))
	}
	other := d.fresh("ស្ត្រី")
	path = "/desk/v/" + string(other.Code)
	for _, c := range []struct{ passage, gap, want string }{
		{"", "personal_data", "Please copy at least one part"},
		{"nothing of it", "personal_data", "These words do not stand in the view"},
		{"ស", "personal_data", "begins or ends in the middle of a letter"},
		{"ស្ត្រី", "personal_data", "Nothing would be left to read"},
		{"ស្ត្រី", "because", "Please choose one of these"},
		{strings.Repeat("ស", 1000), "insult", "too long to be stored"},
	} {
		form := d.form(path, "passage1", c.passage, "gap1", c.gap, "step", "publish")
		wants(t, fmt.Sprintf("leave out %.20q", c.passage), d.post(path+"/redact", form), 422, c.want, c.passage)
	}
}

func TestSafeguardingClosesTheCase(t *testing.T) {
	d := seated(t)
	d.as(d.Moderator)
	view := d.fresh("Somebody hurts me at home")
	wants(t, "without the box ticked", d.decide(view, "safeguard"), 422, "Please tick the box")
	wants(t, "moved out", d.decide(view, "safeguard", "confirm", "yes"), 303)
	for name, c := range map[string]struct {
		who   civic.Actor
		reads bool
	}{
		"the moderator": {d.Moderator, false}, "another organisation": {d.Other, false}, "a public authority": {d.Ministry, false},
		"the host's administrator": {d.staff(d.IDs["cso"], act.RoleAdministrator), true},
	} {
		w := d.as(c.who).get("/desk/v/" + string(view.Code) + "?lang=en")
		wants(t, name, w, 200, "tells of abuse or danger")
		if reads := strings.Contains(w.Body.String(), "hurts me"); reads != c.reads {
			t.Errorf("%s reads it: %v", name, reads)
		}
	}
	w := d.get("/v/" + string(view.Code) + "?lang=en")
	wants(t, "the public page", w, 200, "moved to people who protect those in danger")
	wants(t, "publish after all", d.as(d.Moderator).decide(view, "publish"), 403, "passed to people who help")
}

// TestSubjectsStaySealed: nobody is told which organisation a view is about,
// and those of that organisation do not read it before it is published.
func TestSubjectsStaySealed(t *testing.T) {
	d := seated(t)
	view := d.viewFor(d.Other, subject)
	for name, who := range map[string]civic.Actor{"its own": d.Other, "the host's": d.Moderator} {
		body := d.as(who).get("/desk/v/" + string(view.Code) + "?lang=en").Body.String()
		if strings.Contains(body, "Network of NGOs") && name != "its own" {
			t.Errorf("%s moderator is told whom it is about", name)
		}
		if reads := strings.Contains(body, "some words to read"); reads != (name == "the host's") {
			t.Errorf("%s moderator reads it: %v", name, reads)
		}
	}
	if body := d.as(d.Other).get("/desk?lang=en").Body.String(); strings.Contains(body, string(view.Code)) || !strings.Contains(body, "somebody else has to decide") {
		t.Error("the queue of those it is about lists it, or does not say that more waits")
	}
}

func TestBadCaseInput(t *testing.T) {
	d := seated(t)
	d.as(d.Moderator)
	view := d.fresh("words")
	path := "/desk/v/" + string(view.Code)
	for _, c := range []struct {
		act    string
		typed  []string
		status int
		want   string
	}{
		{"withhold", []string{"reason", "safeguarding", "explanation", "x"}, 422, "This choice does not exist"},
		{"withhold", []string{"reason", "insult"}, 422, "Please write something first"},
		{"withhold", []string{"reason", "insult", "explanation", "\u200b\n "}, 422, "Please write something first"},
		{"withhold", []string{"reason", "insult", "explanation", "a\x00b"}, 422, "hidden signs"},
		{"withhold", []string{"reason", "insult", "explanation", "GgÁkarGnupléRBeQI"}, 422, "old Khmer font"},
		{"withhold", []string{"reason", "insult", "explanation", strings.Repeat("x", 8001)}, 422, "too long to be stored"},
		{"withhold", []string{"reason", "insult", "explanation", strings.Repeat("x", act.MaxText+1)}, 413, "This is too large"},
		{"withhold", nil, 422, "2 things need to be changed"},
		{"same", []string{"same", string(act.ID{}.Code("KH"))}, 404, "no view has it"},
		{"same", []string{"same", "KH-0000-0000-1"}, 422, "mistake"},
		{"same", []string{"same", string(view.Code)}, 422, "cannot be joined"},
		{"same", []string{"query", " "}, 422, "Please fill this in"},
		{"correction", []string{"which", "new"}, 409, "no new wording"},
		{"correction", []string{"which", "neither"}, 422, "does not exist"},
		{"appeal", []string{"outcome", "upheld", "answer", "x"}, 409, "Nobody has asked"},
		{"translate", []string{"language", "km", "means", "human", "translation", "ពាក្យ"}, 409, "has not been published"},
		{"erase", []string{"erase_reason", "holder", "confirm", "yes"}, 422, "does not exist"},
		{"erase", []string{"erase_reason", "law"}, 422, "Please tick the box"},
		{"publish", []string{"token", "short"}, 422, "This form is damaged"},
		{"explode", nil, 404, "nothing at this address"},
	} {
		form := d.form(path)
		for i := 0; i+1 < len(c.typed); i += 2 {
			form.Set(c.typed[i], c.typed[i+1])
		}
		wants(t, fmt.Sprintf("%s %.60q", c.act, c.typed), d.post(path+"/"+c.act, form), c.status, c.want)
	}
	if state, _ := d.moderation(view); state != civic.Awaiting {
		t.Errorf("something was done: %s", state)
	}
	wants(t, "a code that is nobody's", d.get("/desk/v/"+string(act.ID{}.Code("KH"))+"?lang=en"), 404)
	if w := d.get("/desk/v/" + strings.ToLower(string(view.Code))); w.Code != 301 || w.Header().Get("Location") != path {
		t.Errorf("a code in small letters: %d %s", w.Code, w.Header().Get("Location"))
	}
}

func TestErase(t *testing.T) {
	d := seated(t)
	d.as(d.Moderator)
	view := d.fresh("words that a court wants gone")
	form := d.form("/desk/v/"+string(view.Code), "erase_reason", "law", "confirm", "yes")
	for range 2 {
		wants(t, "erase", d.post("/desk/v/"+string(view.Code)+"/erase", form), 303)
	}
	if body := d.get("/desk/v/" + string(view.Code) + "?lang=en").Body.String(); strings.Contains(body, "a court wants") || !strings.Contains(body, "the law required it") {
		t.Errorf("after erasing:\n%s", mainOf(body))
	}
}
