package civic

import (
	"fmt"
	"slices"
	"time"

	"samleng/act"
)

// Moderation is what was decided about showing a view's words.
type Moderation string

// What may be decided about a view.
const (
	Awaiting  Moderation = "awaiting_moderation"
	Published Moderation = "published"
	Redacted  Moderation = "redacted"
	Matched   Moderation = "matched" // published, as the same as another
	Withheld  Moderation = "withheld"
	Private   Moderation = "sealed" // for trustees alone: never moderated
)

// Statement is one view and what became of it.
type Statement struct {
	ID       act.ID
	Dialogue act.ID
	act.StatementRegistered
	By act.By
	At time.Time
	// Clock is the step that somebody has to take now.
	Clock Clock
	// Moderation is what was decided last; Reason why it is withheld; Decider
	// the organisation that decided.
	Moderation Moderation
	Reason     string
	Decider    act.ID
	// Text is the act whose "text" section holds the words that are public,
	// zero while none are. A redaction is an act with a text of its own.
	Text act.ID
	// Correction is a newer wording that nobody has decided on, with its clock.
	Correction      act.ID
	CorrectionClock Clock
	// Same is the view that this one was matched to.
	Same act.ID
	// Appeal is the appeal against withholding it, nil if there was none.
	Appeal *Appeal
	// Translations are acts whose "text" section has the words in a language.
	Translations map[string]act.ID
	// Erased says that its words were deleted.
	Erased bool
	// Events are its acts in order, registration first.
	Events []Event

	index int // its place in the dialogue's roll
	// held is the act whose words were public when it was withheld; late the
	// clock of its next step if that was overdue then; overruled are those
	// whose decisions about it were overturned.
	held      act.ID
	late      Clock
	overruled []act.ID
	order     int         // its place among all views
	needs     []*Need     // those it is gathered into
	referrals []*Referral // its own, not those of its needs
	twin      *Statement  // the view that Same names
	twins     []*Statement
	// Judged are what its holder said of answers, Told when they were told.
	Judged []Judgement
	Told   []Telling
}

// Event is one act in the life of a view.
type Event struct {
	Act   act.ID
	Kind  act.Kind
	At    time.Time
	By    act.By
	Facts act.Facts
	// Due is when the step that this act ended was due, zero if no clock ran.
	Due time.Time
}

// Appeal is a holder's appeal against withholding.
type Appeal struct {
	Act     act.ID
	At      time.Time
	Clock   Clock
	Outcome string // empty while open
	// Against is the organisation whose decision it is about.
	Against act.ID
}

// source is what a sealed section says of where a view came from.
type source struct {
	participant  act.Pseudonym
	staff        act.ID
	organisation act.ID
	subjects     []act.ID
	origin       *act.Origin
}

type statementBook struct {
	byID   map[act.ID]*Statement
	byCode map[act.CodeKey]*Statement
	order  []*Statement
	lines  []line // by order
	// recent holds a view for each act in its life but the first, in order.
	recent []*Statement
}

// Recent lists the views whose words are public and in whose life something
// happened last, the last first, at most so many.
func (s *State) Recent(most int) []*Statement {
	var found []*Statement
	for _, v := range slices.Backward(s.views.recent) {
		if len(found) == most {
			break
		}
		if v.Shown() && !slices.Contains(found, v) {
			found = append(found, v)
		}
	}
	return found
}

// Statements lists every view as registered.
func (s *State) Statements() []*Statement { return s.views.order }

// Statement finds a view by its id, nil if there is none.
func (s *State) Statement(id act.ID) *Statement { return s.views.byID[id] }

// StatementByCode finds a view by its receipt's code, nil if there is none.
func (s *State) StatementByCode(key act.CodeKey) *Statement { return s.views.byCode[key] }

// Code is the view's receipt code.
func (s *State) Code(id act.ID) act.Code {
	if s.programme == nil {
		return id.Code("")
	}
	return id.Code(s.programme.Prefix)
}

// Shown reports whether the view's words are public.
func (v *Statement) Shown() bool { return !v.Text.IsZero() && !v.Erased }

// Votable reports whether people may react to the view.
func (v *Statement) Votable() bool {
	return v.Shown() && (v.Moderation == Published || v.Moderation == Redacted) && v.Same.IsZero()
}

