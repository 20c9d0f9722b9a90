package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
)

const settingsPath = "/desk/settings"

// TestSettings: an administrator says for what the office is responsible, once,
// however it was typed.
func TestSettings(t *testing.T) {
	g := atTheGathering(t)
	department, ministry := g.IDs["department"], g.IDs["ministry"]
	g.as(g.staff(department, act.RoleAdministrator))
	administrator, board := g.who, g.staff(ministry, act.RoleBoard)
	form := func(who civic.Actor, name string) *pageForm {
		g.as(who)
		return g.r.form(g.r.look(settingsPath), settingsPath+"/"+name)
	}
	count := func() (n, interests int, ladder []act.ID) {
		g.Register.View(func(s *civic.State) {
			n, interests, ladder = len(s.Competences(department)), len(s.Interests(department)), s.Ladder(department)
		})
		return n, interests, ladder
	}
	before, interests, _ := count()
	for _, f := range []*pageForm{form(administrator, "competence").fill("theme", "roads", "place", "16", "as", "advises", "from", "1/5/2026", "until", "២០២៧-០៤-៣០"),
		form(administrator, "interest").fill("with", g.IDs["other"].String(), "stake", "funded_by"), form(administrator, "ladder").fill("to", ministry.String()),
		form(board, "policy").fill("days_answer", "២៥"), form(board, "calendar").fill("holidays", "2026-04-14\n23/11/2026\n\n2026-11-23\n")} {
		g.as(map[bool]civic.Actor{true: board, false: administrator}[strings.HasSuffix(f.action, "policy") || strings.HasSuffix(f.action, "calendar")])
		for range 2 {
			if w := f.answer("", ""); w.Code != 303 {
				t.Fatalf("%s: %d %s", f.action, w.Code, mainOf(w.Body.String()))
			}
		}
	}
	// It does not hold yet, which is not "in the past".
	page := g.as(administrator).get(settingsPath + "?lang=en")
	wants(t, "a responsibility to come", page, 200, "from 1 May 2026")
	if strings.Contains(page.Body.String(), "in the past") {
		t.Error("what is to come is said to be past")
	}
	after, more, ladder := count()
	if after != before+1 || more != interests+1 || !slices.Equal(ladder, []act.ID{ministry}) {
		t.Errorf("%d competences, %d interests, above it %v", after-before, more-interests, ladder)
	}
	g.Register.View(func(s *civic.State) {
		last := s.Competences(department)[after-1]
		if last.From != "2026-05-01" || last.Until != "2027-04-30" || last.As != act.Advises {
			t.Errorf("%+v", last.CompetenceDeclared)
		}
		if _, holidays := s.Calendar(); s.Policy()[act.StepAnswer] != 25 || s.Policy()[act.StepAcknowledge] != 5 || !slices.Equal(holidays, []string{"2026-04-14", "2026-11-23"}) {
			t.Errorf("%v %v", s.Policy(), holidays)
		}
	})
}

