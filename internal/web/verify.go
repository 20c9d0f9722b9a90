package web

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// verifyView says why anybody should believe this, and how to check it.
type verifyView struct {
	Code    string
	Wrong   string // why the code could not be looked up
	Found   *verified
	Key     string
	Origin  string
	Note    string // the newest checkpoint
	Size    int64
	Address string
	Device  deviceView
	Watch   watchView
}

// verified says where in the log a view's registration stands.
type verified struct {
	Code     act.Code
	Position int64
	Signed   bool
}

func (s *Server) verify(v *visit) (page, error) {
	data := verifyView{Code: v.known.Get("code"), Key: newestKey(s.read), Origin: s.read.Origin(), Address: s.address(v), Device: s.device(v, false)}
	note, size, err := s.read.Checkpoint(v.r.Context())
	if err != nil && !errors.Is(err, register.ErrNotFound) {
		return page{}, fmt.Errorf("read the checkpoint: %w", err)
	}
	data.Note, data.Size = string(note), size
	if data.Watch, err = s.watch(v); err != nil {
		return page{}, fmt.Errorf("read who witnesses: %w", err)
	}
	if data.Code != "" {
		id, code, err := s.find(data.Code)
		var trouble *problem.Error
		switch {
		case errors.As(err, &trouble):
			data.Wrong = v.T(trouble.Key, trouble.Params...)
		case err != nil:
			return page{}, err
		default:
			position, err := s.read.Locate(v.r.Context(), id)
			if err != nil {
				return page{}, fmt.Errorf("find a view's place: %w", err)
			}
			data.Found = &verified{code, position, position < size}
		}
	}
	return page{Name: "verify", Title: v.T("web.verify.title"), Nav: "verify", Data: data}, nil
}

// address is the site's own, for what people copy. Without one configured the
// page shows a word to put in its place: the Host header is the sender's, and
// a page that everybody gets must not repeat it.
func (s *Server) address(v *visit) string {
	if s.config.Address == "" {
		return "https://" + v.T("web.verify.address")
	}
	return strings.TrimRight(s.config.Address, "/")
}

// entryView is one entry of the log as it stands there.
type entryView struct {
	Position int64
	Leaf     string
	Kind     act.Kind
	Code     act.Code // of the view it is about, if it is about one
	Signed   bool
	Previous string
	Next     string
}

func (s *Server) entry(v *visit) (page, error) {
	position, err := strconv.ParseInt(v.r.PathValue("position"), 10, 64)
	if err != nil || strconv.FormatInt(position, 10) != v.r.PathValue("position") {
		return page{}, problem.New(problem.NotFound, "problem.no_entry")
	}
	leaf, err := s.read.Leaf(v.r.Context(), position)
	if errors.Is(err, register.ErrNotFound) {
		return page{}, problem.New(problem.NotFound, "problem.no_entry")
	} else if err != nil {
		return page{}, fmt.Errorf("read an entry: %w", err)
	}
	header, err := act.DecodeHeader(leaf)
	if err != nil {
		return page{}, fmt.Errorf("read entry %d: %w", position, err)
	}
	data := entryView{Position: position, Leaf: string(leaf), Kind: header.Kind}
	s.read.View(func(state *civic.State) {
		for _, id := range []act.ID{header.ID, header.Of} {
			if view := state.Statement(id); view != nil {
				data.Code = state.Code(view.ID)
				break
			}
		}
		if position > 0 {
			data.Previous = fmt.Sprint("/entry/", position-1)
		}
		if position+1 < state.Position() {
			data.Next = fmt.Sprint("/entry/", position+1)
		}
	})
	size, err := s.signed(v)
	data.Signed = position < size
	return page{Name: "entry", Title: v.T("web.entry.title", "position", position), Nav: "verify", Data: data}, err
}

// newestKey is the log's verifier key in force.
func newestKey(r Reader) string {
	keys := r.VerifierKeys()
	return keys[len(keys)-1]
}
