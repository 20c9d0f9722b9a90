package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/polis"
	"samleng/internal/register"
)

// flight is how many submissions are under way at once: twice a full
// transaction, so that the next one gathers while one is committed.
const flight = 1024

// carry does jobs, flight of them at once, beginning them in order. The first
// that fails ends it.
func carry(ctx context.Context, jobs iter.Seq[func(context.Context) error]) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan func(context.Context) error)
	var workers sync.WaitGroup
	for range flight {
		workers.Go(func() {
			for job := range queue {
				if ctx.Err() != nil {
					continue
				}
				if err := job(ctx); err != nil {
					cancel(err)
				}
			}
		})
	}
	for job := range jobs {
		select {
		case queue <- job:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(queue)
	workers.Wait()
	return context.Cause(ctx)
}

// submit submits under the token that name gives in the dialogue. While the
// database is not to be had (another process writes, it is started anew) it
// tries again.
func (i *importer) submit(ctx context.Context, who civic.Actor, d act.Draft, name string) (register.Receipt, error) {
	token := i.register.TokenFor(i.dialogue, "polis "+name)
	for attempt, wait := 0, 50*time.Millisecond; ; attempt, wait = attempt+1, 2*wait {
		receipt, err := i.register.Submit(ctx, who, d, &token)
		switch {
		case err == nil:
			return receipt, nil
		case errors.Is(err, register.ErrTokenConflict):
			return receipt, fmt.Errorf("import %s: this import was begun with other options (%w)", name, err)
		case !errors.Is(err, register.ErrUnavailable) || ctx.Err() != nil || attempt == 8:
			return receipt, fmt.Errorf("import %s: %w", name, err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return receipt, ctx.Err()
		}
	}
}

// programme makes sure that there is one, and gives the organisation that holds
// imports. In an empty register it declares a programme for imports and nothing
// else: neutral names, every setting at its default.
func (i *importer) programme(ctx context.Context) (host act.ID, err error) {
	var languages []string
	i.register.View(func(s *civic.State) {
		if p := s.Programme(); p != nil {
			languages = p.Languages
		}
	})
	if languages == nil {
		languages = locale.Languages()
	}
	declare := func(name string, facts act.Facts, names *act.Names) (act.ID, error) {
		d := act.Draft{By: act.System, Facts: facts}
		if names != nil {
			d.Content = map[string]any{"names": names}
		}
		receipt, err := i.submit(ctx, importing, d, name)
		return receipt.Act, err
	}
	_, err = declare("programme", &act.ProgrammeDeclared{
		Prefix: "IMP", TimeZone: "UTC", Languages: locale.Languages(), Threshold: 10, Rounding: 5, Step: 10,
	}, inLanguages(locale.Languages(), "import.programme.name", "import.programme.about"))
	var refused *civic.Refusal
	switch {
	case errors.As(err, &refused) && refused.Key == civic.RefusedProgramme:
		// There is a programme, and it is not one of ours.
	case err != nil:
		return host, err
	default:
		for _, facts := range []act.Facts{
			&act.RulesAdopted{Version: civic.RulesVersion},
			&act.PolicyDeclared{Days: map[act.Step]int{act.StepModerate: 2, act.StepAppeal: 10}},
			&act.CalendarDeclared{Weekend: []int{0, 6}, Holidays: []string{}},
		} {
			if _, err := declare(string(facts.Kind()), facts, nil); err != nil {
				return host, err
			}
		}
	}
	return declare("organisation", &act.OrganisationRegistered{Type: "other"}, inLanguages(languages, "import.organisation.name", "import.organisation.about"))
}

// inLanguages gives names from the catalogues, in those of the languages that
// there are catalogues for.
func inLanguages(languages []string, name, about string) *act.Names {
	names := &act.Names{Name: map[string]string{}, About: map[string]string{}}
	for _, tag := range languages {
		if locale.Known(tag) {
			names.Name[tag], names.About[tag] = locale.Get(tag).T(name), locale.Get(tag).T(about)
		}
	}
	if len(names.Name) == 0 {
		return inLanguages([]string{"en"}, name, about)
	}
	return names
}

// carryComments registers the views and decides about each as the source did.
func (i *importer) carryComments(ctx context.Context) error {
	voted := map[int64]bool{}
	for _, vote := range i.c.Votes {
		voted[vote.Comment] = true
	}
	explanation := i.explanation()
	i.statements = make(map[int64]act.ID, len(i.c.Comments))
	var mu sync.Mutex
	i.progress.begin("comments", len(i.c.Comments))
	return carry(ctx, func(yield func(func(context.Context) error) bool) {
		// Oldest first, as they came in.
		for _, n := range i.oldestFirst() {
			if !yield(func(ctx context.Context) error {
				comment := &i.c.Comments[n]
				receipt, err := i.submit(ctx, importing, i.view(n), fmt.Sprint("comment ", comment.ID))
				if err != nil {
					return err
				}
				mu.Lock()
				i.statements[comment.ID] = receipt.Act
				mu.Unlock()
				i.progress.done.Add(1)
				return i.moderate(ctx, receipt.Act, comment, voted[comment.ID], explanation)
			}) {
				return
			}
		}
	})
}

func (i *importer) oldestFirst() []int {
	order := make([]int, len(i.c.Comments))
	for n := range order {
		order[n] = n
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return int(min(max(i.c.Comments[a].Time-i.c.Comments[b].Time, -1), 1))
	})
	return order
}

// moderate decides about a view as its source did, unless that was done before.
func (i *importer) moderate(ctx context.Context, statement act.ID, comment *polis.Comment, voted bool, explanation string) error {
	decided := false
	i.register.View(func(s *civic.State) {
		v := s.Statement(statement)
		decided = v != nil && v.Moderation != civic.Awaiting
	})
	d := act.Draft{By: act.System, Of: statement}
	switch {
	case decided || comment.Moderated == polis.Unmoderated && !voted:
		return nil
	case comment.Moderated == polis.Rejected:
		d.Facts = &act.StatementWithheld{Reason: act.ReasonSource}
		d.Content = map[string]any{"explanation": &act.Explanation{Text: explanation}}
	default:
		d.Facts = &act.StatementPublished{}
	}
	_, err := i.submit(ctx, importing, d, fmt.Sprint("moderation of comment ", comment.ID))
	return err
}

// explanation says why a view is withheld, in the programme's languages.
func (i *importer) explanation() string {
	var languages []string
	i.register.View(func(s *civic.State) { languages = s.Programme().Languages })
	names := inLanguages(languages, "import.withheld", "import.withheld")
	var words []string
	for _, tag := range locale.Languages() {
		if text := names.Name[tag]; text != "" {
			words = append(words, text)
		}
	}
	return strings.Join(words, "\n\n")
}

// carryPeople says of each person which participant of the source they are.
func (i *importer) carryPeople(ctx context.Context) error {
	i.people = make(map[int64]act.Pseudonym, len(i.c.Participants))
	for _, p := range i.c.Participants {
		i.people[p.ID] = i.pseudonym(p.ID)
	}
	i.progress.begin("people", len(i.c.Participants))
	return carry(ctx, func(yield func(func(context.Context) error) bool) {
		for n, p := range i.c.Participants {
			who := i.people[p.ID]
			if !yield(func(ctx context.Context) error {
				_, err := i.submit(ctx, i.as(who), i.person(n, who), fmt.Sprint("participant ", p.ID))
				i.progress.done.Add(1)
				return err
			}) {
				return
			}
		}
	})
}

// as is a person whose acts are carried over.
func (i *importer) as(who act.Pseudonym) civic.Actor {
	return civic.Actor{By: act.Participant, Participant: who, Import: true}
}

// carryVotes casts the votes: a ballot for each with its time, or, where times
// are not known, one for each person.
func (i *importer) carryVotes(ctx context.Context) error {
	i.progress.begin("votes", len(i.c.Votes))
	if i.c.VoteColumns == nil {
		return carry(ctx, i.ballotsOfPeople())
	}
	return carry(ctx, func(yield func(func(context.Context) error) bool) {
		for _, cell := range i.c.Cells() {
			if !yield(func(ctx context.Context) error {
				for n, vote := range cell {
					if err := i.cast(ctx, vote.Voter, vote.Time, cell[n:n+1], fmt.Sprintf("vote %d on %d by %d", n, vote.Comment, vote.Voter)); err != nil {
						return err
					}
				}
				return nil
			}) {
				return
			}
		}
	})
}

// ballotsOfPeople casts a person's votes together, as many as a ballot holds.
func (i *importer) ballotsOfPeople() iter.Seq[func(context.Context) error] {
	return func(yield func(func(context.Context) error) bool) {
		votes := i.c.Votes
		for len(votes) > 0 {
			n := 1
			for n < len(votes) && n < act.MostVotes && votes[n].Voter == votes[0].Voter {
				n++
			}
			ballot := votes[:n]
			votes = votes[n:]
			if !yield(func(ctx context.Context) error {
				return i.cast(ctx, ballot[0].Voter, 0, ballot, fmt.Sprintf("votes from %d by %d", ballot[0].Comment, ballot[0].Voter))
			}) {
				return
			}
		}
	}
}

func (i *importer) cast(ctx context.Context, voter, at int64, votes []polis.Vote, name string) error {
	who := i.people[voter]
	ballot := &act.Ballot{Participant: who, Time: at, Votes: make([]act.StatementVote, len(votes))}
	for n, vote := range votes {
		ballot.Votes[n] = act.StatementVote{Statement: i.statements[vote.Comment], Vote: vote.Value}
	}
	_, err := i.submit(ctx, i.as(who), act.Draft{By: act.Participant, Of: i.dialogue, Facts: &act.BallotCast{}, Content: map[string]any{"ballot": ballot}}, name)
	i.progress.done.Add(int64(len(votes)))
	return err
}
