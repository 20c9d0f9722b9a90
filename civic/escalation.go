package civic

import (
	"slices"
	"time"

	"samleng/act"
)

// An escalation is due when a case has been silent for as long after its last
// day as the policy says, and again each time that passes: the next level of
// the ladder gets it on its queue.

// EscalationDue is a case that goes up now.
type EscalationDue struct {
	Case act.ID
	act.CaseEscalated
}

// Escalations lists the cases that are due to go up at a moment.
func (s *State) Escalations(at time.Time) []EscalationDue {
	var due []EscalationDue
	for _, r := range s.cases.order {
		if to := s.escalates(r, at); to != nil {
			due = append(due, EscalationDue{r.ID, *to})
		}
	}
	return due
}

// escalates gives the next step up of a case at a moment, nil if none is due.
func (s *State) escalates(r *Referral, at time.Time) *act.CaseEscalated {
	days, has := s.policies[r.Authority][act.StepEscalate]
	if !has {
		days, has = s.policy[act.StepEscalate]
	}
	if !has || !r.open() {
		return nil
	}
	standing, clock := r.Standing(at)
	if standing != DispWaiting && standing != DispConsidering || !clock.Overdue(at) {
		return nil
	}
	level := len(r.Escalations) + 1
	if at.Before(s.calendar.after(clock.LastDay(), days*level)) {
		return nil
	}
	var to []act.ID
	if level == 1 {
		to = s.Ladder(r.Authority)
	} else {
		for _, below := range r.Escalations[level-2].To {
			for _, id := range s.Ladder(below) {
				if !slices.Contains(to, id) && !slices.Contains(r.Escalations[level-2].To, id) {
					to = append(to, id)
				}
			}
		}
	}
	if len(to) == 0 || len(to) > 5 {
		return nil
	}
	return &act.CaseEscalated{To: to, Level: level}
}

// AgendaDue gives what a dialogue's agenda still has to take up at a moment:
// cases that went up unanswered and commitments past their end without being
// confirmed, of earlier dialogues about the same place or, for a national
// dialogue, about any. Nil where there is nothing.
func (s *State) AgendaDue(dialogue act.ID, at time.Time) *act.AgendaTabled {
	d := s.dialogues.byID[dialogue]
	if d == nil || d.Stage() == Closed || d.Stage() == Followed {
		return nil
	}
	earlier := func(id act.ID) bool {
		other := s.dialogues.byID[id]
		return other != nil && other != d && other.order < d.order && (d.Place == "" || other.Place == d.Place)
	}
	tabled := new(act.AgendaTabled)
	for _, r := range s.cases.order {
		if r.open() && len(r.Escalations) > 0 && earlier(r.Dialogue) && !slices.Contains(d.Tabled.Cases, r.ID) && len(tabled.Cases) < act.MostTabled {
			tabled.Cases = append(tabled.Cases, r.ID)
		}
	}
	today := at.In(s.Zone()).Format(time.DateOnly)
	for _, c := range s.promises.order {
		if c.End() < today && c.State(today) != CommitmentConfirmed && earlier(c.Dialogue) &&
			!slices.Contains(d.Tabled.Commitments, c.ID) && len(tabled.Commitments) < act.MostTabled {
			tabled.Commitments = append(tabled.Commitments, c.ID)
		}
	}
	if len(tabled.Cases)+len(tabled.Commitments) == 0 {
		return nil
	}
	return tabled
}

var escalationRules = map[act.Kind]rule{
	act.KindCaseEscalated: {
		public: func(s *State, h *act.Header) error {
			r, facts := s.cases.byID[h.Of], h.Facts.(*act.CaseEscalated)
			if r == nil {
				return refuse(RefusedCase)
			}
			due := s.escalates(r, h.At)
			if due == nil || due.Level != facts.Level || !slices.Equal(due.To, facts.To) {
				return refuse(RefusedNotDue)
			}
			return nil
		},
		apply: onCase(func(s *State, r *Referral, a *act.Act) {
			facts := a.Facts.(*act.CaseEscalated)
			r.Escalations = append(r.Escalations, Escalation{Act: a.ID, At: a.At, Level: facts.Level, To: facts.To})
			r.record(a, time.Time{})
		}),
		keys: writesCase,
	},
	act.KindAgendaTabled: {
		public: func(s *State, h *act.Header) error {
			facts, due := h.Facts.(*act.AgendaTabled), s.AgendaDue(h.Of, h.At)
			if s.dialogues.byID[h.Of] == nil {
				return refuse(RefusedDialogue)
			}
			if due == nil || !slices.Equal(due.Cases, facts.Cases) || !slices.Equal(due.Commitments, facts.Commitments) {
				return refuse(RefusedNotDue)
			}
			return nil
		},
		apply: func(s *State, a *act.Act) error {
			d, facts := s.dialogues.byID[a.Of], a.Facts.(*act.AgendaTabled)
			if d == nil {
				return missing("dialogue", a)
			}
			d.Tabled.Cases = append(d.Tabled.Cases, facts.Cases...)
			d.Tabled.Commitments = append(d.Tabled.Commitments, facts.Commitments...)
			return nil
		},
		keys: writesSettings, // what is due depends on every case and commitment
	},
}
