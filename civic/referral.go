package civic

import (
	"slices"
	"time"

	"samleng/act"
)

// Referral is a case: a view or a need in the hands of the one authority that
// is to answer it.
type Referral struct {
	ID       act.ID
	Of       act.ID // a view or a need
	Dialogue act.ID
	By       act.By
	At       time.Time
	// Authority holds the case now; Held are all that ever did, in order.
	Authority   act.ID
	Held        []act.ID
	Information []act.ID
	// Acknowledge and Answer are its clocks: both run from the referral, and a
	// transfer stops neither. FirstDue is when the answer was due at first.
	Acknowledge  Clock
	Answer       Clock
	FirstDue     time.Time
	Acknowledged time.Time
	Extended     bool
	// Info is what was asked for, nil if nothing was.
	Info *InformationRequest
	// Answers are those issued to it, oldest first; the last one counts while
	// Answered is not zero.
	Answers  []act.ID
	Decision string
	Answered time.Time
	// InTime says that the standing answer came by the day it was due.
	InTime bool
	// Review is the newest second look at its answer, nil if there was none.
	Review      *Review
	Escalations []Escalation
	Events      []Event

	order int // among all cases
	view  *Statement
	need  *Need
}

// InformationRequest is what an authority asked for, once.
type InformationRequest struct {
	Act  act.ID
	At   time.Time
	What string
	From string
	// Clock is the supplier's; when its time is up the authority answers on
	// what it has.
	Clock    Clock
	Supplied time.Time
	left     int // working days that the answer's clock had when it stopped
}

// Escalation is one step of a silent case up the ladder.
type Escalation struct {
	Act   act.ID
	At    time.Time
	Level int
	To    []act.ID
}

type caseBook struct {
	byID  map[act.ID]*Referral
	order []*Referral
	held  map[act.ID][]*Referral // by every authority that has, or had, them
	lines []caseLine             // by order
}

// Referrals lists the cases as they were referred.
func (s *State) Referrals() []*Referral { return s.cases.order }

// Held lists the cases that an authority has, or had, as it got them.
func (s *State) Held(authority act.ID) []*Referral { return s.cases.held[authority] }

// Referral finds a case by its id, nil if there is none.
func (s *State) Referral(id act.ID) *Referral { return s.cases.byID[id] }

// Views lists the views that the case is about, those that are the same as one
// of them included.
func (r *Referral) Views() []*Statement {
	if r.need != nil {
		return with(r.need.statements...)
	}
	return with(r.view)
}

// moot reports whether nothing is left of what the case is about: every view
// was erased.
func (r *Referral) moot() bool {
	if r.need != nil {
		return !slices.ContainsFunc(r.need.statements, func(v *Statement) bool { return !v.Erased })
	}
	return r.view.Erased && !slices.ContainsFunc(r.view.twins, func(v *Statement) bool { return !v.Erased })
}

// Need is the need that the case is about, nil if it is about one view.
func (r *Referral) Need() *Need { return r.need }

// Matter gives the themes and the place that decide who is competent.
func (r *Referral) Matter(s *State) (themes []string, place string) {
	if r.need != nil {
		themes, place = []string{r.need.Theme}, r.need.Place
	} else {
		themes, place = r.view.Themes, r.view.Place
	}
	if d := s.dialogues.byID[r.Dialogue]; place == "" && d != nil {
		place = d.Place
	}
	return themes, place
}

// Standing tells where the case stands at a moment, and the clock of whoever
// has to do something; it does not run where nobody has.
func (r *Referral) Standing(at time.Time) (Disposition, Clock) {
	switch {
	case r.moot():
		return DispErased, Clock{}
	case r.Review != nil && r.Review.Outcome == "":
		return DispConsidering, r.Review.Clock
	case !r.Answered.IsZero():
		return DispAnswered, Clock{}
	case r.Acknowledged.IsZero():
		if !r.Acknowledge.Running() {
			return DispWaiting, r.Answer
		}
		return DispWaiting, r.Acknowledge
	case r.Info != nil && r.Info.Supplied.IsZero() && !r.Info.Clock.Overdue(at) && r.Info.Clock.Running():
		return DispNeedsInformation, r.Info.Clock
	default:
		return DispConsidering, r.Answer
	}
}

// open reports whether the case waits for its authority.
func (r *Referral) open() bool { return r.Answered.IsZero() }

