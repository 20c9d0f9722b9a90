// Package civic is the fold over acts and its rules: what the register's state
// is, what an act may do to it now, and what every page, figure and export is
// computed from. It is pure: no I/O, no clock, no randomness.
//
// A file per noun (programme.go, organisation.go, place.go, dialogue.go,
// statement.go, ballot.go, release.go …) holds that noun's state, the rules of
// its kinds of act, and what may be asked about it.
package civic

import (
	"errors"
	"fmt"
	"time"

	"samleng/act"
)

// RulesVersion is the newest version of the rules that this package knows. It
// knows every older one too.
const RulesVersion = 1

// State is the register's state after some number of acts. It is not safe for
// use by several goroutines while Apply runs.
//
// What follows from headers alone is public and in the fields above the line;
// words, people and ballots come from sections and stand below it.
type State struct {
	position  int64     // acts applied
	at        time.Time // the hour of the last one
	rules     int
	programme *Programme
	epoch     *act.EpochBegun
	policy    map[act.Step]int
	policies  map[act.ID]map[act.Step]int // of single authorities
	calendar  calendar
	places    placeBook
	orgs      organisationBook
	dialogues dialogueBook
	views     statementBook
	needs     needBook
	cases     caseBook
	answers   map[act.ID]*Answer
	promises  commitmentBook
	releases  map[act.ID][]Release
	maps      map[act.ID][]Release
	keys      keyBook
	refs      map[act.ID]reference
	erased    map[sectionKey]string
	// placeNumbers counts the places that views name, for their lines.
	placeNumbers map[string]int32
	// ----
	names   map[act.ID]act.Names
	sources map[act.ID]source
	unread  []act.ID // ballots whose section was not at hand
	rolls   map[act.ID]*roll
	reasons map[[32]byte]int // views that got a text of reasons, by its digest
}

// reference says what an act other than a ballot was, so that its sections'
// readers can be told.
type reference struct {
	kind act.Kind
	of   act.ID // the statement or dialogue it belongs to, if any
}

type sectionKey = SectionRef

// New gives the state of an empty register.
func New() *State {
	return &State{
		policy:    map[act.Step]int{},
		policies:  map[act.ID]map[act.Step]int{},
		calendar:  newCalendar(time.UTC),
		places:    placeBook{byCode: map[string]*Place{}},
		orgs:      organisationBook{byID: map[act.ID]*Organisation{}},
		dialogues: dialogueBook{byID: map[act.ID]*Dialogue{}, bySlug: map[string]*Dialogue{}},
		views:     statementBook{byID: map[act.ID]*Statement{}, byCode: map[act.CodeKey]*Statement{}},
		needs:     needBook{byID: map[act.ID]*Need{}},
		cases:     caseBook{byID: map[act.ID]*Referral{}, held: map[act.ID][]*Referral{}},
		answers:   map[act.ID]*Answer{},
		promises:  commitmentBook{byID: map[act.ID]*Commitment{}, by: map[act.ID][]*Commitment{}, together: map[[2]act.ID]bool{}, rows: map[act.ID][]int32{}},
		releases:  map[act.ID][]Release{},
		maps:      map[act.ID][]Release{},
		refs:      map[act.ID]reference{},
		erased:    map[sectionKey]string{},

		placeNumbers: map[string]int32{},

		names:   map[act.ID]act.Names{},
		sources: map[act.ID]source{},
		rolls:   map[act.ID]*roll{},
		reasons: map[[32]byte]int{},
	}
}

// Position is the number of acts applied.
func (s *State) Position() int64 { return s.position }

// At is the hour of the last act, zero before the first.
func (s *State) At() time.Time { return s.at }

// ErrDamaged is returned by Apply, wrapped with what is wrong, for an act that
// cannot follow on the ones before it. The state is then not to be served.
var ErrDamaged = errors.New("civic: the register is damaged")

// rule is what one kind of act may do and does.
type rule struct {
	// roles lists the roles that may do it on behalf of their organisation;
	// which other forms of author may is the vocabulary's (package act).
	roles []act.Role
	// public checks what an outsider can check again from headers.
	public func(*State, *act.Header) error
	// private checks what needs the actor or the sections.
	private func(*State, Actor, *act.Act) error
	// apply changes the state. It trusts that the act was checked, and returns
	// an error rather than panic where it cannot have been.
	apply func(*State, *act.Act) error
	// keys adds what the act reads and writes.
	keys func(*act.Act, *KeySet)
}

