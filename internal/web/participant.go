package web

import (
	"net/http"
	"net/url"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// Who takes part is a random token in a cookie, made with the first act and
// never before; a card's bearer is whom the card makes them. The register turns
// either into a pseudonym that is another in every dialogue.
const (
	personCookie = "person"
	cardCookie   = "card"
	personAge    = 365 * 24 * 3600
)

// taking is somebody who takes part in a dialogue, or could.
type taking struct {
	dialogue act.ID
	slug     string
	names    act.Names
	about    act.Names
	door     string
	stage    civic.Stage
	closes   deadline
	// person is the token of the cookie, or a fresh one that a form carries so
	// that a form sent twice at once is still one person's.
	person string
	known  bool // it came with the cookie
	card   string
	who    civic.Actor
}

// takingPart finds the dialogue of an address and who takes part in it. form
// is nil where nothing was sent.
func (s *Server) takingPart(v *visit, form url.Values) (*taking, error) {
	if s.register == nil {
		return nil, problem.New(problem.NotFound, "problem.not_found")
	}
	t := &taking{slug: v.r.PathValue("slug")}
	s.read.View(func(state *civic.State) {
		if d := state.DialogueBySlug(t.slug); d != nil {
			t.dialogue, t.door, t.stage = d.ID, d.Door, d.Stage()
			t.names, t.about = state.Names(d.ID), state.Names(d.ID)
		}
	})
	if t.dialogue.IsZero() {
		return nil, problem.New(problem.NotFound, "problem.dialogue_unknown")
	}
	if err := t.whoIs(s, v, form); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *taking) whoIs(s *Server, v *visit, form url.Values) error {
	if cookie, err := v.r.Cookie(personCookie); err == nil {
		if _, err := register.ParseToken(cookie.Value); err == nil {
			t.person, t.known = cookie.Value, true
		}
	}
	if offered := form.Get("person"); !t.known && offered != "" {
		if _, err := register.ParseToken(offered); err == nil {
			t.person = offered
		}
	}
	if t.person == "" {
		token, err := register.NewToken(s.random)
		if err != nil {
			return err
		}
		t.person = token.String()
	}
	t.who = civic.Actor{By: act.Participant, Participant: s.register.Participant(t.person, t.dialogue)}
	if t.door == "open" {
		return nil
	}
	number := form.Get("card")
	if number == "" {
		if cookie, err := v.r.Cookie(cardCookie); err == nil {
			number = cookie.Value
		}
	}
	if card, err := s.register.Card(t.dialogue, number); err == nil {
		t.card, t.known = card.Number, true
		t.who = civic.Actor{By: act.Participant, Participant: s.register.Participant(card.Token, t.dialogue), Admitted: true}
	}
	return nil
}

// admitted reports whether they may take part here, card or no card.
func (t *taking) admitted() bool { return t.door == "open" || t.card != "" }

// remember keeps who took part on the device.
func (t *taking) remember(s *Server, w http.ResponseWriter) {
	if t.card != "" {
		s.setCookie(w, cardCookie, t.card, personAge)
		return
	}
	s.setCookie(w, personCookie, t.person, personAge)
}

func (s *Server) setCookie(w http.ResponseWriter, name, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age,
		SameSite: http.SameSiteLaxMode, Secure: s.config.Secure, HttpOnly: true})
}

// somebodyElse makes the device forget who used it. What was put forward stays;
// who has the receipt can still follow it.
func (s *Server) somebodyElse(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	s.setCookie(w, personCookie, "", -1)
	s.setCookie(w, cardCookie, "", -1)
	slug := ""
	if form, err := readForm(r, 100); err == nil {
		slug = form.Get("slug")
	}
	var data somebodyView
	s.read.View(func(state *civic.State) {
		if d := state.DialogueBySlug(slug); d != nil && d.Stage() == civic.Open {
			data.Slug, data.Names = d.Slug, state.Names(d.ID)
		}
	})
	return s.show(w, v, page{Name: "somebody-else", Title: v.T("web.somebody.title"), Data: data})
}

// somebodyView is what the next person on a shared phone sees.
type somebodyView struct {
	Slug  string
	Names act.Names
}

// showCard takes a voting card or an invitation.
func (s *Server) showCard(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	form, err := readForm(r, 200)
	if err != nil {
		return err
	}
	t, err := s.takingPart(v, form)
	if err != nil {
		return err
	}
	if t.door != "open" && t.card == "" {
		trouble := problem.New(problem.Invalid, "problem.card").In("card")
		return s.again(w, v, trouble, t.cardPage(v, form.Get("card")))
	}
	t.remember(s, w)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/d/"+t.slug+"/take-part", http.StatusSeeOther)
	return nil
}

// cardView asks for a card.
type cardView struct {
	Slug  string
	Names act.Names
	Door  string
	Typed string
}

func (t *taking) cardPage(v *visit, typed string) page {
	return page{Name: "card", Title: v.T("web.card.title"), Nav: "dialogues", Data: cardView{t.slug, t.names, t.door, typed}}
}
