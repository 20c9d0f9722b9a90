package audit

import (
	"fmt"
	"slices"
	"strconv"

	"samleng/act"
)

// publicVotes are votes that anybody may count: for each view how many of each
// kind stood at a release, and how many were cast or changed since.
type publicVotes struct {
	counts map[string]*[3]int
	since  map[string]int
}

// badRow is a row that no register writes; the header is row 1.
type badRow struct {
	row int
	why string
}

// readVotes counts rows of person, view, vote and the position of the ballot that
// cast it. at is how many acts the release takes in, size how many the log has, and
// ballots how many of them were cast in this dialogue.
func readVotes(rows [][]string, at, size, ballots int64) (votes publicVotes, bad *badRow) {
	votes = publicVotes{map[string]*[3]int{}, map[string]int{}}
	voted, people := map[[2]string]bool{}, map[int64]string{}
	for n, row := range rows {
		person, view := row[0], row[1]
		wrong := func(why string) (publicVotes, *badRow) { return votes, &badRow{n + 2, why} }
		vote, err := act.ParseVote(row[2])
		if err != nil {
			return wrong("no vote")
		}
		position, err := strconv.ParseInt(row[3], 10, 64)
		if err != nil || position < 0 || position >= size {
			return wrong("no act of the log")
		}
		if voted[[2]string{person, view}] {
			return wrong("a vote twice")
		}
		voted[[2]string{person, view}] = true
		// A ballot is one person's.
		if whose, has := people[position]; has && whose != person {
			return wrong("a ballot of two people")
		}
		if people[position] = person; int64(len(people)) > ballots {
			return wrong("more ballots than the log has")
		}
		if position >= at {
			votes.since[view]++
			continue
		}
		if votes.counts[view] == nil {
			votes.counts[view] = new([3]int)
		}
		votes.counts[view][slices.Index([]act.Vote{act.Agree, act.Disagree, act.Pass}, vote)]++
	}
	return votes, nil
}

// fit reports whether the votes can be those of a released row. Those that were
// changed since the release stood in it otherwise: they may be missing now, each
// from one of the three, and nothing may have been added.
func (v publicVotes) fit(row act.StatementTally) (released, counted string, ok bool) {
	id := row.Statement.String()
	n := v.counts[id]
	if n == nil {
		n = new([3]int)
	}
	missing, ok := 0, true
	released = ""
	for i, part := range []*int{row.Agree, row.Disagree, row.Pass} {
		if part == nil {
			released, ok = released+" -", false
			continue
		}
		released += fmt.Sprint(" ", *part)
		ok = ok && n[i] <= *part
		missing += *part - n[i]
	}
	return released, fmt.Sprintf(" %d %d %d, and %d since", n[0], n[1], n[2], v.since[id]), ok && missing <= v.since[id]
}
