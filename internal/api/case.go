package api

import (
	"context"
	"time"

	"samleng/act"
	"samleng/civic"
)

// Case is a view or a need in the hands of the authority that is to answer it.
type Case struct {
	ID             string       `json:"id"`
	Need           string       `json:"need,omitempty" doc:"The need that it is about"`
	Statement      string       `json:"statement,omitempty" doc:"The code of the view that it is about"`
	Dialogue       string       `json:"dialogue"`
	Views          int          `json:"views" doc:"How many views it is about"`
	Authority      string       `json:"authority" doc:"Who holds it now"`
	Held           []string     `json:"held" doc:"All who ever did, in order"`
	Information    []string     `json:"information" doc:"Who was told of it"`
	At             time.Time    `json:"at" doc:"When it was referred"`
	Disposition    string       `json:"disposition"`
	Clock          *Clock       `json:"clock,omitempty" doc:"The step that somebody has to take now"`
	FirstDue       *time.Time   `json:"first_due,omitempty" doc:"When its answer was due at first"`
	AcknowledgedAt *time.Time   `json:"acknowledged_at,omitempty"`
	AnsweredAt     *time.Time   `json:"answered_at,omitempty"`
	InTime         *bool        `json:"in_time,omitempty" doc:"Whether the standing answer came by the day it was due"`
	Decision       string       `json:"decision,omitempty"`
	Extended       bool         `json:"extended"`
	Answers        []string     `json:"answers" doc:"Ids, oldest first; the last one counts"`
	Request        *Request     `json:"information_request,omitempty"`
	Escalations    []Escalation `json:"escalations"`
	Review         *Review      `json:"review,omitempty"`
	Events         []Event      `json:"events"`
}

// Request is what an authority asked for, once.
type Request struct {
	Act      string     `json:"act"`
	At       time.Time  `json:"at"`
	What     string     `json:"what"`
	From     string     `json:"from"`
	Clock    *Clock     `json:"clock,omitempty"`
	Supplied *time.Time `json:"supplied_at,omitempty"`
}

// Escalation is one step of a silent case up the ladder.
type Escalation struct {
	Act   string    `json:"act"`
	At    time.Time `json:"at"`
	Level int       `json:"level"`
	To    []string  `json:"to"`
}

// Review is a second look at an answer.
type Review struct {
	Act     string    `json:"act" doc:"The judgement that asked for it"`
	Answer  string    `json:"answer"`
	Against string    `json:"against" doc:"The authority whose answer it is"`
	At      time.Time `json:"at"`
	Clock   *Clock    `json:"clock,omitempty"`
	Outcome string    `json:"outcome,omitempty" doc:"Absent while nobody decided"`
}

type (
	caseIn  struct{ IDPath }
	caseOut struct{ Body Case }
)

// casesOf copies cases, and the answers that stand in them.
func casesOf(s *civic.State, referrals []*civic.Referral, now time.Time) (cases []Case, answers []Answer) {
	cases, answers = []Case{}, []Answer{}
	seen := map[act.ID]bool{}
	for _, r := range referrals {
		cases = append(cases, caseOf(s, r, now))
		if r.Answered.IsZero() || len(r.Answers) == 0 {
			continue
		}
		if last := s.Answer(r.Answers[len(r.Answers)-1]); last != nil && !seen[last.ID] {
			seen[last.ID] = true
			answers = append(answers, answerOf(s, last))
		}
	}
	return cases, answers
}

func caseOf(s *civic.State, r *civic.Referral, now time.Time) Case {
	standing, clock := r.Standing(now)
	shown := Case{ID: r.ID.String(), Dialogue: slugOf(s, r.Dialogue), Views: len(r.Views()), Authority: r.Authority.String(), Held: idsOf(r.Held),
		Information: idsOf(r.Information), At: r.At.UTC(), Disposition: string(standing), Clock: clockOf(clock, now), FirstDue: moment(r.FirstDue),
		AcknowledgedAt: moment(r.Acknowledged), AnsweredAt: moment(r.Answered), Decision: r.Decision, Extended: r.Extended, Answers: idsOf(r.Answers),
		Escalations: []Escalation{}, Events: eventsOf(r.Events)}
	if n := r.Need(); n != nil {
		shown.Need = n.ID.String()
	} else {
		shown.Statement = string(s.Code(r.Of))
	}
	if !r.Answered.IsZero() {
		shown.InTime = &[]bool{r.InTime}[0]
	}
	if info := r.Info; info != nil {
		shown.Request = &Request{info.Act.String(), info.At.UTC(), info.What, info.From, clockOf(info.Clock, now), moment(info.Supplied)}
	}
	for _, e := range r.Escalations {
		shown.Escalations = append(shown.Escalations, Escalation{e.Act.String(), e.At.UTC(), e.Level, idsOf(e.To)})
	}
	if look := r.Review; look != nil {
		shown.Review = &Review{look.Act.String(), look.Answer.String(), look.Against.String(), look.At.UTC(), clockOf(look.Clock, now), look.Outcome}
	}
	return shown
}

func (a *API) oneCase(ctx context.Context, in *caseIn) (*caseOut, error) {
	out := &caseOut{}
	err := a.named(in.ID, func(s *civic.State, id act.ID) bool {
		r := s.Referral(id)
		if r == nil {
			return false
		}
		out.Body = caseOf(s, r, a.now())
		return true
	})
	if err != nil {
		return nil, err
	}
	return out, a.explain(ctx, out.Body.Events)
}