// ruleOf gives the rule of a kind. The files of the nouns hold the rules.
func ruleOf(kind act.Kind) (rule, bool) {
	for _, book := range []map[act.Kind]rule{
		programmeRules, placeRules, organisationRules, dialogueRules, statementRules, appealRules, ballotRules, sectionRules, releaseRules, mapRules,
		needRules, competenceRules, referralRules, answerRules, reviewRules, escalationRules, commitmentRules, progressRules, witnessRules,
	} {
		if r, ok := book[kind]; ok {
			return r, true
		}
	}
	return rule{}, false
}

var rules = func() map[act.Kind]rule {
	all := map[act.Kind]rule{}
	for _, kind := range act.Kinds() {
		if r, ok := ruleOf(kind); ok {
			all[kind] = r
		}
	}
	return all
}()

// Apply moves the state on by one act. It changes nothing when it returns an
// error, which is ErrDamaged or act.ErrUnknown.
func (s *State) Apply(a *act.Act) error {
	r, known := rules[a.Kind]
	if !known {
		return fmt.Errorf("%w: %s", act.ErrUnknown, a.Kind)
	}
	if a.At.Before(s.at) {
		return fmt.Errorf("%w: act %s is of an hour before the one before it", ErrDamaged, a.ID)
	}
	if _, has := s.refs[a.ID]; has {
		return fmt.Errorf("%w: act %s is there already", ErrDamaged, a.ID)
	}
	if err := r.apply(s, a); err != nil {
		return err
	}
	if a.Kind != act.KindBallotCast {
		if _, has := s.refs[a.ID]; !has {
			s.refs[a.ID] = reference{kind: a.Kind, of: a.Of}
		}
	}
	s.position++
	s.at = a.At
	return nil
}

// Check says whether the act may happen now, done by who. The error is a
// Refusal, or Unchanged for a ballot that changes nothing.
func (s *State) Check(who Actor, a *act.Act) error {
	if err := s.CheckPublic(a.Header); err != nil {
		return err
	}
	if who.By != a.By {
		return refuse(RefusedForbidden)
	}
	if a.By.As == act.ByOrganisation && len(s.RolesOf(a.By.Organisation, who.Staff, a.At)) == 0 {
		return refuse(RefusedRole)
	}
	if r := rules[a.Kind]; r.private != nil {
		return r.private(s, who, a)
	}
	return nil
}

// CheckPublic is the part of Check that needs the header alone: what anybody
// can check again who has the log.
func (s *State) CheckPublic(h *act.Header) error {
	r, known := rules[h.Kind]
	if !known {
		return fmt.Errorf("%w: %s", act.ErrUnknown, h.Kind)
	}
	if h.At.Before(s.at) {
		return refuse(RefusedTime)
	}
	if _, has := s.refs[h.ID]; has {
		return refuse(RefusedExists)
	}
	if s.programme == nil && h.Kind != act.KindProgrammeDeclared && h.Kind != act.KindEpochBegun {
		return refuse(RefusedNoProgramme)
	}
	switch h.By.As {
	case act.ByStaff:
		if err := s.checkStaff(h.By, r.roles, h.At); err != nil {
			return err
		}
	case act.ByOrganisation:
		if s.orgs.byID[h.By.Organisation] == nil {
			return refuse(RefusedForbidden)
		}
	}
	if r.public != nil {
		return r.public(s, h)
	}
	return nil
}

// Actor is who wants to do something: what the header will say of it, and what
// the server knows besides.
type Actor struct {
	By act.By
	// Staff is who of an organisation acts where By names the organisation alone.
	Staff act.ID
	// Participant is the pseudonym in the dialogue of who acts, if they take part.
	Participant act.Pseudonym
	// Holds is the statement whose receipt's secret was shown.
	Holds act.ID
	// Admitted says that they showed a card or an invitation of the dialogue.
	Admitted bool
	// Import says that the act is carried over from another source by whoever
	// runs the register.
	Import bool
}

// System is the register itself.
var System = Actor{By: act.System}

// missing is the error of an act about something that there is not.
func missing(what string, a *act.Act) error {
	return fmt.Errorf("%w: act %s (%s) is about no %s", ErrDamaged, a.ID, a.Kind, what)
}
