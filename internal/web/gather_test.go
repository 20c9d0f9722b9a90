package web_test

import (
	"net/url"
	"strings"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/register"
)

// gathering is the desk at which views are gathered and passed on, with views
// that wait for that.
type gathering struct {
	*officeSample
	r    *reader
	Wait []register.Receipt
}

func atTheGathering(t testing.TB) *gathering {
	g := &gathering{officeSample: atTheOffice(t)}
	for _, text := range []string{"The spring is dry.", "The pump is broken again.", "The tank leaks."} {
		view := g.view(g.person(text), "en", text, "water")
		g.do(g.chain.Judge, view.Act, &act.StatementPublished{}, nil)
		g.Wait = append(g.Wait, view)
	}
	g.r = g.phone().reading("en")
	g.deskSample.as(g.chain.Facilitator)
	return g
}

const gatherPath = "/desk/d/ratanakkiri/needs"

func (g *gathering) needPath() string { return "/desk/n/" + g.chain.Need.String() }

// needs counts the needs of the dialogue.
func (g *gathering) needs() (n int) {
	g.Register.View(func(s *civic.State) { n = len(s.NeedsOf(g.Dialogue)) })
	return n
}

// TestGatheringPagesInEveryLanguage looks at the pages of those who gather, pass
// on and set, as everybody: who has nothing to do there is told so.
func TestGatheringPagesInEveryLanguage(t *testing.T) {
	g := atTheGathering(t)
	cso := g.IDs["cso"]
	for name, c := range map[string]struct {
		who            civic.Actor
		gather, settle int
	}{
		"facilitator":   {g.chain.Facilitator, 200, 403},
		"rapporteur":    {g.staff(cso, act.RoleRapporteur), 200, 403},
		"referrer":      {g.staff(cso, act.RoleReferrer), 200, 403},
		"moderator":     {g.staff(cso, act.RoleModerator), 403, 403},
		"focal point":   {g.chain.Focal, 403, 403},
		"monitor":       {g.chain.Monitor, 403, 403},
		"administrator": {g.staff(g.IDs["department"], act.RoleAdministrator), 403, 200},
		"board":         {g.staff(cso, act.RoleBoard), 403, 200},
		"nobody":        {nobody, 303, 303},
	} {
		g.as(c.who)
		for path, want := range map[string]int{gatherPath: c.gather, gatherPath + "?theme=water&page=2": c.gather, g.needPath(): c.gather, "/desk/refer": c.gather,
			"/desk/refer?done=2": c.gather, "/desk/settings": c.settle} {
			if w := g.get(path); w.Code != want {
				t.Errorf("%s of a %s: %d, not %d", path, name, w.Code, want)
			}
			if want == 200 {
				g.looksRight(name, path)
			}
		}
	}
}

// TestOffersWhatIsAccepted: a form stands only where it would be accepted.
func TestOffersWhatIsAccepted(t *testing.T) {
	g := atTheGathering(t)
	rapporteur, stranger := g.staff(g.IDs["cso"], act.RoleRapporteur), g.staff(g.IDs["other"], act.RoleFacilitator)
	referrer := g.staff(g.IDs["cso"], act.RoleReferrer)
	for _, c := range []struct {
		name, path, action string
		who                civic.Actor
		offered            bool
	}{
		{"gathers at home", gatherPath, gatherPath, rapporteur, true},
		{"gathers elsewhere", gatherPath, gatherPath, stranger, false},
		{"summarises at home", g.needPath(), g.needPath() + "/summarise", rapporteur, true},
		{"summarises elsewhere", g.needPath(), g.needPath() + "/summarise", stranger, false},
		{"writes down, and passes on", g.needPath(), g.needPath() + "/refer", rapporteur, false},
		{"passes on", g.needPath(), g.needPath() + "/refer", referrer, true},
		{"takes out of what was passed on", g.needPath(), g.needPath() + "/remove", rapporteur, false},
	} {
		body := g.as(c.who).get(c.path).Body.String()
		if strings.Contains(body, `<form method="post" action="`+c.action+`"`) != c.offered {
			t.Errorf("%s: offered is not %t", c.name, c.offered)
		}
	}
	body := g.as(rapporteur).get("/desk/refer").Body.String()
	if strings.Contains(body, `name="pick"`) {
		t.Error("a rapporteur is offered to pass views on")
	}
}