// TestBadSettings: what cannot be is refused, with what was typed.
func TestBadSettings(t *testing.T) {
	g := atTheGathering(t)
	administrator, board := g.staff(g.IDs["department"], act.RoleAdministrator), g.staff(g.IDs["ministry"], act.RoleBoard)
	g.do(civic.System, g.IDs["ministry"], &act.LadderDeclared{To: []act.ID{g.IDs["elsewhere"]}}, nil)
	before := g.Register.Position()
	for _, lang := range locale.Languages() {
		r := g.phone().reading(lang)
		for _, c := range []struct {
			what, form string
			fill       []string
			set        []string // past what the form offers
			want       string
			keeps      string // the field that must still be as typed
		}{
			{"no kind of competence", "competence", []string{"theme", "roads", "until", "2027-01-01"}, nil, r.T("problem.choose"), "theme"},
			{"a day that is none", "competence", []string{"as", "advises", "theme", "roads", "from", "soon"}, nil, r.T("problem.date"), "from"},
			{"an end that is none", "competence", []string{"as", "advises", "until", "2026-02-30"}, nil, r.T("problem.date"), "until"},
			{"the wrong way round", "competence", []string{"as", "advises", "place", "16", "from", "2026-05-01", "until", "2026-04-01"}, nil, r.T("problem.date_order"), "place"},
			{"a theme of nobody", "competence", []string{"as", "advises"}, []string{"theme", "money"}, r.T(civic.RefusedTheme), "as"},
			{"a place of nobody", "competence", []string{"as", "advises"}, []string{"place", "9999"}, r.T(civic.RefusedPlace), "as"},
			{"nobody above", "ladder", nil, nil, r.T("problem.choose"), ""},
			{"no authority above", "ladder", nil, []string{"to", g.IDs["cso"].String()}, r.T(civic.RefusedNotAuthority), ""},
			{"a stake in nobody", "interest", []string{"stake", "supplier"}, nil, r.T("problem.choose"), "stake"},
			{"no stake", "interest", []string{"with", g.IDs["other"].String()}, nil, r.T("problem.choose"), "with"},
			{"no day at all", "policy", []string{"days_answer", "0", "days_refer", "7"}, nil, r.T("problem.number_range", "low", 1, "high", 400), "days_refer"},
			{"too many days", "policy", []string{"days_answer", "401"}, nil, r.T("problem.number_range", "low", 1, "high", 400), "days_answer"},
			{"words for days", "policy", []string{"days_answer", "many"}, nil, r.T("problem.number_range", "low", 1, "high", 400), "days_answer"},
			{"a past holiday more", "calendar", []string{"holidays", "2026-03-10\n2026-04-14\n2026-11-23"}, nil, r.T(civic.RefusedPast, "day", "2026-03-10"), "holidays"},
			{"a past holiday less", "calendar", []string{"holidays", "2026-11-23"}, nil, r.T(civic.RefusedPast, "day", "2026-04-14"), "holidays"},
			{"all past holidays less", "calendar", []string{"holidays", ""}, nil, r.T(civic.RefusedPast, "day", "2026-04-14"), "holidays"},
			{"a holiday that is none", "calendar", []string{"holidays", "2026-04-14\nNew Year"}, nil, r.T("problem.date"), "holidays"},
			{"a damaged form", "calendar", []string{"holidays", "2026-12-25"}, []string{"token", "x"}, r.T("problem.token"), "holidays"},
		} {
			g.as(administrator)
			if c.form == "calendar" || c.form == "policy" {
				g.as(board)
			}
			f := r.form(r.look(settingsPath), settingsPath+"/"+c.form).fill(c.fill...)
			for i := 0; i+1 < len(c.set); i += 2 {
				f.values.Set(c.set[i], c.set[i+1])
			}
			if c.form == "calendar" {
				f.values["weekend"] = []string{"0"}
			}
			w := f.answer("", "")
			if w.Code != 422 && w.Code != 409 && w.Code != 404 || !strings.Contains(w.Body.String(), `<html lang="`+lang+`">`) {
				t.Errorf("%s in %s: %d\n%s", c.what, lang, w.Code, mainOf(w.Body.String()))
				continue
			}
			r.whole(c.what, ok(w, w.Code))
			r.sees(w.Body.String(), c.want)
			again := r.form(w.Body.String(), f.action)
			if c.keeps != "" && again.values.Get(c.keeps) != f.values.Get(c.keeps) {
				t.Errorf("%s in %s: %s is %q, not %q as typed", c.what, lang, c.keeps, again.values.Get(c.keeps), f.values.Get(c.keeps))
			}
			if c.form == "calendar" && !slices.Equal(again.values["weekend"], []string{"0"}) {
				t.Errorf("%s in %s: the weekend is %v again", c.what, lang, again.values["weekend"])
			}
			if again.values.Get("token") == "x" {
				t.Errorf("%s in %s: the form stays damaged", c.what, lang)
			}
		}
	}
	all := url.Values{"token": {newToken()}, "weekend": {"0", "1", "2", "3", "4", "5", "6"}}
	wants(t, "nobody ever works", g.post(settingsPath+"/calendar", all), 422, "choose 6 at most")
	wants(t, "no steps", g.post(settingsPath+"/policy", url.Values{"token": {newToken()}}), 422, "between 1 and 400")
	wants(t, "what there is not", g.as(administrator).post(settingsPath+"/rules", url.Values{"token": {newToken()}}), 404)
	if g.Register.Position() != before {
		t.Error("an act came of bad input")
	}
}

// TestWhoSettles: an administrator speaks for their own organisation; the clocks
// of all are set by administrators and the board of who leads.
func TestWhoSettles(t *testing.T) {
	g := atTheGathering(t)
	forms := map[string]url.Values{"competence": {"as": {"advises"}, "theme": {"roads"}}, "ladder": {"to": {g.IDs["elsewhere"].String()}},
		"interest": {"with": {g.IDs["other"].String()}, "stake": {"partner"}}, "policy": {"days_answer": {"20"}}, "calendar": {"weekend": {"0", "6"}, "holidays": {"2026-04-14"}}}
	for _, role := range act.Roles {
		g.as(g.staff(g.IDs["department"], role))
		body := g.get(settingsPath).Body.String()
		for name, form := range forms {
			may := role == act.RoleAdministrator && name != "policy" && name != "calendar"
			form.Set("token", newToken())
			if w := g.post(settingsPath+"/"+name, form); (w.Code == 303) != may || !may && w.Code != 403 {
				t.Errorf("%s by a %s: %d", name, role, w.Code)
			}
			if strings.Contains(body, `action="`+settingsPath+"/"+name+`"`) != may {
				t.Errorf("%s is offered to a %s: not %t", name, role, may)
			}
		}
	}
	// What counts for everybody is set by who leads the programme.
	for _, role := range act.Roles {
		g.as(g.staff(g.IDs["ministry"], role))
		body := g.get(settingsPath).Body.String()
		for _, name := range []string{"policy", "calendar"} {
			may := role == act.RoleAdministrator || role == act.RoleBoard
			forms[name].Set("token", newToken())
			if w := g.post(settingsPath+"/"+name, forms[name]); (w.Code == 303) != may || !may && w.Code != 403 {
				t.Errorf("%s by a %s who leads: %d", name, role, w.Code)
			}
			if strings.Contains(body, `action="`+settingsPath+"/"+name+`"`) != may {
				t.Errorf("%s is offered to a %s who leads: not %t", name, role, may)
			}
		}
	}
	g.as(nobody)
	for name := range forms {
		wants(t, "nobody's "+name, g.post(settingsPath+"/"+name, url.Values{"token": {newToken()}}), 401)
	}
}
