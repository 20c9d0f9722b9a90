package api

import (
	"context"
	"errors"
	"time"

	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

type balanceIn struct {
	Dialogue  string `query:"dialogue" maxLength:"64" doc:"The slug of a dialogue"`
	Place     string `query:"place" maxLength:"64" doc:"The code of a place; views of places within count too"`
	Authority string `query:"authority" maxLength:"64" doc:"The id of a public authority: the views of which it has, or had, a case"`
	From      string `query:"from" doc:"The first day of registration, as 2026-11-24, in the programme's time zone" maxLength:"10"`
	Until     string `query:"until" doc:"The last day of registration" maxLength:"10"`
	At        string `query:"at" doc:"A day that has passed: the balance as it stood at its end" maxLength:"10"`
}

type balanceOut struct {
	AsAt     time.Time `header:"Samleng-As-At" timeFormat:"2006-01-02T15:04:05Z07:00" doc:"The moment that decides what is overdue"`
	Position int64     `header:"Samleng-Position" doc:"How many acts of the log it takes in"`
	Body     civic.Balance
}

// balance answers with the balance alone; as at when stands in the headers.
func (a *API) balance(ctx context.Context, in *balanceIn) (*balanceOut, error) {
	for _, day := range [][2]string{{"from", in.From}, {"until", in.Until}, {"at", in.At}} {
		if _, err := time.Parse(time.DateOnly, day[1]); day[1] != "" && err != nil {
			return nil, problem.Wrap(err, problem.Invalid, "problem.date").In(day[0])
		}
	}
	if in.From != "" && in.Until != "" && in.Until < in.From {
		return nil, problem.New(problem.Invalid, "problem.date_order").In("until")
	}
	out := &balanceOut{AsAt: a.now().UTC()}
	filter, err := a.filter(in)
	if err != nil {
		return nil, err
	}
	count := func(s *civic.State) { out.Position, out.Body = s.Position(), s.Balance(filter, out.AsAt) }
	if in.At == "" {
		a.reader.View(count)
	} else if err := a.past(ctx, in.At, &out.AsAt, count); err != nil {
		return nil, err
	}
	return out, nil
}

// filter says what is asked for. What is named is looked up in today's state: on
// a day before it was there, nothing counts.
func (a *API) filter(in *balanceIn) (filter civic.Filter, err error) {
	filter = civic.Filter{Place: in.Place, From: in.From, Until: in.Until}
	a.reader.View(func(s *civic.State) {
		if filter.Dialogue, err = dialogueNamed(s, in.Dialogue); err != nil {
			return
		}
		if filter.Authority, err = authorityNamed(s, in.Authority); err != nil {
			return
		}
		err = placeNamed(s, in.Place)
	})
	return filter, err
}

// past calls fn with the state as it stood at the end of a day, and gives the
// moment of that. The error says what is wrong with the parameter "at".
func (a *API) past(ctx context.Context, day string, at *time.Time, fn func(*civic.State)) error {
	end, err := a.reader.PastDay(day)
	if errors.Is(err, register.ErrNotFound) {
		return problem.Wrap(err, problem.Invalid, "problem.past_day").In("at")
	}
	if err != nil {
		return err
	}
	*at = end.UTC()
	if err = a.reader.PastView(ctx, day, fn); errors.Is(err, register.ErrBusy) {
		return problem.Wrap(err, problem.Unavailable, "problem.past_busy").In("at")
	}
	return err
}
