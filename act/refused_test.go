package act

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// looseBytes are written as text where they are UTF-8, else as base64; a long
// middle is written once, with how often it comes.
type looseBytes struct {
	Text   string `json:"text,omitempty"`
	Base64 []byte `json:"base64,omitempty"`
	Middle string `json:"middle,omitempty"`
	Times  int    `json:"times,omitempty"`
	End    string `json:"end,omitempty"`
}

func loose(text string) looseBytes {
	if utf8.ValidString(text) {
		return looseBytes{Text: text}
	}
	return looseBytes{Base64: []byte(text)}
}

func (b looseBytes) bytes() []byte {
	return append(append([]byte(b.Text), b.Base64...), strings.Repeat(b.Middle, b.Times)+b.End...)
}

type refusedHeader struct {
	Why   string     `json:"why"`
	Error string     `json:"error"`
	Leaf  looseBytes `json:"bytes"`
}

type refusedSection struct {
	Why     string     `json:"why"`
	Kind    Kind       `json:"kind"`
	Name    string     `json:"name"`
	Content looseBytes `json:"bytes"`
}

// refusedOpening is a sealed section that does not open, or a section that does
// not fit its digest.
type refusedOpening struct {
	Why    string   `json:"why"`
	Key    hexBytes `json:"key"`
	Digest hexBytes `json:"digest"`
	Salt   hexBytes `json:"salt"`
	Stored []byte   `json:"stored"`
}

// A header that is right, and how it is broken: old is replaced by new.
const (
	roleHeader = `{"v":1,"kind":"role.granted","id":"00000000000000000000000001","at":"2026-03-09T03:00:00Z","by":{"organisation":"00000000000000000000000002","role":"administrator","staff":"00000000000000000000000003"},"of":"00000000000000000000000002","facts":{"staff":"00000000000000000000000004","role":"moderator","from":"2026-01-01","until":"2026-12-31"}}`
	viewHeader = `{"v":1,"kind":"statement.registered","id":"00000000000000000000000001","at":"2026-03-09T03:00:00Z","by":"participant","of":"00000000000000000000000002","facts":{"channel":"web","written":"km","themes":["water"],"visibility":"open"},"sections":{"source":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","text":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}`
	sections43 = `"text":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"`
)

