package audit_test

import (
	"strings"
	"testing"

	"samleng/audit"
)

// TestSectionsForm: what two programs could read differently is refused.
func TestSectionsForm(t *testing.T) {
	const right = `[{"position":3,"sections":[{"name":"names","salt":"AAAAAAAAAAAAAAAAAAAAAA==","content":"{}"},{"name":"text","salt":"AAAAAAAAAAAAAAAAAAAAAQ==","content":"ខ"}]},{"position":7,"sections":[{"name":"text","salt":"AAAAAAAAAAAAAAAAAAAAAA==","content":""}]}]`
	open, err := audit.DecodeSections([]byte(right))
	if err != nil || len(open) != 2 || len(open[3]) != 2 || open[3][1].Name != "text" || open[3][1].Salt[15] != 1 || string(open[3][1].Content) != "ខ" {
		t.Fatalf("%+v %v", open, err)
	}
	for _, fine := range []string{"[]", "[]\n", " [ ]", strings.ReplaceAll(right, ",", ", ")} {
		if _, err := audit.DecodeSections([]byte(fine)); err != nil {
			t.Errorf("%s: %v", fine, err)
		}
	}
	for name, wrong := range map[string]string{
		"nothing":                     ``,
		"something else":              `{"sections":[]}`,
		"something behind it":         right + `[]`,
		"acts in another order":       strings.Replace(right, `"position":3`, `"position":9`, 1),
		"an act twice":                strings.Replace(right, `"position":7`, `"position":3`, 1),
		"an act before the first":     strings.Replace(right, `"position":3`, `"position":-1`, 1),
		"an act with no section":      strings.Replace(right, `{"name":"text","salt":"AAAAAAAAAAAAAAAAAAAAAA==","content":""}`, ``, 1),
		"sections in another order":   strings.Replace(right, `"names"`, `"words"`, 1),
		"a section twice":             strings.Replace(right, `"names"`, `"text"`, 1),
		"sections twice":              strings.Replace(right, `"sections":[`, `"sections":[],"sections":[`, 1),
		"a name in capitals":          strings.Replace(right, `"position"`, `"Position"`, 1),
		"a salt with loose bits":      strings.Replace(right, `AQ==`, `AR==`, 1),
		"a salt without its end":      strings.Replace(right, `AQ==`, `AQ`, 1),
		"a salt that is too short":    strings.Replace(right, `AAAAAQ==`, `AQ==`, 1),
		"a salt with a line break":    strings.Replace(right, `AQ==`, `\nAQ==`, 1),
		"content that is no UTF-8":    strings.Replace(right, "ខ", "\xff", 1),
		"a position that is no whole": strings.Replace(right, `"position":3`, `"position":3.5`, 1),
	} {
		if open, err := audit.DecodeSections([]byte(wrong)); err == nil {
			t.Errorf("%s: %+v", name, open)
		}
	}
}
