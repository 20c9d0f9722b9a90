package translog_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"samleng/translog"
)

func TestParseForeign(t *testing.T) {
	const root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
	for text, extension := range map[string][]string{
		"log.example\n7\n" + root:                     {},
		"a log + its name\n0\n" + root:                {},
		"log.example\n7\n" + root + "one\n— a line\n": {"one", "— a line"},
	} {
		c, got, err := translog.ParseForeign([]byte(text))
		if err != nil || !slices.Equal(got, extension) || !strings.HasPrefix(text, c.Origin+"\n") {
			t.Errorf("%q: %+v %q %v", text, c, got, err)
		}
	}
	for _, bad := range []string{
		"", "\n", "log.example\n7\n", "\n7\n" + root, "log.example\n07\n" + root, "log.example\n-7\n" + root, "log.example\n+7\n" + root,
		"log.example\n281474976710657\n" + root, "log.example\n7\n" + root[:40] + "\n", "log.example\n7\n" + strings.TrimSuffix(root, "\n"),
		"log.example\n7\n" + root + "\n", "log.example\n7\n" + root + "one\n\ntwo\n", "log.example\r\n7\n" + root, "log\xff\n7\n" + root,
		strings.Repeat("a", translog.MaxOrigin+1) + "\n7\n" + root, "log.example\n7\n" + root + strings.Repeat("a\n", translog.MaxCheckpoint),
	} {
		if c, _, err := translog.ParseForeign([]byte(bad)); !errors.Is(err, translog.ErrCheckpoint) {
			t.Errorf("%q reads as %+v (%v)", bad[:min(len(bad), 100)], c, err)
		}
	}
}

// TestOpenForeign takes a log whose key bears another name, and never a witness's
// signature in place of the log's.
func TestOpenForeign(t *testing.T) {
	k := testKeys(t)
	text := "another name\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nextension\n"
	signed := must[[]byte](t)(note.Sign(&note.Note{Text: text}, k.log, k.witness))
	s, err := translog.OpenForeign(signed, "another name", k.logKey, k.witnessKey)
	if err != nil || s.Size != 7 || len(s.Log) != 1 || len(s.Cosignatures) != 1 {
		t.Errorf("%+v %v", s, err)
	}
	if _, err := translog.Open(signed, "another name", k.logKey); !errors.Is(err, translog.ErrCheckpoint) {
		t.Errorf("the strict one: %v", err)
	}
	if _, err := translog.OpenForeign(signed, testOrigin, k.logKey); !errors.Is(err, translog.ErrOrigin) {
		t.Error(err)
	}
	if _, err := translog.OpenForeign(signed, "another name", k.witnessKey); !errors.Is(err, translog.ErrSignature) {
		t.Errorf("only a witness: %v", err)
	}
	if cosigned, err := translog.Cosign(signed, k.witness); err != nil || !strings.HasPrefix(string(cosigned), text) {
		t.Errorf("%q %v", cosigned, err)
	}
}

func FuzzParseForeign(f *testing.F) {
	f.Add(must[[]byte](f)(testCheckpoint(f, 7).Text()))
	f.Add([]byte("a b\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\none\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, extension, err := translog.ParseForeign(text)
		strict, errStrict := translog.ParseCheckpoint(text)
		if errStrict == nil && (err != nil || c != strict || len(extension) != 0) {
			t.Errorf("%q: the strict parser takes it as %+v, this one as %+v %q (%v)", text, strict, c, extension, err)
		}
	})
}
