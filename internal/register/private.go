package register

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// subkey derives a key of 32 bytes from the one that seals sections.
func (k Keys) subkey(purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, k.Seal, nil, "samleng "+purpose+" v1", keySize)
}

func (r *Register) privateSeal(purpose string) (cipher.AEAD, error) {
	key, err := r.keys.subkey(purpose)
	if err != nil {
		return nil, fmt.Errorf("a key for %ss: %w", purpose, err)
	}
	return chacha20poly1305.NewX(key)
}

// sealPrivate seals the bytes of a private record of some purpose, bound to
// whose they are: moved to another record they do not open.
func (r *Register) sealPrivate(purpose string, bound, plain []byte) ([]byte, error) {
	aead, err := r.privateSeal(purpose)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	if _, err := io.ReadFull(r.config.Random, nonce); err != nil {
		return nil, fmt.Errorf("seal a %s: %w", purpose, err)
	}
	return aead.Seal(nonce, nonce, plain, bound), nil
}

var errSealed = errors.New("register: sealed with another key, or altered")

// openPrivate opens what sealPrivate sealed.
func (r *Register) openPrivate(purpose string, bound, sealed []byte) ([]byte, error) {
	aead, err := r.privateSeal(purpose)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, fmt.Errorf("open a %s: %w", purpose, errSealed)
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], bound)
	if err != nil {
		return nil, fmt.Errorf("open a %s: %w", purpose, errSealed)
	}
	return plain, nil
}
