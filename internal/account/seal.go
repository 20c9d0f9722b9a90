package account

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
)

// sealer encrypts what is kept of accounts, bound to whose it is.
type sealer struct {
	aead   cipher.AEAD
	random io.Reader
}

func (s sealer) seal(plain, bound []byte) ([]byte, error) {
	nonce := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(plain)+s.aead.Overhead())
	if _, err := io.ReadFull(s.random, nonce); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return s.aead.Seal(nonce, nonce, plain, bound), nil
}

var errSealed = errors.New("account: it was sealed with another key, or altered")

func (s sealer) open(sealed, bound []byte) ([]byte, error) {
	if len(sealed) < s.aead.NonceSize() {
		return nil, errSealed
	}
	plain, err := s.aead.Open(nil, sealed[:s.aead.NonceSize()], sealed[s.aead.NonceSize():], bound)
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}
