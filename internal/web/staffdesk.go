package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/account"
	"samleng/internal/problem"
)

// staffView is an organisation's staff, for its administrators.
type staffView struct {
	Bar   deskBar
	Staff []staffLine
	Roles []option
	Typed url.Values
	Wrong *problemView
	// Invitation was made just now; it is shown once.
	Invitation *invitationSlip
	Done       string
	Token      string
}

// staffLine is somebody of the staff.
type staffLine struct {
	account.Account
	Roles []act.Role
	// Self says that it is who looks; AskedBySelf that they asked for a reset.
	Self, AskedBySelf, Asked bool
	Choices                  []option
}

// invitationSlip is what an administrator hands over.
type invitationSlip struct {
	Name, Code, Link string
	Picture          picture
}

func (s *Server) staffPage(w http.ResponseWriter, v *visit, m *member) error {
	return s.showStaff(w, v, m, &staffView{Typed: url.Values{}}, nil)
}

func (s *Server) showStaff(w http.ResponseWriter, v *visit, m *member, data *staffView, wrong error) error {
	if err := m.needs(act.RoleAdministrator); err != nil {
		return err
	}
	accounts, err := s.accounts()
	if err != nil {
		return err
	}
	all, err := accounts.List(v.r.Context(), m.Organisation)
	if err != nil {
		return err
	}
	data.Bar = m.bar("staff")
	if data.Token, err = s.formToken(); err != nil {
		return err
	}
	data.Roles = roleOptions(nil, data.Typed["role"])
	s.read.View(func(state *civic.State) {
		for _, a := range all {
			line := staffLine{Account: a, Roles: state.RolesOf(m.Organisation, a.Staff, v.now), Self: a.Staff == m.Staff,
				Asked: !a.ResetBy.IsZero(), AskedBySelf: a.ResetBy == m.Staff}
			line.Choices = roleOptions(line.Roles, nil)
			data.Staff = append(data.Staff, line)
		}
	})
	if wrong != nil {
		data.Wrong = viewOf(v.L, problemOf(wrong))
	}
	return s.showDesk(w, v, wrong, deskPage("desk-staff", v.T("web.staff.title"), data))
}

func roleOptions(has []act.Role, chosen []string) []option {
	options := make([]option, len(act.Roles))
	for i, role := range act.Roles {
		options[i] = option{Value: string(role), Current: slices.Contains(has, role) || slices.Contains(chosen, string(role))}
	}
	return options
}

// staffAct is everything an administrator does to their staff.
func (s *Server) staffAct(w http.ResponseWriter, v *visit, m *member) error {
	accounts, err := s.accounts()
	if err != nil {
		return err
	}
	form, err := readForm(v.r, 300)
	if err != nil {
		return err
	}
	who, err := m.actor(act.RoleAdministrator)
	if err != nil {
		return err
	}
	data := &staffView{Typed: form, Done: v.r.PathValue("act")}
	if data.Done == "invite" {
		err = s.inviteStaff(v, accounts, who, data)
		return s.showStaff(w, v, m, data, err)
	}
	staff, err := act.ParseID(form.Get("staff"))
	if err != nil {
		return problem.Wrap(err, problem.Invalid, "problem.content")
	}
	target, err := accounts.Get(v.r.Context(), staff)
	if err != nil {
		return err
	}
	if target.Organisation != m.Organisation {
		return problem.New(problem.Forbidden, "problem.forbidden")
	}
	err = s.changeStaff(v, accounts, who, target, data)
	data.Typed = url.Values{}
	return s.showStaff(w, v, m, data, err)
}

