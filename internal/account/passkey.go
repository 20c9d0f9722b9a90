package account

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"samleng/act"
	"samleng/internal/problem"
	"samleng/internal/store"
)

// challengeAge is how long somebody may take to answer with a passkey.
const challengeAge = 5 * time.Minute

// Challenge is what a browser is asked to answer with a passkey: Options for it,
// and State, sealed, which comes back with the answer.
type Challenge struct {
	Options json.RawMessage `json:"options"`
	State   []byte          `json:"state"`
}

// Answer is what a browser sends back.
type Answer struct {
	Response json.RawMessage `json:"response"`
	State    []byte          `json:"state"`
}

// state is what has to be remembered between challenge and answer.
type state struct {
	Session webauthn.SessionData `json:"session"`
	Staff   act.ID               `json:"staff"` // zero when signing in
	Until   int64                `json:"until"`
}

const stateBound = "samleng passkey challenge v1"

var errPasskey = problem.New(problem.Unauthenticated, "problem.passkey")

func (a *Accounts) challenge(options any, session *webauthn.SessionData, staff act.ID) (*Challenge, error) {
	encoded, err := json.Marshal(options)
	if err != nil {
		return nil, fmt.Errorf("make a challenge: %w", err)
	}
	plain, err := json.Marshal(state{*session, staff, a.config.Now().Add(challengeAge).Unix()})
	if err != nil {
		return nil, fmt.Errorf("make a challenge: %w", err)
	}
	sealed, err := a.aead.seal(plain, []byte(stateBound))
	return &Challenge{encoded, sealed}, err
}

// answered opens the state that came back with an answer. It is taken once.
func (a *Accounts) answered(sealed []byte) (*state, error) {
	plain, err := a.aead.open(sealed, []byte(stateBound))
	if err != nil {
		return nil, errPasskey
	}
	s := new(state)
	if err := json.Unmarshal(plain, s); err != nil {
		return nil, errPasskey
	}
	now := a.config.Now()
	if s.Until <= now.Unix() || !a.used.take(s.Session.Challenge, now) {
		return nil, errPasskey
	}
	return s, nil
}

// user is a record as the library wants it.
type user struct{ *record }

func (u user) WebAuthnID() []byte          { return u.Staff[:] }
func (u user) WebAuthnName() string        { return u.SignIn }
func (u user) WebAuthnDisplayName() string { return u.kept.Name }
func (u user) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, len(u.Passkeys))
	for i, p := range u.Passkeys {
		all[i] = p.Credential
	}
	return all
}

func (a *Accounts) passkeyID(p keptPasskey) string {
	return hex.EncodeToString(a.hash("passkey", string(p.Credential.ID))[:8])
}

// BeginPasskey asks somebody's browser to make a passkey.
func (a *Accounts) BeginPasskey(ctx context.Context, staff act.ID) (*Challenge, error) {
	r, err := a.recordOf(ctx, staff)
	if err != nil {
		return nil, err
	}
	var has []protocol.CredentialDescriptor
	for _, p := range r.Passkeys {
		has = append(has, p.Credential.Descriptor())
	}
	options, session, err := a.passkey.BeginRegistration(user{r}, webauthn.WithExclusions(has),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired}))
	if err != nil {
		return nil, fmt.Errorf("begin a passkey: %w", err)
	}
	return a.challenge(options, session, staff)
}

// mostPasskeys is the most passkeys of one account.
const mostPasskeys = 10

// AddPasskey keeps the passkey that a browser made.
func (a *Accounts) AddPasskey(ctx context.Context, staff act.ID, name string, answer Answer) error {
	s, err := a.answered(answer.State)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer.Response)
	if err != nil || s.Staff != staff {
		return errPasskey
	}
	return a.change(ctx, staff, func(_ *store.Records, r *record) error {
		credential, err := a.passkey.CreateCredential(user{r}, s.Session, parsed)
		if err != nil {
			return problem.Wrap(err, problem.Unauthenticated, errPasskey.Key)
		}
		if len(r.Passkeys) >= mostPasskeys {
			return problem.New(problem.Conflict, "problem.choose_most", "n", mostPasskeys)
		}
		r.Passkeys = append(r.Passkeys, keptPasskey{Name: name, Added: a.config.Now().Unix(), Credential: *credential})
		r.accept()
		return nil
	})
}

// DropPasskey takes a passkey away, if other means are left.
func (a *Accounts) DropPasskey(ctx context.Context, staff act.ID, id string) error {
	return a.change(ctx, staff, func(_ *store.Records, r *record) error {
		for i, p := range r.Passkeys {
			if a.passkeyID(p) != id {
				continue
			}
			if len(r.Passkeys) == 1 && len(r.TOTP) == 0 {
				return errLastMeans
			}
			r.Passkeys = append(r.Passkeys[:i:i], r.Passkeys[i+1:]...)
			return nil
		}
		return problem.New(problem.NotFound, "problem.not_found")
	})
}

// BeginSignIn asks a browser for any passkey of this site: nothing is typed, and
// nothing tells who has an account.
func (a *Accounts) BeginSignIn() (*Challenge, error) {
	options, session, err := a.passkey.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, fmt.Errorf("begin signing in: %w", err)
	}
	return a.challenge(options, session, act.ID{})
}

// SignInByPasskey signs in whoever's passkey answered.
func (a *Accounts) SignInByPasskey(ctx context.Context, answer Answer) (Account, error) {
	s, err := a.answered(answer.State)
	if err != nil {
		return Account{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer.Response)
	if err != nil || !s.Staff.IsZero() || len(parsed.Response.UserHandle) != len(act.ID{}) {
		return Account{}, errPasskey
	}
	staff := act.ID(parsed.Response.UserHandle)
	var account Account
	err = a.change(ctx, staff, func(_ *store.Records, r *record) error {
		credential, err := a.passkey.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) { return user{r}, nil }, s.Session, parsed)
		if err != nil || r.Suspended {
			return problem.Wrap(err, problem.Unauthenticated, errPasskey.Key)
		}
		if credential.Authenticator.CloneWarning {
			return errPasskey
		}
		for i := range r.Passkeys {
			if string(r.Passkeys[i].Credential.ID) == string(credential.ID) {
				r.Passkeys[i].Credential = *credential // its counter and flags
			}
		}
		account = a.view(r)
		return nil
	})
	if errors.Is(err, errNobody) {
		return Account{}, errPasskey
	}
	return account, err
}
