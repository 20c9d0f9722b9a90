package civic

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"samleng/act"
)

// Answer is an authority's answer to one case or to many.
type Answer struct {
	ID        act.ID
	Authority act.ID
	By        act.By
	At        time.Time
	act.AnswerIssued
	// Superseded is the answer that corrects this one.
	Superseded act.ID
}

// Telling records that an answer was read back to whoever holds a view.
type Telling struct {
	Act, Answer act.ID
	At          time.Time
	Means       string
}

// Judgement is what the holder of a view says of an answer.
type Judgement struct {
	Act, Answer           act.ID
	At                    time.Time
	Deals, Understandable string
}

// Answer finds an answer by its id, nil if there is none.
func (s *State) Answer(id act.ID) *Answer { return s.answers[id] }

// GivenAnswer is an answer, and a case that it covers.
type GivenAnswer struct {
	Answer *Answer
	Of     *Referral
}

// GivenAnswers lists the answers that were given, a line for each case that one
// covers, by case as referred. Corrected ones are among them: they say so.
func (s *State) GivenAnswers() (all []GivenAnswer) {
	for _, r := range s.Referrals() {
		for _, id := range r.Answers {
			all = append(all, GivenAnswer{s.Answer(id), r})
		}
	}
	return all
}

// Decision is what the answer decided on a case, "" if it does not cover it.
func (a *Answer) Decision(of act.ID) string {
	for _, covered := range a.Covers {
		if covered.Case == of {
			return covered.Decision
		}
	}
	return ""
}

// SameReasons counts the views that got the same text of reasons, differences
// of white space aside. The text is that of an open section; the count is not
// part of the public state.
func (s *State) SameReasons(text string) int { return s.reasons[reasonsKey(text)] }

func reasonsKey(text string) [32]byte {
	return sha256.Sum256([]byte(strings.Join(strings.Fields(text), " ")))
}

// AwaitsTelling reports whether a view that somebody else wrote down has an
// answer that nobody has read back to who said it.
func (v *Statement) AwaitsTelling() bool {
	if !v.Assisted() || v.Erased {
		return false
	}
	return slices.ContainsFunc(v.Referrals(), func(r *Referral) bool {
		return !r.Answered.IsZero() && !slices.ContainsFunc(v.Told, func(t Telling) bool { return t.Answer == r.lastAnswer() })
	})
}

func (r *Referral) lastAnswer() act.ID {
	if len(r.Answers) == 0 {
		return act.ID{}
	}
	return r.Answers[len(r.Answers)-1]
}

// answeredBy finds the case of a view that an answer is the standing one of.
func (v *Statement) answeredBy(answer act.ID) *Referral {
	for _, r := range v.Referrals() {
		if !r.Answered.IsZero() && r.lastAnswer() == answer {
			return r
		}
	}
	return nil
}

var answerRules = map[act.Kind]rule{
	act.KindAnswerIssued: {
		roles: []act.Role{act.RoleSigningOfficer}, public: checkAnswer, private: checkReasons, apply: applyAnswer,
		// It counts the views of each case, which only the state knows.
		keys: writesSettings,
	},
	act.KindHolderTold: {
		roles: []act.Role{act.RoleFacilitator, act.RoleRapporteur},
		public: func(s *State, h *act.Header) error {
			v, err := s.alive(h.Of)
			if err != nil {
				return err
			}
			facts := h.Facts.(*act.HolderTold)
			if v.answeredBy(facts.Answer) == nil {
				return refuse(RefusedNotAnswered)
			}
			// The host says it, or whoever wrote the view down or filed it; never
			// the office whose answer it is.
			of := h.By.Organisation
			if of != s.dialogues.byID[v.Dialogue].Host && of != v.By.Organisation {
				return refuse(RefusedForbidden)
			}
			if s.Related(of, s.answers[facts.Answer].Authority) {
				return refuse(RefusedInterest)
			}
			return nil
		},
		apply: func(s *State, a *act.Act) error {
			v, err := s.about(a)
			if err != nil {
				return err
			}
			facts := a.Facts.(*act.HolderTold)
			v.Told = append(v.Told, Telling{Act: a.ID, Answer: facts.Answer, At: a.At, Means: facts.Means})
			s.record(v, a, time.Time{})
			return nil
		},
		// Whether the answer stands depends on cases that only the state knows.
		keys: writesSettings,
	},
	act.KindAnswerJudged: {
		roles:   []act.Role{act.RoleFacilitator, act.RoleRapporteur, act.RoleMonitor, act.RoleAdministrator, act.RoleBoard, act.RoleModerator},
		public:  checkJudged,
		private: checkHolder,
		apply:   applyJudged,
		keys:    writesSettings, // as above
	},
}

