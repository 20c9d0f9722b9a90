package civic

import (
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
			return nil
		},
		private: checkHolder,
		apply: func(s *State, a *act.Act) error {
			v, err := s.about(a)
			if err != nil {
				return err
			}
			v.Appeal = &Appeal{Act: a.ID, At: a.At, Clock: s.start(act.StepAppeal, a.At), Against: v.Decider}
			v.record(a, time.Time{})
			return nil
		},
		keys: writesStatement,
	},
	act.KindAppealDecided: {
		roles: moderators,
		public: func(s *State, h *act.Header) error {
			v, err := s.alive(h.Of)
			if err != nil {
				return err
			}
			if v.Appeal == nil || v.Appeal.Outcome != "" {
				return refuse(RefusedNoAppeal)
			}
			if h.By.As != act.ByStaff {
				return nil
			}
			if err := s.impartial(v, h.By); err != nil {
				return err
			}
			if s.Related(v.Appeal.Against, h.By.Organisation) {
				return refuse(RefusedSameOffice)
			}
			return nil
		},
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
				s.decide(v, a, Published, v.ID)
				v.Events[len(v.Events)-1].Due = due
				return nil
			}
			v.Reason = reason
			v.record(a, due)
			return nil
		},
		keys: writesStatement,
	},
}
