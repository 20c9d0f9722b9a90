package locale

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"golang.org/x/text/feature/plural"

	"samleng/act"
)

var update = flag.Bool("update", false, "put the keys of the message files in order")

var parameter = regexp.MustCompile(`\{[^{}]*\}`)

// parameters are the names in a message, every plural form counted together.
func parameters(m message) []string {
	names := map[string]bool{}
	for _, text := range m {
		for _, name := range parameter.FindAllString(text, -1) {
			names[name] = true
		}
	}
	var list []string
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func TestEveryLanguageSaysTheSame(t *testing.T) {
	if want := []string{"km", "en"}; !slices.Equal(Languages(), want) {
		t.Fatalf("Languages() = %v, want %v", Languages(), want)
	}
	reference := Get("en")
	for _, tag := range Languages() {
		l := Get(tag)
		for _, key := range reference.Keys() {
			if !l.Has(key) {
				t.Errorf("%s lacks %s", tag, key)
			} else if got, want := parameters(l.messages[key]), parameters(reference.messages[key]); !slices.Equal(got, want) {
				t.Errorf("%s: %s has the parameters %v, not %v", tag, key, got, want)
			}
		}
		for _, key := range l.Keys() {
			if !reference.Has(key) {
				t.Errorf("%s has %s, which English lacks", tag, key)
			}
			for form, text := range l.messages[key] {
				if act.Blank(text) || act.HasControls(text) || strings.TrimSpace(text) != text || LegacyKhmer(text) {
					t.Errorf("%s: %s (%v) is empty, has spaces at its ends or signs nobody types: %q", tag, key, form, text)
				}
			}
		}
	}
	for _, key := range Get("km").Keys() {
		if len(Get("km").messages[key]) != 1 {
			t.Errorf("km: %s has plural forms; Khmer has none", key)
		}
	}
}

var keyForm = regexp.MustCompile(`^[a-z]+(\.[A-Za-z0-9_]+)+$`)

// TestCatalogueOrder reads the files as text: one key a line, language.* first,
// the rest sorted, no key twice. With -update it puts the lines in order.
func TestCatalogueOrder(t *testing.T) {
	for _, tag := range Languages() {
		name := filepath.Join("messages", tag+".json")
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		lines := map[string]string{}
		for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
			line = strings.TrimSuffix(strings.TrimSpace(line), ",")
			if line == "{" || line == "}" {
				continue
			}
			var one map[string]json.RawMessage
			if err := json.Unmarshal([]byte("{"+line+"}"), &one); err != nil || len(one) != 1 {
				t.Fatalf("%s:%d: not one key: %s", name, i+1, line)
			}
			for key := range one {
				if !keyForm.MatchString(key) {
					t.Errorf("%s:%d: key %q is not area.name", name, i+1, key)
				}
				if lines[key] != "" {
					t.Errorf("%s:%d: %s stands twice", name, i+1, key)
				}
				keys = append(keys, key)
				lines[key] = line
			}
		}
		sorted := slices.Clone(keys)
		slices.SortFunc(sorted, compareKeys)
		if slices.Equal(keys, sorted) {
			continue
		}
		if !*update {
			t.Errorf("%s is out of order; go test ./internal/locale -run TestCatalogueOrder -update puts it right", name)
			continue
		}
		var b bytes.Buffer
		for i, key := range slices.Compact(sorted) {
			fmt.Fprintf(&b, "%s\n  %s", map[bool]string{true: "{", false: ","}[i == 0], lines[key])
		}
		b.WriteString("\n}\n")
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func compareKeys(a, b string) int {
	if first := strings.HasPrefix(a, "language."); first != strings.HasPrefix(b, "language.") {
		if first {
			return -1
		}
		return 1
	}
	return strings.Compare(a, b)
}

// latinInKhmer are the Latin words that stand in Khmer messages on purpose:
// names, formats and units for which Khmer readers use Latin letters.
var latinInKhmer = map[string]bool{
	"ABC": true, "API": true, "CSV": true, "JSON": true, "KB": true, "Limon": true, "MB": true,
	"PDF": true, "QR": true, "URL": true, "UTF": true, "Samleng": true, "samleng": true, "Polis": true,
	"TOTP": true, "HTTP": true, "SHA": true, "Go": true, "go": true, "run": true, "serve": true,
}

var latinWord = regexp.MustCompile(`\p{Latin}+`)

func TestKhmerIsTranslated(t *testing.T) {
	km, en := Get("km"), Get("en")
	for _, key := range km.Keys() {
		for _, text := range km.messages[key] {
			bare := parameter.ReplaceAllString(text, "")
			for _, word := range latinWord.FindAllString(bare, -1) {
				if !latinInKhmer[word] {
					t.Errorf("km: %s holds the Latin word %q: %s", key, word, text)
				}
			}
			if text == en.messages[key][plural.Other] && strings.ContainsFunc(bare, unicode.IsLetter) {
				t.Errorf("km: %s is the English text", key)
			}
		}
	}
}

// TestTermsOneWay keeps the messages to the list of terms.
func TestTermsOneWay(t *testing.T) {
	km, en := Get("km"), Get("en")
	for _, key := range km.Keys() {
		for _, text := range km.messages[key] {
			folded := Fold(text)
			for _, bad := range avoidedKhmer {
				if strings.Contains(folded, Fold(bad)) {
					t.Errorf("km: %s says %s: %s", key, bad, text)
				}
			}
		}
		for _, text := range en.messages[key] {
			for _, bad := range avoidedEnglish {
				if strings.Contains(strings.ToLower(text), bad) {
					t.Errorf("en: %s says %q: %s", key, bad, text)
				}
			}
		}
	}
	for key, term := range terms {
		if !strings.Contains(km.T(key), term) {
			t.Errorf("km: %s is %q, but the list of terms has %s", key, km.T(key), term)
		}
	}
}

func TestText(t *testing.T) {
	en, km := Get("en"), Get("km")
	for _, c := range []struct{ got, want string }{
		{en.T("deadline.late", "n", 1), "1 working day late"},
		{en.T("deadline.late", "n", 1200), "1,200 working days late"},
		{en.T("deadline.late", "n", int64(0)), "0 working days late"},
		{km.T("deadline.late", "n", 1), "ហួសកំណត់ 1 ថ្ងៃធ្វើការ"},
		{en.T("no.such_key", "n", 1), "⟦no.such_key⟧"},
		{en.T("date.short", "day", "3"), "3 {month} {year}"},
		// What a person wrote is not read for parameters again.
		{en.T("deadline.today", "date", "{date} {n}", "n", 4), "by today, {date} {n}"},
		{Get("xx").Tag(), "km"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	if Known("xx") || !Known("km") {
		t.Error("Known does not tell the languages we have from others")
	}
}

func TestALanguageIsAFile(t *testing.T) {
	km := &fstest.MapFile{Data: []byte(`{"language.name": "ខ្មែរ"}`)}
	all, err := load(fstest.MapFS{"messages/km.json": km, "messages/pl.json": {Data: []byte(
		`{"a.b": {"one": "{n} dom", "few": "{n} domy", "many": "{n} domów", "other": "{n} domu"}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{1: "1 dom", 3: "3 domy", 5: "5 domów", 22: "22 domy", 112: "112 domów"} {
		if got := all["pl"].T("a.b", "n", n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
	for name, broken := range map[string]fstest.MapFS{
		"not JSON":         {"messages/km.json": {Data: []byte(`{`)}},
		"no language":      {"messages/km.json": km, "messages/what_is.json": {Data: []byte(`{}`)}},
		"no fallback":      {"messages/en.json": {Data: []byte(`{}`)}},
		"no other":         {"messages/km.json": {Data: []byte(`{"a.b": {"one": "x"}}`)}},
		"unknown form":     {"messages/km.json": {Data: []byte(`{"a.b": {"oen": "x", "other": "y"}}`)}},
		"neither, a value": {"messages/km.json": {Data: []byte(`{"a.b": 7}`)}},
	} {
		if _, err := load(broken); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
