package polis

import (
	"samleng/act"
)

// Conversation is what the files of one export say.
type Conversation struct {
	// Summary are the rows of summary.csv in order; nil without that file.
	Summary []SummaryRow
	// Comments and Participants stand in the order of their files.
	Comments     []Comment
	Participants []Participant
	// Votes are the rows of votes.csv in the order of the file. Without that
	// file they are the cells of participants-votes.csv, with no time.
	Votes []Vote
	// CommentColumns, VoteColumns and ParticipantColumns are the files' headers;
	// ParticipantColumns only those before the comments. VoteColumns or
	// ParticipantColumns is nil where the source had no such file.
	CommentColumns, VoteColumns, ParticipantColumns []string
	// Zone is how the source wrote times for people, nil if it did not, or if
	// no zone fits.
	Zone Zone
	// Notes say what is not kept of the files, in English, for whoever imports.
	Notes []string
}

// SummaryRow is one row of summary.csv.
type SummaryRow struct{ Key, Value string }

// Comment is one row of comments.csv.
type Comment struct {
	ID int64
	// Author is the number of who wrote it, NoAuthor where that is not told.
	Author int64
	// Time is in milliseconds since 1970.
	Time int64
	// Moderated is Rejected, Unmoderated or Accepted.
	Moderated int
	Text      string
	// Fields are the other columns, as far as they do not follow from the rest.
	Fields map[string]string
}

// NoAuthor is the author of a comment of whom nothing is told.
const NoAuthor = -1

// What moderated says.
const (
	Rejected    = -1
	Unmoderated = 0
	Accepted    = 1
)

// Participant is one row of participants-votes.csv, without its votes.
type Participant struct {
	ID int64
	// Fields are its columns, as far as they do not follow from the rest.
	Fields map[string]string
}

// Vote is one time that somebody voted.
type Vote struct {
	Voter, Comment int64
	// Time is in milliseconds since 1970, 0 where it is not known.
	Time  int64
	Value act.Vote
}

// Names of the files.
const (
	CommentsFile     = "comments.csv"
	VotesFile        = "votes.csv"
	ParticipantsFile = "participants-votes.csv"
	SummaryFile      = "summary.csv"
)

// The columns that a reader looks for, and those that are written of a dialogue
// that came from nowhere else.
var (
	commentColumns     = []string{"timestamp", "datetime", "comment-id", "author-id", "agrees", "disagrees", "moderated", "comment-body"}
	voteColumns        = []string{"timestamp", "datetime", "comment-id", "voter-id", "vote"}
	participantColumns = []string{"participant", "group-id", "n-comments", "n-votes", "n-agree", "n-disagree"}
)

// Value gives the value of a row of the summary, empty if there is none.
func (c *Conversation) Value(key string) string {
	for _, row := range c.Summary {
		if row.Key == key {
			return row.Value
		}
	}
	return ""
}

// Period gives the times of the first and the last thing that anybody said or
// voted.
func (c *Conversation) Period() (first, last int64) {
	see := func(at int64) {
		if at > 0 && (first == 0 || at < first) {
			first = at
		}
		last = max(last, at)
	}
	for _, comment := range c.Comments {
		see(comment.Time)
	}
	for _, vote := range c.Votes {
		see(vote.Time)
	}
	return first, last
}
