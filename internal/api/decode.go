package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"samleng/act"
	"samleng/internal/locale"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// The most bytes of a body. A view's two texts may take act.MaxText bytes each,
// which JSON may write at six bytes for one; a ballot has up to act.MostVotes
// votes of some 70 bytes.
const (
	maxViewBody   = 512 << 10
	maxBallotBody = 128 << 10
	maxSmallBody  = 64 << 10
)

// JSONBody is what every request with a body brings. huma only carries it: its own
// decoding takes two passes, and tells what is wrong in English.
type JSONBody struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	RawBody     []byte `contentType:"application/json"`
}

// decode reads a body strictly: JSON in UTF-8, one object, no members but those
// of into.
func (p *JSONBody) decode(into any) error {
	if p.ContentType != "application/json" {
		media, params, err := mime.ParseMediaType(p.ContentType)
		if charset := params["charset"]; err != nil || media != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
			return problem.New(problem.Invalid, "problem.media_type").In("Content-Type")
		}
	}
	return decodeBody(p.RawBody, into)
}

func decodeBody(body []byte, into any) error {
	if !utf8.Valid(body) {
		return problem.New(problem.Invalid, "problem.encoding")
	}
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return problem.New(problem.Invalid, "problem.json_malformed")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return problem.Wrap(err, problem.Invalid, "problem.json_malformed").In(fieldOf(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return problem.New(problem.Invalid, "problem.json_malformed")
	}
	return nil
}

// fieldOf gives the name of the member that a decoding error is about.
func fieldOf(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return wrong.Field
	}
	// encoding/json has no type for this one.
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		return locale.Truncate(name, 60)
	}
	return ""
}

// participantOf reads the token of who takes part from an Authorization header
// ("Participant TOKEN") or from the body's member. Its text is what they are
// known by, as in the cookie of the pages.
func participantOf(authorization, member string) (string, error) {
	token := member
	if authorization != "" {
		scheme, rest, _ := strings.Cut(authorization, " ")
		if !strings.EqualFold(scheme, "Participant") || member != "" && member != rest {
			return "", problem.New(problem.Invalid, "problem.token").In("Authorization")
		}
		token = rest
	}
	if token == "" {
		return "", problem.New(problem.Invalid, "problem.required").In("participant")
	}
	if parsed, err := register.ParseToken(token); err != nil || parsed == (register.Token{}) {
		return "", problem.New(problem.Invalid, "problem.token").In("participant")
	}
	return token, nil
}

// keyOf reads an idempotency key from its header (bare, or in quotes as a
// structured field) or from the body's member. It is nil where neither has one.
func keyOf(header, member string) (*register.Token, error) {
	text := member
	if header != "" {
		header = strings.TrimSuffix(strings.TrimPrefix(header, `"`), `"`)
		if member != "" && member != header {
			return nil, problem.New(problem.Invalid, "problem.token").In("Idempotency-Key")
		}
		text = header
	}
	if text == "" {
		return nil, nil
	}
	token, err := register.ParseToken(text)
	if err != nil || token == (register.Token{}) {
		return nil, problem.New(problem.Invalid, "problem.token").In("Idempotency-Key")
	}
	return &token, nil
}

// checkProse says what is wrong with words that somebody put forward, nil if
// nothing is.
func checkProse(field, text string) *problem.Error {
	switch {
	case len(text) > act.MaxText:
		return problem.New(problem.Invalid, "problem.bytes_long").In(field)
	case act.Blank(text):
		return problem.New(problem.Invalid, "problem.text_empty").In(field)
	case strings.ContainsRune(text, utf8.RuneError):
		// A letter that was damaged on the way, or half of one (\ud800): what
		// stood there is lost, and the register keeps what was said.
		return problem.New(problem.Invalid, "problem.encoding").In(field)
	case act.HasControls(text):
		return problem.New(problem.Invalid, "problem.control_characters").In(field)
	case locale.LegacyKhmer(text):
		return problem.New(problem.Invalid, "problem.legacy_khmer").In(field)
	}
	return nil
}
