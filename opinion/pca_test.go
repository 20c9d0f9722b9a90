package opinion_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"samleng/opinion"
)

func cosine(a, b []float64) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += a[i] * b[i]
		aa += a[i] * a[i]
		bb += b[i] * b[i]
	}
	return ab / math.Sqrt(aa*bb)
}

// TestExactPCA compares with the eigenvectors of the dense matrix, computed in
// float64. Its eigenvalues are of Σ yyᵀ/(participants−1).
func TestExactPCA(t *testing.T) {
	for _, c := range realConversations(t) {
		t.Run(c.name, func(t *testing.T) {
			if !slices.Equal(c.oracle.Reddwarf.PCA.IDs, c.statements) {
				t.Fatal("other statements than the oracle's")
			}
			pca := opinion.NewPCA(c.votes, opinion.Settings{Hidden: c.hidden})
			exact := c.oracle.Exact
			t.Logf("%d × %d, %d votes: eigenvalues %.4v then %.4v; %d passes, bound %.1e",
				c.votes.Participants(), c.votes.Statements(), c.votes.Len(), pca.Eigenvalues, pca.Next, pca.Passes, pca.Bound)
			for i := range 2 {
				if cos := math.Abs(cosine(pca.Components[i], exact.Components[i])); !(cos >= 1-1e-9) {
					t.Errorf("component %d: |cos| = 1 - %v", i, 1-cos)
				}
				if far(pca.Eigenvalues[i]/exact.Eigenvalues[i], 1, 1e-9) {
					t.Errorf("eigenvalue %d: %v, not %v", i, pca.Eigenvalues[i], exact.Eigenvalues[i])
				}
			}
			for s := range exact.Center {
				if far(pca.Center[s], exact.Center[s], 1e-10) {
					t.Errorf("centre of %d: %v, not %v", c.statements[s], pca.Center[s], exact.Center[s])
				}
			}
			four := opinion.NewPCA(c.votes, opinion.Settings{Hidden: c.hidden, Components: 4})
			for i, want := range exact.Eigenvalues {
				if far(four.Eigenvalues[i]/want, 1, 1e-9) {
					t.Errorf("eigenvalue %d of four: %v, not %v", i, four.Eigenvalues[i], want)
				}
			}
			if pca.Bound > 1e-9 || four.Bound > 1e-9 {
				t.Errorf("bounds %v and %v", pca.Bound, four.Bound)
			}
		})
	}
}

// cellsOf gives the votes with people and statements renumbered.
func cellsOf(v *opinion.Votes, people, statements []int) []opinion.Cell {
	var cells []opinion.Cell
	for p := range v.Participants() {
		for _, w := range v.Row(p) {
			cells = append(cells, opinion.Cell{Participant: people[p], Statement: statements[w.Statement()], Vote: w.Vote()})
		}
	}
	return cells
}

