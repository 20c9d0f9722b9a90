package account

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"samleng/act"
	"samleng/internal/problem"
	"samleng/internal/store"
	"samleng/internal/store/storetest"
)

// office is a store with accounts and a clock.
type office struct {
	*Accounts
	t   testing.TB
	now time.Time
}

// onBoth runs a test on a database of each kind.
func onBoth(t *testing.T, fn func(t *testing.T, o *office)) {
	storetest.Each(t, func(t *testing.T, where store.Config) { fn(t, newOffice(t, where)) })
}

func newOffice(t testing.TB, where store.Config) *office {
	t.Helper()
	s, err := store.Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	o := &office{t: t, now: time.Date(2026, 3, 9, 3, 0, 0, 0, time.UTC)}
	key := make([]byte, 32)
	rand.Read(key)
	o.Accounts, err = New(Config{Store: func() *store.Store { return s }, Key: key, Now: func() time.Time { return o.now }, Random: rand.Reader,
		BaseURL: "http://localhost:8080"})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) person(name string) act.ID {
	o.t.Helper()
	id, err := act.NewID(rand.Reader)
	if err != nil {
		o.t.Fatal(err)
	}
	if err := o.Create(o.t.Context(), Account{Staff: id, Organisation: act.ID{7}, Name: "Facilitator", SignIn: name}); err != nil {
		o.t.Fatal(err)
	}
	return id
}

// codes sets one-time codes up for somebody and gives what makes them.
func (o *office) codes(staff act.ID) func() string {
	o.t.Helper()
	secret := o.offered(staff, "seed")
	code := func() string { return oneTimeCode(secret, o.now.Unix()/totpStep) }
	if err := o.UseCodes(o.t.Context(), staff, "seed", code()); err != nil {
		o.t.Fatal(err)
	}
	o.now = o.now.Add(totpStep * time.Second)
	return code
}

func kindOf(err error) string {
	if err == nil {
		return ""
	}
	return problem.Of(err).Key
}

// TestOneTimeCodes: the values of RFC 6238, appendix B (SHA-1, the last six digits).
func TestOneTimeCodes(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := oneTimeCode(secret, at/totpStep); got != want {
			t.Errorf("at %d: %s, not %s", at, got, want)
		}
	}
	if foldDigits("១២៣ 456") != "123456" || foldDigits("12345a") != "" || foldDigits("1234567") != "" {
		t.Error("typed codes are not read as they are typed")
	}
}

func TestSignInByCode(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		staff := o.person("facilitator.one")
		code := o.codes(staff)
		account, err := o.SignInByCode(t.Context(), " Facilitator.One ", code())
		if err != nil || account.Staff != staff {
			t.Fatal(account, err)
		}
		if _, err := o.SignInByCode(t.Context(), "facilitator.one", code()); kindOf(err) != "problem.sign_in_failed" {
			t.Errorf("the same code twice: %v", err)
		}
		o.now = o.now.Add(totpStep * time.Second)
		wrong := func(name, typed string) string {
			_, err := o.SignInByCode(t.Context(), name, typed)
			return kindOf(err)
		}
		if a, b := wrong("facilitator.one", "000000"), wrong("nobody", "000000"); a != b {
			t.Errorf("a wrong code is %s, an unknown name %s", a, b)
		}
		limited := false
		for range 6 {
			limited = limited || wrong("facilitator.one", "000001") == "problem.too_many"
		}
		if !limited {
			t.Error("guesses are not limited")
		}
		o.now = o.now.Add(10 * time.Minute)
		if _, err := o.SignInByCode(t.Context(), "facilitator.one", code()); err != nil {
			t.Errorf("after a while: %v", err)
		}
		if err := o.Create(t.Context(), Account{Staff: act.ID{9}, SignIn: "FACILITATOR.one"}); kindOf(err) != "problem.sign_in_name" {
			t.Errorf("a name twice: %v", err)
		}
	})
}

func TestInvitationOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		staff := o.person("moderator")
		first, err := o.Invite(t.Context(), staff)
		if err != nil {
			t.Fatal(err)
		}
		second, err := o.Invite(t.Context(), staff)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Invitation(t.Context(), first); kindOf(err) != "problem.invitation" {
			t.Errorf("an invitation that another replaced: %v", err)
		}
		if account, err := o.Invitation(t.Context(), second); err != nil || account.Staff != staff || account.Invited.IsZero() {
			t.Fatal(account, err)
		}
		o.codes(staff)
		if _, err := o.Invitation(t.Context(), second); kindOf(err) != "problem.invitation" {
			t.Errorf("an invitation that was used: %v", err)
		}
		third, _ := o.Invite(t.Context(), staff)
		o.now = o.now.Add(invitationAge)
		if _, err := o.Invitation(t.Context(), third); kindOf(err) != "problem.invitation" {
			t.Errorf("an invitation that lapsed: %v", err)
		}
	})
}

// device asks with the cookies that it was given.
func (o *office) device(start func(http.ResponseWriter) error) *http.Request {
	o.t.Helper()
	w := httptest.NewRecorder()
	if err := start(w); err != nil {
		o.t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/desk", nil)
	for _, cookie := range w.Result().Cookies() {
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
			o.t.Errorf("the cookie %+v", cookie)
		}
		r.AddCookie(cookie)
	}
	return r
}

