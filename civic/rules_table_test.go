package civic_test

import (
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
)

// The table of the rules: every kind of act about everything in every state,
// tried by everybody.

// What a verdict says that is not the key of a refusal.
const (
	allowed   = "allowed"
	unchanged = "stands already" // a ballot that changes nothing
	noForm    = "-"              // acts of the kind have no such author
)

// rulesTable is what everybody gets who tries a row: by kind, by row, by column
// of the world.
type rulesTable struct {
	world    *rulesWorld
	rows     map[act.Kind][]attempt
	verdicts map[act.Kind][][]string
}

func newRulesTable(t testing.TB) *rulesTable {
	table := &rulesTable{world: newRulesWorld(t), rows: map[act.Kind][]attempt{}, verdicts: map[act.Kind][][]string{}}
	for _, kind := range act.Kinds() {
		if ruleRows[kind] == nil {
			t.Errorf("no rows of %s: a kind of act whose rules no table shows", kind)
			continue
		}
		table.rows[kind] = ruleRows[kind](table.world)
	}
	try := &trial{rulesWorld: table.world, salt: rand.NewChaCha8([32]byte{1})}
	for kind, rows := range table.rows {
		for _, row := range rows {
			verdicts := make([]string, len(table.world.columns))
			for i, c := range table.world.columns {
				verdicts[i] = try.verdict(kind, row, c)
			}
			table.verdicts[kind] = append(table.verdicts[kind], verdicts)
		}
	}
	return table
}

// trial tries acts without doing them.
type trial struct {
	*rulesWorld
	salt  *rand.ChaCha8
	tried uint32
}

func (r *trial) verdict(kind act.Kind, row attempt, c column) string {
	r.t.Helper()
	a, who := r.attempt(kind, row, c, r.now)
	if a == nil {
		return noForm
	}
	state := r.state
	if row.in != nil {
		state = row.in
	}
	return r.outcome(state.Check(who, a))
}

// attempt makes the act of a row, nil where acts of the kind have no such author.
func (r *trial) attempt(kind act.Kind, row attempt, c column, at time.Time) (*act.Act, civic.Actor) {
	r.t.Helper()
	who := c.who
	if c.name == holding {
		who.Holds = row.view
	}
	if row.mend != nil {
		row.mend(&who)
	}
	if !slices.Contains(act.Authors(kind), who.By.As) {
		return nil, who
	}
	facts, content := row.draft(who)
	r.tried++
	id := act.ID{0xfe, byte(r.tried), byte(r.tried >> 8), byte(r.tried >> 16)}
	a, err := act.New(act.Draft{By: who.By, Of: row.of, Facts: facts, Content: content}, id, at, r.salt)
	if err != nil || a.Kind != kind {
		r.t.Fatalf("%s, %s: %v", kind, row.state, err)
	}
	return a, who
}

func (r *trial) outcome(err error) string {
	r.t.Helper()
	var refusal *civic.Refusal
	var stands *civic.Unchanged
	switch {
	case err == nil:
		return allowed
	case errors.As(err, &refusal):
		return refusal.Key
	case errors.As(err, &stands):
		return unchanged
	}
	r.t.Fatalf("neither allowed nor refused: %v", err)
	return ""
}

// find gives the verdict on somebody who tries a row.
func (table *rulesTable) find(t testing.TB, kind act.Kind, state, org string, role act.Role) string {
	t.Helper()
	for i, row := range table.rows[kind] {
		if row.state != state {
			continue
		}
		for k, c := range table.world.columns {
			if c.org == org && c.role == role {
				return table.verdicts[kind][i][k]
			}
		}
	}
	t.Fatalf("%s has no row %q, or %s no %s", kind, state, org, role)
	return ""
}

const rulesTablePath = "../doc/rules-table.md"

