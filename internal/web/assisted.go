package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// assistedChannels are the ways in which a view comes to somebody who writes it
// down.
var assistedChannels = []string{"assisted", "paper", "voice"}

// registerFilters are the query parameters of the form: what stays the same
// from one view to the next.
var registerFilters = []string{"dialogue", "channel", "spoken", "written", "place"}

// registerView is the form on which a view is registered for somebody who said
// it, wrote it on paper, or spoke it into a recorder.
type registerView struct {
	Bar       deskBar
	Dialogues []dialogueLine // to choose from, while none is chosen
	dialogue  act.ID
	Slug      string
	Names     act.Names
	About     act.Names
	Limit     int
	Token     string
	Typed     url.Values
	Problem   *problemView

	Channels, Spoken, Written, Themes, Organisations []option
	Places                                           []placeGroup
	Visibilities                                     []option
	SubjectsOpen                                     bool
}

// placeGroup is a province with the places in it that a view may name.
type placeGroup struct {
	option
	Inner []option
}

// receiptPage is what comes after a view was registered.
type receiptPage struct {
	Bar     deskBar
	Receipt receiptView
	Again   string // the address of the form for the next one
	Slug    string
	Clock   deadline
	Sealed  bool
}

func (s *Server) registerForm(w http.ResponseWriter, v *visit, m *member) error {
	deskKnown(v, registerFilters...)
	if err := m.needs(recorderRoles...); err != nil {
		return err
	}
	data, err := s.registerOf(v, m, v.known.Get("dialogue"), v.known)
	if err != nil {
		return err
	}
	return s.show(w, v, data.page(v))
}

func (data *registerView) page(v *visit) page {
	return deskPage("desk-register", v.T("web.assisted.title"), data)
}

// registerOf makes the form for a dialogue, or the choice of one.
func (s *Server) registerOf(v *visit, m *member, slug string, typed url.Values) (*registerView, error) {
	data := &registerView{Bar: m.bar("register"), Typed: typed}
	var err error
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	s.read.View(func(state *civic.State) {
		d := state.DialogueBySlug(slug)
		if d == nil || d.Stage() != civic.Open {
			data.Dialogues, d = openDialogues(state, slug)
		}
		if d != nil {
			data.fill(state, d)
		}
	})
	sortByName(v.L, data.Organisations)
	return data, nil
}

// openDialogues lists the dialogues that take views. Where there is only one
// and no other was named, it is chosen.
func openDialogues(state *civic.State, named string) ([]dialogueLine, *civic.Dialogue) {
	var open []dialogueLine
	var last *civic.Dialogue
	for _, d := range state.Dialogues() {
		if d.Stage() == civic.Open {
			open, last = append(open, dialogueLineOf(state, d)), d
		}
	}
	if len(open) == 1 && named == "" {
		return nil, last
	}
	return open, nil
}

// notOpen says why a dialogue takes no views.
func (s *Server) notOpen(slug string) error {
	key := civic.RefusedDialogue
	s.read.View(func(state *civic.State) {
		switch d := state.DialogueBySlug(slug); {
		case d == nil:
		case d.Stage() == civic.Announced:
			key = civic.RefusedNotOpen
		default:
			key = civic.RefusedClosed
		}
	})
	return &civic.Refusal{Key: key}
}

func (data *registerView) fill(state *civic.State, d *civic.Dialogue) {
	data.dialogue, data.Slug, data.Limit = d.ID, d.Slug, d.Limit
	data.Names, data.About = state.Names(d.ID), state.Names(d.ID)
	get := func(name, otherwise string) string {
		if value := data.Typed.Get(name); value != "" {
			return value
		}
		return otherwise
	}
	data.Channels = codeOptions(assistedChannels, get("channel", "assisted"))
	data.Spoken = codeOptions(spokenLanguages, get("spoken", "km"))
	data.Written = codeOptions(spokenLanguages, get("written", "km"))
	visibilities := []string{act.VisibilityOpen, act.VisibilityUnattributed}
	if p := state.Programme(); p != nil && len(p.Trustees) > 0 {
		visibilities = append(visibilities, act.VisibilitySealed)
	}
	data.Visibilities = codeOptions(visibilities, get("visibility", act.VisibilityUnattributed))
	data.Places = placesFor(state, d, data.Typed.Get("place"))
	for _, theme := range state.Themes() {
		data.Themes = append(data.Themes, option{theme, themeNames(state, theme), slices.Contains(data.Typed["theme"], theme)})
	}
	for _, org := range state.Organisations() {
		about := slices.Contains(data.Typed["about"], org.ID.String())
		data.Organisations = append(data.Organisations, option{org.ID.String(), state.Names(org.ID), about})
		data.SubjectsOpen = data.SubjectsOpen || about
	}
}

// placesFor lists the places that a view of a dialogue may name: the
// dialogue's own and what lies in it, no finer than it declares.
func placesFor(state *civic.State, d *civic.Dialogue, current string) []placeGroup {
	var groups []placeGroup
	for _, place := range state.Places(0) {
		if place.Level > d.PlaceLevel || !state.Within(place.Code, d.Place) {
			continue
		}
		choice := option{place.Code, state.Names(place.ID), place.Code == current}
		if n := len(groups); place.Parent != "" && n > 0 && groups[n-1].Value == place.Parent {
			groups[n-1].Inner = append(groups[n-1].Inner, choice)
		} else {
			groups = append(groups, placeGroup{option: choice})
		}
	}
	return groups
}

