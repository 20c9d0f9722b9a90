package opinion_test

import (
	"cmp"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"samleng/opinion"
)

// A fixture is what Polis itself published of a small conversation.
type fixture struct {
	Statements []int64 `json:"tids"`
	ModOut     []int64 `json:"mod-out"`
	Meta       []int64 `json:"meta-tids"`
	PCA        struct {
		Center     []float64   `json:"center"` // of the votes with the opposite sign
		Components [][]float64 `json:"comps"`
		Extremity  []float64   `json:"comment-extremity"`
	} `json:"pca"`
	VoteCounts map[string]int `json:"user-vote-counts"`
	Clusters   []struct {
		ID      int
		Members []int // base clusters
	} `json:"group-clusters"`
	Base struct {
		ID      []int
		Members [][]int64
	} `json:"base-clusters"`
	GroupVotes map[string]struct {
		Votes map[string]struct{ A, D, S int }
	} `json:"group-votes"`
	Repness    map[string][]entry
	Consensus  consensusLists
	GAC        map[string]float64 `json:"group-aware-consensus"`
	Priorities map[string]float64 `json:"comment-priorities"`

	votes  *opinion.Votes
	people []int64
	group  []int
	hidden []bool
}

func readFixture(t *testing.T, path string) *fixture {
	t.Helper()
	f := &fixture{}
	readJSON(t, path, f)
	var cast []struct {
		Participant *int64 `json:"participant_id"`
		Statement   *int64 `json:"statement_id"`
		PID         *int64
		TID         *int64
		Vote        opinion.Vote
		Modified    any
	}
	readJSON(t, filepath.Join(filepath.Dir(path), "votes.json"), &cast)
	type row struct {
		participant, statement int64
		vote                   opinion.Vote
		at                     float64
	}
	var rows []row
	for _, c := range cast {
		r := row{vote: c.Vote, participant: *cmp.Or(c.Participant, c.PID), statement: *cmp.Or(c.Statement, c.TID)}
		switch at := c.Modified.(type) {
		case float64:
			r.at = at
		case string:
			n, err := strconv.ParseFloat(at, 64)
			if err != nil {
				t.Fatal(err)
			}
			r.at = n
		}
		rows = append(rows, r)
		f.people = append(f.people, r.participant)
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.at, b.at) })
	slices.Sort(f.people)
	f.people = slices.Compact(f.people)
	var cells []opinion.Cell
	for _, r := range rows {
		p, _ := slices.BinarySearch(f.people, r.participant)
		s := slices.Index(f.Statements, r.statement)
		if s < 0 {
			t.Fatalf("a vote on %d, which is no column", r.statement)
		}
		cells = append(cells, opinion.Cell{Participant: p, Statement: s, Vote: r.vote})
	}
	f.votes = votesOf(t, len(f.people), len(f.Statements), cells)
	f.hidden = hide(f.Statements, f.ModOut)
	f.group = slices.Repeat([]int{opinion.NoGroup}, len(f.people))
	for _, cluster := range f.Clusters {
		for _, base := range cluster.Members {
			for _, person := range f.Base.Members[slices.Index(f.Base.ID, base)] {
				p, _ := slices.BinarySearch(f.people, person)
				f.group[p] = cluster.ID
			}
		}
	}
	return f
}

