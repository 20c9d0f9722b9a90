package web_test

import (
	"bytes"
	"html"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"samleng/internal/locale"
)

// reader is somebody with a browser of their own and a language that they chose.
type reader struct {
	*phone
	lang string
	at   string // the address of the last page
}

// reading opens a browser in a language.
func (p *phone) reading(lang string) *reader {
	p.t.Helper()
	p.open("/?lang=" + lang)
	return &reader{phone: p, lang: lang}
}

// T writes a message in the reader's language.
func (r *reader) T(key string, params ...any) string { return locale.Get(r.lang).T(key, params...) }

// look opens a page that has to be there, whole and in the reader's language.
func (r *reader) look(path string) string {
	r.t.Helper()
	w := r.open(path)
	for range 3 {
		if w.Code != 303 {
			break
		}
		path = w.Header().Get("Location")
		w = r.open(path)
	}
	r.at, _, _ = strings.Cut(path, "?")
	return r.whole(path, w)
}

// whole fails unless an answer is a page in the reader's language.
func (r *reader) whole(path string, w *httptest.ResponseRecorder) string {
	r.t.Helper()
	body := w.Body.String()
	if w.Code != 200 || !strings.Contains(body, `<html lang="`+r.lang+`">`) {
		r.t.Fatalf("%s in %s: %d\n%s", path, r.lang, w.Code, mainOf(body))
	}
	if strings.Contains(body, "⟦") || unfilled.MatchString(mainOf(body)) || missingCode.MatchString(body) {
		r.t.Errorf("%s in %s has a hole in its words:\n%s", path, r.lang, mainOf(body))
	}
	return body
}

// follow opens a page that the one before links to.
func (r *reader) follow(body, path string) string {
	r.t.Helper()
	if !strings.Contains(body, `href="`+path+`"`) {
		r.t.Fatalf("%s does not link to %s\n%s", r.at, path, mainOf(body))
	}
	return r.look(path)
}

// sees fails unless all texts stand on a page.
func (r *reader) sees(body string, texts ...string) {
	r.t.Helper()
	plain := html.UnescapeString(mainOf(body))
	for _, text := range texts {
		if !strings.Contains(plain, strings.Join(strings.Fields(text), " ")) {
			r.t.Errorf("%s in %s lacks %q\n%s", r.at, r.lang, text, plain)
		}
	}
}

// lacks fails if one of the texts stands on a page.
func (r *reader) lacks(body string, texts ...string) {
	r.t.Helper()
	plain := html.UnescapeString(mainOf(body))
	for _, text := range texts {
		if strings.Contains(plain, text) {
			r.t.Errorf("%s in %s has %q\n%s", r.at, r.lang, text, plain)
		}
	}
}

// pageForm is a form as it stands on a page: what a browser would send of it
// untouched, and what may be typed, ticked or chosen.
type pageForm struct {
	r       *reader
	action  string
	files   bool // it takes files
	values  url.Values
	typed   []string            // the names of what can be typed
	offers  map[string][]string // what can be chosen or ticked, by name
	buttons map[string][]string // what its buttons send, by name
}

// form finds the form of a page that is sent to an address. A form that is not
// there is a failure.
func (r *reader) form(body, action string) *pageForm {
	r.t.Helper()
	for _, found := range wholeForm.FindAllStringSubmatch(body, -1) {
		if attributes := attributesOf(found[1]); attributes["action"] == action && attributes["method"] == "post" {
			form := formOf(found[2])
			form.r, form.action, form.files = r, action, attributes["enctype"] == "multipart/form-data"
			return form
		}
	}
	r.t.Fatalf("%s in %s has no form for %s\n%s", r.at, r.lang, action, mainOf(body))
	return nil
}

var (
	fileLink  = regexp.MustCompile(`href="/file/[^"]+"`)
	wholeForm = regexp.MustCompile(`(?s)<form( [^>]*)>(.*?)</form>`)
	control   = regexp.MustCompile(`(?s)<(input|button|option|select)((?: [^>]*)?)>|<(textarea)( [^>]*)>\n?(.*?)</textarea>`)
	attribute = regexp.MustCompile(`([a-z-]+)(?:="([^"]*)")?`)
)

