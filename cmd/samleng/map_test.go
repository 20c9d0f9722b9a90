package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mapOracle is what is compared of a conversation's reference results.
type mapOracle struct {
	Given struct {
		Columns   []string                        `json:"stats_columns"`
		Stats     map[string]map[string][]float64 `json:"stats"`
		Repness   map[string][]mapOracleEntry     `json:"repness"`
		Consensus map[string][]mapOracleEntry     `json:"consensus"`
		GAC       map[string]float64              `json:"gac_agree"`
	} `json:"given_polis_groups"`
	Exact struct {
		Components [][]float64 `json:"comps"`
	} `json:"exact_pca"`
	Reddwarf struct {
		PCA struct {
			IDs []json.Number `json:"statement_ids"`
		} `json:"pca"`
	} `json:"reddwarf"`
}

type mapOracleEntry struct {
	ID json.Number `json:"tid"`
}

func mapOf(t *testing.T, c mapCommand) map[string]any {
	t.Helper()
	source, err := c.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	report, err := source.report(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	if err := report.tell(&told, source); err != nil || told.Len() == 0 {
		t.Fatalf("told %q: %v", told.String(), err)
	}
	content, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var decoded map[string]any
	if err := json.Unmarshal(content, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

// TestMapOfGivenGroups: what the command writes for the groups that Polis
// published is what the reference has, for every real conversation.
func TestMapOfGivenGroups(t *testing.T) {
	for _, path := range realConversations(t) {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join(filepath.Dir(path), "oracle", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var want mapOracle
			if err := json.Unmarshal(content, &want); err != nil {
				t.Fatal(err)
			}
			got := mapOf(t, mapCommand{Source: path, Groups: filepath.Join(path, "participants-votes.csv")})
			want.compare(t, got)
		})
	}
}

func (want *mapOracle) compare(t *testing.T, got map[string]any) {
	t.Helper()
	groups := got["groups"].([]any)
	if len(groups) != len(want.Given.Stats) {
		t.Fatalf("%d groups, not %d", len(groups), len(want.Given.Stats))
	}
	for _, each := range groups {
		group := each.(map[string]any)
		id := group["id"].(string)
		for statement, row := range want.Given.Stats[id] {
			stats := group["statistics"].(map[string]any)[statement].(map[string]any)
			for i, column := range want.Given.Columns {
				if x := stats[column].(float64); !(math.Abs(x-row[i]) <= 1e-8) {
					t.Errorf("group %s, statement %s: %s is %v, not %v", id, statement, column, x, row[i])
				}
			}
		}
		if ids := statementsOf(group["representative"]); !slices.Equal(ids, idsOf(want.Given.Repness[id])) {
			t.Errorf("group %s is represented by %v, not %v", id, ids, idsOf(want.Given.Repness[id]))
		}
	}
	for _, direction := range []string{"agree", "disagree"} {
		if ids := statementsOf(got["consensus"].(map[string]any)[direction]); !slices.Equal(ids, idsOf(want.Given.Consensus[direction])) {
			t.Errorf("consensus (%s): %v, not %v", direction, ids, idsOf(want.Given.Consensus[direction]))
		}
	}
	for statement, value := range want.Given.GAC {
		if x := got["group_informed_consensus"].(map[string]any)[statement].(float64); !(math.Abs(x-value) <= 1e-10) {
			t.Errorf("consensus of statement %s: %v, not %v", statement, x, value)
		}
	}
	pca := got["pca"].(map[string]any)
	column := map[string]int{}
	for i, id := range got["statement_ids"].([]any) {
		column[jsonNumber(id)] = i
	}
	for k, component := range want.Exact.Components {
		ours := pca["components"].([]any)[k].([]any)
		dot, a, b := 0.0, 0.0, 0.0
		for i, x := range component {
			y := ours[column[want.Reddwarf.PCA.IDs[i].String()]].(float64)
			dot, a, b = dot+x*y, a+x*x, b+y*y
		}
		if cos := math.Abs(dot) / math.Sqrt(a*b); cos < 1-1e-9 {
			t.Errorf("component %d: |cos| is %.12f", k, cos)
		}
	}
}

func jsonNumber(x any) string {
	content, err := json.Marshal(x)
	if err != nil {
		return err.Error()
	}
	return string(content)
}

func statementsOf(list any) (ids []string) {
	for _, row := range list.([]any) {
		ids = append(ids, row.(map[string]any)["statement"].(string))
	}
	return ids
}

func idsOf(entries []mapOracleEntry) (ids []string) {
	for _, e := range entries {
		ids = append(ids, e.ID.String())
	}
	return ids
}

// TestMapOfOurGroups: the groups that are found are in the JSON, everybody who
// voted has a membership, and the map of the same files is the same bytes.
func TestMapOfOurGroups(t *testing.T) {
	path := realConversations(t)[0]
	a, b := mapOf(t, mapCommand{Source: path}), mapOf(t, mapCommand{Source: path})
	first, second := jsonNumber(a), jsonNumber(b)
	if first != second {
		t.Error("two runs differ")
	}
	members := a["membership"].(map[string]any)
	if len(members) == 0 || len(a["groups"].([]any)) < 1 || a["stability"] == nil && len(a["groups"].([]any)) > 1 {
		t.Errorf("%d members, %d groups", len(members), len(a["groups"].([]any)))
	}
	for person, member := range members {
		if p := member.(map[string]any)["probability"].(float64); p <= 0 || p > 1 {
			t.Errorf("participant %s is in a group with probability %v", person, p)
		}
	}
}

// TestMapOfLittle: exports of which little can be said give a JSON all the same.
func TestMapOfLittle(t *testing.T) {
	const comments = "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n"
	const votes = "timestamp,datetime,comment-id,voter-id,vote\n"
	row := func(comment, voter, vote string) string {
		return "1435654192000,Tue Jun 30 08:49:52 UTC 2015," + comment + "," + voter + "," + vote + "\n"
	}
	comment := func(id, agrees, disagrees string) string {
		return "1435654192000,Tue Jun 30 08:49:52 UTC 2015," + id + ",0," + agrees + "," + disagrees + ",1,Water\n"
	}
	for why, files := range map[string][2]string{
		"one voter":          {comments + comment("0", "1", "0"), votes + row("0", "0", "1")},
		"one statement":      {comments + comment("0", "2", "1"), votes + row("0", "0", "1") + row("0", "1", "1") + row("0", "2", "-1")},
		"all passes":         {comments + comment("0", "0", "0") + comment("1", "0", "0"), votes + row("0", "0", "0") + row("0", "1", "0") + row("1", "0", "0") + row("1", "1", "0")},
		"everybody the same": {comments + comment("0", "3", "0"), votes + row("0", "0", "1") + row("0", "1", "1") + row("0", "2", "1")},
	} {
		t.Run(why, func(t *testing.T) {
			dir := t.TempDir()
			for name, content := range map[string]string{"comments.csv": files[0], "votes.csv": files[1]} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			m := mapOf(t, mapCommand{Source: dir})
			if n := len(m["groups"].([]any)); n > 1 {
				t.Errorf("%d groups", n)
			}
			if strings.Contains(jsonNumber(m), "NaN") {
				t.Error("not a number")
			}
		})
	}
}

// TestMapOfSyntheticVotes: generated votes are mapped whole, and the planted
// groups come out.
func TestMapOfSyntheticVotes(t *testing.T) {
	var told strings.Builder
	c := mapCommand{Synthetic: "20000x200x40", Seed: 7}
	if err := c.synthetic(&told, os.Stderr); err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{"20000 people, 200 statements, 800000 votes", "groups of", "in all"} {
		if !strings.Contains(told.String(), said) {
			t.Errorf("%q is not said:\n%s", said, told.String())
		}
	}
	for _, wrong := range []string{"x", "10x20", "10x20x30x40", "-1x2x3", "10x5x6", "1x20000x1", "10x20x3 "} {
		if err := (&mapCommand{Synthetic: wrong}).synthetic(&told, os.Stderr); err == nil {
			t.Errorf("--synthetic %q was taken", wrong)
		}
	}
}
