package web

import (
	"net/http"
	"slices"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// member is who is signed in, with what they may do today. It is made in one
// place, for every desk: nothing else decides who somebody is.
type member struct {
	Staff        act.ID
	Organisation act.ID
	Names        act.Names // of the organisation
	Authority    bool
	Roles        []act.Role
}

// member tells who is signed in. The error is a problem that leads to the
// sign-in page where nobody is.
func (s *Server) member(v *visit) (*member, error) {
	if s.config.SignedIn == nil || s.register == nil {
		return nil, problem.New(problem.NotFound, "problem.not_found")
	}
	staff, organisation, err := s.config.SignedIn(v.r)
	if err != nil {
		return nil, err
	}
	m := &member{Staff: staff, Organisation: organisation}
	s.read.View(func(state *civic.State) {
		m.Roles = state.RolesOf(organisation, staff, v.now)
		m.Names = state.Names(organisation)
		if org := state.Organisation(organisation); org != nil {
			m.Authority = org.Authority
		}
	})
	return m, nil
}

// Is reports whether they have one of the roles.
func (m *member) Is(roles ...act.Role) bool {
	return slices.ContainsFunc(roles, func(role act.Role) bool { return slices.Contains(m.Roles, role) })
}

// actor gives them as the actor of an act, in the first of the roles that they
// have.
func (m *member) actor(roles ...act.Role) (civic.Actor, error) {
	for _, role := range roles {
		if slices.Contains(m.Roles, role) {
			return civic.Actor{By: act.By{As: act.ByStaff, Organisation: m.Organisation, Staff: m.Staff, Role: role}, Staff: m.Staff}, nil
		}
	}
	return civic.Actor{}, problem.New(problem.Forbidden, "problem.forbidden")
}

// Which roles each part of the desk is for.
var (
	moderatorRoles = []act.Role{act.RoleModerator, act.RoleFacilitator}
	recorderRoles  = []act.Role{act.RoleFacilitator, act.RoleRapporteur}
	filingRoles    = []act.Role{act.RoleFacilitator, act.RoleRapporteur, act.RoleMonitor, act.RoleAdministrator, act.RoleBoard, act.RoleModerator}
)

// desk makes the handler of a page for somebody who is signed in.
func (s *Server) desk(handle func(w http.ResponseWriter, v *visit, m *member) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v := s.visit(r)
		m, err := s.member(v)
		if err != nil {
			if problem.Of(err).Kind == problem.Unauthenticated && r.Method == http.MethodGet {
				http.Redirect(w, r, "/signin", http.StatusSeeOther)
				return nil
			}
			return err
		}
		s.wait(r)
		return handle(w, v, m)
	}
}
