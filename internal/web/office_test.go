package web_test

import (
	"fmt"
	"html"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
)

// officeSample is an office with fresh cases at its desk: one about a need, two
// about views.
type officeSample struct {
	*deskSample
	chain            *chained
	NeedCase         act.ID
	Cases            []act.ID
	Boss, Elsewhere  civic.Actor // signing officers of another office, and of one above
	Delegate, Worker civic.Actor
}

func atTheOffice(t testing.TB) *officeSample {
	c := throughTheChain(t)
	o := &officeSample{deskSample: sit(c.sample), chain: c}
	c.IDs["elsewhere"] = c.do(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "district_administration", Authority: true},
		called("District administration", "រដ្ឋបាលស្រុក")).Act
	o.Boss, o.Elsewhere = c.staff(c.IDs["ministry"], act.RoleSigningOfficer), c.staff(c.IDs["elsewhere"], act.RoleSigningOfficer)
	o.Worker = c.staff(c.IDs["department"], act.RoleFocalPoint)
	moderator := c.staff(c.IDs["cso"], act.RoleModerator)
	for _, text := range []string{"The pump at the market is broken.", "Our children drink from the river."} {
		view := c.view(c.person(text), "en", text, "water")
		c.do(moderator, view.Act, &act.StatementPublished{}, nil)
		o.Cases = append(o.Cases, c.do(c.Facilitator, view.Act, &act.ReferralMade{Authority: c.IDs["department"]}, nil).Act)
	}
	return o
}

// casePath is a case's page.
func casePath(id act.ID) string { return "/desk/case/" + id.String() }

// as seats somebody.
func (o *officeSample) as(who civic.Actor) *officeSample {
	o.deskSample.as(who)
	return o
}

// send sends one of a case's forms.
func (o *officeSample) send(id act.ID, name string, typed ...string) *httptest.ResponseRecorder {
	form := url.Values{"token": {newToken()}}
	for i := 0; i+1 < len(typed); i += 2 {
		form.Set(typed[i], typed[i+1])
	}
	return o.post(casePath(id)+"/"+name, form)
}

const ownReasons = "We went there on Monday; the pump will be repaired with the money of this year."

// write begins an answer to cases and fills it in.
func (o *officeSample) write(cases ...act.ID) (path string, form url.Values) {
	o.t.Helper()
	picked := url.Values{"token": {newToken()}}
	for _, id := range cases {
		picked.Add("pick", id.String())
	}
	w := o.post("/desk/answers", picked)
	if w.Code != 303 {
		o.t.Fatalf("begin an answer: %d %s", w.Code, mainOf(w.Body.String()))
	}
	path, _, _ = strings.Cut(w.Header().Get("Location"), "?")
	form = url.Values{"version": {"1"}, "token": {newToken()}, "position": {"director"}, "on": {o.Now().Format(time.DateOnly)}, "in": {"meeting"}, "letter": {"7/26"}}
	for i, id := range cases {
		form.Add("case", id.String())
		form.Set("decision_"+id.String(), act.Accepted)
		form.Set("text_"+id.String(), fmt.Sprintf("%s (%d)", ownReasons, i))
	}
	return path, form
}

func with(form url.Values, typed ...string) url.Values {
	changed := url.Values{}
	for name, values := range form {
		changed[name] = values
	}
	for i := 0; i+1 < len(typed); i += 2 {
		changed.Set(typed[i], typed[i+1])
	}
	return changed
}

// officePages are the pages of an office's desk.
func (o *officeSample) officePages() []string {
	pages := []string{"/desk", "/desk/cases", "/desk/cases?show=late", "/desk/cases?show=answered", "/desk/cases?show=escalated", "/desk/cases?show=review",
		"/desk/cases?show=open&theme=water&place=16&dialogue=ratanakkiri", "/desk/cases?done=2", "/desk/answers", "/desk/answers?did=discarded&done=1", "/desk/signing", "/desk/office",
		"/desk/letter/" + o.chain.Answer.String()}
	for _, id := range append([]act.ID{o.chain.Case, o.chain.Silent, o.chain.Asking}, o.Cases...) {
		pages = append(pages, casePath(id), casePath(id)+"?did=extend")
	}
	return pages
}

