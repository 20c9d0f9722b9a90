package web

import (
	"errors"
	"net/http"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// askAfter is after how many reactions people are asked what is missing.
const askAfter = 5

// takePartView is one view at a time to react to.
type takePartView struct {
	Slug   string
	Names  act.Names
	About  act.Names
	Person string // for who has no cookie yet
	// View is the one to react to, nil when all were seen.
	View         *viewLine
	Translations []translation
	Done, All    int
	Width        float64 // of the progress line, in thousandths
	// Last is the reaction before, which can still be changed.
	Last *lastVote
	// Ask says that now is a moment to ask what is missing.
	Ask   bool
	Limit int // how often one reaction may be changed
	Moved bool
}

// lastVote is a reaction that was given.
type lastVote struct {
	viewLine
	Vote string
}

func (s *Server) takePart(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	s.wait(r)
	t, err := s.takingPart(v, nil)
	if err != nil {
		return err
	}
	if t.stage != civic.Open {
		return t.notOpen()
	}
	if !t.admitted() {
		return s.show(w, v, t.cardPage(v, ""))
	}
	p, err := s.takePartPage(v, t, r.URL.Query().Get("moved") != "")
	if err != nil {
		return err
	}
	return s.show(w, v, p)
}

func (t *taking) notOpen() error {
	if t.stage == civic.Announced {
		return &civic.Refusal{Key: civic.RefusedNotOpen}
	}
	return &civic.Refusal{Key: civic.RefusedClosed}
}

func (s *Server) takePartPage(v *visit, t *taking, moved bool) (page, error) {
	data := &takePartView{Slug: t.slug, Names: t.names, About: t.about, Moved: moved}
	if !t.known {
		data.Person = t.person
	}
	s.read.View(func(state *civic.State) {
		d := state.Dialogue(t.dialogue)
		data.Limit = d.Changes
		data.Done, data.All = state.Progress(t.dialogue, t.who.Participant)
		if next := state.Next(t.dialogue, t.who.Participant); next != nil {
			line := lineOf(state, next, v.now)
			data.View = &line
			for language, id := range next.Translations {
				data.Translations = append(data.Translations, translation{Words: words{Language: language}, Means: meansOf(next, id), id: id})
			}
		}
		if last, vote := state.LastVote(t.dialogue, t.who.Participant); last != nil && last.Votable() {
			data.Last = &lastVote{lineOf(state, last, v.now), vote.String()}
		}
	})
	data.Ask = data.Done > 0 && data.Done%askAfter == 0 || data.View == nil
	if data.All > 0 {
		data.Width = barWidth * float64(data.Done) / float64(data.All)
	}
	if err := s.takePartWords(v, data); err != nil {
		return page{}, err
	}
	return page{Name: "take-part", Title: v.T("web.take_part.title"), Nav: "dialogues", Data: data}, nil
}

func (s *Server) takePartWords(v *visit, data *takePartView) error {
	if data.View != nil {
		lines := []viewLine{*data.View}
		if err := s.readWords(v, lines); err != nil {
			return err
		}
		*data.View = lines[0]
	}
	for i := range data.Translations {
		text, err := absent(s.read.Text(v.r.Context(), civic.Actor{}, data.Translations[i].id, "text"))
		if err != nil {
			return err
		}
		data.Translations[i].Words.Parts = []act.RedactionPart{{Text: text}}
	}
	if data.Last != nil {
		lines := []viewLine{data.Last.viewLine}
		if err := s.readWords(v, lines); err != nil {
			return err
		}
		data.Last.viewLine = lines[0]
	}
	return nil
}

// vote casts one vote and shows the next view at once. A vote needs no token:
// the same one again changes nothing and gives the same receipt.
func (s *Server) vote(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	form, err := readForm(r, 200)
	if err != nil {
		return err
	}
	t, err := s.takingPart(v, form)
	if err != nil {
		return err
	}
	if !t.admitted() {
		return s.again(w, v, &civic.Refusal{Key: civic.RefusedDoor}, t.cardPage(v, ""))
	}
	statement, err := act.ParseID(form.Get("statement"))
	if err != nil {
		return problem.Wrap(err, problem.Invalid, "problem.content")
	}
	vote, err := act.ParseVote(form.Get("vote"))
	if err != nil {
		return problem.Wrap(err, problem.Invalid, "problem.choose")
	}
	ballot := &act.Ballot{Participant: t.who.Participant, Votes: []act.StatementVote{{Statement: statement, Vote: vote}}}
	receipt, err := s.register.Submit(r.Context(), t.who, act.Draft{By: t.who.By, Of: t.dialogue, Facts: &act.BallotCast{},
		Content: map[string]any{"ballot": ballot}}, nil)
	back := "/d/" + t.slug + "/take-part"
	if form.Get("back") == "votes" {
		back = "/d/" + t.slug + "/my-votes"
	}
	var refusal *civic.Refusal
	switch {
	case errors.As(err, &refusal) && (refusal.Key == civic.RefusedNotVotable || refusal.Key == civic.RefusedChanges):
		// What they looked at changed meanwhile: say so, and go on.
		p, failed := s.takePartPage(v, t, false)
		if failed != nil {
			return failed
		}
		return s.again(w, v, err, p)
	case err != nil:
		return err
	}
	t.remember(s, w)
	return s.seeOther(w, r, back, receipt.Position)
}

// votesView is how somebody reacted to views of a dialogue.
type votesView struct {
	Slug  string
	Names act.Names
	Open  bool
	Limit int
	Votes []lastVote
	Known bool
}

func (s *Server) myVotes(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	s.wait(r)
	t, err := s.takingPart(v, nil)
	if err != nil {
		return err
	}
	data := votesView{Slug: t.slug, Names: t.names, Open: t.stage == civic.Open, Known: t.known}
	s.read.View(func(state *civic.State) {
		d := state.Dialogue(t.dialogue)
		data.Limit = d.Changes
		for _, view := range d.Statements() {
			if vote, _, voted := state.Vote(t.who.Participant, view.ID); voted {
				data.Votes = append(data.Votes, lastVote{lineOf(state, view, v.now), vote.String()})
			}
		}
	})
	lines := make([]viewLine, len(data.Votes))
	for i := range lines {
		lines[i] = data.Votes[i].viewLine
	}
	if err := s.readWords(v, lines); err != nil {
		return err
	}
	for i := range lines {
		data.Votes[i].viewLine = lines[i]
	}
	return s.show(w, v, page{Name: "my-votes", Title: v.T("web.my_votes.title"), Nav: "dialogues", Data: data})
}
