package translog_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"samleng/translog"
)

// badFile is a file that is no receipt, made of one that is.
type badFile struct {
	name, now string
	spaces    int
}

func badFiles(good, odd string) []badFile {
	swap := func(old, now string) string { return strings.Replace(good, old, now, 1) }
	salt := good[strings.Index(good, `"salt":"`)+8:][:24]
	hash := good[strings.Index(good, `"inclusion":["`)+14:][:44]
	pending := good[:strings.Index(good, `,"checkpoint":`)] + "}\n"
	// The last digit before the padding has bits that no byte takes: 4 of a
	// salt's, 2 of a hash's.
	loose := func(text string, padding int) string {
		digit := len(text) - padding - 1
		const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
		return text[:digit] + string(digits[strings.IndexByte(digits, text[digit])+1]) + text[digit+1:]
	}
	return []badFile{
		{"empty", "", 0},
		{"null", "null\n", 0},
		{"a list", "[" + strings.TrimSuffix(good, "\n") + "]\n", 0},
		{"cut short", good[:len(good)/2], 0},
		{"not UTF-8", swap("ទឹក", "\xe1\x9e\x9f\xff"), 0},
		{"a byte order mark", "\ufeff" + good, 0},
		{"an unknown field", `{"more":1,` + good[1:], 0},
		{"an unknown field in an opening", swap(`{"name":"text"`, `{"more":1,"name":"text"`), 0},
		{"a repeated field", `{"version":1,` + good[1:], 0},
		{"fields in another order", strings.Replace(swap(`"version":1,"index":5`, `"index":5,"version":1`), " ", " ", 1), 0},
		{"another case", swap(`"version"`, `"Version"`), 0},
		{"white space inside", swap(`"index":`, `"index": `), 0},
		{"white space before", " " + good, 0},
		{"no newline at its end", strings.TrimSuffix(good, "\n"), 0},
		{"two newlines", good + "\n", 0},
		{"more after it", good + "{}\n", 0},
		{"version 2", swap(`"version":1`, `"version":2`), 0},
		{"a version that is no number", swap(`"version":1`, `"version":"1"`), 0},
		{"no version", swap(`"version":1,`, ``), 0},
		{"a negative index", swap(`"index":5`, `"index":-5`), 0},
		{"a negative zero", swap(`"index":5`, `"index":-0`), 0},
		{"a fraction", swap(`"index":5`, `"index":5.0`), 0},
		{"an exponent", swap(`"index":5`, `"index":5e0`), 0},
		{"an index that no log has", swap(`"index":5`, fmt.Sprintf(`"index":%d`, int64(translog.MaxSize))), 0},
		{"an index beyond what is exact in a double", swap(`"index":5`, `"index":9007199254740993`), 0},
		{"a header that is no text", `{"version":1,"index":0,"header":null,"openings":[]}` + "\n", 0},
		{"openings that are null", `{"version":1,"index":0,"header":"","openings":null}` + "\n", 0},
		{"an opening that is null", `{"version":1,"index":0,"header":"","openings":[null]}` + "\n", 0},
		{"an escape that is not needed", swap(`"name":"text"`, `"name":"t\u0065xt"`), 0},
		{"an escaped slash", swap(`log.example/samleng`, `log.example\/samleng`), 0},
		{"a line separator that is not escaped", strings.Replace(odd, `\u2028`, "\u2028", 1), 0},
		{"an escape in capitals", strings.Replace(odd, `\u001f`, `\u001F`, 1), 0},
		{"a long escape where there is a short one", strings.Replace(odd, `\b`, `\u0008`, 1), 0},
		{"an escaped pair of surrogates", swap("\U0001F4A7", `\ud83d\udca7`), 0},
		{"half a pair of surrogates", swap("\U0001F4A7", `\ud83d`), 0},
		{"an escaped angle bracket", strings.Replace(odd, `<`, `\u003c`, 1), 0},
		{"a salt with a loose end", swap(salt, loose(salt, 2)), 0},
		{"a salt with a line break", swap(salt, salt[:8]+`\n`+salt[8:]), 0},
		{"a salt without padding", swap(salt, salt[:22]), 0},
		{"a salt of 15 bytes", swap(salt, base64.StdEncoding.EncodeToString(make([]byte, 15))), 0},
		{"no salt", swap(`"salt":"`+salt+`",`, ``), 0},
		{"a hash with a loose end", swap(hash, loose(hash, 1)), 0},
		{"a hash of 31 bytes", swap(hash, base64.StdEncoding.EncodeToString(make([]byte, 31))), 0},
		{"a hash in hex", swap(hash, strings.Repeat("ab", 32)), 0},
		{"65 hashes", swap(`"inclusion":[`, `"inclusion":[`+strings.Repeat(`"`+hash+`",`, 65)), 0},
		{"an empty checkpoint", strings.Replace(pending, "]}", `],"checkpoint":""}`, 1), 0},
		{"a checkpoint without its proof", good[:strings.Index(good, `,"inclusion":`)] + "}\n", 0},
		{"a proof without its checkpoint", strings.Replace(pending, "]}\n", `],"inclusion":[]}`+"\n", 1), 0},
		{"a proof that is null", good[:strings.Index(good, `"inclusion":`)] + `"inclusion":null}` + "\n", 0},
		{"too long", good, translog.MaxReceipt},
	}
}

