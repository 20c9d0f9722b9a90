package web

import (
	"errors"

	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// dated makes a page that also shows how things stood on a day that has passed
// (?on=2026-11-20): build sees that day's state, and its end for now. What may
// be read is for today's state to say, so words that were taken away since are
// not there.
func (s *Server) dated(build func(*visit) (page, error)) func(*visit) (page, error) {
	return func(v *visit) (page, error) {
		day := v.known.Get("on")
		if day == "" {
			p, err := build(v)
			p.Dated = true
			return p, err
		}
		end, err := s.read.PastDay(day)
		if errors.Is(err, register.ErrNotFound) {
			return page{}, problem.New(problem.Invalid, "problem.past_day")
		}
		if err != nil {
			return page{}, err
		}
		past := *v
		past.now = end.In(v.now.Location())
		var p page
		var failed error
		err = s.read.PastView(v.r.Context(), day, func(state *civic.State) {
			past.state = state
			p, failed = build(&past)
		})
		if errors.Is(err, register.ErrBusy) {
			return page{}, problem.New(problem.Unavailable, "problem.past_busy")
		}
		if err != nil {
			return page{}, err
		}
		if trouble, is := problem.As(failed); is && trouble.Kind == problem.NotFound {
			return page{}, problem.New(problem.NotFound, "problem.not_then")
		}
		// There are as many of these as days: search engines need none of them.
		p.Dated, p.Past, p.Private = true, past.now, true
		return p, failed
	}
}

// see calls fn with the state that the visit is about: today's, or that of the
// day that was asked for. fn copies what it needs and does no I/O.
func (s *Server) see(v *visit, fn func(*civic.State)) {
	if v.state != nil {
		fn(v.state)
		return
	}
	s.read.View(fn)
}
