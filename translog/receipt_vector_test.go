package translog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"samleng/act"
	"samleng/translog"
)

// receiptVectors is the form of doc/vectors/receipt.json. The page's script is
// held to the same file by the browser suite.
type receiptVectors struct {
	About []string        `json:"about"`
	Good  []receiptVector `json:"good"`
	Bad   []receiptVector `json:"bad"`
}

type receiptVector struct {
	Name   string   `json:"name"`
	Origin string   `json:"origin"`
	Keys   []string `json:"keys"`
	// File is the receipt; Base64 stands in its place where it is no UTF-8, and
	// Spaces is how many follow it.
	File   string `json:"file,omitempty"`
	Base64 []byte `json:"base64,omitempty"`
	Spaces int    `json:"spaces,omitempty"`
	// What a good one shows.
	Pending   bool             `json:"pending,omitempty"`
	Opened    []string         `json:"opened,omitempty"`
	Closed    []string         `json:"closed,omitempty"`
	Size      int64            `json:"size,omitempty"`
	Witnesses []cosignedVector `json:"cosigned,omitempty"`
	// The check that a bad one fails, and the section it is about.
	Check   translog.Check `json:"check,omitempty"`
	Section string         `json:"section,omitempty"`
	// Vocabulary marks headers that only who knows the kinds of act refuses.
	Vocabulary bool `json:"vocabulary,omitempty"`
}

type cosignedVector struct {
	Name string `json:"name"`
	Time int64  `json:"time"`
}

var aboutReceipts = []string{
	"Test vectors of receipts, for those who write another verifier; doc/spec-receipt.md has the format and the checks. Keys and names are illustrative.",
	"file is the receipt, byte for byte, as UTF-8; where a bad one is no UTF-8, base64 has its bytes. spaces is how many spaces follow the file.",
	"A verifier is given origin and keys. Each of good passes all checks and shows pending, opened, closed, the checkpoint's size and the verified cosignatures with their times (seconds since 1970). Each of bad fails: check names the first check that fails, section the section that it is about.",
	"vocabulary: the header is refused only by who knows what each kind of act may hold. A verifier without the vocabulary of acts finds that a later check fails; it may leave these out. \"an unknown kind\" is for those who have at least the kinds' names.",
}

func (v receiptVector) bytes() []byte {
	data := []byte(v.File)
	if v.Base64 != nil {
		data = v.Base64
	}
	return append(slices.Clone(data), strings.Repeat(" ", v.Spaces)...)
}

// cast are the keys of the receipt vectors: a log's, its next one, one that
// nobody knows under the log's name, and two witnesses'.
type cast struct {
	log, next, foreign, ministry, coalition note.Signer
	keys                                    map[string]string
}

func newCast(t *testing.T) cast {
	c := cast{keys: map[string]string{}}
	signer := func(name, as string, from counter, witness time.Time) note.Signer {
		if witness.IsZero() {
			skey, vkey, err := translog.GenerateKey(&from, name)
			if err != nil {
				t.Fatal(err)
			}
			c.keys[as] = vkey
			return must[note.Signer](t)(translog.NewSigner(skey))
		}
		skey, vkey, err := translog.GenerateCosignerKey(&from, name)
		if err != nil {
			t.Fatal(err)
		}
		c.keys[as] = vkey
		return must[note.Signer](t)(translog.NewCosigner(skey, func() time.Time { return witness }))
	}
	c.log = signer(testOrigin, "log", 0, time.Time{})
	c.next = signer(testOrigin, "next", 40, time.Time{})
	c.foreign = signer(testOrigin, "foreign", 80, time.Time{})
	c.ministry = signer("ministry.example/witness", "ministry", 120, signedAt)
	c.coalition = signer("coalition.example/witness", "coalition", 160, signedAt.Add(26*time.Hour+59*time.Second))
	return c
}

// growing makes the root of a tree of size leaves in which leaf stands at
// index, and the proof, with made-up hashes for everything else: so a tree of
// any size can be had.
func growing(leaf translog.Hash, index, size int64) (root translog.Hash, proof []translog.Hash) {
	if size == 1 {
		return leaf, nil
	}
	half := int64(1)
	for half*2 < size {
		half *= 2
	}
	other := tlog.RecordHash([]byte{byte(size), byte(size >> 8), byte(size >> 40)})
	if index < half {
		root, proof = growing(leaf, index, half)
		return tlog.NodeHash(root, other), append(proof, other)
	}
	root, proof = growing(leaf, index-half, size-half)
	return tlog.NodeHash(other, root), append(proof, other)
}

