package register

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"samleng/act"
	"samleng/internal/store"
)

// Token is what a form or a client brings along, so that sending it twice
// records once. It is random, secret, and not stored.
type Token [16]byte

// NewToken draws a token.
func NewToken(random io.Reader) (Token, error) {
	id, err := act.NewID(random)
	return Token(id), err
}

// ParseToken reads the text that String gives.
func ParseToken(text string) (Token, error) {
	id, err := act.ParseID(text)
	return Token(id), err
}

// TokenFor makes the token of something that an import carries over, so that
// carrying it over again records nothing twice. It takes the server's secret:
// from what the source calls things nobody can work out a token, and with it
// the secret that opens a view. name tells it from everything else about of.
func (r *Register) TokenFor(of act.ID, name string) Token {
	mac := hmac.New(sha256.New, r.keys.People)
	mac.Write([]byte("samleng import token v1\n"))
	mac.Write(of[:])
	mac.Write([]byte(name))
	return Token(mac.Sum(nil)[:len(Token{})])
}

// String writes the token as 26 characters, for a form's hidden field.
func (t Token) String() string { return act.ID(t).String() }

// key is under what the store knows the token.
func (t Token) key() [32]byte {
	return sha256.Sum256(append([]byte("samleng token key v1\n"), t[:]...))
}

// secretSize is the secret's length: 80 bits.
const secretSize = 10

// Secret is what opens, with the code, what is the holder's: 16 characters in
// four groups.
func (t Token) Secret() string {
	raw, err := hkdf.Key(sha256.New, t[:], nil, "samleng holder secret v1", secretSize)
	if err != nil {
		panic(err) // only for lengths that SHA-256 cannot give
	}
	var id act.ID
	copy(id[len(id)-secretSize:], raw)
	text := id.String()[26-16:]
	return strings.ToUpper(text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:])
}

// foldSecret brings a secret, as somebody typed it, to one form: 16 characters.
func foldSecret(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r == '-' || r == ' ' || r == '\u200b' || r == '\u00a0':
		case r >= '០' && r <= '៩':
			b.WriteByte(byte('0' + r - '០'))
		case r == 'o':
			b.WriteByte('0')
		case r == 'i' || r == 'l':
			b.WriteByte('1')
		default:
			b.WriteRune(r)
		}
		if b.Len() > 32 {
			break
		}
	}
	return b.String()
}

// secretHash is what is stored of a secret: it has 80 random bits, so one round
// with the register's own salt is enough.
func (r *Register) secretHash(secret string) []byte {
	mac := hmac.New(sha256.New, r.salt)
	mac.Write([]byte("samleng holder v1\n"))
	mac.Write([]byte(foldSecret(secret)))
	return mac.Sum(nil)
}

func (r *Register) secretFits(secret string, stored []byte) bool {
	return len(stored) > 0 && subtle.ConstantTimeCompare(r.secretHash(secret), stored) == 1
}

// fingerprint tells whether a token comes back with the same payload. It is
// keyed by the token, so that what is stored says nothing of the payload.
func (t Token) fingerprint(d act.Draft) ([32]byte, error) {
	facts, err := json.Marshal(d.Facts)
	if err != nil {
		return [32]byte{}, fmt.Errorf("fingerprint: %w", err)
	}
	mac := hmac.New(sha256.New, t[:])
	fmt.Fprintf(mac, "samleng payload v1\n%s\n%v\n%s\n%s\n", d.Facts.Kind(), d.By, d.Of, facts)
	names := make([]string, 0, len(d.Content))
	for name := range d.Content {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		content, err := json.Marshal(d.Content[name])
		if err != nil {
			return [32]byte{}, fmt.Errorf("fingerprint: %w", err)
		}
		fmt.Fprintf(mac, "%s %d\n%s\n", name, len(content), content)
	}
	var sum [32]byte
	mac.Sum(sum[:0])
	return sum, nil
}

// stored gives what the database keeps of a token.
func (r *Register) stored(t Token, d act.Draft) (*store.Token, error) {
	fingerprint, err := t.fingerprint(d)
	if err != nil {
		return nil, err
	}
	kept := &store.Token{Key: t.key(), Fingerprint: fingerprint}
	if d.Facts.Kind() == act.KindStatementRegistered {
		kept.Secret = r.secretHash(t.Secret())
	}
	return kept, nil
}
