package web_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/account"
	"samleng/internal/web"
)

// staffed is a sample whose staff sign in with real accounts.
type staffed struct {
	*sample
	Accounts *account.Accounts
}

func withAccounts(t testing.TB) *staffed {
	s := filled(t)
	var err error
	o := &staffed{sample: s}
	o.Accounts, err = account.New(account.Config{Store: s.Register.Store, Key: s.Register.AccountKey(), Now: s.Now, Random: rand.Reader, BaseURL: "https://samleng.example", Secure: true})
	if err != nil {
		t.Fatal(err)
	}
	if s.Pages, err = web.New(web.Config{Register: s.Register, Accounts: o.Accounts, Address: "https://samleng.example", Secure: true}); err != nil {
		t.Fatal(err)
	}
	return o
}

// invited makes an account with a role, and its invitation.
func (o *staffed) invited(org act.ID, role act.Role, name string) (civic.Actor, string) {
	o.t.Helper()
	who := o.staff(org, role)
	err := o.Accounts.Create(o.t.Context(), account.Account{Staff: who.By.Staff, Organisation: org, Name: name, SignIn: name})
	if err != nil {
		o.t.Fatal(err)
	}
	code, err := o.Accounts.Invite(o.t.Context(), who.By.Staff)
	if err != nil {
		o.t.Fatal(err)
	}
	return who, code
}

// seat signs somebody in on a phone of their own.
func (o *staffed) seat(who civic.Actor) *phone {
	o.t.Helper()
	p := o.phone()
	w := recorder()
	if err := o.Accounts.StartSession(o.t.Context(), w, who.By.Staff, account.ByDemo); err != nil {
		o.t.Fatal(err)
	}
	p.cookies.SetCookies(home, w.Result().Cookies())
	return p
}

var (
	secretOnPage = regexp.MustCompile(`<p class="code"><span>([A-Z2-7 ]+)</span></p>`)
	inviteOnPage = regexp.MustCompile(`<p class="code big"><span>([0-9A-Z-]+)</span></p>`)
	fieldSeed    = regexp.MustCompile(`name="seed" value="([^"]+)"`)
)

// sixDigits is what an app shows, written anew after RFC 6238.
func sixDigits(secret string, at time.Time) string {
	key, _ := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	mac := hmac.New(sha1.New, key)
	binary.Write(mac, binary.BigEndian, at.Unix()/30)
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1000000)
}

// TestFromInvitationToDesk: an invitation, one-time codes, the desk, sign-out,
// sign-in.
func TestFromInvitationToDesk(t *testing.T) {
	o := withAccounts(t)
	_, code := o.invited(o.IDs["cso"], act.RoleFacilitator, "facilitator")
	p := o.phone()
	if w := p.open("/desk"); w.Header().Get("Location") != "/signin" {
		t.Fatalf("nobody is signed in, and the desk answers %d", w.Code)
	}
	wants(t, "a wrong invitation", p.send("/invitation", url.Values{"invitation": {strings.Repeat("0", 25)}}), 401, "not good", strings.Repeat("0", 25))
	if w := p.send("/invitation", url.Values{"invitation": {strings.ToLower(code)}}); w.Header().Get("Location") != "/account" {
		t.Fatalf("an invitation: %d %s", w.Code, mainOf(w.Body.String()))
	}
	if w := p.open("/desk"); w.Header().Get("Location") != "/signin" {
		t.Error("an invitation alone opens the desk")
	}
	w := p.open("/account?lang=en")
	wants(t, "the account", w, 200, "Choose now how you sign in", "facilitator")
	secret, seed := secretOnPage.FindStringSubmatch(w.Body.String()), fieldSeed.FindStringSubmatch(w.Body.String())
	if secret == nil || seed == nil {
		t.Fatal(mainOf(w.Body.String()))
	}
	wants(t, "wrong digits", p.send("/account/codes", url.Values{"seed": {seed[1]}, "code": {"000000"}}), 422, "six digits")
	if w := p.send("/account/codes", url.Values{"seed": {seed[1]}, "code": {sixDigits(secret[1], o.Now())}}); w.Code != http.StatusSeeOther {
		t.Fatalf("the right digits: %d %s", w.Code, mainOf(w.Body.String()))
	}
	wants(t, "the desk", p.open("/desk?lang=en"), 200, "facilitator")
	wants(t, "recovery codes", p.send("/account/recovery", nil), 200, "They are shown only now")
	wants(t, "the invitation again", o.phone().send("/invitation", url.Values{"invitation": {code}}), 401, "not good")
	if w := p.send("/signout", nil); w.Header().Get("Location") != "/signin" {
		t.Errorf("signing out: %d", w.Code)
	}
	if w := p.open("/desk"); w.Header().Get("Location") != "/signin" {
		t.Error("signed out, and still in")
	}
	o.Pass(time.Minute)
	wants(t, "a wrong code", p.send("/signin", url.Values{"name": {"facilitator"}, "code": {"123456"}}), 401, "That did not work", `facilitator`)
	if w := p.send("/signin", url.Values{"name": {"Facilitator"}, "code": {sixDigits(secret[1], o.Now())}}); w.Header().Get("Location") != "/desk" {
		t.Errorf("signing in: %d %s", w.Code, mainOf(w.Body.String()))
	}
	for _, address := range p.Addresses {
		if strings.Contains(address, code[:11]) || strings.Contains(address, secret[1][:9]) {
			t.Errorf("a secret stands in the address %s", address)
		}
	}
}

