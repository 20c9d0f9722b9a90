package act

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"filippo.io/age"
)

var update = flag.Bool("update", false, "write testdata anew")

// aboutVectors tells people who write another implementation how to read them.
var aboutVectors = []string{
	"Test vectors of acts, for those who write another implementation. Fields called leaf, content, stored and base64 are bytes in base64 (with padding); salts, keys, nonces, digests and hashes are hex, unless they stand as the text that headers use.",
	"ids: 16 bytes, their 26 characters of Crockford's base 32 in lower case (the number in big-endian order, two zero bits in front), and the code for a receipt with the prefix given.",
	"acts: one or more of every kind. leaf is the header, byte for byte: one line of JSON in its one canonical form. header is the same JSON, to be read. Decoding leaf and encoding the result must give leaf again. leaf_hash is SHA-256 over a zero byte and leaf (RFC 6962). Each section's digest is SHA-256 over \"samleng section v1\\n\", its salt and its content; digest is the hex of it, digest_text how the header has it (base64url without padding).",
	"Canonical JSON of facts and sections: no white space; fields in the order of the vectors; names of maps in the order of their bytes; what is empty, zero or null is left out where a vector leaves it out; \\n, \\r, \\t, \\b and \\f short, other characters below U+0020 and <, >, &, U+2028 and U+2029 as \\u and four lower-case hex digits, everything else as UTF-8.",
	"sealed: what is stored of a section that is sealed with the server's key: the byte 1, the nonce (24 bytes), and XChaCha20-Poly1305 over salt and content with the digest as additional data.",
	"trustees: a section sealed with age to one trustee, to be opened with the identity: the plaintext is salt and content. Encryption is random; there is no vector of it.",
	"refused_headers, refused_sections, refused_openings: each must be refused for the reason given. error is \"header\" for what can never be one and \"unknown\" for what a newer program may know. Bytes are text where they are UTF-8, else base64; times repeats middle between text and end.",
}

type vectorFile struct {
	About    []string         `json:"about"`
	IDs      []idVector       `json:"ids"`
	Acts     []actVector      `json:"acts"`
	Sealed   []sealedVector   `json:"sealed"`
	Trustees trusteeVector    `json:"trustees"`
	Headers  []refusedHeader  `json:"refused_headers"`
	Sections []refusedSection `json:"refused_sections"`
	Openings []refusedOpening `json:"refused_openings"`
}

type idVector struct {
	Bytes  hexBytes `json:"bytes"`
	Text   string   `json:"text"`
	Prefix string   `json:"prefix"`
	Code   Code     `json:"code"`
}

type actVector struct {
	About    string          `json:"about"`
	Kind     Kind            `json:"kind"`
	ID       ID              `json:"id"`
	Header   json.RawMessage `json:"header"`
	Leaf     []byte          `json:"leaf"`
	LeafHash hexBytes        `json:"leaf_hash"`
	Sections []sectionVector `json:"sections,omitempty"`
}

type sectionVector struct {
	Name    string          `json:"name"`
	Salt    hexBytes        `json:"salt"`
	Read    json.RawMessage `json:"read"` // the content, to be read
	Content []byte          `json:"content"`
	Digest  hexBytes        `json:"digest"`
	Text    Digest          `json:"digest_text"`
}

type sealedVector struct {
	Name    string   `json:"name"`
	Key     hexBytes `json:"key"`
	Nonce   hexBytes `json:"nonce"`
	Salt    hexBytes `json:"salt"`
	Content []byte   `json:"content"`
	Digest  hexBytes `json:"digest"`
	Stored  []byte   `json:"stored"`
}

type trusteeVector struct {
	Identity  string   `json:"identity"`
	Recipient string   `json:"recipient"`
	Name      string   `json:"name"`
	Salt      hexBytes `json:"salt"`
	Content   []byte   `json:"content"`
	Stored    []byte   `json:"stored"`
}

// hexBytes are written as hex.
type hexBytes []byte

func (b hexBytes) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, b), nil }

func (b *hexBytes) UnmarshalText(text []byte) (err error) {
	*b, err = hex.DecodeString(string(text))
	return err
}

// vectorOf shows an act.
func vectorOf(about string, a *Act) actVector {
	v := actVector{About: about, Kind: a.Kind, ID: a.ID, Header: a.Leaf, Leaf: a.Leaf, LeafHash: leafHash(a.Leaf)}
	for _, section := range a.Sections {
		digest := section.Digest()
		v.Sections = append(v.Sections, sectionVector{section.Name, section.Salt[:], section.Content, section.Content, digest[:], digest})
	}
	return v
}

