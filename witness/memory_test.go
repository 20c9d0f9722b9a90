package witness

import (
	"bytes"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/translog"
)

// FuzzParseMemory: what reads as a memory is of this log, and was signed.
func FuzzParseMemory(f *testing.F) {
	const origin = "log.example/one"
	skey, vkey, err := translog.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{1}, 32)), origin)
	if err != nil {
		f.Fatal(err)
	}
	secret, public, err := translog.GenerateCosignerKey(bytes.NewReader(bytes.Repeat([]byte{2}, 32)), "witness.example/w1")
	if err != nil {
		f.Fatal(err)
	}
	log, err1 := translog.NewSigner(skey)
	cosigner, err2 := translog.NewCosigner(secret, func() time.Time { return time.Unix(1_700_000_000, 0) })
	logKey, err3 := translog.NewVerifier(vkey)
	own, err4 := translog.NewVerifier(public)
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			f.Fatal(err)
		}
	}
	c := translog.Checkpoint{Origin: origin, Size: 7, Root: translog.LeafHash([]byte("any"))}
	whole, err := translog.Sign(c, log, cosigner)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Fuzz(func(t *testing.T, content []byte) {
		if r, err := parseMemory(content, origin, own, []note.Verifier{logKey}); err == nil && r.Checkpoint != c {
			t.Errorf("%q reads as %+v", content, r)
		}
	})
}