// TestIdentify: views become a need once, whatever goes wrong before.
func TestIdentify(t *testing.T) {
	g := atTheGathering(t)
	before := g.needs()
	for _, lang := range locale.Languages() {
		r := g.phone().reading(lang)
		form := func() *pageForm { return r.form(r.look(gatherPath), gatherPath) }
		for name, c := range map[string]struct {
			field, value, want string
		}{
			"nothing ticked":         {"view", "", r.T("problem.choose")},
			"no name":                {"name_km", "", r.T("problem.text_empty")},
			"no theme":               {"need_theme", "", r.T("problem.choose")},
			"hidden signs":           {"name_km", "ទឹក\x00", ""},
			"damaged":                {"token", "x", r.T("problem.token")},
			"a theme of nobody":      {"need_theme", "money", r.T(civic.RefusedTheme)},
			"a place finer than all": {"place", "999999", r.T(civic.RefusedPlace)},
			"a view of nobody":       {"view", act.ID{7}.String(), ""},
		} {
			f := form().fill("name_km", "ទឹកនៅរដូវប្រាំង", "about_en", "Half a page that took an hour.", "need_theme", "roads", "place", "1602", "view", g.Wait[1].Act.String())
			f.values.Set(c.field, c.value)
			if c.value == "" {
				f.values.Del(c.field)
			}
			w := f.answer("", "")
			if w.Code != 422 && w.Code != 409 && w.Code != 404 || !strings.Contains(w.Body.String(), `<html lang="`+lang+`">`) {
				t.Errorf("%s in %s: %d\n%s", name, lang, w.Code, mainOf(w.Body.String()))
				continue
			}
			r.sees(w.Body.String(), c.want)
			again := r.form(w.Body.String(), gatherPath)
			for field, kept := range map[string]string{"about_en": "Half a page that took an hour.", "need_theme": "roads", "place": "1602", "view": g.Wait[1].Act.String()} {
				if field != c.field && again.values.Get(field) != kept {
					t.Errorf("%s in %s: %s is %q when the form is shown again", name, lang, field, again.values.Get(field))
				}
			}
		}
	}
	if g.needs() != before {
		t.Fatal("a need came of bad input")
	}
	f := g.r.form(g.r.look(gatherPath), gatherPath).fill("name_en", "Water in the dry season", "need_theme", "water", "view", g.Wait[0].Act.String())
	var at string
	for range 2 {
		w := f.answer("", "")
		to, _, _ := strings.Cut(w.Header().Get("Location"), "?")
		if w.Code != 303 || at != "" && at != to {
			t.Errorf("the second click: %d to %s, not to %s", w.Code, to, at)
		}
		at = to
	}
	if g.needs() != before+1 {
		t.Errorf("two clicks made %d needs", g.needs()-before)
	}
	// The page of before, filled in anew: its token is spent, and the page that
	// says so has a fresh one.
	w := f.fill("name_en", "Another need").answer("", "")
	wants(t, "another from the same form", w, 409, "already sent from this form", "Another need")
	if w := g.r.form(w.Body.String(), gatherPath).answer("", ""); w.Code != 303 {
		t.Errorf("sent again: %d %s", w.Code, mainOf(w.Body.String()))
	}
	for name, who := range map[string]civic.Actor{"a moderator": g.chain.Judge, "an office": g.chain.Focal, "of elsewhere": g.staff(g.IDs["other"], act.RoleFacilitator)} {
		g.as(who)
		f.values.Set("token", newToken())
		wants(t, name, f.answer("", ""), 403)
	}
	wants(t, "nobody", g.as(nobody).post(gatherPath, f.values), 401)
}

// TestTicksOnALaterPage: what was ticked under a filter or on a later page is
// still ticked when the form is shown again.
func TestTicksOnALaterPage(t *testing.T) {
	g := atTheGathering(t)
	for range 60 {
		view := g.view(g.person("many"), "en", "One more.", "roads")
		g.do(g.chain.Judge, view.Act, &act.StatementPublished{}, nil)
		g.Wait = append(g.Wait, view)
	}
	form := g.r.form(g.r.look(gatherPath+"?theme=roads&page=2"), gatherPath)
	last := form.offers["view"][len(form.offers["view"])-1]
	w := form.fill("view", last).answer("", "")
	wants(t, "no name", w, 422)
	if again := g.r.form(w.Body.String(), gatherPath); again.values.Get("view") != last {
		t.Errorf("ticked then: %v", again.values["view"])
	}
}

