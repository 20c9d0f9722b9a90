package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"samleng/internal/locale"
)

// TestDeskAnswersInEveryLanguage looks at what the desk's forms are answered
// with: previews, receipts, problems.
func TestDeskAnswersInEveryLanguage(t *testing.T) {
	d := seated(t)
	table := "មតិ;place;themes;visibility;about;reference\r\nយើងត្រូវការស្ពាន;រតនគិរី;ទឹក;open;;A1\r\n\"two\r\nlines\";;;;Ministry of Interior;B-2\r\n"
	waiting := d.fresh("Mr. Somebody of the commune asked for money. Ask Mr. Somebody.")
	onCase := func(name string, typed ...string) func() *httptest.ResponseRecorder {
		return func() *httptest.ResponseRecorder { return d.as(d.Moderator).decide(waiting, name, typed...) }
	}
	for name, answer := range map[string]func() *httptest.ResponseRecorder{
		"registered": func() *httptest.ResponseRecorder {
			return d.as(d.Facilitator).post("/desk/register", assistedForm("ពាក្យ"))
		},
		"not registered": func() *httptest.ResponseRecorder {
			form := assistedForm("")
			form.Del("read_back")
			form.Set("slip", "none")
			return d.as(d.Facilitator).post("/desk/register", form)
		},
		"preview": func() *httptest.ResponseRecorder { return d.as(d.Facilitator).upload(table, "step", "preview") },
		"filed":   func() *httptest.ResponseRecorder { return d.as(d.Facilitator).upload(table, "step", "file") },
		"not filed": func() *httptest.ResponseRecorder {
			return d.as(d.Facilitator).upload("text,place,themes\nwords,Atlantis,money\n,16,\n", "step", "preview")
		},
		"nothing ticked": func() *httptest.ResponseRecorder { return d.as(d.Moderator).post("/desk/publish", d.form("/desk")) },
		"not announced": func() *httptest.ResponseRecorder {
			return d.as(d.Facilitator).post("/desk/dialogues", announcement("Bad"))
		},
		"redaction":          onCase("redact", "passage1", "Mr. Somebody", "gap1", "personal_data"),
		"redaction, wrong":   onCase("redact", "passage1", "nowhere", "gap1", "danger"),
		"found":              onCase("same", "query", "road"),
		"found nothing":      onCase("same", "query", "nowhere"),
		"not withheld":       onCase("withhold"),
		"not erased":         onCase("erase", "erase_reason", "law"),
		"not moved":          onCase("safeguard"),
		"not to be appealed": onCase("appeal", "outcome", "upheld", "answer", "because"),
	} {
		for _, d.lang = range locale.Languages() {
			w := answer()
			body := w.Body.String()
			if w.Code == 303 || w.Code >= 500 || !strings.Contains(body, `<html lang="`+d.lang+`">`) {
				t.Errorf("%s in %s: %d\n%s", name, d.lang, w.Code, mainOf(body))
			}
			if i := strings.Index(body, "⟦"); i >= 0 {
				t.Errorf("%s in %s: no message %.60s", name, d.lang, body[i:])
			}
			if hole := unfilled.FindString(body); hole != "" {
				t.Errorf("%s in %s: nobody filled in %s", name, d.lang, hole)
			}
			if code := missingCode.FindString(body); code != "" {
				t.Errorf("%s in %s: no word for %s", name, d.lang, code)
			}
		}
	}
}
