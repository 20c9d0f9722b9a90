package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
)

// TestAnswersOfOfficesThatMayNot: what an office is not responsible for it does
// not answer, what it advises on it does not decide; what was typed stays.
func TestAnswersOfOfficesThatMayNot(t *testing.T) {
	for name, c := range map[string]struct {
		as, decision, want string
	}{
		"of another theme":    {"", act.Accepted, civic.RefusedNotCompetent},
		"advises only":        {act.Advises, act.Accepted, civic.RefusedAdvisesOnly},
		"advises, and admits": {act.Advises, act.NotAccepted, ""},
	} {
		o := atTheOffice(t)
		// A matter of roads, for which the office has declared nothing.
		path, form := o.as(o.chain.Signing).write(o.chain.Silent)
		id := o.chain.Silent.String()
		if c.as != "" {
			o.do(civic.System, o.IDs["department"], &act.CompetenceDeclared{Themes: []string{"roads"}, As: c.as, From: "2026-01-01"}, nil)
		}
		for _, o.lang = range locale.Languages() {
			w := o.post(path, with(form, "step", "issue", "decision_"+id, c.decision))
			if c.want == "" {
				wants(t, name, w, 303)
				break
			}
			wants(t, name, w, 409, locale.Get(o.lang).T(c.want), ownReasons)
			form.Set("version", o.pageForm(w.Body.String(), path).values.Get("version"))
		}
	}
}

// pageForm reads the form of a page of the desk.
func (o *officeSample) pageForm(body, action string) *pageForm {
	o.t.Helper()
	return (&reader{phone: o.phone(), lang: o.language()}).form(body, action)
}

// TestTwoIssueAtOnce: two officers have the same draft open, each with other
// words, and both issue. There is one answer; the second sees it beside theirs.
func TestTwoIssueAtOnce(t *testing.T) {
	for _, lang := range locale.Languages() {
		o := atTheOffice(t)
		o.lang = lang
		second := o.staff(o.IDs["department"], act.RoleSigningOfficer)
		path, form := o.as(o.chain.Signing).write(o.Cases[0])
		field := "text_" + o.Cases[0].String()
		wants(t, "the first", o.post(path, with(form, "step", "issue", field, "The first officer's words: the pump is repaired on Monday.")), 303)
		theirs := with(form, "step", "issue", field, "The second officer's words: the pump cannot be repaired at all.", "token", newToken())
		w := o.as(second).post(path, theirs)
		wants(t, "the second in "+lang, w, 409, "The first officer's words", "The second officer's words")
		o.Register.View(func(s *civic.State) {
			if n := len(s.Referral(o.Cases[0]).Answers); n != 1 {
				t.Errorf("%d answers in %s", n, lang)
			}
		})
		// The same click twice is one answer, and no conflict.
		id := o.Cases[1]
		path, form = o.as(o.chain.Signing).write(id)
		for range 2 {
			wants(t, "a double click in "+lang, o.post(path, with(form, "step", "issue")), 303)
		}
	}
}

// TestScansThatCannotBeTaken: the scan of a letter is looked at, not believed.
func TestScansThatCannotBeTaken(t *testing.T) {
	o := atTheOffice(t)
	for _, lang := range locale.Languages() {
		o.lang = lang
		path, form := o.as(o.chain.Signing).write(o.fresh())
		version := "1"
		for name, c := range map[string]struct {
			file  string
			bytes []byte
		}{
			"a page for a photo":   {"letter.png", []byte("<html><script>alert(1)</script>")},
			"a program for a PDF":  {"letter.pdf", []byte("MZ\x90\x00 this program cannot be run")},
			"a photo cut in half":  {"letter.png", picture(1)[:30]},
			"nothing in it":        {"letter.pdf", nil},
			"larger than is taken": {"letter.png", append(picture(2), make([]byte, 10<<20)...)},
		} {
			w := o.sendFiles(path, with(form, "step", "issue", "version", version), c.file, c.bytes)
			wants(t, name+" in "+lang, w, 422, ownReasons, c.file)
			if strings.Contains(w.Body.String(), "⟦") || unfilled.MatchString(mainOf(strings.NewReplacer("{n}", "", "{least}", "").Replace(w.Body.String()))) {
				t.Errorf("%s in %s: a hole in the words", name, lang)
			}
			version = o.pageForm(w.Body.String(), path).values.Get("version")
		}
		wants(t, "a scan", o.sendFiles(path, with(form, "step", "issue", "version", version), "letter.png", picture(3)), 303)
	}
}

// TestSettingsLeaveThePastAlone: new working days count for what begins then. A
// step that is late stays late since the same day, and none gets shorter.
func TestSettingsLeaveThePastAlone(t *testing.T) {
	g := atTheGathering(t)
	clocks := func() (late, runs civic.Clock) {
		g.Register.View(func(s *civic.State) {
			late, runs = s.Referral(g.chain.Silent).Acknowledge, s.Referral(g.Cases[0]).Answer
		})
		return late, runs
	}
	late, runs := clocks()
	if !late.Overdue(g.Now()) || runs.Overdue(g.Now()) {
		t.Fatal("the sample is not as the test needs it")
	}
	g.as(g.staff(g.IDs["ministry"], act.RoleBoard))
	g.r.form(g.r.look(settingsPath), settingsPath+"/policy").fill("days_acknowledge", "400", "days_answer", "1").send()
	form := g.r.form(g.r.look(settingsPath), settingsPath+"/calendar").fill("holidays", "2026-04-14\n2026-12-25")
	form.values["weekend"] = []string{"0", "5", "6"} // from now on nobody works on Fridays either
	form.send()
	still, keeps := clocks()
	if !still.Overdue(g.Now()) || still.LastDay() != late.LastDay() {
		t.Errorf("what was late since %s is due by %s", late.LastDay(), still.LastDay())
	}
	if keeps.LastDay().Before(runs.LastDay()) {
		t.Errorf("due by %s it is due by %s", runs.LastDay().Format(time.DateOnly), keeps.LastDay().Format(time.DateOnly))
	}
	g.as(g.chain.Facilitator)
	fresh := url.Values{"token": {newToken()}, "pick": {g.Wait[0].Act.String()}, "authority_" + g.Wait[0].Act.String(): {g.IDs["department"].String()}}
	wants(t, "passed on", g.post("/desk/refer", fresh), 303)
	g.Register.View(func(s *civic.State) {
		r := s.Statement(g.Wait[0].Act).Referrals()[0]
		if n := s.WorkingDays(g.Now(), r.Answer.LastDay()); n != 1 {
			t.Errorf("what begins now has %d working days, not the one that was set", n)
		}
	})
}