// statement is the act of the vectors: a view with every section.
func statement(t *testing.T, text string) *act.Act {
	var random counter
	return must[*act.Act](t)(act.New(act.Draft{
		By: act.Participant, Of: act.ID{7},
		Facts: &act.StatementRegistered{
			Channel: "assisted", Written: "km", Spoken: "km", ReadBack: "yes", Visibility: act.VisibilityOpen, Themes: []string{"water"},
		},
		Content: map[string]any{"text": &act.Text{Text: text}, "detail": &act.Text{Text: "ចាប់តាំងពីខែកុម្ភៈ"}, "source": &act.Source{}},
	}, act.ID{1, 2, 3}, signedAt, &random))
}

const khmerWords = "ភូមិយើងត្រូវការទឹកស្អាត។\nYes: <b>\"100%\"</b> & \\more\u2028\U0001F4A7"

// receiptAt is the receipt of a view at index of a log of size leaves, with
// those of its sections that are named.
func receiptAt(t *testing.T, index, size int64, signers []note.Signer, open ...string) *translog.Receipt {
	a := statement(t, khmerWords)
	r := &translog.Receipt{Header: a.Leaf, Index: index}
	for _, s := range a.Sections {
		if slices.Contains(open, s.Name) {
			r.Openings = append(r.Openings, s)
		}
	}
	if size > 0 {
		root, proof := growing(translog.LeafHash(a.Leaf), index, size)
		r.Inclusion = proof
		r.Checkpoint = must[[]byte](t)(translog.Sign(translog.Checkpoint{Origin: testOrigin, Size: size, Root: root}, signers[0], signers[1:]...))
	}
	return r
}

// oddReceipt has every character that JSON could be at odds about in its words,
// which need be no JSON for their digest to fit.
func oddReceipt(t *testing.T, c cast) *translog.Receipt {
	r := receiptAt(t, 5, 0, nil, "text")
	before := r.Openings[0].Digest()
	r.Openings[0].Content = []byte("<&>/\u2028\u2029\x00\b\f\n\r\t\x1f\x7f\"\\\ufffd\u00e9\U0010ffff\ufeff")
	r.Header = bytes.Replace(r.Header, []byte(before.String()), []byte(r.Openings[0].Digest().String()), 1)
	root, proof := growing(translog.LeafHash(r.Header), 5, 12)
	r.Inclusion = proof
	r.Checkpoint = must[[]byte](t)(translog.Sign(translog.Checkpoint{Origin: testOrigin, Size: 12, Root: root}, c.log))
	return r
}

func goodReceipts(t *testing.T, c cast) []receiptVector {
	log := []note.Signer{c.log}
	all := []string{"detail", "source", "text"}
	var made []receiptVector
	add := func(name string, r *translog.Receipt, keys ...string) {
		made = append(made, receiptVector{Name: name, Origin: testOrigin, Keys: keys, File: string(must[[]byte](t)(r.Encode()))})
	}
	add("pending", receiptAt(t, 5, 0, nil, "text"), c.keys["log"])
	add("the only leaf of a log", receiptAt(t, 0, 1, log, "text"), c.keys["log"])
	add("a log of two", receiptAt(t, 1, 2, log, "text"), c.keys["log"])
	add("the last leaf of a log of three", receiptAt(t, 2, 3, log, "text"), c.keys["log"])
	add("a log of twelve, several openings", receiptAt(t, 5, 12, log, all...), c.keys["log"])
	add("nothing is opened", receiptAt(t, 5, 12, log), c.keys["log"])
	add("a full tile", receiptAt(t, 200, 256, log, "text"), c.keys["log"])
	add("one more than a full tile", receiptAt(t, 256, 257, log, "text"), c.keys["log"])
	add("more than 2^32 leaves", receiptAt(t, 1<<32+7, 1<<40+12345, log, "text"), c.keys["log"])
	add("the last leaf of the largest log", receiptAt(t, translog.MaxSize-1, translog.MaxSize, log, "text"), c.keys["log"])
	both := []note.Signer{c.log, c.ministry, c.coalition}
	add("two witnesses, both known", receiptAt(t, 6, 7, both, "text"), c.keys["log"], c.keys["ministry"], c.keys["coalition"])
	add("two witnesses, one known", receiptAt(t, 6, 7, both, "text"), c.keys["log"], c.keys["coalition"])
	add("two witnesses, none known", receiptAt(t, 6, 7, both, "text"), c.keys["log"])
	add("signed with the old and the next key", receiptAt(t, 6, 7, []note.Signer{c.log, c.next}, "text"), c.keys["log"], c.keys["next"])
	add("signed with a known and an unknown key of one name", receiptAt(t, 6, 7, []note.Signer{c.log, c.foreign}, "text"), c.keys["log"])
	small := must[*act.Act](t)(act.New(act.Draft{By: act.System, Facts: &act.RulesAdopted{Version: 1}}, act.ID{9}, signedAt, new(counter)))
	root, proof := growing(translog.LeafHash(small.Leaf), 2, 6)
	bare := &translog.Receipt{Header: small.Leaf, Index: 2, Inclusion: proof}
	bare.Checkpoint = must[[]byte](t)(translog.Sign(translog.Checkpoint{Origin: testOrigin, Size: 6, Root: root}, c.log))
	add("an act without sections", bare, c.keys["log"])
	add("every character that JSON escapes", oddReceipt(t, c), c.keys["log"])
	again := receiptAt(t, 6, 7, both, "text")
	again.Checkpoint = append(again.Checkpoint, again.Checkpoint[bytes.LastIndex(again.Checkpoint, []byte("\u2014 ")):]...)
	add("a signature line repeated", again, c.keys["log"], c.keys["ministry"], c.keys["coalition"])
	for i := range made {
		r := must[*translog.Receipt](t)(translog.DecodeReceipt(made[i].bytes()))
		report, err := r.Verify(testOrigin, verifiersOf(t, made[i].Keys)...)
		if err != nil {
			t.Fatalf("%s: %v", made[i].Name, err)
		}
		made[i].Pending, made[i].Opened, made[i].Closed, made[i].Size = report.Pending, report.Opened, report.Closed, report.Checkpoint.Size
		for _, w := range report.Checkpoint.Cosignatures {
			made[i].Witnesses = append(made[i].Witnesses, cosignedVector{w.Name, w.Time.Unix()})
		}
	}
	return made
}

