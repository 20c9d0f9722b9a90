package web_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"samleng/act"
	"samleng/internal/locale"
)

// TestOfficeAnswersInEveryLanguage looks at what the forms of offices, of who
// promises and of who checks are answered with where they cannot be accepted.
func TestOfficeAnswersInEveryLanguage(t *testing.T) {
	o := atTheOffice(t)
	path := o.promised()
	o.as(o.chain.Signing)
	draft, form := o.write(o.Cases...)
	wants(t, "kept", o.post(draft, with(form, "step", "save", "letter", "8/26")), 303)
	token := url.Values{"token": {newToken()}}
	on := func(name string, typed ...string) func() *httptest.ResponseRecorder {
		return func() *httptest.ResponseRecorder { return o.as(o.chain.Focal).send(o.Cases[0], name, typed...) }
	}
	answers := map[string]func() *httptest.ResponseRecorder{
		"nothing ticked": func() *httptest.ResponseRecorder {
			return o.as(o.chain.Focal).post("/desk/cases/acknowledge", token)
		},
		"another's ticked": func() *httptest.ResponseRecorder {
			return o.as(o.Elsewhere).post("/desk/cases/acknowledge", with(token, "pick", o.Cases[0].String()))
		},
		"no answer to nothing": func() *httptest.ResponseRecorder { return o.as(o.chain.Focal).post("/desk/answers", token) },
		"not considered":       on("consider", "on", "never"),
		"not asked":            on("ask"),
		"not extended":         on("extend", "days", "0"),
		"not handed on":        on("transfer", "to", o.IDs["cso"].String(), "reasons", "Theirs."),
		"handed to nobody":     on("transfer"),
		"nothing to look at": func() *httptest.ResponseRecorder {
			return o.as(o.Elsewhere).send(o.Cases[0], "review", "outcome", "upheld", "reasons", "Fine.")
		},
		"a colleague was faster": func() *httptest.ResponseRecorder { return o.as(o.chain.Focal).post(draft, with(form, "step", "save")) },
		"not ready to be issued": func() *httptest.ResponseRecorder {
			bad := url.Values{"version": {"2"}, "case": form["case"], "token": form["token"], "step": {"issue"}}
			w := o.as(o.chain.Signing).post(draft, bad)
			form.Set("version", "1") // what was typed was kept: the next is stale again
			return w
		},
		"nothing signed": func() *httptest.ResponseRecorder { return o.as(o.chain.Signing).post("/desk/answers/sign", token) },
		"not delegated":  func() *httptest.ResponseRecorder { return o.as(o.chain.Signing).post("/desk/signing", token) },
		"no note":        func() *httptest.ResponseRecorder { return o.as(o.chain.Focal).post("/desk/office", token) },
		"no promise":     func() *httptest.ResponseRecorder { return o.as(o.chain.Focal).post(o.commitPath(), token) },
		"no report": func() *httptest.ResponseRecorder {
			return o.as(o.chain.Focal).sendFiles(path+"/claim", token, "x.png", []byte("nothing"))
		},
		"a report without a file": func() *httptest.ResponseRecorder {
			return o.as(o.chain.Focal).post(path+"/claim", with(token, "status", act.Complete, "text", "Done."))
		},
		"no revision": func() *httptest.ResponseRecorder { return o.as(o.chain.Focal).post(path+"/revise", token) },
		"no value":    func() *httptest.ResponseRecorder { return o.as(o.chain.Focal).post(path+"/measure", token) },
		"not checked": func() *httptest.ResponseRecorder {
			return o.as(o.chain.Monitor).post("/desk/c/"+o.chain.Promise.String()+"/assess", token)
		},
		"more files": func() *httptest.ResponseRecorder {
			return o.as(o.chain.Focal).sendFiles(path+"/claim", with(token, "step", "files"), "x.png", picture(4))
		},
	}
	for name, answer := range answers {
		for _, o.lang = range locale.Languages() {
			w := answer()
			body := w.Body.String()
			if w.Code == 303 || w.Code >= 500 || !strings.Contains(body, `<html lang="`+o.lang+`">`) {
				t.Errorf("%s in %s: %d\n%s", name, o.lang, w.Code, mainOf(body))
			}
			if i := strings.Index(body, "⟦"); i >= 0 {
				t.Errorf("%s in %s: no message %.60s", name, o.lang, body[i:])
			}
			if hole := unfilled.FindString(strings.NewReplacer("{n}", "", "{least}", "", "{name}", "").Replace(body)); hole != "" {
				t.Errorf("%s in %s: nobody filled in %s", name, o.lang, hole)
			}
			if code := missingCode.FindString(body); code != "" {
				t.Errorf("%s in %s: no word for %s", name, o.lang, code)
			}
		}
	}
}