func TestOfficePagesInEveryLanguage(t *testing.T) {
	o := atTheOffice(t)
	o.as(o.chain.Signing)
	draft, _ := o.write(o.Cases...)
	o.do(civic.Actor{By: act.Participant, Holds: o.chain.Held.Act}, o.chain.Held.Act, &act.AnswerJudged{Answer: o.chain.Answer, Deals: "no", Understandable: "yes"},
		map[string]any{"reason": &act.Explanation{Text: "Another village."}})
	for name, who := range map[string]civic.Actor{"focal point": o.chain.Focal, "signing officer": o.chain.Signing, "boss": o.Boss, "elsewhere": o.Elsewhere,
		"monitor": o.chain.Monitor, "facilitator": o.chain.Facilitator} {
		o.as(who)
		for _, path := range append(o.officePages(), draft) {
			o.looksRight(name, path)
		}
	}
}

// looksRight renders a page in every language; one that is not for whoever asks
// is refused.
func (d *deskSample) looksRight(name, path string) {
	d.t.Helper()
	for _, language := range locale.Languages() {
		address := path + map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "lang=" + language
		w := d.get(address)
		body := w.Body.String()
		if w.Code == 403 || w.Code == 404 {
			continue
		}
		if w.Code != 200 || !strings.Contains(body, `<html lang="`+language+`">`) || w.Header().Get("Cache-Control") != "no-store" {
			d.t.Errorf("%s %s: %d\n%s", name, address, w.Code, mainOf(body))
		}
		if i := strings.Index(body, "⟦"); i >= 0 {
			d.t.Errorf("%s %s: no message %.60s", name, address, body[i:])
		}
		if hole := unfilled.FindString(strings.NewReplacer(`data-say`, "", "{n}", "", "{least}", "", "{name}", "").Replace(body)); hole != "" {
			d.t.Errorf("%s %s: nobody filled in %s", name, address, hole)
		}
		for _, code := range missingCode.FindAllString(body, -1) {
			d.t.Errorf("%s %s: no word for the code %s", name, address, code)
		}
		if pointer := pointers.FindString(body); pointer != "" {
			d.t.Errorf("%s %s: the address %s", name, address, pointer)
		}
	}
}

// TestFromReferralToLetter walks an office's whole way with one case.
func TestFromReferralToLetter(t *testing.T) {
	o := atTheOffice(t)
	id := o.Cases[0]
	o.as(o.chain.Focal)
	wants(t, "the list", o.get("/desk?lang=en"), 200, "The pump at the market is broken.", "Confirm that it arrived, and answer", "working days late")
	for range 2 {
		form := url.Values{"token": {"0123456789abcdefghjkmnpqrs"}, "pick": {id.String(), o.Cases[1].String()}}
		wants(t, "acknowledged twice by one form", o.post("/desk/cases/acknowledge", form), 303)
	}
	again := url.Values{"token": {newToken()}, "pick": {id.String()}}
	wants(t, "acknowledged again", o.post("/desk/cases/acknowledge", again), 409, "already that it arrived", "The pump")
	wants(t, "none ticked", o.post("/desk/cases/acknowledge", url.Values{"token": {newToken()}}), 422, "tick the matters")
	today := o.Now().Format(time.DateOnly)
	wants(t, "considered", o.send(id, "consider", "on", today, "in", "site_visit", "minutes", "Two officials went."), 303)
	wants(t, "considered tomorrow", o.send(id, "consider", "on", "2031-01-01", "in", "file"), 422, "has not come yet")
	wants(t, "asked for nothing", o.send(id, "ask", "question", "Which pump is it?"), 422, "choose", "Which pump is it?")
	wants(t, "asked", o.send(id, "ask", "what", "place", "from", "facilitator", "question", "Which pump is it?"), 303)
	wants(t, "the page then", o.get(casePath(id)+"?lang=en"), 200, "Which pump is it?", "exactly where")
	wants(t, "asked twice", o.send(id, "ask", "what", "time", "from", "holder", "question", "And when was it?"), 409, "asked for once", "And when was it?")
	if body := o.as(o.Elsewhere).get(casePath(id) + "?lang=en").Body.String(); strings.Contains(body, "Which pump") {
		t.Error("another office reads the question")
	}
	o.as(o.chain.Focal)
	wants(t, "extended by too much", o.send(id, "extend", "days", "100", "reasons", "The rain."), 422, "between 1 and 60", "The rain.")
	wants(t, "extended", o.send(id, "extend", "days", "១០", "reasons", "The rain."), 303)
	wants(t, "first date kept", o.get(casePath(id)+"?lang=en"), 200, "first due by")
	path, form := o.write(id)
	wants(t, "saved", o.post(path, with(form, "step", "save")), 303)
	form.Set("version", "2")
	wants(t, "a focal point issues", o.post(path, with(form, "step", "issue")), 403, "Your role does not include this", ownReasons)
	wants(t, "sent to be signed", o.post(path, with(form, "step", "send")), 303)
	wants(t, "the list of answers", o.as(o.chain.Signing).get("/desk/answers?lang=en"), 200, "To be signed", "7/26")
	form.Set("version", "3")
	var letter string
	for range 2 {
		w := o.post(path, with(form, "step", "issue"))
		wants(t, "issued", w, 303)
		letter = w.Header().Get("Location")
	}
	if !strings.HasPrefix(letter, "/desk/letter/") {
		t.Fatal(letter)
	}
	wants(t, "the letter", o.get(strings.Split(letter, "?")[0]+"?lang=en"), 200, "ព្រះរាជាណាចក្រកម្ពុជា", "ជាតិ សាសនា ព្រះមហាក្សត្រ", "Kingdom of Cambodia", "No. 7/26", ownReasons, "director", "Signature and seal")
	o.Register.View(func(s *civic.State) {
		if r := s.Referral(id); len(r.Answers) != 1 || r.Decision != act.Accepted {
			t.Errorf("%d answers, %s", len(r.Answers), r.Decision)
		}
	})
	wants(t, "the case, answered", o.get(casePath(id)+"?lang=en"), 200, "Correct the answer", "7/26")
	wants(t, "similar answers help", o.get(casePath(o.Cases[1])+"?lang=en"), 200, "How your office answered before", ownReasons)
}

