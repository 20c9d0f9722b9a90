package api

import (
	"context"
	"errors"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// OpinionMap is the opinion map of a dialogue that was published last. Counts of
// people are rounded or suppressed (null) as releases are; the public section of
// the act that published it has the same.
type OpinionMap struct {
	Act          string         `json:"act"`
	AsAt         int64          `json:"as_at" doc:"The position whose votes it takes in"`
	At           time.Time      `json:"at"`
	Participants *int           `json:"participants" doc:"Null is too few to show"`
	Unplaced     *int           `json:"unplaced" doc:"Those whom the map places in no group"`
	Finding      string         `json:"finding" enum:"groups,one,few"`
	Groups       []OpinionGroup `json:"groups" doc:"The largest first"`
	Statements   []MapStatement `json:"statements" doc:"Those with votes enough to show"`
	Agree        []string       `json:"agree" doc:"What every group surely agrees with, the surest first"`
	Disagree     []string       `json:"disagree"`
	Divide       []string       `json:"divide" doc:"Where two groups surely differ, the furthest apart first"`
	Stability    act.Stability  `json:"stability" doc:"In thousandths of the adjusted Rand index"`
}

// OpinionGroup is one group of opinion.
type OpinionGroup struct {
	Size   *int        `json:"size"`
	Centre [2]int      `json:"centre" doc:"Where the picture draws it, in thousandths"`
	Spread [2]int      `json:"spread"`
	Holds  []GroupHeld `json:"holds" doc:"What sets it apart, the clearest first"`
}

// GroupHeld is how a group stands to a statement.
type GroupHeld struct {
	Statement string `json:"statement"`
	Vote      string `json:"vote" enum:"agree,disagree"`
}

// MapStatement is the votes on one statement, of all and by group: agree,
// disagree, pass; null is too few to show.
type MapStatement struct {
	Statement string    `json:"statement"`
	All       *[3]int   `json:"all"`
	Groups    []*[3]int `json:"groups"`
}

type mapOut struct{ Body OpinionMap }

var errNoMap = problem.New(problem.NotFound, "web.map.none")

func (a *API) lastMap(ctx context.Context, in *dialogueIn) (*mapOut, error) {
	var last civic.Release
	err := a.inDialogue(in.Slug, func(s *civic.State, d *civic.Dialogue) {
		if maps := s.Maps(d.ID); len(maps) > 0 {
			last = maps[len(maps)-1]
		}
	})
	if err != nil {
		return nil, err
	}
	if last.Act.IsZero() {
		return nil, errNoMap
	}
	var m act.OpinionMap
	err = a.reader.Content(ctx, civic.Actor{}, civic.SectionRef{Act: last.Act, Name: "map"}, &m)
	if errors.Is(err, register.ErrNotFound) || errors.Is(err, register.ErrErased) {
		return nil, errNoMap
	} else if err != nil {
		return nil, err
	}
	out := &mapOut{OpinionMap{Act: last.Act.String(), AsAt: last.At, At: last.When.UTC(), Participants: m.Participants, Unplaced: m.Unplaced,
		Finding: m.Finding, Groups: []OpinionGroup{}, Statements: []MapStatement{}, Agree: idsOf(m.Agree), Disagree: idsOf(m.Disagree),
		Divide: idsOf(m.Divide), Stability: m.Stable}}
	for _, g := range m.Groups {
		group := OpinionGroup{Size: g.Size, Centre: g.Centre, Spread: g.Spread, Holds: []GroupHeld{}}
		for _, held := range g.Holds {
			group.Holds = append(group.Holds, GroupHeld{held.Statement.String(), held.Vote.String()})
		}
		out.Body.Groups = append(out.Body.Groups, group)
	}
	for _, row := range m.Statements {
		out.Body.Statements = append(out.Body.Statements, MapStatement{row.Statement.String(), row.All, row.Groups})
	}
	return out, nil
}
