package e2e_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPersonWithAPhone: somebody reacts to views, puts one forward, gets a
// receipt, opens it, and leaves the phone to the next.
func TestPersonWithAPhone(t *testing.T) {
	s := start(t)
	b := s.open(t, narrow)
	b.visit("/?lang=en")
	b.picture("home-en", false)
	b.visit("/d/ratanakkiri")
	b.press("a.button.big")
	b.picture("take-part-en", false)
	for range 3 {
		before := b.text()
		b.press(".votes .agree")
		if b.text() == before {
			t.Fatalf("after a vote the same page is there:\n%s", before)
		}
	}
	b.sees("Your last answer")
	b.do(chromedp.NavigateBack())
	b.press("a[href$='/put-forward']")
	words := "អណ្ដូងទឹកនៅភូមិយើងរីងអស់តាំងពីខែកុម្ភៈ។ យើងសុំអណ្ដូងថ្មីមួយនៅជិតសាលារៀន។"
	b.fill("#text", words)
	// The page is lost before it is sent; what was typed is not.
	b.visit("/d/ratanakkiri/put-forward")
	if kept := eval[string](b, "document.querySelector('#text').value"); kept != words {
		t.Errorf("after a reload the field holds %q", kept)
	}
	b.press("form[data-keep] .button.big")
	b.sees("This is your receipt")
	b.picture("receipt-en", false)
	code := eval[string](b, "document.querySelector('.receipt .public .code').textContent")
	secret := eval[string](b, "document.querySelector('.receipt .secret .code').textContent")
	if strings.Contains(b.text(), "អណ្ដូង") {
		t.Error("the receipt carries the view's words")
	}
	b.visit("/receipt?lang=km")
	b.fill("#code", strings.ToLower(code))
	b.fill("#secret", secret)
	b.press("form[action='/receipt'] .button.big")
	b.sees("អណ្ដូងទឹក")
	b.picture("holder-km", true)
	b.press("form.shared button")
	b.visit("/mine?lang=en")
	b.sees("it has forgotten who used it")
	b.visit("/r/" + code + "#" + secret)
	if filled := eval[string](b, "document.querySelector('#secret').value + location.hash"); filled != secret {
		t.Errorf("a link with the secret after # fills in %q", filled)
	}
	b.visit("/v/" + s.Code + "?lang=en")
	b.picture("thread-en", true)
}
