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

// decided are the kinds whose words are an office's, not the holder's.
var decided = []act.Kind{act.KindStatementWithheld, act.KindAppealDecided}

var sectionRules = map[act.Kind]rule{
	act.KindSectionErased: {
		roles:   act.Roles, // who holds a view may have any; see checkErased for the others
		public:  checkErased,
		private: checkErasedPrivate,
		apply:   applyErased,
		keys: func(a *act.Act, k *KeySet) {
			// It may be about any act of a statement; which, only the state
			// knows. Erasures are rare: each has its batch to itself.
			k.write(keySetting, act.ID{}, act.ID{})
		},
	},
}

// checkErased: who holds a view erases its words; the law or somebody's safety
// may ask it of the register, or of an administrator; and the register says
// what it lost.
func checkErased(s *State, h *act.Header) error {
	facts := h.Facts.(*act.SectionErased)
	ref, known := s.refs[h.Of]
	if !known {
		// The fold keeps no reference of ballots.
		ref.kind = act.KindBallotCast
	}
	if !slices.ContainsFunc(act.Forms(ref.kind), func(form act.SectionForm) bool { return form.Name == facts.Section }) {
		return refuse(RefusedSection)
	}
	if _, gone := s.erased[sectionKey{h.Of, facts.Section}]; gone {
		return refuse(RefusedErased)
	}
	kept := !slices.Contains(erasable[ref.kind], facts.Section)
	switch facts.Reason {
	case act.ErasedLost:
		if h.By.As != act.BySystem {
			return refuse(RefusedForbidden)
		}
		return nil
	case act.ErasedByHolder:
		if h.By.As == act.BySystem {
			return refuse(RefusedForbidden)
		}
		if v := s.views.byID[ref.of]; v != nil {
			if err := v.checkHolding(h.By); err != nil {
				return err
			}
		} else if h.By.As != act.ByParticipant {
			return refuse(RefusedForbidden)
		}
		kept = kept || slices.Contains(decided, ref.kind)
	default:
		if err := s.checkOfficialErasure(h, ref); err != nil {
			return err
		}
	}
	if !known {
		return refuse(RefusedSection)
	}
	if kept {
		return refuse(RefusedSectionKept)
	}
	return nil
}

// checkOfficialErasure: by the register, where the law asks it; by an
// administrator of the dialogue's host or of the organisation that decided on
// the view, where that is no public authority. Nothing is erased for somebody's
// safety before the view was moved out for it.
func (s *State) checkOfficialErasure(h *act.Header, ref reference) error {
	reason, v := h.Facts.(*act.SectionErased).Reason, s.views.byID[ref.of]
	if h.By.As == act.BySystem && reason == act.ErasedByLaw {
		return nil
	}
	if err := s.noAuthority(h.By); err != nil {
		return err
	}
	if v != nil {
		if err := s.impartial(h.By, v); err != nil {
			return err
		}
	}
	if h.By.As != act.ByStaff || h.By.Role != act.RoleAdministrator || !s.answersFor(h.By.Organisation, ref.of) {
		return refuse(RefusedForbidden)
	}
	if reason == act.ErasedSafeguarding && v != nil && !v.Safeguarded() {
		return refuse(RefusedNotWithheld)
	}
	return nil
}

// answersFor reports whether an organisation that is no public authority hosts
// a dialogue, or the one a view is in, or decided on the view.
func (s *State) answersFor(organisation, of act.ID) bool {
	org, d, v := s.orgs.byID[organisation], s.dialogues.byID[of], s.views.byID[of]
	if v != nil {
		d = s.dialogues.byID[v.Dialogue]
	}
	return org != nil && !org.Authority && (d != nil && d.Host == organisation || v != nil && v.Decider == organisation)
}

