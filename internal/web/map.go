package web

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
	"samleng/opinion"
)

// mapMost is how many views a list of the map's page shows; the rest is a link
// away.
const mapMost = 3

// mapView answers: what holds us together, where do we differ, which groups are
// there?
type mapView struct {
	dialogueLine
	Released mapLine
	Finding  string // "" while no map was published
	People   *int
	Unplaced *int
	Groups   []mapGroup
	Picture  mapPicture
	Agree    mapList
	Disagree mapList
	Divide   mapList
	Stable   act.Stability
	All      int // views that people could react to
	Unsure   int // those on which too few did to say anything
	LeftOut  int // those on no list of this page
	Tests    int // pairs of group and view among which the lists are picked
	WhereAmI bool
}

// Shared is how many views all groups surely hold alike.
func (data *mapView) Shared() int {
	return len(data.Agree.Rows) + data.Agree.More + len(data.Disagree.Rows) + data.Disagree.More
}

// mapLine says as at when a map was published.
type mapLine struct {
	When  time.Time
	At    int64
	Step  int
	Exact bool
}

// mapList is the head of a list of views.
type mapList struct {
	Rows []mapRow
	More int
}

// mapGroup is one group of opinion.
type mapGroup struct {
	N     int // from 1: its letter and its mark
	Size  *int
	Share float64 // of those in groups; 0 where its size is not shown
	Holds []mapRow
}

// mapRow is a view, how all reacted to it, and how each group did.
type mapRow struct {
	viewLine
	// Vote is how a group stands to it, where it is on a group's list.
	Vote   act.Vote
	Own    *shareView // that group's
	All    *shareView
	Groups []groupShare
}

type groupShare struct {
	N     int
	Share *shareView // nil: too few to show
}

// shareView is the share who agree, and within what it surely lies (95 %).
type shareView struct {
	*tallyView
	Share, Low, High float64
}

func agreeing(counts *[3]int) *shareView {
	if counts == nil {
		return nil
	}
	tally := newTally(counts[0], counts[1], counts[2])
	if tally == nil {
		return nil
	}
	within := tallyOf(counts).AgreeShare()
	return &shareView{tally, tally.agreement(), within.Low, within.High}
}

// tallyOf is the tally of published counts; empty where they are not shown.
func tallyOf(counts *[3]int) opinion.Tally {
	if counts == nil {
		return opinion.Tally{}
	}
	return opinion.Tally{Agree: counts[0], Disagree: counts[1], Pass: counts[2]}
}

// opinionMap is the map of a dialogue that was published last.
type opinionMap struct {
	act.OpinionMap
	act  act.ID // that published it
	line mapLine
	rows map[act.ID]act.OpinionCounts
}

// opinionMap reads a dialogue's map. Its finding is "" while none was published.
func (s *Server) opinionMap(v *visit, dialogue act.ID) (m opinionMap, err error) {
	var last civic.Release
	s.see(v, func(state *civic.State) {
		if programme := state.Programme(); programme != nil {
			m.line.Step = programme.Step
		}
		m.line.Exact = state.Dialogue(dialogue).Public
		if all := state.Maps(dialogue); len(all) > 0 {
			last = all[len(all)-1]
		}
	})
	if last.Act.IsZero() {
		return m, nil
	}
	line := m.line
	line.When, line.At = last.When.In(v.now.Location()), last.At
	if kept, has := s.opinions.Load(dialogue); has && kept.(*opinionMap).act == last.Act {
		m = *kept.(*opinionMap)
		m.line = line
		return m, nil
	}
	err = s.read.Content(v.r.Context(), civic.Actor{}, civic.SectionRef{Act: last.Act, Name: "map"}, &m.OpinionMap)
	if errors.Is(err, register.ErrErased) || errors.Is(err, register.ErrNotFound) {
		return m, nil // lost in a restore
	} else if err != nil {
		return m, fmt.Errorf("read a map: %w", err)
	}
	m.act, m.line = last.Act, line
	m.rows = make(map[act.ID]act.OpinionCounts, len(m.Statements))
	for _, row := range m.Statements {
		m.rows[row.Statement] = row
	}
	kept := m
	s.opinions.Store(dialogue, &kept)
	return m, nil
}