// TestRulesTable holds doc/rules-table.md to the code, and has every refusal
// given by some row, or by a test that is named.
func TestRulesTable(t *testing.T) {
	table := newRulesTable(t)
	want := table.markdown(t)
	if *update {
		if err := os.WriteFile(rulesTablePath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(rulesTablePath)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("doc/rules-table.md is not what the code does; see what changed with\n\tgo test ./civic -run RulesTable -update && git diff doc\nfirst difference: %s", firstDifference(string(got), want))
	}
	given := table.given()
	tests := testNames(t)
	for _, key := range civic.Refusals {
		test := givenElsewhere[key]
		switch {
		case given[key] && test != "":
			t.Errorf("%s is in the table: it needs no test of its own (%s) in givenElsewhere", key, test)
		case !given[key] && test == "":
			t.Errorf("no row of the table is refused with %s", key)
		case !given[key] && !tests[test]:
			t.Errorf("%s is to be given in %s, which there is not", key, test)
		}
	}
}

// givenElsewhere are the refusals that no row of the table can show, and the
// tests that do.
var givenElsewhere = map[string]string{
	civic.RefusedTime:        "TestEveryActIsRefused", // of every act alike, so no row of a kind
	civic.RefusedNoProgramme: "TestEveryActIsRefused", // the same
	civic.RefusedNoTrustees:  "TestNoTrustees",        // the world of the table has trustees
}

func (table *rulesTable) given() map[string]bool {
	given := map[string]bool{}
	for _, rows := range table.verdicts {
		for _, verdicts := range rows {
			for _, verdict := range verdicts {
				given[verdict] = true
			}
		}
	}
	return given
}

// testNames lists the tests of this package.
func testNames(t *testing.T) map[string]bool {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, entry := range entries {
		data, err := os.ReadFile(entry.Name())
		if err != nil || !strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		for line := range strings.Lines(string(data)) {
			if name, is := strings.CutPrefix(line, "func Test"); is {
				name, _, _ = strings.Cut(name, "(")
				found["Test"+name] = true
			}
		}
	}
	return found
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "\n\t- " + a[i] + "\n\t+ " + b[i]
		}
	}
	return "one ends before the other"
}

// TestEveryActIsRefused: what comes before a kind's own conditions, of every
// kind, in every row, by everybody.
func TestEveryActIsRefused(t *testing.T) {
	table := newRulesTable(t)
	r := &trial{rulesWorld: table.world, salt: rand.NewChaCha8([32]byte{2})}
	there := r.find("statement", "published").id
	outsiders := r.outsiders()
	for _, kind := range slices.Sorted(maps.Keys(table.rows)) {
		row := table.rows[kind][len(table.rows[kind])-1]
		for i, c := range r.columns {
			if i%7 != 0 && c.org != "" {
				continue // everybody would take long, and the check comes before who acts
			}
			early, who := r.attempt(kind, row, c, r.now.Add(-2*time.Hour))
			if early == nil {
				continue
			}
			want := func(what, want string, err error) {
				if got := r.outcome(err); got != want {
					t.Errorf("%s, %s: %s, not %s", kind, what, got, want)
				}
			}
			want("of an hour before the one before it", civic.RefusedTime, r.state.Check(who, early))
			a, who := r.attempt(kind, row, c, r.now)
			if kind != act.KindProgrammeDeclared && kind != act.KindEpochBegun {
				want("before there is a programme", civic.RefusedNoProgramme, r.empty.Check(who, a))
			}
			a.ID = there
			want("with the id of an act that is there", civic.RefusedExists, r.state.Check(who, a))
		}
		for _, who := range outsiders {
			if a, _ := r.attempt(kind, row, column{who: who}, r.now); a != nil {
				if got := r.outcome(r.state.Check(who, a)); got != civic.RefusedRole {
					t.Errorf("%s by somebody who has not the role: %s", kind, got)
				}
			}
		}
	}
}

// TestNoTrustees: nothing is sealed to trustees where there are none.
func TestNoTrustees(t *testing.T) {
	w, ids := newWorld(t)
	who := participant()
	_, err := w.try(who, ids["dialogue"], &act.StatementRegistered{Channel: "web", Written: "km", Visibility: act.VisibilitySealed},
		map[string]any{"text": &act.Text{Text: "ទឹក"}, "source": &act.Source{Participant: &who.Participant}})
	if refusal(err) != civic.RefusedNoTrustees {
		t.Errorf("sealed to nobody: %v", err)
	}
}
