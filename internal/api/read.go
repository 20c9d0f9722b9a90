package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
)

// Programme is what the register is for, and its settings.
type Programme struct {
	ID            string         `json:"id"`
	Names         Names          `json:"names"`
	Prefix        string         `json:"prefix" doc:"Stands in front of receipt codes"`
	TimeZone      string         `json:"time_zone"`
	Languages     []string       `json:"languages"`
	Themes        []string       `json:"themes"`
	Threshold     int            `json:"threshold" doc:"The smallest count of people that is shown"`
	Rounding      int            `json:"rounding" doc:"The step to which larger ones are rounded"`
	Step          int            `json:"step" doc:"The fewest ballots between two releases"`
	Illustrative  bool           `json:"illustrative" doc:"A demonstration"`
	Rules         int            `json:"rules" doc:"The version of the rules in force"`
	Policy        map[string]int `json:"policy" doc:"Working days by step"`
	Origin        string         `json:"origin" doc:"The log's name in its checkpoints"`
	Organisations []Organisation `json:"organisations"`
}

// Organisation is one that takes part in the programme.
type Organisation struct {
	ID        string `json:"id"`
	Names     Names  `json:"names"`
	Type      string `json:"type"`
	Authority bool   `json:"authority" doc:"A public authority: it answers views and moderates none"`
	Parent    string `json:"parent,omitempty"`
	Place     string `json:"place,omitempty"`
}

type (
	nothing      struct{}
	programmeOut struct{ Body Programme }
	dialoguesOut struct{ Body []Dialogue }
	dialogueOut  struct{ Body Dialogue }
	threadOut    struct{ Body Thread }
	dialogueIn   struct{ SlugPath }
	SlugPath     struct {
		Slug string `path:"slug" doc:"The dialogue's name in addresses" maxLength:"64"`
	}
	statementsOut struct{ Body Statements }
)

// Statements is one page of views.
type Statements struct {
	Statements []Statement `json:"statements"`
	Next       string      `json:"next,omitempty" doc:"Give it as cursor for the next page. A page may hold fewer than asked for, or none, and still have a next one."`
}

func operation(id, method, path, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: Prefix + path, Summary: summary}
}

func (a *API) readRoutes() {
	huma.Register(a.huma, operation("get-programme", http.MethodGet, "/programme", "The programme and its settings"), a.programme)
	huma.Register(a.huma, operation("list-dialogues", http.MethodGet, "/dialogues", "The dialogues"), a.dialogues)
	huma.Register(a.huma, operation("get-dialogue", http.MethodGet, "/dialogues/{slug}", "One dialogue"), a.dialogue)
	huma.Register(a.huma, operation("list-statements", http.MethodGet, "/dialogues/{slug}/statements", "The views put forward in a dialogue, oldest first"), a.statements)
	huma.Register(a.huma, operation("get-statement", http.MethodGet, "/statements/{code}", "One view and every step of its way"), a.statement)
	huma.Register(a.huma, operation("get-map", http.MethodGet, "/dialogues/{slug}/map", "The opinion map of a dialogue as published last"), a.lastMap)
	huma.Register(a.huma, operation("get-tallies", http.MethodGet, "/dialogues/{slug}/tallies", "The figures of a dialogue as last released"), a.lastTallies)
	huma.Register(a.huma, operation("get-votes", http.MethodGet, "/dialogues/{slug}/votes.csv", "Who voted what, where the dialogue's source had published that"), a.votes)
	huma.Register(a.huma, operation("get-balance", http.MethodGet, "/balance", "The balance: what became of every view registered"), a.balance)
}

func (a *API) programme(context.Context, *nothing) (*programmeOut, error) {
	out := &programmeOut{}
	var declared bool
	a.reader.View(func(s *civic.State) {
		p := s.Programme()
		if declared = p != nil; !declared {
			return
		}
		out.Body = Programme{
			ID: p.ID.String(), Names: namesOf(s.Names(p.ID)), Prefix: p.Prefix, TimeZone: p.TimeZone,
			Languages: p.Languages, Themes: p.Themes, Threshold: p.Threshold, Rounding: p.Rounding, Step: p.Step,
			Illustrative: p.Illustrative, Rules: s.Rules(), Policy: map[string]int{}, Organisations: []Organisation{},
		}
		for step, days := range s.Policy() {
			out.Body.Policy[string(step)] = days
		}
		for _, o := range s.Organisations() {
			out.Body.Organisations = append(out.Body.Organisations, organisationOf(s, o))
		}
	})
	if !declared {
		return nil, problem.New(problem.NotFound, civic.RefusedNoProgramme)
	}
	out.Body.Origin = a.reader.Origin()
	return out, nil
}

func (a *API) dialogues(context.Context, *nothing) (*dialoguesOut, error) {
	out := &dialoguesOut{Body: []Dialogue{}}
	a.reader.View(func(s *civic.State) {
		for _, d := range s.Dialogues() {
			out.Body = append(out.Body, dialogueOf(s, d, a.now()))
		}
	})
	return out, nil
}

// inDialogue calls fn with a dialogue and the state, or says that there is no
// such dialogue.
func (a *API) inDialogue(slug string, fn func(*civic.State, *civic.Dialogue)) error {
	found := false
	a.reader.View(func(s *civic.State) {
		if d := s.DialogueBySlug(slug); d != nil {
			found = true
			fn(s, d)
		}
	})
	if !found {
		return problem.New(problem.NotFound, "problem.dialogue_unknown")
	}
	return nil
}

