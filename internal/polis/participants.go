package polis

import (
	"errors"
	"io"
)

// participants reads participants-votes.csv: after columns about the person
// one for each comment, headed by its number.
func (r *reader) participants(s *scanner) error {
	columns, err := s.header("participant")
	if err != nil {
		return err
	}
	comments, seen := make([]int64, len(columns)), map[int64]bool{} // -1 for a column about the person
	for i, column := range columns {
		comments[i] = -1
		if id, err := parseID([]byte(column)); err == nil {
			if r.known != nil && !r.known[id] {
				return s.failAt(column, "there is no comment %d in %s", id, CommentsFile)
			}
			if seen[id] {
				return s.failAt(column, "the column is there twice")
			}
			comments[i], seen[id] = id, true
			continue
		}
		r.c.ParticipantColumns = append(r.c.ParticipantColumns, column)
		if i > 0 && comments[i-1] >= 0 {
			return s.failAt(column, "it stands behind the columns of the comments")
		}
	}
	if len(r.c.ParticipantColumns) > maxColumns {
		return s.failf("%d columns about the person, at most %d", len(r.c.ParticipantColumns), maxColumns)
	}
	r.people = map[int64]int{}
	for {
		fields, err := s.body(columns)
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := r.participant(s, columns, comments, fields); err != nil {
			return err
		}
	}
}

func (r *reader) participant(s *scanner, columns []string, comments []int64, fields [][]byte) error {
	var p Participant
	var err error
	first := len(r.cells)
	for i, field := range fields {
		switch {
		case columns[i] == "participant":
			p.ID, err = parseID(field)
		case comments[i] < 0:
			err = r.keep(s, &p.Fields, columns[i], field)
		case len(field) > 0:
			vote := Vote{Comment: comments[i]}
			vote.Value, err = parseVote(field)
			r.cells = append(r.cells, vote)
		}
		if err != nil {
			return s.at(columns[i], err)
		}
	}
	for i := first; i < len(r.cells); i++ {
		r.cells[i].Voter = p.ID
	}
	if row := r.people[p.ID]; row > 0 {
		return s.failAt("participant", "%d is there twice, first in row %d", p.ID, row)
	}
	r.people[p.ID] = s.row
	r.c.Participants = append(r.c.Participants, p)
	switch {
	case len(r.c.Participants) > maxParticipants:
		return s.failf("more than %d participants", maxParticipants)
	case len(r.cells) > maxVotes:
		return s.failf("more than %d votes", maxVotes)
	}
	return nil
}
