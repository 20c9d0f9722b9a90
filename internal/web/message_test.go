package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"samleng/internal/locale"
)

var (
	keyInTemplate = regexp.MustCompile(`\bT "([a-z_0-9.]+)"`)
	keyInCode     = regexp.MustCompile(`"((?:web|problem|refused|withheld|word)\.[a-z_0-9.]*[a-z_0-9])"`)
)

// TestEveryMessageIsThere walks all templates and Go files of the pages for the
// keys of messages, and wants each in every catalogue.
func TestEveryMessageIsThere(t *testing.T) {
	found := 0
	for pattern, key := range map[string]*regexp.Regexp{"templates/*.html": keyInTemplate, "*.go": keyInCode} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") || name == "doc.go" { // whose keys are examples
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range key.FindAllStringSubmatch(string(text), -1) {
				found++
				for _, tag := range locale.Languages() {
					if !locale.Get(tag).Has(match[1]) {
						t.Errorf("%s: %s lacks %s", name, tag, match[1])
					}
				}
			}
		}
	}
	if found < 300 {
		t.Errorf("only %d keys were found: the patterns no longer fit", found)
	}
}
