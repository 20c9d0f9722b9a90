package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestMailing: nothing is sent unless a mail server is named, half a
// configuration is refused, and the password comes from a file or the
// environment alone.
func TestMailing(t *testing.T) {
	where := place{Data: t.TempDir()}
	r, err := where.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("from the file\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name     string
		mailing  mailing
		password string // in the environment
		sends    bool
		wrong    string
	}{
		{name: "nothing"},
		{name: "this machine", mailing: mailing{SMTPHost: "127.0.0.1:25", MailFrom: "samleng@samleng.example"}, sends: true},
		{name: "signing in", mailing: mailing{SMTPHost: "mail.example:587", SMTPUser: "samleng", MailFrom: "samleng@samleng.example"}, password: "secret", sends: true},
		{name: "a file", mailing: mailing{SMTPHost: "mail.example:465", SMTPUser: "samleng", SMTPPasswordFile: file, MailFrom: "samleng@samleng.example"}, sends: true},
		{name: "no sender", mailing: mailing{SMTPHost: "mail.example:587"}, wrong: "--mail-from"},
		{name: "no server", mailing: mailing{MailFrom: "samleng@samleng.example"}, wrong: "--smtp-host"},
		{name: "no password", mailing: mailing{SMTPHost: "mail.example:587", SMTPUser: "samleng", MailFrom: "samleng@samleng.example"}, wrong: "password"},
		{name: "no file", mailing: mailing{SMTPHost: "mail.example:587", SMTPUser: "samleng", SMTPPasswordFile: file + "x", MailFrom: "samleng@samleng.example"}, wrong: "password"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(passwordVariable, test.password)
			notices, err := test.mailing.openNotices(r, nil, "https://samleng.example")
			if (notices != nil) != test.sends || (err != nil) != (test.wrong != "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
				t.Errorf("%v, %v", notices != nil, err)
			}
			if notices != nil {
				runNotices(t.Context(), notices)() // it ends
			}
		})
	}
	if got, err := (mailing{SMTPPasswordFile: file}).password(); err != nil || got != "from the file" {
		t.Errorf("%q: %v", got, err)
	}
	parser, err := kong.New(new(commands), kong.Vars{"organisation_types": ""})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"serve", "--data", where.Data, "--smtp-password", "x"}); err == nil {
		t.Error("a password is taken from the command line")
	}
}