// row shows a view on the map; false where its words are not public any more.
func (m *opinionMap) row(state *civic.State, id act.ID, now time.Time) (row mapRow, shown bool) {
	view := state.Statement(id)
	if view == nil || !view.Shown() {
		return row, false
	}
	row.viewLine = lineOf(state, view, now)
	counts := m.rows[id]
	row.All = agreeing(counts.All)
	for g, group := range counts.Groups {
		row.Groups = append(row.Groups, groupShare{g + 1, agreeing(group)})
	}
	return row, true
}

func (m *opinionMap) list(state *civic.State, ids []act.ID, now time.Time) (list mapList) {
	for _, id := range ids {
		if len(list.Rows) == mapMost {
			// Only counted: nobody votes while the state is looked at.
			if view := state.Statement(id); view != nil && view.Shown() {
				list.More++
			}
			continue
		}
		if row, shown := m.row(state, id, now); shown {
			list.Rows = append(list.Rows, row)
		}
	}
	return list
}

func (s *Server) mapPage(v *visit) (page, error) {
	id, err := s.dialogueID(v)
	if err != nil {
		return page{}, err
	}
	m, err := s.opinionMap(v, id)
	if err != nil {
		return page{}, err
	}
	data := &mapView{Released: m.line, Finding: m.Finding, People: m.Participants, Unplaced: m.Unplaced, Stable: m.Stable,
		Picture: drawGroups(m.Groups)}
	s.see(v, func(state *civic.State) {
		d := state.Dialogue(id)
		data.dialogueLine = dialogueLineOf(state, d)
		data.WhereAmI = s.register != nil && m.Finding == act.FindingGroups
		data.fill(state, &m, v.now)
		data.count(d, &m)
	})
	for _, rows := range data.lists() {
		if err := s.readRows(v, rows); err != nil {
			return page{}, err
		}
	}
	return page{Name: "map", Title: v.T("web.map.title", "dialogue", inLanguage(data.Names.Name, v.L.Tag())), Nav: "dialogues", Data: data}, nil
}

// fill copies the lists and the groups.
func (data *mapView) fill(state *civic.State, m *opinionMap, now time.Time) {
	data.Agree, data.Disagree, data.Divide = m.list(state, m.Agree, now), m.list(state, m.Disagree, now), m.list(state, m.Divide, now)
	whole := 0
	for _, g := range m.Groups {
		if g.Size != nil {
			whole += *g.Size
		}
	}
	for i, g := range m.Groups {
		group := mapGroup{N: i + 1, Size: g.Size}
		if g.Size != nil && whole > 0 {
			group.Share = float64(*g.Size) / float64(whole)
		}
		for _, held := range g.Holds {
			if row, shown := m.row(state, held.Statement, now); shown {
				row.Vote = held.Vote
				if i < len(row.Groups) {
					row.Own = row.Groups[i].Share
				}
				group.Holds = append(group.Holds, row)
			}
		}
		data.Groups = append(data.Groups, group)
	}
}

// lists are all rows whose words have to be read.
func (data *mapView) lists() [][]mapRow {
	lists := [][]mapRow{data.Agree.Rows, data.Disagree.Rows, data.Divide.Rows}
	for _, g := range data.Groups {
		lists = append(lists, g.Holds)
	}
	return lists
}

// count counts the views that the page leaves out, and those of which too
// little is known.
func (data *mapView) count(d *civic.Dialogue, m *opinionMap) {
	on := map[act.ID]bool{}
	for _, rows := range data.lists() {
		for _, row := range rows {
			on[row.ID] = true
		}
	}
	for _, view := range d.Statements() {
		if !view.Votable() {
			continue
		}
		data.All++
		if !on[view.ID] {
			data.LeftOut++
		}
		counts := m.rows[view.ID]
		if tallyOf(counts.All).Unsure() {
			data.Unsure++
		}
		for _, group := range counts.Groups {
			if group != nil {
				data.Tests++
			}
		}
	}
}

