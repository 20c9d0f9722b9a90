package polis

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"samleng/act"
)

// The fields of a dialogue's origin.
const (
	fieldDigest  = "polis.digest"
	fieldColumns = "polis.columns." // and the file's name
	fieldZone    = "polis.zone"
	fieldSummary = "polis.summary" // the names of its rows, in order
	summaryValue = "summary."      // and a row's name
)

// source is the ID of the origin of every dialogue from Polis whose summary
// does not say its address.
const source = "polis"

// Origin is what a dialogue keeps of the conversation it came from: the
// summary, the files' headers, the zone, the digest.
func (c *Conversation) Origin() *act.Origin {
	o := &act.Origin{ID: source, Fields: map[string]string{fieldDigest: c.Digest()}}
	if address := c.Value("url"); address != "" && len(address) <= 200 {
		o.ID = address
	}
	for _, file := range c.headers() {
		if *file.columns != nil {
			o.Fields[fieldColumns+file.name] = strings.Join(*file.columns, ",")
		}
	}
	if c.Zone != nil {
		o.Fields[fieldZone] = c.Zone.String()
	}
	if c.Summary != nil {
		names := make([]string, len(c.Summary))
		for i, row := range c.Summary {
			names[i] = row.Key
			o.Fields[summaryValue+row.Key] = row.Value
		}
		o.Fields[fieldSummary] = strings.Join(names, ",")
	}
	return o
}

type header struct {
	name    string
	columns *[]string
}

func (c *Conversation) headers() []header {
	return []header{{CommentsFile, &c.CommentColumns}, {VotesFile, &c.VoteColumns}, {ParticipantsFile, &c.ParticipantColumns}}
}

// DigestOf gives the digest of the conversation that a dialogue came from;
// empty for one that came from nowhere.
func DigestOf(o *act.Origin) string {
	if o == nil {
		return ""
	}
	return o.Fields[fieldDigest]
}

// Restore begins a conversation from a dialogue's origin: all but its comments,
// participants and votes.
func Restore(o *act.Origin) (*Conversation, error) {
	c := &Conversation{}
	for _, file := range c.headers() {
		if columns := o.Fields[fieldColumns+file.name]; columns != "" {
			*file.columns = strings.Split(columns, ",")
		}
	}
	if c.CommentColumns == nil {
		return nil, fmt.Errorf("the dialogue's origin %s does not say the columns of %s", excerpt([]byte(o.ID)), CommentsFile)
	}
	if zone, has := o.Fields[fieldZone]; has {
		var err error
		if c.Zone, err = parseZone(zone); err != nil {
			return nil, err
		}
	}
	if names, has := o.Fields[fieldSummary]; has {
		c.Summary = []SummaryRow{}
		if names != "" {
			for _, key := range strings.Split(names, ",") {
				c.Summary = append(c.Summary, SummaryRow{key, o.Fields[summaryValue+key]})
			}
		}
	}
	return c, nil
}

// Native begins the conversation of a dialogue that came from nowhere, with the
// columns that Polis writes.
func Native() *Conversation {
	return &Conversation{
		CommentColumns: slices.Clone(commentColumns), VoteColumns: slices.Clone(voteColumns),
		ParticipantColumns: slices.Clone(participantColumns), Zone: utc, Summary: []SummaryRow{},
	}
}

const fieldModerated = "moderated"

// Origin is what a statement keeps of a comment; row is its place in the file,
// from 1.
func (c *Comment) Origin(row int) *act.Origin {
	o := &act.Origin{ID: strconv.FormatInt(c.ID, 10), Time: c.Time, Row: row, Fields: map[string]string{fieldModerated: strconv.Itoa(c.Moderated)}}
	if c.Author != NoAuthor {
		o.Author = strconv.FormatInt(c.Author, 10)
	}
	maps.Copy(o.Fields, c.Fields)
	return o
}

// CommentOf makes the comment that a statement came from, with its words.
func CommentOf(o *act.Origin, text string) (Comment, error) {
	c := Comment{Author: NoAuthor, Time: o.Time, Text: text, Fields: maps.Clone(o.Fields)}
	var err error
	if c.ID, err = parseID([]byte(o.ID)); err != nil {
		return c, err
	}
	if o.Author != "" {
		if c.Author, err = parseID([]byte(o.Author)); err != nil {
			return c, err
		}
	}
	moderated, err := whole([]byte(o.Fields[fieldModerated]))
	delete(c.Fields, fieldModerated)
	c.Moderated = int(moderated)
	return c, err
}

// Origin is what a person keeps of a participant.
func (p *Participant) Origin(row int) *act.Origin {
	return &act.Origin{ID: strconv.FormatInt(p.ID, 10), Row: row, Fields: p.Fields}
}

// ParticipantOf makes the participant that a person was.
func ParticipantOf(o *act.Origin) (Participant, error) {
	id, err := parseID([]byte(o.ID))
	return Participant{ID: id, Fields: o.Fields}, err
}
