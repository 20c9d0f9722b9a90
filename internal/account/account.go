// Package account is people who sign in: invitations, passkeys, one-time codes,
// recovery codes, resets and sessions. There are no passwords. What an account
// may do is not its matter: roles are acts about its random staff id.
package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"golang.org/x/crypto/chacha20poly1305"

	"samleng/act"
	"samleng/internal/problem"
	"samleng/internal/store"
)

// Config says where accounts are kept and under what address people sign in.
type Config struct {
	// Store gives the database as it is open now.
	Store func() *store.Store
	// Key seals what accounts hold (32 bytes).
	Key    []byte
	Now    func() time.Time
	Random io.Reader
	// BaseURL is the site's address; passkeys are bound to its host.
	BaseURL string
	// Secure says that people come over TLS.
	Secure bool
}

// Accounts are the people who sign in. It is safe for concurrent use.
type Accounts struct {
	config  Config
	aead    sealer
	passkey *webauthn.WebAuthn
	guesses guesses
	used    usedChallenges
}

// Account is somebody who signs in.
type Account struct {
	Staff, Organisation act.ID
	Name, Email         string
	// SignIn is what they type to sign in with one-time codes.
	SignIn    string
	Suspended bool
	// Quiet says that they want no notices by e-mail, Language in which one they
	// get them: the tag of the language in which they last said so, "" before.
	Quiet    bool
	Language string
	// Passkeys and codes are their means of signing in.
	Passkeys []Passkey
	HasCodes bool
	// Recovery is the number of recovery codes that are left.
	Recovery int
	// Invited says until when an invitation is open; zero if none is.
	Invited time.Time
	// ResetBy is the administrator who asked for a reset, zero if nobody did.
	ResetBy act.ID
}

// Ready reports whether they have any means of signing in.
func (a Account) Ready() bool { return len(a.Passkeys) > 0 || a.HasCodes }

// Passkey is one passkey of an account.
type Passkey struct {
	ID    string // for forms
	Name  string
	Added time.Time
}

// New makes the accounts of a site.
func New(config Config) (*Accounts, error) {
	aead, err := chacha20poly1305.NewX(config.Key)
	if err != nil {
		return nil, fmt.Errorf("account: the key: %w", err)
	}
	base, err := url.Parse(config.BaseURL)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("account: %q is no address of a site", config.BaseURL)
	}
	a := &Accounts{config: config, aead: sealer{aead, config.Random}}
	a.passkey, err = webauthn.New(&webauthn.Config{
		RPID: base.Hostname(), RPDisplayName: "Samleng", RPOrigins: []string{base.Scheme + "://" + base.Host},
	})
	if err != nil {
		return nil, fmt.Errorf("account: passkeys: %w", err)
	}
	return a, nil
}

// kept is what an account's bytes hold, sealed.
type kept struct {
	Name      string `json:"name"`
	Email     string `json:"email,omitempty"`
	SignIn    string `json:"sign_in,omitempty"`
	Suspended bool   `json:"suspended,omitempty"`
	Quiet     bool   `json:"quiet,omitempty"`
	Language  string `json:"language,omitempty"`
	// TOTP is the secret of one-time codes, Step the last one that was used.
	TOTP     []byte        `json:"totp,omitempty"`
	Step     int64         `json:"step,omitempty"`
	Passkeys []keptPasskey `json:"passkeys,omitempty"`
	Recovery [][]byte      `json:"recovery,omitempty"` // keyed hashes
	Invited  int64         `json:"invited,omitempty"`  // until when, seconds
	Reset    *act.ID       `json:"reset,omitempty"`
}

type keptPasskey struct {
	Name       string              `json:"name"`
	Added      int64               `json:"added"`
	Credential webauthn.Credential `json:"credential"`
}

// record is an account as it was read, open for changes.
type record struct {
	store.Account
	kept
}

func (a *Accounts) open(stored store.Account) (*record, error) {
	r := &record{Account: stored}
	plain, err := a.aead.open(stored.Bytes, stored.Staff[:])
	if err != nil {
		return nil, fmt.Errorf("open an account: %w", err)
	}
	if err := json.Unmarshal(plain, &r.kept); err != nil {
		return nil, fmt.Errorf("open an account: %w", err)
	}
	return r, nil
}

func (a *Accounts) seal(r *record) error {
	plain, err := json.Marshal(r.kept)
	if err != nil {
		return fmt.Errorf("seal an account: %w", err)
	}
	r.Bytes, err = a.aead.seal(plain, r.Staff[:])
	r.Account.Name = a.nameKey(r.SignIn)
	return err
}

// hash keys a value, so that what is stored of it says nothing without the key.
func (a *Accounts) hash(what, value string) []byte {
	mac := hmac.New(sha256.New, a.config.Key)
	mac.Write([]byte("samleng account v1 " + what + "\n" + value))
	return mac.Sum(nil)
}