func identity(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// TestPCAIsAFunctionOfTheVotes renumbers people and statements.
func TestPCAIsAFunctionOfTheVotes(t *testing.T) {
	for _, c := range realConversations(t) {
		t.Run(c.name, func(t *testing.T) {
			n, m := c.votes.Participants(), c.votes.Statements()
			pca := opinion.NewPCA(c.votes, opinion.Settings{Hidden: c.hidden})
			r := rand.New(rand.NewPCG(1, 2))
			shuffled := opinion.NewPCA(votesOf(t, n, m, cellsOf(c.votes, r.Perm(n), identity(m))), opinion.Settings{Hidden: c.hidden})
			compareComponents(t, "people renumbered", shuffled, pca, identity(m), 1e-12)
			columns := r.Perm(m)
			hidden := make([]bool, m)
			for s, to := range columns {
				hidden[to] = c.hidden[s]
			}
			permuted := opinion.NewPCA(votesOf(t, n, m, cellsOf(c.votes, identity(n), columns)), opinion.Settings{Hidden: hidden})
			compareComponents(t, "statements renumbered", permuted, pca, columns, 1e-8)
		})
	}
}

func compareComponents(t *testing.T, what string, got, want *opinion.PCA, columns []int, by float64) {
	t.Helper()
	worst := 0.0
	for i := range want.Components {
		for s, x := range want.Components[i] {
			worst = max(worst, math.Abs(got.Components[i][columns[s]]-x))
		}
		if far(got.Eigenvalues[i], want.Eigenvalues[i], by*want.Eigenvalues[0]) {
			t.Errorf("%s: eigenvalue %v, not %v", what, got.Eigenvalues[i], want.Eigenvalues[i])
		}
	}
	if !(worst <= by) {
		t.Errorf("%s: loadings differ by %v", what, worst)
	}
	t.Logf("%s: loadings differ by %.1e at most", what, worst)
}

// TestPCAStops: at the tolerance asked for, or at the most passes, and says so.
func TestPCAStops(t *testing.T) {
	v, err := opinion.Synthetic(3000, 60, 20, 5)
	if err != nil {
		t.Fatal(err)
	}
	last, lastBound := 0, 1.0
	progress := func(passes int, bound float64) {
		if passes <= last || bound > 1 || !(bound >= 0) {
			t.Errorf("bound %v after %d passes", bound, passes)
		}
		last, lastBound = passes, bound
	}
	exact := opinion.NewPCA(v, opinion.Settings{Tolerance: 1e-12, Progress: progress})
	if last != exact.Passes || lastBound != exact.Bound || exact.Bound > 1e-12 {
		t.Errorf("%d passes, bound %v; told of %d and %v", exact.Passes, exact.Bound, last, lastBound)
	}
	rough := opinion.NewPCA(v, opinion.Settings{Tolerance: 1e-3})
	if rough.Passes >= exact.Passes || rough.Bound > 1e-3 {
		t.Errorf("%d passes to %v", rough.Passes, rough.Bound)
	}
	short := opinion.NewPCA(v, opinion.Settings{MostPasses: 4})
	if short.Passes != 4 || short.Bound <= 1e-9 {
		t.Errorf("%d passes to %v", short.Passes, short.Bound)
	}
	for _, pca := range []*opinion.PCA{rough, short} { // the bound holds
		for i := range pca.Components {
			cos := math.Abs(cosine(pca.Components[i], exact.Components[i]))
			if sine := math.Sqrt(max(0, 1-cos*cos)); sine > 2*pca.Bound {
				t.Errorf("component %d is off by %v, beyond %v", i, sine, pca.Bound)
			}
		}
	}
}

// TestPCASameBits: the number of processors changes nothing at all.
func TestPCASameBits(t *testing.T) {
	v, err := opinion.Synthetic(100_000, 60, 20, 7)
	if err != nil {
		t.Fatal(err)
	}
	gram, err := opinion.GramOf(v)
	if err != nil {
		t.Fatal(err)
	}
	compareComponents(t, "votes and co-votes", opinion.NewPCA(v, opinion.Settings{}), gram.PCA(v.Participants(), opinion.Settings{}), identity(60), 1e-9)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first *opinion.PCA
	for _, processors := range []int{1, 2, 3, 8} {
		runtime.GOMAXPROCS(processors)
		pca := opinion.NewPCA(v, opinion.Settings{})
		points := opinion.Project(v, pca, opinion.Scaled)
		if first == nil {
			first = pca
		}
		for i := range pca.Components {
			if !slices.Equal(pca.Components[i], first.Components[i]) {
				t.Errorf("component %d differs with %d processors", i, processors)
			}
		}
		if len(points) != v.Participants() {
			t.Errorf("%d points", len(points))
		}
	}
}

// TestPCAOfLittle: what is there is found, what is not is 0, and nothing is
// not a number.
func TestPCAOfLittle(t *testing.T) {
	for _, c := range []struct {
		name              string
		people, questions int
		cells             []opinion.Cell
		hidden            []bool
		want              []float64 // eigenvalues
	}{
		{"nothing", 0, 0, nil, nil, []float64{0, 0}},
		{"no votes", 5, 3, nil, nil, []float64{0, 0}},
		{"one voter", 1, 2, []opinion.Cell{{0, 0, opinion.Agree}, {0, 1, opinion.Disagree}}, nil, []float64{0, 0}},
		{"one voter of three", 3, 2, []opinion.Cell{{1, 0, opinion.Agree}, {1, 1, opinion.Disagree}}, nil, []float64{0, 0}},
		{"all the same", 3, 1, []opinion.Cell{{0, 0, opinion.Agree}, {1, 0, opinion.Agree}, {2, 0, opinion.Agree}}, nil, []float64{0, 0}},
		{"all pass", 2, 2, []opinion.Cell{{0, 0, opinion.Pass}, {1, 0, opinion.Pass}, {1, 1, opinion.Pass}}, nil, []float64{0, 0}},
		{"one statement", 2, 1, []opinion.Cell{{0, 0, opinion.Agree}, {1, 0, opinion.Disagree}}, nil, []float64{2, 0}},
		{"two mirror images", 2, 2, []opinion.Cell{{0, 0, opinion.Agree}, {0, 1, opinion.Disagree}, {1, 0, opinion.Disagree}, {1, 1, opinion.Agree}}, nil, []float64{4, 0}},
		{"two apart", 2, 2, []opinion.Cell{{0, 0, opinion.Agree}, {1, 0, opinion.Disagree}, {0, 1, opinion.Pass}, {1, 1, opinion.Pass}}, nil, []float64{2, 0}},
		{"all hidden", 2, 1, []opinion.Cell{{0, 0, opinion.Agree}, {1, 0, opinion.Disagree}}, []bool{true}, []float64{0, 0}},
		{"one of two hidden", 2, 2, []opinion.Cell{{0, 0, opinion.Agree}, {0, 1, opinion.Disagree}, {1, 0, opinion.Disagree}, {1, 1, opinion.Agree}}, []bool{true}, []float64{2, 0}},
		{"two dimensions of the same variance", 4, 2, []opinion.Cell{
			{0, 0, opinion.Agree}, {1, 0, opinion.Disagree}, {2, 0, opinion.Pass}, {3, 0, opinion.Pass},
			{0, 1, opinion.Pass}, {1, 1, opinion.Pass}, {2, 1, opinion.Agree}, {3, 1, opinion.Disagree}}, nil, []float64{2. / 3, 2. / 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := votesOf(t, c.people, c.questions, c.cells)
			gram, err := opinion.GramOf(v)
			if err != nil {
				t.Fatal(err)
			}
			settings := opinion.Settings{Hidden: c.hidden}
			for source, pca := range map[string]*opinion.PCA{"votes": opinion.NewPCA(v, settings), "Gram": gram.PCA(c.people, settings)} {
				for i, want := range c.want {
					if far(pca.Eigenvalues[i], want, 1e-12) {
						t.Errorf("%s: eigenvalue %d is %v, not %v", source, i, pca.Eigenvalues[i], want)
					}
					length := 0.0
					for s, x := range pca.Components[i] {
						length += x * x
						if s < len(c.hidden) && c.hidden[s] && x != 0 {
							t.Errorf("%s: a hidden statement has loading %v", source, x)
						}
					}
					if want > 0 && far(length, 1, 1e-12) || want == 0 && length != 0 {
						t.Errorf("%s: component %d has length %v", source, i, length)
					}
				}
				// Where two eigenvalues are equal nothing says which component is which.
				if undetermined := c.want[0] > 0 && c.want[0] == c.want[1]; undetermined != (pca.Bound > 1e-9) {
					t.Errorf("%s: bound %v", source, pca.Bound)
				}
				if math.IsNaN(pca.Bound) || math.IsNaN(pca.Next) || math.IsNaN(pca.Total) {
					t.Errorf("%s: %+v", source, pca)
				}
				all := tallies(t, v, nil, 0)
				for _, how := range []opinion.Scaling{opinion.Unscaled, opinion.Scaled, opinion.ScaledAsPolis} {
					for p, point := range opinion.Project(v, pca, how) {
						if math.IsNaN(point[0]) || math.IsNaN(point[1]) {
							t.Errorf("participant %d is at %v", p, point)
						}
					}
				}
				for s, e := range pca.Extremity(all.All) {
					if math.IsNaN(e) || math.IsNaN(opinion.Priority(all.Grouped(s), e)) {
						t.Errorf("statement %d: extremity %v", s, e)
					}
				}
			}
		})
	}
}

// BenchmarkRealPCA computes the components of real conversations.
func BenchmarkRealPCA(b *testing.B) {
	for _, c := range realConversations(b) {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				opinion.NewPCA(c.votes, opinion.Settings{Hidden: c.hidden})
			}
		})
	}
}
