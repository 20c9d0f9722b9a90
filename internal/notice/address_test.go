package notice

import (
	"net/mail"
	"strings"
	"testing"
	"time"

	"samleng/internal/problem"
)

var addresses = []struct{ typed, want string }{
	{"sok.dara@mail.example", "sok.dara@mail.example"},
	{"Sok.Dara+forum@Mail.Example", "Sok.Dara+forum@mail.example"},
	{" \u200bsok@mail.example\u00a0", "sok@mail.example"},
	{"o'neill_1!#@a-b.mail.example", "o'neill_1!#@a-b.mail.example"},
	{strings.Repeat("a", 64) + "@mail.example", strings.Repeat("a", 64) + "@mail.example"},
	{"", ""},
	{"@", ""},
	{"sok", ""},
	{"sok@", ""},
	{"@mail.example", ""},
	{"sok@localhost", ""},
	{"sok@mail..example", ""},
	{"sok@-mail.example", ""},
	{"sok@mail.example.", ""},
	{"sok@127.0.0.1", ""},
	{"sok@[127.0.0.1]", ""},
	{"so k@mail.example", ""},
	{"sok@mail.example\r\nBcc: other@mail.example", ""},
	{"sok@mail.example\nBcc: other@mail.example", ""},
	{"sok@mail.example\r", ""},
	{"sok\r\n@mail.example", ""},
	{"sok@mail.example\x00", ""},
	{"sok@mail.example,other@mail.example", ""},
	{"sok@mail.example;other@mail.example", ""},
	{"sok@mail.example other@mail.example", ""},
	{"Sok <sok@mail.example>", ""},
	{"<sok@mail.example>", ""},
	{"\"sok\"@mail.example", ""},
	{"\"a\r\nb\"@mail.example", ""},
	{"sok(comment)@mail.example", ""},
	{"a@b@mail.example", ""},
	{".sok@mail.example", ""},
	{"sok.@mail.example", ""},
	{"s..k@mail.example", ""},
	{"សុខ@mail.example", ""},
	{"sok@អ៊ីមែល.example", ""},
	{strings.Repeat("a", 65) + "@mail.example", ""},
	{"sok@" + strings.Repeat("abcdefghi.", 25) + "example", ""},
	{"sok@" + strings.Repeat("a", 64) + ".example", ""},
	{strings.Repeat(" ", 600) + "sok@mail.example", ""},
}

func TestParseAddress(t *testing.T) {
	for _, test := range addresses {
		got, err := ParseAddress(test.typed)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%q: %q, %v", test.typed, got, err)
		}
		if err != nil && problem.Of(err).Key != "problem.address" {
			t.Errorf("%q: %v", test.typed, err)
		}
	}
}

// TestNoHeaderIsInjected: what cannot be an address, or a subject, makes no
// message.
func TestNoHeaderIsInjected(t *testing.T) {
	p, err := newPost(Server{Address: "127.0.0.1:25", From: "samleng@samleng.example"})
	if err != nil {
		t.Fatal(err)
	}
	l := letter{To: "sok@mail.example", Subject: "News", Body: "Good.\n", Language: "en", ID: "1", At: time.Unix(0, 0)}
	if _, err := p.message(l); err != nil {
		t.Fatal(err)
	}
	for _, test := range addresses {
		if test.want == test.typed {
			continue
		}
		l := l
		l.To = test.typed
		if _, err := p.message(l); err == nil {
			t.Errorf("a message to %q", test.typed)
		}
	}
	for _, subject := range []string{"News\r\nBcc: other@mail.example", "News\nBcc: other@mail.example", "News\r"} {
		l := l
		l.Subject = subject
		if _, err := p.message(l); err == nil {
			t.Errorf("a message about %q", subject)
		}
	}
}

// FuzzParseAddress: what is read as an address is one plain one, is read as
// itself, and holds nothing that ends a header.
func FuzzParseAddress(f *testing.F) {
	for _, test := range addresses {
		f.Add(test.typed)
	}
	p, err := newPost(Server{Address: "127.0.0.1:25", From: "samleng@samleng.example"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		address, err := ParseAddress(typed)
		if err != nil {
			if address != "" {
				t.Errorf("%q beside an error", address)
			}
			return
		}
		again, err := ParseAddress(address)
		if err != nil || again != address {
			t.Errorf("%q is read as %q: %v", address, again, err)
		}
		if len(address) > MostAddress || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`,;:<>()[]"\`, r) }) {
			t.Errorf("%q", address)
		}
		list, err := mail.ParseAddressList(address)
		if err != nil || len(list) != 1 || list[0].Address != address {
			t.Errorf("%q is %v: %v", address, list, err)
		}
		m, err := p.message(letter{To: address, Subject: "News", Body: "Good.\n", ID: "1"})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if _, err := m.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		parsed, err := mail.ReadMessage(strings.NewReader(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		if to, err := parsed.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != address || parsed.Header.Get("Bcc") != "" {
			t.Errorf("%q became %v: %v", address, parsed.Header, err)
		}
		if shown := Masked(address); len(address) > 2 && strings.HasPrefix(shown, address[:2]) && address[1] != '@' {
			t.Errorf("%q is shown as %q", address, shown)
		}
	})
}
