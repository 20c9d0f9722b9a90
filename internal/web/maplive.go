package web

import (
	"html/template"
	"net/http"
	"weak"

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
	Votes    int
	Position int64
	Grouped  int64 // acts that the groups take in
	Least    int   // with fewer people none are drawn: dots among a few are known
	*liveDrawing
	Agree    mapList
	Disagree mapList
	Divide   mapList
}

// liveDrawing is what is drawn and counted of a map once, for all who look at
// it. It has no words: what may be read of a view is looked up for each request.
type liveDrawing struct {
	of       weak.Pointer[mapping.Map]
	People   int
	Unplaced int
	Finding  string
	Groups   []liveGroup
	Picture  mapPicture
	Drawn    int // people whom the picture shows
	exact    *opinionMap
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
		if rule, exact := state.Disclosure(id); !exact {
			data.Least = rule.Threshold
		}
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

func (data *liveMapView) fill(s *Server, v *visit, now *mapping.Map) (err error) {
	if data.liveDrawing, err = s.drawn(now); err != nil {
		return err
	}
	if data.People < data.Least {
		few := *data.liveDrawing
		few.Picture, few.Drawn = mapPicture{}, 0
		data.liveDrawing = &few
	}
	data.Ready, data.Votes = true, now.State.Votes.Len()
	exact := data.exact
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

// drawn gives a map's drawing, which is kept until another map of the dialogue
// is asked for.
func (s *Server) drawn(now *mapping.Map) (*liveDrawing, error) {
	if kept, has := s.drawings.Load(now.Dialogue); has && kept.(*liveDrawing).of.Value() == now {
		return kept.(*liveDrawing), nil
	}
	standing, err := now.Standing()
	if err != nil {
		return nil, err
	}
	d := &liveDrawing{of: weak.Make(now), People: standing.People, Unplaced: standing.Unplaced, Finding: act.FindingOne}
	if k := now.Groups.K; k > 1 {
		d.Finding = act.FindingGroups
	} else if now.Groups.Reason == opinion.TooFew || now.Groups.Reason == opinion.NoVotes {
		d.Finding = act.FindingFew
	}
	for g, size := range standing.Tallies.Sizes {
		d.Groups = append(d.Groups, liveGroup{g + 1, size})
	}
	d.draw(now.Groups, standing)
	d.exact = exactMap(standing.Tallies, now.Statements, now.Hidden, now.Groups.K)
	s.drawings.Store(now.Dialogue, d)
	return d, nil
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
func (d *liveDrawing) draw(groups *opinion.Grouping, standing *mapping.Standing) {
	var frame framing
	every := max(1, d.People/dotsMost)
	drawn := func(p int) bool { return standing.Members[p].Group >= 0 && p%every == 0 }
	for p, m := range standing.Members {
		if drawn(p) {
			frame.reach(m.Point[0], m.Point[1])
		}
	}
	var dots []byte
	for p, m := range standing.Members {
		if drawn(p) {
			x, y := frame.place(m.Point[0], m.Point[1])
			dots = appendDot(dots, standing.Group[p]+1, x, y)
			d.Drawn++
		}
	}
	d.Picture.Dots = template.HTML(dots)
	if groups.K < 2 {
		return
	}
	for g, centre := range groups.Centres {
		mark := groupMark{N: g + 1, Radius: 10}
		mark.X, mark.Y = frame.place(centre[0], centre[1])
		d.Picture.Marks = append(d.Picture.Marks, mark)
	}
}