// wording is the act whose words are public, or were when the view was
// withheld, or would be first.
func (v *Statement) wording() act.ID {
	switch {
	case v.Shown():
		return v.Text
	case !v.held.IsZero():
		return v.held
	default:
		return v.ID
	}
}

// shownAs is what a view is when an act's words of it are public: a redaction
// stays one, and a view that is the same as another stays that.
func (s *State) shownAs(v *Statement, text act.ID) Moderation {
	switch {
	case s.refs[text].kind == act.KindStatementRedacted:
		return Redacted
	case !v.Same.IsZero():
		return Matched
	default:
		return Published
	}
}

// Filed gives the organisation that is named as having filed the view.
func (v *Statement) Filed() (act.ID, bool) {
	return v.By.Organisation, v.Visibility == act.VisibilityOpen && v.Channel == "organisation"
}

// record adds an act to the life of a view.
func (s *State) record(v *Statement, a *act.Act, due time.Time) {
	if len(v.Events) > 0 {
		s.views.recent = append(s.views.recent, v)
	}
	v.Events = append(v.Events, Event{Act: a.ID, Kind: a.Kind, At: a.At, By: a.By, Facts: a.Facts, Due: due})
}

// last finds the newest act of a kind in the life of the view, nil if there is
// none.
func (v *Statement) last(kind act.Kind) *Event {
	for i := len(v.Events) - 1; i >= 0; i-- {
		if v.Events[i].Kind == kind {
			return &v.Events[i]
		}
	}
	return nil
}

// about finds the view an act is about.
func (s *State) about(a *act.Act) (*Statement, error) {
	v := s.views.byID[a.Of]
	if v == nil {
		return nil, missing("statement", a)
	}
	return v, nil
}

// moderators are the roles that decide whether words are shown.
var moderators = []act.Role{act.RoleModerator, act.RoleFacilitator}

func writesStatement(a *act.Act, k *KeySet) { k.write(keyStatement, a.Of, act.ID{}) }

var statementRules = map[act.Kind]rule{
	act.KindStatementRegistered: {
		roles:   []act.Role{act.RoleFacilitator, act.RoleRapporteur, act.RoleMonitor, act.RoleAdministrator, act.RoleBoard, act.RoleModerator},
		public:  checkRegistered,
		private: checkRegisteredPrivate,
		apply:   applyRegistered,
		keys: func(a *act.Act, k *KeySet) {
			k.read(keyDialogue, a.Of, act.ID{})
			k.write(keyStatement, a.ID, act.ID{})
			k.write(keyCode, codeID(a.ID), act.ID{})
		},
	},
	act.KindStatementPublished: {
		roles: moderators, public: checkPublished, private: checkModerator, apply: applyPublished, keys: writesStatement,
	},
	act.KindStatementRedacted: {
		roles: moderators, public: checkRedacted, private: checkModerator, apply: applyRedacted, keys: writesStatement,
	},
	act.KindStatementWithheld: {
		roles: moderators, public: checkWithheld, private: checkModerator, apply: applyWithheld, keys: writesStatement,
	},
	act.KindStatementMatched: {
		roles: moderators, public: checkMatched, private: checkModerator, apply: applyMatched,
		keys: func(a *act.Act, k *KeySet) {
			writesStatement(a, k)
			k.read(keyStatement, a.Facts.(*act.StatementMatched).Same, act.ID{})
		},
	},
	act.KindStatementCorrected: {
		roles:   []act.Role{act.RoleFacilitator, act.RoleRapporteur, act.RoleMonitor, act.RoleAdministrator, act.RoleBoard, act.RoleModerator},
		public:  checkCorrected,
		private: checkCorrectedPrivate,
		apply:   applyCorrected,
		keys:    writesStatement,
	},
	act.KindStatementTranslated: {
		roles: []act.Role{act.RoleFacilitator, act.RoleRapporteur, act.RoleModerator},
		public: func(s *State, h *act.Header) error {
			v, err := s.alive(h.Of)
			if err != nil {
				return err
			}
			if !v.Shown() {
				return refuse(RefusedNotPublished)
			}
			return s.noAuthority(h.By)
		},
		private: checkInterest,
		apply: func(s *State, a *act.Act) error {
			v, err := s.about(a)
			if err != nil {
				return err
			}
			if v.Translations == nil {
				v.Translations = map[string]act.ID{}
			}
			v.Translations[a.Facts.(*act.StatementTranslated).Language] = a.ID
			s.record(v, a, time.Time{})
			return nil
		},
		keys: writesStatement,
	},
}

