package web

import (
	"net/http"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/account"
	"samleng/internal/problem"
)

// invitationView is where somebody types the code of their invitation.
type invitationView struct {
	Typed   string
	Problem *problemView
}

func (data invitationView) page(v *visit) page {
	return page{Name: "invitation", Title: v.T("web.invitation.title"), Data: data}
}

func (s *Server) invitationForm(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	if _, err := s.accounts(); err != nil {
		return err
	}
	return s.show(w, v, invitationView{}.page(v))
}

// acceptInvitation lets somebody in to set up how they sign in. The invitation
// is used up once they have.
func (s *Server) acceptInvitation(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	accounts, err := s.accounts()
	if err != nil {
		return err
	}
	form, err := readForm(r, 200)
	if err != nil {
		return err
	}
	who, err := accounts.Invitation(r.Context(), form.Get("invitation"))
	if err == nil {
		err = accounts.StartSession(r.Context(), w, who.Staff, account.ByInvitation)
	}
	if err != nil {
		data := invitationView{form.Get("invitation"), viewOf(v.L, problemOf(err))}
		return s.again(w, v, err, data.page(v))
	}
	return redirect(w, r, "/account")
}

// accountView is somebody's own account: how they sign in.
type accountView struct {
	account.Account
	Office act.Names
	Roles  []act.Role
	// Desk says that they can go to work.
	Desk bool
	// Codes are offered while they have none; Seed comes back with the first one.
	Codes   *account.Codes
	Picture picture
	Seed    string
	Fresh   []string // recovery codes, shown once
	Done    string
	Wrong   *problemView
	Notices bool // messages by e-mail are sent
	Typed   string
}

func (s *Server) accountPage(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	return s.showAccount(w, v, &accountView{}, nil)
}

func (s *Server) showAccount(w http.ResponseWriter, v *visit, data *accountView, wrong error) error {
	accounts, err := s.accounts()
	if err != nil {
		return err
	}
	who, means, err := accounts.Current(v.r)
	if err != nil {
		return redirectToSignIn(w, v.r, err)
	}
	data.Notices = s.config.Notices != nil
	data.Account, data.Desk = who, who.Ready() || means == account.ByDemo
	s.read.View(func(state *civic.State) {
		data.Office = state.Names(who.Organisation)
		data.Roles = state.RolesOf(who.Organisation, who.Staff, v.now)
	})
	if !who.HasCodes && who.SignIn != "" {
		if data.Seed == "" {
			if data.Seed, err = accounts.Seed(); err != nil {
				return err
			}
		}
		codes := accounts.Offer(who, data.Seed)
		data.Codes = &codes
		if data.Picture, err = pictureOf(codes.Link); err != nil {
			return err
		}
	}
	p := page{Name: "account", Title: v.T("web.account.title"), Nav: "desk", Data: data}
	if wrong != nil {
		data.Wrong = viewOf(v.L, problemOf(wrong))
		return s.again(w, v, wrong, p)
	}
	return s.show(w, v, p)
}

func redirectToSignIn(w http.ResponseWriter, r *http.Request, err error) error {
	if problem.Of(err).Kind == problem.Unauthenticated {
		return redirect(w, r, "/signin")
	}
	return err
}

// accountAct changes how somebody signs in.
func (s *Server) accountAct(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	accounts, err := s.accounts()
	if err != nil {
		return err
	}
	who, _, err := accounts.Current(r)
	if err != nil {
		return redirectToSignIn(w, r, err)
	}
	form, err := readForm(r, 200)
	if err != nil {
		return err
	}
	data := &accountView{Done: r.PathValue("act")}
	switch data.Done {
	case "name":
		data.Typed = form.Get("sign_in")
		err = accounts.Name(r.Context(), who.Staff, data.Typed)
	case "codes":
		data.Seed = form.Get("seed")
		if err = accounts.UseCodes(r.Context(), who.Staff, data.Seed, form.Get("code")); err == nil {
			err = accounts.StartSession(r.Context(), w, who.Staff, account.ByCode)
		}
		if err == nil {
			return redirect(w, r, "/account?codes")
		}
	case "notices":
		err = accounts.SetNotices(r.Context(), who.Staff, form.Get("want") == "", v.L.Tag())
	case "drop-codes":
		err = accounts.DropCodes(r.Context(), who.Staff)
	case "drop-passkey":
		err = accounts.DropPasskey(r.Context(), who.Staff, form.Get("passkey"))
	case "recovery":
		data.Fresh, err = accounts.NewRecovery(r.Context(), who.Staff)
	default:
		return problem.New(problem.NotFound, "problem.not_found")
	}
	if err != nil {
		data.Done = ""
	}
	return s.showAccount(w, v, data, err)
}
