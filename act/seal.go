package act

import (
	"bytes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

// Sealed sections are encrypted before they are stored, so that a copied
// database opens none of them. Those that live counts need (ballots, who is
// behind a view, what people say about themselves) are sealed with a key that
// the server holds outside the database; a view sealed to trustees is encrypted
// with age to the trustees' keys and the server cannot open it.

// sealedByServer is the first byte of a section sealed with the server's key;
// JSON begins with '{' and age files with 'a'.
const sealedByServer = 0x01

var agePrefix = []byte("age-encryption.org/v1\n")

// ErrSealed is returned where a sealed section cannot be opened with the keys
// at hand.
var ErrSealed = errors.New("act: the section is sealed")

// Sealer seals and opens sections with the server's key.
type Sealer struct {
	aead   cipher.AEAD
	random io.Reader
}

// NewSealer makes a Sealer of a key of 32 bytes.
func NewSealer(key []byte, random io.Reader) (*Sealer, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("make a sealer: %w", err)
	}
	return &Sealer{aead: aead, random: random}, nil
}

// Seal encrypts a section's salt and content (with the salt at hand, content
// that is short could be guessed against the public digest); the result is
// bound to the digest, so that it opens nowhere else.
func (s *Sealer) Seal(section Section) ([]byte, error) {
	size := 1 + s.aead.NonceSize() + len(section.Salt) + len(section.Content) + s.aead.Overhead()
	stored := make([]byte, 1+s.aead.NonceSize(), size)
	stored[0] = sealedByServer
	if _, err := io.ReadFull(s.random, stored[1:]); err != nil {
		return nil, fmt.Errorf("seal a section: %w", err)
	}
	digest := section.Digest()
	return s.aead.Seal(stored, stored[1:], saltAndContent(section), digest[:]), nil
}

func saltAndContent(section Section) []byte {
	return append(append(make([]byte, 0, len(section.Salt)+len(section.Content)), section.Salt[:]...), section.Content...)
}

// Open gives the section that was stored as salt and bytes: bytes that are not
// sealed as they are, sealed ones decrypted. ErrSealed is returned for those
// that only trustees can open and for those that this key does not open. What
// is not sealed is not compared with the digest here; see Decode.
func (s *Sealer) Open(name string, digest Digest, salt, stored []byte) (Section, error) {
	section := Section{Name: name}
	switch {
	case len(stored) == 0 || bytes.HasPrefix(stored, agePrefix):
		return section, ErrSealed
	case stored[0] != sealedByServer:
		if len(salt) != len(section.Salt) {
			return section, fmt.Errorf("act: section %s: its salt has %d bytes", name, len(salt))
		}
		copy(section.Salt[:], salt)
		section.Content = stored
		return section, nil
	case len(stored) < 1+s.aead.NonceSize():
		return section, ErrSealed
	}
	nonce, sealed := stored[1:1+s.aead.NonceSize()], stored[1+s.aead.NonceSize():]
	plain, err := s.aead.Open(make([]byte, 0, len(sealed)), nonce, sealed, digest[:])
	if err != nil || len(plain) < len(section.Salt) {
		return section, ErrSealed
	}
	copy(section.Salt[:], plain)
	section.Content = plain[len(section.Salt):]
	return section, nil
}

// SealToTrustees encrypts a section's salt and content with age, so that any
// one of the trustees' keys (age recipients, "age1…") opens it.
func SealToTrustees(section Section, trustees []string) ([]byte, error) {
	if len(trustees) == 0 {
		return nil, errors.New("seal to trustees: there are none")
	}
	recipients := make([]age.Recipient, len(trustees))
	for i, trustee := range trustees {
		recipient, err := age.ParseX25519Recipient(trustee)
		if err != nil {
			return nil, fmt.Errorf("seal to trustees: key %d: %w", i+1, err)
		}
		recipients[i] = recipient
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, recipients...)
	if err != nil {
		return nil, fmt.Errorf("seal to trustees: %w", err)
	}
	if _, err := w.Write(saltAndContent(section)); err != nil {
		return nil, fmt.Errorf("seal to trustees: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("seal to trustees: %w", err)
	}
	return sealed.Bytes(), nil
}

// OpenAsTrustee decrypts what SealToTrustees wrote, with one trustee's age
// identity ("AGE-SECRET-KEY-1…").
func OpenAsTrustee(name string, stored []byte, identity string) (Section, error) {
	section := Section{Name: name}
	key, err := age.ParseX25519Identity(identity)
	if err != nil {
		return section, fmt.Errorf("open as trustee: %w", err)
	}
	r, err := age.Decrypt(bytes.NewReader(stored), key)
	if err != nil {
		return section, fmt.Errorf("open as trustee: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, MaxSection+int64(len(section.Salt))+1))
	if err != nil {
		return section, fmt.Errorf("open as trustee: %w", err)
	}
	if len(plain) < len(section.Salt) || len(plain) > MaxSection+len(section.Salt) {
		return section, errors.New("open as trustee: the section is too short or too large")
	}
	copy(section.Salt[:], plain)
	section.Content = plain[len(section.Salt):]
	return section, nil
}