// badReceipt is a receipt in which one thing is not as it must be.
type badReceipt struct {
	name       string
	check      translog.Check
	section    string
	damage     func(r *translog.Receipt)
	vocabulary bool
}

func badHeaders() []badReceipt {
	swap := func(name, old, now string) badReceipt {
		return badReceipt{name: name, check: translog.CheckHeader, damage: func(r *translog.Receipt) {
			if !bytes.Contains(r.Header, []byte(old)) {
				panic(name)
			}
			r.Header = bytes.Replace(r.Header, []byte(old), []byte(now), 1)
		}}
	}
	vocabulary := func(b badReceipt) badReceipt { b.vocabulary = true; return b }
	return []badReceipt{
		{name: "no header", check: translog.CheckHeader, damage: func(r *translog.Receipt) { r.Header = nil }},
		{name: "a header with a space behind it", check: translog.CheckHeader, damage: func(r *translog.Receipt) { r.Header = append(r.Header, ' ') }},
		{name: "a header cut short", check: translog.CheckHeader, damage: func(r *translog.Receipt) { r.Header = r.Header[:len(r.Header)-3] }},
		{name: "a header that is too long", check: translog.CheckHeader, damage: func(r *translog.Receipt) {
			r.Header = bytes.Replace(r.Header, []byte(`"water"`), []byte(`"`+strings.Repeat("w", 60_000)+`"`), 1)
		}},
		swap("a header of version 2", `{"v":1`, `{"v":2`),
		swap("an unknown kind", `statement.registered`, `statement.imagined`),
		swap("an id of zeroes", `"id":"01081g0000000000000000000`, `"id":"00000000000000000000000000","x":"`),
		swap("fields of a header in another order", `{"v":1,"kind":"statement.registered"`, `{"kind":"statement.registered","v":1`),
		swap("a time that is no hour", `T09:00:00Z`, `T09:30:00Z`),
		swap("a day that there is not", `2026-03-12T`, `2026-02-30T`),
		swap("an hour that there is not", `T09:00:00Z`, `T24:00:00Z`),
		swap("a time before 1970", `2026-03-12T`, `1969-03-12T`),
		swap("a time in another zone", `09:00:00Z`, `09:00:00+`),
		swap("by nobody known", `"by":"participant"`, `"by":"somebody"`),
		swap("white space in the facts", `"facts":{`, `"facts":{ `),
		swap("an escape in a name", `"text":"`, `"te\u0078t":"`),
		swap("facts that are a list", `"facts":{`, `"facts":[{`),
		swap("an unknown field of a header", `,"facts"`, `,"more":1,"facts"`),
		swap("sections out of order", `"sections":{"detail"`, `"sections":{"zdetail"`),
		swap("a section twice", `"detail":"`, `"detail":"`+strings.Repeat("A", 43)+`","detail":"`),
		swap("a digest with a loose end", `,"text":"`, `,"tex":"`+strings.Repeat("A", 42)+`B","text":"`),
		swap("a digest that is too short", `,"text":"`, `,"tex":"`+strings.Repeat("A", 42)+`","text":"`),
		vocabulary(swap("an unknown fact", `"facts":{`, `"facts":{"more":1,`)),
		vocabulary(swap("a section that the kind does not have", `"text":"`, `"texts":"`)),
	}
}

