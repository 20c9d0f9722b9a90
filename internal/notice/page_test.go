package notice_test

import (
	"html"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/account"
	"samleng/internal/store"
	"samleng/internal/web"
)

var (
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)
	linkInMail  = regexp.MustCompile(`https://samleng\.example(\S+)`)
)

// pages are the pages on top of a sample, with the messages or without.
func (s *sample) pages(with bool) *web.Server {
	s.t.Helper()
	config := web.Config{Register: s.Register, Accounts: s.Accounts, Address: base}
	if with {
		config.Notices = s.Notices
	}
	pages, err := web.New(config)
	if err != nil {
		s.t.Fatal(err)
	}
	return pages
}

func get(pages *web.Server, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	pages.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func post(pages *web.Server, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path+"?lang=en", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	pages.ServeHTTP(w, r)
	return w
}

// hidden are the hidden fields of a page's form of an act, or of its only form.
func hidden(page, action string) url.Values {
	if _, after, found := strings.Cut(page, `action="`+action+`"`); found {
		page, _, _ = strings.Cut(after, "</form>")
	}
	form := url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(page, -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	return form
}

func wants(t *testing.T, what string, w *httptest.ResponseRecorder, code int, texts ...string) string {
	t.Helper()
	body := html.UnescapeString(w.Body.String())
	if w.Code != code {
		t.Errorf("%s: %d", what, w.Code)
	}
	for _, text := range texts {
		if !strings.Contains(body, text) {
			t.Errorf("%s: no %q in\n%s", what, text, body)
		}
	}
	return body
}

// TestFromThePage: somebody puts a view forward, leaves an address on the receipt,
// is told, follows the links of the message, and takes the address away.
func TestFromThePage(t *testing.T) {
	onBoth(t, func(t *testing.T, s *sample) {
		s.begin()
		pages := s.pages(true)
		const path = "/d/ratanakkiri/put-forward"
		form := hidden(get(pages, path+"?lang=en").Body.String(), path)
		form.Set("text", said)
		form.Set("written", "en")
		form.Set("visibility", "open")
		receipt := wants(t, "the receipt", post(pages, path, form), 200, "An e-mail address, if you want to be told", "it is no part of the record")
		held := hidden(receipt, "/receipt/tell")
		if held.Get("code") == "" || held.Get("secret") == "" {
			t.Fatalf("the form has no code and secret:\n%s", receipt)
		}
		held.Set("address", "holder@mail.example\r\nBcc: other@mail.example")
		again := wants(t, "a bad address", post(pages, "/receipt/tell", held), 422, "no e-mail address that we can write to", `<details id="tell" open>`)
		if hidden(again, "/receipt/erase").Get("token") == "" {
			t.Error("the other forms of the page lost their token")
		}
		held.Set("address", "holder@mail.example")
		body := wants(t, "an address", post(pages, "/receipt/tell", held), 200, "Your address is kept.", "We write to h…@mail.example")
		if strings.Contains(body, "holder@mail.example") {
			t.Error("the page shows the whole address")
		}
		size := s.Register.Position()
		var view *civic.Statement
		s.Register.View(func(state *civic.State) { view = state.Statements()[0] })
		s.do(s.Moderator, view.ID, &act.StatementPublished{}, nil)
		if s.Register.Position() != size+1 {
			t.Error("leaving an address is an act")
		}
		s.once()
		got := s.Mail.To("holder@mail.example")
		if len(got) != 1 {
			t.Fatalf("%d messages", len(got))
		}
		links := linkInMail.FindAllStringSubmatch(got[0].Body, -1)
		if len(links) != 2 {
			t.Fatalf("links %v", links)
		}
		wants(t, "the thread", get(pages, links[0][1]), 200, said)
		wants(t, "how to stop", get(pages, links[1][1]), 200, `value="`+held.Get("code")+`"`)
		body = wants(t, "the receipt again", post(pages, "/receipt", url.Values{"code": held["code"], "secret": held["secret"]}), 200, "Stop writing to me")
		wants(t, "stopping", post(pages, "/receipt/untell", hidden(body, "/receipt/untell")), 200, "Your address is deleted.", "An e-mail address, if you want to be told")
		s.do(s.Facilitator, view.ID, &act.ReferralMade{Authority: s.Office}, nil)
		s.once()
		if got := len(s.Mail.Got()); got != 1 {
			t.Errorf("%d messages after stopping", got)
		}
		held.Set("secret", "0000-0000-0000-0000")
		if w := post(pages, "/receipt/tell", held); w.Code != 401 {
			t.Errorf("an address with a wrong secret: %d", w.Code)
		}
	})
}

// TestNotOffered: where nothing is sent nobody is asked for an address.
func TestNotOffered(t *testing.T) {
	s := begun(t, store.Config{Dir: t.TempDir()})
	v := s.view(act.VisibilityOpen)
	pages := s.pages(false)
	form := url.Values{"code": {string(v.Code)}, "secret": {v.Secret}}
	if body := wants(t, "the receipt", post(pages, "/receipt", form), 200, "What you can do now"); strings.Contains(body, "e-mail") {
		t.Error("an address is asked for")
	}
	form.Set("address", "holder@mail.example")
	for _, path := range []string{"/receipt/tell", "/receipt/untell"} {
		if w := post(pages, path, form); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if left, err := s.Notices.Left(t.Context(), v.Act); err != nil || left != "" {
		t.Errorf("%q, %v", left, err)
	}
}

// TestSwitch: staff switch messages off and on where they say how they sign in.
func TestSwitch(t *testing.T) {
	s := begun(t, store.Config{Dir: t.TempDir()})
	who := s.member("officer@office.example", s.Office, act.RoleFocalPoint)
	pages := s.pages(true)
	w := httptest.NewRecorder()
	if err := s.Accounts.StartSession(t.Context(), w, who.By.Staff, account.ByPasskey); err != nil {
		t.Fatal(err)
	}
	cookie := w.Result().Cookies()[0]
	send := func(method, path string, form url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		return w
	}
	wants(t, "at first", send("GET", "/account?lang=en", nil), 200, "You get a message when a case comes", "Send me nothing")
	wants(t, "off", send("POST", "/account/notices?lang=en", nil), 200, "Nothing is sent to you.")
	wants(t, "on, in Khmer", send("POST", "/account/notices?lang=km", url.Values{"want": {"yes"}}), 200, "អ្នកទទួលសារ")
	got, err := s.Accounts.Get(t.Context(), who.By.Staff)
	if err != nil || got.Quiet || got.Language != "km" {
		t.Errorf("%+v: %v", got, err)
	}
}