// checkAnswer: the signing officer of the authority that holds the cases, which
// has to be competent for each; a case has one answer, until it is corrected or
// a second look reopens it.
func checkAnswer(s *State, h *act.Header) error {
	facts := h.Facts.(*act.AnswerIssued)
	if h.Of != h.By.Organisation || !s.isAuthority(h.Of) {
		return refuse(RefusedNotAuthority)
	}
	if s.future(facts.ConsideredOn, h.At) {
		return refuse(RefusedFuture)
	}
	for _, covered := range facts.Covers {
		r := s.cases.byID[covered.Case]
		switch {
		case r == nil:
			return refuse(RefusedCase)
		case r.Authority != h.Of:
			return refuse(RefusedNotHolding)
		case facts.Corrects != nil && (r.open() || r.lastAnswer() != *facts.Corrects):
			return refuse(RefusedCorrects)
		case facts.Corrects == nil && !r.open():
			return refuse(RefusedAnswered)
		}
		if err := s.mayDecide(h, r, covered.Decision); err != nil {
			return err
		}
	}
	return nil
}

func (s *State) mayDecide(h *act.Header, r *Referral, decision string) error {
	themes, place := r.Matter(s)
	as, declared := s.Competent(h.Of, themes, place, h.At)
	switch {
	case !declared || decision == act.NoCompetentOffice:
		return nil
	case as == "" || as == act.Refers:
		return refuse(RefusedNotCompetent)
	case as == act.Advises && (decision == act.Accepted || decision == act.AcceptedInPart):
		return refuse(RefusedAdvisesOnly)
	}
	return nil
}

func checkReasons(_ *State, _ Actor, a *act.Act) error {
	var reasons act.Reasons
	has, err := a.Content("reasons", &reasons)
	if err != nil {
		return err
	}
	if !has || !reasons.Fits(a.Facts.(*act.AnswerIssued)) {
		return refuse(RefusedReasons)
	}
	return nil
}

func applyAnswer(s *State, a *act.Act) error {
	facts := a.Facts.(*act.AnswerIssued)
	for _, covered := range facts.Covers {
		if s.cases.byID[covered.Case] == nil {
			return missing("case", a)
		}
	}
	var reasons act.Reasons
	if _, err := a.Content("reasons", &reasons); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	s.answers[a.ID] = &Answer{ID: a.ID, Authority: a.Of, By: a.By, At: a.At, AnswerIssued: *facts}
	if facts.Corrects != nil {
		if old := s.answers[*facts.Corrects]; old != nil {
			old.Superseded = a.ID
		}
	}
	for _, covered := range facts.Covers {
		r := s.cases.byID[covered.Case]
		due := r.Answer.Due
		if r.open() {
			r.InTime = !r.Answer.Overdue(a.At)
		} else {
			due = time.Time{} // a correction is under no clock
		}
		if r.Acknowledged.IsZero() {
			r.Acknowledged = a.At
		}
		r.Answers = append(r.Answers, a.ID)
		r.Decision, r.Answered = covered.Decision, a.At
		r.record(a, due)
		s.caseMoved(r)
	}
	for _, given := range reasons.Cases {
		if r := s.cases.byID[given.Case]; r != nil {
			s.reasons[reasonsKey(given.Text)] += len(r.Views())
		}
	}
	return nil
}

func checkJudged(s *State, h *act.Header) error {
	v, err := s.alive(h.Of)
	if err != nil {
		return err
	}
	facts := h.Facts.(*act.AnswerJudged)
	if v.answeredBy(facts.Answer) == nil {
		return refuse(RefusedNotAnswered)
	}
	if slices.ContainsFunc(v.Judged, func(j Judgement) bool { return j.Answer == facts.Answer }) {
		return refuse(RefusedJudged)
	}
	return nil
}

// applyJudged keeps the judgement. A "no" with a reason opens a second look, if
// none was taken at that answer.
func applyJudged(s *State, a *act.Act) error {
	v, err := s.about(a)
	if err != nil {
		return err
	}
	facts := a.Facts.(*act.AnswerJudged)
	v.Judged = append(v.Judged, Judgement{Act: a.ID, Answer: facts.Answer, At: a.At, Deals: facts.Deals, Understandable: facts.Understandable})
	s.record(v, a, time.Time{})
	r := v.answeredBy(facts.Answer)
	if _, reasoned := a.Section("reason"); r == nil || !reasoned || facts.Deals != "no" || r.Review != nil && r.Review.Answer == facts.Answer {
		return nil
	}
	r.Review = &Review{Act: a.ID, Statement: v.ID, Answer: facts.Answer, Against: r.Authority, At: a.At, Clock: s.start(act.StepReview, a.At)}
	r.record(a, time.Time{})
	s.caseMoved(r)
	return nil
}
