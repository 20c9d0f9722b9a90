package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"samleng/audit"
	"samleng/translog"
)

func pin(t *testing.T, content string) (audit.Config, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pinned")
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	var config audit.Config
	err := readPinned(name, &config)
	return config, err
}

// TestPinnedPaper reads files of keys, roots and papers, in every order.
func TestPinnedPaper(t *testing.T) {
	var seed [64]byte
	_, key, err := translog.GenerateKey(strings.NewReader(string(seed[:])), testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	first, second := translog.Checkpoint{Size: 301, Root: translog.LeafHash([]byte("a"))}, translog.Checkpoint{Size: 402, Root: translog.LeafHash([]byte("b"))}
	named := translog.Checkpoint{Origin: testOrigin, Size: first.Size, Root: first.Root}
	one, two := named.Paper("2026-03-12"), second.Paper("")
	digits, check := second.PaperSize()
	bare := digits + check + "\n"
	for _, line := range second.PaperRoot() {
		bare += strings.Join(line.Groups, "") + line.Check + "\n"
	}
	plain := "7 " + translog.LeafHash(nil).String() + "\n"
	for _, c := range []struct {
		about, content string
		keys, seen     int
		origin         string
		wrong          []string // nil where it is read
	}{
		{"key, root, papers", key + "\n" + plain + one + "\n" + two, 1, 3, testOrigin, nil},
		{"paper before key and root", one + key + "\n" + two + plain, 1, 3, testOrigin, nil},
		{"a key twice", key + "\n" + plain + key + "\n", 1, 1, "", nil},
		{"unlabelled beside a root", bare + plain, 0, 2, "", nil},
		{"empty lines and comments within", "# out of the minutes\n" + strings.ReplaceAll(one, "\n", "\n\n# and\n"), 0, 1, testOrigin, nil},
		{"nothing", "\n", 0, 0, "", nil},
		{"a wrong digit", key + "\n\n" + strings.Replace(one, "301 - ", "310 - ", 1), 0, 0, "", []string{"line 5:", "size", "compare each digit"}},
		{"a wrong digit in line C", plain + strings.Replace(two, second.PaperRoot()[2].Groups[3]+" - ", second.PaperRoot()[2].Groups[3]+" - 0", 1), 0, 0, "", []string{"line 6:", "line C", "23 digits"}},
		{"a letter within", strings.Replace(two, second.PaperRoot()[3].Groups[0], "1234O", 1), 0, 0, "", []string{"line 6:", "line D", `"O"`}},
		{"two papers with nothing between", one + two, 0, 0, "", []string{"line 10:", "size", "empty line between"}},
		{"cut short", plain + two[:len(two)-8] + "\n" + key, 0, 0, "", []string{"line 7:", "line D"}},
		{"papers of two logs", one + "\n" + strings.Replace(one, testOrigin, "other.example", 1), 0, 0, "", []string{"line 10:", "other.example", testOrigin}},
		{"another log's key", strings.Replace(one, testOrigin, "other.example", 1) + "\n" + key, 0, 0, "", []string{"other.example", testOrigin}},
		{"neither", "301 short", 0, 0, "", []string{"line 1:", "44 characters"}},
		{"too long", strings.Repeat("# nothing\n", 7000), 0, 0, "", []string{"bytes"}},
	} {
		config, err := pin(t, c.content)
		if c.wrong == nil {
			if err != nil || len(config.Keys) != c.keys || len(config.Seen) != c.seen || config.Origin != c.origin {
				t.Errorf("%s: %+v (%v)", c.about, config, err)
			}
			continue
		}
		for _, word := range c.wrong {
			if err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %v, want %q in it", c.about, err, word)
			}
		}
	}
	config, err := pin(t, one+"\n"+two)
	if day, printed := config.Printed[first]; err != nil || day != "2026-03-12" || !printed {
		t.Errorf("%+v (%v)", config, err)
	}
}
