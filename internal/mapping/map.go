package mapping

import (
	"sync"

	"samleng/act"
	"samleng/opinion"
)

// Map is a dialogue's opinion map as it is now. It is not written to. It tells
// who reacted how: it is for those who run the dialogue.
type Map struct {
	Dialogue act.ID
	// Position is the number of acts that State takes in.
	Position int64
	// People and Statements name the rows and columns.
	People     []act.Pseudonym
	Statements []act.ID
	Hidden     []bool
	State      *opinion.State
	// Groups are those found last, nil before the first: they run behind, and
	// take in Grouped acts. Who reacted since stands where the groups found then
	// place them now: see Member.
	Groups  *opinion.Grouping
	Grouped int64
	fit     *opinion.Fit
	moved   map[int]movedMember

	counting sync.Once
	standing *Standing
	err      error
}

// movedMember is where somebody stands whose reactions up to a position count.
type movedMember struct {
	Member
	at int64
}

// copy gives the map with nothing counted yet.
func (m *Map) copy() *Map {
	return &Map{Dialogue: m.Dialogue, Position: m.Position, People: m.People, Statements: m.Statements, Hidden: m.Hidden,
		State: m.State, Groups: m.Groups, Grouped: m.Grouped, fit: m.fit, moved: m.moved}
}

// Standing is everybody's place on a map, and the votes by it.
type Standing struct {
	Members []Member // by row
	// Group has the group of each row that the map places, opinion.NoGroup for
	// the others.
	Group []int
	// People is how many have a reaction that counts, Unplaced how many of them
	// are in no group.
	People, Unplaced int
	Tallies          *opinion.Tallies
}

// Standing counts the map by group, for the first who asks; everybody after
// them gets the same, which is not written to. It is nil before groups were
// found.
func (m *Map) Standing() (*Standing, error) {
	m.counting.Do(func() {
		if m.Groups != nil {
			m.standing, m.err = m.stand()
		}
	})
	return m.standing, m.err
}

func (m *Map) stand() (*Standing, error) {
	s := &Standing{Members: make([]Member, m.State.Votes.Participants())}
	s.Group = make([]int, len(s.Members))
	for p := range s.Members {
		one := m.Member(p)
		s.Members[p], s.Group[p] = one, opinion.NoGroup
		if one.Group < 0 {
			continue
		}
		s.People++
		if one.Probability < opinion.Placed {
			s.Unplaced++
		} else {
			s.Group[p] = one.Group
		}
	}
	var err error
	s.Tallies, err = opinion.Count(m.State.Votes, s.Group, m.Groups.K)
	return s, err
}

// Member is where the map has somebody: the most probable group, -1 for somebody
// without a reaction that counts, and how probable it is.
type Member struct {
	Group       int
	Probability float64
	Point       [2]float64
}

// Member says where the map has the person of a row.
func (m *Map) Member(row int) Member {
	if moved, has := m.moved[row]; has {
		return moved.Member
	}
	if m.Groups == nil || row >= len(m.Groups.Group) {
		return Member{Group: -1}
	}
	return Member{int(m.Groups.Group[row]), float64(m.Groups.Probability[row]),
		[2]float64{float64(m.Groups.Points[row][0]), float64(m.Groups.Points[row][1])}}
}

// place places who reacted since the groups were found: rows are theirs, each
// with the position after the act that moved them. Whom last has placed by the
// same groups, and who did not react since, stays there.
func (m *Map) place(rows map[int]int64, last *Map) {
	m.moved = nil
	if m.fit == nil || m.Groups.K == 0 {
		return
	}
	m.moved = make(map[int]movedMember, len(rows))
	for row, position := range rows {
		if position <= m.Grouped {
			continue
		}
		if last != nil && last.fit == m.fit {
			if before, has := last.moved[row]; has && before.at == position {
				m.moved[row] = before
				continue
			}
		}
		p := m.fit.Place(m.State.Votes.Row(row))
		member := movedMember{Member{Point: [2]float64{p.Point[0], p.Point[1]}}, position}
		for g, probability := range m.Groups.Membership(&p) {
			if probability > member.Probability {
				member.Group, member.Probability = g, probability
			}
		}
		m.moved[row] = member
	}
}
