package web

import (
	"net/http"
	"net/url"
	"slices"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// indigenousGroups are the codes (ISO 639-3) of the languages by which the
// indigenous peoples are known.
var indigenousGroups = []string{"tpu", "jra", "krr", "brb", "krv", "xkk", "cmo"}

// aboutYouView asks what somebody is ready to say about themselves. All of it is
// voluntary. What difficulties somebody has is not asked: the Washington Group's
// questions may only be asked in their own words, which the programme has to
// bring.
type aboutYouView struct {
	Slug    string
	Names   act.Names
	Token   string
	Problem *problemView
	Said    bool
	Done    bool

	Sexes, Ages, Languages, Groups []option
	Places                         []placeGroup
	Threshold                      int
}

func (s *Server) aboutYouForm(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	t, err := s.takingPart(v, nil)
	if err != nil {
		return err
	}
	data, err := s.aboutYouOf(t, nil)
	if err != nil {
		return err
	}
	return s.show(w, v, data.page(v))
}

func (data *aboutYouView) page(v *visit) page {
	return page{Name: "about-you", Title: v.T("web.about_you.title"), Nav: "dialogues", Data: data}
}

func (s *Server) aboutYouOf(t *taking, typed url.Values) (*aboutYouView, error) {
	if t.stage != civic.Open {
		return nil, t.notOpen()
	}
	if !t.known || !t.admitted() {
		return nil, &civic.Refusal{Key: civic.RefusedParticipant}
	}
	data := &aboutYouView{Slug: t.slug, Names: t.names}
	var err error
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	var self act.Self
	s.read.View(func(state *civic.State) {
		self, data.Said = state.Self(t.dialogue, t.who.Participant)
		if p := state.Programme(); p != nil {
			data.Threshold = p.Threshold
		}
	})
	if typed != nil {
		self = selfOf(typed, t)
	}
	data.Sexes, data.Ages = codeOptions(act.Sexes, self.Sex), codeOptions(act.AgeBands, self.AgeBand)
	data.Languages, data.Groups = codeOptions(spokenLanguages, self.Language), codeOptions(indigenousGroups, self.Indigenous)
	s.read.View(func(state *civic.State) {
		data.Places = placesFor(state, state.Dialogue(t.dialogue), self.Place)
	})
	return data, nil
}

func selfOf(form url.Values, t *taking) act.Self {
	return act.Self{Participant: t.who.Participant, Sex: form.Get("sex"), AgeBand: form.Get("age_band"),
		Language: form.Get("language"), Indigenous: form.Get("indigenous"), Place: form.Get("place")}
}

func (s *Server) aboutYou(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	form, err := readForm(r, 200)
	if err != nil {
		return err
	}
	t, err := s.takingPart(v, form)
	if err != nil {
		return err
	}
	data, err := s.aboutYouOf(t, form)
	if err != nil {
		return err
	}
	token, err := tokenOf(form)
	if err != nil {
		return err
	}
	self := selfOf(form, t)
	for _, choice := range []struct {
		value string
		codes []string
		field string
	}{{self.Sex, act.Sexes, "sex"}, {self.AgeBand, act.AgeBands, "age_band"}, {self.Language, spokenLanguages, "language"}, {self.Indigenous, indigenousGroups, "indigenous"}} {
		if choice.value != "" && !slices.Contains(choice.codes, choice.value) {
			trouble := problem.New(problem.Invalid, "problem.choice_unknown").In(choice.field)
			data.Problem = viewOf(v.L, trouble)
			return s.again(w, v, trouble, data.page(v))
		}
	}
	_, err = s.register.Submit(r.Context(), t.who, act.Draft{By: t.who.By, Of: t.dialogue, Facts: &act.ParticipantDescribed{},
		Content: map[string]any{"self": &self}}, token)
	if err != nil {
		data.Problem = viewOf(v.L, problemOf(err))
		return s.again(w, v, err, data.page(v))
	}
	data.Done, data.Said = true, true
	return s.show(w, v, data.page(v))
}
