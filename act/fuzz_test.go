package act

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"filippo.io/age"
)

// sampleActs makes the acts of the vectors, for seeds.
func sampleActs(f *testing.F) []*Act {
	var acts []*Act
	for i, s := range samples() {
		a, err := New(s.draft, sampleID(byte(i)), sampleHour, seeded(1))
		if err != nil {
			f.Fatal(err)
		}
		acts = append(acts, a)
	}
	return acts
}

// FuzzDecodeHeader: what is taken is written as the same bytes, whatever else
// is refused as documented.
func FuzzDecodeHeader(f *testing.F) {
	for _, a := range sampleActs(f) {
		f.Add(a.Leaf)
	}
	for _, b := range breaks {
		f.Add([]byte(strings.Replace(b.of, b.old, b.new, 1)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := DecodeHeader(data)
		if err != nil {
			if !errors.Is(err, ErrHeader) && !errors.Is(err, ErrUnknown) {
				t.Errorf("%q: %v", data, err)
			}
			return
		}
		if again, err := h.Append(nil); err != nil || !bytes.Equal(again, data) || !json.Valid(data) || bytes.ContainsAny(data, "\n\r") {
			t.Errorf("%q is written %q (%v)", data, again, err)
		}
	})
}

// FuzzContent: a content that is taken for one of a kind's section is written
// as the same bytes, and an act made of it has them.
func FuzzContent(f *testing.F) {
	for _, a := range sampleActs(f) {
		for _, section := range a.Sections {
			f.Add(string(a.Kind), section.Name, section.Content)
		}
	}
	for _, refused := range refusedSections() {
		f.Add(string(refused.Kind), refused.Name, refused.Content.bytes())
	}
	f.Fuzz(func(t *testing.T, kind, name string, data []byte) {
		form, has := kinds[Kind(kind)].form(name)
		if !has {
			return
		}
		a := Act{Header: &Header{Kind: Kind(kind)}, Sections: []Section{{Name: name, Content: data}}}
		content := form.body()
		if _, err := a.Content(name, content); err != nil {
			if !errors.Is(err, ErrContent) {
				t.Errorf("%q: %v", data, err)
			}
			return
		}
		if len(data) > MaxSection {
			return // nobody could have filed it
		}
		if again, err := encodeContent(form, content); err != nil || !bytes.Equal(again, data) {
			t.Errorf("%s of %s: %q is written %q (%v)", name, kind, data, again, err)
		}
	})
}

func FuzzParseID(f *testing.F) {
	for _, text := range []string{"", sampleView.String(), ID{}.String(), "7zzzzzzzzzzzzzzzzzzzzzzzzz", "80000000000000000000000000", "0000000000000000000000000l"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := ParseID(text); err == nil && id.String() != text {
			t.Errorf("%q reads as %s", text, id)
		}
	})
}

// FuzzParseCode: a code that checks is one that some id has, however it was
// written.
func FuzzParseCode(f *testing.F) {
	code := string(sampleView.Code("KH"))
	for _, text := range []string{"", code, strings.ToLower(code), strings.ReplaceAll(code, "-", " "), code[3:], "KH-០០០០-០០០០-០", strings.Repeat("0", 500), "\xff"} {
		f.Add("KH", text)
		f.Add("ABCD", text)
	}
	f.Fuzz(func(t *testing.T, prefix, text string) {
		var c checker
		if (&ProgrammeDeclared{Prefix: prefix}).check(&c); strings.Contains(errors.Join(c.errs...).Error(), "prefix") {
			return // no programme has it
		}
		key, err := ParseCode(prefix, text)
		if err != nil {
			if !errors.Is(err, ErrCode) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		id := ID{byte(key >> 32), byte(key >> 24), byte(key >> 16), byte(key >> 8), byte(key)}
		if again, err := ParseCode(prefix, string(id.Code(prefix))); err != nil || again != key || id.CodeKey() != key {
			t.Errorf("%q is %x, whose code is %s (%v)", text, key, id.Code(prefix), err)
		}
	})
}

func FuzzDigest(f *testing.F) {
	f.Add(Digest{1}.append(nil))
	f.Add([]byte(strings.Repeat("A", 42) + "B"))
	f.Add([]byte(strings.Repeat("A", 42) + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var d Digest
		if err := d.UnmarshalText(text); err == nil && d.String() != string(text) {
			t.Errorf("%q reads as %s", text, d)
		}
	})
}

func FuzzParseVote(f *testing.F) {
	for _, word := range []string{"agree", "disagree", "pass", "", "Agree", "1"} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		if vote, err := ParseVote(word); err == nil && vote.String() != word {
			t.Errorf("%q reads as %s", word, vote)
		}
	})
}

