package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
)

// TestSilentOffice is the same walk where the office stays silent: what is late
// shows by itself, it goes up by rule, and comes up again at the next dialogue.
func TestSilentOffice(t *testing.T) {
	for _, lang := range []string{"km", "en"} {
		t.Run(lang, func(t *testing.T) {
			w := walking(t, lang)
			w.settle()
			w.putForward()
			w.publish()
			w.gather()
			w.isLate()
			w.goesUp()
			w.comesUpAgain()
			w.answersAtLast()
			w.audited()
		})
	}
}

func (w *walk) rule() {
	w.t.Helper()
	if err := w.Register.Rule(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// isLate: on the last day the office has, nothing is late; on the next it is,
// and everybody can see it.
func (w *walk) isLate() {
	w.t.Helper()
	p := w.public
	w.pass(int(w.caseOf().Acknowledge.LastDay().Sub(w.Now()).Hours()/24) + 1)
	if last := w.caseOf().Acknowledge.LastDay(); w.today() != last.Format(time.DateOnly) {
		w.t.Fatalf("it is %s, not the last day, %s", w.today(), last)
	}
	if page := w.everybody(w.thread()); strings.Contains(page, "overdue") {
		w.t.Errorf("on the last day it is late already:\n%s", mainOf(page))
	}
	p.sees(w.everybody("/overdue"), p.T("web.home.none_overdue"))
	w.says(civic.DispWaiting, false)
	w.pass(1)
	w.says(civic.DispWaiting, true)
	late := p.T("web.overdue.lead", "n", 1, "all", 1)
	p.sees(w.everybody("/overdue"), late, saidOnPaper)
	page := w.everybody(w.thread())
	if !strings.Contains(page, `class="now overdue"`) {
		w.t.Errorf("the thread does not say that it is late:\n%s", mainOf(page))
	}
	p.sees(w.everybody("/a/"+w.IDs["department"].String()), p.T("web.balance.are_late", "n", 1), p.T("web.home.overdue"))
	if page = w.everybody("/n/" + w.need); !strings.Contains(page, `class="late"`) {
		w.t.Errorf("the need does not say that it is late:\n%s", mainOf(page))
	}
	p.sees(w.everybody("/d/ratanakkiri"), p.T("web.balance.are_late", "n", 1))
	if opened := w.opened(); !strings.Contains(opened, `class="now overdue"`) {
		w.t.Errorf("the holder is not told that it is late:\n%s", mainOf(opened))
	}
	f := w.focal
	f.sees(f.look("/desk/cases?show=late"), w.named())
	w.rule()
	if n := len(w.caseOf().Escalations); n != 0 {
		w.t.Errorf("it went up %d times on the first late day", n)
	}
}

func (w *walk) caseOf() (r civic.Referral) {
	w.t.Helper()
	id, err := act.ParseID(w.referral)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Register.View(func(s *civic.State) { r = *s.Referral(id) })
	return r
}

// goesUp: ten working days later the rule passes it to who stands above.
func (w *walk) goesUp() {
	w.t.Helper()
	p, above := w.public, w.above
	above.lacks(above.look("/desk/cases"), w.named())
	w.pass(14)
	w.rule()
	w.rule()
	if escalated := w.caseOf().Escalations; len(escalated) != 1 || len(escalated[0].To) != 1 || escalated[0].To[0] != w.IDs["ministry"] {
		w.t.Fatalf("it went up to %+v", escalated)
	}
	ministry := map[string]string{"km": "ក្រសួងមហាផ្ទៃ", "en": "Ministry of Interior"}[w.lang]
	page := w.everybody(w.thread())
	p.sees(page, p.T("code.event.case.escalated"), ministry, p.T("code.doer.system"))
	p.sees(w.everybody("/a/"+w.IDs["department"].String()), p.T("web.authority.escalated", "n", 1))
	page = above.follow(above.look("/desk/cases"), "/desk/cases?show=escalated")
	page = above.follow(page, w.casePath())
	w.says(civic.DispWaiting, true)
	above.sees(page, w.named(), saidOnPaper, above.T("web.office.escalated", "n", 1), above.T("web.office.not_ours"))
	for _, form := range []string{"acknowledge", "answer"} {
		if strings.Contains(page, `action="`+w.casePath()+"/"+form+`"`) {
			w.t.Errorf("the office above is offered to %s, and the case is not its own", form)
		}
	}
}

// comesUpAgain: the next dialogue of the province has it on its agenda.
func (w *walk) comesUpAgain() {
	w.t.Helper()
	f, p := w.facilitator, w.public
	page := f.follow(f.look("/desk"), "/desk/dialogues")
	f.form(page, "/desk/dialogues").fill("name_km", "វេទិកាលើកទីពីរ", "name_en", "The second dialogue", "about_km", "តើមានអ្វីប្រែប្រួល?", "about_en", "What has changed?",
		"slug", "ratanakkiri-again", "level", "provincial", "place", "16", "place_level", "2", "door", "open", "opens", "2026-05-01", "closes", "2026-05-29").send()
	p.lacks(w.everybody("/d/ratanakkiri-again"), w.named())
	w.rule()
	w.rule()
	page = w.everybody("/d/ratanakkiri-again")
	p.sees(page, p.T("web.dialogue.agenda"), w.named(), p.T("web.case.escalated", "n", 1))
	if n := strings.Count(page, `href="/n/`+w.need+`"`); n != 1 {
		w.t.Errorf("it is %d times on the agenda", n)
	}
	p.lacks(w.everybody("/d/ratanakkiri"), p.T("web.dialogue.agenda"))
}

// answersAtLast: an answer that comes late stays late, and the holder, who has
// no phone, has to be told.
func (w *walk) answersAtLast() {
	w.t.Helper()
	f, p := w.facilitator, w.public
	f.sees(f.look("/desk/refer"), f.T("web.refer.nobody_to_tell"))
	w.consider()
	w.reply()
	page := w.everybody(w.thread())
	p.sees(page, p.T("code.event.case.escalated"))
	if !strings.Contains(page, `class="late"`) {
		w.t.Errorf("once answered, nothing was ever late:\n%s", mainOf(page))
	}
	p.sees(w.everybody("/overdue"), p.T("web.home.none_overdue"))
	page = f.look("/desk/refer")
	f.sees(page, f.T("web.refer.tell"), answered, string(w.slip.Code))
	told := f.form(page, "/desk/told").fill("means", "meeting")
	for range 2 { // a double click
		if got := told.answer("", ""); got.Code != http.StatusSeeOther {
			w.t.Fatalf("told: %d %s", got.Code, mainOf(got.Body.String()))
		}
	}
	f.sees(f.look("/desk/refer"), f.T("web.refer.nobody_to_tell"))
	w.Register.View(func(s *civic.State) {
		if n := len(s.StatementByCode(keyOf(w.t, w.slip.Code)).Told); n != 1 {
			w.t.Errorf("they were told %d times", n)
		}
	})
	p.sees(w.everybody(w.thread()), p.T("code.event.holder.told"))
}
