package civic

import (
	"slices"
	"time"

	"samleng/act"
)

// Competence is for what an authority is responsible, for a time.
type Competence struct {
	Act act.ID
	act.CompetenceDeclared
}

// holds says whether a competence covers a theme and a place on a day. An empty
// place is the whole country: only a competence for all of it covers that.
func (c Competence) holds(s *State, themes []string, place, day string) bool {
	if c.From > day || c.Until != "" && c.Until < day {
		return false
	}
	if len(c.Themes) > 0 && !slices.ContainsFunc(themes, func(theme string) bool { return slices.Contains(c.Themes, theme) }) {
		return false
	}
	return c.Place == "" || place != "" && s.Within(place, c.Place)
}

// Competences lists what an authority is responsible for, past ones included.
func (s *State) Competences(authority act.ID) []Competence {
	if org := s.orgs.byID[authority]; org != nil {
		return org.competences
	}
	return nil
}

// Competent says what an authority may do about a matter at a moment: decide,
// advise or refer, whichever is most. declared is false where nothing was ever
// declared of the authority: then it may do anything.
func (s *State) Competent(authority act.ID, themes []string, place string, at time.Time) (as string, declared bool) {
	org := s.orgs.byID[authority]
	if org == nil || len(org.competences) == 0 {
		return "", false
	}
	day := at.In(s.Zone()).Format(time.DateOnly)
	best := len(act.Competences)
	for _, c := range org.competences {
		if c.holds(s, themes, place, day) {
			best = min(best, slices.Index(act.Competences, c.As))
		}
	}
	if best == len(act.Competences) {
		return "", true
	}
	return act.Competences[best], true
}

// Suggestion is an authority to which a matter might be referred.
type Suggestion struct {
	Authority act.ID
	As        string
	// Depth counts how near the place of its competence is: 0 for the whole
	// country, more for a province, most for a district.
	Depth int
}

// Suggest lists the authorities that are competent for a matter at a moment:
// those that decide first, of these the nearest first, then as registered. A
// facilitator chooses.
func (s *State) Suggest(themes []string, place string, at time.Time) []Suggestion {
	day := at.In(s.Zone()).Format(time.DateOnly)
	var all []Suggestion
	for _, org := range s.orgs.order {
		best := Suggestion{Authority: org.ID}
		for _, c := range org.competences {
			if !org.Authority || !c.holds(s, themes, place, day) {
				continue
			}
			depth := 0
			if p := s.places.byCode[c.Place]; p != nil {
				depth = p.Level
			}
			if best.As == "" || slices.Index(act.Competences, c.As) < slices.Index(act.Competences, best.As) ||
				c.As == best.As && depth > best.Depth {
				best.As, best.Depth = c.As, depth
			}
		}
		if best.As != "" {
			all = append(all, best)
		}
	}
	slices.SortStableFunc(all, func(a, b Suggestion) int {
		if c := slices.Index(act.Competences, a.As) - slices.Index(act.Competences, b.As); c != 0 {
			return c
		}
		return b.Depth - a.Depth
	})
	return all
}

// Ladder lists the offices to which an organisation's silent cases go: those
// declared, else its parent, else none.
func (s *State) Ladder(organisation act.ID) []act.ID {
	org := s.orgs.byID[organisation]
	switch {
	case org == nil:
		return nil
	case len(org.ladder) > 0:
		return org.ladder
	case org.Parent != nil:
		return []act.ID{*org.Parent}
	}
	return nil
}

// Independent reports whether one organisation may judge over another at a
// moment: they share no parent, neither has a declared stake in the other, and
// they have promised nothing together.
func (s *State) Independent(a, b act.ID, at time.Time) bool {
	if s.Related(a, b) || s.promises.together[[2]act.ID{a, b}] {
		return false
	}
	day := at.In(s.Zone()).Format(time.DateOnly)
	return !s.stake(a, b, day) && !s.stake(b, a, day)
}

func (s *State) stake(of, in act.ID, day string) bool {
	org := s.orgs.byID[of]
	return org != nil && slices.ContainsFunc(org.interests, func(i act.InterestDeclared) bool {
		return i.With == in && i.From <= day && (i.Until == "" || day <= i.Until)
	})
}

// Interests lists the stakes that an organisation declared, past ones included.
func (s *State) Interests(organisation act.ID) []act.InterestDeclared {
	if org := s.orgs.byID[organisation]; org != nil {
		return slices.Clone(org.interests)
	}
	return nil
}

func (s *State) isAuthority(id act.ID) bool {
	org := s.orgs.byID[id]
	return org != nil && org.Authority
}

// delegated says whether somebody signs for an organisation on a day in place
// of its signing officer.
func (o *Organisation) delegated(staff act.ID, day string) bool {
	return slices.ContainsFunc(o.delegations, func(d act.SigningDelegated) bool {
		return d.To == staff && d.From <= day && day <= d.Until
	})
}

