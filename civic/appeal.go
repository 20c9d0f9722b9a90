package civic

import (
	"slices"
	"time"

	"samleng/act"
)

// An appeal asks another organisation to look again at a withholding. One
// appeal is decided once.
var appealRules = map[act.Kind]rule{
	act.KindAppealLodged: {
		roles: []act.Role{act.RoleFacilitator, act.RoleRapporteur, act.RoleMonitor, act.RoleAdministrator, act.RoleBoard, act.RoleModerator},
		public: func(s *State, h *act.Header) error {
			v, err := s.alive(h.Of)
			switch {
			case err != nil:
				return err
			case v.Moderation != Withheld:
				return refuse(RefusedNotWithheld)
			case v.Appeal != nil:
				return refuse(RefusedAppealed)
			}
			return v.checkHolding(h.By)
		},
		private: checkHolder,
		apply: func(s *State, a *act.Act) error {
			v, err := s.about(a)
			if err != nil {
				return err
			}
			v.Appeal = &Appeal{Act: a.ID, At: a.At, Clock: s.start(act.StepAppeal, a.At), Against: v.Decider}
			s.record(v, a, time.Time{})
			return nil
		},
		keys: writesStatement,
	},
	act.KindAppealDecided: {
		roles:   append(slices.Clip(moderators), act.RoleAdministrator),
		public:  checkAppealDecided,
		private: checkModerator,
		apply: func(s *State, a *act.Act) error {
			v, err := s.about(a)
			if err != nil {
				return err
			}
			if v.Appeal == nil {
				return missing("appeal", a)
			}
			outcome, due, reason := a.Facts.(*act.AppealDecided).Outcome, v.Appeal.Clock.Due, v.Reason
			v.Appeal.Outcome, v.Appeal.Clock = outcome, Clock{}
			if outcome == act.AppealOverturned {
				v.overruled = append(v.overruled, v.Appeal.Against)
				text, correction, clock := v.wording(), v.Correction, v.CorrectionClock
				s.decide(v, a, s.shownAs(v, text), text)
				v.Correction, v.CorrectionClock = correction, clock // nobody has decided on it
				v.Events[len(v.Events)-1].Due = due
				return nil
			}
			v.Reason = reason
			s.record(v, a, due)
			return nil
		},
		keys: writesStatement,
	},
}

// checkAppealDecided: somebody else than those who decided, filed or entered it
// decides, of an organisation that is independent of the one that decided, and
// never a public authority or a rule. A report of abuse or danger
// is closed to moderators; an administrator looks at it again.
func checkAppealDecided(s *State, h *act.Header) error {
	v, err := s.alive(h.Of)
	if err != nil {
		return err
	}
	if v.Appeal == nil || v.Appeal.Outcome != "" {
		return refuse(RefusedNoAppeal)
	}
	if h.By.As != act.ByStaff {
		return refuse(RefusedForbidden)
	}
	if err := s.impartial(h.By, v); err != nil {
		return err
	}
	switch withheld := v.last(act.KindStatementWithheld); {
	case s.Related(v.Appeal.Against, h.By.Organisation), withheld != nil && withheld.By.Staff == h.By.Staff:
		return refuse(RefusedSameOffice)
	case !s.Independent(v.Appeal.Against, h.By.Organisation, h.At):
		return refuse(RefusedNotIndependent)
	}
	switch administers := h.By.Role == act.RoleAdministrator; {
	case v.Safeguarded() && !administers:
		return refuse(RefusedSafeguarding)
	case !v.Safeguarded() && administers:
		return refuse(RefusedForbidden)
	}
	return nil
}
