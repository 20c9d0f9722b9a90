package account

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"samleng/act"
	"samleng/internal/problem"
	"samleng/internal/store"
)

// invitationAge is how long an invitation is good.
const invitationAge = 72 * time.Hour

var errInvitation = problem.New(problem.Unauthenticated, "problem.invitation").In("invitation")

// Invite makes a fresh invitation for an account and gives its code. Only a
// keyed hash of it is stored; an earlier one is void.
func (a *Accounts) Invite(ctx context.Context, staff act.ID) (string, error) {
	code, err := a.invitationCode()
	if err != nil {
		return "", err
	}
	err = a.change(ctx, staff, func(_ *store.Records, r *record) error {
		a.invite(r, code)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	return code, nil
}

// InviteAgain takes all means of signing in from the account of a sign-in name
// and gives a fresh invitation. It is for whoever runs the register, where there
// is no second administrator to confirm a reset.
func (a *Accounts) InviteAgain(ctx context.Context, name string) (string, error) {
	stored, found, err := a.config.Store().Records(ctx).AccountNamed(a.nameKey(name))
	if err != nil {
		return "", fmt.Errorf("read an account: %w", err)
	}
	if !found {
		return "", errNobody
	}
	code, err := a.invitationCode()
	if err != nil {
		return "", err
	}
	return code, a.change(ctx, act.ID(stored.Staff), func(records *store.Records, r *record) error {
		return a.reset(records, r, code)
	})
}

func (a *Accounts) reset(records *store.Records, r *record, code string) error {
	r.Reset, r.TOTP, r.Step, r.Passkeys, r.Recovery = nil, nil, 0, nil, nil
	a.invite(r, code)
	return records.DeleteSessions(r.Staff)
}

func (a *Accounts) invitationCode() (string, error) {
	id, err := act.NewID(a.config.Random)
	if err != nil {
		return "", fmt.Errorf("draw an invitation: %w", err)
	}
	text := strings.ToUpper(id.String()[1:]) // 125 bits
	var groups []string
	for i := 0; i < len(text); i += 5 {
		groups = append(groups, text[i:i+5])
	}
	return strings.Join(groups, "-"), nil
}

func (a *Accounts) invite(r *record, code string) {
	r.Invitation = a.hash("invitation", foldCode(code))
	r.Invited = a.config.Now().Add(invitationAge).Unix()
}

// foldCode brings a code to one form, however it was typed.
func foldCode(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '-' || r == ' ' || r == '\u00a0' || r == '\u200b':
			return -1
		case r == 'o' || r == 'O':
			return '0'
		case r == 'i' || r == 'I' || r == 'l' || r == 'L':
			return '1'
		case r >= '០' && r <= '៩':
			return '0' + r - '០'
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, typed)
}

// Invitation finds the account that an invitation is for.
func (a *Accounts) Invitation(ctx context.Context, code string) (Account, error) {
	folded := foldCode(code)
	if len(folded) != 25 {
		return Account{}, errInvitation
	}
	if !a.guesses.allow("invitation "+folded[:5], a.config.Now()) {
		return Account{}, errTooMany
	}
	stored, found, err := a.config.Store().Records(ctx).AccountInvited(a.hash("invitation", folded))
	if err != nil {
		return Account{}, fmt.Errorf("read an invitation: %w", err)
	}
	if !found {
		return Account{}, errInvitation
	}
	r, err := a.open(stored)
	if err != nil {
		return Account{}, err
	}
	if r.Suspended || r.Invited <= a.config.Now().Unix() {
		return Account{}, errInvitation
	}
	a.guesses.right("invitation " + folded[:5])
	return a.view(r), nil
}

// Offer gives what an app for one-time codes needs to set them up with. It
// follows from its seed (an invitation, a form's token), so nothing is stored
// until the first code is typed.
func (a *Accounts) Offer(account Account, seed string) Codes {
	return codesOf(a.offered(account.Staff, seed), account.SignIn)
}

func (a *Accounts) offered(staff act.ID, seed string) []byte {
	return a.hash("codes "+staff.String(), foldCode(seed))[:totpSecret]
}

var (
	errCode    = problem.New(problem.Invalid, "problem.one_time_code").In("code")
	errTooMany = problem.New(problem.TooMany, "problem.too_many", "n", 1)
)

// UseCodes sets one-time codes up, once the first one was typed right.
func (a *Accounts) UseCodes(ctx context.Context, staff act.ID, seed, typed string) error {
	secret := a.offered(staff, seed)
	step, ok := stepOf(secret, foldDigits(typed), a.config.Now(), 0)
	if !ok {
		return errCode
	}
	return a.change(ctx, staff, func(_ *store.Records, r *record) error {
		if r.SignIn == "" {
			return problem.New(problem.Invalid, "problem.required").In("sign_in")
		}
		r.TOTP, r.Step = secret, step
		r.accept()
		return nil
	})
}

// accept uses an invitation up: means of signing in are there.
func (r *record) accept() { r.Invitation, r.Invited, r.Reset = nil, 0, nil }

// Name sets what somebody types to sign in with one-time codes.
func (a *Accounts) Name(ctx context.Context, staff act.ID, name string) error {
	folded := foldName(name)
	if len(folded) < 3 || len(folded) > 100 || strings.ContainsAny(folded, " \t\n") || act.HasControls(folded) {
		return problem.New(problem.Invalid, "problem.sign_in_name_form").In("sign_in")
	}
	return a.change(ctx, staff, func(records *store.Records, r *record) error {
		r.SignIn = folded
		return a.free(records, r)
	})
}

// DropCodes takes one-time codes away, if a passkey is left.
func (a *Accounts) DropCodes(ctx context.Context, staff act.ID) error {
	return a.change(ctx, staff, func(_ *store.Records, r *record) error {
		if len(r.Passkeys) == 0 {
			return errLastMeans
		}
		r.TOTP, r.Step = nil, 0
		return nil
	})
}

var errLastMeans = problem.New(problem.Conflict, "problem.last_means")

// SignInByCode signs somebody in by name and one-time code. Whoever is wrong is
// not told what was wrong.
func (a *Accounts) SignInByCode(ctx context.Context, name, typed string) (Account, error) {
	return a.signIn(ctx, name, func(r *record) bool {
		step, ok := stepOf(a.secretOr(r), foldDigits(typed), a.config.Now(), r.stepOr())
		if ok && len(r.TOTP) > 0 {
			r.Step = step
			return true
		}
		return false
	})
}

// secretOr gives a secret that nobody has where there is none, so that looking
// takes the same time.
func (a *Accounts) secretOr(r *record) []byte {
	if len(r.TOTP) > 0 {
		return r.TOTP
	}
	return make([]byte, totpSecret)
}

func (r *record) stepOr() int64 { return r.Step }

// SignInByRecovery signs somebody in by name and a recovery code, which is then
// used up.
func (a *Accounts) SignInByRecovery(ctx context.Context, name, typed string) (Account, error) {
	return a.signIn(ctx, name, func(r *record) bool {
		given := a.hash("recovery "+act.ID(r.Staff).String(), foldCode(typed))
		found := -1
		for i, hash := range r.Recovery {
			if hmac.Equal(hash, given) {
				found = i
			}
		}
		if found < 0 {
			return false
		}
		r.Recovery = append(r.Recovery[:found:found], r.Recovery[found+1:]...)
		return true
	})
}

var errSignInFailed = problem.New(problem.Unauthenticated, "problem.sign_in_failed")

func (a *Accounts) signIn(ctx context.Context, name string, fits func(*record) bool) (Account, error) {
	key := string(a.hash("guess", foldName(name)))
	if len(name) > 200 || !a.guesses.allow(key, a.config.Now()) {
		return Account{}, errTooMany
	}
	stored, found, err := a.config.Store().Records(ctx).AccountNamed(a.nameKey(name))
	if err != nil {
		return Account{}, fmt.Errorf("sign in: %w", err)
	}
	if !found {
		fits(&record{}) // takes as long
		return Account{}, errSignInFailed
	}
	var account Account
	err = a.change(ctx, act.ID(stored.Staff), func(_ *store.Records, r *record) error {
		if !fits(r) || r.Suspended {
			return errSignInFailed
		}
		account = a.view(r)
		return nil
	})
	if err == nil {
		a.guesses.right(key)
	}
	return account, err
}

// recoveryCodes is how many recovery codes somebody gets.
const recoveryCodes = 10

// NewRecovery makes fresh recovery codes, in place of the earlier ones, and
// gives them. Only keyed hashes are stored.
func (a *Accounts) NewRecovery(ctx context.Context, staff act.ID) ([]string, error) {
	codes := make([]string, recoveryCodes)
	var hashes [][]byte
	for i := range codes {
		id, err := act.NewID(a.config.Random)
		if err != nil {
			return nil, fmt.Errorf("draw a recovery code: %w", err)
		}
		text := strings.ToUpper(id.String()[14:]) // 60 bits
		codes[i] = text[:4] + "-" + text[4:8] + "-" + text[8:]
		hashes = append(hashes, a.hash("recovery "+staff.String(), foldCode(codes[i])))
	}
	err := a.change(ctx, staff, func(_ *store.Records, r *record) error {
		r.Recovery = hashes
		return nil
	})
	return codes, err
}

// AskReset notes that an administrator asks for somebody's means of signing in
// to be reset. Another one has to confirm it.
func (a *Accounts) AskReset(ctx context.Context, staff, by act.ID) error {
	return a.change(ctx, staff, func(_ *store.Records, r *record) error {
		r.Reset = &by
		return nil
	})
}

var errTwoNeeded = problem.New(problem.Forbidden, "problem.two_needed")

// ConfirmReset takes all means of signing in from an account, ends its sessions,
// and gives a fresh invitation to hand over. Who confirms is neither who asked
// nor whose account it is.
func (a *Accounts) ConfirmReset(ctx context.Context, staff, by act.ID) (string, error) {
	code, err := a.invitationCode()
	if err != nil {
		return "", err
	}
	err = a.change(ctx, staff, func(records *store.Records, r *record) error {
		if r.Reset == nil || *r.Reset == by || staff == by {
			return errTwoNeeded
		}
		return a.reset(records, r, code)
	})
	return code, err
}

// Seed draws what one-time codes are offered with to somebody who is signed in.
func (a *Accounts) Seed() (string, error) {
	var raw [16]byte
	if _, err := io.ReadFull(a.config.Random, raw[:]); err != nil {
		return "", errors.New("account: no randomness")
	}
	return act.ID(raw).String(), nil
}