// TestStaffOfAnOrganisation: its administrator invites, changes, replaces and
// suspends; two of them reset.
func TestStaffOfAnOrganisation(t *testing.T) {
	o := withAccounts(t)
	cso := o.IDs["cso"]
	boss, _ := o.invited(cso, act.RoleAdministrator, "boss")
	p := o.seat(boss)
	wants(t, "no roles", p.send("/desk/staff/invite", url.Values{"name": {"Moderator of the north"}}), 422, "Moderator of the north")
	w := p.send("/desk/staff/invite", url.Values{"name": {"Moderator of the north"}, "role": {"moderator", "rapporteur"}})
	wants(t, "invite", w, 200, "Invitation for Moderator of the north", "rapporteur, moderator")
	if inviteOnPage.FindString(w.Body.String()) == "" {
		t.Error("no code is shown")
	}
	if strings.Contains(p.open("/desk/staff?lang=en").Body.String(), inviteOnPage.FindStringSubmatch(w.Body.String())[1]) {
		t.Error("an invitation is shown a second time")
	}
	all, err := o.Accounts.List(t.Context(), cso)
	if err != nil {
		t.Fatal(err)
	}
	var new act.ID
	for _, a := range all {
		if a.Name == "Moderator of the north" {
			new = a.Staff
		}
	}
	target := url.Values{"staff": {new.String()}}
	roles := func(staff act.ID) (has []act.Role) {
		o.Register.View(func(s *civic.State) { has = s.RolesOf(cso, staff, o.Now()) })
		return has
	}
	p.send("/desk/staff/roles", url.Values{"staff": target["staff"], "role": {"moderator", "monitor"}})
	if got := fmt.Sprint(roles(new)); got != "[moderator monitor]" {
		t.Errorf("the roles are %s", got)
	}
	wants(t, "no last administrator", p.send("/desk/staff/roles", url.Values{"staff": {boss.By.Staff.String()}, "role": {"board"}}), http.StatusConflict, "has to stay administrator")
	wants(t, "suspend oneself", p.send("/desk/staff/suspend", url.Values{"staff": {boss.By.Staff.String()}}), http.StatusConflict, "Another administrator")
	seated := o.seat(civic.Actor{By: act.By{Staff: new}})
	wants(t, "suspend", p.send("/desk/staff/suspend", target), 200, "Suspended")
	if len(roles(new)) > 0 || seated.open("/desk").Header().Get("Location") != "/signin" {
		t.Errorf("suspended, with the roles %v, and signed in", roles(new))
	}
	p.send("/desk/staff/resume", target)
	p.send("/desk/staff/roles", url.Values{"staff": target["staff"], "role": {"monitor"}})
	wants(t, "replace", p.send("/desk/staff/replace", url.Values{"staff": target["staff"], "name": {"Monitor of the north"}}), 200, "Invitation for Monitor of the north")
	if len(roles(new)) > 0 {
		t.Errorf("who was replaced is still %v", roles(new))
	}
	// A reset takes two.
	second, _ := o.invited(cso, act.RoleAdministrator, "second")
	facilitator, _ := o.invited(cso, act.RoleFacilitator, "facilitator")
	reset := url.Values{"staff": {facilitator.By.Staff.String()}}
	wants(t, "ask", p.send("/desk/staff/reset", reset), 200, "A second administrator has to agree")
	wants(t, "confirm alone", p.send("/desk/staff/confirm", reset), http.StatusForbidden, "second administrator")
	wants(t, "confirm by another", o.seat(second).send("/desk/staff/confirm", reset), 200, "Invitation for facilitator")
	stranger, _ := o.invited(o.IDs["other"], act.RoleAdministrator, "stranger")
	wants(t, "another organisation's", o.seat(stranger).send("/desk/staff/suspend", reset), http.StatusForbidden)
	for name := range act.Roles {
		role := act.Roles[name]
		if role == act.RoleAdministrator {
			continue
		}
		who, _ := o.invited(cso, role, "any "+string(role))
		seat := o.seat(who)
		wants(t, string(role)+" looks", seat.open("/desk/staff?lang=en"), http.StatusForbidden)
		for _, what := range []string{"invite", "roles", "suspend", "resume", "replace", "reset", "confirm", "again"} {
			w := seat.send("/desk/staff/"+what, url.Values{"staff": reset["staff"], "name": {"x"}, "role": {"board"}})
			wants(t, string(role)+" does "+what, w, http.StatusForbidden)
		}
	}
}

// TestAccountPagesInEveryLanguage renders the pages of signing in.
func TestAccountPagesInEveryLanguage(t *testing.T) {
	o := withAccounts(t)
	boss, _ := o.invited(o.IDs["cso"], act.RoleAdministrator, "boss")
	in, out := o.seat(boss), o.phone()
	for path, p := range map[string]*phone{"/signin": out, "/signin?recovery": out, "/invitation": out, "/account": in, "/desk/staff": in} {
		for _, language := range []string{"km", "en"} {
			address := path + "?lang=" + language
			if strings.Contains(path, "?") {
				address = path + "&lang=" + language
			}
			w := p.open(address)
			body := html.UnescapeString(w.Body.String())
			if w.Code != 200 || strings.Contains(body, "⟦") || !strings.Contains(body, `<html lang="`+language+`">`) {
				t.Errorf("%s in %s: %d\n%s", path, language, w.Code, mainOf(body))
			}
		}
	}
	w := in.open("/account")
	for _, cookie := range w.Result().Cookies() {
		if !cookie.Secure || !cookie.HttpOnly {
			t.Errorf("the cookie %+v", cookie)
		}
	}
}
