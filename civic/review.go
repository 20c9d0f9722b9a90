package civic

import (
	"time"

	"samleng/act"
)

// Review is a second look at an answer, which another office takes: none that
// is the answering one's, shares a parent with it, has a stake in it or promised
// something together with it; and nobody who signed the answer.
type Review struct {
	Act       act.ID // the judgement that asked for it
	Statement act.ID
	Answer    act.ID
	Against   act.ID // the authority whose answer it is
	At        time.Time
	Clock     Clock
	Outcome   string // empty while open
	Decided   act.ID
}

// signed reports whether somebody signed an answer, for whomever they act now.
func (s *State) signed(answer act.ID, by act.By) bool {
	a := s.answers[answer]
	return a != nil && a.By.Staff == by.Staff
}

// reviewers are the roles that take a second look for their organisation.
var reviewers = []act.Role{act.RoleSigningOfficer, act.RoleMonitor, act.RoleBoard}

var reviewRules = map[act.Kind]rule{
	act.KindReviewDecided: {
		roles: reviewers,
		public: func(s *State, h *act.Header) error {
			r := s.cases.byID[h.Of]
			switch {
			case r == nil:
				return refuse(RefusedCase)
			case r.Review == nil || r.Review.Outcome != "":
				return refuse(RefusedNoReview)
			case !s.Independent(r.Review.Against, h.By.Organisation, h.At), s.signed(r.Review.Answer, h.By):
				return refuse(RefusedNotIndependent)
			}
			for _, v := range r.Views() {
				if v.By.As == act.ByStaff && v.By.Staff == h.By.Staff {
					return refuse(RefusedOwnEntry)
				}
			}
			return nil
		},
		apply: onCase(func(s *State, r *Referral, a *act.Act) {
			if r.Review == nil {
				return
			}
			due := r.Review.Clock.Due
			r.Review.Outcome, r.Review.Decided, r.Review.Clock = a.Facts.(*act.ReviewDecided).Outcome, a.ID, Clock{}
			r.record(a, due)
			if r.Review.Outcome == act.ReviewReopened {
				// It waits for a new answer, under a clock of its own.
				r.Answered, r.Decision = time.Time{}, ""
				r.Answer = s.startFor(r.Authority, act.StepAnswer, a.At)
			}
		}),
		keys: writesCase,
	},
}
