package translog

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Algorithm bytes of note keys (C2SP signed-note): how a key signs is part of
// its identity, so one seed under two algorithms makes two keys.
const (
	algEd25519     = 0x01
	algCosignature = 0x04
)

// ErrKey is wrapped when a key is not well formed. It never quotes the key,
// which may be a secret one.
var ErrKey = errors.New("malformed key")

// GenerateKey makes the key of the log called origin from 32 bytes of rand: a
// plain Ed25519 note key. The first string is the signer key, to be kept
// secret; the second the verifier key, to be published.
func GenerateKey(rand io.Reader, origin string) (skey, vkey string, err error) {
	return generateKey(rand, origin, algEd25519)
}

// GenerateCosignerKey makes the key of the witness called name, like
// [GenerateKey] but for timestamped cosignatures.
func GenerateCosignerKey(rand io.Reader, name string) (skey, vkey string, err error) {
	return generateKey(rand, name, algCosignature)
}

func generateKey(rand io.Reader, name string, alg byte) (skey, vkey string, err error) {
	if !ValidOrigin(name) {
		return "", "", fmt.Errorf("name %q: %w", name, ErrKey)
	}
	// The seed is read here, not in crypto/ed25519, which may prefer its own
	// source: what rand gives must be what the key is made of.
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(rand, seed); err != nil {
		return "", "", fmt.Errorf("read seed: %w", err)
	}
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	hash := keyHash(name, alg, public)
	return signerPrefix + encodeKey(name, hash, alg, seed), encodeKey(name, hash, alg, public), nil
}

const signerPrefix = "PRIVATE+KEY+"

// encodeKey writes what parseKey reads.
func encodeKey(name string, hash uint32, alg byte, key []byte) string {
	return fmt.Sprintf("%s+%08x+%s", name, hash, base64.StdEncoding.EncodeToString(append([]byte{alg}, key...)))
}

// NewSigner gives the signer for a log's secret key.
func NewSigner(skey string) (note.Signer, error) {
	s, err := note.NewSigner(skey)
	if err != nil {
		return nil, fmt.Errorf("log key: %w", ErrKey)
	}
	return s, nil
}

// NewVerifier gives the verifier for a public key, a log's or a witness's:
// the key itself says which.
func NewVerifier(vkey string) (note.Verifier, error) {
	name, hash, alg, key, err := parseVerifier(vkey)
	if err != nil {
		return nil, err
	}
	switch alg {
	case algEd25519:
		v, err := note.NewVerifier(vkey)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKey, err)
		}
		return v, nil
	case algCosignature:
		return &cosignatureVerifier{name: name, hash: hash, key: key}, nil
	}
	return nil, fmt.Errorf("verifier key with algorithm %d: %w", alg, ErrKey)
}

// parseVerifier reads a verifier key of either algorithm.
func parseVerifier(vkey string) (name string, hash uint32, alg byte, key ed25519.PublicKey, err error) {
	name, hash, alg, raw, err := parseKey(vkey)
	if err != nil {
		return "", 0, 0, nil, err
	}
	if len(raw) != ed25519.PublicKeySize || keyHash(name, alg, raw) != hash {
		return "", 0, 0, nil, fmt.Errorf("verifier key: %w", ErrKey)
	}
	if alg != algEd25519 && alg != algCosignature {
		return "", 0, 0, nil, fmt.Errorf("verifier key with algorithm %d: %w", alg, ErrKey)
	}
	return name, hash, alg, raw, nil
}

// parseSigner reads a secret key of either algorithm, and gives its verifier key
// with it.
func parseSigner(skey string) (key ed25519.PrivateKey, vkey string, err error) {
	rest, ok := strings.CutPrefix(skey, signerPrefix)
	if !ok {
		return nil, "", fmt.Errorf("secret key: %w", ErrKey)
	}
	name, hash, alg, seed, err := parseKey(rest)
	if err != nil {
		return nil, "", fmt.Errorf("secret key: %w", ErrKey)
	}
	if len(seed) != ed25519.SeedSize || alg != algEd25519 && alg != algCosignature {
		return nil, "", fmt.Errorf("secret key: %w", ErrKey)
	}
	key = ed25519.NewKeyFromSeed(seed)
	public := key.Public().(ed25519.PublicKey)
	if keyHash(name, alg, public) != hash {
		return nil, "", fmt.Errorf("secret key: %w", ErrKey)
	}
	return key, encodeKey(name, hash, alg, public), nil
}

// parseKey reads name+hash+base64(algorithm, key), in canonical form only.
func parseKey(s string) (name string, hash uint32, alg byte, key []byte, err error) {
	fields := strings.Split(s, "+")
	if len(fields) < 3 || !ValidOrigin(fields[0]) {
		return "", 0, 0, nil, fmt.Errorf("want name+hash+key: %w", ErrKey)
	}
	// Base64 has plus signs of its own: only the first two separate.
	name, hash16, key64 := fields[0], fields[1], strings.Join(fields[2:], "+")
	hash64, err := strconv.ParseUint(hash16, 16, 32)
	if err != nil || fmt.Sprintf("%08x", hash64) != hash16 {
		return "", 0, 0, nil, fmt.Errorf("key hash: %w", ErrKey)
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(key64)
	if err != nil || len(raw) == 0 || strings.ContainsAny(key64, "\r\n") {
		return "", 0, 0, nil, fmt.Errorf("key bytes: %w", ErrKey)
	}
	return name, uint32(hash64), raw[0], raw[1:], nil
}

// keyHash is the short identity of a key: the first four bytes of the SHA-256
// over name, newline, algorithm byte and public key.
func keyHash(name string, alg byte, public []byte) uint32 {
	sum := sha256.Sum256(bytes.Join([][]byte{[]byte(name), {'\n', alg}, public}, nil))
	return binary.BigEndian.Uint32(sum[:4])
}
