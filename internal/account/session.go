package account

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"time"

	"samleng/act"
	"samleng/internal/problem"
	"samleng/internal/store"
)

// Means are the ways in which somebody signed in.
const (
	ByPasskey    = "passkey"
	ByCode       = "code"       // a one-time code, perhaps on a shared computer
	ByRecovery   = "recovery"   // a recovery code: only to set up new means
	ByInvitation = "invitation" // an invitation: likewise
	ByDemo       = "demo"
)

// How long somebody stays signed in: without doing anything, and at all.
const (
	absolute  = 12 * time.Hour
	idle      = 8 * time.Hour
	idleCode  = 30 * time.Minute
	seenEvery = time.Minute
)

const sessionCookie = "session"

// StartSession signs somebody in on the device that asks.
func (a *Accounts) StartSession(ctx context.Context, w http.ResponseWriter, staff act.ID, means string) error {
	token, err := act.NewID(a.config.Random)
	if err != nil {
		return fmt.Errorf("draw a session's token: %w", err)
	}
	now := a.config.Now()
	hash := sha256.Sum256([]byte(token.String()))
	err = a.config.Store().Update(ctx, func(records *store.Records) error {
		return errors.Join(
			records.DeleteSessionsBefore(now.Add(-absolute).Unix()),
			records.AddSession(store.Session{Hash: hash[:], Staff: store.ID(staff), Means: means, Made: now.Unix(), Seen: now.Unix()}))
	})
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	a.setCookie(w, token.String(), int(absolute/time.Second))
	return nil
}

func (a *Accounts) setCookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: value, Path: "/", MaxAge: age, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: a.config.Secure})
}

var errSignIn = problem.New(problem.Unauthenticated, "problem.sign_in")

// SignedIn tells who is signed in and may work. The error is a
// problem.Unauthenticated where nobody is, and where somebody came with an
// invitation or a recovery code and has no means of signing in yet.
func (a *Accounts) SignedIn(r *http.Request) (staff, organisation act.ID, err error) {
	account, means, err := a.Current(r)
	if err == nil && !account.Ready() && means != ByDemo {
		return staff, organisation, errSignIn
	}
	return account.Staff, account.Organisation, err
}

// Current gives the account that is signed in, and by which means.
func (a *Accounts) Current(r *http.Request) (Account, string, error) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil || len(cookie.Value) > 100 {
		return Account{}, "", errSignIn
	}
	hash := sha256.Sum256([]byte(cookie.Value))
	session, found, err := a.config.Store().Records(r.Context()).Session(hash[:])
	if err != nil {
		return Account{}, "", fmt.Errorf("read a session: %w", err)
	}
	now := a.config.Now()
	if !found || lapsed(session, now) {
		return Account{}, "", errSignIn
	}
	account, err := a.Get(r.Context(), act.ID(session.Staff))
	switch {
	case errors.Is(err, errNobody) || err == nil && account.Suspended:
		return Account{}, "", errSignIn
	case err != nil:
		return Account{}, "", err
	}
	if now.Sub(time.Unix(session.Seen, 0)) >= seenEvery {
		err := a.config.Store().Update(r.Context(), func(records *store.Records) error { return records.SeeSession(hash[:], now.Unix()) })
		if err != nil {
			return Account{}, "", fmt.Errorf("note that a session is used: %w", err)
		}
	}
	return account, session.Means, nil
}

func lapsed(s store.Session, now time.Time) bool {
	most := idle
	if s.Means != ByPasskey && s.Means != ByDemo {
		most = idleCode
	}
	return now.Sub(time.Unix(s.Made, 0)) >= absolute || now.Sub(time.Unix(s.Seen, 0)) >= most
}

// SignOut ends the session of the device that asks, or all of its account's.
func (a *Accounts) SignOut(w http.ResponseWriter, r *http.Request, everywhere bool) error {
	cookie, err := r.Cookie(sessionCookie)
	a.setCookie(w, "", -1)
	if err != nil {
		return nil
	}
	hash := sha256.Sum256([]byte(cookie.Value))
	return a.config.Store().Update(r.Context(), func(records *store.Records) error {
		session, found, err := records.Session(hash[:])
		if err != nil || !found {
			return err
		}
		if everywhere {
			return records.DeleteSessions(session.Staff)
		}
		return records.DeleteSession(hash[:])
	})
}