func (s *Server) changeStaff(v *visit, accounts *account.Accounts, who civic.Actor, target account.Account, data *staffView) error {
	ctx, form := v.r.Context(), data.Typed
	switch data.Done {
	case "roles":
		return s.setRoles(v, who, target.Staff, rolesOf(form["role"]))
	case "suspend":
		if target.Staff == who.By.Staff {
			return problem.New(problem.Conflict, "problem.not_yourself")
		}
		// Shut the door first: whoever is inside is out at once.
		return errors.Join(accounts.Suspend(ctx, target.Staff, true), s.setRoles(v, who, target.Staff, nil))
	case "replace":
		// Somebody else takes over: the same roles, an account of their own.
		if target.Staff == who.By.Staff {
			return problem.New(problem.Conflict, "problem.not_yourself")
		}
		s.read.View(func(state *civic.State) {
			for _, role := range state.RolesOf(target.Organisation, target.Staff, v.now) {
				form.Add("role", string(role))
			}
		})
		if err := s.inviteStaff(v, accounts, who, data); err != nil {
			return err
		}
		return errors.Join(accounts.Suspend(ctx, target.Staff, true), s.setRoles(v, who, target.Staff, nil))
	case "resume":
		return accounts.Suspend(ctx, target.Staff, false)
	case "again":
		if target.Ready() {
			return problem.New(problem.Conflict, "problem.two_needed")
		}
		code, err := accounts.Invite(ctx, target.Staff)
		return data.hand(s, target.Name, code, err)
	case "reset":
		if target.Staff == who.By.Staff {
			return problem.New(problem.Conflict, "problem.not_yourself")
		}
		return accounts.AskReset(ctx, target.Staff, who.By.Staff)
	case "confirm":
		code, err := accounts.ConfirmReset(ctx, target.Staff, who.By.Staff)
		return data.hand(s, target.Name, code, err)
	}
	return problem.New(problem.NotFound, "problem.not_found")
}

// hand shows an invitation to hand over.
func (data *staffView) hand(s *Server, name, code string, err error) error {
	if err != nil {
		return err
	}
	link := s.config.Address + "/invitation#" + code
	data.Invitation = &invitationSlip{Name: name, Code: code, Link: link}
	data.Invitation.Picture, err = pictureOf(link)
	return err
}

// rolesOf reads the roles of a form; unknown ones are none.
func rolesOf(values []string) []act.Role {
	var roles []act.Role
	for _, role := range act.Roles {
		if slices.Contains(values, string(role)) {
			roles = append(roles, role)
		}
	}
	return roles
}

// inviteStaff gives somebody new roles and an account, and makes the invitation.
func (s *Server) inviteStaff(v *visit, accounts *account.Accounts, who civic.Actor, data *staffView) error {
	form := data.Typed
	name, roles := form.Get("name"), rolesOf(form["role"])
	if trouble := wordsProblem("name", name, 100, 300); trouble != nil {
		return trouble
	}
	if len(roles) == 0 {
		return problem.New(problem.Invalid, "problem.choose").In("role")
	}
	staff, err := act.NewID(s.random)
	if err != nil {
		return err
	}
	err = accounts.Create(v.r.Context(), account.Account{Staff: staff, Organisation: who.By.Organisation, Name: name,
		Email: form.Get("email"), SignIn: form.Get("email")})
	if err != nil {
		return err
	}
	if err := s.setRoles(v, who, staff, roles); err != nil {
		return err
	}
	code, err := accounts.Invite(v.r.Context(), staff)
	if err != nil {
		return err
	}
	data.Typed = url.Values{}
	return data.hand(s, name, code, nil)
}

// setRoles gives a staff member exactly these roles, an act for each that is new
// and each that ends. The last administrator stays one.
func (s *Server) setRoles(v *visit, who civic.Actor, staff act.ID, roles []act.Role) error {
	var has []act.Role
	others := false
	s.read.View(func(state *civic.State) {
		has = state.RolesOf(who.By.Organisation, staff, v.now)
		for _, grant := range state.Grants(who.By.Organisation) {
			others = others || grant.Staff != staff && slices.Contains(state.RolesOf(who.By.Organisation, grant.Staff, v.now), act.RoleAdministrator)
		}
	})
	if slices.Contains(has, act.RoleAdministrator) && !slices.Contains(roles, act.RoleAdministrator) && !others {
		return problem.New(problem.Conflict, "problem.last_administrator")
	}
	submit := func(facts act.Facts) error {
		_, err := s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: who.By.Organisation, Facts: facts}, nil)
		return err
	}
	today := v.now.Format("2006-01-02")
	for _, role := range roles {
		if !slices.Contains(has, role) {
			if err := submit(&act.RoleGranted{Staff: staff, Role: role, From: today}); err != nil {
				return err
			}
		}
	}
	for _, role := range has {
		if !slices.Contains(roles, role) {
			if err := submit(&act.RoleEnded{Staff: staff, Role: role}); err != nil {
				return err
			}
		}
	}
	return nil
}
