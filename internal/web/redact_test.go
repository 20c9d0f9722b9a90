package web

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"samleng/act"
)

func TestRedacted(t *testing.T) {
	for _, c := range []struct {
		name, text string
		passages   []passage
		want       string // gaps as «reason»
		wrong      string // the key of the first problem
	}{
		{"every place", "a b a", []passage{{"a", "insult"}}, "«insult» b «insult»", ""},
		{"white space at the ends of what was copied", "one two three", []passage{{" two \r\n", "danger"}}, "one «danger» three", ""},
		{"line ends as browsers send them", "one\ntwo three", []passage{{"one\r\ntwo", "danger"}}, "«danger» three", ""},
		{"and as they were stored", "one\r\ntwo three", []passage{{"one\ntwo", "danger"}}, "«danger» three", ""},
		{"word breaks that copying loses", "ភូមិ\u200bស្ទឹង\u200bត្រែង", []passage{{"ស្ទឹងត្រែង", "personal_data"}}, "ភូមិ\u200b«personal_data»", ""},
		{"word breaks that copying adds", "ភូមិស្ទឹងត្រែង", []passage{{"ស្ទឹង\u200bត្រែង", "personal_data"}}, "ភូមិ«personal_data»", ""},
		{"whole letters only", "ស្ត្រី និង ស", []passage{{"ស", "insult"}}, "ស្ត្រី និង «insult»", ""},
		{"a piece of a letter", "ស្ត្រី", []passage{{"ស", "insult"}}, "ស្ត្រី", "problem.passage_cut"},
		{"not there", "one", []passage{{"two", "insult"}}, "one", "problem.passage_missing"},
		{"nothing", "one", []passage{{" \u200b", "insult"}}, "one", "problem.text_empty"},
		{"overlapping: the first reason stands", "abcd", []passage{{"bc", "insult"}, {"cd", "danger"}}, "a«insult»«danger»", ""},
		{"side by side, one gap", "abab", []passage{{"ab", "insult"}}, "«insult»", ""},
		{"capital letters differ", "Ann ann", []passage{{"Ann", "insult"}}, "«insult» ann", ""},
		{"a flag is one letter", "🇰🇭🇫🇷", []passage{{"🇰🇭", "insult"}}, "«insult»🇫🇷", ""},
	} {
		open, wrong := redacted(c.text, c.passages)
		var got strings.Builder
		for _, part := range open.Parts {
			got.WriteString(part.Text)
			if part.Gap != "" {
				got.WriteString("«" + part.Gap + "»")
			}
		}
		key := ""
		for _, p := range wrong {
			if p != nil && key == "" {
				key = p.Key
			}
		}
		if got.String() != c.want || key != c.wrong {
			t.Errorf("%s: %q (%s), want %q (%s)", c.name, got.String(), key, c.want, c.wrong)
		}
	}
}

// TestRedactedKeepsTheRest: what is not left out stands byte for byte in its
// order, and nothing that was asked to be left out can be read any more.
func TestRedactedKeepsTheRest(t *testing.T) {
	letters := []rune("ab ស្តរី\u200b\r\n🇰🇭e\u0301")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom(letters), 1, 30, -1).Draw(t, "text")
		var passages []passage
		for range rapid.IntRange(1, 3).Draw(t, "n") {
			passages = append(passages, passage{rapid.StringOfN(rapid.SampledFrom(letters), 1, 4, -1).Draw(t, "passage"), "insult"})
		}
		open, wrong := redacted(text, passages)
		rest := text
		for i, part := range open.Parts {
			if part.Gap != "" {
				continue
			}
			at := strings.Index(rest, part.Text)
			if at < 0 || i == 0 && at != 0 {
				t.Fatalf("%q is no piece of %q in its order", part.Text, text)
			}
			rest = rest[at+len(part.Text):]
		}
		for i, p := range passages {
			// Inside a piece that still stands, the passage is not found again
			// as whole letters.
			for _, part := range open.Parts {
				if again, _ := redacted(part.Text, []passage{p}); wrong[i] == nil && len(gaps(again)) > 0 {
					t.Fatalf("%q still stands in %q of %q", p.Text, part.Text, text)
				}
			}
		}
		if len(gaps(open)) > 0 && act.HasControls(text) == false {
			for _, part := range open.Parts {
				if act.HasControls(part.Text) {
					t.Fatalf("a piece of %q has control characters that the whole has not: %q", text, part.Text)
				}
			}
		}
	})
}

func FuzzRedacted(f *testing.F) {
	f.Add("Mr. A of B", "Mr. A", "B")
	f.Add("ស្ត្រី\u17d2", "ស\u17d2", "\r\n")
	f.Fuzz(func(t *testing.T, text, one, two string) {
		open, _ := redacted(text, []passage{{one, "insult"}, {two, "danger"}})
		n := 0
		for _, part := range open.Parts {
			n += len(part.Text)
			if (part.Text == "") == (part.Gap == "") {
				t.Fatalf("a part that is neither text nor gap: %+v", part)
			}
		}
		if n > len(text) || len(gaps(open)) == 0 && n != len(text) {
			t.Fatalf("%d bytes of %d", n, len(text))
		}
	})
}
