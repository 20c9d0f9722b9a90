package polis

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"samleng/act"
)

// Most of what a conversation may have.
const (
	maxComments     = 100_000
	maxParticipants = 5_000_000
	maxVotes        = 20_000_000
	maxSummary      = 20
	// maxValue is the most bytes of a value that is kept as it is.
	maxValue = 8000
	// maxColumns is the most columns of a file whose values are kept.
	maxColumns = 20
)

// Read reads the export in a folder and checks all of it. The error is an
// *Error for files that are not as they should be.
func Read(dir fs.FS) (*Conversation, error) {
	c := &Conversation{}
	r := &reader{c: c}
	found := map[string]bool{}
	for _, file := range []struct {
		name string
		read func(*scanner) error
	}{{SummaryFile, r.summary}, {CommentsFile, r.comments}, {VotesFile, r.votes}, {ParticipantsFile, r.participants}} {
		f, err := dir.Open(file.name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, fmt.Errorf("read a Polis export: %w", err)
		}
		found[file.name] = true
		s, err := newScanner(file.name, f)
		if err == nil {
			err = file.read(s)
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
	}
	switch {
	case !found[CommentsFile]:
		return nil, &Error{File: CommentsFile, What: "the file is missing"}
	case !found[VotesFile] && !found[ParticipantsFile]:
		return nil, &Error{File: VotesFile, What: "the file is missing, and so is " + ParticipantsFile + ": there are no votes"}
	}
	return c, r.finish()
}

// reader reads one file after the other into a conversation.
type reader struct {
	c       *Conversation
	escaped bool           // words that look like formulas have an apostrophe
	known   map[int64]bool // comments
	zone    zoneFinder
	// cells are the votes of participants-votes.csv, people those in it.
	cells  []Vote
	people map[int64]int // to the row of the file
}

// text reads words of people.
func (r *reader) text(s *scanner, column string, field []byte, most int) (string, error) {
	text := string(field)
	if r.escaped {
		text = unescape(text)
	}
	switch {
	case len(text) > most:
		return "", s.failAt(column, "%d bytes, at most %d", len(text), most)
	case act.HasControls(text):
		return "", s.failAt(column, "it has control characters: %s", excerpt(field))
	}
	return text, nil
}

// summary reads the rows of summary.csv.
func (r *reader) summary(s *scanner) error {
	r.c.Summary = []SummaryRow{}
	seen := map[string]bool{}
	for {
		fields, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if len(fields) != 2 {
			return s.failf("%d fields, not a name and a value", len(fields))
		}
		key := string(fields[0])
		if err := checkName(key); err != nil {
			return s.failAt("1", "%s", err)
		}
		if seen[key] {
			return s.failAt("1", "%s is there twice", key)
		}
		seen[key] = true
		r.c.Summary = append(r.c.Summary, SummaryRow{key, string(fields[1])})
		if len(r.c.Summary) > maxSummary {
			return s.failf("more than %d rows", maxSummary)
		}
	}
	r.escaped = r.c.Value(escapeKey) == escapeValue
	r.c.Summary = slices.DeleteFunc(r.c.Summary, func(row SummaryRow) bool { return row.Key == escapeKey })
	for i := range r.c.Summary {
		row := &r.c.Summary[i]
		s.row = i + 1
		text, err := r.text(s, row.Key, []byte(row.Value), maxValue)
		if err != nil {
			return err
		}
		row.Value = text
	}
	return nil
}

// comments reads comments.csv.
func (r *reader) comments(s *scanner) error {
	columns, err := s.header("timestamp", "comment-id", "author-id", "moderated", "comment-body")
	if err != nil {
		return err
	}
	if len(columns) > maxColumns {
		return s.failf("%d columns, at most %d", len(columns), maxColumns)
	}
	r.c.CommentColumns, r.known = columns, map[int64]bool{}
	for {
		fields, err := s.body(columns)
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		comment, err := r.comment(s, columns, fields)
		if err != nil {
			return err
		}
		if r.known[comment.ID] {
			return s.failAt("comment-id", "%d is there twice", comment.ID)
		}
		r.known[comment.ID] = true
		if r.c.Comments = append(r.c.Comments, comment); len(r.c.Comments) > maxComments {
			return s.failf("more than %d comments", maxComments)
		}
	}
	if len(r.c.Comments) == 0 {
		return s.failf("there is no comment in it")
	}
	return nil
}

func (r *reader) comment(s *scanner, columns []string, fields [][]byte) (comment Comment, err error) {
	var datetime []byte
	for i, column := range columns {
		switch column {
		case "timestamp":
			comment.Time, err = parseTime(fields[i])
		case "datetime":
			datetime = fields[i]
		case "comment-id":
			comment.ID, err = parseID(fields[i])
		case "author-id":
			if comment.Author = NoAuthor; len(fields[i]) > 0 {
				comment.Author, err = parseID(fields[i])
			}
		case "moderated":
			var n int64
			if n, err = whole(fields[i]); err == nil && (n < Rejected || n > Accepted) {
				err = fmt.Errorf("%s is none of -1 (rejected), 0 (nobody decided), 1 (accepted)", excerpt(fields[i]))
			}
			comment.Moderated = int(n)
		case "comment-body":
			comment.Text, err = r.text(s, column, fields[i], act.MaxText)
			if err == nil && act.Blank(comment.Text) {
				err = errors.New("there are no words in it")
			}
		default:
			err = r.keep(s, &comment.Fields, column, fields[i])
		}
		if err != nil {
			return comment, s.at(column, err)
		}
	}
	if slices.Contains(columns, "datetime") {
		r.zone.see(comment.Time, datetime)
	}
	return comment, nil
}

// at says in which column an error came up.
func (s *scanner) at(column string, err error) error {
	var told *Error
	if errors.As(err, &told) {
		return err
	}
	return s.failAt(column, "%s", err)
}

// keep keeps what a column says that has no place of its own.
func (r *reader) keep(s *scanner, fields *map[string]string, column string, field []byte) error {
	text, err := r.text(s, column, field, maxValue)
	if err != nil {
		return err
	}
	if *fields == nil {
		*fields = map[string]string{}
	}
	(*fields)[column] = text
	return nil
}

// votes reads votes.csv.
func (r *reader) votes(s *scanner) error {
	columns, err := s.header("timestamp", "comment-id", "voter-id", "vote")
	if err != nil {
		return err
	}
	for _, column := range columns {
		if slices.Contains(voteColumns, column) {
			r.c.VoteColumns = append(r.c.VoteColumns, column)
		} else {
			r.c.Notes = append(r.c.Notes, fmt.Sprintf("%s: the column %s is not kept", VotesFile, column))
		}
	}
	for {
		fields, err := s.body(columns)
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		vote, err := r.vote(s, columns, fields)
		if err != nil {
			return err
		}
		if r.c.Votes = append(r.c.Votes, vote); len(r.c.Votes) > maxVotes {
			return s.failf("more than %d votes", maxVotes)
		}
	}
}

func (r *reader) vote(s *scanner, columns []string, fields [][]byte) (vote Vote, err error) {
	datetime := -1
	for i, column := range columns {
		switch column {
		case "timestamp":
			vote.Time, err = parseTime(fields[i])
		case "datetime":
			datetime = i
		case "comment-id":
			if vote.Comment, err = parseID(fields[i]); err == nil && r.known != nil && !r.known[vote.Comment] {
				err = fmt.Errorf("there is no comment %d in %s", vote.Comment, CommentsFile)
			}
		case "voter-id":
			vote.Voter, err = parseID(fields[i])
		case "vote":
			vote.Value, err = parseVote(fields[i])
		}
		if err != nil {
			return vote, s.at(column, err)
		}
	}
	if datetime >= 0 {
		r.zone.see(vote.Time, fields[datetime])
	}
	return vote, nil
}
