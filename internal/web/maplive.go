package web

import (
	"net/http"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/mapping"
	"samleng/internal/problem"
	"samleng/opinion"
)

// dotsMost is how many people the live map draws; of more, every so manieth.
const dotsMost = 1500

// liveMapView is the opinion map as it is now, for those who run the dialogue.
type liveMapView struct {
	Bar      deskBar
	Slug     string
	Names    act.Names
	Ready    bool
	People   int
	Votes    int
	Position int64
	Grouped  int64 // acts that the groups take in
	Finding  string
	Groups   []liveGroup
	Unplaced int
	Picture  mapPicture
	Drawn    int // people whom the picture shows
	Agree    mapList
	Disagree mapList
	Divide   mapList
}

type liveGroup struct {
	N, Size int
}

func (s *Server) liveMap(w http.ResponseWriter, v *visit, m *member) error {
	id, err := s.dialogueID(v)
	if err != nil {
		return err
	}
	data := &liveMapView{Bar: m.bar("dialogues")}
	watch := false
	s.read.View(func(state *civic.State) {
		d := state.Dialogue(id)
		data.Slug, data.Names, watch = d.Slug, state.Names(id), m.mayWatch(d)
	})
	if !watch {
		return problem.New(problem.Forbidden, "web.live.not_yours_map")
	}
	if s.config.Maps != nil {
		if now := s.config.Maps.Map(id); now != nil && now.Groups != nil {
			if err := data.fill(s, v, now); err != nil {
				return err
			}
			data.Position, data.Grouped = now.Position, now.Grouped
		}
	}
	return s.show(w, v, deskPage("desk-map", inLanguage(data.Names.Name, v.L.Tag()), data))
}

func (data *liveMapView) fill(s *Server, v *visit, now *mapping.Map) error {
	groups := now.Groups
	standing, err := now.Standing()
	if err != nil {
		return err
	}
	tallies := standing.Tallies
	data.Ready, data.Votes, data.People, data.Unplaced = true, now.State.Votes.Len(), standing.People, standing.Unplaced
	data.Finding = act.FindingOne
	if groups.K > 1 {
		data.Finding = act.FindingGroups
	} else if groups.Reason == opinion.TooFew || groups.Reason == opinion.NoVotes {
		data.Finding = act.FindingFew
	}
	for g, size := range tallies.Sizes {
		data.Groups = append(data.Groups, liveGroup{g + 1, size})
	}
	data.draw(groups, standing.Members, standing.Group)
	exact := exactMap(tallies, now.Statements, now.Hidden, groups.K)
	s.read.View(func(state *civic.State) {
		data.Agree, data.Disagree, data.Divide = exact.list(state, exact.Agree, v.now), exact.list(state, exact.Disagree, v.now), exact.list(state, exact.Divide, v.now)
	})
	for _, rows := range [][]mapRow{data.Agree.Rows, data.Disagree.Rows, data.Divide.Rows} {
		if err := s.readRows(v, rows); err != nil {
			return err
		}
	}
	return nil
}

// exactMap has the lists of a map that is not published, with counts as they are.
func exactMap(tallies *opinion.Tallies, statements []act.ID, hidden []bool, k int) *opinionMap {
	m := &opinionMap{rows: map[act.ID]act.OpinionCounts{}}
	agree, disagree := tallies.Common(hidden)
	for _, list := range []struct {
		from []opinion.Ground
		to   *[]act.ID
	}{{agree, &m.Agree}, {disagree, &m.Disagree}, {tallies.Divided(hidden), &m.Divide}} {
		for _, ground := range list.from {
			id, all := statements[ground.Statement], tallies.All[ground.Statement]
			*list.to = append(*list.to, id)
			row := act.OpinionCounts{Statement: id, All: &[3]int{all.Agree, all.Disagree, all.Pass}}
			for g := range k {
				t := tallies.Groups[g][ground.Statement]
				row.Groups = append(row.Groups, &[3]int{t.Agree, t.Disagree, t.Pass})
			}
			m.rows[id] = row
		}
	}
	return m
}

// draw draws people as dots and groups as their marks.
func (data *liveMapView) draw(groups *opinion.Grouping, members []mapping.Member, group []int) {
	var frame framing
	every := max(1, data.People/dotsMost)
	drawn := func(p int) bool { return members[p].Group >= 0 && p%every == 0 }
	for p, m := range members {
		if drawn(p) {
			frame.reach(m.Point[0], m.Point[1])
		}
	}
	for p, m := range members {
		if drawn(p) {
			one := dot{N: group[p] + 1}
			one.X, one.Y = frame.place(m.Point[0], m.Point[1])
			data.Picture.Dots = append(data.Picture.Dots, one)
		}
	}
	data.Drawn = len(data.Picture.Dots)
	if groups.K < 2 {
		return
	}
	for g, centre := range groups.Centres {
		mark := groupMark{N: g + 1, Radius: 10}
		mark.X, mark.Y = frame.place(centre[0], centre[1])
		data.Picture.Marks = append(data.Picture.Marks, mark)
	}
}
