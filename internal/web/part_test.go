package web_test

import (
	"html"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/translog"
)

func recorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

// phone is a browser with cookies of its own.
type phone struct {
	*sample
	cookies http.CookieJar
	// Addresses are every address that it was sent to.
	Addresses []string
}

func (s *sample) phone() *phone {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &phone{sample: s, cookies: jar}
}

var home = &url.URL{Scheme: "https", Host: "samleng.example", Path: "/"}

func (p *phone) do(r *http.Request) *httptest.ResponseRecorder {
	p.t.Helper()
	for _, cookie := range p.cookies.Cookies(home) {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	p.Pages.ServeHTTP(w, r)
	p.cookies.SetCookies(home, w.Result().Cookies())
	if to := w.Header().Get("Location"); to != "" {
		p.Addresses = append(p.Addresses, to)
	}
	return w
}

func (p *phone) open(path string) *httptest.ResponseRecorder {
	return p.do(httptest.NewRequest("GET", path, nil))
}

func (p *phone) send(path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path+"?lang=en", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.do(r)
}

// formOn is the hidden part of the form on a page, with what is typed into it.
func (p *phone) formOn(path string, typed ...string) url.Values {
	p.t.Helper()
	w := p.open(path)
	form := url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(w.Body.String(), -1) {
		if field[1] != "slug" {
			form.Set(field[1], html.UnescapeString(field[2]))
		}
	}
	for i := 0; i+1 < len(typed); i += 2 {
		form.Add(typed[i], typed[i+1])
	}
	return form
}

const (
	takePart   = "/d/ratanakkiri/take-part"
	putForward = "/d/ratanakkiri/put-forward"
)

func (s *sample) ballots() (n int64, people int) {
	s.Register.View(func(state *civic.State) { n, people = state.Ballots(s.Dialogue), state.Participants(s.Dialogue) })
	return n, people
}

// TestVoting goes through all views of a dialogue: each vote shows the next view
// at once.
func TestVoting(t *testing.T) {
	s := filled(t)
	p := s.phone()
	if w := p.open(takePart); len(w.Result().Cookies()) != 0 {
		t.Errorf("looking sets the cookies %v", w.Result().Cookies())
	}
	before, people := s.ballots()
	votes := 0
	for range 20 {
		form := p.formOn(takePart, "vote", "agree")
		if form.Get("statement") == "" {
			break
		}
		w := p.send(takePart, form)
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), takePart+"?at=") {
			t.Fatalf("a vote: %d to %s\n%s", w.Code, w.Header().Get("Location"), mainOf(w.Body.String()))
		}
		votes++
	}
	after, now := s.ballots()
	if votes != 3 || after != before+3 || now != people+1 {
		t.Errorf("%d votes became %d ballots of %d people", votes, after-before, now-people)
	}
	wants(t, "all seen", p.open(takePart+"?lang=en"), 200, "You have seen all views", "What is missing?")
	wants(t, "my votes", p.open("/d/ratanakkiri/my-votes?lang=en"), 200, "You reacted to 3 views")
	wants(t, "mine", p.open("/mine?lang=en"), 200, "3 reactions")
}