// codeID makes a key of the bits that a code shows.
func codeID(id act.ID) act.ID {
	clear(id[5:])
	return id
}

// alive finds a view that was not erased.
func (s *State) alive(id act.ID) (*Statement, error) {
	v := s.views.byID[id]
	switch {
	case v == nil:
		return nil, refuse(RefusedStatement)
	case v.Erased:
		return nil, refuse(RefusedErased)
	}
	return v, nil
}

func checkRegistered(s *State, h *act.Header) error {
	facts := h.Facts.(*act.StatementRegistered)
	if err := s.checkOpen(h.Of); err != nil {
		return err
	}
	if s.views.byCode[h.ID.CodeKey()] != nil {
		return refuse(RefusedExists)
	}
	d := s.dialogues.byID[h.Of]
	if facts.Place != "" {
		place := s.places.byCode[facts.Place]
		if place == nil {
			return refuse(RefusedPlace)
		}
		if place.Level > d.PlaceLevel {
			return refuse(RefusedPlaceFine)
		}
	}
	for _, theme := range facts.Themes {
		if !slices.Contains(s.programme.Themes, theme) {
			return refuse(RefusedTheme)
		}
	}
	if facts.Visibility == act.VisibilitySealed && len(s.programme.Trustees) == 0 {
		return refuse(RefusedNoTrustees)
	}
	return checkChannel(facts, h.By)
}

// checkChannel holds each way in to those who may use it.
func checkChannel(facts *act.StatementRegistered, by act.By) error {
	ok := false
	switch by.As {
	case act.ByParticipant:
		ok = facts.Channel == "web" || facts.Channel == "api"
	case act.BySystem:
		ok = facts.Channel == "import"
	case act.ByOrganisation:
		ok = facts.Channel == "organisation" && facts.Visibility != act.VisibilityOpen
	case act.ByStaff:
		recorder := by.Role == act.RoleFacilitator || by.Role == act.RoleRapporteur
		ok = facts.Channel == "organisation" && facts.Visibility == act.VisibilityOpen || facts.Assisted() && recorder
	}
	if !ok {
		return refuse(RefusedForbidden)
	}
	return nil
}

func checkRegisteredPrivate(s *State, who Actor, a *act.Act) error {
	d := s.dialogues.byID[a.Of]
	if a.By.As == act.ByParticipant {
		if err := d.admits(who); err != nil {
			return err
		}
	}
	var from act.Source
	if _, err := a.Content("source", &from); err != nil {
		return err
	}
	if err := checkSource(who, sourceOf(from)); err != nil {
		return err
	}
	return d.checkLength(who, a)
}

// checkSource holds those who put a view forward to saying so: whom to keep
// from deciding about it is known from nowhere else.
func checkSource(who Actor, src source) error {
	switch who.By.As {
	case act.ByParticipant:
		if src.participant != who.Participant {
			return refuse(RefusedParticipant)
		}
	case act.ByOrganisation:
		if src.staff != who.Staff {
			return refuse(RefusedSource)
		}
	case act.ByStaff:
		if !src.staff.IsZero() && src.staff != who.By.Staff {
			return refuse(RefusedSource)
		}
	}
	return nil
}

// checkLength holds a view's words to the dialogue's limit.
func (d *Dialogue) checkLength(who Actor, a *act.Act) error {
	var text act.Text
	has, err := a.Content("text", &text)
	if err != nil {
		return err
	}
	if n := act.Clusters(text.Text); has && n > d.Limit && !who.Import {
		return refuse(RefusedLong, "n", n, "limit", d.Limit)
	}
	return nil
}

