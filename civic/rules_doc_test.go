package civic_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"samleng/act"
	"samleng/civic"
)

// rulesPage is doc/rules.md taken apart: the cells of each kind's row, and the
// refusals of the other tables by their section.
type rulesPage struct {
	rows     map[act.Kind][]string
	refusals map[string][]string
	text     string
}

var codeWord = regexp.MustCompile("`([a-z_]+\\.[a-z_]+)`")

func readRulesPage(t *testing.T) rulesPage {
	t.Helper()
	data, err := os.ReadFile("../doc/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	page := rulesPage{rows: map[act.Kind][]string{}, refusals: map[string][]string{}, text: string(data)}
	section := ""
	for line := range strings.Lines(page.text) {
		if strings.HasPrefix(line, "#") {
			section = strings.TrimSpace(strings.TrimLeft(line, "#"))
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		word := codeWord.FindStringSubmatch(cells[0])
		switch {
		case !strings.HasPrefix(line, "| `") || word == nil:
		case strings.HasPrefix(word[1], "refused."):
			page.refusals[section] = append(page.refusals[section], word[1])
		case len(cells) == 4:
			page.rows[act.Kind(word[1])] = cells
		}
	}
	return page
}

// TestRulesPage holds doc/rules.md to the code: every kind has a row that names
// its roles, every refusal stands somewhere, and nothing stands there that the
// code does not have.
func TestRulesPage(t *testing.T) {
	page := readRulesPage(t)
	for _, kind := range act.Kinds() {
		row, has := page.rows[kind]
		if !has {
			t.Errorf("doc/rules.md has no row for %s", kind)
			continue
		}
		words := regexp.MustCompile(`[a-z_]+`).FindAllString(row[1], -1)
		for _, role := range act.Roles {
			may, said := slices.Contains(civic.RolesFor(kind), role), slices.Contains(words, string(role))
			if may != said {
				t.Errorf("doc/rules.md on %s: role %s is said %t, is %t", kind, role, said, may)
			}
		}
	}
	for _, key := range civic.Refusals {
		if !strings.Contains(page.text, "`"+key+"`") {
			t.Errorf("doc/rules.md lacks %s", key)
		}
	}
	for _, word := range codeWord.FindAllStringSubmatch(page.text, -1) {
		if !slices.Contains(civic.Refusals, word[1]) && !slices.Contains(act.Kinds(), act.Kind(word[1])) {
			t.Errorf("doc/rules.md speaks of %s, which there is not", word[1])
		}
	}
	for _, step := range act.Steps {
		if !strings.Contains(page.text, "\n| `"+string(step)+"` |") {
			t.Errorf("doc/rules.md lacks the clock of %s", step)
		}
	}
}

// TestRulesPageSaysWhyRefused: whatever refuses a generated act stands in its
// kind's row, or in the tables for all of them.
func TestRulesPageSaysWhyRefused(t *testing.T) {
	page := readRulesPage(t)
	judged := []act.Kind{act.KindStatementPublished, act.KindStatementRedacted, act.KindStatementWithheld, act.KindStatementMatched}
	told := map[string]bool{}
	for seed := range uint64(60) {
		m := newMachine(t, seededChooser{rand.New(rand.NewPCG(seed, 3))}, seed)
		m.watch = func(_ *civic.State, a *act.Act, err error) {
			var refusal *civic.Refusal
			if !errors.As(err, &refusal) || len(page.rows[a.Kind]) == 0 {
				return
			}
			said := slices.Contains(page.refusals["Every act"], refusal.Key) || strings.Contains(page.rows[a.Kind][3], "`"+refusal.Key+"`") ||
				slices.Contains(judged, a.Kind) && slices.Contains(page.refusals["Who may judge"], refusal.Key)
			if what := string(a.Kind) + " " + refusal.Key; !said && !told[what] {
				told[what] = true
				t.Errorf("doc/rules.md does not say that %s may be refused with %s", a.Kind, refusal.Key)
			}
		}
		m.begin().run(100)
	}
}