// leafHash is the hash of a leaf as RFC 6962 has it, written out here so that
// the vectors do not rest on the code that they are to hold.
func leafHash(leaf []byte) []byte {
	sum := sha256.Sum256(append([]byte{0}, leaf...))
	return sum[:]
}

func makeVectors(t *testing.T, old vectorFile) vectorFile {
	t.Helper()
	v := vectorFile{About: aboutVectors}
	for i, id := range []ID{{15: 1}, sampleView, {0: 0xff, 15: 0xff}, ID(bytes.Repeat([]byte{0xff}, 16))} {
		prefix := []string{"KH", "KH", "ABCD", "NA"}[i]
		v.IDs = append(v.IDs, idVector{id[:], id.String(), prefix, id.Code(prefix)})
	}
	salts := seeded(1)
	for i, s := range samples() {
		a, err := New(s.draft, sampleID(byte(100+i)), sampleHour.Add(time.Duration(i)*time.Hour+47*time.Minute), salts)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		v.Acts = append(v.Acts, vectorOf(s.name, a))
		for _, section := range a.Sections {
			if audience, _ := AudienceOf(a.Kind, section.Name); audience == Sealed && len(v.Sealed) < 2 {
				v.Sealed = append(v.Sealed, sealVector(t, section))
			}
		}
	}
	v.Trustees = old.Trustees
	if v.Trustees.Stored == nil {
		v.Trustees = newTrusteeVector(t)
	}
	v.Headers, v.Sections, v.Openings = refusedHeaders(t), refusedSections(), refusedOpenings(t, v)
	return v
}

func sealVector(t *testing.T, section Section) sealedVector {
	key := bytes.Repeat([]byte{0x42}, 32)
	sealer, err := NewSealer(key, seeded(2))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := sealer.Seal(section)
	if err != nil {
		t.Fatal(err)
	}
	digest := section.Digest()
	return sealedVector{section.Name, key, stored[1:25], section.Salt[:], section.Content, digest[:], stored}
}

