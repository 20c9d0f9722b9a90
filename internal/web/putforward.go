package web

import (
	"net/http"
	"net/url"
	"slices"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// putForwardView is the form on which somebody puts a view forward.
type putForwardView struct {
	Slug   string
	Names  act.Names
	About  act.Names
	Limit  int
	Token  string
	Person string
	Typed  url.Values

	Places       []placeGroup
	Themes       []option
	Written      []option
	Visibilities []option
	Problem      *problemView
	More         bool // whether what is optional stands open
}

func (s *Server) putForwardForm(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	t, err := s.takingPart(v, nil)
	if err != nil {
		return err
	}
	if t.stage != civic.Open {
		return t.notOpen()
	}
	if !t.admitted() {
		return s.show(w, v, t.cardPage(v, ""))
	}
	token, err := s.formToken()
	if err != nil {
		return err
	}
	return s.show(w, v, s.putForwardOf(v, t, url.Values{}, token).page(v))
}

func (data *putForwardView) page(v *visit) page {
	return page{Name: "put-forward", Title: v.T("web.put_forward.title"), Nav: "dialogues", Data: data}
}

func (s *Server) putForwardOf(v *visit, t *taking, typed url.Values, token string) *putForwardView {
	data := &putForwardView{Slug: t.slug, Names: t.names, About: t.about, Token: token, Typed: typed}
	if !t.known {
		data.Person = t.person
	}
	written := typed.Get("written")
	if written == "" {
		written = v.L.Tag()
	}
	visibility := typed.Get("visibility")
	if visibility == "" {
		visibility = act.VisibilityOpen
	}
	s.read.View(func(state *civic.State) {
		d := state.Dialogue(t.dialogue)
		data.Limit = d.Limit
		data.Places = placesFor(state, d, typed.Get("place"))
		for _, theme := range state.Themes() {
			data.Themes = append(data.Themes, option{theme, themeNames(state, theme), slices.Contains(typed["theme"], theme)})
		}
		// A participant is named in neither case: of the two ways in which a view
		// is published, theirs is the open one.
		visibilities := []string{act.VisibilityOpen}
		if p := state.Programme(); p != nil && len(p.Trustees) > 0 {
			visibilities = append(visibilities, act.VisibilitySealed)
		}
		data.Visibilities = codeOptions(visibilities, visibility)
	})
	data.Written = codeOptions(writtenLanguages, written)
	data.More = typed.Get("detail") != "" || typed.Get("place") != "" || len(typed["theme"]) > 0
	return data
}

func (s *Server) putForward(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	form, err := readForm(r, act.MaxText+1)
	if err != nil {
		return err
	}
	t, err := s.takingPart(v, form)
	if err != nil {
		return err
	}
	token, err := tokenOf(form)
	if err != nil {
		return err
	}
	data := s.putForwardOf(v, t, form, form.Get("token"))
	again := func(err error) error {
		trouble := problemOf(err)
		data.Problem = viewOf(v.L, trouble)
		if trouble.Key == "problem.token_conflict" {
			// What was typed goes in as another view when it is sent again.
			if data.Token, err = s.formToken(); err != nil {
				return err
			}
		}
		return s.again(w, v, trouble, data.page(v))
	}
	draft, err := data.draft(t, form)
	if err != nil {
		return again(err)
	}
	receipt, err := s.register.Submit(r.Context(), t.who, draft, token)
	if err != nil {
		return again(err)
	}
	t.remember(s, w)
	done := &receivedView{Slug: t.slug, Person: true, CanTell: s.config.Notices != nil, Again: "/d/" + t.slug + "/put-forward"}
	if done.Receipt, err = s.receiptOf(receipt, t.names); err != nil {
		return err
	}
	s.read.View(func(state *civic.State) {
		if view := state.Statement(receipt.Act); view != nil {
			done.Clock, done.Sealed = deadlineOf(state, view.Clock, v.now), view.Moderation == civic.Private
		}
	})
	// The secret stands in this answer alone, not in an address: reloading sends
	// the form again, which gives the same receipt.
	return s.show(w, v, page{Name: "received", Title: v.T("web.received.title"), Nav: "receipt", Data: done})
}

// receivedView is the receipt that fills the screen.
type receivedView struct {
	Receipt receiptView
	Slug    string
	Clock   deadline
	Sealed  bool
	Person  bool
	// CanTell says that an address may be left.
	CanTell bool
	Again   string
}

// draft reads the form into the act that registers the view.
func (data *putForwardView) draft(t *taking, form url.Values) (act.Draft, error) {
	text, detail := form.Get("text"), form.Get("detail")
	wrong := []*problem.Error{wordsProblem("text", text, data.Limit, act.MaxText)}
	content := map[string]any{"text": &act.Text{Text: text}, "source": &act.Source{Participant: &t.who.Participant}}
	if !act.Blank(detail) {
		wrong = append(wrong, wordsProblem("detail", detail, 0, act.MaxText))
		content["detail"] = &act.Text{Text: detail}
	}
	facts := &act.StatementRegistered{Channel: "web", Place: form.Get("place"), Themes: form["theme"]}
	var trouble *problem.Error
	facts.Written, trouble = chosen(form, "written", writtenLanguages)
	wrong = append(wrong, trouble)
	var codes []string
	for _, choice := range data.Visibilities {
		codes = append(codes, choice.Value)
	}
	facts.Visibility, trouble = chosen(form, "visibility", codes)
	wrong = append(wrong, trouble)
	if len(facts.Themes) > act.MostThemes {
		wrong = append(wrong, problem.New(problem.Invalid, "problem.choose_most", "n", act.MostThemes).In("theme"))
	}
	return act.Draft{By: t.who.By, Of: t.dialogue, Facts: facts, Content: content}, problem.Join(wrong...)
}
