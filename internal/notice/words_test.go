package notice

import (
	"flag"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"encoding/base64"

	"samleng/internal/locale"
)

var update = flag.Bool("update", false, "write the previews anew")

// preview is a message as its reader sees it: the headers that mail programs
// show or act on, and the text.
func preview(t *testing.T, p *post, l letter) string {
	t.Helper()
	m, err := p.message(l)
	if err != nil {
		t.Fatal(err)
	}
	var raw strings.Builder
	if _, err := m.WriteTo(&raw); err != nil {
		t.Fatal(err)
	}
	parsed, err := mail.ReadMessage(strings.NewReader(raw.String()))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, name := range []string{"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Language", "Content-Type", "User-Agent", "X-Mailer"} {
		value, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get(name))
		if err != nil {
			t.Fatal(err)
		}
		if value != "" {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	if len(parsed.Header) != strings.Count(b.String(), "\n")+2 { // MIME-Version, Content-Transfer-Encoding
		t.Errorf("other headers than the preview shows: %v", parsed.Header)
	}
	body := io.Reader(base64.NewDecoder(base64.StdEncoding, parsed.Body))
	if parsed.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(parsed.Body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n" + strings.ReplaceAll(string(text), "\r\n", "\n")
}

// TestPreviews writes every message in every language and compares it with what
// somebody has looked at.
func TestPreviews(t *testing.T) {
	p, err := newPost(Server{Address: "mail.example:587", From: "samleng@samleng.example"})
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("", 7*3600)
	due := time.Date(2026, 3, 16, 0, 0, 0, 0, zone)
	for _, tag := range locale.Languages() {
		t.Run(tag, func(t *testing.T) {
			l := locale.Get(tag)
			var b strings.Builder
			write := func(name, to, subject, body string) {
				b.WriteString("==== " + name + "\n" + preview(t, p, letter{To: to, Subject: l.T(subject), Body: body, Language: tag,
					ID: "0123456789abcdef0123456789abcdef", At: time.Date(2026, 3, 9, 10, 20, 0, 0, zone)}) + "\n")
			}
			for _, told := range []news{
				{What: newsPublished}, {What: newsWithheld, Reason: "personal_data"}, {What: newsAppeal}, {What: newsReferred}, {What: newsMoved},
				{What: newsAsked, Due: due}, {What: newsAsked}, {What: newsAnswered}, {What: newsReview}, {What: newsClaimed}, {What: newsAssessed}, {What: newsSome},
			} {
				told.Code = "KH-4T2M-9QXA-7"
				write("holder: "+told.What, "holder@mail.example", "mail.holder.subject", told.text(l, zone, "https://samleng.example/"))
			}
			for _, n := range []int{1, 12} {
				came := arrivals{n, n, n, n, n}
				write("staff", "officer@office.example", "mail.staff.subject", came.text(l, "https://samleng.example"))
				d := digest{n, n, n, n, n, n, n, n, n}
				write("digest", "officer@office.example", "mail.digest.subject", d.text(l, "https://samleng.example"))
			}
			if strings.Contains(b.String(), "⟦") {
				t.Error("a message is missing")
			}
			name := filepath.Join("testdata", "preview."+tag+".txt")
			if *update {
				if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if string(want) != b.String() {
				t.Errorf("the messages differ from %s; go test ./internal/notice -run TestPreviews -update writes them anew, to be looked at", name)
			}
		})
	}
}