// TestTwoWriteOneAnswer: the second sees what the first kept and loses nothing.
func TestTwoWriteOneAnswer(t *testing.T) {
	o := atTheOffice(t)
	o.as(o.chain.Focal)
	path, form := o.write(o.Cases...)
	field := "text_" + o.Cases[0].String()
	wants(t, "the first saves", o.post(path, with(form, field, "The first one's words about the pump at the market.", "step", "save")), 303)
	o.as(o.Worker)
	w := o.post(path, with(form, field, "The second one's words, quite different.", "step", "save"))
	wants(t, "the second saves", w, 409, "The first one's words", "The second one's words", "A colleague saved this draft")
	wants(t, "kept by the script", o.post(path, with(form, field, "The second one's", "step", "autosave")), 409, "colleague")
	form.Set("version", "2")
	wants(t, "the second, again", o.post(path, with(form, field, "Both together, as they agreed on the phone.", "step", "save")), 303)
	w = o.post(path, with(form, "version", "3", field, "Both together, and more of it than before.", "step", "autosave"))
	wants(t, "kept by the script", w, 200, `"version":4`)
	wants(t, "thrown away without the box", o.post(path, with(form, "version", "4", "step", "discard")), 422, "tick the box")
	wants(t, "thrown away", o.post(path, with(form, "version", "4", "step", "discard", "confirm", "yes")), 303)
	wants(t, "saved after it was thrown away", o.as(o.chain.Focal).post(path, with(form, "version", "4", field, "What the other still had typed in.", "step", "save")), 409, "threw it away", "What the other still had")
	wants(t, "saved anew", o.post(path, with(form, "version", "0", field, "What the other still had typed in.", "step", "save")), 303)
	wants(t, "another office's", o.as(o.Elsewhere).get(path+"?lang=en"), 404)
	wants(t, "no officer", o.as(o.chain.Facilitator).get(path+"?lang=en"), 403)
}

// TestAnsweredMeanwhile: who was slower sees the answer beside what they typed.
func TestAnsweredMeanwhile(t *testing.T) {
	o := atTheOffice(t)
	o.as(o.chain.Signing)
	id := o.Cases[0]
	path, form := o.write(id)
	department := o.IDs["department"]
	o.do(o.chain.Signing, department, &act.AnswerIssued{Position: "director", Covers: []act.Covered{{Case: id, Decision: act.NotAccepted}},
		ConsideredOn: o.Now().Format(time.DateOnly), ConsideredIn: "file"}, map[string]any{"reasons": &act.Reasons{Cases: []act.CaseReasons{{Case: id,
		Text: "Answered by somebody else of the office, with enough words to be reasons."}}}})
	w := o.post(path, with(form, "step", "issue"))
	wants(t, "issued", w, 409, "answered meanwhile", "Answered by somebody else of the office", ownReasons)
	wants(t, "opened again", o.get(path+"?lang=en"), 200, "Answered by somebody else of the office", ownReasons)
	// A correction is a further answer in place of that one.
	w = o.send(id, "correct")
	wants(t, "correct", w, 303)
}

