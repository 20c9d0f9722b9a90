package account

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"testing"
	"time"
)

// FuzzTypedCodes: codes are one however they are typed; folding what is folded
// changes nothing, and what is no code of an hour opens nothing.
func FuzzTypedCodes(f *testing.F) {
	f.Add("123 456")
	f.Add("១២៣-៤៥៦")
	f.Add("XWK3T-Q9ADB-098XV")
	f.Add("\xff")
	secret, now := []byte("0123456789abcdef0123"), time.Unix(1_700_000_000, 0)
	f.Fuzz(func(t *testing.T, typed string) {
		digits := foldDigits(typed)
		if again := foldDigits(digits); again != digits || len(digits) > 6 {
			t.Errorf("%q, folded again %q", digits, again)
		}
		if code := foldCode(typed); foldCode(code) != code {
			t.Errorf("%q, folded again %q", code, foldCode(code))
		}
		if step, ok := stepOf(secret, digits, now, 0); ok && oneTimeCode(secret, step) != digits {
			t.Errorf("%q opens step %d", digits, step)
		}
	})
}

// FuzzOpenSealed: what was sealed opens, bound to what it was bound to; anything
// else is refused as such.
func FuzzOpenSealed(f *testing.F) {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("words"), []byte("bound"))
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, plain, bound []byte) {
		s := sealer{aead, bytes.NewReader(make([]byte, aead.NonceSize()))}
		if _, err := s.open(plain, bound); !errors.Is(err, errSealed) {
			t.Errorf("bytes that nobody sealed: %v", err)
		}
		sealed, err := s.seal(plain, bound)
		if err != nil {
			t.Fatal(err)
		}
		if opened, err := s.open(sealed, bound); err != nil || !bytes.Equal(opened, plain) {
			t.Errorf("%q opens as %q: %v", plain, opened, err)
		}
		sealed[len(sealed)-1] ^= 1
		if _, err := s.open(sealed, bound); !errors.Is(err, errSealed) {
			t.Errorf("altered: %v", err)
		}
	})
}
