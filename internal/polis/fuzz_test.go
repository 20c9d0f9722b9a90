package polis_test

import (
	"errors"
	"testing"

	"samleng/act"
	"samleng/internal/polis"
)

// readAgain holds a reader to this: what it takes can be written, and reads as
// the same conversation; what it does not take, it names.
func readAgain(t *testing.T, summary, comments, votes, people string) {
	c, err := polis.Read(export(summary, comments, votes, people))
	if err != nil {
		var told *polis.Error
		if !errors.As(err, &told) || told.File == "" {
			t.Fatalf("an error without a place: %v", err)
		}
		return
	}
	for n := range c.Comments {
		text := act.Text{Text: c.Comments[n].Text}
		d := act.Draft{By: act.System, Of: act.ID{1}, Facts: &act.StatementRegistered{Channel: "import", Written: "und", Visibility: "open"},
			Content: map[string]any{"text": &text, "source": &act.Source{Origin: c.Comments[n].Origin(n + 1)}}}
		if err := d.Validate(); err != nil {
			t.Fatalf("a comment that no act can hold: %v", err)
		}
	}
	again, err := polis.Read(written(t, c))
	if err != nil {
		t.Fatalf("what was written does not read: %v", err)
	}
	if again.Digest() != c.Digest() {
		t.Fatalf("it reads as another conversation: %v, not %v", written(t, again), written(t, c))
	}
	back, err := polis.Restore(c.Origin())
	if err != nil {
		t.Fatalf("its origin gives nothing: %v", err)
	}
	back.Votes = c.Votes
	for n := range c.Comments {
		comment, err := polis.CommentOf(c.Comments[n].Origin(n+1), c.Comments[n].Text)
		if err != nil {
			t.Fatal(err)
		}
		back.Comments = append(back.Comments, comment)
	}
	for n := range c.Participants {
		p, err := polis.ParticipantOf(c.Participants[n].Origin(n + 1))
		if err != nil {
			t.Fatal(err)
		}
		back.Participants = append(back.Participants, p)
	}
	if back.Digest() != c.Digest() {
		t.Fatalf("its origins give another conversation: %v, not %v", written(t, back), written(t, c))
	}
}

func FuzzSummary(f *testing.F) {
	f.Add(goodSummary)
	f.Add("topic,'=1\ntext-escaping,apostrophe\n")
	f.Add("topic,=1\n,\n")
	f.Fuzz(func(t *testing.T, summary string) { readAgain(t, summary, goodComments, goodVotes, goodPeople) })
}

func FuzzComments(f *testing.F) {
	f.Add(goodComments)
	f.Add("timestamp,comment-id,author-id,moderated,is-meta,comment-body\n1435654192085,3,1,-1,true,\"=a\"\n1435654192085,7.0,1,0,,b")
	f.Fuzz(func(t *testing.T, comments string) {
		readAgain(t, goodSummary, comments, goodVotes, goodPeople)
		readAgain(t, "", comments, "", goodPeople)
	})
}

func FuzzVotes(f *testing.F) {
	f.Add(goodVotes)
	f.Add("timestamp,comment-id,voter-id,vote,important\n1435654192085,3,1,-1.0,x\n1435654192085,3,1,0,\"\"\n")
	f.Fuzz(func(t *testing.T, votes string) {
		readAgain(t, goodSummary, goodComments, votes, goodPeople)
		readAgain(t, "", goodComments, votes, "")
	})
}

func FuzzParticipants(f *testing.F) {
	f.Add(goodPeople)
	f.Add("participant,3,7\n1,0,1\n4,,-1\n")
	f.Fuzz(func(t *testing.T, people string) {
		readAgain(t, goodSummary, goodComments, "", people)
		readAgain(t, goodSummary, goodComments, goodVotes, people)
	})
}