var breaks = []struct{ why, of, old, new string }{
	{"a field that headers do not have", roleHeader, `,"at":`, `,"position":7,"at":`},
	{"a fact that the kind does not have", roleHeader, `"until":"2026-12-31"`, `"until":"2026-12-31","why":"because"`},
	{"a field twice", roleHeader, `,"at":`, `,"id":"00000000000000000000000001","at":`},
	{"a fact twice", roleHeader, `"role":"moderator"`, `"role":"moderator","role":"moderator"`},
	{"bytes after its end", roleHeader, `"2026-12-31"}}`, `"2026-12-31"}}` + "\n"},
	{"bytes before it: a byte order mark", roleHeader, `{"v":1`, "\ufeff" + `{"v":1`},
	{"cut off", roleHeader, `"2026-12-31"}}`, `"2026-12-31"}`},
	{"white space", roleHeader, `,"facts":`, `, "facts":`},
	{"white space in its facts", roleHeader, `,"role":"moderator"`, `, "role":"moderator"`},
	{"facts in another order", roleHeader, `"role":"moderator","from":"2026-01-01"`, `"from":"2026-01-01","role":"moderator"`},
	{"fields in another order", roleHeader, `"v":1,"kind":"role.granted"`, `"kind":"role.granted","v":1`},
	{"a fact's name in capitals", roleHeader, `"from":`, `"From":`},
	{"an escape where none is needed", roleHeader, `"role":"moderator"`, `"role":"moder\u0061tor"`},
	{"an escape in a field", roleHeader, `"kind":"role.granted"`, `"kind":"role\u002egranted"`},
	{"an empty fact that is to be left out", roleHeader, `"until":"2026-12-31"`, `"until":""`},
	{"null for a fact", roleHeader, `"until":"2026-12-31"`, `"until":null`},
	{"no facts", roleHeader, `,"facts":{"staff":"00000000000000000000000004","role":"moderator","from":"2026-01-01","until":"2026-12-31"}`, ``},
	{"a list for facts", roleHeader, `{"staff":"00000000000000000000000004","role":"moderator","from":"2026-01-01","until":"2026-12-31"}`, `[]`},
	{"a required fact is missing", roleHeader, `"role":"moderator",`, ``},
	{"a role that there is not", roleHeader, `"role":"moderator"`, `"role":"king"`},
	{"a period that ends before it begins", roleHeader, `"until":"2026-12-31"`, `"until":"2025-12-31"`},
	{"a day that there is not", roleHeader, `"from":"2026-01-01"`, `"from":"2026-02-30"`},
	{"about nothing", roleHeader, `"of":"00000000000000000000000002",`, ``},
	{"about the zero id", roleHeader, `"of":"00000000000000000000000002"`, `"of":"00000000000000000000000000"`},
	{"an id of 25 characters", roleHeader, `"id":"00000000000000000000000001"`, `"id":"0000000000000000000000001"`},
	{"an id in capitals", roleHeader, `"id":"00000000000000000000000001"`, `"id":"0000000000000000000000000A"`},
	{"an id of more than 128 bits", roleHeader, `"id":"0`, `"id":"8`},
	{"an id with a letter that is not used", roleHeader, `"id":"00000000000000000000000001"`, `"id":"0000000000000000000000000l"`},
	{"a minute", roleHeader, `T03:00:00Z`, `T03:01:00Z`},
	{"a time with a fraction", roleHeader, `T03:00:00Z`, `T03:00:00.0Z`},
	{"a time of another zone", roleHeader, `T03:00:00Z`, `T10:00:00+07:00`},
	{"a day that the calendar does not have", roleHeader, `2026-03-09T`, `2026-02-29T`},
	{"before 1970", roleHeader, `"at":"2026`, `"at":"1969`},
	{"done by a participant, which is not for them", roleHeader, `{"organisation":"00000000000000000000000002","role":"administrator","staff":"00000000000000000000000003"}`, `"participant"`},
	{"done by an organisation alone, which is not for it", roleHeader, `,"role":"administrator","staff":"00000000000000000000000003"`, ``},
	{"who did it in another order", roleHeader, `"role":"administrator","staff":"00000000000000000000000003"`, `"staff":"00000000000000000000000003","role":"administrator"`},
	{"who did it has more than who", roleHeader, `"staff":"00000000000000000000000003"}`, `"staff":"00000000000000000000000003","name":"x"}`},
	{"a role of who did it that there is not", roleHeader, `"administrator"`, `"king"`},
	{"a section that the kind does not have", roleHeader, `"2026-12-31"}}`, `"2026-12-31"},"sections":{` + sections43 + `}}`},
	{"an empty list of sections, which is to be left out", roleHeader, `"2026-12-31"}}`, `"2026-12-31"},"sections":{}}`},
	{"a version with a zero in front", roleHeader, `"v":1`, `"v":01`},
	{"a version with a fraction", roleHeader, `"v":1`, `"v":1.0`},
	{"not UTF-8 in a fact", viewHeader, `"written":"km"`, "\"written\":\"k\xff\""},
	{"not UTF-8 in a field", viewHeader, `"kind":"statement.registered"`, "\"kind\":\"statement.registered\",\"\xff\":\"\""},
	{"a required section is missing", viewHeader, `,` + sections43, ``},
	{"sections in another order", viewHeader, `"source":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",` + sections43, sections43 + `,"source":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"`},
	{"a section twice", viewHeader, sections43, sections43 + `,` + sections43},
	{"a digest of 42 characters", viewHeader, sections43, `"text":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"`},
	{"a digest with padding", viewHeader, sections43, `"text":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="`},
	{"a digest with bits left over", viewHeader, sections43, `"text":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"`},
	{"a digest in the other alphabet of base64", viewHeader, sections43, `"text":"+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"`},
	{"a theme twice", viewHeader, `["water"]`, `["water","water"]`},
	{"four themes", viewHeader, `["water"]`, `["a","b","c","d"]`},
	{"an empty list that is to be left out", viewHeader, `["water"]`, `[]`},
	{"a code with capitals", viewHeader, `"written":"km"`, `"written":"KM"`},
	{"a code of 65 bytes", viewHeader, `"written":"km"`, `"written":"` + strings.Repeat("k", 65) + `"`},
	{"a channel that there is not", viewHeader, `"channel":"web"`, `"channel":"pigeon"`},
	{"a view that somebody else wrote down, without the language spoken", viewHeader, `"channel":"web","written":"km"`, `"channel":"paper","written":"km","read_back":"yes"`},
	{"read back, though nobody else wrote it down", viewHeader, `"written":"km"`, `"written":"km","read_back":"yes"`},
}

