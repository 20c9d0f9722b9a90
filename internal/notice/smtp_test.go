package notice_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"mime"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"encoding/base64"
	"mime/quotedprintable"
)

// mailServer is a real mail server on this machine that keeps what it is given.
type mailServer struct {
	t    testing.TB
	Addr string
	// TLS offers STARTTLS; nil does not.
	TLS *tls.Config
	// Answer gives the reply to a recipient, "" to take it; Swallow says that the
	// message is taken and the line cut before the reply.
	Answer  func(to string) string
	Swallow func(to string) bool
	// Slow is how long each message takes.
	Slow time.Duration

	mu       sync.Mutex
	listener net.Listener
	got      []received
	lines    []string // what was said in clear
}

// received is a message as it came.
type received struct {
	To, Raw string
	Header  mail.Header
	Body    string
}

func (m received) Subject() string {
	text, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return err.Error()
	}
	return text
}

func startMail(t testing.TB) *mailServer {
	s := &mailServer{t: t}
	s.Listen("127.0.0.1:0")
	t.Cleanup(s.Shut)
	return s
}

func (s *mailServer) Listen(addr string) {
	s.t.Helper()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Addr, s.listener = listener.Addr().String(), listener
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.talk(conn)
		}
	}()
}

func (s *mailServer) Shut() { s.listener.Close() }

func (s *mailServer) Got() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.got...)
}

// To gives what came for an address.
func (s *mailServer) To(address string) (to []received) {
	for _, m := range s.Got() {
		if m.To == address {
			to = append(to, m)
		}
	}
	return to
}

func (s *mailServer) Clear() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

func (s *mailServer) talk(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	say := func(text string) { fmt.Fprintf(conn, "%s\r\n", text) }
	say("220 mail.test")
	to, secure := "", false
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		if !secure {
			s.mu.Lock()
			s.lines = append(s.lines, line)
			s.mu.Unlock()
		}
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch verb {
		case "EHLO":
			if s.TLS != nil && !secure {
				say("250-mail.test\r\n250 STARTTLS")
			} else {
				say("250-mail.test\r\n250 AUTH PLAIN")
			}
		case "STARTTLS":
			say("220 go on")
			conn = tls.Server(conn, s.TLS)
			in, secure = bufio.NewReader(conn), true
		case "AUTH":
			say("235 come in")
		case "MAIL", "RSET", "NOOP":
			say("250 well")
		case "RCPT":
			to = line[strings.IndexByte(line, '<')+1 : strings.IndexByte(line, '>')]
			if s.Answer != nil && s.Answer(to) != "" {
				say(s.Answer(to))
				continue
			}
			say("250 well")
		case "DATA":
			say("354 go on")
			raw, err := textproto.NewReader(in).ReadDotBytes()
			if err != nil {
				return
			}
			time.Sleep(s.Slow)
			s.keep(to, raw)
			if s.Swallow != nil && s.Swallow(to) {
				return
			}
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("500 what?")
		}
	}
}

func (s *mailServer) keep(to string, raw []byte) {
	m := received{To: to, Raw: string(raw)}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		s.t.Errorf("a message that cannot be read: %v\n%s", err, raw)
		return
	}
	m.Header = parsed.Header
	body := parsed.Body
	switch parsed.Header.Get("Content-Transfer-Encoding") {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		s.t.Errorf("a body that cannot be read: %v", err)
	}
	m.Body = strings.ReplaceAll(string(text), "\r\n", "\n")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, m)
}