func (s *Server) registerView(w http.ResponseWriter, v *visit, m *member) error {
	form, err := readForm(v.r, act.MaxText+1)
	if err != nil {
		return err
	}
	token, err := tokenOf(form)
	if err != nil {
		return err
	}
	who, err := m.actor(recorderRoles...)
	if err != nil {
		return err
	}
	data, err := s.registerOf(v, m, form.Get("dialogue"), form)
	if err != nil {
		return err
	}
	again := func(err error) error {
		trouble := problemOf(err)
		data.Token, data.Problem = form.Get("token"), viewOf(v.L, trouble)
		if trouble.Key == "problem.token_conflict" {
			if data.Token, err = s.formToken(); err != nil {
				return err
			}
		}
		return s.again(w, v, trouble, data.page(v))
	}
	if data.dialogue.IsZero() {
		return again(s.notOpen(form.Get("dialogue")))
	}
	draft, err := data.draft(who, form)
	if err != nil {
		return again(err)
	}
	receipt, err := s.submitAssisted(v, who, draft, form.Get("slip"), token)
	if err != nil {
		return again(err)
	}
	card, err := s.receiptOf(receipt, data.Names)
	if err != nil {
		return err
	}
	card.Slip = form.Get("slip")
	next := url.Values{}
	for _, name := range registerFilters {
		if value := form.Get(name); value != "" {
			next.Set(name, value)
		}
	}
	done := &receiptPage{Bar: data.Bar, Receipt: card, Again: "/desk/register?" + next.Encode(), Slug: data.Slug,
		Sealed: draft.Facts.(*act.StatementRegistered).Visibility == act.VisibilitySealed}
	s.read.View(func(state *civic.State) {
		if view := state.Statement(receipt.Act); view != nil {
			done.Clock = deadlineOf(state, view.Clock, v.now)
		}
	})
	// The secret stands in this answer alone, not in an address: opening it
	// again sends the form again, which gives the same receipt.
	return s.show(w, v, deskPage("desk-receipt", v.T("web.assisted.done"), done))
}

// submitAssisted registers a view, under a printed slip's code if it came with
// one.
func (s *Server) submitAssisted(v *visit, who civic.Actor, draft act.Draft, number string, token *register.Token) (register.Receipt, error) {
	if number == "" {
		return s.register.Submit(v.r.Context(), who, draft, token)
	}
	slip, err := s.register.Slip(number)
	if errors.Is(err, register.ErrSlip) {
		return register.Receipt{}, problem.Wrap(err, problem.Invalid, "problem.slip_unknown").In("slip")
	} else if err != nil {
		return register.Receipt{}, err
	}
	draft.Content["source"].(*act.Source).Slip = slip.Number
	receipt, err := s.register.SubmitSlip(v.r.Context(), who, draft, slip)
	if errors.Is(err, register.ErrTokenConflict) {
		// Not wrapped: it is another message than that of a form sent twice.
		return receipt, problem.New(problem.Conflict, "problem.slip_used").In("slip")
	}
	return receipt, err
}

// draft reads the form into the act that registers the view.
func (data *registerView) draft(who civic.Actor, form url.Values) (act.Draft, error) {
	values := func(options []option) []string {
		codes := make([]string, len(options))
		for i, o := range options {
			codes[i] = o.Value
		}
		return codes
	}
	text, detail := form.Get("text"), form.Get("detail")
	wrong := []*problem.Error{wordsProblem("text", text, data.Limit, act.MaxText)}
	content := map[string]any{"text": &act.Text{Text: text}}
	if !act.Blank(detail) {
		wrong = append(wrong, wordsProblem("detail", detail, 0, act.MaxText))
		content["detail"] = &act.Text{Text: detail}
	}
	facts := &act.StatementRegistered{Place: form.Get("place"), Themes: form["theme"]}
	for _, choice := range []struct {
		field string
		into  *string
		codes []string
	}{
		{"channel", &facts.Channel, assistedChannels}, {"spoken", &facts.Spoken, spokenLanguages}, {"written", &facts.Written, spokenLanguages},
		{"read_back", &facts.ReadBack, []string{"yes", "no"}}, {"visibility", &facts.Visibility, values(data.Visibilities)},
	} {
		value, problem := chosen(form, choice.field, choice.codes)
		*choice.into, wrong = value, append(wrong, problem)
	}
	if len(facts.Themes) > act.MostThemes {
		wrong = append(wrong, problem.New(problem.Invalid, "problem.choose_most", "n", act.MostThemes).In("theme"))
	}
	source := &act.Source{Staff: &who.By.Staff, Organisation: &who.By.Organisation}
	known := values(data.Organisations)
	for _, text := range form["about"] {
		id, err := act.ParseID(text)
		if err != nil || !slices.Contains(known, text) {
			wrong = append(wrong, problem.New(problem.Invalid, "problem.choice_unknown").In("about"))
			continue
		}
		source.Subjects = append(source.Subjects, id)
	}
	if len(source.Subjects) > 20 {
		wrong = append(wrong, problem.New(problem.Invalid, "problem.choose_most", "n", 20).In("about"))
	}
	content["source"] = source
	if number := form.Get("slip"); len(number) > 40 || act.HasControls(number) {
		wrong = append(wrong, problem.New(problem.Invalid, "problem.slip_unknown").In("slip"))
	}
	return act.Draft{By: who.By, Of: data.dialogue, Facts: facts, Content: content}, problem.Join(wrong...)
}

// sortByName puts options in the order of a dictionary of the reader's language.
func sortByName(l *locale.Locale, options []option) {
	slices.SortStableFunc(options, func(a, b option) int {
		return locale.Compare(inLanguage(a.Names.Name, l.Tag()), inLanguage(b.Names.Name, l.Tag()))
	})
}
