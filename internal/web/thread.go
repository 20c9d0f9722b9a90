package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// threadView is one view's way: the words as they were said, then every step.
type threadView struct {
	viewLine
	Slug         string
	Filed        act.Names // the organisation that put it forward in its own name
	Channel      string
	Visibility   string
	Written      string
	Spoken       string
	ReadBack     string
	Assisted     bool
	Detail       string
	Translations []translation
	Events       []event
	Now          []running
	Decider      act.Names
	Same         *viewLine // the view that this one is the same as
	Others       []viewLine
	Released     releaseLine
	// Groups is how each group of opinion reacted, where there are several.
	Groups     []groupShare
	Mapped     mapLine
	AsAt       time.Time
	Position   int64
	Appealable bool
	// What became of it: the needs it is in, the answers it got, what was
	// promised.
	Needs   []needLine
	Cases   []caseLine
	Answers []answerLine
	Plans   []commitmentLine
}

type translation struct {
	Means string
	Words words
	id    act.ID
}

// event is one act in the life of a view.
type event struct {
	Kind     act.Kind
	Sign     string
	At       time.Time
	By       doer
	Position int64
	// Late counts the working days after the step's last day; Timed says that
	// the step had one.
	Timed, Late bool
	LateDays    int
	Reason      string
	Explanation string
	Outcome     string
	Language    string
	Gaps        int
	// Office is who got it: a case that was referred, handed on, passed up.
	Office []act.Names
	// Decision is an answer's; On and In where and when it was considered.
	Decision string
	On       time.Time
	In       string
	What     string // what was asked for
	From     string
	Days     int
	Deals    string // what its holder says of an answer
	Clear    string

	id act.ID
}

// doer is the office that did something: never a person.
type doer struct {
	Office act.Names
	Role   act.Role
	As     string // "participant", "system", "organisation", "staff"
}

func doerOf(state *civic.State, by act.By) doer {
	switch by.As {
	case act.ByParticipant:
		return doer{As: "participant"}
	case act.BySystem:
		return doer{As: "system"}
	case act.ByOrganisation:
		return doer{As: "organisation", Office: state.Names(by.Organisation)}
	default:
		return doer{As: "staff", Office: state.Names(by.Organisation), Role: by.Role}
	}
}

// running is a clock that runs: the step that somebody has to take now.
type running struct {
	Step  act.Step
	Clock deadline
	Owner act.Names
	Since time.Time
	// Other says that the owner is any organisation but the named one.
	Other bool
	// From is who has to supply what is missing.
	From string
}

// canonical sends a code that is written in another way (lower case, without
// hyphens) to the address that all share.
func (s *Server) canonical(next handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		_, code, err := s.find(r.PathValue("code"))
		if err != nil {
			return err
		}
		if string(code) != r.PathValue("code") {
			http.Redirect(w, r, (&url.URL{Path: "/v/" + string(code), RawQuery: r.URL.RawQuery}).String(), http.StatusMovedPermanently)
			return nil
		}
		return next(w, r)
	}
}

// find looks a view up by its code. The check character is looked at first: a
// code that was written down wrong is told apart from one that is nobody's.
func (s *Server) find(text string) (id act.ID, code act.Code, err error) {
	var prefix string
	s.read.View(func(state *civic.State) {
		if programme := state.Programme(); programme != nil {
			prefix = programme.Prefix
		}
	})
	key, err := act.ParseCode(prefix, text)
	if err != nil {
		return id, code, problem.Wrap(err, problem.NotFound, "problem.code").In("code")
	}
	s.read.View(func(state *civic.State) {
		if view := state.StatementByCode(key); view != nil {
			id, code = view.ID, state.Code(view.ID)
		}
	})
	if id.IsZero() {
		return id, code, problem.New(problem.NotFound, "problem.no_such_code").In("code")
	}
	return id, code, nil
}

func (s *Server) thread(v *visit) (page, error) {
	id, code, err := s.find(v.r.PathValue("code"))
	if err != nil {
		return page{}, err
	}
	data, err := s.threadOf(v, id)
	if err != nil {
		return page{}, err
	}
	return page{Name: "thread", Title: v.T("web.thread.title", "code", code), Nav: "dialogues", Data: data}, nil
}

// threadOf gathers what the public may see of a view's way.
func (s *Server) threadOf(v *visit, id act.ID) (*threadView, error) {
	data := &threadView{AsAt: v.now}
	var dialogue act.ID
	var detail bool
	s.read.View(func(state *civic.State) {
		view := state.Statement(id)
		dialogue = view.Dialogue
		data.fill(state, view, v.now)
		detail = view.Shown() && state.MayRead(civic.Actor{}, civic.SectionRef{Act: id, Name: "detail"})
	})
	tallies, released, err := s.release(v, dialogue)
	if err != nil {
		return nil, err
	}
	data.Tally, data.Released = tallies[id], released
	opinions, err := s.opinionMap(v, dialogue)
	if err != nil {
		return nil, err
	}
	if len(opinions.Groups) > 1 {
		data.Mapped = opinions.line
		for g, counts := range opinions.rows[id].Groups {
			data.Groups = append(data.Groups, groupShare{g + 1, agreeing(counts)})
		}
	}
	lines := []viewLine{data.viewLine}
	if err := s.readWords(v, lines); err != nil {
		return nil, err
	}
	data.viewLine = lines[0]
	if err := errors.Join(s.readWords(v, data.Others), s.readAnswers(v, data.Answers), s.readPlans(v, data.Plans)); err != nil {
		return nil, err
	}
	if data.Same != nil {
		same := []viewLine{*data.Same}
		if err := s.readWords(v, same); err != nil {
			return nil, err
		}
		*data.Same = same[0]
	}
	if detail {
		if data.Detail, err = absent(s.read.Text(v.r.Context(), civic.Actor{}, id, "detail")); err != nil {
			return nil, err
		}
	}
	return data, s.complete(v, data)
}

