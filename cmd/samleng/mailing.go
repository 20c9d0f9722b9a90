package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"samleng/internal/account"
	"samleng/internal/notice"
	"samleng/internal/register"
)

// mailing says how notices by e-mail are sent; without a host none are.
type mailing struct {
	SMTPHost         string `name:"smtp-host" help:"Mail server for notices, such as mail.example.org:587. Port 465 speaks TLS at once, others STARTTLS; without TLS none but this machine is used. Without it no notices are sent." placeholder:"HOST:PORT"`
	SMTPUser         string `name:"smtp-user" help:"Who signs in to the mail server. The password stands in the environment, as SAMLENG_SMTP_PASSWORD, or in a file." placeholder:"NAME"`
	SMTPPasswordFile string `name:"smtp-password-file" help:"File that holds the mail server's password." type:"path" placeholder:"FILE"`
	MailFrom         string `name:"mail-from" help:"Address that notices come from." placeholder:"ADDRESS"`
}

// passwordVariable holds the mail server's password; a flag would show it to
// whoever lists the processes.
const passwordVariable = "SAMLENG_SMTP_PASSWORD"

func (m mailing) password() (string, error) {
	if m.SMTPPasswordFile == "" {
		return os.Getenv(passwordVariable), nil
	}
	content, err := os.ReadFile(m.SMTPPasswordFile)
	if err != nil {
		return "", fmt.Errorf("read the mail server's password: %w", err)
	}
	return string(bytes.TrimRight(content, "\r\n")), nil
}

// openNotices gives the notices of a register, nil where no mail server is
// named.
func (m mailing) openNotices(r *register.Register, accounts *account.Accounts, base string) (*notice.Notices, error) {
	switch {
	case m.SMTPHost == "" && (m.SMTPUser != "" || m.MailFrom != "" || m.SMTPPasswordFile != ""):
		return nil, errors.New("say where the mail server is: --smtp-host HOST:PORT")
	case m.SMTPHost == "":
		slog.Info("no notices are sent by e-mail, for no mail server is named (--smtp-host)")
		return nil, nil
	case m.MailFrom == "":
		return nil, errors.New("say from which address notices come: --mail-from ADDRESS")
	case isIllustrative(r):
		slog.Info("no notices are sent by e-mail, for the register is a demonstration")
		return nil, nil
	}
	password, err := m.password()
	if err != nil {
		return nil, err
	}
	notices, err := notice.New(notice.Config{Register: r, Accounts: accounts, BaseURL: base,
		Server: notice.Server{Address: m.SMTPHost, User: m.SMTPUser, Password: password, From: m.MailFrom}})
	if err != nil {
		return nil, err
	}
	slog.Info("notices are sent by e-mail", "server", m.SMTPHost)
	return notices, nil
}

// runNotices sends until ctx ends; what it gives back waits for the message that
// is on its way then.
func runNotices(ctx context.Context, notices *notice.Notices) (wait func()) {
	if notices == nil {
		return func() {}
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		notices.Run(ctx)
	}()
	return func() {
		stop()
		<-done
	}
}