func verifiersOf(t *testing.T, keys []string) []note.Verifier {
	var all []note.Verifier
	for _, key := range keys {
		all = append(all, must[note.Verifier](t)(translog.NewVerifier(key)))
	}
	return all
}

func badReceipts(t *testing.T, c cast) []receiptVector {
	var made []receiptVector
	add := func(v receiptVector, data []byte) {
		v.Origin, v.Keys = testOrigin, []string{c.keys["log"], c.keys["ministry"]}
		if v.File = string(data); !utf8.Valid(data) {
			v.File, v.Base64 = "", data
		}
		made = append(made, v)
	}
	good := string(must[[]byte](t)(receiptAt(t, 5, 12, []note.Signer{c.log, c.ministry}, "text").Encode()))
	odd := string(must[[]byte](t)(oddReceipt(t, c).Encode()))
	for _, row := range badFiles(good, odd) {
		if row.spaces == 0 && (row.now == good || row.now == odd) {
			t.Fatalf("%s: nothing was changed", row.name)
		}
		add(receiptVector{Name: row.name, Check: translog.CheckFormat, Spaces: row.spaces}, []byte(row.now))
	}
	for _, row := range slices.Concat(badHeaders(), badOpenings(), badSignatures(t, c), badProofs(t, c)) {
		r := receiptAt(t, 5, 12, []note.Signer{c.log, c.ministry}, "text")
		row.damage(r)
		add(receiptVector{Name: row.name, Check: row.check, Section: row.section, Vocabulary: row.vocabulary}, must[[]byte](t)(r.Encode()))
	}
	return made
}

// TestReceiptVectors holds today's code to doc/vectors/receipt.json, byte for
// byte, and makes every check on what is in the file.
func TestReceiptVectors(t *testing.T) {
	c := newCast(t)
	var v receiptVectors
	matchFile(t, filepath.Join("..", "doc", "vectors", "receipt.json"), receiptVectors{aboutReceipts, goodReceipts(t, c), badReceipts(t, c)}, &v)
	for _, row := range v.Good {
		r, err := translog.DecodeReceipt(row.bytes())
		if err == nil {
			_, err = r.Verify(row.Origin, verifiersOf(t, row.Keys)...)
		}
		if err != nil {
			t.Errorf("%s: %v", row.Name, err)
		}
	}
	for _, row := range v.Bad {
		r, err := translog.DecodeReceipt(row.bytes())
		if err == nil {
			_, err = r.Verify(row.Origin, verifiersOf(t, row.Keys)...)
		}
		failed, is := errors.AsType[*translog.ReceiptError](err)
		if !is || failed.Check != row.Check || row.Section != "" && failed.Section != row.Section {
			t.Errorf("%s: %v, want %s %s", row.Name, err, row.Check, row.Section)
		}
	}
}

// matchFile compares what was made with a file, which it writes anew with
// -update, and decodes the file.
func matchFile(t *testing.T, path string, made, into any) {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(made); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, out.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	stored := must[[]byte](t)(os.ReadFile(path))
	if !bytes.Equal(bytes.ReplaceAll(stored, []byte("\r\n"), []byte("\n")), out.Bytes()) {
		t.Fatalf("%s is not what the code gives; if that is meant: go test ./translog -run Vectors -update", path)
	}
	if err := json.Unmarshal(stored, into); err != nil {
		t.Fatal(err)
	}
}
