package api

import (
	"context"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
)

// Need is what several views of a dialogue ask for.
type Need struct {
	ID          string    `json:"id"`
	Dialogue    string    `json:"dialogue" doc:"The dialogue's slug"`
	Names       Names     `json:"names"`
	Theme       string    `json:"theme"`
	Place       string    `json:"place,omitempty"`
	At          time.Time `json:"at"`
	By          By        `json:"by"`
	Views       int       `json:"views"`
	Open        bool      `json:"open" doc:"It has neither a commitment nor a reasoned refusal: its dialogue cannot close"`
	Cases       []string  `json:"cases" doc:"Ids, as they were referred"`
	Commitments []string  `json:"commitments" doc:"Ids, as they were made"`
}

// Summary is the newest summary of a need.
type Summary struct {
	Act     string    `json:"act"`
	Names   Names     `json:"names"`
	Means   string    `json:"means" doc:"Who or what wrote it"`
	At      time.Time `json:"at"`
	Covers  int       `json:"covers"`
	LeftOut int       `json:"left_out"`
}

// Gathered is a view in a need.
type Gathered struct {
	Code        string `json:"code"`
	ID          string `json:"id"`
	Disposition string `json:"disposition"`
	LeftOut     bool   `json:"left_out" doc:"The summary does not cover it"`
}

// Raised is who raised a need, as far as counts may be shown.
type Raised struct {
	Views  int           `json:"views"`
	People *int          `json:"people" doc:"Null where there are too few to show"`
	Groups []RaisedGroup `json:"groups"`
}

// RaisedGroup counts those who said one thing of themselves.
type RaisedGroup struct {
	Of    string `json:"of"`
	Code  string `json:"code"`
	Count *int   `json:"count" doc:"Null where there are too few to show"`
}

// WholeNeed is a need with what became of it.
type WholeNeed struct {
	Need
	Raised     *Raised      `json:"raised,omitempty"`
	Summary    *Summary     `json:"summary,omitempty"`
	Statements []Gathered   `json:"statements"`
	InHands    []Case       `json:"in_hands" doc:"Its cases"`
	Answers    []Answer     `json:"answers" doc:"Those that stand"`
	Plans      []Commitment `json:"plans" doc:"Its commitments"`
	Events     []Event      `json:"events"`
}

// Needs is one page of needs.
type Needs struct {
	Needs []Need `json:"needs"`
	Next  string `json:"next,omitempty" doc:"Give it as cursor for the next page"`
}

type (
	needsIn struct {
		Stretch
		Dialogue string `query:"dialogue" maxLength:"64" doc:"The slug of a dialogue"`
		Theme    string `query:"theme" maxLength:"64"`
		Place    string `query:"place" maxLength:"64" doc:"Needs of this place or one within it"`
		Open     bool   `query:"open" doc:"Only those that have neither a commitment nor a reasoned refusal"`
	}
	needsOut struct{ Body Needs }
	needIn   struct{ IDPath }
	needOut  struct{ Body WholeNeed }
)

func needOf(s *civic.State, n *civic.Need) Need {
	shown := Need{ID: n.ID.String(), Dialogue: slugOf(s, n.Dialogue), Names: namesOf(s.Names(n.ID)), Theme: n.Theme, Place: n.Place, At: n.At.UTC(),
		By: byOf(n.By), Views: len(n.Statements()), Open: s.IsOpen(n), Cases: []string{}, Commitments: []string{}}
	for _, r := range n.Referrals() {
		shown.Cases = append(shown.Cases, r.ID.String())
	}
	for _, c := range n.Commitments() {
		shown.Commitments = append(shown.Commitments, c.ID.String())
	}
	return shown
}

func (a *API) needs(_ context.Context, in *needsIn) (*needsOut, error) {
	out := &needsOut{Body: Needs{Needs: []Need{}}}
	var err error
	a.reader.View(func(s *civic.State) {
		var dialogue act.ID
		if dialogue, err = dialogueNamed(s, in.Dialogue); err != nil {
			return
		}
		if err = placeNamed(s, in.Place); err != nil {
			return
		}
		found := slices.DeleteFunc(slices.Clone(s.Needs()), func(n *civic.Need) bool {
			place := n.Place
			if d := s.Dialogue(n.Dialogue); place == "" && d != nil {
				place = d.Place
			}
			return !dialogue.IsZero() && n.Dialogue != dialogue || in.Theme != "" && n.Theme != in.Theme ||
				in.Place != "" && (place == "" || !s.Within(place, in.Place)) || in.Open && !s.IsOpen(n)
		})
		found, out.Body.Next = stretch(found, in.Stretch)
		for _, n := range found {
			out.Body.Needs = append(out.Body.Needs, needOf(s, n))
		}
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *API) need(ctx context.Context, in *needIn) (*needOut, error) {
	out := &needOut{}
	err := a.named(in.ID, func(s *civic.State, id act.ID) bool {
		n := s.Need(id)
		if n == nil {
			return false
		}
		out.Body = wholeNeedOf(s, n, a.now())
		return true
	})
	if err != nil {
		return nil, err
	}
	whole := &out.Body
	id, err := act.ParseID(whole.ID)
	if err != nil {
		return nil, err
	}
	var raised act.Raised
	if has, err := a.open(ctx, id, "raised", &raised); err != nil {
		return nil, err
	} else if has {
		whole.Raised = &Raised{Views: raised.Views, People: raised.People, Groups: []RaisedGroup{}}
		for _, g := range raised.Groups {
			whole.Raised.Groups = append(whole.Raised.Groups, RaisedGroup{g.Of, g.Code, g.Count})
		}
	}
	return out, a.fillChain(ctx, whole.InHands, whole.Answers, whole.Plans, whole.Events)
}

// fillChain adds the words of cases, answers, commitments and acts.
func (a *API) fillChain(ctx context.Context, cases []Case, answers []Answer, plans []Commitment, events []Event) error {
	for i := range cases {
		if err := a.explain(ctx, cases[i].Events); err != nil {
			return err
		}
	}
	for i := range answers {
		if err := a.fillAnswer(ctx, &answers[i]); err != nil {
			return err
		}
	}
	for i := range plans {
		if _, err := a.fillPlan(ctx, &plans[i]); err != nil {
			return err
		}
	}
	return a.explain(ctx, events)
}

func wholeNeedOf(s *civic.State, n *civic.Need, now time.Time) WholeNeed {
	whole := WholeNeed{Need: needOf(s, n), Statements: []Gathered{}, Plans: []Commitment{}, Events: eventsOf(n.Events)}
	left := n.LeftOut()
	if len(n.Summaries) > 0 {
		last := n.Summaries[len(n.Summaries)-1]
		whole.Summary = &Summary{last.Act.String(), namesOf(s.Names(last.Act)), last.Means, last.At.UTC(), len(last.Covers), len(left)}
	}
	for _, v := range n.Statements() {
		whole.Statements = append(whole.Statements, Gathered{string(s.Code(v.ID)), v.ID.String(), string(v.Disposition(now)),
			whole.Summary != nil && slices.Contains(left, v)})
	}
	whole.InHands, whole.Answers = casesOf(s, n.Referrals(), now)
	for _, c := range n.Commitments() {
		whole.Plans = append(whole.Plans, commitmentOf(s, c, now))
	}
	return whole
}
