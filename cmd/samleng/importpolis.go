package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/polis"
	"samleng/internal/register"
)

type importCommand struct {
	Polis importPolisCommand `cmd:"" help:"Carry over a conversation that Polis exported."`
}

type importPolisCommand struct {
	place
	Dir         string `arg:"" help:"Folder with comments.csv, votes.csv, participants-votes.csv and summary.csv." type:"existingdir"`
	Dialogue    string `help:"Name of the new dialogue in addresses." required:"" placeholder:"SLUG"`
	Language    string `help:"Language of the conversation (a code such as en). By default it is marked as unknown." default:"und"`
	Attribution string `help:"Whose work the conversation is and under which licence, in the words that its source asks for; shown on the dialogue's page." placeholder:"TEXT"`
	Private     bool   `help:"Its source has not published who voted what: then this register does not either."`
}

// Run imports a conversation whole. Run again after an interruption it goes on
// where it was; run again after its end it does nothing.
func (c *importPolisCommand) Run(ctx context.Context) error {
	conversation, err := polis.Read(os.DirFS(c.Dir))
	if err != nil {
		return fmt.Errorf("nothing was imported: %w", err)
	}
	for _, note := range conversation.Notes {
		fmt.Fprintln(os.Stderr, note)
	}
	i := &importer{c: conversation, slug: c.Dialogue, language: c.Language, attribution: c.Attribution, private: c.Private}
	if err := i.check(); err != nil {
		return fmt.Errorf("nothing was imported: %w", err)
	}
	r, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	i.register, i.progress = r, newProgress(os.Stderr)
	began := time.Now()
	done, err := i.run(ctx)
	i.progress.end()
	if err != nil {
		if ctx.Err() != nil {
			return errors.New("interrupted: run it again to go on")
		}
		return err
	}
	if !done {
		fmt.Fprintf(os.Stderr, "the dialogue %s holds this conversation already: nothing to do\n", c.Dialogue)
		return nil
	}
	stats, took := r.Stats(), time.Since(began)
	fmt.Fprintf(os.Stderr, "dialogue %s: %d comments, %d people, %d votes; %d acts in %.1f s (%.0f a second), %.0f to a transaction\n",
		c.Dialogue, len(conversation.Comments), len(conversation.Participants), len(conversation.Votes),
		stats.Acts, took.Seconds(), float64(stats.Acts)/took.Seconds(), float64(stats.Acts)/float64(max(stats.Batches, 1)))
	return nil
}

// importer carries one conversation into a register.
//
// Comments become views, withheld where the source withheld them (reason
// source_withheld, without ever having been shown here), published where it
// accepted them, or had not decided and yet people voted on them: it showed
// them then. A comment that nobody decided on and nobody voted on waits for
// moderation here. Then the people, each with their number, then every vote:
// many under way at once, in the order of time, those of one person on one
// comment strictly one after the other. In the end the dialogue is closed: it
// went on elsewhere, and has ended as far as the files tell.
type importer struct {
	register       *register.Register
	c              *polis.Conversation
	slug, language string
	attribution    string
	private        bool
	progress       *progress

	dialogue   act.ID
	statements map[int64]act.ID
	people     map[int64]act.Pseudonym
}

// importing is the register itself, carrying over.
var importing = civic.Actor{By: act.System, Import: true}

// check tells what the register would refuse of the conversation, before
// anything is in it.
func (i *importer) check() error {
	if act.HasControls(i.attribution) {
		return errors.New("--attribution: a control character")
	}
	if err := i.announcement(act.ID{1}, time.UTC).Validate(); err != nil {
		return err
	}
	for n := range i.c.Comments {
		d := i.view(n)
		d.Of = act.ID{1}
		if err := d.Validate(); err != nil {
			return fmt.Errorf("%s, comment %d: %w", polis.CommentsFile, i.c.Comments[n].ID, err)
		}
	}
	for n := range i.c.Participants {
		d := i.person(n, act.Pseudonym{1})
		d.Of = act.ID{1}
		if err := d.Validate(); err != nil {
			return fmt.Errorf("%s, participant %d: %w", polis.ParticipantsFile, i.c.Participants[n].ID, err)
		}
	}
	return nil
}

