package api

import (
	"context"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
)

// Authority is a public authority, with what waits there.
type Authority struct {
	Organisation
	Balance     civic.Balance `json:"balance" doc:"The views of which it has, or had, a case"`
	Commitments int           `json:"commitments" doc:"Those that it is responsible for"`
}

// Competence is what an authority may decide on, and since when.
type Competence struct {
	Act    string   `json:"act"`
	As     string   `json:"as" doc:"Whether it decides, advises or has to refer"`
	Themes []string `json:"themes" doc:"None for every theme"`
	Place  string   `json:"place,omitempty"`
	From   string   `json:"from"`
	Until  string   `json:"until,omitempty"`
}

// Punctuality is how many cases fell due, and how many of them were answered in
// time.
type Punctuality struct {
	FellDue int `json:"fell_due"`
	InTime  int `json:"in_time"`
}

// WholeAuthority is an authority with its figures.
type WholeAuthority struct {
	Authority
	Figures     civic.Figures `json:"figures"`
	Whole       Punctuality   `json:"all_authorities" doc:"The same of all authorities together"`
	Aliases     []Names       `json:"aliases"`
	Competences []Competence  `json:"competences"`
	Notes       []Names       `json:"notes" doc:"What it says of its figures itself, oldest first"`
}

type (
	authoritiesOut struct{ Body []Authority }
	authorityIn    struct{ IDPath }
	authorityOut   struct {
		AsAt time.Time `header:"Samleng-As-At" timeFormat:"2006-01-02T15:04:05Z07:00" doc:"The moment that decides what is overdue"`
		Body WholeAuthority
	}
)

func organisationOf(s *civic.State, o *civic.Organisation) Organisation {
	shown := Organisation{ID: o.ID.String(), Names: namesOf(s.Names(o.ID)), Type: o.Type, Authority: o.Authority, Place: o.Place}
	if o.Parent != nil {
		shown.Parent = o.Parent.String()
	}
	return shown
}

func authorityOf(s *civic.State, o *civic.Organisation, now time.Time) Authority {
	return Authority{organisationOf(s, o), s.Balance(civic.Filter{Authority: o.ID}, now), len(s.CommitmentsOf(o.ID))}
}

func (a *API) authorities(context.Context, *nothing) (*authoritiesOut, error) {
	out := &authoritiesOut{Body: []Authority{}}
	a.reader.View(func(s *civic.State) {
		for _, o := range s.Organisations() {
			if o.Authority {
				out.Body = append(out.Body, authorityOf(s, o, a.now()))
			}
		}
	})
	return out, nil
}

func (a *API) authority(_ context.Context, in *authorityIn) (*authorityOut, error) {
	out := &authorityOut{AsAt: a.now().UTC()}
	err := a.named(in.ID, func(s *civic.State, id act.ID) bool {
		o := s.Organisation(id)
		if o == nil || !o.Authority {
			return false
		}
		whole := WholeAuthority{Authority: authorityOf(s, o, out.AsAt), Figures: s.Figures(id, out.AsAt), Aliases: []Names{}, Competences: []Competence{}, Notes: []Names{}}
		whole.Whole.FellDue, whole.Whole.InTime = s.Punctuality(out.AsAt)
		for _, alias := range o.Aliases {
			whole.Aliases = append(whole.Aliases, namesOf(s.Names(alias.ID)))
		}
		for _, c := range s.Competences(id) {
			whole.Competences = append(whole.Competences, Competence{c.Act.String(), c.As, append([]string{}, c.Themes...), c.Place, c.From, c.Until})
		}
		for _, note := range slices.Clone(o.Notes()) {
			whole.Notes = append(whole.Notes, namesOf(s.Names(note)))
		}
		out.Body = whole
		return true
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
