package translog_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/audit"
	"samleng/translog"
)

var update = flag.Bool("update", false, "write testdata anew")

// vectors is the form of doc/vectors/log.json, for those who write a verifier
// in another language.
type vectors struct {
	About       []string            `json:"about"`
	Entries     []string            `json:"entries"`
	Leaves      []translog.Hash     `json:"leaves"`
	Roots       []translog.Hash     `json:"roots"` // by size, from 0
	Stored      []translog.Hash     `json:"stored"`
	Inclusion   []inclusionVector   `json:"inclusion"`
	Consistency []consistencyVector `json:"consistency"`
	LogKey      string              `json:"log_key"`
	WitnessKey  string              `json:"witness_key"`
	Checkpoint  string              `json:"checkpoint"`
	Cosigned    string              `json:"cosigned"` // the same checkpoint with a witness's cosignature
	CosignedAt  int64               `json:"cosigned_at"`
	TilePaths   map[string][]string `json:"tile_paths"` // by tree size: bundles and tiles
	Bundle      string              `json:"bundle"`     // of all entries
	Sections    sectionsVector      `json:"sections"`
	Paper       []paperVector       `json:"paper"` // checkpoints of good papers
	KeyChanges  []keyChangeVector   `json:"key_changes"`
	Bad         badVectors          `json:"bad"`
}

var aboutLog = []string{
	"Test vectors of the published log, for those who write another verifier; doc/spec-log.md has the definitions. Hashes are base64, entries and bundles hex. Keys and names are illustrative.",
	"entries and their leaf hashes; roots by size, from 0; stored: the hashes in their storage order. inclusion and consistency: every proof of every size up to 12.",
	"checkpoint is signed by log_key, cosigned also by witness_key at cosigned_at (seconds since 1970). tile_paths: what is published of a log of so many leaves, bundles first. bundle: all entries as a partial bundle.",
	"sections: two leaves, as texts, and the document sections/0 of a log of these two. Of its bad documents each is not of its form, or has a section that does not fit its act.",
	"paper: checkpoints as they are typed from paper, and what they say; what is missing is not said, or 0. In bad, part is what must be named: a line A to D, size, date or log; the whole text where it is missing.",
	"key_changes: the facts of acts key.changed; about is not one of them.",
	"bad: each must be refused. error of a checkpoint is malformed, origin or signature.",
}

// sectionsVector is a document of open sections with the acts that it is of.
type sectionsVector struct {
	Leaves   []string          `json:"leaves"`
	Document string            `json:"document"`
	Bad      map[string]string `json:"bad"` // by what is wrong
}

// badVectors are to be refused.
type badVectors struct {
	Inclusion   []inclusionVector   `json:"inclusion"`
	Consistency []consistencyVector `json:"consistency"`
	Checkpoints []checkpointVector  `json:"checkpoints"`
	TilePaths   []string            `json:"tile_paths"`
	Bundles     []bundleVector      `json:"bundles"`
	Paper       []paperVector       `json:"paper"`
	KeyChanges  []keyChangeVector   `json:"key_changes"`
}

// paperVector is a checkpoint as it is typed from paper: what it says, or, of a
// bad one, which part is wrong ("" for the whole).
type paperVector struct {
	About  string         `json:"about"`
	Text   string         `json:"text"`
	Origin string         `json:"origin,omitempty"`
	Size   int64          `json:"size,omitempty"`
	Root   *translog.Hash `json:"root,omitempty"`
	Day    string         `json:"day,omitempty"`
	Part   string         `json:"part,omitempty"`
}

// makePapers gives papers that are read, and what they say.
func makePapers(t *testing.T) []paperVector {
	samples := paperSamples(t)
	empty, twelve, zero, largest := samples[0], samples[1], samples[2], samples[3]
	lines := strings.Split(unlabelled(twelve), "\n")
	return []paperVector{
		{"as it is printed", twelve.Paper(paperDay), twelve.Origin, 12, &twelve.Root, paperDay, ""},
		{"without labels", unlabelled(twelve), "", 12, &twelve.Root, "", ""},
		{"on one line, in Khmer digits", strings.Map(khmerDigits, strings.ReplaceAll(unlabelled(twelve), "\n", "")), "", 12, &twelve.Root, "", ""},
		{"labels in Khmer, the day last", "ធាតុ៖ " + lines[0] + "\nក " + lines[1] + "\nខ " + lines[2] + "\nគ " + lines[3] + "\nឃ " + lines[4] + "\nថ្ងៃទី ២០២៦.០៣.១២", "", 12, &twelve.Root, paperDay, ""},
		{"dots, dashes, empty lines, small letters", strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(twelve.Paper(""), " - ", "."), "\n", "\r\n\r\n")), twelve.Origin, 12, &twelve.Root, "", ""},
		{"an empty log", empty.Paper(""), empty.Origin, 0, &empty.Root, "", ""},
		{"the smallest groups, no log named", zero.Paper(""), "", 1, &zero.Root, "", ""},
		{"the largest groups and size", largest.Paper(""), largest.Origin, largest.Size, &largest.Root, "", ""},
	}
}

