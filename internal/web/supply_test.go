package web_test

import (
	"html"
	"net/url"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/register"
)

const (
	askedOfHost  = "Which of the three springs do they mean?"
	askedOfView  = "How many families use the pump?"
	toldTheHost  = "The one behind the school; the meeting's minutes say so."
	springDryFor = "Springs that run dry"
)

// asking is the desk of a host whom offices asked for what they miss: Need is the
// case of a need, one of whose views was erased since, View that of a view.
type asking struct {
	*gathering
	Need, View act.ID
	Left       register.Receipt // the view that is left of the need
}

func atTheAsking(t testing.TB) *asking {
	a := &asking{gathering: atTheGathering(t)}
	views := []act.ID{a.Wait[0].Act, a.Wait[1].Act}
	a.Left = a.Wait[1]
	var raised *act.Raised
	a.Register.View(func(s *civic.State) { raised = s.Raised(views) })
	content := called(springDryFor, "ប្រភពទឹករីង")
	content["raised"] = raised
	need := a.do(a.chain.Facilitator, a.Dialogue, &act.NeedIdentified{Theme: "water", Place: "1602", Statements: views}, content).Act
	a.Need = a.do(a.chain.Facilitator, need, &act.ReferralMade{Authority: a.IDs["department"]}, nil).Act
	a.View = a.Cases[0]
	// What is asked first has to be told first, whichever case came first.
	a.asks(a.Need, askedOfHost)
	a.Pass(3 * 24 * time.Hour)
	a.asks(a.View, askedOfView)
	if _, err := a.Register.Erase(t.Context(), civic.Actor{By: act.Participant, Holds: views[0]}, views[0], act.ErasedByHolder); err != nil {
		t.Fatal(err)
	}
	a.as(a.chain.Facilitator)
	return a
}

func (a *asking) asks(id act.ID, question string) {
	a.t.Helper()
	a.do(a.chain.Focal, id, &act.InformationRequested{What: "place", From: "facilitator"}, map[string]any{"question": &act.Explanation{Text: question}})
}

// supplies counts what was supplied to a case.
func (a *asking) supplies(id act.ID) (n int) {
	a.Register.View(func(s *civic.State) {
		for _, e := range s.Referral(id).Events {
			if e.Kind == act.KindInformationSupplied {
				n++
			}
		}
	})
	return n
}

// answerTo is the form that answers what was asked about a case.
func (a *asking) answerTo(r *reader, body string, id act.ID) *pageForm {
	a.t.Helper()
	for _, found := range wholeForm.FindAllStringSubmatch(body, -1) {
		if form := formOf(found[2]); attributesOf(found[1])["action"] == "/desk/supply" && form.values.Get("case") == id.String() {
			form.r, form.action = r, "/desk/supply"
			return form
		}
	}
	a.t.Fatalf("nobody is asked about %s:\n%s", id, mainOf(body))
	return nil
}

// TestOfficeAsksHost: who hosts a dialogue sees what offices ask, with their own
// words, the most urgent first; and nobody else does.
func TestOfficeAsksHost(t *testing.T) {
	a := atTheAsking(t)
	for _, lang := range locale.Languages() {
		r := a.phone().reading(lang)
		body := r.look("/desk/refer")
		names := map[string][2]string{"km": {"ប្រភពទឹករីង", "មន្ទីរអភិវឌ្ឍន៍ជនបទ"}, "en": {springDryFor, "Provincial department of rural development"}}[lang]
		r.sees(body, r.T("web.refer.asked"), names[0], askedOfHost, askedOfView, "The pump at the market is broken.",
			r.T("web.holder.asked", "office", names[1], "what", r.T("code.information.place")))
		if strings.Index(body, askedOfHost) > strings.Index(body, askedOfView) {
			t.Errorf("the most urgent does not come first in %s", lang)
		}
		if !strings.Contains(body, `class="clock"`) {
			t.Errorf("no day is named by when in %s:\n%s", lang, mainOf(body))
		}
		r.lacks(body, "Which road is it?") // of the holder, and too long ago
		r.sees(r.look("/desk"), r.T("web.desk.asked", "n", 2))
	}
	for name, c := range map[string]struct {
		who           civic.Actor
		reads, writes bool
	}{
		"a facilitator of the host":  {a.staff(a.IDs["cso"], act.RoleFacilitator), true, true},
		"a rapporteur of the host":   {a.staff(a.IDs["cso"], act.RoleRapporteur), true, false},
		"a facilitator of elsewhere": {a.staff(a.IDs["other"], act.RoleFacilitator), false, false},
	} {
		body := html.UnescapeString(a.as(c.who).get("/desk/refer").Body.String())
		if strings.Contains(body, askedOfHost) != c.reads || strings.Contains(body, `action="/desk/supply"`) != c.writes {
			t.Errorf("%s: reads is not %t or writes not %t\n%s", name, c.reads, c.writes, mainOf(body))
		}
		if desk := a.get("/desk?lang=en").Body.String(); strings.Contains(desk, "Offices ask you 2 questions") != c.writes {
			t.Errorf("%s: counted at the desk is not %t", name, c.writes)
		}
	}
}