func refusedHeaders(t *testing.T) []refusedHeader {
	t.Helper()
	var all []refusedHeader
	for _, right := range []string{roleHeader, viewHeader} {
		if _, err := DecodeHeader([]byte(right)); err != nil {
			t.Fatalf("what is to be broken is broken: %v", err)
		}
	}
	for _, b := range breaks {
		if strings.Count(b.of, b.old) != 1 {
			t.Fatalf("%s: %q is not there once", b.why, b.old)
		}
		all = append(all, refusedHeader{b.why, "header", loose(strings.Replace(b.of, b.old, b.new, 1))})
	}
	newer := func(old, new string) looseBytes { return loose(strings.Replace(roleHeader, old, new, 1)) }
	ballot := strings.NewReplacer("statement.registered", "ballot.cast", `{"channel":"web","written":"km","themes":["water"],"visibility":"open"}`, "{ }",
		`"source":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",`+sections43, strings.Replace(sections43, "text", "ballot", 1)).Replace(viewHeader)
	return append(all,
		refusedHeader{"a space in empty facts", "header", loose(ballot)},
		refusedHeader{"nothing", "header", looseBytes{}},
		refusedHeader{"no object", "header", loose("null")},
		refusedHeader{"60,001 bytes: one more than a header may have", "header",
			looseBytes{Text: roleHeader[:len(roleHeader)-2], Middle: " ", Times: 60_001 - len(roleHeader), End: "}}"}},
		refusedHeader{"version 0", "unknown", newer(`"v":1`, `"v":0`)},
		refusedHeader{"version 2", "unknown", newer(`"v":1`, `"v":2`)},
		refusedHeader{"a kind that this version does not have", "unknown", newer(`role.granted`, `role.dreamt_of`)},
		refusedHeader{"no kind", "unknown", newer(`role.granted`, ``)},
	)
}

