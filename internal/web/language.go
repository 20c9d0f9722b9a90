package web

import (
	"net/http"
	"net/url"
	"time"

	"samleng/civic"
	"samleng/internal/locale"
)

// languageCookie keeps the language that somebody chose. An address with
// ?lang=TAG shows that language whatever the cookie says, so that each page has
// one address per language that can be passed on and cached.
const languageCookie = "lang"

// visit is one request as pages see it.
type visit struct {
	L *locale.Locale
	r *http.Request
	// now is the moment of the request in the programme's time zone.
	now time.Time
	// named says that the address names the language.
	named bool
	// known are the query parameters that the page declared.
	known url.Values
	// state is that of the day in the past which the page is about; nil for
	// today. now is the end of that day then.
	state *civic.State
}

func (s *Server) visit(r *http.Request) *visit {
	v := &visit{r: r, now: s.now().In(s.zone())}
	var chosen string
	if r.URL.RawQuery != "" {
		chosen = r.URL.Query().Get("lang")
	}
	if v.named = locale.Known(chosen); !v.named {
		chosen = ""
		if cookie, err := r.Cookie(languageCookie); err == nil {
			chosen = cookie.Value
		}
	}
	v.L = locale.Match(r.Header.Get("Accept-Language"), chosen)
	return v
}

// T writes a message in the reader's language.
func (v *visit) T(key string, params ...any) string { return v.L.T(key, params...) }

// remember keeps the language that the address names, if it is a new choice. A
// copy sets no cookies: see keepLanguage.
func (s *Server) remember(w http.ResponseWriter, v *visit) (changed bool) {
	if !v.named || s.register == nil {
		return false
	}
	if cookie, err := v.r.Cookie(languageCookie); err == nil && cookie.Value == v.L.Tag() {
		return false
	}
	http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: v.L.Tag(), Path: "/", MaxAge: 365 * 24 * 3600,
		SameSite: http.SameSiteLaxMode, Secure: s.config.Secure, HttpOnly: true})
	return true
}

// choice is one language of the switch.
type choice struct {
	Tag, Name, Href string
	Current         bool
}

// languages gives the switch: this page in every language.
func (v *visit) languages() []choice {
	var all []choice
	for _, tag := range locale.Languages() {
		query := url.Values{}
		for name, values := range v.known {
			query[name] = values
		}
		query.Set("lang", tag)
		path := v.r.URL.EscapedPath()
		if v.r.Method != http.MethodGet && v.r.Method != http.MethodHead {
			// The answer to a form has no address of its own to come back to.
			path, query = "/", url.Values{"lang": {tag}}
		}
		all = append(all, choice{tag, locale.Get(tag).Name(), path + "?" + query.Encode(), tag == v.L.Tag()})
	}
	return all
}