// readRows fills in the words of rows.
func (s *Server) readRows(v *visit, rows []mapRow) error {
	lines := make([]viewLine, len(rows))
	for i := range rows {
		lines[i] = rows[i].viewLine
	}
	if err := s.readWords(v, lines); err != nil {
		return err
	}
	for i := range rows {
		rows[i].viewLine = lines[i]
	}
	return nil
}

// mapViewsView is every view that people could react to, with how each group
// did: what the map's page leaves out stands here.
type mapViewsView struct {
	dialogueLine
	Released mapLine
	Groups   []mapGroup
	Sorts    []option
	Show     string
	Rows     []mapRow
	Pager    pager
}

// mapSorts are the orders of all views: most reacted to first, most agreed on,
// furthest apart; and the three lists of the map alone.
var mapSorts = []string{"reacted", "agreed", "apart", "common", "opposed", "divide", "unsure"}

func (s *Server) mapViews(v *visit) (page, error) {
	id, err := s.dialogueID(v)
	if err != nil {
		return page{}, err
	}
	m, err := s.opinionMap(v, id)
	if err != nil {
		return page{}, err
	}
	if m.Finding == "" {
		return page{}, problem.New(problem.NotFound, "web.map.none")
	}
	data := &mapViewsView{Released: m.line, Show: v.known.Get("sort")}
	if !slices.Contains(mapSorts, data.Show) {
		data.Show = mapSorts[0]
	}
	for _, sort := range mapSorts {
		if len(m.Groups) > 1 || sort != "apart" && sort != "divide" {
			data.Sorts = append(data.Sorts, option{Value: sort, Current: sort == data.Show})
		}
	}
	for i, g := range m.Groups {
		data.Groups = append(data.Groups, mapGroup{N: i + 1, Size: g.Size})
	}
	s.see(v, func(state *civic.State) {
		d := state.Dialogue(id)
		data.dialogueLine = dialogueLineOf(state, d)
		ids := m.arranged(d, data.Show)
		data.Pager = pagerOf("/d/"+data.Slug+"/map/views", v.known, len(ids))
		for _, id := range ids[data.Pager.First-1 : data.Pager.Last] {
			if row, shown := m.row(state, id, v.now); shown {
				data.Rows = append(data.Rows, row)
			}
		}
	})
	if err := s.readRows(v, data.Rows); err != nil {
		return page{}, err
	}
	return page{Name: "map-views", Title: v.T("web.map.views_title", "dialogue", inLanguage(data.Names.Name, v.L.Tag())), Nav: "dialogues", Data: data}, nil
}

// arranged picks and orders the views.
func (m *opinionMap) arranged(d *civic.Dialogue, order string) []act.ID {
	switch order {
	case "common":
		return m.Agree
	case "opposed":
		return m.Disagree
	case "divide":
		return m.Divide
	}
	var ids []act.ID
	for _, view := range d.Statements() {
		counts := m.rows[view.ID]
		if view.Votable() && (order != "unsure" || tallyOf(counts.All).Unsure()) {
			ids = append(ids, view.ID)
		}
	}
	slices.SortStableFunc(ids, func(a, b act.ID) int {
		x, y := m.score(a, order), m.score(b, order)
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return bytes.Compare(a[:], b[:])
	})
	return ids
}

// score is by what views are ordered, the highest first; −1 for one without
// figures.
func (m *opinionMap) score(id act.ID, order string) float64 {
	counts := m.rows[id]
	all := agreeing(counts.All)
	switch {
	case all == nil:
		return -1
	case order == "agreed":
		return all.Low
	case order == "apart":
		low, high := 1.0, 0.0
		for _, group := range counts.Groups {
			if share := agreeing(group); share != nil {
				low, high = min(low, share.Share), max(high, share.Share)
			}
		}
		return high - low
	}
	return float64(all.Total)
}