// refusedSections are contents that their digest would fit, and that are still
// none of their kind.
func refusedSections() []refusedSection {
	view, ballot := KindStatementRegistered, KindBallotCast
	id1, id2 := `"00000000000000000000000001"`, `"00000000000000000000000002"`
	text := func(why, content string) refusedSection {
		return refusedSection{why, view, "text", loose(content)}
	}
	return []refusedSection{
		text("a field that it does not have", `{"text":"Roads","more":1}`),
		text("a field twice", `{"text":"Roads","text":"Roads"}`),
		text("bytes after its end", `{"text":"Roads"} `),
		text("two values", `{"text":"Roads"}{"text":"Roads"}`),
		text("a name in capitals", `{"Text":"Roads"}`),
		text("white space", `{"text": "Roads"}`),
		text("an escape where none is needed", `{"text":"Ro\u0061ds"}`),
		text("no escape where one is needed: <, > and & stand as \\u003c, \\u003e and \\u0026", `{"text":"a<b"}`),
		text("not UTF-8", "{\"text\":\"Ro\xffads\"}"),
		text("half a character as an escape", `{"text":"\ud83d"}`),
		text("a control character", `{"text":"Ro\u0000ads"}`),
		text("a character that turns the direction around", `{"text":"Ro`+"\u202e"+`ads"}`),
		text("empty", `{"text":""}`),
		text("nothing that shows", `{"text":"`+"\u200b \u2060"+`"}`),
		text("no text", `{}`),
		text("null", `null`),
		text("nothing", ``),
		text("a number for a text", `{"text":7}`),
		{"60,001 bytes of text", view, "text", looseBytes{Text: `{"text":"`, Middle: "a", Times: 60_001, End: `"}`}},
		{"a participant that is no id", view, "source", loose(`{"participant":"somebody"}`)},
		{"what is null is to be left out", view, "source", loose(`{"participant":null}`)},
		{"no votes", ballot, "ballot", loose(`{"participant":` + id1 + `,"votes":[]}`)},
		{"a statement twice", ballot, "ballot", loose(`{"participant":` + id1 + `,"votes":[{"statement":` + id2 + `,"vote":"agree"},{"statement":` + id2 + `,"vote":"pass"}]}`)},
		{"a vote that there is not", ballot, "ballot", loose(`{"participant":` + id1 + `,"votes":[{"statement":` + id2 + `,"vote":"maybe"}]}`)},
		{"a vote as a number", ballot, "ballot", loose(`{"participant":` + id1 + `,"votes":[{"statement":` + id2 + `,"vote":1}]}`)},
		{"no participant", ballot, "ballot", loose(`{"participant":"00000000000000000000000000","votes":[{"statement":` + id2 + `,"vote":"agree"}]}`)},
		{"a time of zero is to be left out", ballot, "ballot", loose(`{"participant":` + id1 + `,"votes":[{"statement":` + id2 + `,"vote":"agree"}],"time":0}`)},
		{"a time with an exponent", ballot, "ballot", loose(`{"participant":` + id1 + `,"votes":[{"statement":` + id2 + `,"vote":"agree"}],"time":1e3}`)},
		{"languages out of order", KindPlaceRegistered, "names", loose(`{"name":{"km":"ខេត្ត","en":"Province"}}`)},
		{"no name", KindPlaceRegistered, "names", loose(`{"name":{}}`)},
		{"a part that is a text and a gap", KindStatementRedacted, "text", loose(`{"parts":[{"text":"a","gap":"insult"}]}`)},
		{"a gap for a reason that there is not", KindStatementRedacted, "text", loose(`{"parts":[{"gap":"ugly"}]}`)},
		{"statements out of order", KindReleasePublished, "tally", loose(`{"participants":null,"statements":[{"statement":` + id2 + `,"agree":null,"disagree":null,"pass":null},{"statement":` + id1 + `,"agree":null,"disagree":null,"pass":null}]}`)},
		{"a count below zero", KindReleasePublished, "tally", loose(`{"participants":null,"statements":[{"statement":` + id1 + `,"agree":-1,"disagree":0,"pass":0}]}`)},
		{"a map of one group that says several", KindMapPublished, "map", opinionMap(`"finding":"one"`, `"finding":"groups"`)},
		{"a finding that there is not", KindMapPublished, "map", opinionMap(`"finding":"one"`, `"finding":"two"`)},
		{"a statement without its groups", KindMapPublished, "map", opinionMap(`[[10,0,5]]`, `[]`)},
		{"a list of a statement that is not there", KindMapPublished, "map", opinionMap(`"agree":[`, `"agree":["`+sampleOther.String()+`",`)},
		{"a group that is for passing", KindMapPublished, "map", opinionMap(`"vote":"agree"`, `"vote":"pass"`)},
		{"a group out of the picture", KindMapPublished, "map", opinionMap(`"centre":[0,0]`, `"centre":[0,1000001]`)},
		{"votes below zero", KindMapPublished, "map", opinionMap(`[[10,0,5]]`, `[[10,0,-5]]`)},
		{"a stability beyond one", KindMapPublished, "map", opinionMap(`"people":900`, `"people":1001`)},
		{"an age band that there is not", KindParticipantDescribe, "self", loose(`{"participant":` + id1 + `,"age_band":"42"}`)},
		{"seven difficulties", KindParticipantDescribe, "self", loose(`{"participant":` + id1 + `,"difficulties":["a","b","c","d","e","f","g"]}`)},
	}
}

