package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"samleng/civic"
	"samleng/internal/locale"
)

// copyView is what every page of a copy says of it.
type copyView struct {
	Origin   string // the name of the log that it is of
	Original string // the address of the original register, "" if it is not known
	Size     int64  // acts of its checkpoint
	At       time.Time
	Outdated bool // what came after it did not verify
}

// copied says of which register this is a copy; nil for the register itself.
func (s *Server) copied(v *visit) *copyView {
	if s.register != nil {
		return nil
	}
	c := &copyView{Origin: s.read.Origin(), Original: s.config.Original, Outdated: s.read.Fault() != nil}
	s.read.View(func(state *civic.State) { c.Size, c.At = state.Position(), state.At() })
	if !c.At.IsZero() {
		c.At = c.At.In(v.now.Location())
	}
	return c
}

// elsewhereView says that something can only be done at the original register.
type elsewhereView struct {
	Origin   string
	Original string // the same page there, "" if its address is not known
	Code     string // of the view whose way can be read here
}

// elsewhere answers, on a copy, for what only the register itself can do. What
// was sent is not read.
func (s *Server) elsewhere(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	data := elsewhereView{Origin: s.read.Origin()}
	status := http.StatusNotFound
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		status = http.StatusMethodNotAllowed
		w.Header().Set("Allow", "GET, HEAD")
	}
	if s.config.Original != "" {
		data.Original = strings.TrimRight(s.config.Original, "/")
		if status == http.StatusNotFound {
			data.Original += (&url.URL{Path: r.URL.Path}).EscapedPath()
		}
	}
	if _, code, err := s.find(r.PathValue("code")); err == nil {
		data.Code = string(code)
	}
	return s.showWith(w, v, status, nil, page{Name: "elsewhere", Title: v.T("web.copy.elsewhere_title"), Data: data})
}

// keepLanguage carries a chosen language on from page to page where no cookie
// may: whoever comes from a page whose address names another language than their
// browser asks for is sent on to an address that names it too.
func (s *Server) keepLanguage(next handler) handler {
	if s.register != nil {
		return next
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		asked := r.URL.Query()
		from, err := url.Parse(r.Header.Get("Referer"))
		chosen := ""
		if err == nil && from.Host == r.Host {
			chosen = from.Query().Get("lang")
		}
		if locale.Known(asked.Get("lang")) || !locale.Known(chosen) || locale.Match(r.Header.Get("Accept-Language"), "").Tag() == chosen {
			return next(w, r)
		}
		asked.Set("lang", chosen)
		w.Header().Set("Cache-Control", "no-store")
		// Path alone: an address that begins with two slashes would lead away.
		target := url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, "/"), RawQuery: asked.Encode()}
		http.Redirect(w, r, target.String(), http.StatusFound)
		return nil
	}
}