type checkpointVector struct {
	About string `json:"about"`
	Note  string `json:"note"`
	Error string `json:"error"`
}

type bundleVector struct {
	About string `json:"about"`
	Width int    `json:"width"`
	Bytes string `json:"bytes"`
}

type inclusionVector struct {
	Index int64           `json:"index"`
	Size  int64           `json:"size"`
	Proof []translog.Hash `json:"proof"`
}

type consistencyVector struct {
	Older int64           `json:"older"`
	Newer int64           `json:"newer"`
	Proof []translog.Hash `json:"proof"`
}

func makeVectors(t *testing.T) vectors {
	const size = 12
	k, c := testKeys(t), testCheckpoint(t, size)
	m := grow(t, nil, 0, size, size)
	v := vectors{
		About:  aboutLog,
		Leaves: translog.LeafHashes(entries(0, size)), Stored: m,
		LogKey: k.logVkey, WitnessKey: k.witnessVkey, CosignedAt: signedAt.Unix(),
		Checkpoint: string(must[[]byte](t)(translog.Sign(c, k.log))),
		Cosigned:   string(must[[]byte](t)(translog.Sign(c, k.log, k.witness))),
		TilePaths:  map[string][]string{},
		Bundle:     hex.EncodeToString(must[[]byte](t)(translog.EncodeBundle(entries(0, size)))),
		Sections:   makeSections(t),
		Paper:      makePapers(t),
	}
	for _, e := range entries(0, size) {
		v.Entries = append(v.Entries, hex.EncodeToString(e))
	}
	for n := int64(0); n <= size; n++ {
		v.Roots = append(v.Roots, must[translog.Hash](t)(translog.Root(n, m)))
		for i := range n {
			v.Inclusion = append(v.Inclusion, inclusionVector{i, n, must[[]translog.Hash](t)(translog.ProveInclusion(i, n, m))})
		}
		for i := int64(0); i <= n; i++ {
			v.Consistency = append(v.Consistency, consistencyVector{i, n, must[[]translog.Hash](t)(translog.ProveConsistency(i, n, m))})
		}
	}
	for name, n := range map[string]int64{"1": 1, "255": 255, "256": 256, "257": 257, "1000": 1000} {
		for tile := range translog.Tiles(0, n) {
			v.TilePaths[name] = append(v.TilePaths[name], tile.Path())
		}
	}
	v.Bad = makeBad(t, v)
	v.KeyChanges, v.Bad.KeyChanges = makeKeyChanges(t)
	return v
}

// makeSections publishes two acts' open sections.
func makeSections(t *testing.T) sectionsVector {
	a, b := statement(t, "ទឹកស្អាត <b>\u2028"), statement(t, "ផ្លូវ")
	type section struct {
		Name    string `json:"name"`
		Salt    []byte `json:"salt"`
		Content string `json:"content"`
	}
	type acts struct {
		Position int64     `json:"position"`
		Sections []section `json:"sections"`
	}
	document := func(change func(all []acts)) string {
		var all []acts
		for i, a := range []*act.Act{a, b} {
			all = append(all, acts{Position: int64(i)})
			for _, s := range a.Sections {
				if s.Name != "source" {
					all[i].Sections = append(all[i].Sections, section{s.Name, s.Salt[:], string(s.Content)})
				}
			}
		}
		change(all)
		return string(must[[]byte](t)(json.Marshal(all)))
	}
	whole, salt := document(func([]acts) {}), base64.StdEncoding.EncodeToString(a.Sections[0].Salt[:])
	swap := func(old, now string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("the document has no %s:\n%s", old, whole)
		}
		return strings.Replace(whole, old, now, 1)
	}
	return sectionsVector{
		Leaves:   []string{string(a.Leaf), string(b.Leaf)},
		Document: whole,
		Bad: map[string]string{
			"a word changed":                    document(func(all []acts) { all[1].Sections[1].Content = `{"text":"ទឹក"}` }),
			"the salt changed":                  document(func(all []acts) { all[1].Sections[0].Salt = make([]byte, 16) }),
			"another act's section":             document(func(all []acts) { all[1].Sections = all[0].Sections }),
			"a section that the act has not":    document(func(all []acts) { all[0].Sections[0].Name = "ballot" }),
			"a salt of 15 bytes":                document(func(all []acts) { all[0].Sections[0].Salt = make([]byte, 15) }),
			"an act that is not in this bundle": document(func(all []acts) { all[1].Position = 256 }),
			"positions that do not ascend":      document(func(all []acts) { all[1].Position = 0 }),
			"one section of an act twice":       document(func(all []acts) { all[0].Sections[1] = all[0].Sections[0] }),
			"names that do not ascend":          document(func(all []acts) { slices.Reverse(all[0].Sections) }),
			"an act with nothing open":          document(func(all []acts) { all[1].Sections = []section{} }),
			"a name with a capital":             swap(`"salt":`, `"Salt":`),
			"a name twice":                      swap(`"sections":`, `"sections":[],"sections":`),
			"a salt with loose bits":            swap(salt, loosened(salt)),
			"something behind the list":         whole + "[]",
		},
	}
}