func applyRegistered(s *State, a *act.Act) error {
	d := s.dialogues.byID[a.Of]
	if d == nil {
		return missing("dialogue", a)
	}
	v := &Statement{
		ID: a.ID, Dialogue: a.Of, StatementRegistered: *a.Facts.(*act.StatementRegistered),
		By: a.By, At: a.At, Moderation: Awaiting, Clock: s.start(act.StepModerate, a.At), index: len(d.statements),
	}
	if v.Visibility == act.VisibilitySealed {
		v.Moderation, v.Clock = Private, s.start(act.StepRefer, a.At)
	}
	var from act.Source
	has, err := a.Content("source", &from)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if has {
		s.sources[a.ID] = sourceOf(from)
	}
	s.record(v, a, time.Time{})
	s.views.byID[a.ID], s.views.byCode[a.ID.CodeKey()] = v, v
	v.order = len(s.views.order)
	s.views.order = append(s.views.order, v)
	s.views.lines = append(s.views.lines, line{})
	s.touch(v)
	d.statements = append(d.statements, v)
	s.refs[a.ID] = reference{kind: a.Kind, of: a.ID}
	return nil
}

func sourceOf(from act.Source) source {
	src := source{subjects: from.Subjects, origin: from.Origin}
	if from.Participant != nil {
		src.participant = *from.Participant
	}
	if from.Staff != nil {
		src.staff = *from.Staff
	}
	if from.Organisation != nil {
		src.organisation = *from.Organisation
	}
	return src
}

// checkPublished: a view that waits, one that is withheld (a change of mind),
// or a correction that waits. Publishing the wording that is public already
// turns a correction down.
func checkPublished(s *State, h *act.Header) error {
	v, err := s.moderated(h)
	if err != nil {
		return err
	}
	if text := h.Facts.(*act.StatementPublished).Text; text != nil {
		if v.Correction.IsZero() || v.Correction != *text && v.wording() != *text {
			return refuse(RefusedNothingToPub)
		}
		return nil
	}
	if !v.Correction.IsZero() {
		return refuse(RefusedCorrection)
	}
	// A view that is the same as another may be published as its own: the
	// other may have gone.
	if v.Moderation != Awaiting && v.Moderation != Withheld && v.Moderation != Matched {
		return refuse(RefusedDecided)
	}
	return nil
}

func checkRedacted(s *State, h *act.Header) error {
	v, err := s.moderated(h)
	if err != nil {
		return err
	}
	return s.checkOverruled(v, h.By)
}

// checkOverruled keeps those whose decision about a view was overturned from
// taking its words away again.
func (s *State) checkOverruled(v *Statement, by act.By) error {
	for _, org := range v.overruled {
		if by.As == act.ByStaff && s.Related(org, by.Organisation) {
			return refuse(RefusedOverruled)
		}
	}
	return nil
}

func checkWithheld(s *State, h *act.Header) error {
	v, err := s.moderated(h)
	if err != nil {
		return err
	}
	if h.Facts.(*act.StatementWithheld).Reason == act.ReasonSource && (v.Channel != "import" || h.By.As != act.BySystem) {
		return refuse(RefusedForbidden)
	}
	if v.Moderation == Withheld && v.Correction.IsZero() {
		return refuse(RefusedDecided)
	}
	return s.checkOverruled(v, h.By)
}

func checkMatched(s *State, h *act.Header) error {
	v, err := s.moderated(h)
	if err != nil {
		return err
	}
	if v.Moderation != Awaiting {
		return refuse(RefusedDecided)
	}
	other := s.views.byID[h.Facts.(*act.StatementMatched).Same]
	if other == nil || other == v || other.Dialogue != v.Dialogue || !other.Votable() {
		return refuse(RefusedSame)
	}
	return nil
}

// moderated checks what can be checked in public of anybody who decides about
// showing words: no public authority, nobody about what they registered
// themselves, nobody about words that nobody may read.
func (s *State) moderated(h *act.Header) (*Statement, error) {
	v, err := s.alive(h.Of)
	if err != nil {
		return nil, err
	}
	if v.Moderation == Private {
		return nil, refuse(RefusedSealed)
	}
	if err := s.impartial(h.By, v); err != nil {
		return nil, err
	}
	if v.Safeguarded() {
		return nil, refuse(RefusedSafeguarding)
	}
	if v.Appeal != nil && v.Appeal.Outcome == "" {
		return nil, refuse(RefusedAppealed)
	}
	return v, nil
}

