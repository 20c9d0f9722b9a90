package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// chainRoutes read what became of views.
func (a *API) chainRoutes() {
	huma.Register(a.huma, operation("list-needs", http.MethodGet, "/needs", "The needs that views were gathered into, oldest first"), a.needs)
	huma.Register(a.huma, operation("get-need", http.MethodGet, "/needs/{id}", "One need, its views, cases, answers and commitments"), a.need)
	huma.Register(a.huma, operation("list-authorities", http.MethodGet, "/authorities", "The public authorities, with what waits there"), a.authorities)
	huma.Register(a.huma, operation("get-authority", http.MethodGet, "/authorities/{id}", "One public authority and its figures"), a.authority)
	huma.Register(a.huma, operation("get-case", http.MethodGet, "/cases/{id}", "One case: a view or a need in the hands of an authority"), a.oneCase)
	huma.Register(a.huma, operation("get-answer", http.MethodGet, "/answers/{id}", "One answer, with its reasons to each case"), a.answer)
	huma.Register(a.huma, operation("list-commitments", http.MethodGet, "/commitments", "The commitments, as they were made"), a.commitments)
	huma.Register(a.huma, operation("get-commitment", http.MethodGet, "/commitments/{id}", "One commitment: plan, revisions, what was reported and what was found"), a.commitment)
}

// IDPath names a thing in an address.
type IDPath struct {
	ID string `path:"id" maxLength:"64" doc:"26 characters of Crockford's base 32"`
}

// Stretch bounds a list.
type Stretch struct {
	Cursor int `query:"cursor" doc:"What the page before gave as next" minimum:"0"`
	Limit  int `query:"limit" default:"50" minimum:"1" maximum:"200" doc:"The most entries of a page"`
}

// stretch gives the part of a list that is asked for, and where the next begins,
// "" at its end.
func stretch[T any](all []T, in Stretch) (part []T, next string) {
	first := min(in.Cursor, len(all))
	last := min(len(all), first+in.Limit)
	if last < len(all) {
		next = strconv.Itoa(last)
	}
	return all[first:last], next
}

var errNoSuch = problem.New(problem.NotFound, "problem.not_found")

// named calls fn with the state and the id of an address; fn reports whether
// there is such a thing.
func (a *API) named(text string, fn func(*civic.State, act.ID) bool) error {
	id, err := act.ParseID(text)
	if err != nil {
		return problem.Wrap(err, problem.NotFound, "problem.not_found")
	}
	found := false
	a.reader.View(func(s *civic.State) { found = fn(s, id) })
	if !found {
		return errNoSuch
	}
	return nil
}

// open reads a section that everybody may read into what into points to. It
// reports whether there was one.
func (a *API) open(ctx context.Context, id act.ID, section string, into any) (bool, error) {
	err := a.reader.Content(ctx, civic.Actor{}, civic.SectionRef{Act: id, Name: section}, into)
	if errors.Is(err, register.ErrNotFound) || errors.Is(err, register.ErrErased) {
		return false, nil
	}
	return err == nil, err
}

// saysWhy are the sections that say why something was done, or what was asked.
var saysWhy = map[act.Kind]string{
	act.KindReferralTransferred: "reasons", act.KindReferralConsidered: "minutes", act.KindAnswerExtended: "reasons",
	act.KindReviewDecided: "reasons", act.KindCommitmentRevised: "reasons", act.KindInformationRequested: "question",
}

// eventsOf copies acts out of the state, without words and places in the log.
func eventsOf(events []civic.Event) []Event {
	shown := make([]Event, 0, len(events))
	for _, e := range events {
		shown = append(shown, Event{Act: e.Act.String(), Kind: string(e.Kind), At: e.At.UTC(), By: byOf(e.By), Due: moment(e.Due), Facts: e.Facts})
	}
	return shown
}

// explain adds to acts of the chain their places in the log, and the words that
// everybody may read.
func (a *API) explain(ctx context.Context, events []Event) error {
	for i := range events {
		e := &events[i]
		id, err := act.ParseID(e.Act)
		if err != nil {
			return err
		}
		if e.Position, err = a.reader.Locate(ctx, id); err != nil {
			return err
		}
		section := saysWhy[act.Kind(e.Kind)]
		if section == "" {
			continue
		}
		var given act.Explanation
		has, err := a.open(ctx, id, section, &given)
		if err != nil {
			return err
		}
		if has {
			e.Explanation = &given.Text
		}
	}
	return nil
}

func idsOf(ids []act.ID) []string {
	shown := make([]string, 0, len(ids))
	for _, id := range ids {
		shown = append(shown, id.String())
	}
	return shown
}

// slugOf is a dialogue's name in addresses.
func slugOf(s *civic.State, id act.ID) string {
	if d := s.Dialogue(id); d != nil {
		return d.Slug
	}
	return ""
}

// dialogueNamed finds the dialogue of a filter; the zero id picks all.
func dialogueNamed(s *civic.State, slug string) (act.ID, error) {
	if slug == "" {
		return act.ID{}, nil
	}
	d := s.DialogueBySlug(slug)
	if d == nil {
		return act.ID{}, problem.New(problem.NotFound, "problem.dialogue_unknown").In("dialogue")
	}
	return d.ID, nil
}

// authorityNamed finds the authority of a filter.
func authorityNamed(s *civic.State, text string) (act.ID, error) {
	if text == "" {
		return act.ID{}, nil
	}
	id, err := act.ParseID(text)
	if org := s.Organisation(id); err != nil || org == nil || !org.Authority {
		return act.ID{}, problem.New(problem.NotFound, "problem.authority_unknown").In("authority")
	}
	return id, nil
}

func placeNamed(s *civic.State, code string) error {
	if code != "" && s.Place(code) == nil {
		return problem.New(problem.Invalid, "problem.place_unknown").In("place")
	}
	return nil
}
