package locale

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"samleng/act"
)

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
	if count := act.Clusters(s); count <= n {
		if got != s {
			t.Fatalf("Truncate(%+q, %d) = %+q, but it has %d characters only", s, n, got, count)
		}
		return
	}
	head, cut := strings.CutSuffix(got, "…")
	if !cut || !strings.HasPrefix(s, head) || act.Clusters(head) > n-1 {
		t.Fatalf("Truncate(%+q, %d) = %+q", s, n, got)
	}
	next, _ := utf8.DecodeRuneInString(s[len(head):])
	if isKhmerMark(next) && head != "" && isKhmerBase(lastVisible(head)) || isKhmerBase(next) && lastVisible(head) == coeng {
		t.Fatalf("Truncate(%+q, %d) = %+q cuts before %+q", s, n, got, next)
	}
}

func lastVisible(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}
