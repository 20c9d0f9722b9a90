package web

import (
	"time"

	"samleng/act"
	"samleng/civic"
)

// How many views each of the home page's lists holds.
const (
	homeOverdue = 3
	homeDecided = 3
)

// homeView answers: is anything happening to what people said?
type homeView struct {
	Programme act.Names
	Declared  bool
	Balance   balanceView
	Map       tileMap
	Open      []dialogueLine
	Other     int // dialogues that are not open
	Overdue   []viewLine
	Decided   []viewLine
}

// dialogueLine is one dialogue in a list.
type dialogueLine struct {
	Slug          string
	Names, Place  act.Names
	Level         string
	Stage         civic.Stage
	Opens, Closes time.Time
	Views, Public int
}

func dialogueLineOf(state *civic.State, d *civic.Dialogue) dialogueLine {
	line := dialogueLine{Slug: d.Slug, Names: state.Names(d.ID), Level: d.Level, Stage: d.Stage(),
		Opens: day(d.Opens, state.Zone()), Closes: day(d.Closes, state.Zone()), Views: len(d.Statements()), Public: d.PublicStatements}
	if place := state.Place(d.Place); place != nil {
		line.Place = state.Names(place.ID)
	}
	return line
}

// day reads a date of the facts, which their form guarantees.
func day(text string, zone *time.Location) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

func (s *Server) home(v *visit) (page, error) {
	var data homeView
	s.see(v, func(state *civic.State) {
		if programme := state.Programme(); programme != nil {
			data.Programme, data.Declared = state.Names(programme.ID), true
		}
		data.Balance = balanceOf(state, civic.Filter{}, v.now, "")
		data.Map = tilesOf(state, "")
		for _, d := range state.Dialogues() {
			if d.Stage() == civic.Open {
				data.Open = append(data.Open, dialogueLineOf(state, d))
			} else {
				data.Other++
			}
		}
		for _, view := range state.Overdue(v.now).Slice(0, homeOverdue) {
			data.Overdue = append(data.Overdue, lineOf(state, view, v.now))
		}
		for _, view := range state.Recent(homeDecided) {
			data.Decided = append(data.Decided, lineOf(state, view, v.now))
		}
	})
	for _, lines := range [][]viewLine{data.Overdue, data.Decided} {
		if err := s.readWords(v, lines); err != nil {
			return page{}, err
		}
	}
	return page{Name: "home", Title: v.T("web.home.title"), Data: data}, nil
}
