package web

import (
	"cmp"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// authoritiesView lists the public authorities of the programme, each with what
// waits there. It is a list by name, never a league table.
type authoritiesView struct {
	Authorities []authorityLine
	AsAt        time.Time
	Position    int64
}

type authorityLine struct {
	ID       act.ID
	Names    act.Names
	Type     string
	Place    act.Names
	Cases    int
	Waiting  int
	Late     int
	Promised int
}

func (s *Server) authorities(v *visit) (page, error) {
	data := authoritiesView{AsAt: v.now}
	s.see(v, func(state *civic.State) {
		data.Position = state.Position()
		for _, org := range state.Organisations() {
			if !org.Authority {
				continue
			}
			b := state.Balance(civic.Filter{Authority: org.ID}, v.now)
			line := authorityLine{ID: org.ID, Names: state.Names(org.ID), Type: org.Type, Cases: b.Registered, Late: b.Overdue(),
				Waiting: b.Waiting.Total() + b.BeingConsidered.Total() + b.NeedsInformation.Total(), Promised: len(state.CommitmentsOf(org.ID))}
			if place := state.Place(org.Place); place != nil {
				line.Place = state.Names(place.ID)
			}
			data.Authorities = append(data.Authorities, line)
		}
	})
	slices.SortStableFunc(data.Authorities, func(a, b authorityLine) int {
		return cmp.Compare(inLanguage(a.Names.Name, v.L.Tag()), inLanguage(b.Names.Name, v.L.Tag()))
	})
	return page{Name: "authorities", Title: v.T("web.authorities.title"), Nav: "authorities", Data: data}, nil
}

// authorityView answers: how does this office treat what people tell it?
type authorityView struct {
	ID      act.ID
	Names   act.Names
	Type    string
	Aliases []act.Names
	Parent  act.Names
	Place   act.Names
	Notes   []act.Names
	Balance balanceView
	Figures civic.Figures
	// Whole are the same figures over all authorities together.
	Whole        wholeFigures
	Share        float64 // answered in time, of all that fell due
	Decisions    []countOf
	Judged       []judgedRow
	Competences  []competenceLine
	Overdue      []caseLine
	OverdueMore  int
	Answers      []answerLine
	AnswersMore  int
	Promises     []countOf
	PromisedMore int
	Commitments  []commitmentLine
	AsAt         time.Time
	Position     int64
}

// wholeFigures compare an authority with all of them together.
type wholeFigures struct {
	FellDue, InTime int
	Share           float64
}

// countOf is a code of a set with how often it occurs.
type countOf struct {
	Set, Code string
	N, Of     int
}

// judgedRow is what holders said to one of the two questions.
type judgedRow struct {
	Question string
	Counts   []countOf
	All      int
}

type competenceLine struct {
	As      string
	Themes  []act.Names
	Place   act.Names
	Current bool
	From    time.Time // the day from which it will hold, zero once it does
}

// How many lines each list of an authority's page holds.
const authorityMost = 10

func (s *Server) authority(v *visit) (page, error) {
	id, err := act.ParseID(v.r.PathValue("id"))
	if err != nil {
		return page{}, problem.Wrap(err, problem.NotFound, "problem.not_found")
	}
	data := &authorityView{ID: id, AsAt: v.now}
	known := false
	s.see(v, func(state *civic.State) {
		org := state.Organisation(id)
		if known = org != nil && org.Authority; known {
			data.fill(state, org, v)
		}
	})
	if !known {
		return page{}, problem.New(problem.NotFound, "problem.not_found")
	}
	if err := s.readCases(v, data.Overdue); err != nil {
		return page{}, err
	}
	if err := s.readAnswers(v, data.Answers); err != nil {
		return page{}, err
	}
	if err := s.readPlans(v, data.Commitments); err != nil {
		return page{}, err
	}
	return page{Name: "authority", Title: inLanguage(data.Names.Name, v.L.Tag()), Nav: "authorities", Data: data}, nil
}

func (data *authorityView) fill(state *civic.State, org *civic.Organisation, v *visit) {
	data.Names, data.Type, data.Position = state.Names(org.ID), org.Type, state.Position()
	for _, alias := range org.Aliases {
		data.Aliases = append(data.Aliases, state.Names(alias.ID))
	}
	if org.Parent != nil {
		data.Parent = state.Names(*org.Parent)
	}
	if place := state.Place(org.Place); place != nil {
		data.Place = state.Names(place.ID)
	}
	for _, note := range slices.Backward(org.Notes()) {
		data.Notes = append(data.Notes, state.Names(note))
	}
	data.Balance = balanceOf(state, civic.Filter{Authority: org.ID}, v.now, "")
	data.figures(state, org, v.now)
	data.competences(state, v.now)
	data.lists(state, org, v)
}

func (data *authorityView) figures(state *civic.State, org *civic.Organisation, now time.Time) {
	f := state.Figures(org.ID, now)
	data.Figures = f
	data.Share = shareOf(f.InTime, f.FellDue)
	data.Whole.FellDue, data.Whole.InTime = state.Punctuality(now)
	data.Whole.Share = shareOf(data.Whole.InTime, data.Whole.FellDue)
	for _, decision := range act.Decisions {
		if n := f.Decisions[decision]; n > 0 {
			data.Decisions = append(data.Decisions, countOf{"decision", decision, n, f.FellDue})
		}
	}
	for _, question := range []struct {
		name   string
		counts map[string]int
	}{{"deals", f.Deals}, {"understandable", f.Understandable}} {
		row := judgedRow{Question: question.name}
		for _, answer := range act.Judgements {
			row.All += question.counts[answer]
		}
		for _, answer := range act.Judgements {
			row.Counts = append(row.Counts, countOf{"judgement", answer, question.counts[answer], row.All})
		}
		if row.All > 0 {
			data.Judged = append(data.Judged, row)
		}
	}
	all := len(state.CommitmentsOf(org.ID))
	for _, promise := range civic.CommitmentStates {
		if n := f.Commitments[promise]; n > 0 {
			data.Promises = append(data.Promises, countOf{"commitment", string(promise), n, all})
		}
	}
}

func shareOf(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

func (data *authorityView) competences(state *civic.State, now time.Time) {
	today := now.Format(time.DateOnly)
	for _, c := range state.Competences(data.ID) {
		line := competenceLine{As: c.As, Current: c.From <= today && (c.Until == "" || today <= c.Until)}
		if c.From > today {
			line.From = day(c.From, now.Location())
		}
		for _, theme := range c.Themes {
			line.Themes = append(line.Themes, themeNames(state, theme))
		}
		if place := state.Place(c.Place); place != nil {
			line.Place = state.Names(place.ID)
		}
		data.Competences = append(data.Competences, line)
	}
}

func (data *authorityView) lists(state *civic.State, org *civic.Organisation, v *visit) {
	today := v.now.Format(time.DateOnly)
	var late []*civic.Referral
	answers := map[act.ID]bool{}
	for _, r := range state.Held(org.ID) {
		if r.Authority != org.ID {
			continue
		}
		if _, clock := r.Standing(v.now); clock.Overdue(v.now) {
			late = append(late, r)
		}
		if !r.Answered.IsZero() && len(r.Answers) > 0 {
			last := r.Answers[len(r.Answers)-1]
			if !answers[last] && len(answers) < authorityMost {
				data.Answers = append(data.Answers, answerLineOf(state, state.Answer(last), r, v.now))
			}
			answers[last] = true
		}
	}
	byDue := func(r *civic.Referral) time.Time { _, c := r.Standing(v.now); return c.Due }
	slices.SortStableFunc(late, func(a, b *civic.Referral) int { return byDue(a).Compare(byDue(b)) })
	for _, r := range late[:min(len(late), authorityMost)] {
		data.Overdue = append(data.Overdue, caseLineOf(state, r, v.now))
	}
	data.OverdueMore, data.AnswersMore = len(late)-len(data.Overdue), len(answers)-len(data.Answers)
	promised := state.CommitmentsOf(org.ID)
	for _, c := range promised[max(0, len(promised)-authorityMost):] {
		data.Commitments = append(data.Commitments, commitmentLineOf(state, c, today, v.now))
	}
	data.PromisedMore = len(promised) - len(data.Commitments)
}
