package polis

import (
	"cmp"
	"slices"
	"strconv"

	"samleng/act"
)

// tally is what follows from the votes and the authors: it is counted rather
// than kept.
type tally struct {
	comments     map[int64][2]int // agree, disagree: every row
	participants map[int64][4]int // n-comments, n-votes, n-agree, n-disagree: last votes
	last         []Vote           // each person's last vote on each comment, by person and comment
}

// last gives each person's last vote on each comment, sorted by person, then
// comment: of two at one moment, the later row.
func last(votes []Vote) []Vote {
	sorted := slices.Clone(votes)
	slices.SortStableFunc(sorted, byCell)
	n := 0
	for i, vote := range sorted {
		if i+1 < len(sorted) && sorted[i+1].Voter == vote.Voter && sorted[i+1].Comment == vote.Comment {
			continue
		}
		sorted[n] = vote
		n++
	}
	return sorted[:n]
}

// Cells gives the votes by person and comment, each person's on one comment in
// the order in which they were cast (of two at one moment, as in the file), and
// these cells in the order of their first votes.
func (c *Conversation) Cells() [][]Vote {
	sorted := slices.Clone(c.Votes)
	slices.SortStableFunc(sorted, byCell)
	var cells [][]Vote
	for start, i := 0, 0; i < len(sorted); i++ {
		if i+1 == len(sorted) || sorted[i+1].Voter != sorted[i].Voter || sorted[i+1].Comment != sorted[i].Comment {
			cells = append(cells, sorted[start:i+1:i+1])
			start = i + 1
		}
	}
	slices.SortStableFunc(cells, func(a, b []Vote) int { return cmp.Compare(a[0].Time, b[0].Time) })
	return cells
}

// byCell sorts votes by person, comment and time.
func byCell(a, b Vote) int {
	return cmp.Or(cmp.Compare(a.Voter, b.Voter), cmp.Compare(a.Comment, b.Comment), cmp.Compare(a.Time, b.Time))
}

func count(c *Conversation) *tally {
	t := &tally{comments: map[int64][2]int{}, participants: map[int64][4]int{}, last: last(c.Votes)}
	for _, vote := range c.Votes {
		n := t.comments[vote.Comment]
		switch vote.Value {
		case act.Agree:
			n[0]++
		case act.Disagree:
			n[1]++
		}
		t.comments[vote.Comment] = n
	}
	for _, vote := range t.last {
		n := t.participants[vote.Voter]
		n[1]++
		switch vote.Value {
		case act.Agree:
			n[2]++
		case act.Disagree:
			n[3]++
		}
		t.participants[vote.Voter] = n
	}
	for _, comment := range c.Comments {
		if comment.Author != NoAuthor {
			n := t.participants[comment.Author]
			n[0]++
			t.participants[comment.Author] = n
		}
	}
	return t
}

// comment gives what a column says of a comment as far as it follows from the
// votes.
func (t *tally) comment(id int64, column string) (string, bool) {
	n := t.comments[id]
	return counted(column, []string{"agrees", "disagrees"}, n[:])
}

// participant does the same for a column of a participant.
func (t *tally) participant(id int64, column string) (string, bool) {
	n := t.participants[id]
	return counted(column, []string{"n-comments", "n-votes", "n-agree", "n-disagree"}, n[:])
}

func counted(column string, columns []string, counts []int) (string, bool) {
	i := slices.Index(columns, column)
	if i < 0 {
		return "", false
	}
	return strconv.Itoa(counts[i]), true
}

// reduce takes out of the fields what follows from the votes, and what is
// empty.
func (c *Conversation) reduce() {
	t := count(c)
	for i := range c.Comments {
		reduceFields(&c.Comments[i].Fields, func(column string) (string, bool) { return t.comment(c.Comments[i].ID, column) })
	}
	for i := range c.Participants {
		reduceFields(&c.Participants[i].Fields, func(column string) (string, bool) { return t.participant(c.Participants[i].ID, column) })
	}
}

func reduceFields(fields *map[string]string, counted func(string) (string, bool)) {
	for column, value := range *fields {
		if follows, _ := counted(column); follows == value {
			delete(*fields, column)
		}
	}
	if len(*fields) == 0 {
		*fields = nil
	}
}
