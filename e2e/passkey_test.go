package e2e_test

import (
	"context"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

var invitationCode = regexp.MustCompile(`#([0-9A-Z-]+)`)

// TestPasskey: an invitation from the command line, a passkey of the browser's
// virtual authenticator, sign-out, sign-in.
func TestPasskey(t *testing.T) {
	s := start(t)
	out, err := exec.Command(s.Binary, "invite", "--data", s.Data, "--base-url", s.Base, "--new", "A new organisation", "--name", "Administrator").CombinedOutput()
	if err != nil {
		t.Fatalf("invite: %v\n%s", err, out)
	}
	code := invitationCode.FindStringSubmatch(string(out))
	if code == nil {
		t.Fatalf("no invitation in\n%s", out)
	}
	b := s.open(t, wide)
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
		return err
	}))
	b.visit("/invitation?lang=en#" + code[1])
	if left := eval[string](b, "location.hash"); left != "" {
		t.Errorf("the invitation stays in the address: %s", left)
	}
	b.press("form[action='/invitation'] button")
	b.sees("Choose now how you sign in")
	b.fill("#passkey-name", "Office computer")
	b.await("#passkeys + p + form", "[data-create]")
	b.sees("Office computer")
	b.sees("Go to the desk")
	b.press("form[action='/signout'] button:not([name])")
	b.await(".deskbar", "[data-passkey]")
	b.sees("A new organisation")
	b.visit("/desk/staff")
	b.sees("Administrator")
}

// await presses a button whose script leads to a page with an element.
func (b *tab) await(element, button string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(button)))
	for range 100 {
		if eval[bool](b, "document.querySelector("+quote(element)+") !== null") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Fatalf("%s never came after %s:\n%s", element, button, b.text())
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }
