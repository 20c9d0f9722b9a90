package web

import (
	"errors"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
)

// caseLine is one case as it stands in a list.
type caseLine struct {
	ID        act.ID
	State     civic.Disposition
	Clock     deadline
	Authority act.Names
	Office    act.ID
	Need      *needLine
	// View stands for the case where it is about one view.
	View      *viewLine
	Views     int
	At        time.Time
	Decision  string
	Escalated int // how many levels it went up
	Dialogue  act.Names
	Slug      string
}

// needLine is one need as it stands in a list.
type needLine struct {
	ID    act.ID
	Names act.Names
	Theme act.Names
	Place act.Names
	Views int
	Cases int
	Plans int
	State string // "planned", "refused", "referred", "open"
	At    time.Time
	Slug  string
}

func needLineOf(state *civic.State, n *civic.Need, now time.Time) needLine {
	line := needLine{ID: n.ID, Names: state.Names(n.ID), Theme: themeNames(state, n.Theme), Views: len(n.Statements()), Cases: len(n.Referrals()),
		Plans: len(n.Commitments()), At: n.At.In(now.Location()), State: "open"}
	if place := state.Place(n.Place); place != nil {
		line.Place = state.Names(place.ID)
	}
	if d := state.Dialogue(n.Dialogue); d != nil {
		line.Slug = d.Slug
	}
	switch {
	case len(n.Commitments()) > 0:
		line.State = "planned"
	case !state.IsOpen(n):
		line.State = "refused"
	case len(n.Referrals()) > 0:
		line.State = "referred"
	}
	return line
}

func caseLineOf(state *civic.State, r *civic.Referral, now time.Time) caseLine {
	standing, clock := r.Standing(now)
	line := caseLine{ID: r.ID, State: standing, Clock: deadlineOf(state, clock, now), Authority: state.Names(r.Authority), Office: r.Authority,
		Views: len(r.Views()), At: r.At.In(now.Location()), Decision: r.Decision, Escalated: len(r.Escalations)}
	if d := state.Dialogue(r.Dialogue); d != nil {
		line.Dialogue, line.Slug = state.Names(d.ID), d.Slug
	}
	if n := r.Need(); n != nil {
		need := needLineOf(state, n, now)
		line.Need = &need
	} else {
		view := lineOf(state, r.Views()[0], now)
		line.View = &view
	}
	return line
}

// readCases fills in the words of the views that cases are about.
func (s *Server) readCases(v *visit, lines []caseLine) error {
	for i := range lines {
		if lines[i].View == nil {
			continue
		}
		one := []viewLine{*lines[i].View}
		if err := s.readWords(v, one); err != nil {
			return err
		}
		*lines[i].View = one[0]
	}
	return nil
}

// answerLine is one answer to one case, with its reasons.
type answerLine struct {
	ID        act.ID
	Case      act.ID
	Authority act.Names
	Office    act.ID
	Position  string
	At        time.Time
	Decision  string
	On, In    string
	Covers    int // cases
	Views     int
	Corrects  bool
	// Superseded says that another answer corrects this one.
	Superseded bool
	Reasons    string
	Basis      string
	Letter     string
	Review     string
	// Same counts the views that got the identical reasons.
	Same int
}

func answerLineOf(state *civic.State, a *civic.Answer, r *civic.Referral, now time.Time) answerLine {
	return answerLine{ID: a.ID, Case: r.ID, Authority: state.Names(a.Authority), Office: a.Authority, Position: a.Position, At: a.At.In(now.Location()),
		Decision: a.Decision(r.ID), On: a.ConsideredOn, In: a.ConsideredIn, Covers: len(a.Covers), Views: len(r.Views()), Corrects: a.Corrects != nil,
		Superseded: !a.Superseded.IsZero()}
}

// readAnswers fills in the reasons of answers.
func (s *Server) readAnswers(v *visit, lines []answerLine) error {
	for i := range lines {
		line := &lines[i]
		var reasons act.Reasons
		err := s.read.Content(v.r.Context(), civic.Actor{}, civic.SectionRef{Act: line.ID, Name: "reasons"}, &reasons)
		if errors.Is(err, register.ErrNotFound) || errors.Is(err, register.ErrErased) {
			continue
		}
		if err != nil {
			return err
		}
		line.Letter, line.Review = reasons.Letter, reasons.Review
		for _, given := range reasons.Cases {
			if given.Case == line.Case {
				line.Reasons, line.Basis = given.Text, given.Basis
			}
		}
		s.see(v, func(state *civic.State) { line.Same = state.SameReasons(line.Reasons) })
	}
	return nil
}

// commitmentLine is one commitment as it stands in a list.
type commitmentLine struct {
	ID          act.ID
	What        map[string]string
	Responsible act.Names
	Office      act.ID
	First, Now  time.Time // its end as promised first, and as it stands
	Slip        int       // days
	State       civic.CommitmentState
	LateDays    int
	Claimed     string
	Found       string
	Place       act.Names
	Funding     string
	Budget      *act.Money
}

func commitmentLineOf(state *civic.State, c *civic.Commitment, today string, now time.Time) commitmentLine {
	_, budget, funding, _ := c.Plan()
	line := commitmentLine{ID: c.ID, Responsible: state.Names(c.Responsible), Office: c.Responsible, First: day(c.CommitmentMade.End, now.Location()),
		Now: day(c.End(), now.Location()), Slip: c.Slip(), State: c.State(today), Funding: funding, Budget: budget}
	if line.State == civic.CommitmentLate {
		line.LateDays = state.WorkingDays(line.Now, now)
	}
	if n := len(c.Claims); n > 0 {
		line.Claimed = c.Claims[n-1].Status
	}
	if n := len(c.Assessments); n > 0 {
		line.Found = c.Assessments[n-1].Verdict
	}
	if n := state.Need(c.Needs[0]); n != nil {
		if place := state.Place(n.Place); place != nil {
			line.Place = state.Names(place.ID)
		}
	}
	return line
}

// readPlans fills in what commitments promise.
func (s *Server) readPlans(v *visit, lines []commitmentLine) error {
	for i := range lines {
		plan, err := s.plan(v, lines[i].ID)
		if err != nil {
			return err
		}
		lines[i].What = plan.What
	}
	return nil
}

// plan reads the words of a commitment; none where there are none to read.
func (s *Server) plan(v *visit, id act.ID) (plan act.Plan, err error) {
	err = s.read.Content(v.r.Context(), civic.Actor{}, civic.SectionRef{Act: id, Name: "plan"}, &plan)
	if errors.Is(err, register.ErrNotFound) || errors.Is(err, register.ErrErased) {
		return plan, nil
	}
	return plan, err
}