// TestFixturesOfPolis reproduces, given the groups, everything that Polis
// published of three conversations. In one of them its components are of votes
// that it did not publish (see comparePCA), and it gave every statement the
// priority of those about the dialogue itself, by an error since corrected there
// (polis #2571): both are asserted.
func TestFixturesOfPolis(t *testing.T) {
	const incomplete = "50ptpt-3gp-strict-no-meta"
	paths := shared(t, "fixtures", "*", "math-pca2.json")
	if len(paths) != 3 {
		t.Errorf("%d fixtures, not 3", len(paths))
	}
	for _, path := range paths {
		name := filepath.Base(filepath.Dir(path))
		t.Run(name, func(t *testing.T) {
			f := readFixture(t, path)
			all := tallies(t, f.votes, f.group, len(f.Clusters))
			f.compareTallies(t, all)
			for p, person := range f.people {
				if got, want := len(f.votes.Row(p)), f.VoteCounts[idKey(person)]; got != want {
					t.Errorf("participant %d: %d votes, not %d", person, got, want)
				}
			}
			gac := all.GroupInformedConsensus()
			for s, id := range f.Statements {
				if want, has := f.GAC[idKey(id)]; !has || far(gac[s], want, 1e-14) {
					t.Errorf("group-informed consensus on %d: %v, not %v", id, gac[s], want)
				}
			}
			stats := all.Statistics()
			for g := range stats {
				compareRepresentatives(t, f.Statements, opinion.Represent(stats[g], f.hidden), f.Repness[idKey(int64(g))], 1e-5)
			}
			compareConsensus(t, f.Statements, all.All, f.hidden, f.Consensus, 1e-12)
			f.comparePCA(t, name == incomplete)
			f.comparePriorities(t, all, name == incomplete)
		})
	}
}

func (f *fixture) compareTallies(t *testing.T, all *opinion.Tallies) {
	t.Helper()
	for g := range all.Groups {
		for s, id := range f.Statements {
			got, want := all.Groups[g][s], f.GroupVotes[idKey(int64(g))].Votes[idKey(id)]
			if got.Agree != want.A || got.Disagree != want.D || got.Votes() != want.S {
				t.Errorf("group %d on %d: %+v, not %+v", g, id, got, want)
			}
		}
	}
}

// comparePCA compares means and components. In the incomplete fixture the
// components that Polis published are of votes that votes.json does not have:
// one person more, who disagrees with four statements and is in no group. With
// those the components are the same.
func (f *fixture) comparePCA(t *testing.T, incomplete bool) {
	t.Helper()
	if incomplete {
		without := opinion.NewPCA(f.votes, opinion.Settings{Hidden: f.hidden})
		if cos := math.Abs(cosine(without.Components[0], f.PCA.Components[0])); cos < 0.9992 || cos > 0.9993 {
			t.Errorf("without the votes that are not there, |cos| = %v", cos)
		}
		cells := cellsOf(f.votes, identity(len(f.people)), identity(len(f.Statements)))
		for _, id := range []int64{1, 4, 12, 20} {
			cells = append(cells, opinion.Cell{Participant: len(f.people), Statement: slices.Index(f.Statements, id), Vote: opinion.Disagree})
		}
		f.votes = votesOf(t, len(f.people)+1, len(f.Statements), cells)
	}
	pca := opinion.NewPCA(f.votes, opinion.Settings{Hidden: f.hidden})
	for s := range f.Statements {
		if far(pca.Center[s], -f.PCA.Center[s], 1e-12) {
			t.Errorf("mean of %d: %v, not %v", f.Statements[s], pca.Center[s], -f.PCA.Center[s])
		}
	}
	for i, want := range f.PCA.Components {
		if cos := math.Abs(cosine(pca.Components[i], want)); cos < 1-1e-9 {
			t.Errorf("component %d: |cos| = 1 - %v", i, 1-cos)
		}
	}
}

// comparePriorities takes Polis's own components, which it iterated a hundred
// times and no more.
func (f *fixture) comparePriorities(t *testing.T, all *opinion.Tallies, incomplete bool) {
	t.Helper()
	theirs := &opinion.PCA{Components: f.PCA.Components}
	for _, mean := range f.PCA.Center {
		theirs.Center = append(theirs.Center, -mean)
	}
	extremity := theirs.Extremity(all.All)
	for s, id := range f.Statements {
		if far(extremity[s], f.PCA.Extremity[s], 1e-12) {
			t.Errorf("extremity of %d: %v, not %v", id, extremity[s], f.PCA.Extremity[s])
		}
		want := opinion.Priority(all.Grouped(s), extremity[s])
		if incomplete || slices.Contains(f.Meta, id) {
			want = opinion.MetaPriority
		}
		if got := f.Priorities[idKey(id)]; far(want, got, 1e-6) {
			t.Errorf("priority of %d: %v, not %v", id, want, got)
		}
	}
}