// run does it; done is false where it was done before.
func (i *importer) run(ctx context.Context) (done bool, err error) {
	host, err := i.programme(ctx)
	if err != nil {
		return false, err
	}
	stage, err := i.announce(ctx, host)
	if err != nil || stage == civic.Closed {
		return false, err
	}
	if stage == civic.Announced {
		if _, err := i.submit(ctx, importing, act.Draft{By: act.System, Of: i.dialogue, Facts: &act.DialogueOpened{}}, "opened"); err != nil {
			return false, err
		}
	}
	for _, step := range []func(context.Context) error{i.carryComments, i.carryPeople, i.carryVotes} {
		if err := step(ctx); err != nil {
			return false, err
		}
	}
	_, err = i.submit(ctx, importing, act.Draft{By: act.System, Of: i.dialogue, Facts: &act.DialogueClosed{}}, "closed")
	return true, err
}

// announce finds the dialogue of an import that was begun before, or announces
// it.
func (i *importer) announce(ctx context.Context, host act.ID) (civic.Stage, error) {
	var stage civic.Stage
	var zone *time.Location
	i.register.View(func(s *civic.State) {
		zone = s.Zone()
		if d := s.DialogueBySlug(i.slug); d != nil {
			i.dialogue, stage = d.ID, d.Stage()
		}
	})
	if i.dialogue.IsZero() {
		receipt, err := i.submit(ctx, importing, i.announcement(host, zone), "dialogue "+i.slug+" "+i.c.Digest())
		i.dialogue = receipt.Act
		return civic.Announced, err
	}
	var origin act.Origin
	err := i.register.Content(ctx, civic.Actor{}, civic.SectionRef{Act: i.dialogue, Name: "origin"}, &origin)
	switch {
	case errors.Is(err, register.ErrNotFound):
		return "", fmt.Errorf("nothing was imported: there is a dialogue %s already, and it was not imported from Polis: choose another --dialogue", i.slug)
	case err != nil:
		return "", err
	case polis.DigestOf(&origin) != i.c.Digest():
		return "", fmt.Errorf("nothing was imported: the dialogue %s holds another conversation, or these files have changed since: choose another --dialogue", i.slug)
	}
	return stage, nil
}

// announcement is the act that begins the dialogue.
func (i *importer) announcement(host act.ID, zone *time.Location) act.Draft {
	first, last := i.c.Period()
	day := func(ms int64) string { return time.UnixMilli(ms).In(zone).Format(time.DateOnly) }
	names := &act.Names{Name: map[string]string{i.language: i.slug}}
	if topic := shorten(i.c.Value("topic"), 400); !act.Blank(topic) {
		names.Name[i.language] = topic
	}
	if about := shorten(i.c.Value("conversation-description"), 4000); !act.Blank(about) {
		names.About = map[string]string{i.language: about}
	}
	origin := i.c.Origin()
	if !act.Blank(i.attribution) {
		origin.Fields[act.OriginAttribution] = i.attribution
	}
	return act.Draft{By: act.System, Facts: &act.DialogueAnnounced{
		Slug: i.slug, Level: "imported", Door: "open", Limit: 1000, Changes: 60, Opens: day(first), Closes: day(last), Public: !i.private, Host: host,
	}, Content: map[string]any{"names": names, "origin": origin}}
}

// shorten cuts text after a whole character, to at most limit bytes.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	const more = "…"
	cut := 0
	act.EachCluster(text, func(_, end int) bool {
		if end <= limit-len(more) {
			cut = end
		}
		return end <= limit
	})
	return text[:cut] + more
}

// view is the act that registers a comment.
func (i *importer) view(n int) act.Draft {
	comment := &i.c.Comments[n]
	from := &act.Source{Origin: comment.Origin(n + 1)}
	if comment.Author != polis.NoAuthor && !i.dialogue.IsZero() {
		who := i.pseudonym(comment.Author)
		from.Participant = &who
	}
	return act.Draft{By: act.System, Of: i.dialogue, Facts: &act.StatementRegistered{Channel: "import", Written: i.language, Visibility: act.VisibilityOpen},
		Content: map[string]any{"text": &act.Text{Text: comment.Text}, "source": from}}
}

// person is the act that says which participant of the source somebody is.
func (i *importer) person(n int, who act.Pseudonym) act.Draft {
	return act.Draft{By: act.Participant, Of: i.dialogue, Facts: &act.ParticipantDescribed{},
		Content: map[string]any{"self": &act.Self{Participant: who, Origin: i.c.Participants[n].Origin(n + 1)}}}
}

// pseudonym is who a participant of the source is here. It takes the server's
// secret: nobody becomes them by knowing their number.
func (i *importer) pseudonym(id int64) act.Pseudonym {
	token := i.register.TokenFor(i.dialogue, fmt.Sprint("polis person ", id))
	return i.register.Participant(token.String(), i.dialogue)
}