// refused reports whether its answer says, with reasons, that nothing new will
// be done.
func (r *Referral) refused() bool {
	return !r.Answered.IsZero() && (r.Decision == act.NotAccepted || r.Decision == act.NoCompetentOffice || r.Decision == act.AlreadyInPlace)
}

// rebind moves the case's clocks to a new calendar.
func (r *Referral) rebind(s *State, at time.Time) {
	if r.open() {
		r.Acknowledge.rebind(s, at)
		r.Answer.rebind(s, at)
	}
	if r.Info != nil && r.Info.Supplied.IsZero() {
		r.Info.Clock.rebind(s, at)
	}
	if r.Review != nil && r.Review.Outcome == "" {
		r.Review.Clock.rebind(s, at)
	}
}

func (r *Referral) record(a *act.Act, due time.Time) {
	r.Events = append(r.Events, Event{Act: a.ID, Kind: a.Kind, At: a.At, By: a.By, Facts: a.Facts, Due: due})
}

// referred ends a view's wait for a referral.
func (s *State) referred(v *Statement, a *act.Act) {
	if v.Clock.Step == act.StepRefer && v.Clock.Running() {
		s.record(v, a, v.Clock.Due)
		v.Clock = Clock{}
	}
}

var (
	referrers = []act.Role{act.RoleReferrer, act.RoleFacilitator}
	officers  = []act.Role{act.RoleFocalPoint, act.RoleSigningOfficer}
)

func writesCase(a *act.Act, k *KeySet) { k.write(keyCase, a.Of, act.ID{}) }

var referralRules = map[act.Kind]rule{
	act.KindReferralMade: {
		roles: referrers, public: checkReferral, apply: applyReferral,
		// It ends the wait of every view of a need, which only the state knows.
		keys: writesSettings,
	},
	act.KindReferralTransferred: {
		roles:  []act.Role{act.RoleFocalPoint, act.RoleSigningOfficer, act.RoleReferrer, act.RoleFacilitator},
		public: checkTransfer, apply: applyTransfer, keys: writesCase,
	},
	act.KindReferralAcknowledged: {
		roles: officers,
		public: func(s *State, h *act.Header) error {
			r, err := s.held(h)
			if err == nil && !r.Acknowledged.IsZero() {
				return refuse(RefusedAcknowledged)
			}
			return err
		},
		apply: onCase(func(s *State, r *Referral, a *act.Act) { r.acknowledge(a) }),
		keys:  writesCase,
	},
	act.KindReferralConsidered: {
		roles: officers,
		public: func(s *State, h *act.Header) error {
			_, err := s.held(h)
			if err == nil && s.future(h.Facts.(*act.ReferralConsidered).On, h.At) {
				return refuse(RefusedFuture)
			}
			return err
		},
		apply: onCase(func(s *State, r *Referral, a *act.Act) {
			if !r.acknowledge(a) {
				r.record(a, time.Time{})
			}
		}),
		keys: writesCase,
	},
	act.KindInformationRequested: {
		roles: officers, public: checkAsked, apply: onCase(applyAsked), keys: writesCase,
	},
	act.KindInformationSupplied: {
		roles:   []act.Role{act.RoleFacilitator, act.RoleRapporteur, act.RoleMonitor, act.RoleAdministrator, act.RoleBoard, act.RoleModerator},
		public:  checkSupplied,
		private: checkSupplier,
		apply:   applySupplied,
		keys: func(a *act.Act, k *KeySet) {
			k.read(keyStatement, a.Of, act.ID{})
			k.write(keyCase, a.Facts.(*act.InformationSupplied).Case, act.ID{})
		},
	},
	act.KindAnswerExtended: {
		roles: officers,
		public: func(s *State, h *act.Header) error {
			r, err := s.held(h)
			switch {
			case err != nil:
				return err
			case r.Extended:
				return refuse(RefusedExtended)
			case r.Answer.Overdue(h.At):
				return refuse(RefusedAskedLate)
			}
			return nil
		},
		apply: onCase(func(s *State, r *Referral, a *act.Act) {
			r.acknowledge(a)
			r.Extended = true
			from := r.Answer.from
			if from.IsZero() {
				from = r.Answer.Start
			}
			r.Answer = r.Answer.again(s, from, r.Answer.days+a.Facts.(*act.AnswerExtended).Days)
			r.once(a)
		}),
		keys: writesCase,
	},
}