func TestSessionsLapse(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		staff := o.person("monitor")
		o.codes(staff)
		for _, c := range []struct {
			means string
			wait  time.Duration
			in    bool
		}{{ByCode, 29 * time.Minute, true}, {ByCode, 30 * time.Minute, false}, {ByPasskey, 7 * time.Hour, true}, {ByPasskey, 8 * time.Hour, false}} {
			r := o.device(func(w http.ResponseWriter) error { return o.StartSession(t.Context(), w, staff, c.means) })
			began := o.now
			o.now = o.now.Add(c.wait)
			if _, _, err := o.SignedIn(r); (err == nil) != c.in {
				t.Errorf("%s after %s: %v", c.means, c.wait, err)
			}
			o.now = began
		}
		r := o.device(func(w http.ResponseWriter) error { return o.StartSession(t.Context(), w, staff, ByPasskey) })
		for range 12 {
			o.now = o.now.Add(time.Hour)
			o.SignedIn(r)
		}
		if _, _, err := o.SignedIn(r); err == nil {
			t.Error("a session that is used has no end")
		}
		if _, _, err := o.SignedIn(httptest.NewRequest("GET", "/", nil)); problem.Of(err).Kind != problem.Unauthenticated {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestSuspendedAndReset(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		staff := o.person("signing.officer")
		code := o.codes(staff)
		sign := func() *http.Request {
			return o.device(func(w http.ResponseWriter) error { return o.StartSession(t.Context(), w, staff, ByPasskey) })
		}
		r := sign()
		if err := o.Suspend(t.Context(), staff, true); err != nil {
			t.Fatal(err)
		}
		if _, _, err := o.SignedIn(r); err == nil {
			t.Error("a suspended account stays signed in")
		}
		if _, err := o.SignInByCode(t.Context(), "signing.officer", code()); kindOf(err) != "problem.sign_in_failed" {
			t.Errorf("a suspended account signs in: %v", err)
		}
		if err := o.Suspend(t.Context(), staff, false); err != nil {
			t.Fatal(err)
		}
		r = sign()
		one, two := act.ID{1}, act.ID{2}
		if _, err := o.ConfirmReset(t.Context(), staff, two); kindOf(err) != "problem.two_needed" {
			t.Errorf("a reset that nobody asked for: %v", err)
		}
		if err := o.AskReset(t.Context(), staff, one); err != nil {
			t.Fatal(err)
		}
		for _, by := range []act.ID{one, staff} {
			if _, err := o.ConfirmReset(t.Context(), staff, by); kindOf(err) != "problem.two_needed" {
				t.Errorf("confirmed by who asked or whose it is: %v", err)
			}
		}
		invitation, err := o.ConfirmReset(t.Context(), staff, two)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := o.SignedIn(r); err == nil {
			t.Error("a reset account stays signed in")
		}
		if account, err := o.Invitation(t.Context(), invitation); err != nil || account.Ready() {
			t.Errorf("after a reset: %+v %v", account, err)
		}
	})
}

func TestRecoveryCodesOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		staff := o.person("board")
		o.codes(staff)
		codes, err := o.NewRecovery(t.Context(), staff)
		if err != nil || len(codes) != recoveryCodes {
			t.Fatal(codes, err)
		}
		if account, err := o.SignInByRecovery(t.Context(), "board", codes[3]); err != nil || account.Recovery != recoveryCodes-1 {
			t.Errorf("%+v %v", account, err)
		}
		if _, err := o.SignInByRecovery(t.Context(), "board", codes[3]); kindOf(err) != "problem.sign_in_failed" {
			t.Errorf("a recovery code twice: %v", err)
		}
		if err := o.DropCodes(t.Context(), staff); kindOf(err) != "problem.last_means" {
			t.Errorf("the last means can be dropped: %v", err)
		}
	})
}

// TestPasskeyAnswersOnce: an answer is taken once, in time, and for whom it was
// asked. (A browser makes real ones in the e2e suite.)
func TestPasskeyAnswersOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		staff := o.person("rapporteur")
		c, err := o.BeginPasskey(t.Context(), staff)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := o.answered(c.State); err != nil || s.Staff != staff {
			t.Fatal(s, err)
		}
		if _, err := o.answered(c.State); !errors.Is(err, errPasskey) {
			t.Errorf("an answer twice: %v", err)
		}
		c, _ = o.BeginSignIn()
		o.now = o.now.Add(challengeAge)
		if _, err := o.answered(c.State); !errors.Is(err, errPasskey) {
			t.Errorf("an answer too late: %v", err)
		}
		c.State[40] ^= 1
		if _, err := o.answered(c.State); !errors.Is(err, errPasskey) {
			t.Errorf("an altered state: %v", err)
		}
		if _, err := o.SignInByPasskey(t.Context(), Answer{Response: []byte("{}")}); !errors.Is(err, errPasskey) {
			t.Errorf("no state: %v", err)
		}
	})
}

// TestNothingReadable: a copied database shows neither names nor secrets.
func TestNothingReadable(t *testing.T) {
	onBoth(t, func(t *testing.T, o *office) {
		staff := o.person("readable.name")
		o.codes(staff)
		stored, _, err := o.config.Store().Records(t.Context()).Account(store.ID(staff))
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"readable", "Facilitator"} {
			if string(stored.Bytes) == "" || bytes.Contains(stored.Bytes, []byte(secret)) || bytes.Contains(stored.Name, []byte(secret)) {
				t.Errorf("the database holds %q", secret)
			}
		}
	})
}
