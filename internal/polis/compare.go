package polis

import (
	"cmp"
	"fmt"
	"slices"

	"samleng/act"
)

// finish compares the files with each other and brings the conversation to the
// form in which it is kept.
func (r *reader) finish() error {
	c := r.c
	if c.VoteColumns != nil && c.ParticipantColumns != nil {
		if err := r.compare(); err != nil {
			return err
		}
	}
	if c.VoteColumns == nil {
		c.Votes = r.cells
	}
	if c.ParticipantColumns == nil {
		c.Participants = voters(c.Votes)
	}
	if len(c.Votes) == 0 {
		return &Error{File: VotesFile, What: "there is no vote in it"}
	}
	if err := r.checkSigns(); err != nil {
		return err
	}
	c.Zone = r.zone.zone()
	if c.Zone == nil && (slices.Contains(c.CommentColumns, "datetime") || slices.Contains(c.VoteColumns, "datetime")) {
		c.Notes = append(c.Notes, "the column datetime follows no time zone: an export writes it in UTC")
	}
	c.reduce()
	return nil
}

// voters are the people who cast votes, by number.
func voters(votes []Vote) []Participant {
	seen := map[int64]bool{}
	var people []Participant
	for _, vote := range votes {
		if !seen[vote.Voter] {
			seen[vote.Voter] = true
			people = append(people, Participant{ID: vote.Voter})
		}
	}
	slices.SortFunc(people, func(a, b Participant) int { return cmp.Compare(a.ID, b.ID) })
	return people
}

// compare holds the cells of participants-votes.csv to the last votes of
// votes.csv: which of two files that say different things is right, only their
// owner knows.
func (r *reader) compare() error {
	for _, vote := range r.c.Votes {
		if r.people[vote.Voter] == 0 {
			return &Error{File: ParticipantsFile, What: fmt.Sprintf("there is no participant %d, who votes in %s", vote.Voter, VotesFile)}
		}
	}
	want, got := last(r.c.Votes), last(r.cells)
	var first error
	differ, flipped, opinions := 0, 0, 0
	say := func(voter, comment int64, what string) {
		if differ++; first == nil {
			first = &Error{File: ParticipantsFile, Row: r.people[voter], Column: fmt.Sprint(comment), What: what}
		}
	}
	for len(want) > 0 || len(got) > 0 {
		order := -1
		switch {
		case len(want) == 0:
			order = 1
		case len(got) > 0:
			order = cmp.Or(cmp.Compare(want[0].Voter, got[0].Voter), cmp.Compare(want[0].Comment, got[0].Comment))
		}
		switch {
		case order < 0:
			say(want[0].Voter, want[0].Comment, fmt.Sprintf("it is empty, and %s has a vote", VotesFile))
			want = want[1:]
			continue
		case order > 0:
			say(got[0].Voter, got[0].Comment, fmt.Sprintf("it is %d, and %s has no vote", got[0].Value, VotesFile))
			got = got[1:]
			continue
		}
		if want[0].Value != 0 {
			opinions++
		}
		if want[0].Value != got[0].Value {
			say(got[0].Voter, got[0].Comment, fmt.Sprintf("it is %d, and the last vote in %s is %d", got[0].Value, VotesFile, want[0].Value))
			if want[0].Value == -got[0].Value {
				flipped++
			}
		}
		want, got = want[1:], got[1:]
	}
	if flipped > 0 && flipped == differ && 2*flipped > opinions {
		return &Error{File: VotesFile, What: "agree and disagree have the opposite sign of those in " + ParticipantsFile}
	}
	if differ > 1 {
		first.(*Error).What += fmt.Sprintf(" (and %d cells more differ)", differ-1)
	}
	return first
}

// checkSigns looks whether the counts of comments.csv fit the votes with their
// sign turned better than as they are.
func (r *reader) checkSigns() error {
	t := count(r.c)
	straight, turned := 0, 0
	for _, comment := range r.c.Comments {
		agrees, errA := whole([]byte(comment.Fields["agrees"]))
		disagrees, errD := whole([]byte(comment.Fields["disagrees"]))
		n := t.comments[comment.ID]
		if errA != nil || errD != nil || agrees == disagrees {
			continue
		}
		if agrees == int64(n[0]) && disagrees == int64(n[1]) {
			straight++
		} else if agrees == int64(n[1]) && disagrees == int64(n[0]) {
			turned++
		}
	}
	if turned > straight {
		file := VotesFile
		if r.c.VoteColumns == nil {
			file = ParticipantsFile
		}
		return &Error{File: file, What: fmt.Sprintf("agree (%+d) and disagree (%d) are the wrong way round, by the counts in %s", act.Agree, act.Disagree, CommentsFile)}
	}
	return nil
}
