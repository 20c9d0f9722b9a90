package locale

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"samleng/act"
)

// shared finds a file of the data that real runs are tested with.
func shared(t testing.TB, path ...string) string {
	t.Helper()
	root := os.Getenv("SAMLENG_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	name := filepath.Join(append([]string{root, "data"}, path...)...)
	if found, err := filepath.Glob(name); err != nil || len(found) == 0 {
		t.Skipf("no %s: set SAMLENG_SHARED to the folder that holds data/ to run this test", filepath.Join(path...))
	}
	return name
}

// Each line: texts that look alike to a reader.
var pictures = [][]string{
	{"ស្ត្រី", "\u179f\u17d2\u178f\u17d2\u179a\u17b8", "\u179f\u17d2\u179a\u17d2\u178f\u17b8", "\u179f\u17d2\u178a\u17d2\u179a\u17b8", "\u179f\u17d2\u179a\u17d2\u178a\u17b8"},
	{"សិទ្ធិ", "\u179f\u17b7\u1791\u17d2\u1792\u17b7", "\u179f\u17b7\u1791\u17b7\u17d2\u1792"},
	{"ខ្ញុំ", "\u1781\u17d2\u1789\u17bb\u17c6", "\u1781\u17d2\u1789\u17c6\u17bb", "\u1781\u17bb\u17d2\u1789\u17c6", "\u1781\u17d2\u1789\u17bb\u17c6\u200b"},
	{"កើ", "\u1780\u17be", "\u1780\u17c1\u17b8", "\u1780\u17b8\u17c1"},
	{"កោ", "\u1780\u17c4", "\u1780\u17c1\u17b6", "\u1780\u17b6\u17c1"},
	{"កណ្តាល", "\u1780\u178e\u17d2\u178f\u17b6\u179b", "\u1780\u178e\u17d2\u178a\u17b6\u179b", "\u1780\u178e\u17b6\u17d2\u178a\u179b"},
	{"ស៊ី", "\u179f\u17ca\u17b8", "\u179f\u17b8\u17ca", "\u179f\u17bb\u17b8", "\u179f\u17c9\u17b8"},
	{"កុំ", "\u1780\u17bb\u17c6", "\u1780\u17c6\u17bb"},
	{"ឱ្យ", "\u17b1\u17d2\u1799", "\u17b2\u17d2\u1799"},
	{"អោ", "\u17a2\u17c4", "\u17a3\u17c1\u17b6", "\u17a4\u17c1"},
	{"។ល។", "\u17d8"},
	{"ធម៌", "\u1792\u1798\u17cc"},
	{"ភូមិ ១៦០២", "ភូមិ 1602", " ភូមិ\u00a0\u200b១៦02\n"},
	{"ភ្នំពេញ", "ភ្នំ\u200bពេញ", "ភ្នំ\u200cពេ\u200dញ", "\ufeffភ្នំ\u00adពេញ", "ភ្នំ\u2060ពេ\u2063ញ"},
	{"\u1780\u17dd\u17d2\u1781", "\u1780\u17d2\u17dd\u1781", "\u1780\u17d2\u1781\u17dd"},
	{"Ratanakkiri", "RATANAKKIRI", "rătanăkkiri"},
	{"Kratié", "kratie", "Kratie\u0301", "ＫＲＡＴＩＥ"},
	{"Đắk Lắk", "dak lak"},
	{"Straße", "STRASSE", "strasse"},
}

func TestFoldUnitesPictures(t *testing.T) {
	seen := map[string]string{}
	for _, alike := range pictures {
		key := Fold(alike[0])
		for _, s := range alike {
			if got := Fold(s); got != key {
				t.Errorf("Fold(%+q) = %+q, but %s has %+q", s, got, alike[0], key)
			}
			// Whoever normalises on the way must not lose the text.
			for _, form := range []norm.Form{norm.NFC, norm.NFD, norm.NFKC, norm.NFKD} {
				if got := Fold(form.String(s)); got != key {
					t.Errorf("Fold(normal form of %+q) = %+q, want %+q", s, got, key)
				}
			}
		}
		if other, taken := seen[key]; taken {
			t.Errorf("%s and %s have one key", alike[0], other)
		}
		seen[key] = alike[0]
	}
}

func TestFoldKeepsWordsApart(t *testing.T) {
	for _, pair := range [][2]string{
		{"កា", "គា"}, {"ដី", "តី"}, {"កុំ", "កំ"}, {"បី", "ប៉ី"}, {"ប៉ា", "បា"}, {"ក្រ", "ករ"}, {"ល្អ", "លអ"}, {"កេ", "កែ"},
		{"ກາ", "ກິ"}, {"किरण", "करण"}, // the marks of other scripts are vowels
	} {
		if Fold(pair[0]) == Fold(pair[1]) {
			t.Errorf("%s and %s are different words and have one key", pair[0], pair[1])
		}
	}
}

func TestFoldFindsProvince08AndItsVillages(t *testing.T) {
	file, err := os.Open(shared(t, "places", "cambodia.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{"\u1780\u178e\u17d2\u178f\u17b6\u179b", "\u1780\u178e\u17d2\u178a\u17b6\u179b"} {
		found := map[string]bool{}
		for _, row := range rows[1:] {
			if strings.Contains(Fold(row[5]), Fold(typed)) {
				found[row[0]] = true
			}
		}
		if !found["08"] || len(found) < 2 {
			t.Errorf("%+q finds %v, want province 08 and the district named after it", typed, found)
		}
	}
}

func TestFoldIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { foldTwice(t, khmerish().Draw(t, "text")) })
}

func FuzzFold(f *testing.F) {
	for _, alike := range pictures {
		for _, s := range alike {
			f.Add(s)
		}
	}
	f.Add("\xff\u17d2\u17d2\u17dd\u0301")
	f.Fuzz(func(t *testing.T, s string) { foldTwice(t, s) })
}

func foldTwice(t interface {
	Helper()
	Fatalf(string, ...any)
}, s string) {
	t.Helper()
	once := Fold(s)
	if twice := Fold(once); twice != once {
		t.Fatalf("Fold(%+q) = %+q, again %+q", s, once, twice)
	}
	// A character may be spelled out (㎢, ﷺ), but a key stays within reach of
	// its text, or a search field could be made to eat memory.
	if len(once) > 18*len(s) {
		t.Fatalf("Fold makes %d bytes of %d", len(once), len(s))
	}
	if once == "" && strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.L, unicode.Nd) && !act.Invisible(r) }) {
		t.Fatalf("%+q holds a letter and has no key", s)
	}
	if act.Blank(s) && strings.Trim(once, "\u2800 ") != "" {
		t.Fatalf("%+q is blank and has the key %+q", s, once)
	}
}