// newTrusteeVector seals with new keys: age takes no source of randomness, so
// what stands in the file is kept as long as it is there.
func newTrusteeVector(t *testing.T) trusteeVector {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	section, err := newSection("text", []byte(`{"text":"ទឹកស្អាត"}`), seeded(3))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := SealToTrustees(section, []string{identity.Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	return trusteeVector{identity.String(), identity.Recipient().String(), section.Name, section.Salt[:], section.Content, stored}
}

// TestVectors holds the code to the file, byte for byte.
func TestVectors(t *testing.T) {
	path := filepath.Join("testdata", "vectors.json")
	data, err := os.ReadFile(path)
	var stored vectorFile
	if err == nil {
		if err := json.Unmarshal(data, &stored); err != nil {
			t.Fatal(err)
		}
	}
	made := encodeVectors(t, makeVectors(t, stored))
	if *update {
		if err := os.WriteFile(path, made, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, data) {
		t.Errorf("%s is not what the code makes. Headers and sections that were written stay in logs for good: if this is more than a new vector, the change is wrong. For new vectors run: go test ./act -run TestVectors -update", path)
	}
	if len(data) > 200_000 {
		t.Errorf("%s has %d bytes", path, len(data))
	}
	t.Run("ids", func(t *testing.T) { readIDs(t, stored.IDs) })
	t.Run("acts", func(t *testing.T) { readActs(t, stored.Acts) })
	t.Run("sealed", func(t *testing.T) { readSealed(t, stored) })
	t.Run("refused", func(t *testing.T) { readRefused(t, stored) })
}

func encodeVectors(t *testing.T, v vectorFile) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	if err := json.Indent(&lines, out.Bytes(), "", " "); err != nil {
		t.Fatal(err)
	}
	return lines.Bytes()
}

func readIDs(t *testing.T, ids []idVector) {
	for _, v := range ids {
		id, err := ParseID(v.Text)
		if err != nil || !bytes.Equal(id[:], v.Bytes) || id.String() != v.Text || id.Code(v.Prefix) != v.Code {
			t.Errorf("%s reads as %x: %v", v.Text, id, err)
		}
		if key, err := ParseCode(v.Prefix, string(v.Code)); err != nil || key != id.CodeKey() {
			t.Errorf("code %s: %v", v.Code, err)
		}
	}
}

// readActs reads every act of the file, and makes it anew from the parts that
// the file gives: facts, contents and salts.
func readActs(t *testing.T, acts []actVector) {
	seen := map[string]bool{}
	for _, v := range acts {
		var sections []Section
		var salts bytes.Buffer
		for _, s := range v.Sections {
			sum := sha256.Sum256(slices.Concat([]byte("samleng section v1\n"), s.Salt, s.Content))
			if !bytes.Equal(sum[:], s.Digest) || base64.RawURLEncoding.EncodeToString(sum[:]) != s.Text.String() || !sameJSON(s.Read, s.Content) {
				t.Errorf("%s: %s has the digest %x", v.About, s.Name, sum)
			}
			sections = append(sections, Section{s.Name, Salt(s.Salt), s.Content})
			salts.Write(s.Salt)
			seen[fmt.Sprint(v.Kind, " ", s.Name)] = true
		}
		a, err := Decode(v.Leaf, sections)
		if err != nil {
			t.Errorf("%s: %v", v.About, err)
			continue
		}
		if a.Kind != v.Kind || a.ID != v.ID || !bytes.Equal(leafHash(v.Leaf), v.LeafHash) || !sameJSON(v.Header, v.Leaf) {
			t.Errorf("%s: %s", v.About, a.Leaf)
		}
		draft := Draft{By: a.By, Of: a.Of, Facts: a.Facts, Content: map[string]any{}}
		for _, s := range sections {
			form, _ := kinds[a.Kind].form(s.Name)
			content := form.body()
			if _, err := a.Content(s.Name, content); err != nil {
				t.Errorf("%s: %v", v.About, err)
			}
			draft.Content[s.Name] = content
		}
		again, err := New(draft, a.ID, a.At, &salts)
		if err != nil || !bytes.Equal(again.Leaf, v.Leaf) {
			t.Errorf("%s: made anew it is\n%s, not\n%s (%v)", v.About, again.Leaf, v.Leaf, err)
		}
		seen[string(a.Kind)], seen[fmt.Sprint("form ", a.By.As)] = true, true
	}
	for _, kind := range Kinds() {
		want := []string{string(kind)}
		for _, form := range Forms(kind) {
			want = append(want, fmt.Sprint(kind, " ", form.Name))
		}
		for _, by := range kinds[kind].by {
			want = append(want, fmt.Sprint("form ", by))
		}
		for _, thing := range want {
			if !seen[thing] {
				t.Errorf("no vector of %s", thing)
			}
		}
	}
}

func sameJSON(indented json.RawMessage, data []byte) bool {
	var compact bytes.Buffer
	return json.Compact(&compact, indented) == nil && bytes.Equal(compact.Bytes(), data)
}

func readSealed(t *testing.T, v vectorFile) {
	for _, s := range v.Sealed {
		sealer, err := NewSealer(s.Key, bytes.NewReader(s.Nonce))
		if err != nil {
			t.Fatal(err)
		}
		want := Section{s.Name, Salt(s.Salt), s.Content}
		if stored, err := sealer.Seal(want); err != nil || !bytes.Equal(stored, s.Stored) {
			t.Errorf("%s is sealed as %x: %v", s.Name, stored, err)
		}
		opened, err := sealer.Open(s.Name, Digest(s.Digest), nil, s.Stored)
		if err != nil || opened.Digest() != Digest(s.Digest) || opened.Salt != want.Salt || !bytes.Equal(opened.Content, s.Content) {
			t.Errorf("%s opens as %q: %v", s.Name, opened.Content, err)
		}
	}
	if len(v.Sealed) == 0 {
		t.Error("no vector of a sealed section")
	}
	s := v.Trustees
	opened, err := OpenAsTrustee(s.Name, s.Stored, s.Identity)
	if err != nil || !bytes.Equal(opened.Salt[:], s.Salt) || !bytes.Equal(opened.Content, s.Content) {
		t.Errorf("to trustees: %q: %v", opened.Content, err)
	}
	identity, err := age.ParseX25519Identity(s.Identity)
	if err != nil || identity.Recipient().String() != s.Recipient {
		t.Errorf("the trustee is %s: %v", s.Recipient, err)
	}
	if _, err := (&Sealer{}).Open(s.Name, Digest{}, nil, s.Stored); !errors.Is(err, ErrSealed) {
		t.Errorf("the server opens what is for trustees: %v", err)
	}
}