// noAuthority refuses what a public authority never does.
func (s *State) noAuthority(by act.By) error {
	if org := s.orgs.byID[by.Organisation]; by.As == act.ByStaff && org != nil && org.Authority {
		return refuse(RefusedAuthority)
	}
	return nil
}

// impartial refuses staff who may not judge a view, as far as headers tell: of
// a public authority, who entered it, or whose organisation filed it.
func (s *State) impartial(by act.By, v *Statement) error {
	if err := s.noAuthority(by); err != nil || by.As != act.ByStaff {
		return err
	}
	if v.By.As == act.ByStaff && v.By.Staff == by.Staff {
		return refuse(RefusedOwnEntry)
	}
	if v.filed() && s.Related(v.By.Organisation, by.Organisation) {
		return refuse(RefusedInterest)
	}
	return nil
}

// filed reports whether an organisation put the view forward as its own.
func (v *Statement) filed() bool {
	return v.Channel == "organisation" && (v.By.As == act.ByStaff || v.By.As == act.ByOrganisation)
}

// Safeguarded reports whether the view is closed because it tells of abuse or
// danger.
func (v *Statement) Safeguarded() bool {
	return v.Moderation == Withheld && v.Reason == act.ReasonSafeguarding
}

// checkModerator adds what only sealed sections tell: who entered the view
// unnamed, and whom it is about.
func checkModerator(s *State, who Actor, a *act.Act) error {
	src := s.sources[a.Of]
	if a.By.As == act.ByStaff && !src.staff.IsZero() && src.staff == a.By.Staff {
		return refuse(RefusedOwnEntry)
	}
	return checkInterest(s, who, a)
}

// checkInterest keeps the staff of organisations that a view is about, and of
// those related to them, from deciding about its words.
func checkInterest(s *State, _ Actor, a *act.Act) error {
	if a.By.As == act.ByStaff && s.concerns(s.refs[a.Of].of, a.By.Organisation) {
		return refuse(RefusedInterest)
	}
	return nil
}

// concerns reports whether a view is about an organisation or one related to it.
func (s *State) concerns(view, organisation act.ID) bool {
	return slices.ContainsFunc(s.sources[view].subjects, func(subject act.ID) bool {
		return s.Related(subject, organisation)
	})
}

func (s *State) setShown(v *Statement, shown bool) {
	d := s.dialogues.byID[v.Dialogue]
	if d == nil || v.Shown() == shown {
		return
	}
	if shown {
		d.PublicStatements++
	} else {
		d.PublicStatements--
	}
}

// decide ends the clock that runs and begins the next step's.
func (s *State) decide(v *Statement, a *act.Act, to Moderation, text act.ID) {
	due := v.CorrectionClock.Due
	if v.Moderation == Awaiting {
		due = v.Clock.Due
	}
	s.setShown(v, !text.IsZero())
	wasShown := v.Shown()
	switch {
	case to != Withheld:
		if text != v.wording() {
			v.Translations = nil // they are of other words
		}
		v.held = act.ID{}
	case wasShown:
		v.held = v.Text
		if v.Clock.Overdue(endOfHour(a.At)) {
			v.late = v.Clock
		}
	}
	v.Moderation, v.Text, v.Reason, v.Decider = to, text, "", a.By.Organisation
	v.Correction, v.CorrectionClock = act.ID{}, Clock{}
	switch {
	case to == Withheld:
		v.Clock = Clock{}
	case !wasShown && v.isReferred():
		v.Clock, v.late = Clock{}, Clock{}
	case !wasShown && v.late.Running():
		v.Clock, v.late = v.late, Clock{} // what was late is not made up for by withholding it
	case !wasShown:
		v.Clock = s.start(act.StepRefer, a.At)
	}
	s.record(v, a, due)
	s.touch(v)
}

func applyPublished(s *State, a *act.Act) error {
	v, err := s.about(a)
	if err != nil {
		return err
	}
	text := v.wording()
	if facts := a.Facts.(*act.StatementPublished); facts.Text != nil {
		text = *facts.Text
	} else if v.Moderation == Matched {
		s.unmatch(v)
	}
	s.decide(v, a, s.shownAs(v, text), text)
	if !v.Clock.Running() && !v.isReferred() {
		v.Clock = s.start(act.StepRefer, a.At) // the case was the other view's
		s.touch(v)
	}
	return nil
}