// onCase makes the change of an act about a case.
func onCase(change func(*State, *Referral, *act.Act)) func(*State, *act.Act) error {
	return func(s *State, a *act.Act) error {
		r := s.cases.byID[a.Of]
		if r == nil {
			return missing("case", a)
		}
		change(s, r, a)
		s.caseMoved(r)
		return nil
	}
}

// acknowledge ends the first wait: by saying so, or by doing what comes after
// it. It records the act and reports whether it did.
func (r *Referral) acknowledge(a *act.Act) bool {
	if !r.Acknowledged.IsZero() {
		return false
	}
	r.Acknowledged = a.At
	r.record(a, r.Acknowledge.Due)
	return true
}

// once records an act that acknowledge has not recorded already.
func (r *Referral) once(a *act.Act) {
	if n := len(r.Events); n == 0 || r.Events[n-1].Act != a.ID {
		r.record(a, time.Time{})
	}
}

// held finds the case of an act by the authority that holds it, while it waits
// for an answer.
func (s *State) held(h *act.Header) (*Referral, error) {
	r := s.cases.byID[h.Of]
	switch {
	case r == nil:
		return nil, refuse(RefusedCase)
	case r.Authority != h.By.Organisation:
		return nil, refuse(RefusedNotHolding)
	case !r.open():
		return nil, refuse(RefusedAnswered)
	}
	return r, nil
}

// future reports whether a day has not come at a moment.
func (s *State) future(day string, at time.Time) bool {
	return day > at.In(s.Zone()).Format(time.DateOnly)
}

// checkReferral: the host of the dialogue refers a view that is public (or
// sealed to trustees), or one of its needs, to a public authority; and nothing
// to an authority that has it already.
func checkReferral(s *State, h *act.Header) error {
	facts := h.Facts.(*act.ReferralMade)
	var dialogue act.ID
	var open []*Referral
	if n := s.needs.byID[h.Of]; n != nil {
		dialogue, open = n.Dialogue, n.referrals
	} else {
		v, err := s.alive(h.Of)
		if err != nil {
			return err
		}
		if !v.Shown() && v.Moderation != Private {
			return refuse(RefusedNotPublished)
		}
		dialogue, open = v.Dialogue, v.referrals
	}
	if h.By.Organisation != s.dialogues.byID[dialogue].Host {
		return refuse(RefusedForbidden)
	}
	if !s.isAuthority(facts.Authority) || slices.ContainsFunc(facts.Information, func(id act.ID) bool { return !s.isAuthority(id) }) {
		return refuse(RefusedNotAuthority)
	}
	if slices.Contains(facts.Information, facts.Authority) ||
		slices.ContainsFunc(open, func(r *Referral) bool { return r.Authority == facts.Authority }) {
		return refuse(RefusedReferred)
	}
	return nil
}

func applyReferral(s *State, a *act.Act) error {
	facts := a.Facts.(*act.ReferralMade)
	r := &Referral{ID: a.ID, Of: a.Of, By: a.By, At: a.At, Authority: facts.Authority, Held: []act.ID{facts.Authority}, Information: facts.Information,
		Acknowledge: s.startFor(facts.Authority, act.StepAcknowledge, a.At), Answer: s.startFor(facts.Authority, act.StepAnswer, a.At)}
	r.FirstDue = r.Answer.Due
	if r.need = s.needs.byID[a.Of]; r.need != nil {
		r.Dialogue = r.need.Dialogue
		r.need.referrals = append(r.need.referrals, r)
		r.need.record(a, time.Time{})
	} else if r.view = s.views.byID[a.Of]; r.view != nil {
		r.Dialogue = r.view.Dialogue
		r.view.referrals = append(r.view.referrals, r)
	} else {
		return missing("view or need", a)
	}
	r.record(a, time.Time{})
	r.order = len(s.cases.order)
	s.cases.byID[a.ID] = r
	s.cases.order = append(s.cases.order, r)
	s.cases.lines = append(s.cases.lines, caseLine{})
	s.cases.hold(r.Authority, r)
	for _, v := range r.Views() {
		s.referred(v, a)
	}
	s.caseMoved(r)
	return nil
}