func TestCorrection(t *testing.T) {
	o := atTheOffice(t)
	o.as(o.chain.Signing)
	w := o.send(o.chain.Case, "correct")
	wants(t, "correct", w, 303)
	path, _, _ := strings.Cut(w.Header().Get("Location"), "?")
	wants(t, "begins with what was answered", o.get(path+"?lang=en"), 200, reasonsGiven, "12/26", "A correction of an answer")
	id := o.chain.Case.String()
	form := url.Values{"version": {"1"}, "token": {newToken()}, "position": {"director"}, "on": {"2026-03-09"}, "in": {"file"}, "case": {id}, "letter": {"12/26 b"},
		"decision_" + id: {act.AcceptedInPart}, "text_" + id: {"Only one of the wells can be paid for in this year, the other next year."}}
	wants(t, "issued", o.post(path, with(form, "step", "issue")), 303)
	o.Register.View(func(s *civic.State) {
		r := s.Referral(o.chain.Case)
		if len(r.Answers) != 2 || s.Answer(r.Answers[0]).Superseded != r.Answers[1] || r.Decision != act.AcceptedInPart {
			t.Errorf("%v %s", r.Answers, r.Decision)
		}
	})
	wants(t, "the older letter", o.get("/desk/letter/"+o.chain.Answer.String()+"?lang=en"), 200, "A later answer corrects this one")
}

// TestBadAnswers is what an answer must not be.
func TestBadAnswers(t *testing.T) {
	o := atTheOffice(t)
	o.as(o.chain.Signing)
	path, form := o.write(o.Cases...)
	one, two := o.Cases[0].String(), o.Cases[1].String()
	version := 1
	try := func(what string, status int, want string, typed ...string) {
		t.Helper()
		changed := with(form, append(typed, "version", fmt.Sprint(version), "step", "issue")...)
		w := o.post(path, changed)
		wants(t, what, w, status, want)
		if typed := changed.Get("text_" + two); status != 303 && !strings.Contains(html.UnescapeString(w.Body.String()), strings.TrimSpace(typed)) {
			t.Errorf("%s: what was typed is lost", what)
		}
		d, err := o.Register.Drafts(t.Context(), o.IDs["department"])
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range d {
			if strings.HasSuffix(path, d.ID.String()) {
				version = int(d.Version)
			}
		}
	}
	try("no reasons", 422, "Please write something first", "text_"+one, "")
	try("too few", 422, "need at least 40", "text_"+one, "Noted.")
	try("only what is common", 422, "need at least 40", "text_"+one, "Noted.", "common", strings.Repeat("the same for all ", 10))
	try("invisible", 422, "Please write something first", "text_"+one, strings.Repeat("\u200b", 50))
	try("hidden signs", 422, "hidden signs", "text_"+one, ownReasons+"\x00")
	try("no decision", 422, "choose", "decision_"+one, "")
	try("unknown decision", 422, "does not exist", "decision_"+one, "perhaps")
	try("no day", 422, "Please write a date", "on", "")
	try("a day to come", 422, "has not come yet", "on", "2031-01-01")
	try("nobody's name", 422, "choose", "position", "")
	wants(t, "covering nothing", o.post("/desk/answers", url.Values{"token": {newToken()}}), 422, "tick the matters")
	wants(t, "to another's case", o.as(o.Elsewhere).post("/desk/answers", url.Values{"token": {newToken()}, "pick": {one}}), 409, "does not have this matter")
	o.as(o.chain.Signing)
	// Handed on while it was written.
	wants(t, "handed on", o.send(o.Cases[1], "transfer", "to", o.IDs["elsewhere"].String(), "reasons", "It is the district's."), 303)
	try("to a case that was handed on", 409, "does not have this matter now")
	changed := with(form, "version", fmt.Sprint(version), "drop", two, "step", "save")
	wants(t, "without it", o.post(path, changed), 303)
	wants(t, "handed back", o.as(o.Elsewhere).send(o.Cases[1], "transfer", "to", o.IDs["department"].String(), "reasons", "No, it is yours after all."), 409, "had the matter before", "No, it is yours after all.")
	o.do(civic.System, o.IDs["department"], &act.CompetenceDeclared{Themes: []string{"roads"}, As: act.Decides, From: "2026-01-01"}, nil)
}

