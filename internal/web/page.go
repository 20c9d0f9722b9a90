package web

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
)

// page is what a handler wants shown.
type page struct {
	Name  string // of the template
	Title string // in the reader's language
	// Nav is the entry of the navigation that it belongs to: "dialogues",
	// "withheld", "about", "verify" or "".
	Nav  string
	Data any
	// Private pages (forms, receipts, desks) are found by no search engine and
	// kept by no cache.
	Private bool
	// Dated pages can be asked for as they stood on a day that has passed; Past
	// is the end of that day, zero for today.
	Dated bool
	Past  time.Time
	// File is what is answered instead of a page: Name, Title, Nav and Data are
	// of no use then.
	File *download
}

// frame is what the layout shows around a page.
type frame struct {
	page
	Programme    act.Names
	Languages    []choice
	Illustrative bool
	Fault        bool
	Copy         *copyView // nil for the register itself
	Desks        bool      // there are desks to sign in to
	Problem      *problemView
	Log          logLine
	Path         string
}

// logLine is the line at every page's foot.
type logLine struct {
	Size   int64
	At     time.Time // hour of the last act, zero before the first
	Signed int64     // size of the newest published checkpoint, 0 before the first
	Watch  watchView
}

// frame fills in what the layout shows.
func (s *Server) frame(v *visit, p page) (frame, error) {
	f := frame{page: p, Languages: v.languages(), Fault: s.read.Fault() != nil, Copy: s.copied(v), Desks: s.config.SignedIn != nil, Path: v.r.URL.Path}
	s.read.View(func(state *civic.State) {
		if programme := state.Programme(); programme != nil {
			f.Programme, f.Illustrative = state.Names(programme.ID), programme.Illustrative
		}
		f.Log = logLine{Size: state.Position(), At: state.At()}
	})
	if !f.Log.At.IsZero() {
		f.Log.At = f.Log.At.In(v.now.Location())
	}
	signed, err := s.signed(v)
	if err != nil {
		return f, err
	}
	f.Log.Signed = signed
	if f.Log.Watch, err = s.watch(v); err != nil {
		return f, fmt.Errorf("read who witnesses: %w", err)
	}
	return f, nil
}

// signed is the size of the newest published checkpoint.
func (s *Server) signed(v *visit) (int64, error) {
	_, size, err := s.read.Checkpoint(v.r.Context())
	if err != nil && !errors.Is(err, register.ErrNotFound) {
		return 0, fmt.Errorf("read the checkpoint: %w", err)
	}
	return size, nil
}

// render makes a page's bytes.
func (s *Server) render(v *visit, f frame) ([]byte, error) {
	t := s.templates[v.L.Tag()][f.Name]
	if t == nil {
		return nil, fmt.Errorf("web: no template %q", f.Name)
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "layout", f); err != nil {
		return nil, fmt.Errorf("web: render %s: %w", f.Name, err)
	}
	return out.Bytes(), nil
}

// show answers with a page that is for this request alone.
func (s *Server) show(w http.ResponseWriter, v *visit, p page) error {
	return s.showWith(w, v, http.StatusOK, nil, p)
}

// again shows a form once more after an error, with the problem above it. Its
// Data carries what was typed. The status is the problem's.
func (s *Server) again(w http.ResponseWriter, v *visit, err error, p page) error {
	trouble := problemOf(err)
	s.note(v.r, err, trouble)
	return s.showWith(w, v, trouble.Kind.Status(), viewOf(v.L, trouble), p)
}

func (s *Server) showWith(w http.ResponseWriter, v *visit, status int, trouble *problemView, p page) error {
	p.Private = true
	f, err := s.frame(v, p)
	if err != nil {
		return err
	}
	f.Problem = trouble
	body, err := s.render(v, f)
	if err != nil {
		return err
	}
	s.remember(w, v)
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	return writeBody(w, v.r, status, body)
}

// seeOther sends the browser on after an act: to a page that shows it, for the
// address carries the act's position.
func (s *Server) seeOther(w http.ResponseWriter, r *http.Request, path string, position int64) error {
	target, err := url.Parse(path)
	if err != nil || target.IsAbs() || target.Host != "" {
		return fmt.Errorf("web: %q is no address of ours", path)
	}
	query := target.Query()
	// A position counts from 0, and "at" counts the acts that must be there.
	query.Set("at", strconv.FormatInt(position+1, 10))
	target.RawQuery = query.Encode()
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, target.String(), http.StatusSeeOther)
	return nil
}

// wait holds a request whose address carries ?at=N until the fold has N acts,
// for at most a second: better the page as it stands than none.
func (s *Server) wait(r *http.Request) int64 {
	if r.URL.RawQuery == "" {
		return 0
	}
	at, err := strconv.ParseInt(r.URL.Query().Get("at"), 10, 64)
	if err != nil || at <= 0 {
		return 0
	}
	if at > s.read.Position() && s.read.Wait(r.Context(), at) != nil {
		return 0
	}
	return at
}
