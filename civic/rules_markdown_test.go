package civic_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"samleng/act"
	"samleng/civic"
)

// markdown writes the table for people: for each kind its rows, with everybody
// who gets the same in every row in one column, and rows that are alike in one.
func (table *rulesTable) markdown(t testing.TB) string {
	var out strings.Builder
	out.WriteString(rulesTableHead)
	for _, name := range societies {
		fmt.Fprintf(&out, "| %s | %s |\n", name, relations[name])
	}
	for _, name := range offices {
		fmt.Fprintf(&out, "| %s | %s |\n", name, relations[name])
	}
	for _, kind := range act.Kinds() {
		table.writeKind(&out, kind)
	}
	out.WriteString("\n## What the refusals say\n\n| refusal | what people read |\n|---|---|\n")
	messages := englishMessages(t)
	for _, key := range slices.Sorted(slices.Values(civic.Refusals)) {
		if messages[key] == "" {
			t.Errorf("%s has no English words", key)
		}
		fmt.Fprintf(&out, "| `%s` | %s |\n", key, strings.ReplaceAll(messages[key], "|", "\\|"))
	}
	return out.String()
}

const rulesTableHead = `# The rules, as a table

Every kind of act, about everything in every state, tried by everybody: whether it is allowed, or with which refusal it is not. ` + "`go test ./civic -run RulesTable -update`" + ` writes this page; nobody else does. [rules.md](rules.md) says in words what the rules are.

A world is made by real acts that has something in every state, fourteen organisations in the relations that a rule asks about, and in each of them somebody in each of the nine roles. Each of them tries each act, in a form that is right for them. Who gets the same in every row stands in one column, and rows that are alike in one. A refusal stands by its key, without the "refused." in front; at the end are the words that people read. "Everybody else" is everybody who may be the author of such an act. Of every act alike it is tested that it is refused with ` + "`time`" + ` when it is of an hour before the one before it, with ` + "`exists`" + ` when its id is there, with ` + "`no_programme`" + ` before there is one, and with ` + "`role`" + ` from somebody whose role has ended, who never had it, or has it in another organisation.

| organisation | what it is |
|---|---|
`

// relations tell what each organisation is to the others.
var relations = map[string]string{
	host: "hosts the dialogues and leads the programme; its moderator decided on the views, its facilitator referred them", hostKin: "has the same parent as the host",
	filer: "filed views", filerKin: "has the same parent as the filer", named: "views are about it", namedKin: "has the same parent as the one named",
	staked: "has declared a stake in the office and in the host", backer: "the office and the host have declared a stake in it",
	unstaked: "had a stake in both until a day that has been", apart: "none of these; verifies the commitments",
	office:    "a public authority: holds the cases, answered them, made the commitments",
	officeKin: "a public authority with the same parent as the office", bound: "a public authority, co-responsible for the commitments",
	elsewhere: "a public authority that has nothing to do with the others",
}

func (table *rulesTable) writeKind(out *strings.Builder, kind act.Kind) {
	columns, rows, verdicts := table.world.columns, table.rows[kind], table.verdicts[kind]
	fmt.Fprintf(out, "\n## `%s`\n\n", kind)
	var authors []string
	for _, author := range act.Authors(kind) {
		authors = append(authors, authorWords[author])
	}
	fmt.Fprintf(out, "Its author is %s.\n\n", strings.Join(authors, ", or "))
	groups := map[string][]int{}
	var order []string
	for i := range columns {
		var profile []string
		for _, row := range verdicts {
			profile = append(profile, row[i])
		}
		if profile[0] == noForm {
			continue
		}
		key := strings.Join(profile, "|")
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], i)
	}
	most := slices.MaxFunc(order, func(a, b string) int { return len(groups[a]) - len(groups[b]) })
	if len(order) > 1 {
		order = append(slices.DeleteFunc(order, func(key string) bool { return key == most }), most)
	}
	letters := make([]string, len(order))
	for i, key := range order {
		letters[i] = fmt.Sprintf("**%s**", string(rune('A'+i)))
		var who []column
		for _, k := range groups[key] {
			who = append(who, columns[k])
		}
		words := describe(who)
		if key == most && len(order) > 1 && len(who) > 3 {
			words = "everybody else"
		} else if len(order) == 1 && len(who) > 3 {
			words = "everybody"
		}
		fmt.Fprintf(out, "- %s %s\n", letters[i], words)
	}
	fmt.Fprintf(out, "\n| | %s |\n|---%s|\n", strings.Join(letters, " | "), strings.Repeat("|---", len(letters)))
	var alike []string
	states := map[string][]string{}
	for i, row := range verdicts {
		var cells []string
		for _, key := range order {
			cells = append(cells, cell(row[groups[key][0]]))
		}
		line := strings.Join(cells, " | ")
		if states[line] == nil {
			alike = append(alike, line)
		}
		states[line] = append(states[line], rows[i].state)
	}
	for _, line := range alike {
		fmt.Fprintf(out, "| %s | %s |\n", strings.Join(states[line], "<br>"), line)
	}
}

var authorWords = map[act.ByForm]string{
	act.ByParticipant: "somebody who takes part or holds a receipt", act.BySystem: "the register", act.ByOrganisation: "an organisation, nobody named",
	act.ByStaff: "staff",
}

func cell(verdict string) string {
	if key, refused := strings.CutPrefix(verdict, "refused."); refused {
		return "`" + key + "`"
	}
	return verdict
}

// describe says who is in a column: roles that are the same of the same
// organisations together.
func describe(who []column) string {
	var words []string
	orgs := map[act.Role][]string{}
	for _, c := range who {
		if c.org == "" {
			words = append(words, c.name)
			continue
		}
		orgs[c.role] = append(orgs[c.role], c.org)
	}
	roles := map[string][]string{}
	var order []string
	for _, role := range act.Roles {
		if orgs[role] == nil {
			continue
		}
		of := spell(orgs[role])
		if roles[of] == nil {
			order = append(order, of)
		}
		roles[of] = append(roles[of], strings.ReplaceAll(string(role), "_", " "))
	}
	for _, of := range order {
		names := strings.Join(roles[of], ", ")
		if len(roles[of]) == len(act.Roles) {
			names = "every role"
		}
		words = append(words, names+" of "+of)
	}
	return strings.Join(words, "; ")
}

// spell names a set of organisations.
func spell(orgs []string) string {
	part := func(all []string, every string) string {
		var in, out []string
		for _, name := range all {
			if slices.Contains(orgs, name) {
				in = append(in, name)
			} else {
				out = append(out, name)
			}
		}
		switch {
		case len(in) == 0:
			return ""
		case len(out) == 0:
			return every
		case len(out) < len(in):
			return every + " but " + strings.Join(out, ", ")
		}
		return strings.Join(in, ", ")
	}
	if len(orgs) == len(societies)+len(offices) {
		return "any organisation"
	}
	parts := []string{part(societies, "every CSO"), part(offices, "every authority")}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " and ")
}

func englishMessages(t testing.TB) map[string]string {
	data, err := os.ReadFile("../internal/locale/messages/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]json.RawMessage
	if err := json.Unmarshal(data, &words); err != nil {
		t.Fatal(err)
	}
	messages := map[string]string{}
	for key, raw := range words {
		var text string
		if json.Unmarshal(raw, &text) == nil {
			messages[key] = text
			continue
		}
		var forms map[string]string
		if json.Unmarshal(raw, &forms) == nil {
			messages[key] = forms["other"]
		}
	}
	return messages
}
