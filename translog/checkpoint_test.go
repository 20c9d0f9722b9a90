package translog_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"samleng/translog"
)

const testOrigin = "log.example/samleng"

// signedAt is the time the test witness's clock shows.
var signedAt = time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC)

// keys are the fixed keys of the test log and of one witness.
type keys struct {
	log, witness         note.Signer
	logKey, witnessKey   note.Verifier
	logVkey, witnessVkey string
}

func testKeys(t testing.TB) keys {
	t.Helper()
	var random counter
	skey, vkey, err := translog.GenerateKey(&random, testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	wskey, wvkey, err := translog.GenerateCosignerKey(&random, "witness.example/partner")
	if err != nil {
		t.Fatal(err)
	}
	return keys{
		log:         must[note.Signer](t)(translog.NewSigner(skey)),
		witness:     must[note.Signer](t)(translog.NewCosigner(wskey, func() time.Time { return signedAt })),
		logKey:      must[note.Verifier](t)(translog.NewVerifier(vkey)),
		witnessKey:  must[note.Verifier](t)(translog.NewVerifier(wvkey)),
		logVkey:     vkey,
		witnessVkey: wvkey,
	}
}

func testCheckpoint(t testing.TB, size int64) translog.Checkpoint {
	m := grow(t, nil, 0, size, 256)
	return translog.Checkpoint{Origin: testOrigin, Size: size, Root: must[translog.Hash](t)(translog.Root(size, m))}
}

func TestCheckpointSignedAndCosigned(t *testing.T) {
	k, c := testKeys(t), testCheckpoint(t, 300)
	signed := must[[]byte](t)(translog.Sign(c, k.log))
	both := must[[]byte](t)(translog.Cosign(signed, k.witness))
	if once := must[[]byte](t)(translog.Sign(c, k.log, k.witness)); !bytes.Equal(once, both) {
		t.Error("signing at once and one after the other differ")
	}
	if again := must[[]byte](t)(translog.Cosign(both, k.witness)); !bytes.Equal(again, both) {
		t.Error("a witness's older signature is not replaced")
	}
	s := must[translog.Signed](t)(translog.Open(both, testOrigin, k.logKey, k.witnessKey))
	if s.Checkpoint != c || len(s.Log) != 1 || len(s.Cosignatures) != 1 || len(s.Unknown) != 0 {
		t.Fatalf("opened as %+v", s)
	}
	if w := s.Cosignatures[0]; !w.Time.Equal(signedAt) || w.Name != "witness.example/partner" {
		t.Errorf("cosignature %+v", w)
	}
	s = must[translog.Signed](t)(translog.Open(both, testOrigin, k.logKey))
	if len(s.Cosignatures) != 0 || len(s.Unknown) != 1 {
		t.Errorf("an unknown witness counts: %+v", s)
	}
}

// TestOpenRefuses gives Open what must not pass, a row each.
func TestOpenRefuses(t *testing.T) {
	k, c := testKeys(t), testCheckpoint(t, 300)
	random := counter(99)
	otherSkey, _, _ := translog.GenerateKey(&random, testOrigin)
	other := must[note.Signer](t)(translog.NewSigner(otherSkey))
	both := must[[]byte](t)(translog.Sign(c, k.log, k.witness))
	text := must[[]byte](t)(c.Text())
	onlyWitness := must[[]byte](t)(note.Sign(&note.Note{Text: string(text)}, k.witness))
	extended := must[[]byte](t)(note.Sign(&note.Note{Text: string(text) + "more\n"}, k.log))
	foreign := must[[]byte](t)(translog.Sign(c, other))
	damaged := bytes.Replace(both, []byte("\n300\n"), []byte("\n301\n"), 1)
	for name, row := range map[string]struct {
		signed []byte
		origin string
		want   error
	}{
		"another origin":     {both, "log.example/other", translog.ErrOrigin},
		"only the witness":   {onlyWitness, testOrigin, translog.ErrSignature},
		"another key":        {foreign, testOrigin, translog.ErrSignature},
		"changed text":       {damaged, testOrigin, translog.ErrSignature},
		"extension line":     {extended, testOrigin, translog.ErrCheckpoint},
		"no signature block": {text, testOrigin, translog.ErrCheckpoint},
		"too long":           {append(bytes.Repeat([]byte("x"), translog.MaxCheckpoint), both...), testOrigin, translog.ErrCheckpoint},
		"empty":              {nil, testOrigin, translog.ErrCheckpoint},
	} {
		if _, err := translog.Open(row.signed, row.origin, k.logKey, k.witnessKey); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", name, err, row.want)
		}
	}
	if _, err := translog.Sign(c, k.witness); !errors.Is(err, translog.ErrOrigin) {
		t.Errorf("signed with a witness's key: %v", err)
	}
	if _, err := k.witness.Sign([]byte("anything\n")); !errors.Is(err, translog.ErrCheckpoint) {
		t.Errorf("a witness signs anything: %v", err)
	}
}