// fits reports whether every section of a document fits its act.
func (v sectionsVector) fits(t *testing.T, document string) bool {
	open, err := audit.DecodeSections([]byte(document))
	if err != nil {
		return false
	}
	for position, sections := range open {
		if position >= int64(len(v.Leaves)) {
			return false
		}
		header := must[*act.Header](t)(act.DecodeHeader([]byte(v.Leaves[position])))
		for _, s := range sections {
			if digest, has := header.Section(s.Name); !has || s.Digest() != digest {
				return false
			}
		}
	}
	return true
}

func makeBad(t *testing.T, v vectors) badVectors {
	other := translog.LeafHash([]byte("other"))
	inclusion := func(index, size int64, change func(p []translog.Hash) []translog.Hash) inclusionVector {
		for _, p := range v.Inclusion {
			if p.Index == 5 && p.Size == 11 {
				return inclusionVector{index, size, change(slices.Clone(p.Proof))}
			}
		}
		panic("no such proof")
	}
	consistency := func(older, newer int64, change func(p []translog.Hash) []translog.Hash) consistencyVector {
		for _, p := range v.Consistency {
			if p.Older == 5 && p.Newer == 11 {
				return consistencyVector{older, newer, change(slices.Clone(p.Proof))}
			}
		}
		panic("no such proof")
	}
	same := func(p []translog.Hash) []translog.Hash { return p }
	first := func(p []translog.Hash) []translog.Hash { p[0] = other; return p }
	short := func(p []translog.Hash) []translog.Hash { return p[:len(p)-1] }
	long := func(p []translog.Hash) []translog.Hash { return append(p, other) }
	swap := func(old, now string) string { return strings.Replace(v.Cosigned, old, now, 1) }
	return badVectors{
		Inclusion:   []inclusionVector{inclusion(4, 11, same), inclusion(5, 12, same), inclusion(5, 11, first), inclusion(5, 11, short), inclusion(5, 11, long)},
		Consistency: []consistencyVector{consistency(4, 11, same), consistency(5, 12, same), consistency(5, 11, first), consistency(5, 11, short), consistency(5, 11, long)},
		Checkpoints: []checkpointVector{
			{"another size", swap("\n12\n", "\n11\n"), "signature"},
			{"another log, not signed for it", swap(testOrigin, "log.example/other"), "signature"},
			{"no signature of the log", swap("\u2014 "+testOrigin, "\u2014 other.example"), "signature"},
			{"no signature block", v.Cosigned[:strings.Index(v.Cosigned, "\n\n")+1], "malformed"},
			{"a fourth line, falsely signed", swap("\n\n", "\nmore\n\n"), "signature"},
			{"a fourth line, that the log signed", extended(t), "malformed"},
			{"cut short", v.Cosigned[:len(v.Cosigned)-1], "malformed"},
			{"carriage returns", strings.ReplaceAll(v.Cosigned, "\n", "\r\n"), "malformed"},
			{"another log, rightly signed", otherLog(t), "origin"},
		},
		TilePaths: []string{"tile/0/0", "tile/0/0000", "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/x000/001", "tile/0/1234", "tile/0/x1/234", "tile/00/001", "tile/-1/001", "tile/8/000", "tile/entries/1", "tiles/0/001", "tile/0/001/"},
		Bundles: []bundleVector{
			{"one byte too few", 12, v.Bundle[:len(v.Bundle)-2]},
			{"one byte too many", 12, v.Bundle + "00"},
			{"fewer entries than its width", 13, v.Bundle},
			{"more entries than its width", 11, v.Bundle},
			{"nothing", 1, ""},
			{"wider than a tile", 257, v.Bundle},
		},
		Paper: badPapers(t),
	}
}

