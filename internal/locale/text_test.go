package locale

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestGraphemes(t *testing.T) {
	for s, want := range map[string]int{
		"": 0, "abc": 3, "ស្ត្រី": 1, "ខ្ញុំ": 1, "សិទ្ធិ": 2, "កម្ពុជា": 3, "ឱ្យ": 1,
		"ខ្ញុំ\u200bចង់": 3, "\u200b\u200b": 0, "e\u0301": 1, "👩‍👩‍👧‍👦🇰🇭": 2, "a\r\nb": 3, "ក្\u200dខ": 1, "你好": 2,
		"ក្ ខ": 3, "ក្": 1,
	} {
		if got := Graphemes(s); got != want {
			t.Errorf("Graphemes(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestTruncate(t *testing.T) {
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{
		{"ស្ត្រីខ្ញុំសិទ្ធិ", 4, "ស្ត្រីខ្ញុំសិទ្ធិ"},
		{"ស្ត្រីខ្ញុំសិទ្ធិ", 3, "ស្ត្រីខ្ញុំ…"},
		{"ស្ត្រីខ្ញុំសិទ្ធិ", 1, "…"},
		{"ស្ត្រី", 0, ""}, {"", 3, ""},
		{"one two", 5, "one…"},
		{"ភ្នំ\u200bពេញ", 2, "ភ្នំ…"},
	} {
		if got := Truncate(c.s, c.n); got != c.want {
			t.Errorf("Truncate(%q, %d) = %q, want %q", c.s, c.n, got, c.want)
		}
	}
}

func TestTruncateNeverCutsACharacter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		truncates(t, khmerish().Draw(t, "text"), rapid.IntRange(0, 8).Draw(t, "n"))
	})
}

func FuzzTruncate(f *testing.F) {
	f.Add("ស្ត្រីខ្ញុំសិទ្ធិ", 2)
	f.Add("\u200b\u17d2\u200dក\xff", 1)
	f.Fuzz(func(t *testing.T, s string, n int) { truncates(t, s, n) })
}

func truncates(t interface{ Fatalf(string, ...any) }, s string, n int) {
	got := Truncate(s, n)
	if n <= 0 {
		if got != "" {
			t.Fatalf("Truncate(%+q, %d) = %+q", s, n, got)
		}
		return
	}
	if count := Graphemes(s); count <= n {
		if got != s {
			t.Fatalf("Truncate(%+q, %d) = %+q, but it has %d characters only", s, n, got, count)
		}
		return
	}
	head, cut := strings.CutSuffix(got, "…")
	if !cut || !strings.HasPrefix(s, head) || Graphemes(head) > n-1 {
		t.Fatalf("Truncate(%+q, %d) = %+q", s, n, got)
	}
	next, _ := utf8.DecodeRuneInString(s[len(head):])
	if isKhmerMark(next) && head != "" && isKhmerBase(lastVisible(head)) || isKhmerBase(next) && endsInCoeng(head) {
		t.Fatalf("Truncate(%+q, %d) = %+q cuts before %+q", s, n, got, next)
	}
}

func lastVisible(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

func TestIsBlank(t *testing.T) {
	for s, want := range map[string]bool{
		"": true, " \n\t": true, "\u200b": true, "\u200b\u00a0\ufeff\u3000\u2060": true, "\u2800": true,
		"ក": false, ".": false, "\u200bក\u200b": false, "\u3164": true,
	} {
		if got := IsBlank(s); got != want {
			t.Errorf("IsBlank(%+q) = %t", s, got)
		}
	}
}

func TestControlCharacters(t *testing.T) {
	for s, want := range map[string]bool{
		"one\ntwo": false, "one\r\ntwo": false, "one\ttwo": false, "ស្ត្រី\u200bខ្ញុំ": false, "👩‍👩‍👧": false,
		"\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f": false, // a flag
		"a\x00b": true, "\x1b[31m": true, "a\rb": true, "a\r": true, "\u0085": true, "\u009b": true, "\x7f": true,
		"\u202egpj.exe": true, "\u2066": true, "a\xff": true, "\ufffe": true, "\U0001fffe": true,
		"hidden\U000e0041": true,
	} {
		if got := ControlCharacters(s); got != want {
			t.Errorf("ControlCharacters(%+q) = %t", s, got)
		}
	}
}
