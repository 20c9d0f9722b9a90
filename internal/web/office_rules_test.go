package web_test

import (
	"fmt"
	"html"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
)

// officeAct is something that can be asked for at the desks of offices and of
// those who promise and check. Refusal is written down from the rules of the
// design, not taken from the code: the key of the message that somebody of an
// organisation must meet who has one of the roles; "" if they may.
type officeAct struct {
	name    string
	roles   []act.Role
	send    func(o *officeSample) *httptest.ResponseRecorder
	refusal func(org string, role act.Role) string
}

var (
	officers = []act.Role{act.RoleFocalPoint, act.RoleSigningOfficer}
	handers  = []act.Role{act.RoleFocalPoint, act.RoleSigningOfficer, act.RoleReferrer, act.RoleFacilitator}
	lookers  = []act.Role{act.RoleSigningOfficer, act.RoleMonitor, act.RoleBoard}
)

// ofHolder: only the office that has the case.
func ofHolder(org string, _ act.Role) string {
	if org != "department" {
		return civic.RefusedNotHolding
	}
	return ""
}

// ofPromiser: only who promised it.
func ofPromiser(org string, _ act.Role) string {
	if org != "department" {
		return civic.RefusedForbidden
	}
	return ""
}

// ofIndependent: who shares no parent with the office, and is not it.
func ofIndependent(org string, _ act.Role) string {
	if org == "department" || org == "ministry" {
		return civic.RefusedNotIndependent
	}
	return ""
}

var officeActs = []officeAct{
	{"acknowledge", officers, onFresh("acknowledge"), ofHolder},
	{"consider", officers, onFresh("consider", "on", "2026-04-10", "in", "file"), ofHolder},
	{"ask", officers, onFresh("ask", "what", "place", "from", "holder", "question", "Where is it?"), ofHolder},
	{"extend", officers, onFresh("extend", "days", "5", "reasons", "The rain."), ofHolder},
	{"transfer", handers, func(o *officeSample) *httptest.ResponseRecorder {
		return o.send(o.fresh(), "transfer", "to", o.IDs["elsewhere"].String(), "reasons", "It is the district's.")
	}, func(org string, role act.Role) string {
		host := org == "cso" && (role == act.RoleReferrer || role == act.RoleFacilitator)
		if host || org == "department" && slices.Contains(officers, role) {
			return ""
		}
		return civic.RefusedNotHolding
	}},
	{"begin an answer", officers, func(o *officeSample) *httptest.ResponseRecorder {
		return o.send(o.fresh(), "answer")
	}, func(org string, _ act.Role) string {
		switch org {
		case "cso", "other":
			return "problem.forbidden" // only public authorities answer
		}
		return ofHolder(org, "")
	}},
	{"second look", lookers, func(o *officeSample) *httptest.ResponseRecorder {
		return o.send(o.disputed(), "review", "outcome", "upheld", "reasons", "The answer deals with it.")
	}, ofIndependent},
	{"promise", officers, func(o *officeSample) *httptest.ResponseRecorder {
		form := o.promiseForm()
		form.Del("with")
		if o.who.By.Organisation == o.IDs["other"] {
			form.Set("verifier", o.IDs["cso"].String())
		}
		return o.post(o.commitPath(), form)
	}, func(string, act.Role) string { return "" }},
	{"revise", officers, onPromise("revise", "end", "2026-12-31", "due_survey", "2026-05-31", "due_drilled", "2026-10-15", "funding", "unfunded", "why", "funding", "reasons", "No money."), ofPromiser},
	{"claim", officers, onPromise("claim", "status", "limited", "text", "The survey is done."), ofPromiser},
	{"measure", []act.Role{act.RoleMonitor, act.RoleFocalPoint, act.RoleSigningOfficer}, onPromise("measure", "value", "1", "on", "2026-04-10"),
		func(org string, role act.Role) string {
			if role == act.RoleMonitor {
				return ""
			}
			return ofPromiser(org, role)
		}},
	{"assess", []act.Role{act.RoleMonitor}, func(o *officeSample) *httptest.ResponseRecorder {
		claims := o.commitment("/desk/c/" + o.chain.Promise.String()).Claims
		return onPromise("assess", "report", claims[len(claims)-1].Act.String(), "verdict", "partly", "status", "limited", "text", "Seen.")(o)
	}, ofIndependent},
}

// fresh is a case that nobody touched.
func (o *officeSample) fresh() act.ID {
	view := o.view(o.person("fresh"), "en", "Our road floods.", "water")
	o.do(o.chain.Judge, view.Act, &act.StatementPublished{}, nil)
	return o.do(o.chain.Facilitator, view.Act, &act.ReferralMade{Authority: o.IDs["department"]}, nil).Act
}