// TestBulkSigning: several drafts at once, each an answer; one that changed since
// the list was shown is not signed.
func TestBulkSigning(t *testing.T) {
	o := atTheOffice(t)
	var picks []string
	for _, id := range o.Cases {
		o.as(o.chain.Focal)
		path, form := o.write(id)
		wants(t, "sent", o.post(path, with(form, "step", "send")), 303)
		picks = append(picks, strings.TrimPrefix(path, "/desk/answer/")+".3")
	}
	wants(t, "a focal point signs", o.post("/desk/answers/sign", url.Values{"pick": picks}), 403)
	o.as(o.chain.Signing)
	if body := o.get("/desk/answers?lang=en").Body.String(); strings.Count(body, `name="pick"`) != 2 {
		t.Errorf("not both can be ticked:\n%s", mainOf(body))
	}
	stale := strings.Replace(picks[1], ".3", ".2", 1)
	wants(t, "one is stale", o.post("/desk/answers/sign", url.Values{"pick": {picks[0], stale}}), 409, "Somebody else acted on this", "1 were")
	for range 2 {
		wants(t, "both", o.post("/desk/answers/sign", url.Values{"pick": picks}), 303)
	}
	o.Register.View(func(s *civic.State) {
		for _, id := range o.Cases {
			if r := s.Referral(id); len(r.Answers) != 1 {
				t.Errorf("%d answers", len(r.Answers))
			}
		}
	})
	wants(t, "none ticked", o.post("/desk/answers/sign", url.Values{}), 422, "tick the answers")
}

func TestDelegateSigns(t *testing.T) {
	o := atTheOffice(t)
	o.as(o.chain.Focal)
	path, form := o.write(o.Cases[0])
	wants(t, "no officer delegates", o.post("/desk/signing", url.Values{"token": {newToken()}, "to": {o.chain.Focal.By.Staff.String()}, "from": {"2026-03-01"}, "until": {"2026-12-31"}}), 403)
	o.as(o.chain.Signing)
	wants(t, "the wrong way round", o.post("/desk/signing", url.Values{"token": {newToken()}, "to": {o.chain.Focal.By.Staff.String()}, "from": {"2026-12-31"}, "until": {"2026-03-01"}}), 422, "before the first")
	wants(t, "to nobody", o.post("/desk/signing", url.Values{"token": {newToken()}, "from": {"2026-03-01"}, "until": {"2026-12-31"}}), 422, "choose")
	wants(t, "to a stranger", o.post("/desk/signing", url.Values{"token": {newToken()}, "to": {o.Boss.By.Staff.String()}, "from": {"2026-03-01"}, "until": {"2026-12-31"}}), 403, "role is not held")
	wants(t, "delegated", o.post("/desk/signing", url.Values{"token": {newToken()}, "to": {o.chain.Focal.By.Staff.String()}, "from": {"2026-03-01"}, "until": {"2026-12-31"}}), 303)
	wants(t, "listed", o.get("/desk/signing?lang=en"), 200, "(now)")
	wants(t, "the delegate issues", o.as(o.chain.Focal).post(path, with(form, "step", "issue")), 303)
}

func TestNoteAndSecondLook(t *testing.T) {
	o := atTheOffice(t)
	o.as(o.chain.Focal)
	wants(t, "an empty note", o.post("/desk/office", url.Values{"token": {newToken()}, "text_en": {"More words"}}), 422, "fill this in", "More words")
	wants(t, "a note", o.post("/desk/office", url.Values{"token": {newToken()}, "note_en": {"Two of five posts are empty."}, "text_en": {"Since May."}}), 303)
	wants(t, "its public page", o.get("/a/"+o.IDs["department"].String()+"?lang=en"), 200, "Two of five posts are empty.", "Since May.")
	o.do(civic.Actor{By: act.Participant, Holds: o.chain.Held.Act}, o.chain.Held.Act, &act.AnswerJudged{Answer: o.chain.Answer, Deals: "no", Understandable: "yes"},
		map[string]any{"reason": &act.Explanation{Text: "It is another village."}})
	wants(t, "their own answer", o.send(o.chain.Case, "review", "outcome", "upheld", "reasons", "We were right."), 403)
	o.as(o.Elsewhere)
	wants(t, "the list", o.get("/desk/cases?show=review&lang=en"), 200, "Take a second look", "Clean water near the school")
	wants(t, "the reason", o.get(casePath(o.chain.Case)+"?lang=en"), 200, "It is another village.")
	wants(t, "decided", o.send(o.chain.Case, "review", "outcome", "reopened", "reasons", "It speaks of another village."), 303)
	wants(t, "twice", o.send(o.chain.Case, "review", "outcome", "upheld", "reasons", "On second thoughts."), 409, "Nobody has asked", "On second thoughts.")
	wants(t, "back at the office", o.as(o.chain.Focal).get("/desk/cases?lang=en"), 200, "Clean water near the school")
}