func checkErasedPrivate(s *State, who Actor, a *act.Act) error {
	facts, ref := a.Facts.(*act.SectionErased), s.refs[a.Of]
	switch {
	case facts.Reason == act.ErasedLost:
		if s.has(a.Of, facts.Section) {
			return refuse(RefusedNotLost)
		}
		return nil
	case facts.Reason != act.ErasedByHolder:
		return checkInterest(s, who, a)
	case ref.kind == act.KindParticipantDescribe:
		if r := s.rolls[ref.of]; r == nil || who.Participant.IsZero() || r.described[a.Of] != who.Participant {
			return refuse(RefusedHolder)
		}
		return nil
	case s.views.byID[ref.of] != nil && s.holds(who, a.By, s.views.byID[ref.of]):
		return nil
	}
	return refuse(RefusedHolder)
}

// has reports whether the fold had a section to read. Of those that it does not
// read the register has to know.
func (s *State) has(id act.ID, section string) bool {
	ref, known := s.refs[id]
	switch section {
	case "ballot":
		return !known && !slices.Contains(s.unread, id)
	case "names":
		_, has := s.names[id]
		return has
	case "source":
		_, has := s.sources[id]
		return has
	case "self":
		r := s.rolls[ref.of]
		return r != nil && !r.described[id].IsZero()
	}
	return false
}

func applyErased(s *State, a *act.Act) error {
	facts := a.Facts.(*act.SectionErased)
	s.erased[sectionKey{a.Of, facts.Section}] = facts.Reason
	ref, known := s.refs[a.Of]
	if !known {
		return nil
	}
	s.refs[a.ID] = reference{kind: a.Kind, of: ref.of}
	if r := s.rolls[ref.of]; r != nil && ref.kind == act.KindParticipantDescribe {
		r.forget(a.Of)
	}
	v := s.views.byID[ref.of]
	if v == nil {
		return nil
	}
	s.record(v, a, time.Time{})
	if facts.Section == "source" {
		delete(s.sources, v.ID)
	}
	if facts.Section == "text" {
		s.eraseText(v, a.Of)
	}
	return nil
}

// eraseText takes back the words of one of a view's acts: the view with them if
// they are those that it was registered with, or those that are public or were
// when it was withheld.
func (s *State) eraseText(v *Statement, of act.ID) {
	if of == v.Correction {
		v.Correction, v.CorrectionClock = act.ID{}, Clock{}
	}
	if language := languageOf(v, of); language != "" {
		delete(v.Translations, language)
	}
	if v.Erased || of != v.ID && of != v.Text && of != v.held {
		return
	}
	s.setShown(v, false)
	v.Erased, v.Text, v.Clock, v.Correction, v.CorrectionClock = true, act.ID{}, Clock{}, act.ID{}, Clock{}
	v.held, v.late = act.ID{}, Clock{}
	if v.Appeal != nil {
		v.Appeal.Clock = Clock{}
	}
	s.touch(v)
	s.casesMoved(v)
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
	if v.Safeguarded() {
		return s.readsSafeguarded(who, v)
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

// readsSafeguarded says whether somebody may read what tells of abuse or danger:
// who said it, the administrators of the organisations that answer for it, and
// while a second look is asked for those who may take it; none whom it is about.
func (s *State) readsSafeguarded(who Actor, v *Statement) bool {
	if who.Holds == v.ID {
		return true
	}
	org := s.orgs.byID[who.By.Organisation]
	if who.By.As != act.ByStaff || who.By.Role != act.RoleAdministrator || org == nil || org.Authority || s.concerns(v.ID, org.ID) {
		return false
	}
	if s.answersFor(org.ID, v.ID) {
		return true
	}
	return v.Appeal != nil && v.Appeal.Outcome == "" && !s.Related(v.Appeal.Against, org.ID) && s.impartial(who.By, v) == nil
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
	if v.filed() && v.By.Organisation == who.By.Organisation {
		return true // it is theirs
	}
	org := s.orgs.byID[who.By.Organisation]
	if org == nil || org.Authority {
		return false
	}
	if s.concerns(v.ID, org.ID) {
		return false
	}
	return slices.Contains(moderators, who.By.Role) || who.By.Role == act.RoleRapporteur
}