// disputed is a case with an answer at which somebody asked for a second look.
func (o *officeSample) disputed() act.ID {
	view := o.view(o.person("disputed"), "en", "Our road floods.", "water")
	o.do(o.chain.Judge, view.Act, &act.StatementPublished{}, nil)
	id := o.do(o.chain.Facilitator, view.Act, &act.ReferralMade{Authority: o.IDs["department"]}, nil).Act
	answer := o.do(o.chain.Signing, o.IDs["department"], &act.AnswerIssued{Position: "director", Covers: []act.Covered{{Case: id, Decision: act.NotAccepted}},
		ConsideredOn: o.Now().Format(time.DateOnly), ConsideredIn: "file"}, map[string]any{"reasons": &act.Reasons{Cases: []act.CaseReasons{{Case: id, Text: reasonsGiven}}}}).Act
	o.do(civic.Actor{By: act.Participant, Holds: view.Act}, view.Act, &act.AnswerJudged{Answer: answer, Deals: "no", Understandable: "no"}, map[string]any{"reason": &act.Explanation{Text: "No."}})
	return id
}

func onFresh(name string, typed ...string) func(*officeSample) *httptest.ResponseRecorder {
	return func(o *officeSample) *httptest.ResponseRecorder { return o.send(o.fresh(), name, typed...) }
}

func onPromise(name string, typed ...string) func(*officeSample) *httptest.ResponseRecorder {
	return func(o *officeSample) *httptest.ResponseRecorder {
		form := url.Values{"token": {newToken()}}
		for i := 0; i+1 < len(typed); i += 2 {
			form.Set(typed[i], typed[i+1])
		}
		return o.post("/desk/c/"+o.chain.Promise.String()+"/"+name, form)
	}
}

// TestOfficeRules goes through every act of these desks, every role, and every
// relation to the office: its own, the one above it, another, the dialogue's
// host, one that is named to verify. A page offers what the rules allow, and
// nothing else.
func TestOfficeRules(t *testing.T) {
	o := atTheOffice(t)
	en, done, refused := locale.Get("en"), 0, 0
	for _, org := range []string{"department", "ministry", "elsewhere", "cso", "other"} {
		for _, role := range act.Roles {
			who := o.staff(o.IDs[org], role)
			for _, a := range officeActs {
				want := "problem.forbidden"
				if slices.Contains(a.roles, role) {
					want = a.refusal(org, role)
				}
				w := a.send(o.as(who))
				what := fmt.Sprintf("%s by a %s of %s", a.name, role, org)
				if want == "" {
					done++
					if w.Code != 303 {
						t.Errorf("%s: %d, refused\n%s", what, w.Code, mainOf(w.Body.String()))
					}
					continue
				}
				refused++
				if w.Code == 303 {
					t.Errorf("%s: allowed", what)
				} else if !strings.Contains(html.UnescapeString(w.Body.String()), en.T(want)) {
					t.Errorf("%s: %d, not with %q:\n%s", what, w.Code, want, mainOf(w.Body.String()))
				}
			}
		}
	}
	t.Logf("%d allowed, %d refused", done, refused)
}

// TestOfficeDeskIsClosed: nobody comes to these pages without signing in.
func TestOfficeDeskIsClosed(t *testing.T) {
	o := atTheOffice(t)
	o.as(nobody)
	for _, path := range []string{"/desk/cases", casePath(o.Cases[0]), "/desk/answers", "/desk/answer/" + o.chain.Answer.String(), "/desk/letter/" + o.chain.Answer.String(), "/desk/signing",
		"/desk/office", "/desk/commitments", o.commitPath(), "/desk/c/" + o.chain.Promise.String(), "/desk/monitor", "/desk/board"} {
		if w := o.get(path); w.Code != 303 || w.Header().Get("Location") != "/signin" {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Location"))
		}
	}
	before := o.Register.Position()
	for _, path := range []string{"/desk/cases/acknowledge", casePath(o.Cases[0]) + "/acknowledge", "/desk/answers", "/desk/answers/sign", "/desk/answer/" + o.chain.Answer.String(), "/desk/signing",
		"/desk/office", o.commitPath(), "/desk/c/" + o.chain.Promise.String() + "/claim"} {
		if w := o.post(path, url.Values{"token": {newToken()}, "pick": {o.Cases[0].String()}}); w.Code != 401 {
			t.Errorf("POST %s: %d", path, w.Code)
		}
	}
	if o.Register.Position() != before {
		t.Error("somebody who is not signed in did something")
	}
	// Signed out while typing: nothing is lost, files or not.
	form := url.Values{"text": {"Both wells give water since Monday."}}
	wants(t, "a report with a photo", o.sendFiles("/desk/c/"+o.chain.Promise.String()+"/claim", form, "well.png", picture(1)), 401, "Both wells give water since Monday.")
}