func (a *Accounts) nameKey(name string) []byte {
	folded := foldName(name)
	if folded == "" {
		return nil
	}
	return a.hash("name", folded)
}

func foldName(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func (a *Accounts) view(r *record) Account {
	v := Account{Staff: act.ID(r.Staff), Organisation: act.ID(r.Organisation), Name: r.kept.Name, Email: r.Email, SignIn: r.SignIn,
		Suspended: r.Suspended, Quiet: r.Quiet, Language: r.Language, HasCodes: len(r.TOTP) > 0, Recovery: len(r.Recovery)}
	for _, p := range r.Passkeys {
		v.Passkeys = append(v.Passkeys, Passkey{ID: a.passkeyID(p), Name: p.Name, Added: time.Unix(p.Added, 0)})
	}
	if len(r.Invitation) > 0 && r.Invited > a.config.Now().Unix() {
		v.Invited = time.Unix(r.Invited, 0)
	}
	if r.Reset != nil {
		v.ResetBy = *r.Reset
	}
	return v
}

var errNobody = problem.New(problem.NotFound, "problem.no_account")

// Get finds an account by its staff id.
func (a *Accounts) Get(ctx context.Context, staff act.ID) (Account, error) {
	r, err := a.recordOf(ctx, staff)
	if err != nil {
		return Account{}, err
	}
	return a.view(r), nil
}

func (a *Accounts) recordOf(ctx context.Context, staff act.ID) (*record, error) {
	stored, found, err := a.config.Store().Records(ctx).Account(store.ID(staff))
	if err != nil {
		return nil, fmt.Errorf("read an account: %w", err)
	}
	if !found {
		return nil, errNobody
	}
	return a.open(stored)
}

// List gives an organisation's accounts.
func (a *Accounts) List(ctx context.Context, organisation act.ID) ([]Account, error) {
	stored, err := a.config.Store().Records(ctx).Accounts(store.ID(organisation))
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	all := make([]Account, len(stored))
	for i := range stored {
		r, err := a.open(stored[i])
		if err != nil {
			return nil, err
		}
		all[i] = a.view(r)
	}
	return all, nil
}

// Create makes an account without means of signing in. The error is a problem
// where the sign-in name is somebody's already.
func (a *Accounts) Create(ctx context.Context, account Account) error {
	if account.SignIn == "" {
		account.SignIn = account.Email
	}
	r := &record{Account: store.Account{Staff: store.ID(account.Staff), Organisation: store.ID(account.Organisation)},
		kept: kept{Name: account.Name, Email: account.Email, SignIn: account.SignIn}}
	if err := a.seal(r); err != nil {
		return err
	}
	return a.config.Store().Update(ctx, func(records *store.Records) error {
		if err := a.free(records, r); err != nil {
			return err
		}
		return records.AddAccount(r.Account)
	})
}

// free refuses a sign-in name that another account has.
func (a *Accounts) free(records *store.Records, r *record) error {
	other, found, err := records.AccountNamed(a.nameKey(r.SignIn))
	if err != nil {
		return err
	}
	if found && other.Staff != r.Staff {
		return problem.New(problem.Conflict, "problem.sign_in_name").In("sign_in")
	}
	return nil
}

// change reads an account, lets fn change it, and stores it. Where somebody else
// changed it meanwhile, all of it is done again.
func (a *Accounts) change(ctx context.Context, staff act.ID, fn func(*store.Records, *record) error) error {
	for attempt := 0; ; attempt++ {
		err := a.config.Store().Update(ctx, func(records *store.Records) error {
			stored, found, err := records.Account(store.ID(staff))
			if err != nil {
				return err
			}
			if !found {
				return errNobody
			}
			r, err := a.open(stored)
			if err != nil {
				return err
			}
			if err := fn(records, r); err != nil {
				return err
			}
			if err := a.seal(r); err != nil {
				return err
			}
			return records.PutAccount(r.Account)
		})
		if errors.Is(err, store.ErrConflict) && attempt < 3 {
			continue
		}
		return err
	}
}

// Suspend ends an account's sessions and shuts it, or opens it again.
func (a *Accounts) Suspend(ctx context.Context, staff act.ID, suspended bool) error {
	return a.change(ctx, staff, func(records *store.Records, r *record) error {
		r.Suspended = suspended
		return records.DeleteSessions(r.Staff)
	})
}

// SetNotices says whether somebody wants notices by e-mail, and in which
// language.
func (a *Accounts) SetNotices(ctx context.Context, staff act.ID, quiet bool, language string) error {
	return a.change(ctx, staff, func(_ *store.Records, r *record) error {
		r.Quiet, r.Language = quiet, language
		return nil
	})
}
