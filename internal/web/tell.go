package web

import (
	"net/url"

	"samleng/civic"
	"samleng/internal/problem"
)

// tellView is whether the holder of a view can be told by e-mail, and is.
type tellView struct {
	CanTell bool
	Told    string // the address, masked; empty where there is none
}

// tellOf says how the holder of a view is told. What was left can be taken away
// as long as there is a way to send, and new addresses while there are words.
func (s *Server) tellOf(v *visit, who civic.Actor) (tellView, error) {
	if s.config.Notices == nil {
		return tellView{}, nil
	}
	var data tellView
	s.read.View(func(state *civic.State) { data.CanTell = !state.Statement(who.Holds).Erased })
	var err error
	data.Told, err = s.config.Notices.Left(v.r.Context(), who.Holds)
	return data, err
}

// holderTell keeps an address. It is no act: nothing of it goes into the log.
func (s *Server) holderTell(v *visit, h held, form url.Values) error {
	if s.config.Notices == nil {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	return s.config.Notices.Leave(v.r.Context(), h.who, form.Get("address"), v.L.Tag())
}

func (s *Server) holderUntell(v *visit, h held) error {
	if s.config.Notices == nil {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	return s.config.Notices.Stop(v.r.Context(), h.who)
}
