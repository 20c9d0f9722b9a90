package web

import (
	"cmp"
	"net/http"
	"slices"

	"samleng/act"
	"samleng/civic"
	"samleng/opinion"
)

// mapMeView says to whose reactions one's own come closest. It is made of the
// published map and of one's own reactions: nothing of anybody else.
type mapMeView struct {
	Slug     string
	Names    act.Names
	Released mapLine
	Finding  string
	Reacted  int // reactions of one's own
	Compared int // those to views of which every group's figures are published
	Nearest  int // the group, from 1; 0 where it is not clear
	Groups   []nearGroup
	Open     bool
}

// nearGroup is how near one's reactions come to a group's.
type nearGroup struct {
	N    int
	Near float64
}

func (s *Server) mapMe(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	s.wait(r)
	t, err := s.takingPart(v, nil)
	if err != nil {
		return err
	}
	m, err := s.opinionMap(v, t.dialogue)
	if err != nil {
		return err
	}
	data := &mapMeView{Slug: t.slug, Names: t.names, Released: m.line, Finding: m.Finding, Open: t.stage == civic.Open}
	var row []opinion.Word
	s.read.View(func(state *civic.State) {
		for i, counts := range m.Statements {
			if vote, _, voted := state.Vote(t.who.Participant, counts.Statement); voted {
				row = append(row, opinion.MakeWord(i, opinion.Vote(vote)))
			}
		}
		data.Reacted, _ = state.Progress(t.dialogue, t.who.Participant)
	})
	groups := make([][]opinion.Tally, len(m.Groups))
	for g := range groups {
		for _, counts := range m.Statements {
			groups[g] = append(groups[g], tallyOf(counts.Groups[g]))
		}
	}
	var near []float64
	near, data.Compared = opinion.Nearest(groups, row)
	for g, share := range near {
		data.Groups = append(data.Groups, nearGroup{g + 1, share})
	}
	if best := slices.MaxFunc(append(data.Groups, nearGroup{}), func(a, b nearGroup) int { return cmp.Compare(a.Near, b.Near) }); best.Near >= opinion.Placed && data.Compared > 0 {
		data.Nearest = best.N
	}
	return s.show(w, v, page{Name: "map-me", Title: v.T("web.map.me_title"), Nav: "dialogues", Data: data})
}
