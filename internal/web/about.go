package web

import (
	"time"

	"samleng/act"
	"samleng/civic"
)

// aboutView says what this is and who runs it.
type aboutView struct {
	Programme     act.Names
	Organisations []aboutOrganisation
	Policy        []aboutStep
	Threshold     int
}

type aboutOrganisation struct {
	Names       act.Names
	Type        string
	Authority   bool
	Engagements []aboutEngagement
}

type aboutEngagement struct {
	As          string
	From, Until time.Time
}

type aboutStep struct {
	Step act.Step
	Days int
}

func (s *Server) about(v *visit) (page, error) {
	var data aboutView
	s.read.View(func(state *civic.State) {
		if programme := state.Programme(); programme != nil {
			data.Programme, data.Threshold = state.Names(programme.ID), programme.Threshold
		}
		policy := state.Policy()
		for _, step := range []act.Step{act.StepModerate, act.StepAppeal, act.StepRefer} {
			if days, has := policy[step]; has {
				data.Policy = append(data.Policy, aboutStep{step, days})
			}
		}
		for _, org := range state.Organisations() {
			line := aboutOrganisation{Names: state.Names(org.ID), Type: org.Type, Authority: org.Authority}
			for _, e := range org.Engagements {
				line.Engagements = append(line.Engagements, aboutEngagement{e.As, day(e.From, state.Zone()), day(e.Until, state.Zone())})
			}
			data.Organisations = append(data.Organisations, line)
		}
	})
	return page{Name: "about", Title: v.T("web.about.title"), Nav: "about", Data: data}, nil
}
