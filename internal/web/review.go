package web

import (
	"errors"
	"net/http"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

var reviewerRoles = []act.Role{act.RoleSigningOfficer, act.RoleMonitor, act.RoleBoard}

// reviewsView lists the second looks that somebody's organisation may take.
type reviewsView struct {
	Bar     deskBar
	Reviews []reviewLine
	Others  int // have to be taken by somebody else
	Token   string
	Problem *problemView
	Open    string
	Typed   string
}

// reviewLine is a second look that was asked for.
type reviewLine struct {
	caseLine
	Answer answerLine
	Reason string // why it was asked for
	act    act.ID
}

func (s *Server) reviews(w http.ResponseWriter, v *visit, m *member) error {
	data, err := s.reviewsOf(v, m)
	if err != nil {
		return err
	}
	return s.show(w, v, data.page(v))
}

func (data *reviewsView) page(v *visit) page {
	return deskPage("desk-reviews", v.T("web.reviews.title"), data)
}

func (s *Server) reviewsOf(v *visit, m *member) (*reviewsView, error) {
	who, err := m.actor(reviewerRoles...)
	if err != nil {
		return nil, err
	}
	data := &reviewsView{Bar: m.bar("reviews")}
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	s.read.View(func(state *civic.State) {
		for _, r := range state.Referrals() {
			if r.Review == nil || r.Review.Outcome != "" {
				continue
			}
			if mayAs(state, v, who, r.ID, &act.ReviewDecided{Outcome: act.ReviewUpheld}) != nil {
				data.Others++
				continue
			}
			data.Reviews = append(data.Reviews, reviewLine{caseLine: caseLineOf(state, r, v.now),
				Answer: answerLineOf(state, state.Answer(r.Review.Answer), r, v.now), act: r.Review.Act})
		}
	})
	for i := range data.Reviews {
		line := &data.Reviews[i]
		var reason act.Explanation
		err := s.read.Content(v.r.Context(), who, civic.SectionRef{Act: line.act, Name: "reason"}, &reason)
		if err != nil && !errors.Is(err, register.ErrNotFound) && !errors.Is(err, register.ErrErased) {
			return nil, err
		}
		line.Reason = reason.Text
		cases, answers := []caseLine{line.caseLine}, []answerLine{line.Answer}
		if err := errors.Join(s.readCases(v, cases), s.readAnswers(v, answers)); err != nil {
			return nil, err
		}
		line.caseLine, line.Answer = cases[0], answers[0]
	}
	return data, nil
}

// decideReview is another office's decision.
func (s *Server) decideReview(w http.ResponseWriter, v *visit, m *member) error {
	form, err := readForm(v.r, maxExplanation+1)
	if err != nil {
		return err
	}
	receipt, err := func() (register.Receipt, error) {
		var none register.Receipt
		token, err := tokenOf(form)
		if err != nil {
			return none, err
		}
		who, err := m.actor(reviewerRoles...)
		if err != nil {
			return none, err
		}
		id, err := act.ParseID(v.r.PathValue("id"))
		if err != nil {
			return none, problem.Wrap(err, problem.NotFound, "problem.not_found")
		}
		outcome, wrong := chosen(form, "outcome", []string{act.ReviewUpheld, act.ReviewReopened})
		reasons, wrong2 := explanationOf(form, "reasons")
		if err := problem.Join(wrong, wrong2); err != nil {
			return none, err
		}
		return s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: id, Facts: &act.ReviewDecided{Outcome: outcome},
			Content: map[string]any{"reasons": reasons}}, token)
	}()
	if err == nil {
		return s.seeOther(w, v.r, "/desk/reviews", receipt.Position)
	}
	data, failed := s.reviewsOf(v, m)
	if failed != nil {
		return failed
	}
	data.Open, data.Typed, data.Problem = v.r.PathValue("id"), form.Get("reasons"), viewOf(v.L, problemOf(err))
	return s.again(w, v, err, data.page(v))
}