func badOpenings() []badReceipt {
	open := func(name, section string, damage func(r *translog.Receipt)) badReceipt {
		return badReceipt{name: name, check: translog.CheckOpening, section: section, damage: damage}
	}
	return []badReceipt{
		open("a word changed", "text", func(r *translog.Receipt) {
			r.Openings[0].Content = bytes.Replace(r.Openings[0].Content, []byte("ទឹក"), []byte("ភ្លើង"), 1)
		}),
		open("the salt changed", "text", func(r *translog.Receipt) { r.Openings[0].Salt[15] ^= 1 }),
		open("under another section's name", "detail", func(r *translog.Receipt) { r.Openings[0].Name = "detail" }),
		open("a section that the act does not have", "ballot", func(r *translog.Receipt) { r.Openings[0].Name = "ballot" }),
		open("a section without a name", "", func(r *translog.Receipt) { r.Openings[0].Name = "" }),
		open("a section opened twice", "text", func(r *translog.Receipt) { r.Openings = append(r.Openings, r.Openings[0]) }),
		open("words changed while pending", "text", func(r *translog.Receipt) {
			r.Openings[0].Content, r.Checkpoint, r.Inclusion = []byte(`{"text":"ផ្សេង"}`), nil, nil
		}),
	}
}

func badSignatures(t *testing.T, c cast) []badReceipt {
	edit := func(name string, damage func(note []byte) []byte) badReceipt {
		return badReceipt{name: name, check: translog.CheckSignature, damage: func(r *translog.Receipt) {
			before := string(r.Checkpoint)
			if r.Checkpoint = damage(r.Checkpoint); string(r.Checkpoint) == before {
				panic(name)
			}
		}}
	}
	swap := func(name, old, now string) badReceipt {
		return edit(name, func(n []byte) []byte { return bytes.Replace(n, []byte(old), []byte(now), 1) })
	}
	signed := func(name string, text func(lines []string) string, signers ...note.Signer) badReceipt {
		return edit(name, func(n []byte) []byte {
			lines := strings.SplitAfterN(string(n), "\n", 4)[:3]
			return must[[]byte](t)(note.Sign(&note.Note{Text: text(lines)}, signers...))
		})
	}
	same := func(lines []string) string { return strings.Join(lines, "") }
	// flip changes a bit of the signature in the line that begins with a name.
	flip := func(name, who string, at int) badReceipt {
		return edit(name, func(n []byte) []byte {
			lines := strings.SplitAfter(string(n), "\n")
			for i, line := range lines {
				if rest, is := strings.CutPrefix(line, "\u2014 "+who+" "); is {
					raw := must[[]byte](t)(base64.StdEncoding.DecodeString(strings.TrimSuffix(rest, "\n")))
					raw[at] ^= 1
					lines[i] = "\u2014 " + who + " " + base64.StdEncoding.EncodeToString(raw) + "\n"
				}
			}
			return []byte(strings.Join(lines, ""))
		})
	}
	witness := c.ministry.Name()
	return []badReceipt{
		edit("a checkpoint cut short", func(n []byte) []byte { return n[:40] }),
		edit("no signature", func(n []byte) []byte { return n[:bytes.Index(n, []byte("\u2014"))] }),
		edit("a checkpoint that is too long", func(n []byte) []byte { return append(bytes.Repeat([]byte("x"), 65536), n...) }),
		edit("more than 100 signatures", func(n []byte) []byte {
			return append(n, strings.Repeat("\u2014 other.example "+base64.StdEncoding.EncodeToString(make([]byte, 68))+"\n", 99)...)
		}),
		edit("a carriage return", func(n []byte) []byte { return bytes.ReplaceAll(n, []byte("\n"), []byte("\r\n")) }),
		edit("a signature line without a dash", func(n []byte) []byte { return append(n, "- other.example AAAAAAA=\n"...) }),
		edit("a signature that is too short", func(n []byte) []byte { return append(n, "\u2014 other.example AAAAAA==\n"...) }),
		edit("a signature that is not base64", func(n []byte) []byte { return append(n, "\u2014 other.example AAAAA*A=\n"...) }),
		edit("a signature under a name with a plus sign", func(n []byte) []byte { return append(n, "\u2014 other+example AAAAAAA=\n"...) }),
		flip("the log's signature changed", testOrigin, 40),
		flip("the log's key changed", testOrigin, 0),
		flip("a known witness's signature changed", witness, 40),
		flip("a known witness's time changed", witness, 11),
		flip("a known witness's time that there is not", witness, 4),
		swap("another size", "\n12\n", "\n13\n"),
		swap("another log", testOrigin, "log.example/another"),
		signed("signed with an unknown key of the log's name", same, c.foreign),
		signed("signed by a witness alone", same, c.ministry),
		signed("another log, rightly signed", func(l []string) string { return "log.example/another\n" + l[1] + l[2] }, c.log),
		signed("an extension line", func(l []string) string { return same(l) + "more\n" }, c.log),
		signed("a size with a zero before it", func(l []string) string { return l[0] + "0" + l[1] + l[2] }, c.log),
		signed("a size with a sign", func(l []string) string { return l[0] + "+" + l[1] + l[2] }, c.log),
		signed("a size that no log has", func(l []string) string { return l[0] + "281474976710657\n" + l[2] }, c.log),
		signed("a root of 31 bytes", func(l []string) string {
			return l[0] + l[1] + base64.StdEncoding.EncodeToString(make([]byte, 31)) + "\n"
		}, c.log),
		signed("a root with a loose end", func(l []string) string { return l[0] + l[1] + strings.Repeat("A", 42) + "B=\n" }, c.log),
		signed("an empty log with a root", func(l []string) string { return l[0] + "0\n" + l[2] }, c.log),
	}
}

