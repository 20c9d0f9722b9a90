package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"samleng/internal/web"
)

// copyOf serves a register's pages as those of a copy.
func copyOf(t *testing.T, s *sample) *web.Server {
	t.Helper()
	pages, err := web.New(web.Config{Reader: s.Register, Address: "https://copy.example", Original: "https://samleng.example/"})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// TestCopyDoesNothing asks a copy for everything that only the register has: it
// says where to go, sets no cookie, and takes nothing.
func TestCopyDoesNothing(t *testing.T) {
	s := filled(t)
	pages := copyOf(t, s)
	public, own := pages.Patterns()
	before := s.Register.Position()
	for _, pattern := range own {
		method, path, _ := strings.Cut(pattern, " ")
		path = strings.Replace(path, "{slug}", "ratanakkiri", 1)
		path = placeholder.ReplaceAllString(path, "x")
		r := httptest.NewRequest(method, path+"?lang=en", strings.NewReader("code=KH-0000-0000-0&vote=agree"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(&http.Cookie{Name: "person", Value: "0000000000000000000000000A"})
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		body, want := w.Body.String(), http.StatusNotFound
		link := `href="https://samleng.example` + path + `"`
		if method == "POST" {
			want, link = http.StatusMethodNotAllowed, `href="https://samleng.example"`
			if allow := w.Header().Get("Allow"); allow != "GET, HEAD" {
				t.Errorf("%s: Allow: %s", pattern, allow)
			}
		}
		if w.Code != want || !strings.Contains(body, link) || strings.Contains(body, "<form") {
			t.Errorf("%s: %d, want %d with %s", pattern, w.Code, want, link)
		}
		if len(w.Header().Values("Set-Cookie")) > 0 {
			t.Errorf("%s: sets a cookie", pattern)
		}
	}
	for _, pattern := range public {
		path := placeholder.ReplaceAllString(strings.TrimPrefix(strings.Replace(pattern, "{$}", "", 1), "GET "), "x")
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader("a=b")))
		if w.Code != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, w.Code)
		}
	}
	if len(own) < 50 || len(public) < 20 {
		t.Errorf("%d and %d patterns", len(own), len(public))
	}
	if after := s.Register.Position(); after != before {
		t.Errorf("the log went from %d to %d", before, after)
	}
}

// TestCopySaysSo looks for the banner on every page, in every language.
func TestCopySaysSo(t *testing.T) {
	for name, s := range map[string]*sample{"filled": filled(t), "empty": empty(t)} {
		pages := copyOf(t, s)
		for _, path := range append(s.pages(), "/nowhere") {
			for language, says := range map[string]string{"en": "This is a copy of the register", "km": "នេះជាច្បាប់ចម្លងនៃបញ្ជី"} {
				address := path + "?lang=" + language
				if strings.Contains(path, "?") {
					address = path + "&lang=" + language
				}
				w := httptest.NewRecorder()
				pages.ServeHTTP(w, httptest.NewRequest("GET", address, nil))
				body := w.Body.String()
				if !strings.Contains(body, says) || !strings.Contains(body, `<html lang="`+language+`">`) || strings.Contains(body, "⟦") {
					t.Errorf("%s %s: %d, and it does not say that it is a copy", name, address, w.Code)
				}
				if strings.Contains(body, `method="post"`) || len(w.Header().Values("Set-Cookie")) > 0 {
					t.Errorf("%s %s: a form to send, or a cookie", name, address)
				}
			}
		}
	}
}

// TestCopyKeepsLanguage follows links of a copy in a language that the browser
// did not ask for.
func TestCopyKeepsLanguage(t *testing.T) {
	pages := copyOf(t, filled(t))
	for _, c := range []struct {
		path, from, asks string
		leads            string // "" for the page itself
	}{
		{"/dialogues?place=16", "http://example.com/?lang=en", "km", "/dialogues?lang=en&place=16"},
		{"/dialogues", "http://example.com/?lang=en", "en", ""},
		{"/dialogues?lang=km", "http://example.com/?lang=en", "km", ""},
		{"/dialogues", "http://example.com/", "km", ""},
		{"/dialogues", "http://elsewhere.example/?lang=en", "km", ""},
		{"/dialogues", "http://example.com/?lang=xx", "km", ""},
		{"/dialogues", "://", "km", ""},
	} {
		r := httptest.NewRequest("GET", c.path, nil)
		r.Header.Set("Referer", c.from)
		r.Header.Set("Accept-Language", c.asks)
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		if got := w.Header().Get("Location"); got != c.leads || c.leads == "" && w.Code != 200 {
			t.Errorf("%s from %s: %d, to %q, want %q", c.path, c.from, w.Code, got, c.leads)
		}
	}
}
