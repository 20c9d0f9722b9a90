package civic

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"samleng/act"
)

// Programme is what the register is for, and its settings.
type Programme struct {
	ID act.ID
	act.ProgrammeDeclared
	At   time.Time
	Zone *time.Location `json:"-"`
}

// Programme gives the programme, nil before it is declared.
func (s *State) Programme() *Programme { return s.programme }

// Zone is the time zone whose days count.
func (s *State) Zone() *time.Location {
	if s.programme == nil {
		return time.UTC
	}
	return s.programme.Zone
}

// Rules is the version of the rules in force.
func (s *State) Rules() int { return s.rules }

// Epoch is the older register that this one takes up, nil if there is none.
func (s *State) Epoch() *act.EpochBegun { return s.epoch }

// Names gives what something is called: a programme, an organisation, a place,
// a dialogue. It comes from an open section and is empty where that is missing.
func (s *State) Names(id act.ID) act.Names { return s.names[id] }

// keepNames stores the content of a names section, where it is at hand.
func (s *State) keepNames(id act.ID, a *act.Act) error {
	var names act.Names
	has, err := a.Content("names", &names)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if has {
		s.names[id] = names
	}
	return nil
}

func writesSettings(_ *act.Act, k *KeySet) { k.write(keySetting, act.ID{}, act.ID{}) }

var programmeRules = map[act.Kind]rule{
	act.KindProgrammeDeclared: {
		public: func(s *State, h *act.Header) error {
			if s.programme != nil {
				return refuse(RefusedProgramme)
			}
			return nil
		},
		apply: applyProgramme,
		keys:  writesSettings,
	},
	act.KindRulesAdopted: {
		public: func(s *State, h *act.Header) error {
			version := h.Facts.(*act.RulesAdopted).Version
			if version <= s.rules || version > RulesVersion {
				return refuse(RefusedRules)
			}
			return nil
		},
		apply: func(s *State, a *act.Act) error {
			version := a.Facts.(*act.RulesAdopted).Version
			if version > RulesVersion {
				return fmt.Errorf("%w: rules version %d", act.ErrUnknown, version)
			}
			s.rules = version
			return nil
		},
		keys: writesSettings,
	},
	act.KindPolicyDeclared: {
		roles: []act.Role{act.RoleAdministrator, act.RoleBoard},
		public: func(s *State, h *act.Header) error {
			if err := aboutProgramme(s, h); err != nil {
				return err
			}
			if of := h.Facts.(*act.PolicyDeclared).Authority; of != nil && !s.isAuthority(*of) {
				return refuse(RefusedNotAuthority)
			}
			return nil
		},
		apply: func(s *State, a *act.Act) error {
			facts := a.Facts.(*act.PolicyDeclared)
			into := s.policy
			if facts.Authority != nil {
				if into = s.policies[*facts.Authority]; into == nil {
					into = map[act.Step]int{}
					s.policies[*facts.Authority] = into
				}
			}
			maps.Copy(into, facts.Days)
			return nil
		},
		keys: writesSettings,
	},
	act.KindCalendarDeclared: {
		roles:  []act.Role{act.RoleAdministrator, act.RoleBoard},
		public: checkCalendar,
		apply:  applyCalendar,
		keys:   writesSettings,
	},
	act.KindEpochBegun: {
		public: func(s *State, h *act.Header) error {
			if s.position > 0 {
				return refuse(RefusedExists)
			}
			return nil
		},
		apply: func(s *State, a *act.Act) error {
			s.epoch = a.Facts.(*act.EpochBegun)
			return nil
		},
		keys: writesSettings,
	},
}

func applyProgramme(s *State, a *act.Act) error {
	facts := a.Facts.(*act.ProgrammeDeclared)
	zone, err := time.LoadLocation(facts.TimeZone)
	if err != nil {
		return fmt.Errorf("%w: time zone %q", ErrDamaged, facts.TimeZone)
	}
	if err := s.keepNames(a.ID, a); err != nil {
		return err
	}
	s.programme = &Programme{ID: a.ID, ProgrammeDeclared: *facts, At: a.At, Zone: zone}
	s.calendar = newCalendar(zone)
	return nil
}

// checkCalendar refuses a calendar that changes a day that has begun: a day
// once late stays late.
func checkCalendar(s *State, h *act.Header) error {
	if err := aboutProgramme(s, h); err != nil {
		return err
	}
	if !s.calendar.declared {
		return nil
	}
	today := endOfHour(h.At).In(s.Zone()).Format(time.DateOnly)
	next := calendarOf(s.Zone(), h.Facts.(*act.CalendarDeclared))
	var changed []string
	for _, days := range []map[string]bool{s.calendar.holidays, next.holidays} {
		for day := range days {
			if day <= today && s.calendar.holidays[day] != next.holidays[day] {
				changed = append(changed, day)
			}
		}
	}
	if len(changed) > 0 {
		return refuse(RefusedPast, "day", slices.Min(changed))
	}
	return nil
}

func applyCalendar(s *State, a *act.Act) error {
	s.calendar = calendarOf(s.Zone(), a.Facts.(*act.CalendarDeclared))
	s.calendar.declared = true
	for _, statement := range s.views.order {
		statement.Clock.rebind(s, a.At)
		statement.CorrectionClock.rebind(s, a.At)
		if statement.Appeal != nil {
			statement.Appeal.Clock.rebind(s, a.At)
		}
	}
	for i, r := range s.cases.order {
		r.rebind(s, a.At)
		s.cases.lines[i] = lineOfCase(r)
	}
	for _, statement := range s.views.order {
		s.touch(statement)
	}
	return nil
}

// PolicyOf gives the working days of each step in force for the cases of an
// authority.
func (s *State) PolicyOf(authority act.ID) map[act.Step]int {
	days := maps.Clone(s.policy)
	maps.Copy(days, s.policies[authority])
	return days
}

// Policy gives the working days of each step in force.
func (s *State) Policy() map[act.Step]int { return maps.Clone(s.policy) }

// Themes lists the programme's theme codes.
func (s *State) Themes() []string {
	if s.programme == nil {
		return nil
	}
	return slices.Clone(s.programme.Themes)
}

// Calendar gives the days of the week on which nobody works (0 is Sunday) and
// the holidays, ascending.
func (s *State) Calendar() (weekend [7]bool, holidays []string) {
	return s.calendar.weekend, slices.Sorted(maps.Keys(s.calendar.holidays))
}
