package api

import (
	"context"
	"time"

	"samleng/act"
	"samleng/civic"
)

// Answer is an authority's answer to one case or to many.
type Answer struct {
	ID           string    `json:"id"`
	Authority    string    `json:"authority"`
	Position     string    `json:"position" doc:"The code of the position that answers: never a person alone"`
	At           time.Time `json:"at"`
	ConsideredOn string    `json:"considered_on"`
	ConsideredIn string    `json:"considered_in"`
	Letter       string    `json:"letter,omitempty" doc:"The number of the letter"`
	Review       string    `json:"review,omitempty" doc:"How and where to contest it"`
	Corrects     string    `json:"corrects,omitempty"`
	Superseded   string    `json:"superseded_by,omitempty" doc:"The answer that corrects this one"`
	Covers       []Covered `json:"covers"`
}

// Covered is what an answer says of one case.
type Covered struct {
	Case     string `json:"case"`
	Views    int    `json:"views"`
	Decision string `json:"decision"`
	Reasons  string `json:"reasons,omitempty" doc:"Absent where they may not be read any more"`
	Basis    string `json:"basis,omitempty"`
	Same     int    `json:"same_reasons" doc:"How many views got the identical reasons"`
}

type (
	answerIn  struct{ IDPath }
	answerOut struct{ Body Answer }
)

func answerOf(s *civic.State, given *civic.Answer) Answer {
	shown := Answer{ID: given.ID.String(), Authority: given.Authority.String(), Position: given.Position, At: given.At.UTC(), ConsideredOn: given.ConsideredOn,
		ConsideredIn: given.ConsideredIn, Superseded: idOf(given.Superseded), Covers: []Covered{}}
	if given.Corrects != nil {
		shown.Corrects = given.Corrects.String()
	}
	for _, covered := range given.Covers {
		one := Covered{Case: covered.Case.String(), Decision: covered.Decision}
		if r := s.Referral(covered.Case); r != nil {
			one.Views = len(r.Views())
		}
		shown.Covers = append(shown.Covers, one)
	}
	return shown
}

// fillAnswer adds the reasons.
func (a *API) fillAnswer(ctx context.Context, shown *Answer) error {
	id, err := act.ParseID(shown.ID)
	if err != nil {
		return err
	}
	var reasons act.Reasons
	if _, err := a.open(ctx, id, "reasons", &reasons); err != nil {
		return err
	}
	shown.Letter, shown.Review = reasons.Letter, reasons.Review
	given := map[string]act.CaseReasons{}
	for _, r := range reasons.Cases {
		given[r.Case.String()] = r
	}
	a.reader.View(func(s *civic.State) {
		for i := range shown.Covers {
			one := &shown.Covers[i]
			one.Reasons, one.Basis = given[one.Case].Text, given[one.Case].Basis
			if one.Reasons != "" {
				one.Same = s.SameReasons(one.Reasons)
			}
		}
	})
	return nil
}

func (a *API) answer(ctx context.Context, in *answerIn) (*answerOut, error) {
	out := &answerOut{}
	err := a.named(in.ID, func(s *civic.State, id act.ID) bool {
		given := s.Answer(id)
		if given == nil {
			return false
		}
		out.Body = answerOf(s, given)
		return true
	})
	if err != nil {
		return nil, err
	}
	return out, a.fillAnswer(ctx, &out.Body)
}