func badProofs(t *testing.T, c cast) []badReceipt {
	proof := func(name string, damage func(r *translog.Receipt)) badReceipt {
		return badReceipt{name: name, check: translog.CheckInclusion, damage: damage}
	}
	return []badReceipt{
		proof("another place", func(r *translog.Receipt) { r.Index = 4 }),
		proof("a place past the end", func(r *translog.Receipt) { r.Index = 12 }),
		proof("a place 2^32 further", func(r *translog.Receipt) { r.Index += 1 << 32 }),
		proof("a proof with a bit changed", func(r *translog.Receipt) { r.Inclusion[1][0] ^= 1 }),
		proof("a proof without its first hash", func(r *translog.Receipt) { r.Inclusion = r.Inclusion[1:] }),
		proof("a proof without its last hash", func(r *translog.Receipt) { r.Inclusion = r.Inclusion[:len(r.Inclusion)-1] }),
		proof("a proof with a hash more", func(r *translog.Receipt) { r.Inclusion = append(r.Inclusion, r.Inclusion[0]) }),
		proof("a proof in another order", func(r *translog.Receipt) {
			r.Inclusion[0], r.Inclusion[1] = r.Inclusion[1], r.Inclusion[0]
		}),
		proof("an empty proof", func(r *translog.Receipt) { r.Inclusion = nil }),
		proof("another root, rightly signed", func(r *translog.Receipt) {
			r.Checkpoint = must[[]byte](t)(translog.Sign(translog.Checkpoint{Origin: testOrigin, Size: 12, Root: translog.LeafHash(nil)}, c.log))
		}),
		proof("an empty log, rightly signed", func(r *translog.Receipt) {
			r.Checkpoint = must[[]byte](t)(translog.Sign(translog.Checkpoint{Origin: testOrigin, Root: translog.EmptyRoot()}, c.log))
		}),
		proof("the same size modulo 2^32", func(r *translog.Receipt) {
			root, _ := growing(translog.LeafHash(r.Header), 5, 12)
			r.Checkpoint = must[[]byte](t)(translog.Sign(translog.Checkpoint{Origin: testOrigin, Size: 1<<32 + 12, Root: root}, c.log))
		}),
		proof("another act with its words", func(r *translog.Receipt) {
			a := statement(t, "ពាក្យផ្សេង")
			r.Header, r.Openings = a.Leaf, nil
		}),
	}
}