func applyRedacted(s *State, a *act.Act) error {
	v, err := s.about(a)
	if err != nil {
		return err
	}
	s.decide(v, a, Redacted, a.ID)
	return nil
}

func applyWithheld(s *State, a *act.Act) error {
	v, err := s.about(a)
	if err != nil {
		return err
	}
	s.decide(v, a, Withheld, act.ID{})
	v.Reason = a.Facts.(*act.StatementWithheld).Reason
	v.Appeal = nil // this decision can be appealed, whatever became of one before
	return nil
}

// unmatch forgets which view this one is the same as.
func (s *State) unmatch(v *Statement) {
	twin := v.twin
	v.Same, v.twin = act.ID{}, nil
	if twin != nil {
		twin.twins = slices.DeleteFunc(twin.twins, func(same *Statement) bool { return same == v })
		s.casesMoved(twin)
	}
}

// Matched lists the views that are shown as the same as this one, as registered.
func (v *Statement) Matched() []*Statement {
	same := slices.DeleteFunc(slices.Clone(v.twins), func(other *Statement) bool { return other.Moderation != Matched })
	slices.SortFunc(same, func(a, b *Statement) int { return a.order - b.order })
	return same
}

func applyMatched(s *State, a *act.Act) error {
	v, err := s.about(a)
	if err != nil {
		return err
	}
	same := s.views.byID[a.Facts.(*act.StatementMatched).Same]
	if same == nil {
		return missing("statement", a)
	}
	for other := same; other != nil; other = other.twin {
		if other == v {
			return fmt.Errorf("%w: act %s makes a view the same as itself", ErrDamaged, a.ID)
		}
	}
	text := v.ID
	if !v.Correction.IsZero() {
		text = v.Correction
	}
	s.decide(v, a, Matched, text)
	s.unmatch(v)
	v.Same, v.twin = same.ID, same
	same.twins = append(same.twins, v)
	if same.isReferred() {
		v.Clock = Clock{}
	}
	s.touch(v)
	return nil
}

func checkCorrected(s *State, h *act.Header) error {
	v, err := s.alive(h.Of)
	if err != nil {
		return err
	}
	if v.Moderation == Private {
		return refuse(RefusedSealed)
	}
	if v.Safeguarded() {
		return refuse(RefusedSafeguarding)
	}
	return v.checkHolding(h.By)
}

func checkCorrectedPrivate(s *State, who Actor, a *act.Act) error {
	if err := checkHolder(s, who, a); err != nil {
		return err
	}
	return s.dialogues.byID[s.views.byID[a.Of].Dialogue].checkLength(who, a)
}

// checkHolding is the part of holding a view that headers tell: staff hold what
// they entered and what their organisation filed, an organisation what it filed
// with nobody named. Of participants only the receipt's secret tells.
func (v *Statement) checkHolding(by act.By) error {
	ok := true
	switch by.As {
	case act.ByStaff:
		ok = v.By.As == act.ByStaff && (v.By.Staff == by.Staff || v.filed() && v.By.Organisation == by.Organisation)
	case act.ByOrganisation:
		ok = v.By.As == act.ByOrganisation && v.By.Organisation == by.Organisation
	}
	if !ok {
		return refuse(RefusedHolder)
	}
	return nil
}

// checkHolder lets those act who hold the view: who has the receipt's secret,
// whoever entered it, and the staff of the organisation that filed it.
func checkHolder(s *State, who Actor, a *act.Act) error {
	if a.By.As == act.BySystem || s.holds(who, a.By, s.views.byID[a.Of]) {
		return nil
	}
	return refuse(RefusedHolder)
}

// holds says whether somebody holds a view, acting as by.
func (s *State) holds(who Actor, by act.By, v *Statement) bool {
	return who.Holds == v.ID || (by.As == act.ByStaff || by.As == act.ByOrganisation) && v.checkHolding(by) == nil
}

func applyCorrected(s *State, a *act.Act) error {
	v, err := s.about(a)
	if err != nil {
		return err
	}
	if v.Correction = a.ID; !v.CorrectionClock.Overdue(endOfHour(a.At)) {
		v.CorrectionClock = s.start(act.StepModerate, a.At)
	}
	s.record(v, a, time.Time{})
	return nil
}