func refusedOpenings(t *testing.T, v vectorFile) []refusedOpening {
	t.Helper()
	s := v.Sealed[0]
	changed := func(data []byte, at int) []byte {
		data = bytes.Clone(data)
		data[at] ^= 1
		return data
	}
	var open sectionVector
	for _, a := range v.Acts {
		for _, section := range a.Sections {
			if section.Name == "text" && a.Kind == KindStatementTranslated { // the one that it was before there were newer samples
				open = section
			}
		}
	}
	return []refusedOpening{
		{"another key", changed(s.Key, 0), s.Digest, nil, s.Stored},
		{"another digest", s.Key, changed(s.Digest, 31), nil, s.Stored},
		{"another nonce", s.Key, s.Digest, nil, changed(s.Stored, 1)},
		{"a changed byte of the ciphertext", s.Key, s.Digest, nil, changed(s.Stored, 25)},
		{"a changed byte of its authenticator", s.Key, s.Digest, nil, changed(s.Stored, len(s.Stored)-1)},
		{"cut off", s.Key, s.Digest, nil, s.Stored[:len(s.Stored)-1]},
		{"only a nonce", s.Key, s.Digest, nil, s.Stored[:25]},
		{"half a nonce", s.Key, s.Digest, nil, s.Stored[:12]},
		{"nothing", s.Key, s.Digest, nil, []byte{}},
		{"for trustees", s.Key, s.Digest, nil, v.Trustees.Stored},
		{"not sealed, with a salt of 15 bytes", s.Key, open.Digest, open.Salt[:15], open.Content},
		{"not sealed, with a salt of 17 bytes", s.Key, open.Digest, append(bytes.Clone(open.Salt), 0), open.Content},
		{"not sealed, with another salt: does not fit its digest", s.Key, open.Digest, changed(open.Salt, 0), open.Content},
		{"not sealed, with other content: does not fit its digest", s.Key, open.Digest, open.Salt, changed(open.Content, 9)},
	}
}

// readRefused holds decoding to refusing all of them, as documented.
func readRefused(t *testing.T, v vectorFile) {
	for _, refused := range v.Headers {
		want := map[string]error{"header": ErrHeader, "unknown": ErrUnknown}[refused.Error]
		if _, err := DecodeHeader(refused.Leaf.bytes()); want == nil || !errors.Is(err, want) {
			t.Errorf("header with %s: %v", refused.Why, err)
		}
	}
	for _, refused := range v.Sections {
		form, has := kinds[refused.Kind].form(refused.Name)
		if !has {
			t.Fatalf("%s has no section %s", refused.Kind, refused.Name)
		}
		a := Act{Header: &Header{Kind: refused.Kind, ID: ID{1}}, Sections: []Section{{Name: refused.Name, Content: refused.Content.bytes()}}}
		if _, err := a.Content(refused.Name, form.body()); !errors.Is(err, ErrContent) {
			t.Errorf("%s with %s: %v", refused.Name, refused.Why, err)
		}
	}
	for _, refused := range v.Openings {
		sealer, err := NewSealer(refused.Key, nil)
		if err != nil {
			t.Fatal(err)
		}
		section, err := sealer.Open("text", Digest(refused.Digest), refused.Salt, refused.Stored)
		if err == nil {
			_, err = Decode(leafWith(t, refused.Digest), []Section{section})
		}
		if err == nil {
			t.Errorf("a section opens: %s", refused.Why)
		}
	}
	if len(v.Headers) < 60 || len(v.Sections) < 30 || len(v.Openings) < 10 {
		t.Error("vectors of what is refused are missing")
	}
}

// leafWith is a header whose section of text has the digest.
func leafWith(t *testing.T, digest []byte) []byte {
	leaf := strings.Replace(viewHeader, sections43, fmt.Sprintf(`"text":"%s"`, Digest(digest)), 1)
	if !json.Valid([]byte(leaf)) {
		t.Fatal("no header")
	}
	return []byte(leaf)
}

// opinionMap is a map's content with a piece of it replaced.
func opinionMap(old, new string) looseBytes {
	id := sampleView.String()
	whole := `{"participants":10,"unplaced":null,"finding":"one","groups":[{"size":10,"centre":[0,0],"spread":[100,100],"holds":[{"statement":"` + id +
		`","vote":"agree"}]}],"statements":[{"statement":"` + id + `","all":[10,0,5],"groups":[[10,0,5]]}],"agree":["` + id +
		`"],"disagree":[],"divide":[],"stability":{"resamples":8,"people":900,"votes":900,"placed":1000}}`
	return loose(strings.Replace(whole, old, new, 1))
}
