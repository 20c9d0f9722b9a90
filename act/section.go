package act

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
)

// MaxSection is the most bytes that a section's content may have.
const MaxSection = 4 << 20

// Salt makes the digest of a section say nothing about its content to somebody
// who guesses at it.
type Salt [16]byte

// Digest is what a header holds of a section.
type Digest [sha256.Size]byte

// sectionPrefix keeps digests of sections apart from every other use of
// SHA-256 over somebody's bytes.
const sectionPrefix = "samleng section v1\n"

// SectionDigest is SHA-256 over the prefix "samleng section v1\n", the salt
// (16 bytes) and the content (the plaintext, also where it is stored sealed).
func SectionDigest(salt Salt, content []byte) Digest {
	var small [512]byte
	buffer := append(append(append(small[:0], sectionPrefix...), salt[:]...), content...)
	return sha256.Sum256(buffer)
}

// digestLength is the length of a digest as text: base64url without padding.
const digestLength = 43

var errDigest = errors.New("act: a digest has 43 characters of base64url")

func (d Digest) append(dst []byte) []byte { return base64.RawURLEncoding.AppendEncode(dst, d[:]) }

// String gives the digest's 43 characters.
func (d Digest) String() string { return string(d.append(nil)) }

// MarshalText implements encoding.TextMarshaler.
func (d Digest) MarshalText() ([]byte, error) { return d.append(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Digest) UnmarshalText(text []byte) error {
	if len(text) != digestLength {
		return errDigest
	}
	n, err := base64.RawURLEncoding.Strict().Decode(d[:], text)
	if err != nil || n != len(d) {
		return errDigest
	}
	return nil
}

// Section is one named piece of an act's content, opened.
type Section struct {
	Name    string
	Salt    Salt
	Content []byte // JSON
}

// Digest is the section's digest.
func (s Section) Digest() Digest { return SectionDigest(s.Salt, s.Content) }

// newSection salts content.
func newSection(name string, content []byte, random io.Reader) (Section, error) {
	section := Section{Name: name, Content: content}
	_, err := io.ReadFull(random, section.Salt[:])
	return section, err
}

// SectionErased records that a section's content was deleted. The act that
// held it stays in the log, and so do its proofs.
type SectionErased struct {
	Section string `json:"section"`
	// Reason is "holder" (who said it withdrew it), "safeguarding", "law", or
	// "lost" (after a restore nobody had a copy).
	Reason string `json:"reason"`
}

// Reasons of an erasure.
const (
	ErasedByHolder     = "holder"
	ErasedSafeguarding = "safeguarding"
	ErasedByLaw        = "law"
	ErasedLost         = "lost"
)

// Kind implements Facts.
func (*SectionErased) Kind() Kind { return KindSectionErased }

func (f *SectionErased) check(c *checker) {
	c.code("section", f.Section)
	c.oneOf("reason", f.Reason, ErasedByHolder, ErasedSafeguarding, ErasedByLaw, ErasedLost)
}
