package translog

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// MaxVerifierKey is the longest verifier key, in bytes: a name, eight digits,
// the algorithm and 32 bytes in base64, and what stands between them.
const MaxVerifierKey = MaxOrigin + 8 + 44 + 2

// ErrKeyChange is wrapped when a change of key is not signed by both keys, or
// not from one key to another of the same name and use.
var ErrKeyChange = errors.New("change of key not signed as it must be")

// KeyChange says that a log's or a witness's key is followed by another one. It
// is signed by both: by the old one, so that nobody else can put a key in its
// place, and by the new one, so that nobody takes over a key that is not theirs.
type KeyChange struct {
	Old, New string // verifier keys
	// OldSignature and NewSignature are Ed25519 signatures (64 bytes, standard
	// base64) of Message by the two keys.
	OldSignature, NewSignature string
}

// Message is what both keys sign: three lines, of which the first is nothing
// that a checkpoint or a cosignature begins with.
func (c KeyChange) Message() []byte {
	return fmt.Appendf(nil, "samleng key change/v1\n%s\n%s\n", c.Old, c.New)
}

// ChangeKey signs over from one secret key to another, both in the form of
// [GenerateKey] or both in that of [GenerateCosignerKey].
func ChangeKey(oldSkey, newSkey string) (KeyChange, error) {
	before, oldVkey, err := parseSigner(oldSkey)
	if err != nil {
		return KeyChange{}, err
	}
	after, newVkey, err := parseSigner(newSkey)
	if err != nil {
		return KeyChange{}, err
	}
	c := KeyChange{Old: oldVkey, New: newVkey}
	c.OldSignature = base64.StdEncoding.EncodeToString(ed25519.Sign(before, c.Message()))
	c.NewSignature = base64.StdEncoding.EncodeToString(ed25519.Sign(after, c.Message()))
	return c, c.Verify()
}

// Verify checks that both keys signed, that they differ, and that they have one
// name and one use. The error wraps ErrKeyChange, or ErrKey where a key is none.
func (c KeyChange) Verify() error {
	oldName, _, oldAlg, oldKey, err := parseVerifier(c.Old)
	if err != nil {
		return err
	}
	newName, _, newAlg, newKey, err := parseVerifier(c.New)
	if err != nil {
		return err
	}
	switch {
	case oldName != newName || oldAlg != newAlg:
		return fmt.Errorf("from a key of %q to one of %q: %w", oldName, newName, ErrKeyChange)
	case c.Old == c.New:
		return fmt.Errorf("to the same key: %w", ErrKeyChange)
	case !signedBy(oldKey, c.Message(), c.OldSignature):
		return fmt.Errorf("the old key: %w", ErrKeyChange)
	case !signedBy(newKey, c.Message(), c.NewSignature):
		return fmt.Errorf("the new key: %w", ErrKeyChange)
	}
	return nil
}

func signedBy(key ed25519.PublicKey, message []byte, signature string) bool {
	raw, err := base64.StdEncoding.Strict().DecodeString(signature)
	return err == nil && !strings.ContainsAny(signature, "\r\n") && len(raw) == ed25519.SignatureSize && ed25519.Verify(key, message, raw)
}

// VerifierOf gives the verifier key of a secret key, a log's or a witness's.
func VerifierOf(skey string) (string, error) {
	_, vkey, err := parseSigner(skey)
	return vkey, err
}
