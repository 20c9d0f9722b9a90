package notice

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// Server is the mail server that messages are handed to.
type Server struct {
	// Address is "host:port". Port 465 is spoken to in TLS from the first byte;
	// on any other STARTTLS is required, unless the host is this machine.
	Address string
	// User and Password sign in to it; nobody does where User is "".
	User, Password string
	// From is the address that messages come from.
	From string
	// TLS, where it is not nil, is how TLS is spoken, and then it is required
	// of this machine too.
	TLS *tls.Config
}

// patience bounds each exchange with the mail server.
const patience = 30 * time.Second

// post hands messages to a mail server.
type post struct {
	server Server
	domain string // of the sender's address
	host   string
	port   int
}

func newPost(server Server) (*post, error) {
	p := &post{server: server}
	host, port, err := net.SplitHostPort(server.Address)
	if err != nil || host == "" {
		return nil, fmt.Errorf("%q is no host:port of a mail server", server.Address)
	}
	if p.port, err = strconv.Atoi(port); err != nil || p.port < 1 || p.port > 65535 {
		return nil, fmt.Errorf("%q is no port of a mail server", port)
	}
	p.host = host
	if p.server.From, err = ParseAddress(server.From); err != nil {
		return nil, fmt.Errorf("%q is no address to send from", server.From)
	}
	_, p.domain, _ = strings.Cut(p.server.From, "@")
	if (server.User == "") != (server.Password == "") {
		return nil, errors.New("a user of the mail server needs a password, and a password a user")
	}
	return p, nil
}

// here reports whether the mail server runs on this machine.
func (p *post) here() bool {
	ip := net.ParseIP(p.host)
	return p.host == "localhost" || ip != nil && ip.IsLoopback()
}

// dial connects and signs in. Whoever gets the line closes it.
func (p *post) dial(ctx context.Context) (*mail.Client, error) {
	options := []mail.Option{mail.WithPort(p.port), mail.WithTimeout(patience), mail.WithHELO(p.domain)}
	config := p.server.TLS
	if config == nil {
		config = &tls.Config{}
	}
	config = config.Clone()
	config.ServerName, config.MinVersion = p.host, tls.VersionTLS12
	options = append(options, mail.WithTLSConfig(config))
	auth := mail.SMTPAuthAutoDiscover
	switch {
	case p.port == 465:
		options = append(options, mail.WithSSL())
	case p.here() && p.server.TLS == nil:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
		auth = mail.SMTPAuthPlain // go-mail gives it to this machine alone
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if p.server.User != "" {
		options = append(options, mail.WithSMTPAuth(auth), mail.WithUsername(p.server.User), mail.WithPassword(p.server.Password))
	}
	client, err := mail.NewClient(p.host, options...)
	if err != nil {
		return nil, fmt.Errorf("reach the mail server: %w", err)
	}
	if err := client.DialWithContext(ctx); err != nil {
		return nil, fmt.Errorf("reach the mail server: %w", err)
	}
	return client, nil
}

// letter is one message to one address.
type letter struct {
	To, Subject, Body string
	Language          string
	ID                string // without the domain
	At                time.Time
}

// message writes a letter as it is sent: plain text, marked as sent by a
// machine so that nothing answers it by itself, and nothing that tells whether
// it was read.
func (p *post) message(l letter) (*mail.Msg, error) {
	encoding := mail.EncodingQP
	if strings.ContainsFunc(l.Body, func(r rune) bool { return r > 0x7f }) {
		encoding = mail.EncodingB64 // shorter, for Khmer
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithCharset(mail.CharsetUTF8), mail.WithEncoding(encoding))
	if err := m.From(p.server.From); err != nil {
		return nil, errAddress
	}
	// Only an address that the same rule reads as itself goes into a header.
	if parsed, err := ParseAddress(l.To); err != nil || parsed != l.To {
		return nil, errAddress
	}
	if err := m.To(l.To); err != nil {
		return nil, errAddress
	}
	if strings.ContainsAny(l.Subject, "\r\n") {
		return nil, errors.New("a subject of more than one line")
	}
	m.Subject(l.Subject)
	m.SetDateWithValue(l.At)
	m.SetMessageIDWithValue(l.ID + "@" + p.domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetGenHeader("Content-Language", l.Language)
	m.SetBodyString(mail.TypeTextPlain, l.Body)
	return m, nil
}

// outcome is what a mail server said of a message.
type outcome int

const (
	accepted outcome = iota
	later            // not now
	never            // this address or this message, for good
	broken           // the line: what became of the message is not known
)

// send hands a message over. The error's text may hold an address and goes into
// no log.
func send(line *mail.Client, m *mail.Msg) outcome {
	err := line.Send(m)
	var refused *mail.SendError
	switch {
	case err == nil:
		return accepted
	case !errors.As(err, &refused) || refused.ErrorCode() < 400:
		return broken
	case refused.ErrorCode() >= 500 && (refused.Reason == mail.ErrSMTPRcptTo || refused.Reason == mail.ErrSMTPDataClose):
		return never
	}
	return later
}