func TestParseCheckpointIsStrict(t *testing.T) {
	c := testCheckpoint(t, 7)
	good := string(must[[]byte](t)(c.Text()))
	if got, err := translog.ParseCheckpoint([]byte(good)); err != nil || got != c {
		t.Fatalf("%+v: %v", got, err)
	}
	root := c.Root.String()
	for _, bad := range []string{
		"", "\n\n\n", strings.TrimSuffix(good, "\n"), good + "\n", good + "extension\n", "\r" + good,
		"\n7\n" + root + "\n", "two words\n7\n" + root + "\n", "a+b\n7\n" + root + "\n", "\xff\n7\n" + root + "\n",
		testOrigin + "\n07\n" + root + "\n", testOrigin + "\n+7\n" + root + "\n", testOrigin + "\n-1\n" + root + "\n",
		testOrigin + "\n0\n" + root + "\n", testOrigin + "\n281474976710657\n" + root + "\n",
		testOrigin + "\n99999999999999999999\n" + root + "\n", testOrigin + "\n7\n" + root[:43] + "\n",
		testOrigin + "\n7\n" + root[:40] + "\n", testOrigin + "\n7\n" + root + " \n", testOrigin + "\n7\n" + root + "\r\n",
		strings.Repeat("x", 256) + "\n7\n" + root + "\n",
	} {
		if got, err := translog.ParseCheckpoint([]byte(bad)); !errors.Is(err, translog.ErrCheckpoint) {
			t.Errorf("%.60q: %+v, %v", bad, got, err)
		}
	}
	empty := translog.Checkpoint{Origin: testOrigin, Root: translog.EmptyRoot()}
	if _, err := translog.ParseCheckpoint(must[[]byte](t)(empty.Text())); err != nil {
		t.Errorf("an empty log: %v", err)
	}
}

// TestSignedBytesMatter changes one bit anywhere in a signed checkpoint: it
// must not open as it was with both signatures.
func TestSignedBytesMatter(t *testing.T) {
	k, c := testKeys(t), testCheckpoint(t, 300)
	both := must[[]byte](t)(translog.Sign(c, k.log, k.witness))
	rapid.Check(t, func(rt *rapid.T) {
		bad := bytes.Clone(both)
		bad[rapid.IntRange(0, len(bad)-1).Draw(rt, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		s, err := translog.Open(bad, testOrigin, k.logKey, k.witnessKey)
		if err == nil && len(s.Cosignatures) == 1 {
			rt.Fatalf("opened %q", bad)
		}
	})
}

func TestKeysAreStrict(t *testing.T) {
	k := testKeys(t)
	for _, vkey := range []string{k.logVkey, k.witnessVkey} {
		for i := range vkey {
			bad := []byte(vkey)
			bad[i] ^= 1
			if _, err := translog.NewVerifier(string(bad)); !errors.Is(err, translog.ErrKey) {
				t.Errorf("%s: %v", bad, err)
			}
		}
	}
	if _, err := translog.NewCosigner("PRIVATE+KEY+"+k.witnessVkey, time.Now); !errors.Is(err, translog.ErrKey) {
		t.Errorf("a public key signs: %v", err)
	}
	if _, _, err := translog.GenerateKey(new(counter), "two words"); !errors.Is(err, translog.ErrKey) {
		t.Errorf("a name with a space: %v", err)
	}
	if _, _, err := translog.GenerateKey(strings.NewReader("short"), testOrigin); err == nil {
		t.Error("a key from five bytes")
	}
	unset := func() time.Time { return time.Unix(0, 0) }
	var random counter
	skey, _, _ := translog.GenerateCosignerKey(&random, "w")
	w := must[note.Signer](t)(translog.NewCosigner(skey, unset))
	if _, err := w.Sign(must[[]byte](t)(testCheckpoint(t, 1).Text())); !errors.Is(err, translog.ErrCosignature) {
		t.Errorf("signed with a clock that is not set: %v", err)
	}
}
