package samleng_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport is the table of doc/design.md ("The house"): which of our own
// packages each package may import. Packages under cmd/ may import anything;
// external test packages (package x_test) may import what they need, for they
// are on no path of the product. storetest is for any package's tests.
var mayImport = map[string][]string{
	"act":                      {},
	"translog":                 {"act"},
	"opinion":                  {},
	"opinion/agenda":           {"opinion"},
	"disclosure":               {},
	"civic":                    {"act", "translog", "disclosure"},
	"audit":                    {"act", "translog", "civic", "opinion", "disclosure"},
	"witness":                  {"translog"},
	"internal/problem":         {},
	"internal/locale":          {"act"},
	"internal/store":           {"act", "translog", "internal/problem"},
	"internal/store/storetest": {"internal/store"},
	"internal/register": {
		"act", "translog", "civic", "internal/store", "internal/problem",
	},
	"internal/replica":   {"act", "translog", "civic", "audit", "internal/register"},
	"internal/blob":      {"internal/problem"},
	"internal/mapping":   {"act", "internal/register", "civic", "opinion", "disclosure"},
	"internal/cosigning": {"act", "internal/register", "civic", "translog", "witness"},
	"internal/notice": {
		"act", "internal/register", "civic", "internal/account", "internal/store", "internal/locale", "internal/problem",
	},
	"internal/account": {"act", "internal/store", "internal/problem"},
	"internal/web": {
		"internal/register", "internal/blob", "civic", "internal/account", "internal/mapping", "internal/notice",
		"internal/locale", "internal/problem", "internal/report", "opinion", "disclosure", "act", "translog",
	},
	"internal/api": {
		"internal/register", "civic", "internal/account", "internal/mapping", "internal/locale", "internal/problem",
		"internal/report", "opinion", "disclosure", "act", "translog",
	},
	"internal/report": {"civic", "opinion", "disclosure", "internal/locale"},
	"internal/iati":   {"civic", "opinion", "disclosure", "internal/locale"},
	"internal/polis":  {"act", "opinion"},
	"internal/demo":   {"act", "civic", "internal/blob", "internal/register", "translog"},
}

// TestImportRule holds every package to the table. It parses the files itself:
// a test that shells out to the go command is cached although its input moved.
func TestImportRule(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || entry.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		if pkg == "." || strings.HasPrefix(pkg, "cmd/") || pkg == "e2e" || strings.HasPrefix(pkg, "e2e/") ||
			strings.HasSuffix(file.Name.Name, "_test") {
			return nil
		}
		allowed, known := mayImport[pkg]
		if !known {
			t.Errorf("%s: package %s has no line in the table", path, pkg)
			return nil
		}
		seen[pkg] = true
		for _, spec := range file.Imports {
			target, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			own, ours := strings.CutPrefix(target, "samleng/")
			if own == "internal/store/storetest" && strings.HasSuffix(path, "_test.go") {
				continue
			}
			if ours && !slices.Contains(allowed, own) {
				t.Errorf("%s: %s may not import %s", path, pkg, own)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) == 0 {
		t.Fatal("no package was read: is the test run from the module's root?")
	}
}