func attributesOf(tag string) map[string]string {
	all := map[string]string{}
	for _, found := range attribute.FindAllStringSubmatch(tag, -1) {
		all[found[1]] = html.UnescapeString(found[2])
	}
	return all
}

// formOf reads the controls of a form.
func formOf(inside string) *pageForm {
	form := &pageForm{values: url.Values{}, offers: map[string][]string{}, buttons: map[string][]string{}}
	selecting := ""
	for _, found := range control.FindAllStringSubmatch(inside, -1) {
		if found[3] != "" {
			name := attributesOf(found[4])["name"]
			form.typed, form.values[name] = append(form.typed, name), []string{html.UnescapeString(found[5])}
			continue
		}
		a := attributesOf(found[2])
		name, value := a["name"], a["value"]
		_, checked := a["checked"]
		_, disabled := a["disabled"]
		switch {
		case disabled:
		case found[1] == "select":
			selecting = name
		case found[1] == "option":
			form.offers[selecting] = append(form.offers[selecting], value)
			if _, selected := a["selected"]; selected || len(form.offers[selecting]) == 1 {
				form.values.Set(selecting, value)
			}
		case found[1] == "button":
			form.buttons[name] = append(form.buttons[name], value)
		case a["type"] == "radio" || a["type"] == "checkbox":
			form.offers[name] = append(form.offers[name], value)
			if checked {
				form.values.Add(name, value)
			}
		case a["type"] == "hidden":
			form.values.Add(name, value)
		case a["type"] != "file":
			form.typed, form.values[name] = append(form.typed, name), []string{value}
		}
	}
	return form
}

// fill types into fields, and chooses and ticks; only what the form has can be.
func (f *pageForm) fill(pairs ...string) *pageForm {
	f.r.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		name, value := pairs[i], pairs[i+1]
		if !slices.Contains(f.typed, name) && !slices.Contains(f.offers[name], value) {
			f.r.t.Fatalf("the form for %s in %s does not let anybody give %q as %s: %v %v", f.action, f.r.lang, value, name, f.typed, f.offers[name])
		}
		f.values.Set(name, value)
	}
	return f
}

// answer sends the form, with the button that has a value for a name ("" for
// the plain one), and gives what comes back.
func (f *pageForm) answer(name, value string, files ...any) *httptest.ResponseRecorder {
	f.r.t.Helper()
	if !slices.Contains(f.buttons[name], value) {
		f.r.t.Fatalf("the form for %s has no button %s=%q: %v", f.action, name, value, f.buttons)
	}
	sent := with(f.values)
	if name != "" {
		sent.Set(name, value)
	}
	if !f.files {
		r := httptest.NewRequest("POST", f.action, strings.NewReader(sent.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return f.r.do(r)
	}
	body, kind := multipartOf(f.r.t, sent, files...)
	r := httptest.NewRequest("POST", f.action, body)
	r.Header.Set("Content-Type", kind)
	return f.r.do(r)
}

// press sends the form and opens the page to which that leads.
func (f *pageForm) press(name, value string, files ...any) string {
	f.r.t.Helper()
	w := f.answer(name, value, files...)
	if w.Code == 303 {
		return f.r.look(w.Header().Get("Location"))
	}
	f.r.at = f.action
	return f.r.whole("what came of "+f.action, w)
}

// send is press for a form with one plain button.
func (f *pageForm) send(files ...any) string {
	f.r.t.Helper()
	return f.press("", "", files...)
}

// multipartOf writes a form with files, name and bytes in turn.
func multipartOf(t testing.TB, form url.Values, files ...any) (body *bytes.Buffer, kind string) {
	t.Helper()
	body = new(bytes.Buffer)
	writer := multipart.NewWriter(body)
	for name, values := range form {
		for _, value := range values {
			if err := writer.WriteField(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := 0; i+1 < len(files); i += 2 {
		part, err := writer.CreateFormFile("file", files[i].(string))
		if err != nil {
			t.Fatal(err)
		}
		part.Write(files[i+1].([]byte))
	}
	writer.Close()
	return body, writer.FormDataContentType()
}
