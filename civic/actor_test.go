package civic_test

import (
	"slices"

	"samleng/act"
	"samleng/civic"
)

// The generator's people: mostly those who may do what they try, at times
// anybody.

// member chooses a staff member who has one of the roles now, or the register
// where there is none.
func (m *machine) member(roles ...act.Role) civic.Actor {
	return m.memberOf(func(org *civic.Organisation, _ act.ID) bool { return true }, roles...)
}

func (m *machine) memberOf(fits func(org *civic.Organisation, staff act.ID) bool, roles ...act.Role) civic.Actor {
	wild := !m.likely()
	var found []civic.Actor
	for _, org := range m.state.Organisations() {
		for _, grant := range m.state.Grants(org.ID) {
			held := slices.Contains(m.state.RolesOf(org.ID, grant.Staff, m.now), grant.Role)
			if wild || held && slices.Contains(roles, grant.Role) && fits(org, grant.Staff) {
				found = append(found, civic.Actor{By: act.By{As: act.ByStaff, Organisation: org.ID, Staff: grant.Staff, Role: grant.Role}})
			}
		}
	}
	if len(found) == 0 {
		return civic.System
	}
	return any1(m, found)
}

// leader chooses somebody who may set the programme.
func (m *machine) leader() civic.Actor {
	if m.pick(3) == 0 {
		return civic.System
	}
	return m.memberOf(func(org *civic.Organisation, _ act.ID) bool {
		return slices.ContainsFunc(org.Engagements, func(e act.OrganisationEngaged) bool { return e.As == "lead" || e.As == "accountable" })
	}, act.RoleAdministrator)
}

func (m *machine) administrator() civic.Actor {
	if m.pick(3) == 0 {
		return civic.System
	}
	return m.member(act.RoleAdministrator)
}

// ownOrganisation is an actor's own, or any.
func (m *machine) ownOrganisation(who civic.Actor) act.ID {
	orgs := m.state.Organisations()
	switch {
	case !who.By.Organisation.IsZero() && m.likely():
		return who.By.Organisation
	case len(orgs) == 0 || m.pick(20) == 0:
		return m.id()
	default:
		return any1(m, orgs).ID
	}
}

func (m *machine) participant() civic.Actor {
	return civic.Actor{By: act.Participant, Participant: any1(m, m.people), Admitted: m.likely(), Import: m.pick(10) == 0}
}

// dialogue chooses one at a stage, or any, or one that there is not.
func (m *machine) dialogue(stage civic.Stage) act.ID {
	var found []act.ID
	for _, d := range m.state.Dialogues() {
		if stage == "" || d.Stage() == stage {
			found = append(found, d.ID)
		}
	}
	dialogues := m.state.Dialogues()
	switch {
	case len(dialogues) == 0 || m.pick(60) == 0:
		return m.id()
	case len(found) == 0 || m.pick(15) == 0:
		return any1(m, dialogues).ID
	default:
		return any1(m, found)
	}
}

// host chooses who runs a dialogue.
func (m *machine) host(dialogue act.ID) civic.Actor {
	d := m.state.Dialogue(dialogue)
	if d == nil || m.pick(3) == 0 {
		return civic.System
	}
	return m.memberOf(func(org *civic.Organisation, _ act.ID) bool { return org.ID == d.Host }, act.RoleFacilitator, act.RoleAdministrator)
}

// view chooses a view that fits, or any, or one that there is not.
func (m *machine) view(fits func(*civic.Statement) bool) act.ID {
	all := m.state.Statements()
	if len(all) == 0 || m.pick(40) == 0 {
		return m.id()
	}
	if m.likely() {
		var found []*civic.Statement
		for _, v := range all {
			if !v.Erased && fits(v) {
				found = append(found, v)
			}
		}
		if len(found) > 0 {
			return any1(m, found).ID
		}
	}
	return any1(m, all).ID
}

// judge chooses who may decide about a view's words.
func (m *machine) judge(id act.ID) civic.Actor {
	v := m.state.Statement(id)
	return m.memberOf(func(org *civic.Organisation, staff act.ID) bool {
		return !org.Authority && (v == nil || v.By.Staff != staff && v.By.Organisation != org.ID)
	}, act.RoleModerator, act.RoleFacilitator)
}

// appealJudge chooses who may decide an appeal.
func (m *machine) appealJudge(id act.ID) civic.Actor {
	v := m.state.Statement(id)
	roles := []act.Role{act.RoleModerator, act.RoleFacilitator}
	if v != nil && v.Reason == act.ReasonSafeguarding {
		roles = []act.Role{act.RoleAdministrator}
	}
	if m.pick(3) == 0 {
		return m.member(roles...)
	}
	return m.memberOf(func(org *civic.Organisation, staff act.ID) bool {
		return !org.Authority && v != nil && v.Appeal != nil && !m.state.Related(org.ID, v.Appeal.Against) && v.By.Staff != staff && v.By.Organisation != org.ID
	}, roles...)
}

// holder chooses who holds a view.
func (m *machine) holder(id act.ID) civic.Actor {
	v := m.state.Statement(id)
	if v == nil || !m.likely() {
		return civic.Actor{By: act.Participant, Participant: any1(m, m.people)}
	}
	secret := civic.Actor{By: act.Participant, Holds: id}
	switch v.By.As {
	case act.ByStaff:
		if m.pick(2) == 0 {
			return civic.Actor{By: v.By}
		}
	case act.ByOrganisation:
		who := m.memberOf(func(org *civic.Organisation, _ act.ID) bool { return org.ID == v.By.Organisation }, act.Roles...)
		if m.pick(2) == 0 && !who.By.Staff.IsZero() {
			return civic.Actor{By: v.By, Staff: who.By.Staff}
		}
	}
	return secret
}
