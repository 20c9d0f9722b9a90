package web

import (
	"errors"
	"net/url"
	"slices"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// askedLine is what an office needs to know before it can answer.
type askedLine struct {
	Case     act.ID
	Office   act.Names
	What     string
	Question string
	Clock    deadline
	act      act.ID
}

// judgedLine is an answer that the holder may judge, or has.
type judgedLine struct {
	answerLine
	Deals, Clear string // what they said; empty while they have not
}

// holderChain adds what an office asks of the holder and the answers that they
// may judge.
func (s *Server) holderChain(v *visit, h held, data *holderView) error {
	s.read.View(func(state *civic.State) {
		view := state.Statement(h.who.Holds)
		for _, r := range view.Referrals() {
			if d, clock := r.Standing(v.now); d == civic.DispNeedsInformation && r.Info.From == "holder" {
				data.Asked = append(data.Asked, askedLine{Case: r.ID, Office: state.Names(r.Authority), What: r.Info.What,
					Clock: deadlineOf(state, clock, v.now), act: r.Info.Act})
			}
			if r.Answered.IsZero() || len(r.Answers) == 0 || view.Erased {
				continue
			}
			line := judgedLine{answerLine: answerLineOf(state, state.Answer(r.Answers[len(r.Answers)-1]), r, v.now)}
			if i := slices.IndexFunc(view.Judged, func(j civic.Judgement) bool { return j.Answer == line.ID }); i >= 0 {
				line.Deals, line.Clear = view.Judged[i].Deals, view.Judged[i].Understandable
			}
			data.Judge = append(data.Judge, line)
		}
	})
	for i := range data.Asked {
		var question act.Explanation
		err := s.read.Content(v.r.Context(), h.who, civic.SectionRef{Act: data.Asked[i].act, Name: "question"}, &question)
		if err != nil && !errors.Is(err, register.ErrNotFound) && !errors.Is(err, register.ErrErased) {
			return err
		}
		data.Asked[i].Question = question.Text
	}
	for i := range data.Judge {
		one := []answerLine{data.Judge[i].answerLine}
		if err := s.readAnswers(v, one); err != nil {
			return err
		}
		data.Judge[i].answerLine = one[0]
	}
	return nil
}

// holderSupply gives what an office asked for.
func (s *Server) holderSupply(v *visit, h held, form url.Values) error {
	id, err := act.ParseID(form.Get("case"))
	if err != nil {
		return problem.Wrap(err, problem.Invalid, "problem.content")
	}
	text, trouble := explanationOf(form, "missing")
	if trouble != nil {
		return trouble
	}
	return s.holderSubmit(v, h, form, &act.InformationSupplied{Case: id}, map[string]any{"text": text})
}

// holderJudge says what the holder thinks of an answer. A "no" with a reason asks
// another office for a second look.
func (s *Server) holderJudge(v *visit, h held, form url.Values) error {
	answer, err := act.ParseID(form.Get("answer"))
	if err != nil {
		return problem.Wrap(err, problem.Invalid, "problem.content")
	}
	facts := &act.AnswerJudged{Answer: answer}
	var wrong [3]*problem.Error
	facts.Deals, wrong[0] = chosen(form, "deals", act.Judgements)
	facts.Understandable, wrong[1] = chosen(form, "understandable", act.Judgements)
	content := map[string]any{}
	if !act.Blank(form.Get("reason")) {
		var reason *act.Explanation
		reason, wrong[2] = explanationOf(form, "reason")
		content["reason"] = reason
	}
	if err := problem.Join(wrong[:]...); err != nil {
		return err
	}
	return s.holderSubmit(v, h, form, facts, content)
}