// otherLog is a checkpoint that another log signed as it must.
func otherLog(t *testing.T) string {
	from := counter(200)
	skey, _, err := translog.GenerateKey(&from, "log.example/other")
	if err != nil {
		t.Fatal(err)
	}
	// The log's own key signs too: only the origin tells the two apart.
	other := must[note.Signer](t)(translog.NewSigner(skey))
	return string(must[[]byte](t)(translog.Sign(translog.Checkpoint{Origin: "log.example/other", Size: 0, Root: translog.EmptyRoot()}, other, testKeys(t).log)))
}

// extended is a checkpoint with a line more, which the log signed.
func extended(t *testing.T) string {
	n := &note.Note{Text: testOrigin + "\n0\n" + translog.EmptyRoot().String() + "\nmore\n"}
	return string(must[[]byte](t)(note.Sign(n, testKeys(t).log)))
}

// TestVectors holds today's code to doc/vectors/log.json, byte for byte, and
// then verifies what is in the file, and refuses what is bad in it.
func TestVectors(t *testing.T) {
	var v vectors
	matchFile(t, filepath.Join("..", "doc", "vectors", "log.json"), makeVectors(t), &v)
	for _, p := range v.Inclusion {
		if err := translog.VerifyInclusion(v.Leaves[p.Index], p.Index, p.Size, v.Roots[p.Size], p.Proof); err != nil {
			t.Error(err)
		}
	}
	for _, p := range v.Consistency {
		if err := translog.VerifyConsistency(p.Older, v.Roots[p.Older], p.Newer, v.Roots[p.Newer], p.Proof); err != nil {
			t.Error(err)
		}
	}
	for i, p := range v.Bad.Inclusion {
		if translog.VerifyInclusion(v.Leaves[p.Index], p.Index, p.Size, v.Roots[p.Size], p.Proof) == nil {
			t.Errorf("bad proof of inclusion %d passes", i)
		}
	}
	for i, p := range v.Bad.Consistency {
		if translog.VerifyConsistency(p.Older, v.Roots[p.Older], p.Newer, v.Roots[p.Newer], p.Proof) == nil {
			t.Errorf("bad proof of consistency %d passes", i)
		}
	}
	if !v.Sections.fits(t, v.Sections.Document) {
		t.Error("a section does not fit its act")
	}
	for about, document := range v.Sections.Bad {
		if v.Sections.fits(t, document) {
			t.Errorf("sections: %s: fits", about)
		}
	}
	errs := map[string]error{"malformed": translog.ErrCheckpoint, "origin": translog.ErrOrigin, "signature": translog.ErrSignature}
	for _, c := range v.Bad.Checkpoints {
		if _, err := translog.Open([]byte(c.Note), testOrigin, verifiersOf(t, []string{v.LogKey, v.WitnessKey})...); !errors.Is(err, errs[c.Error]) {
			t.Errorf("checkpoint: %s: %v, want %s", c.About, err, c.Error)
		}
	}
	for _, path := range v.Bad.TilePaths {
		if _, err := translog.ParseTilePath(path); err == nil {
			t.Errorf("%s passes for a tile", path)
		}
	}
	for _, b := range v.Bad.Bundles {
		if _, err := translog.DecodeBundle(must[[]byte](t)(hex.DecodeString(b.Bytes)), b.Width); err == nil {
			t.Errorf("bundle: %s: passes", b.About)
		}
	}
	v.checkPaper(t)
	v.checkKeyChanges(t)
}

func (v *vectors) checkPaper(t *testing.T) {
	for _, good := range v.Paper {
		want := translog.PaperCheckpoint{Origin: good.Origin, Size: good.Size, Root: *good.Root, Day: good.Day}
		if p, err := translog.ParsePaper([]byte(good.Text)); err != nil || p != want {
			t.Errorf("paper: %s: %+v (%v)", good.About, p, err)
		}
	}
	for _, bad := range v.Bad.Paper {
		_, err := translog.ParsePaper([]byte(bad.Text))
		if wrong, is := errors.AsType[*translog.PaperError](err); !is || wrong.Part != bad.Part {
			t.Errorf("bad paper: %s: %v, want %q named", bad.About, err, bad.Part)
		}
	}
}