// TestNeedDesk: views are added, taken out and summarised, once each.
func TestNeedDesk(t *testing.T) {
	g := atTheGathering(t)
	f := g.r.form(g.r.look(gatherPath), gatherPath).fill("name_en", "Water in the dry season", "need_theme", "water", "view", g.Wait[0].Act.String())
	f.send()
	path := g.r.at
	var need *civic.Need
	look := func() {
		id, _ := act.ParseID(strings.TrimPrefix(path, "/desk/n/"))
		g.Register.View(func(s *civic.State) { need = s.Need(id) })
	}
	twice := func(what string, form *pageForm) {
		t.Helper()
		for range 2 {
			if w := form.answer("", ""); w.Code != 303 {
				t.Fatalf("%s: %d %s", what, w.Code, mainOf(w.Body.String()))
			}
		}
		look()
	}
	for _, lang := range locale.Languages() {
		r := g.phone().reading(lang)
		for _, act := range []string{"add", "summarise", "remove"} {
			form := r.form(r.look(path), path+"/"+act)
			form.values.Del("view")
			w := form.answer("", "")
			if w.Code != 422 || !strings.Contains(w.Body.String(), `<html lang="`+lang+`">`) {
				t.Errorf("%s nothing in %s: %d", act, lang, w.Code)
			}
		}
	}
	twice("add", g.r.form(g.r.look(path), path+"/add").fill("view", g.Wait[1].Act.String()))
	if n := len(need.Statements()); n != 2 {
		t.Fatalf("it has %d views", n)
	}
	summary := g.r.form(g.r.look(path), path+"/summarise")
	if len(summary.values["view"]) != 2 {
		t.Errorf("a summary covers %v", summary.values["view"])
	}
	summary.values["view"] = []string{g.Wait[0].Act.String()}
	w := summary.fill("summary_en", "The wells\x00 are dry.").answer("", "")
	wants(t, "hidden signs", w, 422, "hidden signs")
	if again := g.r.form(w.Body.String(), path+"/summarise"); len(again.values["view"]) != 1 || !strings.HasPrefix(again.values.Get("summary_en"), "The wells") {
		t.Errorf("kept: %v", again.values)
	}
	twice("summarise", summary.fill("summary_en", "The wells are dry."))
	if len(need.Summaries) != 1 || len(need.LeftOut()) != 1 {
		t.Errorf("%d summaries, %d left out", len(need.Summaries), len(need.LeftOut()))
	}
	g.r.sees(g.r.look("/n/"+need.ID.String()), g.r.T("web.need.left_out", "n", 1))
	twice("take out", g.r.form(g.r.look(path), path+"/remove").fill("view", g.Wait[1].Act.String()))
	if n := len(need.Statements()); n != 1 {
		t.Errorf("it has %d views", n)
	}
	refer := g.r.form(g.r.look(path), path+"/refer").fill("information", g.IDs["ministry"].String())
	refer.values.Set("authority", g.IDs["cso"].String())
	w = refer.answer("", "")
	if w.Code == 303 || g.r.form(w.Body.String(), path+"/refer").values.Get("information") != g.IDs["ministry"].String() {
		t.Errorf("to no authority: %d %s", w.Code, mainOf(w.Body.String()))
	}
	twice("refer", refer.fill("authority", g.IDs["department"].String()))
	if r := need.Referrals(); len(r) != 1 || len(r[0].Information) != 1 {
		t.Errorf("%d referrals", len(r))
	}
	refer.values.Set("token", newToken())
	wants(t, "to the same again", refer.answer("", ""), 409)
	wants(t, "an act that there is not", g.post(path+"/dissolve", url.Values{"token": {newToken()}}), 404)
	wants(t, "a need that there is not", g.post("/desk/n/"+act.ID{9}.String()+"/add", url.Values{"token": {newToken()}}), 404)
}
