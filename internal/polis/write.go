package polis

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// Files lists the names of the files that the conversation is written to.
func (c *Conversation) Files() []string {
	files := []string{CommentsFile}
	if c.Summary != nil || c.escaped() {
		files = append(files, SummaryFile)
	}
	if c.VoteColumns != nil {
		files = append(files, VotesFile)
	}
	if c.ParticipantColumns != nil {
		files = append(files, ParticipantsFile)
	}
	return files
}

// Write writes the conversation's files into a folder, each whole or not at
// all. It makes the folder, and refuses to write over an export that is there.
func (c *Conversation) Write(dir string, mode fs.FileMode) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write a Polis export: %w", err)
	}
	for _, name := range c.Files() {
		path := filepath.Join(dir, name)
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("write a Polis export: %s is there already", path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("write a Polis export: %w", err)
		}
	}
	t := count(c)
	for _, name := range c.Files() {
		if err := c.writeFile(filepath.Join(dir, name), mode, func(w io.Writer) error { return c.encode(w, name, t) }); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

func (c *Conversation) writeFile(path string, mode fs.FileMode, encode func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = encode(f)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Encode writes one of Files.
func (c *Conversation) Encode(w io.Writer, name string) error { return c.encode(w, name, count(c)) }

// Digest is a hash (SHA-256, hexadecimal) over the files as they are written:
// it tells one conversation from another.
func (c *Conversation) Digest() string {
	h := sha256.New()
	t := count(c)
	for _, name := range c.Files() {
		fmt.Fprintf(h, "%s\n", name)
		_ = c.encode(h, name, t) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (c *Conversation) encode(w io.Writer, name string, t *tally) error {
	e := &encoder{w: w, zone: c.Zone}
	if e.zone == nil {
		e.zone = utc
	}
	switch name {
	case SummaryFile:
		e.summary(c)
	case CommentsFile:
		e.comments(c, t)
	case VotesFile:
		e.votes(c)
	case ParticipantsFile:
		e.participants(c, t)
	}
	e.flush(0)
	return e.err
}

// encoder gathers rows and writes them in large pieces.
type encoder struct {
	w    io.Writer
	zone Zone
	buf  bytes.Buffer
	err  error
}

func (e *encoder) row(fields ...string) {
	appendRow(&e.buf, fields...)
	e.flush(1 << 16)
}

func (e *encoder) flush(from int) {
	if e.err == nil && e.buf.Len() > from {
		_, e.err = e.w.Write(e.buf.Bytes())
		e.buf.Reset()
	}
}

func (e *encoder) summary(c *Conversation) {
	for _, row := range c.Summary {
		e.row(row.Key, escape(row.Value))
	}
	if c.escaped() {
		e.row(escapeKey, escapeValue)
	}
}

// escaped reports whether there are words that look like formulas.
func (c *Conversation) escaped() bool {
	anyOf := func(fields map[string]string) bool {
		for _, value := range fields {
			if formula(value) {
				return true
			}
		}
		return false
	}
	return slices.ContainsFunc(c.Summary, func(row SummaryRow) bool { return formula(row.Value) }) ||
		slices.ContainsFunc(c.Comments, func(comment Comment) bool { return formula(comment.Text) || anyOf(comment.Fields) }) ||
		slices.ContainsFunc(c.Participants, func(p Participant) bool { return anyOf(p.Fields) })
}

func (e *encoder) comments(c *Conversation, t *tally) {
	e.row(c.CommentColumns...)
	fields := make([]string, len(c.CommentColumns))
	for _, comment := range c.Comments {
		for i, column := range c.CommentColumns {
			switch column {
			case "timestamp":
				fields[i] = strconv.FormatInt(comment.Time, 10)
			case "datetime":
				fields[i] = e.zone.format(comment.Time)
			case "comment-id":
				fields[i] = strconv.FormatInt(comment.ID, 10)
			case "author-id":
				if fields[i] = ""; comment.Author != NoAuthor {
					fields[i] = strconv.FormatInt(comment.Author, 10)
				}
			case "moderated":
				fields[i] = strconv.Itoa(comment.Moderated)
			case "comment-body":
				fields[i] = escape(comment.Text)
			default:
				fields[i] = kept(comment.Fields, column, comment.ID, t.comment)
			}
		}
		e.row(fields...)
	}
}

// kept gives a column that was kept as it was, or what follows from the votes.
func kept(fields map[string]string, column string, id int64, counted func(int64, string) (string, bool)) string {
	if value, has := fields[column]; has {
		return escape(value)
	}
	value, _ := counted(id, column)
	return value
}

func (e *encoder) votes(c *Conversation) {
	e.row(c.VoteColumns...)
	votes := slices.Clone(c.Votes)
	slices.SortStableFunc(votes, func(a, b Vote) int {
		return cmp.Or(cmp.Compare(a.Comment, b.Comment), cmp.Compare(a.Voter, b.Voter), cmp.Compare(a.Time, b.Time))
	})
	fields := make([]string, len(c.VoteColumns))
	for _, vote := range votes {
		for i, column := range c.VoteColumns {
			switch column {
			case "timestamp":
				fields[i] = strconv.FormatInt(vote.Time, 10)
			case "datetime":
				fields[i] = e.zone.format(vote.Time)
			case "comment-id":
				fields[i] = strconv.FormatInt(vote.Comment, 10)
			case "voter-id":
				fields[i] = strconv.FormatInt(vote.Voter, 10)
			case "vote":
				fields[i] = strconv.Itoa(int(vote.Value))
			}
		}
		e.row(fields...)
	}
}

func (e *encoder) participants(c *Conversation, t *tally) {
	voted := map[int64]bool{}
	for _, vote := range t.last {
		voted[vote.Comment] = true
	}
	var comments []int64
	for _, comment := range c.Comments {
		if voted[comment.ID] {
			comments = append(comments, comment.ID)
		}
	}
	slices.Sort(comments)
	about := len(c.ParticipantColumns)
	fields := slices.Clone(c.ParticipantColumns)
	for _, id := range comments {
		fields = append(fields, strconv.FormatInt(id, 10))
	}
	e.row(fields...)
	for _, p := range c.Participants {
		for i, column := range c.ParticipantColumns {
			if column == "participant" {
				fields[i] = strconv.FormatInt(p.ID, 10)
			} else {
				fields[i] = kept(p.Fields, column, p.ID, t.participant)
			}
		}
		clear(fields[about:])
		// Both the votes and the columns are sorted by comment.
		first, _ := slices.BinarySearchFunc(t.last, p.ID, func(v Vote, id int64) int { return cmp.Compare(v.Voter, id) })
		at := about
		for _, vote := range t.last[first:] {
			if vote.Voter != p.ID {
				break
			}
			for comments[at-about] != vote.Comment {
				at++
			}
			fields[at] = strconv.Itoa(int(vote.Value))
		}
		e.row(fields...)
	}
}
