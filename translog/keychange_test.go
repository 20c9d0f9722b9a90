package translog_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"samleng/translog"
)

// pairs gives two keys of one name, from fixed bytes.
func pairs(t testing.TB, generate func(seed byte, name string) (string, string, error), names ...string) (secret, public []string) {
	t.Helper()
	for i, name := range names {
		s, p, err := generate(byte(i+1), name)
		if err != nil {
			t.Fatal(err)
		}
		secret, public = append(secret, s), append(public, p)
	}
	return secret, public
}

func ofLog(seed byte, name string) (string, string, error) {
	return translog.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 32)), name)
}

func ofWitness(seed byte, name string) (string, string, error) {
	return translog.GenerateCosignerKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 32)), name)
}

func TestKeyChangeIsSignedByBoth(t *testing.T) {
	for what, generate := range map[string]func(byte, string) (string, string, error){"log": ofLog, "witness": ofWitness} {
		t.Run(what, func(t *testing.T) {
			secret, public := pairs(t, generate, "example.org/w", "example.org/w", "example.org/w")
			change, err := translog.ChangeKey(secret[0], secret[1])
			if err != nil {
				t.Fatal(err)
			}
			if change.Old != public[0] || change.New != public[1] {
				t.Fatalf("from %s to %s", change.Old, change.New)
			}
			other, err := translog.ChangeKey(secret[0], secret[2])
			if err != nil {
				t.Fatal(err)
			}
			for name, wrong := range map[string]translog.KeyChange{
				"another new key":        {change.Old, public[2], change.OldSignature, change.NewSignature},
				"another old key":        {public[2], change.New, change.OldSignature, change.NewSignature},
				"not signed by the old":  {change.Old, change.New, other.NewSignature, change.NewSignature},
				"not signed by the new":  {change.Old, change.New, change.OldSignature, change.OldSignature},
				"signature of no bytes":  {change.Old, change.New, "", change.NewSignature},
				"signature in two lines": {change.Old, change.New, change.OldSignature[:40] + "\n" + change.OldSignature[40:], change.NewSignature},
				"to itself":              {change.Old, change.Old, change.OldSignature, change.OldSignature},
			} {
				if err := wrong.Verify(); !errors.Is(err, translog.ErrKeyChange) {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

func TestKeyChangeKeepsNameAndUse(t *testing.T) {
	log, _ := pairs(t, ofLog, "example.org/a", "example.org/b")
	witness, _ := pairs(t, ofWitness, "example.org/a")
	for name, pair := range map[string][2]string{
		"another name":              {log[0], log[1]},
		"from a log to a witness's": {log[0], witness[0]},
	} {
		if _, err := translog.ChangeKey(pair[0], pair[1]); !errors.Is(err, translog.ErrKeyChange) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := translog.ChangeKey(log[0], "PRIVATE+KEY+no"); !errors.Is(err, translog.ErrKey) || strings.Contains(err.Error(), "no") {
		t.Errorf("a secret key that is none: %v", err)
	}
}

func TestVerifierOf(t *testing.T) {
	for _, generate := range []func(byte, string) (string, string, error){ofLog, ofWitness} {
		secret, public := pairs(t, generate, "example.org/w")
		if vkey, err := translog.VerifierOf(secret[0]); err != nil || vkey != public[0] {
			t.Errorf("%s, %v; want %s", vkey, err, public[0])
		}
	}
	if _, err := translog.VerifierOf("example.org+00000000+AQ=="); !errors.Is(err, translog.ErrKey) {
		t.Errorf("of a public key: %v", err)
	}
}
