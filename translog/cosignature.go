package translog

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// ErrCosignature is wrapped when the bytes of a cosignature are not well
// formed.
var ErrCosignature = errors.New("malformed cosignature")

// cosignatureSize is an 8-byte time and an Ed25519 signature.
const cosignatureSize = 8 + ed25519.SignatureSize

// Cosignature is a verified statement of a witness: at Time, this was the
// largest tree of the log it had seen, and it was consistent with all before.
type Cosignature struct {
	Name    string
	KeyHash uint32
	Time    time.Time // in UTC, whole seconds, by the witness's clock
	Base64  string    // the signature as it stands in its line of the note
}

// Key is the short form of the key that signed: name and key hash. It is what a
// verifier key begins with ([KeyName]).
func (c Cosignature) Key() string { return fmt.Sprintf("%s+%08x", c.Name, c.KeyHash) }

// KeyName is the short form of a verifier key: its name and key hash.
func KeyName(vkey string) (string, error) {
	name, hash, _, _, err := parseVerifier(vkey)
	return fmt.Sprintf("%s+%08x", name, hash), err
}

// AddCosignatures puts the lines of cosignatures under a signed checkpoint. It
// verifies none of them: [Open] does.
func AddCosignatures(signed []byte, cosignatures ...Cosignature) ([]byte, error) {
	out := bytes.Clone(signed)
	for _, c := range cosignatures {
		out = fmt.Appendf(out, "\u2014 %s %s\n", c.Name, c.Base64)
	}
	if _, err := openNote(out); err != nil {
		return nil, err
	}
	return out, nil
}

// NewCosigner gives the signer for a witness's secret key. It makes
// cosignatures of C2SP tlog-cosignature version 1 (Ed25519), stamped with what
// now says, and signs nothing but checkpoints.
func NewCosigner(skey string, now func() time.Time) (note.Signer, error) {
	key, vkey, err := parseSigner(skey)
	if err != nil {
		return nil, fmt.Errorf("cosigner key: %w", ErrKey)
	}
	name, hash, alg, _, err := parseKey(vkey)
	if err != nil || alg != algCosignature {
		return nil, fmt.Errorf("cosigner key: %w", ErrKey)
	}
	return &cosigner{name: name, hash: hash, key: key, now: now}, nil
}

type cosigner struct {
	name string
	hash uint32
	key  ed25519.PrivateKey
	now  func() time.Time
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Sign(msg []byte) ([]byte, error) {
	if _, _, err := ParseForeign(msg); err != nil {
		return nil, fmt.Errorf("cosign: %w", err)
	}
	at := c.now().Unix()
	if at <= 0 {
		// Zero would mean "no statement about the time", and before 1970 there
		// is nothing to write: the clock is not set.
		return nil, fmt.Errorf("cosign at %d seconds: %w", at, ErrCosignature)
	}
	sig := binary.BigEndian.AppendUint64(make([]byte, 0, cosignatureSize), uint64(at))
	return append(sig, ed25519.Sign(c.key, cosigned(at, msg))...), nil
}

type cosignatureVerifier struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (v *cosignatureVerifier) Name() string    { return v.name }
func (v *cosignatureVerifier) KeyHash() uint32 { return v.hash }

func (v *cosignatureVerifier) Verify(msg, sig []byte) bool {
	at, err := splitCosignature(sig)
	return err == nil && ed25519.Verify(v.key, cosigned(at, msg), sig[8:])
}

// IsCosigner reports whether a verifier of [NewVerifier] is of a witness's key,
// which cannot sign for a log.
func IsCosigner(v note.Verifier) bool {
	_, is := v.(*cosignatureVerifier)
	return is
}

// cosigned is the message under a cosignature: two lines that keep it apart
// from anything else the key could sign, then the checkpoint's text.
func cosigned(at int64, text []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), text...)
}

// splitCosignature gives the time in a cosignature, in seconds since 1970.
func splitCosignature(sig []byte) (int64, error) {
	if len(sig) != cosignatureSize {
		return 0, fmt.Errorf("%d bytes, want %d: %w", len(sig), cosignatureSize, ErrCosignature)
	}
	at := binary.BigEndian.Uint64(sig)
	if at > math.MaxInt64 {
		return 0, fmt.Errorf("time: %w", ErrCosignature)
	}
	return int64(at), nil
}

// CosignatureTime gives the time that a cosignature line states. It does not
// verify: [Open] does.
func CosignatureTime(sig note.Signature) (time.Time, error) {
	raw, err := base64.StdEncoding.DecodeString(sig.Base64)
	if err != nil || len(raw) < 4 {
		return time.Time{}, fmt.Errorf("signature line: %w", ErrCosignature)
	}
	at, err := splitCosignature(raw[4:])
	if err != nil {
		return time.Time{}, err
	}
	return time.Unix(at, 0).UTC(), nil
}
