package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/polis"
	"samleng/internal/register"
)

// exporter makes a conversation of a dialogue. Who voted what, every time they
// did, is read from the log; the rest from the fold.
//
// Of a dialogue that began here nobody is told who put a view forward: identity
// and view are apart. Views are numbered as they were registered and people by
// their first act, from 0, and times are the hours of the acts.
type exporter struct {
	register *register.Register
	progress *progress
	private  bool  // who voted what is not public
	end      int64 // the position up to which it is told
	left     int   // views that are left out

	dialogue   act.ID
	views      []exportedView
	comments   map[act.ID]int64
	people     map[act.Pseudonym]*act.Origin
	order      []act.Pseudonym // by first act
	votes      []exportedVote
	personally map[act.Pseudonym]int64
}

type exportedView struct {
	id, text  act.ID // text is the act whose words stand
	redacted  bool
	origin    *act.Origin
	at        int64
	moderated int
	decided   bool // somebody decided about it here
}

type exportedVote struct {
	who       act.Pseudonym
	statement act.ID
	vote      act.Vote
	at        int64
}

// errEnd ends the reading of the log.
var errEnd = errors.New("the end")

func (e *exporter) conversation(ctx context.Context, slug string, private bool) (*polis.Conversation, error) {
	var names act.Names
	e.register.View(func(s *civic.State) {
		d := s.DialogueBySlug(slug)
		if d == nil {
			return
		}
		e.dialogue, e.private, names, e.end = d.ID, !d.Public, s.Names(d.ID), s.Position()
		for _, v := range d.Statements() {
			e.views = append(e.views, viewOf(s, v))
		}
	})
	switch {
	case e.dialogue.IsZero():
		return nil, fmt.Errorf("there is no dialogue %s", slug)
	case e.private && !private:
		return nil, fmt.Errorf("who voted what in the dialogue %s is not public: --private writes it all the same, for roles that may see it", slug)
	}
	c, imported, err := e.begin(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.readVotes(ctx, imported, c.VoteColumns != nil); err != nil {
		return nil, err
	}
	if err := e.addComments(ctx, c); err != nil {
		return nil, err
	}
	if err := e.addPeople(c); err != nil {
		return nil, err
	}
	e.addVotes(c)
	if !imported {
		c.Summary = summaryOf(names, c)
	}
	return c, nil
}

// viewOf copies what is exported of a view out of the state.
func viewOf(s *civic.State, v *civic.Statement) exportedView {
	out := exportedView{id: v.ID, text: v.ID, redacted: v.Moderation == civic.Redacted, origin: s.Origin(v.ID), at: v.At.UnixMilli()}
	if v.Shown() {
		out.text = v.Text
	}
	switch v.Moderation {
	case civic.Published, civic.Redacted, civic.Matched:
		out.moderated = polis.Accepted
	case civic.Withheld:
		out.moderated = polis.Rejected
	}
	out.decided = slices.ContainsFunc(v.Events, func(e civic.Event) bool {
		switch e.Kind {
		case act.KindStatementPublished, act.KindStatementRedacted, act.KindStatementWithheld, act.KindStatementMatched, act.KindAppealDecided:
			return e.By.As != act.BySystem
		}
		return false
	})
	return out
}

// begin makes a conversation with the headers that the dialogue's source had.
func (e *exporter) begin(ctx context.Context) (c *polis.Conversation, imported bool, err error) {
	var origin act.Origin
	err = e.register.Content(ctx, civic.System, civic.SectionRef{Act: e.dialogue, Name: "origin"}, &origin)
	if errors.Is(err, register.ErrNotFound) {
		return polis.Native(), false, nil
	} else if err != nil {
		return nil, false, err
	}
	c, err = polis.Restore(&origin)
	return c, true, err
}

// readVotes reads the dialogue's people and ballots from the log. timed says
// that votes have times: those that brought none have the hour of their act.
func (e *exporter) readVotes(ctx context.Context, imported, timed bool) error {
	from, err := e.register.Locate(ctx, e.dialogue)
	if err != nil {
		return err
	}
	e.people = map[act.Pseudonym]*act.Origin{}
	e.progress.begin("acts", int(e.end-from))
	err = e.register.Follow(ctx, from, func(position int64, a *act.Act) error {
		if position >= e.end {
			return errEnd
		}
		if e.progress.done.Add(1); a.Of == e.dialogue {
			if err := e.take(a, imported, timed); err != nil {
				return fmt.Errorf("read the act at %d: %w", position, err)
			}
		}
		if position == e.end-1 {
			return errEnd
		}
		return nil
	})
	if errors.Is(err, errEnd) {
		return nil
	}
	return err
}

func (e *exporter) take(a *act.Act, imported, timed bool) error {
	switch a.Kind {
	case act.KindBallotCast:
		var ballot act.Ballot
		if has, err := a.Content("ballot", &ballot); err != nil || !has {
			return err
		}
		e.meet(ballot.Participant, nil)
		at := ballot.Time
		if at == 0 && timed {
			at = a.At.UnixMilli()
		}
		for _, vote := range ballot.Votes {
			e.votes = append(e.votes, exportedVote{ballot.Participant, vote.Statement, vote.Vote, at})
		}
	case act.KindParticipantDescribe:
		var self act.Self
		if has, err := a.Content("self", &self); err != nil || !has {
			return err
		}
		if imported || self.Origin != nil {
			e.meet(self.Participant, self.Origin)
		}
	}
	return nil
}

// meet notes somebody's first act, and which participant of the source they are.
func (e *exporter) meet(who act.Pseudonym, origin *act.Origin) {
	known, has := e.people[who]
	if !has {
		e.order = append(e.order, who)
	}
	if !has || known == nil {
		e.people[who] = origin
	}
}

// addComments adds the views, those of the source as they stood in its file.
func (e *exporter) addComments(ctx context.Context, c *polis.Conversation) error {
	e.comments = map[act.ID]int64{}
	next := int64(0)
	for _, view := range e.views {
		if view.origin != nil {
			if comment, err := polis.CommentOf(view.origin, ""); err == nil {
				next = max(next, comment.ID+1)
			}
		}
	}
	slices.SortStableFunc(e.views, func(a, b exportedView) int { return byRow(a.origin, b.origin) })
	e.progress.begin("comments", len(e.views))
	for _, view := range e.views {
		e.progress.done.Add(1)
		text, err := e.words(ctx, view)
		if errors.Is(err, register.ErrNotFound) || errors.Is(err, register.ErrErased) {
			e.left++
			if view.origin == nil {
				next++ // its number stays its own
			}
			continue
		} else if err != nil {
			return err
		}
		comment := polis.Comment{ID: next, Author: polis.NoAuthor, Time: view.at, Text: text, Moderated: view.moderated}
		if view.origin == nil {
			next++
		} else if comment, err = polis.CommentOf(view.origin, text); err != nil {
			return fmt.Errorf("comment of view %s: %w", view.id, err)
		} else if view.decided {
			// What the source said holds until somebody here decides otherwise.
			comment.Moderated = view.moderated
		}
		e.comments[view.id] = comment.ID
		c.Comments = append(c.Comments, comment)
	}
	return nil
}

// byRow sorts what came from the source's file as it stood there, and before
// what came later.
func byRow(a, b *act.Origin) int {
	row := func(o *act.Origin) int {
		if o == nil || o.Row == 0 {
			return int(^uint(0) >> 1)
		}
		return o.Row
	}
	return cmp.Compare(row(a), row(b))
}

// words reads the words of a view as they stand, gaps included.
func (e *exporter) words(ctx context.Context, view exportedView) (string, error) {
	if !view.redacted {
		return e.register.Text(ctx, civic.System, view.text, "text")
	}
	var copied act.Redaction
	if err := e.register.Content(ctx, civic.System, civic.SectionRef{Act: view.text, Name: "text"}, &copied); err != nil {
		return "", err
	}
	text := ""
	for _, part := range copied.Parts {
		if part.Gap != "" {
			text += "[…]"
		}
		text += part.Text
	}
	return text, nil
}

// addPeople adds the people, those of the source as they stood in its file.
func (e *exporter) addPeople(c *polis.Conversation) error {
	next := int64(0)
	known := map[act.Pseudonym]polis.Participant{}
	for who, origin := range e.people {
		if origin == nil {
			continue
		}
		p, err := polis.ParticipantOf(origin)
		if err != nil {
			return fmt.Errorf("a participant: %w", err)
		}
		known[who], next = p, max(next, p.ID+1)
	}
	slices.SortStableFunc(e.order, func(a, b act.Pseudonym) int { return byRow(e.people[a], e.people[b]) })
	e.personally = make(map[act.Pseudonym]int64, len(e.order))
	for _, who := range e.order {
		p, has := known[who]
		if !has {
			p.ID = next
			next++
		}
		e.personally[who] = p.ID
		c.Participants = append(c.Participants, p)
	}
	return nil
}

// addVotes adds the votes on the comments that are there.
func (e *exporter) addVotes(c *polis.Conversation) {
	for _, vote := range e.votes {
		if comment, has := e.comments[vote.statement]; has {
			c.Votes = append(c.Votes, polis.Vote{Voter: e.personally[vote.who], Comment: comment, Time: vote.at, Value: vote.vote})
		}
	}
}

// summaryOf writes the summary of a dialogue that began here.
func summaryOf(names act.Names, c *polis.Conversation) []polis.SummaryRow {
	first := func(words map[string]string) string {
		for _, tag := range []string{"en", "km"} {
			if words[tag] != "" {
				return words[tag]
			}
		}
		for _, word := range words {
			return word
		}
		return ""
	}
	return []polis.SummaryRow{
		{Key: "topic", Value: first(names.Name)}, {Key: "voters", Value: fmt.Sprint(len(c.Participants))},
		{Key: "comments", Value: fmt.Sprint(len(c.Comments))}, {Key: "conversation-description", Value: first(names.About)},
	}
}