// absent takes words that are not to be had for none.
func absent(text string, err error) (string, error) {
	if errors.Is(err, register.ErrNotFound) || errors.Is(err, register.ErrErased) {
		return "", nil
	}
	return text, err
}

// othersMost bounds the list of views that say the same.
const othersMost = 20

// fill copies what the state knows.
func (t *threadView) fill(state *civic.State, view *civic.Statement, now time.Time) {
	t.viewLine = lineOf(state, view, now)
	t.Position = state.Position()
	t.Channel, t.Visibility, t.Written, t.Spoken, t.ReadBack = view.Channel, view.Visibility, view.Written, view.Spoken, view.ReadBack
	t.Assisted = view.StatementRegistered.Assisted()
	t.Appealable = view.Moderation == civic.Withheld && view.Appeal == nil
	if org, named := view.Filed(); named {
		t.Filed = state.Names(org)
	}
	if !view.Decider.IsZero() {
		t.Decider = state.Names(view.Decider)
	}
	d := state.Dialogue(view.Dialogue)
	t.Slug = d.Slug
	for _, e := range view.Events {
		t.Events = append(t.Events, eventOf(state, e, now))
	}
	t.chain(state, view, now)
	t.clocks(state, view, d, now)
	if view.Shown() {
		for language, id := range view.Translations {
			t.Translations = append(t.Translations, translation{Words: words{Language: language}, Means: meansOf(view, id), id: id})
		}
	}
	if same := state.Statement(view.Same); same != nil && view.Moderation == civic.Matched {
		line := lineOf(state, same, now)
		t.Same = &line
	}
	same := view.Matched()
	for _, other := range same[:min(len(same), othersMost)] {
		t.Others = append(t.Others, lineOf(state, other, now))
	}
}

// clocks lists the steps that somebody has to take now.
func (t *threadView) clocks(state *civic.State, view *civic.Statement, d *civic.Dialogue, now time.Time) {
	add := func(clock civic.Clock, owner act.ID, other bool) {
		if clock.Running() {
			t.Now = append(t.Now, running{Step: clock.Step, Clock: deadlineOf(state, clock, now), Owner: state.Names(owner),
				Since: clock.Start.In(now.Location()), Other: other})
		}
	}
	add(view.Clock, d.Host, false)
	for _, r := range view.Referrals() {
		_, clock := r.Standing(now)
		switch {
		case r.Review != nil && r.Review.Outcome == "":
			add(clock, r.Review.Against, true)
		case clock.Step == act.StepInform:
			add(clock, act.ID{}, false)
			if n := len(t.Now); n > 0 {
				t.Now[n-1].From = r.Info.From
			}
		default:
			add(clock, r.Authority, false)
		}
	}
	add(view.CorrectionClock, d.Host, false)
	if view.Appeal != nil {
		add(view.Appeal.Clock, view.Appeal.Against, true)
	}
}

func meansOf(view *civic.Statement, id act.ID) string {
	for _, e := range view.Events {
		if facts, is := e.Facts.(*act.StatementTranslated); is && e.Act == id {
			return facts.Means
		}
	}
	return ""
}

func eventOf(state *civic.State, e civic.Event, now time.Time) event {
	shown := event{Kind: e.Kind, Sign: "done", At: e.At.In(now.Location()), By: doerOf(state, e.By), id: e.Act}
	if !e.Due.IsZero() {
		shown.Timed, shown.Late = true, !e.At.Before(e.Due)
		if shown.Late {
			shown.LateDays = state.WorkingDays(e.Due.AddDate(0, 0, -1), e.At)
		}
	}
	shown.chain(state, e.Facts, now)
	switch facts := e.Facts.(type) {
	case *act.StatementWithheld:
		shown.Sign, shown.Reason = "withheld", facts.Reason
	case *act.StatementRedacted:
		shown.Gaps = len(facts.Gaps)
	case *act.StatementTranslated:
		shown.Language = facts.Language
	case *act.AppealDecided:
		shown.Outcome = facts.Outcome
	case *act.SectionErased:
		shown.Sign, shown.Reason = "erased", "erased_"+facts.Reason
	}
	return shown
}

// saysWhy are the open sections that say why something was done.
var saysWhy = map[act.Kind]string{
	act.KindStatementWithheld: "explanation", act.KindAppealDecided: "explanation", act.KindReferralTransferred: "reasons",
	act.KindReferralConsidered: "minutes", act.KindAnswerExtended: "reasons", act.KindReviewDecided: "reasons",
}

// complete reads what stands in sections and in the log: explanations,
// translations, places.
func (s *Server) complete(v *visit, t *threadView) error {
	ctx := v.r.Context()
	for i := range t.Events {
		e := &t.Events[i]
		var err error
		if e.Position, err = s.read.Locate(ctx, e.id); err != nil {
			return fmt.Errorf("find an act's place: %w", err)
		}
		if section := saysWhy[e.Kind]; section != "" {
			if e.Explanation, err = s.explanation(v, e.id, section); err != nil {
				return fmt.Errorf("read an explanation: %w", err)
			}
		}
	}
	slices.SortStableFunc(t.Events, func(a, b event) int { return cmp.Compare(a.Position, b.Position) })
	for i := range t.Translations {
		text, err := absent(s.read.Text(ctx, civic.Actor{}, t.Translations[i].id, "text"))
		if err != nil {
			return fmt.Errorf("read a translation: %w", err)
		}
		t.Translations[i].Words.Parts = []act.RedactionPart{{Text: text}}
	}
	return nil
}
