package web

import (
	"net/http"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
)

// letterView is an answer as a letter to print and sign. All of it is public.
type letterView struct {
	Bar      deskBar
	Realm    []string // the two lines that stand above every letter of the state
	Own      []string // the same in the reader's language, where that is another
	ID       act.ID
	Office   act.Names
	Place    act.Names
	Position string
	Letter   string
	Review   string
	At       time.Time
	On       time.Time
	In       string
	Cases    []letterCase
	Views    int
	Evidence evidenceView
	Corrects bool
	Log      int64
	Address  string
	// Superseded leads to the answer that corrects this one.
	Superseded string
	May        bool // the office's own staff, who may correct it
	First      string
}

// letterCase is what the letter says to one case.
type letterCase struct {
	Name     act.Names
	Need     bool
	Codes    []act.Code
	More     int
	Decision string
	Reasons  string
	Basis    string
}

// codesMost is how many codes of a need's views a letter lists.
const codesMost = 40

func (s *Server) letter(w http.ResponseWriter, v *visit, m *member) error {
	id, err := act.ParseID(v.r.PathValue("answer"))
	if err != nil {
		return problem.Wrap(err, problem.NotFound, "problem.not_found")
	}
	km := locale.Get("km")
	data := &letterView{Bar: m.bar("answers"), ID: id, Realm: []string{km.T("web.letter.realm"), km.T("web.letter.motto")}, Address: s.config.Address}
	if v.L.Tag() != "km" {
		data.Own = []string{v.T("web.letter.realm"), v.T("web.letter.motto")}
	}
	var reasons act.Reasons
	err = s.read.Content(v.r.Context(), civic.Actor{}, civic.SectionRef{Act: id, Name: "reasons"}, &reasons)
	if err != nil {
		return err
	}
	known := false
	s.read.View(func(state *civic.State) {
		if a := state.Answer(id); a != nil {
			known = true
			data.fill(state, a, &reasons, v, m)
		}
	})
	if !known {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	if data.Evidence, err = s.evidence(v, id); err != nil {
		return err
	}
	if data.Log, err = s.read.Locate(v.r.Context(), id); err != nil {
		return err
	}
	return s.show(w, v, deskPage("desk-letter", v.T("web.letter.title", "number", data.Letter), data))
}

func (data *letterView) fill(state *civic.State, a *civic.Answer, reasons *act.Reasons, v *visit, m *member) {
	zone := v.now.Location()
	data.Office, data.Position, data.At, data.On, data.In = state.Names(a.Authority), a.Position, a.At.In(zone), day(a.ConsideredOn, zone), a.ConsideredIn
	data.Letter, data.Review, data.Corrects = reasons.Letter, reasons.Review, a.Corrects != nil
	if org := state.Organisation(a.Authority); org != nil {
		if place := state.Place(org.Place); place != nil {
			data.Place = state.Names(place.ID)
		}
	}
	if !a.Superseded.IsZero() {
		data.Superseded = a.Superseded.String()
	}
	data.May = a.Authority == m.Organisation && m.Is(officerRoles...) && a.Superseded.IsZero()
	for _, given := range reasons.Cases {
		r := state.Referral(given.Case)
		if r == nil {
			continue
		}
		if data.First == "" {
			data.First = r.ID.String()
		}
		c := letterCase{Decision: a.Decision(r.ID), Reasons: given.Text, Basis: given.Basis}
		if n := r.Need(); n != nil {
			c.Need, c.Name = true, state.Names(n.ID)
		}
		for _, view := range r.Views() {
			data.Views++
			if len(c.Codes) < codesMost {
				c.Codes = append(c.Codes, state.Code(view.ID))
			} else {
				c.More++
			}
		}
		data.Cases = append(data.Cases, c)
	}
}