// Notes lists an organisation's own words about its figures, oldest first: acts
// whose names hold them.
func (o *Organisation) Notes() []act.ID { return o.notes }

var competenceRules = map[act.Kind]rule{
	act.KindCompetenceDeclared: {
		roles: []act.Role{act.RoleAdministrator},
		public: func(s *State, h *act.Header) error {
			facts := h.Facts.(*act.CompetenceDeclared)
			if err := aboutOwnOrganisation(s, h); err != nil {
				return err
			}
			switch {
			case !s.isAuthority(h.Of):
				return refuse(RefusedNotAuthority)
			case facts.Place != "" && s.places.byCode[facts.Place] == nil:
				return refuse(RefusedPlace)
			case slices.ContainsFunc(facts.Themes, func(t string) bool { return !slices.Contains(s.programme.Themes, t) }):
				return refuse(RefusedTheme)
			}
			return nil
		},
		apply: aboutOrganisation(func(_ *State, org *Organisation, a *act.Act) {
			facts := a.Facts.(*act.CompetenceDeclared)
			// The same said again is the same competence until another day: so one
			// ends, and so it is taken up again.
			for i := range org.competences {
				if c := &org.competences[i]; c.As == facts.As && c.Place == facts.Place && slices.Equal(c.Themes, facts.Themes) {
					c.Until = facts.Until
					return
				}
			}
			org.competences = append(org.competences, Competence{a.ID, *a.Facts.(*act.CompetenceDeclared)})
		}),
		keys: writesSettings,
	},
	act.KindLadderDeclared: {
		roles: []act.Role{act.RoleAdministrator},
		public: func(s *State, h *act.Header) error {
			if err := aboutOwnOrganisation(s, h); err != nil {
				return err
			}
			for _, to := range h.Facts.(*act.LadderDeclared).To {
				if !s.isAuthority(to) {
					return refuse(RefusedNotAuthority)
				}
				if s.above(to, h.Of) {
					return refuse(RefusedLadder)
				}
			}
			return nil
		},
		apply: aboutOrganisation(func(_ *State, org *Organisation, a *act.Act) { org.ladder = a.Facts.(*act.LadderDeclared).To }),
		keys:  writesSettings,
	},
	act.KindInterestDeclared: {
		roles: []act.Role{act.RoleAdministrator},
		public: func(s *State, h *act.Header) error {
			if s.orgs.byID[h.Facts.(*act.InterestDeclared).With] == nil {
				return refuse(RefusedOrganisation)
			}
			return aboutOwnOrganisation(s, h)
		},
		apply: aboutOrganisation(func(_ *State, org *Organisation, a *act.Act) {
			org.interests = append(org.interests, *a.Facts.(*act.InterestDeclared))
		}),
		keys: writesSettings,
	},
	act.KindSigningDelegated: {
		roles: []act.Role{act.RoleSigningOfficer},
		public: func(s *State, h *act.Header) error {
			if err := aboutOwnOrganisation(s, h); err != nil {
				return err
			}
			if len(s.RolesOf(h.Of, h.Facts.(*act.SigningDelegated).To, h.At)) == 0 {
				return refuse(RefusedRole)
			}
			return nil
		},
		apply: aboutOrganisation(func(_ *State, org *Organisation, a *act.Act) {
			org.delegations = append(org.delegations, *a.Facts.(*act.SigningDelegated))
		}),
		keys: writesSettings,
	},
	act.KindContextNoted: {
		roles:  []act.Role{act.RoleAdministrator, act.RoleSigningOfficer, act.RoleFocalPoint},
		public: aboutOwnOrganisation,
		apply: func(s *State, a *act.Act) error {
			org := s.orgs.byID[a.Of]
			if org == nil {
				return missing("organisation", a)
			}
			if err := s.keepNames(a.ID, a); err != nil {
				return err
			}
			org.notes = append(org.notes, a.ID)
			return nil
		},
		keys: writesSettings,
	},
}

// above says whether going up from an office one comes to another.
func (s *State) above(from, to act.ID) bool {
	seen := map[act.ID]bool{}
	var climb func(act.ID) bool
	climb = func(id act.ID) bool {
		if id == to {
			return true
		}
		if seen[id] {
			return false
		}
		seen[id] = true
		return slices.ContainsFunc(s.Ladder(id), climb)
	}
	return climb(from)
}

// aboutOrganisation makes the change of an act about an organisation.
func aboutOrganisation(change func(*State, *Organisation, *act.Act)) func(*State, *act.Act) error {
	return func(s *State, a *act.Act) error {
		org := s.orgs.byID[a.Of]
		if org == nil {
			return missing("organisation", a)
		}
		change(s, org, a)
		return nil
	}
}

// Delegations lists who may, or could, sign for the organisation in place of its
// signing officer, oldest first.
func (o *Organisation) Delegations() []act.SigningDelegated { return o.delegations }