func (a *API) dialogue(_ context.Context, in *dialogueIn) (*dialogueOut, error) {
	out := &dialogueOut{}
	err := a.inDialogue(in.Slug, func(s *civic.State, d *civic.Dialogue) { out.Body = dialogueOf(s, d, a.now()) })
	return out, err
}

type statementsIn struct {
	SlugPath
	Cursor      int    `query:"cursor" doc:"What the page before gave as next" minimum:"0"`
	Limit       int    `query:"limit" default:"50" minimum:"1" maximum:"200" doc:"The most views of a page"`
	Theme       string `query:"theme" maxLength:"64" doc:"Views with this theme"`
	Place       string `query:"place" maxLength:"64" doc:"Views about this place or one within it"`
	Disposition string `query:"disposition" maxLength:"64" doc:"Views that count in this part of the balance"`
	Query       string `query:"q" maxLength:"200" doc:"Views whose public words hold all of these, however they are spelled"`
}

// mostLooked is how many views one request looks through. A rare word in a
// large dialogue takes several pages, some of them empty.
const mostLooked = 5000

// statements lists views. The state is held only to copy a stretch of it; words
// are read after that.
func (a *API) statements(ctx context.Context, in *statementsIn) (*statementsOut, error) {
	if in.Disposition != "" && !slices.Contains(civic.Dispositions, civic.Disposition(in.Disposition)) {
		return nil, problem.New(problem.Invalid, "problem.choice_unknown").In("disposition")
	}
	words := strings.Fields(locale.Fold(in.Query))
	out := &statementsOut{Body: Statements{Statements: []Statement{}}}
	cursor, looked := in.Cursor, 0
	for more := true; more && len(out.Body.Statements) < in.Limit && looked < mostLooked; {
		var stretch []Statement
		err := a.inDialogue(in.Slug, func(s *civic.State, d *civic.Dialogue) {
			all := d.Statements()
			for more = cursor < len(all); more && len(stretch)+len(out.Body.Statements) < in.Limit && looked < mostLooked; looked++ {
				v := all[cursor]
				cursor++
				if picks(s, d, v, in, a.now()) {
					stretch = append(stretch, statementOf(s, v, a.now()))
				}
				more = cursor < len(all)
			}
		})
		if err != nil {
			return nil, err
		}
		for i := range stretch {
			if len(words) > 0 && stretch[i].words.IsZero() {
				continue
			}
			if err := a.fill(ctx, civic.Actor{}, &stretch[i]); err != nil {
				return nil, err
			}
			if holds(&stretch[i], words) {
				out.Body.Statements = append(out.Body.Statements, stretch[i])
			}
		}
		if more {
			out.Body.Next = strconv.Itoa(cursor)
		} else {
			out.Body.Next = ""
		}
	}
	return out, nil
}

func picks(s *civic.State, d *civic.Dialogue, v *civic.Statement, in *statementsIn, now time.Time) bool {
	place := v.Place
	if place == "" {
		place = d.Place
	}
	return (in.Theme == "" || slices.Contains(v.Themes, in.Theme)) &&
		(in.Place == "" || place != "" && s.Within(place, in.Place)) &&
		(in.Disposition == "" || v.Disposition(now) == civic.Disposition(in.Disposition))
}

// holds reports whether the view's public words hold all the folded ones.
func holds(shown *Statement, words []string) bool {
	if len(words) == 0 {
		return true
	}
	var text strings.Builder
	if shown.Text != nil {
		text.WriteString(*shown.Text)
	}
	for _, part := range shown.Parts {
		text.WriteString(part.Text)
		text.WriteByte('\n')
	}
	folded := locale.Fold(text.String())
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(folded, word) })
}

type statementIn struct {
	Code string `path:"code" maxLength:"64" doc:"The receipt's code, or the view's id"`
}

// find gives the view that a code or an id names. A mistyped code is told apart
// from one that is nobody's before anything is looked up.
func (a *API) find(code string) (id act.ID, err error) {
	if id, err = act.ParseID(code); err == nil {
		found := false
		a.reader.View(func(s *civic.State) { found = s.Statement(id) != nil })
		if !found {
			return id, problem.New(problem.NotFound, "problem.statement_unknown")
		}
		return id, nil
	}
	var key act.CodeKey
	a.reader.View(func(s *civic.State) {
		prefix := ""
		if p := s.Programme(); p != nil {
			prefix = p.Prefix
		}
		if key, err = act.ParseCode(prefix, code); err != nil {
			return
		}
		v := s.StatementByCode(key)
		if v == nil {
			err = problem.New(problem.NotFound, "problem.receipt_unknown").In("code")
			return
		}
		id = v.ID
	})
	return id, err
}

func (a *API) statement(ctx context.Context, in *statementIn) (*threadOut, error) {
	id, err := a.find(in.Code)
	if err != nil {
		return nil, err
	}
	return a.thread(ctx, civic.Actor{}, id)
}

// thread gives a view as who may see it.
func (a *API) thread(ctx context.Context, who civic.Actor, id act.ID) (*threadOut, error) {
	out := &threadOut{}
	var dialogue act.ID
	a.reader.View(func(s *civic.State) {
		v := s.Statement(id)
		dialogue = v.Dialogue
		out.Body = threadOf(s, v, a.now())
	})
	if err := a.complete(ctx, who, id, dialogue, &out.Body); err != nil {
		return nil, err
	}
	return out, a.fillChain(ctx, out.Body.Cases, out.Body.Answers, out.Body.Commitments, nil)
}