// FuzzSealerOpen: what opens as sealed was sealed: it fits its digest and seals
// to the same bytes again. What is not sealed comes back as it is.
func FuzzSealerOpen(f *testing.F) {
	key := bytes.Repeat([]byte{7}, 32)
	section := Section{Name: "ballot", Salt: Salt{1}, Content: []byte(`{"text":"Roads"}`)}
	sealer, err := NewSealer(key, seeded(1))
	if err != nil {
		f.Fatal(err)
	}
	stored, err := sealer.Seal(section)
	if err != nil {
		f.Fatal(err)
	}
	digest := section.Digest()
	f.Add(digest[:], []byte{}, stored)
	f.Add(digest[:], section.Salt[:], section.Content)
	f.Add(digest[:], section.Salt[:3], section.Content)
	f.Add(digest[:], []byte{}, stored[:20])
	f.Add(digest[:], []byte{}, append(bytes.Clone(agePrefix), "-> X25519 \n"...))
	f.Fuzz(func(t *testing.T, digest, salt, stored []byte) {
		if len(digest) != len(Digest{}) {
			return
		}
		opened, err := sealer.Open("ballot", Digest(digest), salt, stored)
		if err != nil {
			if len(stored) > 0 && stored[0] != sealedByServer && !bytes.HasPrefix(stored, agePrefix) && len(salt) == len(Salt{}) {
				t.Errorf("%q: %v", stored, err)
			}
			return
		}
		if stored[0] != sealedByServer {
			if !bytes.Equal(opened.Content, stored) || !bytes.Equal(opened.Salt[:], salt) {
				t.Errorf("%q opens as %q", stored, opened.Content)
			}
			return
		}
		same, err := NewSealer(key, bytes.NewReader(stored[1:]))
		if err != nil {
			t.Fatal(err)
		}
		if again, err := same.Seal(opened); err != nil || !bytes.Equal(again, stored) || opened.Digest() != Digest(digest) {
			t.Errorf("%q opens as %q", stored, opened.Content)
		}
	})
}

// FuzzOpenAsTrustee: every change to a sealed section is found, and what opens
// is no larger than a section.
func FuzzOpenAsTrustee(f *testing.F) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		f.Fatal(err)
	}
	section := Section{Name: "text", Salt: Salt{1}, Content: []byte(`{"text":"Roads"}`)}
	right, err := SealToTrustees(section, []string{identity.Recipient().String()})
	if err != nil {
		f.Fatal(err)
	}
	large, err := SealToTrustees(Section{Content: make([]byte, MaxSection+1)}, []string{identity.Recipient().String()})
	if err != nil {
		f.Fatal(err)
	}
	if _, err := OpenAsTrustee("text", large, identity.String()); err == nil {
		f.Error("a section that is too large opens")
	}
	f.Add(uint16(0), byte(0), right)
	f.Add(uint16(len(right)-1), byte(1), []byte{})
	f.Add(uint16(30), byte(0x20), []byte("age-encryption.org/v1\n--- \n"))
	f.Fuzz(func(t *testing.T, at uint16, flip byte, data []byte) {
		changed := bytes.Clone(right)
		changed[int(at)%len(changed)] ^= flip
		for _, stored := range [][]byte{changed, data} {
			opened, err := OpenAsTrustee("text", stored, identity.String())
			if err == nil && (!bytes.Equal(opened.Content, section.Content) || opened.Salt != section.Salt) {
				t.Errorf("%x opens as %q", stored, opened.Content)
			}
			if err == nil && len(stored) == len(right) && !bytes.Equal(stored, right) {
				t.Errorf("it opens with byte %d changed by %x", int(at)%len(changed), flip)
			}
		}
	})
}

// FuzzText: clusters cover a text without a gap, and what is blank has none
// that anybody sees.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "abc", "ស្ត្រី", "ខ្ញុំ\u200bចង់", "👩‍👩‍👧‍👦🇰🇭", "a\r\nb", "\u17d2\u17dd\u1780", "a\xffb", "\U0001f3f4\U000e0067\U000e007f", "\u2800"} {
		f.Add(s)
	}
	r := rand.New(seeded(9))
	for range 4 {
		f.Add(string([]rune{rune(0x1780 + r.IntN(96)), 0x17d2, rune(0x1780 + r.IntN(52)), 0x200b}))
	}
	f.Fuzz(func(t *testing.T, s string) {
		end, n := 0, 0
		EachCluster(s, func(from, to int) bool {
			if from != end || to <= from {
				t.Errorf("%+q: a cluster from %d to %d after %d", s, from, to, end)
			}
			end, n = to, n+1
			return true
		})
		if end != len(s) {
			t.Errorf("%+q: clusters end at %d", s, end)
		}
		if seen := Clusters(s); seen > n || seen > utf8.RuneCountInString(s) || !Blank(s) && utf8.ValidString(s) && seen == 0 {
			t.Errorf("%+q has %d clusters, %d are seen; blank: %t", s, n, seen, Blank(s))
		}
		if !HasControls(s) && !utf8.ValidString(s) {
			t.Errorf("%+q passes for text", s)
		}
	})
}
