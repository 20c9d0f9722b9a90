package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
	"samleng/internal/register"
)

var errCrossOrigin = problem.New(problem.Forbidden, "problem.cross_origin")

// adapt makes an http.Handler of a handler: what it returns becomes a page.
func (s *Server) adapt(handle handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := handle(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// problemOf says of any error what people are told.
func problemOf(err error) *problem.Error {
	var refusal *civic.Refusal
	switch {
	case errors.As(err, &refusal):
		return problem.Wrap(err, register.RefusalKind(refusal.Key), refusal.Key, refusal.Params...)
	case errors.Is(err, register.ErrUnknown):
		return problem.Wrap(err, problem.Unavailable, "problem.unknown_outcome")
	case errors.Is(err, register.ErrUnavailable):
		return problem.Wrap(err, problem.Unavailable, "problem.unavailable")
	case errors.Is(err, register.ErrReadOnly):
		return problem.Wrap(err, problem.Unavailable, "problem.read_only")
	case errors.Is(err, register.ErrTokenConflict):
		return problem.Wrap(err, problem.Conflict, "problem.token_conflict")
	case errors.Is(err, register.ErrGuesses):
		return problem.Wrap(err, problem.TooMany, "problem.too_many", "n", 1)
	case errors.Is(err, register.ErrSecret):
		return problem.Wrap(err, problem.Unauthenticated, "problem.secret")
	case errors.Is(err, register.ErrErased):
		return problem.Wrap(err, problem.Gone, "problem.erased")
	case errors.Is(err, register.ErrNotFound):
		return problem.Wrap(err, problem.NotFound, "problem.not_found")
	case errors.Is(err, act.ErrCode):
		return problem.Wrap(err, problem.Invalid, "problem.code")
	case errors.Is(err, act.ErrContent), errors.Is(err, act.ErrHeader):
		return problem.Wrap(err, problem.Invalid, "problem.content")
	}
	return problem.Of(err)
}

// problemView is a problem in the reader's language.
type problemView struct {
	Status int
	Title  string
	Text   string
	// Fields are the problems of single fields, for the list at the top whose
	// entries lead to them.
	Fields []fieldProblem
}

type fieldProblem struct{ Field, Text string }

// For gives the text of the problem with a field, "" if there is none.
func (p *problemView) For(field string) string {
	if p == nil {
		return ""
	}
	for _, f := range p.Fields {
		if f.Field == field {
			return f.Text
		}
	}
	return ""
}

func viewOf(l *locale.Locale, e *problem.Error) *problemView {
	view := &problemView{Status: e.Kind.Status(), Title: l.T(e.Kind.TitleKey()), Text: l.T(e.Key, e.Params...)}
	if e.Field != "" {
		view.Fields = append(view.Fields, fieldProblem{e.Field, view.Text})
	}
	for _, f := range e.Fields {
		view.Fields = append(view.Fields, fieldProblem{f.Field, l.T(f.Key, f.Params...)})
	}
	return view
}

// failure is the general error page. It gives back what was typed.
type failure struct {
	Problem *problemView
	// Typed are the longer texts of the form that was sent.
	Typed []string
	// Form sends the same again, where that may help.
	Form   []hidden
	Action string
}

type hidden struct{ Name, Value string }

// fail answers a request whose handler returned an error.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	trouble := problemOf(err)
	s.note(r, err, trouble)
	v := s.visit(r)
	data := failure{Problem: viewOf(v.L, trouble)}
	data.keep(r, trouble)
	if trouble.Kind == problem.Unavailable || trouble.Kind == problem.TooMany {
		w.Header().Set("Retry-After", "5")
	}
	p := page{Name: "error", Title: data.Problem.Title, Data: data}
	if err := s.showWith(w, v, data.Problem.Status, nil, p); err != nil {
		s.log.Error("the error page failed", "error", err)
		http.Error(w, data.Problem.Title+"\n"+data.Problem.Text, data.Problem.Status)
	}
}

// keep takes over what was typed into the form of a request, as far as it was
// read: a body that was too large is not asked for again.
func (f *failure) keep(r *http.Request, trouble *problem.Error) {
	if r.Method == http.MethodPost && isMultipart(r) && trouble.Kind == problem.Unauthenticated {
		f.Typed = typedParts(r)
	}
	if r.Method != http.MethodPost || trouble.Kind == problem.TooLarge || isMultipart(r) || r.ParseForm() != nil {
		return
	}
	resend := trouble.Kind == problem.Unavailable || trouble.Kind == problem.Internal || trouble.Kind == problem.TooMany
	for _, name := range sortedKeys(r.PostForm) {
		for _, value := range r.PostForm[name] {
			if strings.ContainsAny(value, " \n") || len(value) > 40 {
				f.Typed = append(f.Typed, value)
			}
			if resend {
				f.Form = append(f.Form, hidden{name, value})
			}
		}
	}
	if len(f.Form) > 0 {
		f.Action = (&url.URL{Path: r.URL.Path, RawQuery: r.URL.RawQuery}).String()
	}
}

// typedParts reads the longer texts of a form with files that nobody has read,
// up to its first file: whoever was signed out while typing loses nothing.
func typedParts(r *http.Request) (typed []string) {
	reader, err := r.MultipartReader()
	if err != nil {
		return nil
	}
	for left := int64(maxEvidenceFields); left > 0; {
		part, err := reader.NextPart()
		if err != nil || part.FileName() != "" {
			return typed
		}
		value, err := io.ReadAll(io.LimitReader(part, left))
		if err != nil {
			return typed
		}
		left -= int64(len(value)) + 100
		if text := string(value); strings.ContainsAny(text, " \n") || len(text) > 60 {
			typed = append(typed, text)
		}
	}
	return typed
}

// note logs what is our fault. Nothing of what was sent goes into the log.
func (s *Server) note(r *http.Request, err error, trouble *problem.Error) {
	if trouble.Kind == problem.Internal {
		s.log.Error("a page failed", "route", r.Pattern, "error", err)
	}
}

// nowhere answers every address that no page has.
func (s *Server) nowhere(w http.ResponseWriter, r *http.Request) error {
	if trimmed := strings.TrimRight(r.URL.Path, "/"); r.Method == http.MethodGet && trimmed != r.URL.Path && trimmed != "" {
		// Path alone: an address that begins with two slashes would lead away.
		http.Redirect(w, r, (&url.URL{Path: "/" + strings.TrimLeft(trimmed, "/"), RawQuery: r.URL.RawQuery}).String(), http.StatusMovedPermanently)
		return nil
	}
	return problem.New(problem.NotFound, "problem.not_found")
}
