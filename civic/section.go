package civic

import (
	"slices"
	"time"

	"samleng/act"
)

// erasable are the sections that may be deleted, by the kind of their act.
var erasable = map[act.Kind][]string{
	act.KindStatementRegistered: {"text", "detail", "source"},
	act.KindStatementCorrected:  {"text"},
	act.KindStatementRedacted:   {"text"},
	act.KindStatementTranslated: {"text"},
	act.KindAppealLodged:        {"grounds"},
	act.KindStatementWithheld:   {"explanation"},
	act.KindAppealDecided:       {"explanation"},
	act.KindParticipantDescribe: {"self"},
	act.KindInformationSupplied: {"text"},
	act.KindAnswerJudged:        {"reason"},
}

var sectionRules = map[act.Kind]rule{
	act.KindSectionErased: {
		roles: []act.Role{act.RoleModerator, act.RoleFacilitator, act.RoleAdministrator},
		public: func(s *State, h *act.Header) error {
			facts := h.Facts.(*act.SectionErased)
			ref, known := s.refs[h.Of]
			if !known && !(h.By.As == act.BySystem && facts.Reason == act.ErasedLost) {
				return refuse(RefusedSection)
			}
			if _, gone := s.erased[sectionKey{h.Of, facts.Section}]; gone {
				return refuse(RefusedErased)
			}
			switch h.By.As {
			case act.BySystem:
				if facts.Reason != act.ErasedLost && facts.Reason != act.ErasedByLaw {
					return refuse(RefusedForbidden)
				}
				return nil
			case act.ByStaff:
				if err := s.checkStaffErases(h, ref); err != nil {
					return err
				}
			default:
				if facts.Reason != act.ErasedByHolder {
					return refuse(RefusedForbidden)
				}
			}
			if !slices.Contains(erasable[ref.kind], facts.Section) {
				return refuse(RefusedSectionKept)
			}
			return nil
		},
		private: func(s *State, who Actor, a *act.Act) error {
			ref := s.refs[a.Of]
			switch {
			case a.By.As == act.BySystem:
				return nil
			case a.By.As == act.ByStaff && a.Facts.(*act.SectionErased).Reason != act.ErasedByHolder:
				return s.checkJudge(ref.of, a.By)
			case ref.kind == act.KindParticipantDescribe:
				return refuse(RefusedForbidden)
			case who.Holds == ref.of && !who.Holds.IsZero(), a.By.As == act.ByStaff:
				return nil
			case a.By.As == act.ByOrganisation && !who.Staff.IsZero() && who.Staff == s.sources[ref.of].staff:
				return nil
			}
			return refuse(RefusedHolder)
		},
		apply: applyErased,
		keys: func(a *act.Act, k *KeySet) {
			// It may be about any act of a statement; which, only the state
			// knows. Erasures are rare: each has its batch to itself.
			k.write(keySetting, act.ID{}, act.ID{})
		},
	},
}

// checkStaffErases: who entered a view erases it as its holder; whoever erases
// another's, because the law or somebody's safety demands it, judges it, and is
// held to what moderators are.
func (s *State) checkStaffErases(h *act.Header, ref reference) error {
	v := s.views.byID[ref.of]
	switch h.Facts.(*act.SectionErased).Reason {
	case act.ErasedByHolder:
		if v == nil || v.By.Staff != h.By.Staff {
			return refuse(RefusedForbidden)
		}
		return nil
	case act.ErasedLost:
		return refuse(RefusedForbidden)
	}
	if v != nil {
		return s.impartial(v, h.By)
	}
	if org := s.orgs.byID[h.By.Organisation]; org != nil && org.Authority {
		return refuse(RefusedAuthority)
	}
	return nil
}

func applyErased(s *State, a *act.Act) error {
	facts := a.Facts.(*act.SectionErased)
	s.erased[sectionKey{a.Of, facts.Section}] = facts.Reason
	ref, known := s.refs[a.Of]
	if !known {
		return nil
	}
	s.refs[a.ID] = reference{kind: a.Kind, of: ref.of}
	v := s.views.byID[ref.of]
	if v == nil {
		return nil
	}
	v.record(a, time.Time{})
	if facts.Section == "source" {
		delete(s.sources, v.ID)
	}
	if facts.Section == "text" && (a.Of == v.ID || a.Of == v.Text) && !v.Erased {
		s.setShown(v, false)
		v.Erased, v.Text, v.Clock, v.Correction, v.CorrectionClock = true, act.ID{}, Clock{}, act.ID{}, Clock{}
		if v.Appeal != nil {
			v.Appeal.Clock = Clock{}
		}
		s.touch(v)
	}
	return nil
}

