package civic

import (
	"slices"
	"time"

	"samleng/act"
)

// Organisation is one that takes part in the programme, with its dated roles,
// names and staff.
type Organisation struct {
	ID act.ID
	act.OrganisationRegistered
	At          time.Time
	Engagements []act.OrganisationEngaged
	Aliases     []Alias
	staff       []Grant
	competences []Competence
	ladder      []act.ID
	interests   []act.InterestDeclared
	delegations []act.SigningDelegated
	notes       []act.ID
}

// Alias is another name for a time; the words are Names of its ID.
type Alias struct {
	ID act.ID
	act.OrganisationAliased
}

// Grant is a role that a staff member has, or had.
type Grant struct {
	act.RoleGranted
	Ended bool
}

type organisationBook struct {
	byID  map[act.ID]*Organisation
	order []*Organisation // as registered
}

// Organisations lists the organisations as they were registered.
func (s *State) Organisations() []*Organisation { return s.orgs.order }

// Organisation finds an organisation, nil if there is none.
func (s *State) Organisation(id act.ID) *Organisation { return s.orgs.byID[id] }

// Grants lists the roles given to an organisation's staff, ended ones included.
func (s *State) Grants(organisation act.ID) []Grant {
	if org := s.orgs.byID[organisation]; org != nil {
		return slices.Clone(org.staff)
	}
	return nil
}

// RolesOf lists the roles that a staff member has for an organisation on the
// moment's day.
func (s *State) RolesOf(organisation, staff act.ID, at time.Time) []act.Role {
	org := s.orgs.byID[organisation]
	if org == nil {
		return nil
	}
	day := at.In(s.Zone()).Format(time.DateOnly)
	var roles []act.Role
	for _, grant := range org.staff {
		if grant.Staff == staff && !grant.Ended && grant.From <= day && (grant.Until == "" || day <= grant.Until) {
			roles = append(roles, grant.Role)
		}
	}
	if len(roles) > 0 && !slices.Contains(roles, act.RoleSigningOfficer) && org.delegated(staff, day) {
		roles = append(roles, act.RoleSigningOfficer)
	}
	return roles
}

// checkStaff says whether a staff member has the role they act in, and whether
// that role may do it.
func (s *State) checkStaff(by act.By, allowed []act.Role, at time.Time) error {
	if !slices.Contains(s.RolesOf(by.Organisation, by.Staff, at), by.Role) {
		return refuse(RefusedRole)
	}
	if !slices.Contains(allowed, by.Role) {
		return refuse(RefusedForbidden)
	}
	return nil
}

// leads reports whether an organisation leads the programme, or answers for it,
// on the moment's day.
func (s *State) leads(id act.ID, at time.Time) bool {
	org := s.orgs.byID[id]
	if org == nil {
		return false
	}
	day := at.In(s.Zone()).Format(time.DateOnly)
	return slices.ContainsFunc(org.Engagements, func(e act.OrganisationEngaged) bool {
		return leading(e.As) && e.From <= day && (e.Until == "" || day <= e.Until)
	})
}

func leading(engagement string) bool { return engagement == "lead" || engagement == "accountable" }

// aboutProgramme holds what is set for everybody to those who lead.
func aboutProgramme(s *State, h *act.Header) error {
	if h.By.As == act.ByStaff && !s.leads(h.By.Organisation, h.At) {
		return refuse(RefusedForbidden)
	}
	return nil
}

// Related reports whether two organisations are the same or belong to one
// parent: such a pair does not judge over each other.
func (s *State) Related(a, b act.ID) bool {
	return s.root(a) == s.root(b)
}

func (s *State) root(id act.ID) act.ID {
	for range s.orgs.order { // no further up than there are organisations
		org := s.orgs.byID[id]
		if org == nil || org.Parent == nil {
			break
		}
		id = *org.Parent
	}
	return id
}