// TestHostSupplies: what a facilitator writes reaches the office once, whatever
// goes wrong before.
func TestHostSupplies(t *testing.T) {
	a := atTheAsking(t)
	for _, lang := range locale.Languages() {
		r := a.phone().reading(lang)
		for name, c := range map[string]struct{ field, value, want string }{
			"nothing":          {"missing", "", r.T("problem.text_empty")},
			"hidden signs":     {"missing", "Behind\x07the school", r.T("problem.control_characters")},
			"too much":         {"missing", strings.Repeat("water ", 1500), r.T("problem.bytes_long")},
			"damaged":          {"token", "x", r.T("problem.token")},
			"a case of nobody": {"case", act.ID{9}.String(), r.T(civic.RefusedCase)},
			"an erased view":   {"view", a.Wait[0].Act.String(), r.T(civic.RefusedErased)},
			"another's view":   {"view", a.Wait[2].Act.String(), r.T(civic.RefusedCase)},
		} {
			form := a.answerTo(r, r.look("/desk/refer"), a.Need).fill("missing", toldTheHost)
			form.values.Set(c.field, c.value)
			w := form.answer("", "")
			if w.Code != 422 && w.Code != 409 && w.Code != 404 {
				t.Errorf("%s in %s: %d", name, lang, w.Code)
			}
			body := r.whole("/desk/supply", ok(w, w.Code))
			r.sees(body, c.want, r.T("web.refer.asked"))
			switch again := a.answerTo(r, body, a.Need).values; {
			case c.field == "case":
				r.sees(body, r.T("web.error.typed"), toldTheHost)
			case again.Get("missing") != form.values.Get("missing"):
				t.Errorf("%s in %s: what was typed is lost: %q", name, lang, again.Get("missing"))
			case c.field != "token" && again.Get("token") != form.values.Get("token"):
				t.Errorf("%s in %s: sent again it would be another act", name, lang)
			}
		}
	}
	form := a.answerTo(a.r, a.r.look("/desk/refer"), a.Need).fill("missing", toldTheHost)
	for name, who := range map[string]civic.Actor{"a rapporteur": a.staff(a.IDs["cso"], act.RoleRapporteur), "an office": a.chain.Focal, "a moderator": a.chain.Judge,
		"a facilitator of elsewhere": a.staff(a.IDs["other"], act.RoleFacilitator)} {
		a.as(who)
		wants(t, name, form.answer("", ""), 403, toldTheHost)
	}
	if n := a.supplies(a.Need); n != 0 {
		t.Fatalf("%d came of what was refused", n)
	}
	a.as(a.chain.Facilitator)
	for range 2 {
		w := form.answer("", "")
		if w.Code != 303 || !strings.Contains(w.Header().Get("Location"), "/desk/refer?") {
			t.Fatalf("supplied: %d %s\n%s", w.Code, w.Header().Get("Location"), mainOf(w.Body.String()))
		}
		a.r.sees(a.r.look(w.Header().Get("Location")), a.r.T("web.refer.supplied"))
	}
	if n := a.supplies(a.Need); n != 1 {
		t.Fatalf("a double click supplied %d times", n)
	}
	a.r.lacks(a.r.look("/desk/refer"), askedOfHost)
	a.r.sees(a.r.look("/desk"), a.r.T("web.desk.asked", "n", 1))
	a.Pass(time.Minute)
	thread := a.as(nobody).get("/v/" + string(a.Left.Code) + "?lang=en")
	wants(t, "its thread", thread, 200, "What was missing was added", "facilitator")
	if strings.Contains(thread.Body.String(), "behind the school") {
		t.Error("everybody can read what was supplied")
	}
	wants(t, "the office", a.as(a.chain.Focal).get(casePath(a.Need)+"?lang=en"), 200, toldTheHost, "It came on")
}

// TestHostSuppliesTooLate: what nobody waits for any more is asked no more, and
// what was typed about it is not lost.
func TestHostSuppliesTooLate(t *testing.T) {
	a := atTheAsking(t)
	first := a.answerTo(a.r, a.r.look("/desk/refer"), a.Need).fill("missing", toldTheHost)
	second := a.answerTo(a.r, a.r.look("/desk/refer"), a.View).fill("missing", "Twelve families.")
	a.do(a.chain.Signing, a.IDs["department"], &act.AnswerIssued{Position: "director", Covers: []act.Covered{{Case: a.Need, Decision: act.Accepted}},
		ConsideredOn: "2026-03-09", ConsideredIn: "file"}, map[string]any{"reasons": &act.Reasons{Cases: []act.CaseReasons{{Case: a.Need, Text: reasonsGiven}}}})
	w := first.answer("", "")
	wants(t, "answered already", w, 409, toldTheHost, a.r.T(civic.RefusedAnswered), a.r.T("web.error.typed"))
	a.r.lacks(w.Body.String(), askedOfHost)
	a.Pass(40 * 24 * time.Hour)
	a.r.sees(a.r.look("/desk/refer"), a.r.T("web.refer.nothing_asked"))
	// Who had the page open may still say it: the office answers on what it has.
	wants(t, "after its day", second.answer("", ""), 303)
	if a.supplies(a.View) != 1 || a.supplies(a.Need) != 0 {
		t.Errorf("%d and %d", a.supplies(a.View), a.supplies(a.Need))
	}
	wants(t, "no address of a page", a.post("/desk/supply", url.Values{"missing": {toldTheHost}}), 422, toldTheHost)
}
