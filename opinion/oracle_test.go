package opinion_test

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"samleng/act"
	"samleng/internal/polis"
	"samleng/opinion"
)

// shared gives the files that match below the shared folder's data, or skips
// the test where there are none.
func shared(t testing.TB, path ...string) []string {
	t.Helper()
	root := os.Getenv("SAMLENG_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "shared")
	}
	pattern := filepath.Join(append([]string{root, "data", "polis"}, path...)...)
	found, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Skipf("no %s: set SAMLENG_SHARED to the folder that holds data/ to run this test", pattern)
	}
	return found
}

// conversation is a real conversation with what others computed of it.
type conversation struct {
	name       string
	votes      *opinion.Votes
	statements []int64 // the ids, ascending, of those with a vote
	people     []int64
	group      []int // as Polis published them
	groups     int
	hidden     []bool            // moderated out
	consensus  map[int64]float64 // group-informed, where comments.csv tells it
	oracle     oracle
}

// entry is one statement of a list.
type entry struct {
	ID          int64   `json:"tid"`
	Direction   string  `json:"repful-for"`
	Count       int     `json:"n-success"`
	Votes       int     `json:"n-trials"`
	Success     float64 `json:"p-success"`
	Test        float64 `json:"p-test"`
	Repness     float64 `json:"repness"`
	RepnessTest float64 `json:"repness-test"`
	BestAgree   bool    `json:"best-agree"`
}

type consensusLists struct{ Agree, Disagree []entry }

type oracle struct {
	ModOut []int64 `json:"mod_out"`
	Meta   []int64 `json:"meta"`
	Given  struct {
		GroupIDs  []int                             `json:"group_ids"`
		Stats     map[string]map[string][11]float64 `json:"stats"`
		Repness   map[string][]entry                `json:"repness"`
		Consensus consensusLists                    `json:"consensus"`
		GAC       map[string]float64                `json:"gac_agree"`
	} `json:"given_polis_groups"`
	Reddwarf struct {
		Labels      map[string]int        `json:"labels"`
		Projections map[string][2]float64 `json:"projections"`
		Extremity   map[string]float64    `json:"extremity"`
		Priority    map[string]float64    `json:"priority"`
		PCA         struct {
			IDs []int64 `json:"statement_ids"`
		} `json:"pca"`
	} `json:"reddwarf"`
	Exact struct {
		Eigenvalues []float64   `json:"eigenvalues_top4"`
		Components  [][]float64 `json:"comps"`
		Center      []float64   `json:"center"`
	} `json:"exact_pca"`
}

func readJSON(t testing.TB, path string, into any) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// conversationsRead are the conversations once they were read.
var conversationsRead []*conversation

// realConversations gives every conversation that has an oracle; they are read once
// and not written to.
func realConversations(t testing.TB) []*conversation {
	t.Helper()
	if conversationsRead != nil {
		return conversationsRead
	}
	var all []*conversation
	for _, path := range shared(t, "oracle", "*.json") {
		name := filepath.Base(path[:len(path)-len(".json")])
		c := &conversation{name: name}
		readJSON(t, path, &c.oracle)
		source, err := polis.Read(os.DirFS(filepath.Join(filepath.Dir(path), "..", name)))
		if err != nil {
			t.Fatal(err)
		}
		c.fill(t, source)
		all = append(all, c)
	}
	if len(all) != 8 {
		t.Errorf("%d conversations with an oracle, not 8", len(all))
	}
	conversationsRead = all
	return all
}

func (c *conversation) fill(t testing.TB, source *polis.Conversation) {
	t.Helper()
	voted := map[int64]bool{}
	for _, vote := range source.Votes {
		voted[vote.Comment] = true
	}
	c.statements = slices.Sorted(maps.Keys(voted))
	c.hidden = hide(c.statements, c.oracle.ModOut)
	c.consensus = map[int64]float64{}
	for _, comment := range source.Comments {
		if text := comment.Fields["group-informed-consensus"]; text != "" {
			value, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			c.consensus[comment.ID] = value
		}
	}
	person := map[int64]int{}
	for i, p := range source.Participants {
		person[p.ID] = i
		c.people = append(c.people, p.ID)
		group := opinion.NoGroup
		if text := p.Fields["group-id"]; text != "" {
			id, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			group = slices.Index(c.oracle.Given.GroupIDs, int(id))
		}
		c.group = append(c.group, group)
	}
	c.groups = len(c.oracle.Given.GroupIDs)
	var cells []opinion.Cell
	for _, votes := range source.Cells() {
		last := votes[len(votes)-1]
		s, _ := slices.BinarySearch(c.statements, last.Comment)
		cells = append(cells, opinion.Cell{Participant: person[last.Voter], Statement: s, Vote: vote(t, last.Value)})
	}
	c.votes = votesOf(t, len(c.people), len(c.statements), cells)
}

func vote(t testing.TB, v act.Vote) opinion.Vote {
	t.Helper()
	switch v {
	case act.Agree:
		return opinion.Agree
	case act.Disagree:
		return opinion.Disagree
	case act.Pass:
		return opinion.Pass
	}
	t.Fatalf("vote %d", v)
	return 0
}

func votesOf(t testing.TB, people, statements int, cells []opinion.Cell) *opinion.Votes {
	t.Helper()
	v, err := opinion.FromCells(people, statements, cells)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func hide(statements, out []int64) []bool {
	hidden := make([]bool, len(statements))
	for s, id := range statements {
		hidden[s] = slices.Contains(out, id)
	}
	return hidden
}

func tallies(t testing.TB, v *opinion.Votes, group []int, groups int) *opinion.Tallies {
	t.Helper()
	all, err := opinion.Count(v, group, groups)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// far reports whether the numbers differ by more than that (of NaN always).
func far(a, b, by float64) bool { return !(math.Abs(a-b) <= by) }

func idKey(id int64) string { return strconv.FormatInt(id, 10) }
