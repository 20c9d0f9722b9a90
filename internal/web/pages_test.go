package web_test

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// get asks for a page.
func (s *sample) get(path string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.Pages.ServeHTTP(w, r)
	return w
}

// pages lists every public page; {code} is the code of each view in turn.
func (s *sample) pages() []string {
	pages := []string{"/", "/about", "/dialogues", "/withheld", "/verify", "/checkpoint", "/witnesses"}
	if len(s.Views) == 0 {
		return pages
	}
	pages = append(pages, "/dialogues?place=16", "/dialogues?place=03", "/d/ratanakkiri", "/d/national",
		"/d/ratanakkiri/map", "/d/ratanakkiri/statements", "/d/ratanakkiri/statements?q=%E1%9E%91%E1%9E%B9%E1%9E%80", "/d/ratanakkiri/statements?q=nothing",
		"/d/ratanakkiri/statements?state=withheld&sort=late", "/d/ratanakkiri/statements?theme=roads&sort=agreed", "/d/national/statements",
		"/withheld?reason=advertising", "/entry/0", "/entry/40", "/verify?code=KH-0000-0000-1")
	for _, view := range s.Views {
		pages = append(pages, "/v/"+string(view.Code), "/verify?code="+string(view.Code))
	}
	return pages
}

// pointers are addresses in memory, printed for what they point to.
var pointers = regexp.MustCompile(`\b0x[0-9a-f]{8,}\b`)

func TestEveryPageInEveryLanguage(t *testing.T) {
	for name, s := range map[string]*sample{"filled": filled(t), "empty": empty(t)} {
		for _, path := range s.pages() {
			for _, language := range []string{"km", "en"} {
				address := path + "?lang=" + language
				if strings.Contains(path, "?") {
					address = path + "&lang=" + language
				}
				w := s.get(address)
				body := w.Body.String()
				if w.Code != 200 {
					t.Errorf("%s %s: %d\n%s", name, address, w.Code, body)
				}
				if i := strings.Index(body, "⟦"); i >= 0 {
					t.Errorf("%s %s: no message %s", name, address, body[i:i+60])
				}
				if pointer := pointers.FindString(body); pointer != "" {
					t.Errorf("%s %s: the address %s for a number", name, address, pointer)
				}
				if !strings.Contains(body, `<html lang="`+language+`">`) {
					t.Errorf("%s %s: not in %s", name, address, language)
				}
			}
		}
	}
}
