package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"samleng/act"
	"samleng/internal/account"
	"samleng/internal/problem"
)

// signInView is the page on which staff sign in.
type signInView struct {
	Name    string
	Problem *problemView
	// Recovery says that the recovery code's form is asked for.
	Recovery bool
}

func (data signInView) page(v *visit) page {
	return page{Name: "signin", Title: v.T("web.signin.title"), Data: data}
}

func (s *Server) accounts() (*account.Accounts, error) {
	if s.config.Accounts == nil || s.register == nil {
		return nil, problem.New(problem.NotFound, "problem.not_found")
	}
	return s.config.Accounts, nil
}

func (s *Server) signInForm(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	if _, err := s.accounts(); err != nil {
		return err
	}
	return s.show(w, v, signInView{Recovery: r.URL.Query().Has("recovery")}.page(v))
}

// signIn signs somebody in by a one-time code, or by a recovery code.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	accounts, err := s.accounts()
	if err != nil {
		return err
	}
	form, err := readForm(r, 200)
	if err != nil {
		return err
	}
	data := signInView{Name: form.Get("name"), Recovery: form.Get("recovery") != ""}
	means, to := account.ByCode, "/desk"
	var who account.Account
	if data.Recovery {
		means, to = account.ByRecovery, "/account"
		who, err = accounts.SignInByRecovery(r.Context(), data.Name, form.Get("recovery"))
	} else {
		who, err = accounts.SignInByCode(r.Context(), data.Name, form.Get("code"))
	}
	if err == nil {
		err = accounts.StartSession(r.Context(), w, who.Staff, means)
	}
	if err != nil {
		data.Problem = viewOf(v.L, problemOf(err))
		return s.again(w, v, err, data.page(v))
	}
	return redirect(w, r, to)
}

// redirect answers a form; nobody keeps the answer.
func redirect(w http.ResponseWriter, r *http.Request, to string) error {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	accounts, err := s.accounts()
	if err != nil {
		return err
	}
	form, err := readForm(r, 100)
	if err != nil {
		return err
	}
	if err := accounts.SignOut(w, r, form.Get("everywhere") != ""); err != nil {
		return err
	}
	return redirect(w, r, "/signin")
}

// Passkeys are made and shown by a script; these answer it in JSON.

func (s *Server) beginPasskeySignIn(w http.ResponseWriter, r *http.Request) error {
	accounts, err := s.accounts()
	if err != nil {
		return err
	}
	challenge, err := accounts.BeginSignIn()
	if err != nil {
		return err
	}
	return writeJSON(w, r, challenge)
}

func (s *Server) passkeySignIn(w http.ResponseWriter, r *http.Request) error {
	return s.passkeyAnswer(w, r, func(accounts *account.Accounts, answer passkeyAnswer) error {
		who, err := accounts.SignInByPasskey(r.Context(), answer.Answer)
		if err != nil {
			return err
		}
		return accounts.StartSession(r.Context(), w, who.Staff, account.ByPasskey)
	})
}

func (s *Server) beginPasskey(w http.ResponseWriter, r *http.Request) error {
	accounts, err := s.accounts()
	if err != nil {
		return err
	}
	who, _, err := accounts.Current(r)
	if err != nil {
		return err
	}
	challenge, err := accounts.BeginPasskey(r.Context(), who.Staff)
	if err != nil {
		return err
	}
	return writeJSON(w, r, challenge)
}

func (s *Server) addPasskey(w http.ResponseWriter, r *http.Request) error {
	return s.passkeyAnswer(w, r, func(accounts *account.Accounts, answer passkeyAnswer) error {
		who, _, err := accounts.Current(r)
		if err != nil {
			return err
		}
		if len(answer.Name) > 100 || act.HasControls(answer.Name) {
			return problem.New(problem.Invalid, "problem.content")
		}
		if err := accounts.AddPasskey(r.Context(), who.Staff, answer.Name, answer.Answer); err != nil {
			return err
		}
		// Whoever has means of signing in now has signed in with them.
		return accounts.StartSession(r.Context(), w, who.Staff, account.ByPasskey)
	})
}

type passkeyAnswer struct {
	account.Answer
	Name string `json:"name"`
}

// passkeyAnswer reads what a browser answered and does what it is for. What goes
// wrong is told in JSON, in the reader's language.
func (s *Server) passkeyAnswer(w http.ResponseWriter, r *http.Request, do func(*account.Accounts, passkeyAnswer) error) error {
	accounts, err := s.accounts()
	if err != nil {
		return err
	}
	var answer passkeyAnswer
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err == nil {
		err = json.Unmarshal(body, &answer)
	}
	if err != nil {
		err = problem.Wrap(err, problem.Invalid, "problem.content")
	} else {
		err = do(accounts, answer)
	}
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	trouble := problemOf(err)
	s.note(r, err, trouble)
	encoded, encodeErr := json.Marshal(map[string]string{"problem": s.visit(r).T(trouble.Key, trouble.Params...)})
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return errors.Join(encodeErr, writeBody(w, r, trouble.Kind.Status(), encoded))
}

func writeJSON(w http.ResponseWriter, r *http.Request, value any) error {
	encoded, err := json.Marshal(value)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return writeBody(w, r, http.StatusOK, encoded)
}