func checkTransfer(s *State, h *act.Header) error {
	r := s.cases.byID[h.Of]
	if r == nil {
		return refuse(RefusedCase)
	}
	host := s.dialogues.byID[r.Dialogue].Host
	referrer := slices.Contains(referrers, h.By.Role) && h.By.Organisation == host
	officer := slices.Contains(officers, h.By.Role) && h.By.Organisation == r.Authority
	to := h.Facts.(*act.ReferralTransferred).To
	switch {
	case !referrer && !officer:
		return refuse(RefusedNotHolding)
	case !r.open():
		return refuse(RefusedAnswered)
	case !s.isAuthority(to):
		return refuse(RefusedNotAuthority)
	case slices.Contains(r.Held, to):
		return refuse(RefusedCircular)
	}
	return nil
}

// applyTransfer hands the case on. It waits again under its first clocks.
func applyTransfer(s *State, a *act.Act) error {
	r := s.cases.byID[a.Of]
	if r == nil {
		return missing("case", a)
	}
	r.Authority = a.Facts.(*act.ReferralTransferred).To
	r.Held = append(r.Held, r.Authority)
	s.cases.hold(r.Authority, r)
	r.Acknowledged = time.Time{}
	r.record(a, time.Time{})
	s.caseMoved(r)
	return nil
}

func checkAsked(s *State, h *act.Header) error {
	r, err := s.held(h)
	switch {
	case err != nil:
		return err
	case r.Info != nil:
		return refuse(RefusedAsked)
	case r.Answer.Overdue(h.At):
		// Who is late answers on what there is.
		return refuse(RefusedAskedLate)
	}
	return nil
}

// applyAsked stops the answer's clock until what is missing was supplied or its
// time is up.
func applyAsked(s *State, r *Referral, a *act.Act) {
	facts := a.Facts.(*act.InformationRequested)
	r.acknowledge(a)
	r.Info = &InformationRequest{Act: a.ID, At: a.At, What: facts.What, From: facts.From, Clock: s.startFor(r.Authority, act.StepInform, a.At)}
	if r.Answer.Running() && r.Info.Clock.Running() {
		r.Info.left = max(1, s.WorkingDays(a.At, r.Answer.LastDay()))
		r.Answer = r.Answer.again(s, r.Info.Clock.LastDay(), r.Info.left)
	}
	r.once(a)
}

func checkSupplied(s *State, h *act.Header) error {
	v, err := s.alive(h.Of)
	if err != nil {
		return err
	}
	r := s.cases.byID[h.Facts.(*act.InformationSupplied).Case]
	switch {
	case r == nil || !slices.Contains(v.Referrals(), r):
		return refuse(RefusedCase)
	case !r.open():
		return refuse(RefusedAnswered)
	case r.Info == nil || !r.Info.Supplied.IsZero():
		return refuse(RefusedNotAsked)
	case r.Info.From == "facilitator" && !s.hosts(h.By, r):
		return refuse(RefusedForbidden)
	}
	return nil
}

// hosts reports whether somebody is a facilitator of the case's dialogue.
func (s *State) hosts(by act.By, r *Referral) bool {
	return by.As == act.ByStaff && by.Role == act.RoleFacilitator && by.Organisation == s.dialogues.byID[r.Dialogue].Host
}

// checkSupplier lets those supply what is missing who hold the view or entered
// it, and the host's facilitators for them.
func checkSupplier(s *State, who Actor, a *act.Act) error {
	if s.hosts(a.By, s.cases.byID[a.Facts.(*act.InformationSupplied).Case]) {
		return nil
	}
	return checkHolder(s, who, a)
}

func applySupplied(s *State, a *act.Act) error {
	r := s.cases.byID[a.Facts.(*act.InformationSupplied).Case]
	if r == nil || r.Info == nil {
		return missing("case that asked for it", a)
	}
	due := r.Info.Clock.Due
	if !r.Info.Clock.Overdue(a.At) && r.Info.left > 0 {
		r.Answer = r.Answer.again(s, a.At, r.Info.left)
	}
	r.Info.Supplied = a.At
	r.record(a, due)
	s.caseMoved(r)
	return nil
}

// readsCase says whether somebody may read what is not public of a case: who
// holds a view in it, the host's staff, and the officers of the authority that
// has it.
func (s *State) readsCase(who Actor, r *Referral) bool {
	if !who.Holds.IsZero() && slices.ContainsFunc(r.Views(), func(v *Statement) bool { return v.ID == who.Holds }) {
		return true
	}
	if who.By.As != act.ByStaff {
		return false
	}
	d := s.dialogues.byID[r.Dialogue]
	return who.By.Organisation == d.Host && slices.Contains(gatherers, who.By.Role) ||
		who.By.Organisation == r.Authority && slices.Contains(officers, who.By.Role)
}
