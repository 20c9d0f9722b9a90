package notice_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/internal/notice"
	"samleng/internal/store"
)

// certificate makes one that this machine signed itself, and who trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, pool
}

// TestTLS: a message goes out encrypted, to a server whose certificate is
// trusted, or not at all; and so does the password.
func TestTLS(t *testing.T) {
	own, trusted := certificate(t)
	const password = "correct horse battery"
	for _, test := range []struct {
		name   string
		offers *tls.Config
		trusts *x509.CertPool
		user   string
		sent   int
	}{
		{"trusted", &tls.Config{Certificates: []tls.Certificate{own}}, trusted, "samleng", 1},
		{"trusted, nobody signs in", &tls.Config{Certificates: []tls.Certificate{own}}, trusted, "", 1},
		{"not trusted", &tls.Config{Certificates: []tls.Certificate{own}}, x509.NewCertPool(), "samleng", 0},
		{"none offered", nil, trusted, "samleng", 0},
		{"none offered, nobody signs in", nil, trusted, "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := begun(t, store.Config{Dir: t.TempDir()})
			s.Mail.TLS = test.offers
			server := notice.Server{Address: s.Mail.Addr, User: test.user, From: "samleng@samleng.example", TLS: &tls.Config{RootCAs: test.trusts}}
			if test.user != "" {
				server.Password = password
			}
			s.Notices = s.notices(s.Register, s.Accounts, server)
			s.begin()
			v := s.followed("holder@mail.example", "en")
			s.do(s.Moderator, v.Act, &act.StatementPublished{}, nil)
			s.once()
			if got := len(s.Mail.Got()); got != test.sent {
				t.Errorf("%d messages", got)
			}
			clear := s.Mail.Clear()
			if !strings.Contains(clear, "EHLO samleng.example") {
				t.Errorf("nothing was said: this test cannot fail:\n%s", clear)
			}
			for _, secret := range []string{"AUTH", "MAIL", "RCPT", "holder@mail.example", password} {
				if strings.Contains(clear, secret) {
					t.Errorf("%s was said in clear:\n%s", secret, clear)
				}
			}
		})
	}
}

// TestServerSettings: what cannot work is refused at the start.
func TestServerSettings(t *testing.T) {
	s := begun(t, store.Config{Dir: t.TempDir()})
	for name, server := range map[string]notice.Server{
		"no port":         {Address: "mail.example", From: "samleng@samleng.example"},
		"no host":         {Address: ":25", From: "samleng@samleng.example"},
		"a port by name":  {Address: "mail.example:smtp", From: "samleng@samleng.example"},
		"no sender":       {Address: "mail.example:25"},
		"two senders":     {Address: "mail.example:25", From: "a@samleng.example, b@samleng.example"},
		"a named sender":  {Address: "mail.example:25", From: "Samleng <a@samleng.example>"},
		"no password":     {Address: "mail.example:25", From: "a@samleng.example", User: "samleng"},
		"a password only": {Address: "mail.example:25", From: "a@samleng.example", Password: "x"},
	} {
		if _, err := notice.New(notice.Config{Register: s.Register, BaseURL: base, Server: server}); err == nil {
			t.Errorf("%s is accepted", name)
		} else if strings.Contains(err.Error(), "password x") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
