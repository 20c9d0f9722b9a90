package web_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/register"
)

// TestReferMany: each view goes once to the office chosen for it; what cannot
// stays ticked, and says why.
func TestReferMany(t *testing.T) {
	g := atTheGathering(t)
	path := "/desk/refer"
	one, two := g.Wait[0].Act.String(), g.Wait[1].Act.String()
	referrals := func(view register.Receipt) (n int) {
		g.Register.View(func(s *civic.State) { n = len(s.Statement(view.Act).Referrals()) })
		return n
	}
	for _, lang := range locale.Languages() {
		r := g.phone().reading(lang)
		w := r.form(r.look(path), path).answer("", "")
		r.whole(path, ok(w, 422))
		r.sees(w.Body.String(), r.T("problem.no_referrals"))
		form := r.form(r.look(path), path).fill("pick", one, "authority_"+one, g.IDs["elsewhere"].String())
		form.values.Set("token", "x")
		w = form.answer("", "")
		r.whole(path, ok(w, 422))
		if again := r.form(w.Body.String(), path); again.values.Get("pick") != one || again.values.Get("authority_"+one) != g.IDs["elsewhere"].String() {
			t.Errorf("what was ticked is lost: %v", again.values["pick"])
		}
	}
	form := g.r.form(g.r.look(path), path).fill("authority_"+one, g.IDs["department"].String())
	form.values["pick"] = []string{one, two}
	form.values.Set("authority_"+two, g.IDs["cso"].String())
	w := form.answer("", "")
	wants(t, "one of two", w, 409, "One of the views you ticked was not passed on; it says below why. 1 were.", string(g.Wait[1].Code))
	if referrals(g.Wait[0]) != 1 || referrals(g.Wait[1]) != 0 {
		t.Errorf("%d and %d referrals", referrals(g.Wait[0]), referrals(g.Wait[1]))
	}
	if again := g.r.form(w.Body.String(), path); again.values.Get("pick") != two {
		t.Errorf("still ticked: %v", again.values["pick"])
	}
	form = g.r.form(g.r.look(path), path).fill("pick", two, "authority_"+two, g.IDs["department"].String())
	for range 2 {
		w := form.answer("", "")
		if w.Code != 303 || !strings.Contains(w.Header().Get("Location"), "done=1") {
			t.Fatalf("passed on: %d %s\n%s", w.Code, w.Header().Get("Location"), mainOf(w.Body.String()))
		}
	}
	if referrals(g.Wait[1]) != 1 {
		t.Errorf("a double click made %d referrals", referrals(g.Wait[1]))
	}
	for name, who := range map[string]civic.Actor{"a rapporteur": g.staff(g.IDs["cso"], act.RoleRapporteur), "an office": g.chain.Focal} {
		g.as(who)
		wants(t, name, g.post(path, url.Values{"token": {newToken()}, "pick": {g.Wait[2].Act.String()}, "authority_" + g.Wait[2].Act.String(): {g.IDs["department"].String()}}), 403)
	}
	wants(t, "of elsewhere", g.as(g.staff(g.IDs["other"], act.RoleFacilitator)).post(path, url.Values{"token": {newToken()}, "pick": {g.Wait[2].Act.String()},
		"authority_" + g.Wait[2].Act.String(): {g.IDs["department"].String()}}), 409)
	if referrals(g.Wait[2]) != 0 {
		t.Error("who may not passed a view on")
	}
}

// ok gives an answer with a status as if it were a page that was found.
func ok(w *httptest.ResponseRecorder, want int) *httptest.ResponseRecorder {
	if w.Code == want {
		w.Code = 200
	}
	return w
}

// TestTell: that an answer was read back is recorded by those who write down for
// others, for an answer that there is, in a way that there is.
func TestTell(t *testing.T) {
	g := atTheGathering(t)
	spoken := g.do(g.chain.Facilitator, g.Dialogue, &act.StatementRegistered{Channel: "assisted", Written: "km", Spoken: "tpu", ReadBack: "yes", Visibility: "open", Place: "16", Themes: []string{"water"}},
		map[string]any{"text": &act.Text{Text: "ទឹកនៅឆ្ងាយ"}, "source": &act.Source{Staff: &g.chain.Facilitator.By.Staff}})
	g.do(g.chain.Judge, spoken.Act, &act.StatementPublished{}, nil)
	id := g.do(g.chain.Facilitator, spoken.Act, &act.ReferralMade{Authority: g.IDs["department"]}, nil).Act
	g.do(g.chain.Signing, g.IDs["department"], &act.AnswerIssued{Position: "director", Covers: []act.Covered{{Case: id, Decision: act.Accepted}},
		ConsideredOn: "2026-03-09", ConsideredIn: "file"}, map[string]any{"reasons": &act.Reasons{Cases: []act.CaseReasons{{Case: id, Text: reasonsGiven}}}})
	for _, lang := range locale.Languages() {
		r := g.phone().reading(lang)
		for field, bad := range map[string]string{"means": "telepathy", "answer": g.chain.Answer.String(), "view": act.ID{5}.String(), "token": "x"} {
			form := r.form(r.look("/desk/refer"), "/desk/told")
			form.values.Set(field, bad)
			w := form.answer("", "")
			if w.Code != 422 && w.Code != 409 && w.Code != 404 {
				t.Errorf("%s %s in %s: %d", field, bad, lang, w.Code)
			}
			r.sees(r.whole("/desk/told", ok(w, w.Code)), r.T("web.refer.tell"), reasonsGiven)
		}
	}
	form := g.r.form(g.r.look("/desk/refer"), "/desk/told").fill("means", "phone")
	for name, who := range map[string]civic.Actor{"a referrer": g.staff(g.IDs["cso"], act.RoleReferrer), "a moderator": g.chain.Judge, "an office": g.chain.Focal} {
		g.as(who)
		wants(t, name, form.answer("", ""), 403)
	}
	if body := g.as(g.staff(g.IDs["cso"], act.RoleReferrer)).get("/desk/refer").Body.String(); strings.Contains(body, `action="/desk/told"`) {
		t.Error("a referrer is offered to tell people")
	}
	g.as(g.chain.Facilitator)
	for range 2 {
		wants(t, "told", form.answer("", ""), 303)
	}
	g.Register.View(func(s *civic.State) {
		if told := s.Statement(spoken.Act).Told; len(told) != 1 || told[0].Means != "phone" {
			t.Errorf("%+v", told)
		}
	})
	g.r.sees(g.r.look("/desk/refer"), g.r.T("web.refer.nobody_to_tell"))
}
