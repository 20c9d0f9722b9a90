package web

import (
	"net/http"
	"net/url"
	"strings"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
)

// officeView is an office's own figures, as everybody sees them, and its word
// about them.
type officeView struct {
	*authorityView
	Bar       deskBar
	NoteTyped url.Values
	MayNote   bool
	Token     string
	Problem   *problemView
	Done      bool
	Languages []string
}

func (s *Server) officePage(w http.ResponseWriter, v *visit, m *member) error {
	deskKnown(v, "did")
	data, err := s.officeOf(v, m, url.Values{})
	if err != nil {
		return err
	}
	data.Done = v.known.Get("did") == "noted"
	return s.show(w, v, deskPage("desk-office", v.T("web.own.title"), data))
}

// noters may add their office's word.
var noters = []act.Role{act.RoleSigningOfficer, act.RoleFocalPoint, act.RoleAdministrator}

func (s *Server) officeOf(v *visit, m *member, typed url.Values) (*officeView, error) {
	if !m.Authority {
		return nil, problem.New(problem.Forbidden, "problem.forbidden")
	}
	data := &officeView{authorityView: &authorityView{ID: m.Organisation, AsAt: v.now}, Bar: m.bar("office"), NoteTyped: typed, Languages: locale.Languages()}
	var err error
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	s.read.View(func(state *civic.State) {
		data.fill(state, state.Organisation(m.Organisation), v)
		data.MayNote = m.may(state, v, m.Organisation, &act.ContextNoted{}, noters...) == nil
	})
	return data, nil
}

// noteContext adds the office's own word about its figures.
func (s *Server) noteContext(w http.ResponseWriter, v *visit, m *member) error {
	form, err := readForm(v.r, 8<<10)
	if err != nil {
		return err
	}
	token, err := tokenOf(form)
	if err != nil {
		return err
	}
	who, err := m.actor(noters...)
	if err != nil {
		return err
	}
	names, err := bilingual(form, "note", 400, "text", 4000)
	if err == nil {
		var at int64
		receipt, refused := s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: m.Organisation, Facts: &act.ContextNoted{}, Content: map[string]any{"names": names}}, token)
		if at, err = receipt.Position, refused; err == nil {
			return s.seeOther(w, v.r, "/desk/office?did=noted", at)
		}
	}
	data, failed := s.officeOf(v, m, form)
	if failed != nil {
		return failed
	}
	data.Problem = viewOf(v.L, problemOf(err))
	return s.again(w, v, err, deskPage("desk-office", v.T("web.own.title"), data))
}

// bilingual reads a name, and what it is about, in every language of the pages.
// One language is enough; the other's readers are shown that one.
func bilingual(form url.Values, name string, nameMost int, about string, aboutMost int) (*act.Names, error) {
	names := &act.Names{Name: map[string]string{}, About: map[string]string{}}
	var wrong []*problem.Error
	for _, language := range locale.Languages() {
		for field, into := range map[string]map[string]string{name: names.Name, about: names.About} {
			text := strings.TrimSpace(form.Get(field + "_" + language))
			if act.Blank(text) {
				continue
			}
			most := nameMost
			if field == about {
				most = aboutMost
			}
			wrong = append(wrong, wordsProblem(field+"_"+language, text, 0, most))
			into[language] = text
		}
	}
	if len(names.Name) == 0 {
		wrong = append(wrong, problem.New(problem.Invalid, "problem.required").In(name+"_"+locale.Languages()[0]))
	}
	return names, problem.Join(wrong...)
}