// TestVotingTwice: a double click, the back button and a lost connection are one
// vote, also where the phone has no cookie yet.
func TestVotingTwice(t *testing.T) {
	s := filled(t)
	before, people := s.ballots()
	first := s.phone().formOn(takePart, "vote", "agree")
	// Two clicks at once: both requests leave before the first answer sets the
	// cookie.
	a, b := s.phone(), s.phone()
	a.send(takePart, first)
	b.send(takePart, first)
	if after, now := s.ballots(); after != before+1 || now != people+1 {
		t.Errorf("a double click is %d ballots of %d people", after-before, now-people)
	}
	// The back button, and another choice.
	first.Set("vote", "disagree")
	a.send(takePart, first)
	if after, now := s.ballots(); after != before+2 || now != people+1 {
		t.Errorf("a change of mind is %d ballots of %d people", after-before, now-people)
	}
	id, err := act.ParseID(first.Get("statement"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		first.Set("vote", []string{"agree", "disagree"}[i%2])
		if w := a.send(takePart, first); w.Code != http.StatusSeeOther {
			wants(t, "too many changes", w, http.StatusConflict, "can be changed 5 times", "What do you think of this view?")
			break
		} else if i == 11 {
			t.Error("a vote can be changed without end")
		}
	}
	s.Register.View(func(state *civic.State) {
		if tally := state.Tally(id); tally.Total() > 38 {
			t.Errorf("%+v", tally)
		}
	})
}

// TestSharedPhone: two people on one phone are two people.
func TestSharedPhone(t *testing.T) {
	s := filled(t)
	p := s.phone()
	_, people := s.ballots()
	p.send(takePart, p.formOn(takePart, "vote", "agree"))
	wants(t, "somebody else", p.send("/somebody-else", url.Values{"slug": {"ratanakkiri"}}), 200, "forgotten who used it")
	wants(t, "nothing of before", p.open("/mine?lang=en"), 200, "it has forgotten who used it")
	p.send(takePart, p.formOn(takePart, "vote", "pass"))
	if _, now := s.ballots(); now != people+2 {
		t.Errorf("two people on one phone are %d", now-people)
	}
}

var codeAndSecret = regexp.MustCompile(`(?s)<p class="code big">([^<]+)</p>.*<p class="code big">([^<]+)</p>`)

// TestPutForward follows one view from its form to what its holder can do.
func TestPutForward(t *testing.T) {
	s := filled(t)
	p := s.phone()
	words := "ទឹកស្អាត\r\nសម្រាប់ភូមិយើង <b>"
	form := p.formOn(putForward, "text", words, "written", "km", "visibility", "open", "theme", "water", "place", "1602")
	w := p.send(putForward, form)
	wants(t, "put forward", w, 200, "This is your receipt", "working day")
	card := codeAndSecret.FindStringSubmatch(w.Body.String())
	if card == nil {
		t.Fatalf("no code and secret on\n%s", mainOf(w.Body.String()))
	}
	code, secret := card[1], card[2]
	if again := codeAndSecret.FindStringSubmatch(p.send(putForward, form).Body.String()); again == nil || again[1] != code || again[2] != secret {
		t.Errorf("sent again it gives %q, not %q", again, card)
	}
	if strings.Contains(w.Body.String(), "ភូមិយើង") {
		t.Error("the receipt carries the view's words")
	}
	wants(t, "not yet public", p.open("/v/"+code+"?lang=en"), 200, "waits to be checked")
	if w := p.send("/receipt", url.Values{"code": {strings.ToLower(code)}}); w.Header().Get("Location") != "/v/"+code {
		t.Errorf("the code alone leads to %s", w.Header().Get("Location"))
	}
	holding := url.Values{"code": {code}, "secret": {strings.ToLower(secret)}}
	w = p.send("/receipt", holding)
	wants(t, "holder", w, 200, "What you said", "ភូមិយើង", "Only you and those who check views")

	// What the holder does: each form carries code and secret on.
	act := func(name string, typed ...string) *httptest.ResponseRecorder {
		form := url.Values{"code": {code}, "secret": {secret}}
		for _, field := range hiddenField.FindAllStringSubmatch(p.send("/receipt", holding).Body.String(), -1) {
			if field[1] == "token" {
				form.Set("token", field[2])
			}
		}
		for i := 0; i+1 < len(typed); i += 2 {
			form.Set(typed[i], typed[i+1])
		}
		return p.send("/receipt/"+name, form)
	}
	wants(t, "an empty correction", act("correct", "text", " "), 422, "What you said")
	wants(t, "a correction", act("correct", "text", "ទឹកស្អាតគ្រប់រដូវ"), 200, "Your new wording is recorded", "គ្រប់រដូវ")
	wants(t, "an appeal too early", act("appeal", "grounds", "Publish it"), http.StatusConflict, "not withheld")
	wants(t, "erasing by accident", act("erase"), 422, "tick the box")
	wants(t, "erasing", act("erase", "sure", "yes"), 200, "Your words have been deleted")
	wants(t, "erasing twice", act("erase", "sure", "yes"), 200)
	if body := p.send("/receipt", holding).Body.String(); strings.Contains(body, "គ្រប់រដូវ") || strings.Contains(body, "ភូមិយើង") {
		t.Error("erased words are still shown to their holder")
	}
	for _, address := range p.Addresses {
		if strings.Contains(address, secret) || strings.Contains(strings.ToLower(address), strings.ToLower(secret[:9])) {
			t.Errorf("a secret stands in the address %s", address)
		}
	}
}

// TestReceiptFile verifies a downloaded receipt with nothing but the log's key.
func TestReceiptFile(t *testing.T) {
	s := filled(t)
	p := s.phone()
	card := codeAndSecret.FindStringSubmatch(p.send(putForward, p.formOn(putForward, "text", "A view", "written", "en", "visibility", "open")).Body.String())
	if err := s.Register.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := p.send("/receipt/file", url.Values{"code": {card[1]}, "secret": {card[2]}})
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	receipt, err := translog.DecodeReceipt(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := translog.NewVerifier(s.Register.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := receipt.Verify(s.Register.Origin(), verifier); err != nil || len(receipt.Openings) != 2 {
		t.Errorf("%d openings: %v", len(receipt.Openings), err)
	}
}

func TestBadViews(t *testing.T) {
	s := filled(t)
	p := s.phone()
	for what, bad := range map[string]struct {
		text, want string
	}{
		"nothing":        {"", "write"},
		"no words":       {"\u200b \u200b", "write"},
		"too long":       {strings.Repeat("ក្រុម", 200), "300"},
		"controls":       {"Water\x07now", "character"},
		"reversed":       {"Water \u202enow", "character"},
		"legacy letters": {"GgÁkarGnupléRBeQI", "font"},
	} {
		form := p.formOn(putForward, "text", bad.text, "written", "km", "visibility", "open", "detail", "Kept when it is shown again")
		w := p.send(putForward, form)
		wants(t, what, w, 422, bad.want, "Kept when it is shown again")
		if bad.text != "" && !strings.Contains(html.UnescapeString(w.Body.String()), strings.TrimSpace(bad.text)) && what != "controls" {
			t.Errorf("%s: what was typed is gone\n%s", what, mainOf(w.Body.String()))
		}
	}
	for what, bad := range map[string][]string{
		"no choice":    {"text", "Water", "written", "en"},
		"no language":  {"text", "Water", "visibility", "open"},
		"sealed":       {"text", "Water", "written", "en", "visibility", "sealed"},
		"theme":        {"text", "Water", "written", "en", "visibility", "open", "theme", "gold"},
		"four themes":  {"text", "Water", "written", "en", "visibility", "open", "theme", "a", "theme", "b", "theme", "c", "theme", "d"},
		"place":        {"text", "Water", "written", "en", "visibility", "open", "place", "99"},
		"odd language": {"text", "Water", "written", "xx", "visibility", "open"},
	} {
		wants(t, what, p.send(putForward, p.formOn(putForward, bad...)), 422, "Water")
	}
	form := p.formOn(putForward, "text", "One view", "written", "en", "visibility", "open")
	wants(t, "one view", p.send(putForward, form), 200)
	form.Set("text", "Another view under the same token")
	w := p.send(putForward, form)
	wants(t, "another under its token", w, http.StatusConflict, "Another view under the same token")
	fresh := url.Values{}
	for name, values := range form {
		fresh[name] = values
	}
	for _, field := range hiddenField.FindAllStringSubmatch(w.Body.String(), -1) {
		fresh.Set(field[1], field[2])
	}
	if fresh.Get("token") == form.Get("token") {
		t.Error("the form keeps the token that is used up")
	}
	wants(t, "sent again", p.send(putForward, fresh), 200, "This is your receipt")
	form = p.formOn(putForward, "text", "Typed while it closed", "written", "en", "visibility", "open")
	s.do(civic.System, s.Dialogue, &act.DialogueClosed{}, nil)
	wants(t, "closed while typing", p.send(putForward, form), http.StatusConflict, "has closed", "Typed while it closed")
	wants(t, "a vote after it closed", p.send(takePart, url.Values{"statement": {s.Views[0].Act.String()}, "vote": {"agree"}}), http.StatusConflict, "has closed")
	wants(t, "no such dialogue", p.open("/d/nowhere/take-part?lang=en"), 404)
}

// TestWrongSecrets: a mistyped code is told before anything is looked up, an
// unknown one and a wrong secret look the same, and guesses are limited.
func TestWrongSecrets(t *testing.T) {
	s := filled(t)
	p := s.phone()
	code := string(s.Views[4].Code)
	wrong := code[:len(code)-1] + map[bool]string{true: "1", false: "0"}[code[len(code)-1] == '0']
	wants(t, "mistyped", p.send("/receipt", url.Values{"code": {wrong}, "secret": {"0000-0000-0000-0000"}}), 422, "mistake in it")
	nobody := string(act.ID{1, 2, 3, 4, 5}.Code("KH"))
	a := p.send("/receipt", url.Values{"code": {nobody}, "secret": {"0000-0000-0000-0000"}})
	b := p.send("/receipt", url.Values{"code": {code}, "secret": {"0000-0000-0000-0000"}})
	if a.Code != 401 || a.Code != b.Code || strings.ReplaceAll(mainOf(a.Body.String()), nobody, code) != mainOf(b.Body.String()) {
		t.Errorf("an unknown code answers %d, a wrong secret %d", a.Code, b.Code)
	}
	limited := false
	for range 12 {
		limited = p.send("/receipt", url.Values{"code": {code}, "secret": {"1111-1111-1111-1111"}}).Code == http.StatusTooManyRequests || limited
	}
	if !limited {
		t.Error("guesses are not limited")
	}
	s.Pass(2 * time.Minute)
	if w := p.send("/receipt", url.Values{"code": {code}, "secret": {"1111-1111-1111-1111"}}); w.Code == http.StatusTooManyRequests {
		t.Error("the limit never ends")
	}
}

// TestCards: a dialogue behind a card takes its bearer, once, on any device.
func TestCards(t *testing.T) {
	s := filled(t)
	dialogue := s.do(civic.System, act.ID{}, &act.DialogueAnnounced{Slug: "carded", Level: "provincial", Place: "16", PlaceLevel: 1, Door: "card",
		Limit: 300, Changes: 5, Opens: "2026-03-09", Closes: "2026-04-30", Host: s.IDs["cso"]}, called("With cards", "មានប័ណ្ណ")).Act
	s.do(civic.System, dialogue, &act.DialogueOpened{}, nil)
	cards, err := s.Register.NewCards(dialogue, 2, zeroes{})
	if err != nil {
		t.Fatal(err)
	}
	p := s.phone()
	wants(t, "no card", p.open("/d/carded/put-forward?lang=en"), 200, "voting card")
	wants(t, "no card", p.send("/d/carded/take-part", url.Values{"statement": {s.Views[0].Act.String()}, "vote": {"agree"}}), http.StatusForbidden, "Only people with a card")
	bent := cards[0].Number[:len(cards[0].Number)-1] + "?"
	wants(t, "a bent card", p.send("/d/carded/card", url.Values{"card": {bent}}), 422, "on no card", bent)
	if w := p.send("/d/carded/card", url.Values{"card": {strings.ToLower(cards[0].Number)}}); w.Code != http.StatusSeeOther {
		t.Fatalf("a card: %d", w.Code)
	}
	form := p.formOn("/d/carded/put-forward", "text", "With a card", "written", "en", "visibility", "open")
	wants(t, "put forward", p.send("/d/carded/put-forward", form), 200, "This is your receipt")
	other := s.phone()
	other.send("/d/carded/card", url.Values{"card": {cards[0].Number}})
	wants(t, "the same card on another phone", other.open("/mine?lang=en"), 200, "With cards")
	if _, err := s.Register.Card(s.Dialogue, cards[1].Number); err == nil {
		t.Error("a card is good for another dialogue")
	}
	if a, b := s.Register.Participant(cards[0].Token, dialogue), s.Register.Participant(cards[1].Token, dialogue); a == b {
		t.Error("two cards are one person")
	}
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAboutYou(t *testing.T) {
	s := filled(t)
	p := s.phone()
	wants(t, "a stranger", p.open("/d/ratanakkiri/about-you?lang=en"), http.StatusForbidden)
	p.send(takePart, p.formOn(takePart, "vote", "agree"))
	form := p.formOn("/d/ratanakkiri/about-you", "sex", "woman", "indigenous", "tpu")
	wants(t, "said", p.send("/d/ratanakkiri/about-you", form), 200, "It is locked away")
	wants(t, "an odd answer", p.send("/d/ratanakkiri/about-you", p.formOn("/d/ratanakkiri/about-you", "sex", "x")), 422)
}

// TestOtherSitesCannotVote: a form that another site sends is refused.
func TestOtherSitesCannotVote(t *testing.T) {
	s := filled(t)
	p := s.phone()
	form := p.formOn(takePart, "vote", "agree")
	r := httptest.NewRequest("POST", takePart, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := p.do(r); w.Code != http.StatusForbidden {
		t.Errorf("%d", w.Code)
	}
}

// TestSlipComesAlive: a view entered with a slip's number is opened with what is
// printed on the slip.
func TestSlipComesAlive(t *testing.T) {
	s := filled(t)
	slips, err := s.Register.NewSlips(1, zeroes{})
	if err != nil {
		t.Fatal(err)
	}
	p := s.phone()
	holding := url.Values{"code": {string(slips[0].Code)}, "secret": {slips[0].Secret}}
	wants(t, "before it is entered", p.send("/receipt", holding), 401)
	facilitator := s.staff(s.IDs["cso"], act.RoleFacilitator)
	slip, err := s.Register.Slip(strings.ToLower(slips[0].Number))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Register.SubmitSlip(t.Context(), facilitator, act.Draft{By: facilitator.By, Of: s.Dialogue, Facts: &act.StatementRegistered{Channel: "paper", Written: "km",
		Spoken: "tpu", ReadBack: "yes", Visibility: "open"}, Content: map[string]any{"text": &act.Text{Text: "ពីក្រដាស"}, "source": &act.Source{Slip: slip.Number}}}, slip)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, "after it is entered", p.send("/receipt", holding), 200, "ពីក្រដាស")
	if _, err := s.Register.Slip("0000-0001-ZZ"); err != register.ErrSlip {
		t.Errorf("a made-up number: %v", err)
	}
}

// TestPartPagesInEveryLanguage renders the pages of who takes part, before and
// after they did.
func TestPartPagesInEveryLanguage(t *testing.T) {
	s := filled(t)
	p := s.phone()
	for _, taken := range []bool{false, true} {
		if taken {
			p.send(takePart, p.formOn(takePart, "vote", "agree"))
			p.send(putForward, p.formOn(putForward, "text", "A view", "written", "en", "visibility", "open"))
		}
		for _, path := range []string{takePart, putForward, "/d/ratanakkiri/my-votes", "/d/ratanakkiri/about-you", "/mine", "/receipt",
			"/r/" + string(s.Views[0].Code), "/r/KH-0000-0000-1"} {
			for _, language := range []string{"km", "en"} {
				w := p.open(path + "?lang=" + language)
				body := w.Body.String()
				if strings.Contains(body, "⟦") || !strings.Contains(body, `<html lang="`+language+`">`) || w.Code >= 500 {
					t.Errorf("%s in %s: %d\n%s", path, language, w.Code, mainOf(body))
				}
				if w.Header().Get("Cache-Control") != "no-store" || !strings.Contains(body, `content="noindex"`) {
					t.Errorf("%s may be kept or found: %v", path, w.Header())
				}
			}
		}
	}
}