// ErasedSection says whether a section was erased, and why.
func (s *State) ErasedSection(id act.ID, name string) (reason string, erased bool) {
	reason, erased = s.erased[sectionKey{id, name}]
	return reason, erased
}

// Words lists every act of a view whose section holds words of it: what an
// erasure by its holder has to delete.
func (s *State) Words(v *Statement) []SectionRef {
	words := []SectionRef{{v.ID, "text"}, {v.ID, "detail"}, {v.ID, "source"}}
	for _, event := range v.Events {
		switch event.Kind {
		case act.KindStatementCorrected, act.KindStatementRedacted, act.KindStatementTranslated:
			words = append(words, SectionRef{event.Act, "text"})
		case act.KindAppealLodged:
			words = append(words, SectionRef{event.Act, "grounds"})
		}
	}
	for _, j := range v.Judged {
		words = append(words, SectionRef{j.Act, "reason"})
	}
	v.eachReferral(func(r *Referral) {
		for _, event := range r.Events {
			if event.Kind == act.KindInformationSupplied && s.refs[event.Act].of == v.ID {
				words = append(words, SectionRef{event.Act, "text"})
			}
		}
	})
	return slices.DeleteFunc(words, func(ref SectionRef) bool {
		_, erased := s.erased[ref]
		return erased
	})
}

// SectionRef names a section of an act.
type SectionRef struct {
	Act  act.ID
	Name string
}

// MayRead says whether somebody may read a section now. The zero Actor is the
// public.
func (s *State) MayRead(who Actor, ref SectionRef) bool {
	if _, erased := s.erased[ref]; erased {
		return false
	}
	r, known := s.refs[ref.Act]
	if !known {
		return false
	}
	audience, err := act.AudienceOf(r.kind, ref.Name)
	if err != nil || audience == act.Sealed {
		return false
	}
	if c := s.cases.byID[r.of]; c != nil {
		return audience == act.Open || s.readsCase(who, c)
	}
	v := s.views.byID[r.of]
	if v == nil {
		return audience == act.Open
	}
	if v.Reason == act.ReasonSafeguarding && v.Moderation == Withheld {
		// Closed to everybody but who said it and the host's administrators.
		return who.Holds == v.ID || who.By.Role == act.RoleAdministrator && s.dialogues.byID[v.Dialogue].Host == who.By.Organisation
	}
	if audience == act.Open {
		return r.kind != act.KindStatementRedacted || v.Text == ref.Act || s.reads(who, v)
	}
	if v.Visibility == act.VisibilitySealed {
		return false
	}
	switch {
	case r.kind == act.KindInformationSupplied || r.kind == act.KindAnswerJudged:
		return s.reads(who, v) || s.readsAnswer(who, v)
	case v.Shown() && (v.Text == ref.Act || r.kind == act.KindStatementTranslated && v.Translations[languageOf(v, ref.Act)] == ref.Act):
		return true
	case v.Shown() && ref.Act == v.ID && ref.Name == "detail":
		return v.Moderation == Published || v.Moderation == Matched
	}
	return s.reads(who, v)
}

// readsAnswer says whether somebody has to do with the answer to a view: those
// of its cases, and who may take a second look that was asked for.
func (s *State) readsAnswer(who Actor, v *Statement) (reads bool) {
	v.eachReferral(func(r *Referral) {
		looks := r.Review != nil && r.Review.Outcome == "" && who.By.As == act.ByStaff && slices.Contains(reviewers, who.By.Role)
		reads = reads || looks || s.readsCase(who, r)
	})
	return reads
}

func languageOf(v *Statement, translation act.ID) string {
	for language, id := range v.Translations {
		if id == translation {
			return language
		}
	}
	return ""
}

// reads says whether somebody may read what is not public of a view: who holds
// it, who entered it, those who register and moderate for organisations that
// are no public authority, and the register itself (an export by whoever runs
// it).
func (s *State) reads(who Actor, v *Statement) bool {
	if who.Holds == v.ID || who.By.As == act.BySystem {
		return true
	}
	if who.By.As != act.ByStaff {
		return false
	}
	if v.By.As == act.ByStaff && v.By.Staff == who.By.Staff || s.sources[v.ID].staff == who.By.Staff {
		return true
	}
	org := s.orgs.byID[who.By.Organisation]
	if org == nil || org.Authority {
		return false
	}
	for _, subject := range s.sources[v.ID].subjects {
		if s.Related(subject, org.ID) {
			return false
		}
	}
	return slices.Contains(moderators, who.By.Role) || who.By.Role == act.RoleRapporteur
}
