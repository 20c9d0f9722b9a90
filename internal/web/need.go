package web

import (
	"errors"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// needView is what several views ask for, and what became of it.
type needView struct {
	needLine
	Dialogue act.Names
	About    act.Names
	Raised   *act.Raised
	Few      int // counts below it are not shown
	Summary  *summaryView
	Views    []viewLine
	Cases    []caseLine
	Answers  []answerLine
	Plans    []commitmentLine
	AsAt     time.Time
	Position int64
}

// summaryView is the newest summary, with what it leaves out.
type summaryView struct {
	Names   act.Names
	Means   string
	Covers  int
	LeftOut int
	At      time.Time
}

func (s *Server) need(v *visit) (page, error) {
	id, err := act.ParseID(v.r.PathValue("id"))
	if err != nil {
		return page{}, problem.Wrap(err, problem.NotFound, "problem.not_found")
	}
	data := &needView{AsAt: v.now}
	known := false
	s.read.View(func(state *civic.State) {
		if n := state.Need(id); n != nil {
			known = true
			data.fill(state, n, v)
		}
	})
	if !known {
		return page{}, problem.New(problem.NotFound, "problem.not_found")
	}
	raised := new(act.Raised)
	err = s.read.Content(v.r.Context(), civic.Actor{}, civic.SectionRef{Act: id, Name: "raised"}, raised)
	if err == nil {
		data.Raised = raised
	} else if !errors.Is(err, register.ErrNotFound) && !errors.Is(err, register.ErrErased) {
		return page{}, err
	}
	err = errors.Join(s.readWords(v, data.Views), s.readCases(v, data.Cases), s.readAnswers(v, data.Answers), s.readPlans(v, data.Plans))
	return page{Name: "need", Title: inLanguage(data.Names.Name, v.L.Tag()), Nav: "dialogues", Data: data}, err
}

func (data *needView) fill(state *civic.State, n *civic.Need, v *visit) {
	data.needLine = needLineOf(state, n, v.now)
	data.About, data.Position = data.Names, state.Position()
	if d := state.Dialogue(n.Dialogue); d != nil {
		data.Dialogue = state.Names(d.ID)
	}
	if p := state.Programme(); p != nil {
		data.Few = p.Threshold
	}
	if len(n.Summaries) > 0 {
		last := n.Summaries[len(n.Summaries)-1]
		data.Summary = &summaryView{Names: state.Names(last.Act), Means: last.Means, Covers: len(last.Covers), LeftOut: len(n.LeftOut()), At: last.At.In(v.now.Location())}
	}
	left := n.LeftOut()
	for _, view := range n.Statements() {
		line := lineOf(state, view, v.now)
		line.LeftOut = data.Summary != nil && slices.Contains(left, view)
		data.Views = append(data.Views, line)
	}
	for _, r := range n.Referrals() {
		data.Cases = append(data.Cases, caseLineOf(state, r, v.now))
		if !r.Answered.IsZero() && len(r.Answers) > 0 {
			data.Answers = append(data.Answers, answerLineOf(state, state.Answer(r.Answers[len(r.Answers)-1]), r, v.now))
		}
	}
	today := v.now.Format(time.DateOnly)
	for _, c := range n.Commitments() {
		data.Plans = append(data.Plans, commitmentLineOf(state, c, today, v.now))
	}
}

// needsView lists the needs of a dialogue, all of them.
type needsView struct {
	Slug     string
	Names    act.Names
	Needs    []needLine
	Open     int
	Loose    int // public views that are in no need
	AsAt     time.Time
	Position int64
}

func (s *Server) needs(v *visit) (page, error) {
	id, err := s.dialogueID(v)
	if err != nil {
		return page{}, err
	}
	data := needsView{AsAt: v.now}
	s.read.View(func(state *civic.State) {
		d := state.Dialogue(id)
		data.Slug, data.Names, data.Position = d.Slug, state.Names(d.ID), state.Position()
		for _, n := range state.NeedsOf(id) {
			data.Needs = append(data.Needs, needLineOf(state, n, v.now))
		}
		data.Open = len(state.NeedsOpen(id))
		for _, view := range d.Statements() {
			if view.Shown() && len(view.Needs()) == 0 {
				data.Loose++
			}
		}
	})
	return page{Name: "needs", Title: v.T("web.needs.title"), Nav: "dialogues", Data: data}, nil
}