var organisationRules = map[act.Kind]rule{
	act.KindOrganisationReg: {
		roles: []act.Role{act.RoleAdministrator},
		public: func(s *State, h *act.Header) error {
			if err := aboutProgramme(s, h); err != nil {
				return err
			}
			facts := h.Facts.(*act.OrganisationRegistered)
			if facts.Parent != nil && s.orgs.byID[*facts.Parent] == nil {
				return refuse(RefusedOrganisation)
			}
			if facts.Place != "" && s.places.byCode[facts.Place] == nil {
				return refuse(RefusedPlace)
			}
			return nil
		},
		apply: func(s *State, a *act.Act) error {
			if err := s.keepNames(a.ID, a); err != nil {
				return err
			}
			org := &Organisation{ID: a.ID, OrganisationRegistered: *a.Facts.(*act.OrganisationRegistered), At: a.At}
			s.orgs.byID[a.ID] = org
			s.orgs.order = append(s.orgs.order, org)
			return nil
		},
		keys: writesSettings,
	},
	act.KindOrganisationAliased: {
		roles:  []act.Role{act.RoleAdministrator},
		public: aboutOwnOrganisation,
		apply: func(s *State, a *act.Act) error {
			org := s.orgs.byID[a.Of]
			if org == nil {
				return missing("organisation", a)
			}
			if err := s.keepNames(a.ID, a); err != nil {
				return err
			}
			org.Aliases = append(org.Aliases, Alias{a.ID, *a.Facts.(*act.OrganisationAliased)})
			return nil
		},
		keys: writesSettings,
	},
	act.KindOrganisationEngaged: {
		roles:  []act.Role{act.RoleAdministrator},
		public: checkEngaged,
		apply: func(s *State, a *act.Act) error {
			org := s.orgs.byID[a.Of]
			if org == nil {
				return missing("organisation", a)
			}
			org.Engagements = append(org.Engagements, *a.Facts.(*act.OrganisationEngaged))
			return nil
		},
		keys: writesSettings,
	},
	act.KindRoleGranted: {
		roles:  []act.Role{act.RoleAdministrator},
		public: aboutOwnOrganisation,
		apply: func(s *State, a *act.Act) error {
			org := s.orgs.byID[a.Of]
			if org == nil {
				return missing("organisation", a)
			}
			org.staff = append(org.staff, Grant{RoleGranted: *a.Facts.(*act.RoleGranted)})
			return nil
		},
		keys: func(a *act.Act, k *KeySet) { k.write(keyStaff, a.Of, a.Facts.(*act.RoleGranted).Staff) },
	},
	act.KindRoleEnded: {
		roles: []act.Role{act.RoleAdministrator},
		public: func(s *State, h *act.Header) error {
			facts := h.Facts.(*act.RoleEnded)
			if err := aboutOwnOrganisation(s, h); err != nil {
				return err
			}
			if !slices.ContainsFunc(s.orgs.byID[h.Of].staff, func(grant Grant) bool { return ends(facts, grant) }) {
				return refuse(RefusedRole)
			}
			return nil
		},
		apply: func(s *State, a *act.Act) error {
			org, facts := s.orgs.byID[a.Of], a.Facts.(*act.RoleEnded)
			if org == nil {
				return missing("organisation", a)
			}
			for i := range org.staff {
				if ends(facts, org.staff[i]) {
					org.staff[i].Ended = true
				}
			}
			return nil
		},
		keys: func(a *act.Act, k *KeySet) { k.write(keyStaff, a.Of, a.Facts.(*act.RoleEnded).Staff) },
	},
}

func ends(ended *act.RoleEnded, grant Grant) bool {
	return !grant.Ended && grant.Staff == ended.Staff && grant.Role == ended.Role
}

// checkEngaged lets those who lead say what any organisation is in the
// programme, and others what their own is; nobody makes themselves the lead.
func checkEngaged(s *State, h *act.Header) error {
	if s.orgs.byID[h.Of] == nil {
		return refuse(RefusedOrganisation)
	}
	if h.By.As == act.ByStaff && h.By.Organisation == h.Of && !leading(h.Facts.(*act.OrganisationEngaged).As) {
		return nil
	}
	return aboutProgramme(s, h)
}

// aboutOwnOrganisation holds an organisation's administrators to their own.
func aboutOwnOrganisation(s *State, h *act.Header) error {
	if s.orgs.byID[h.Of] == nil {
		return refuse(RefusedOrganisation)
	}
	if h.By.As == act.ByStaff && h.By.Organisation != h.Of {
		return refuse(RefusedForbidden)
	}
	return nil
}
