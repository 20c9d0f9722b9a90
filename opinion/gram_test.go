package opinion_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"samleng/opinion"
)

// TestGramOfRealVotes: the co-vote matrix gives the same components as the
// votes themselves.
func TestGramOfRealVotes(t *testing.T) {
	for _, c := range realConversations(t) {
		t.Run(c.name, func(t *testing.T) {
			gram, err := opinion.GramOf(c.votes)
			if err != nil {
				t.Fatal(err)
			}
			settings := opinion.Settings{Hidden: c.hidden}
			streamed := opinion.NewPCA(c.votes, settings)
			cold := gram.PCA(c.votes.Participants(), settings)
			compareComponents(t, "cold", cold, streamed, identity(len(c.statements)), 1e-9)
			settings.Start, settings.NextAtMost = cold, (cold.Next+cold.Eigenvalues[1])/2
			warm := gram.PCA(c.votes.Participants(), settings)
			compareComponents(t, "warm", warm, streamed, identity(len(c.statements)), 1e-9)
			if warm.Passes > 2 {
				t.Errorf("%d passes from the result itself", warm.Passes)
			}
			// Where another may have overtaken it, it is not believed.
			settings.NextAtMost = cold.Eigenvalues[1] * (1 + 1e-6)
			if doubted := gram.PCA(c.votes.Participants(), settings); doubted.Passes < cold.Passes {
				t.Errorf("%d passes, from nothing %d", doubted.Passes, cold.Passes)
			}
		})
	}
}

// TestGramIsTheSums: adding, changing and withdrawing votes leaves the sums
// that counting afresh gives, in any order.
func TestGramIsTheSums(t *testing.T) {
	const people, statements = 20, 9
	r := rand.New(rand.NewPCG(3, 4))
	gram, err := opinion.NewGram(0)
	if err != nil {
		t.Fatal(err)
	}
	live := opinion.NewLive()
	if err := live.Grow(people, statements); err != nil {
		t.Fatal(err)
	}
	if err := gram.Grow(statements); err != nil {
		t.Fatal(err)
	}
	for step := range 4000 {
		p, s := r.IntN(people), r.IntN(statements)
		before := append([]opinion.Word(nil), live.Row(p)...)
		for _, w := range before {
			if w.Statement() == s {
				gram.Remove(before, w)
			}
		}
		if r.IntN(3) == 0 {
			err = live.Withdraw(p, s)
		} else {
			v := opinion.Vote(r.IntN(3) - 1)
			gram.Add(before, opinion.MakeWord(s, v))
			err = live.Vote(p, s, v)
		}
		if err != nil {
			t.Fatal(err)
		}
		if step%500 != 499 {
			continue
		}
		for j := range statements {
			for l := range statements {
				var want [4]int
				for p := range people {
					var x, y *opinion.Vote
					for _, w := range live.Row(p) {
						v := w.Vote()
						if w.Statement() == j {
							x = &v
						}
						if w.Statement() == l {
							y = &v
						}
					}
					if x != nil && y != nil {
						want[0] += int(*x) * int(*y)
						want[1] += int(*x)
						want[2] += int(*y)
						want[3]++
					}
				}
				var got [4]int
				got[0], got[1], got[2], got[3] = gram.Pair(j, l)
				if got != want {
					t.Fatalf("step %d, statements %d and %d: %v, not %v", step, j, l, got, want)
				}
			}
		}
	}
}

// TestGramOfMany: sums beyond 16 bits, over several chunks.
func TestGramOfMany(t *testing.T) {
	v, err := opinion.Synthetic(90_000, 3, 3, 2)
	must(t, err)
	gram, err := opinion.GramOf(v)
	must(t, err)
	for j := range 3 {
		for l := range 3 {
			var want, got [4]int
			for p := range v.Participants() {
				x, y := int(v.Row(p)[j].Vote()), int(v.Row(p)[l].Vote())
				want = [4]int{want[0] + x*y, want[1] + x, want[2] + y, want[3] + 1}
			}
			if got[0], got[1], got[2], got[3] = gram.Pair(j, l); got != want {
				t.Errorf("statements %d and %d: %v, not %v", j, l, got, want)
			}
		}
	}
}

func TestGramRefuses(t *testing.T) {
	if _, err := opinion.NewGram(opinion.MaxGramStatements + 1); err == nil {
		t.Error("too many statements were taken")
	}
	if _, err := opinion.NewGram(-1); err == nil {
		t.Error("fewer than no statements were taken")
	}
}

// TestProjection compares with the re-implementation's positions: without what
// was moderated out in either place the scale is √(m/n).
func TestProjection(t *testing.T) {
	for _, c := range realConversations(t) {
		t.Run(c.name, func(t *testing.T) {
			pca := opinion.NewPCA(c.votes, opinion.Settings{Hidden: c.hidden})
			points := opinion.Project(c.votes, pca, opinion.ScaledAsPolis)
			var sign [2]float64
			worst := 0.0
			by := 1e-6
			if len(c.people) > 500 || len(c.statements) > 500 {
				by = 2e-3 // its components are approximate there
			}
			for d := range 2 {
				var ab float64
				for p, id := range c.people {
					ab += points[p][d] * c.oracle.Reddwarf.Projections[idKey(id)][d]
				}
				sign[d] = math.Copysign(1, ab)
			}
			for p, id := range c.people {
				want, has := c.oracle.Reddwarf.Projections[idKey(id)]
				if !has {
					t.Fatalf("no position of %d", id)
				}
				for d := range 2 {
					worst = max(worst, math.Abs(points[p][d]*sign[d]-want[d]))
				}
			}
			if !(worst <= by) {
				t.Errorf("positions differ by %v", worst)
			}
			// The three ways differ by a factor for each person.
			plain, scaled := opinion.Project(c.votes, pca, opinion.Unscaled), opinion.Project(c.votes, pca, opinion.Scaled)
			shown := 0
			for _, hidden := range c.hidden {
				if !hidden {
					shown++
				}
			}
			for p := range plain {
				n := 0
				for _, w := range c.votes.Row(p) {
					if !c.hidden[w.Statement()] {
						n++
					}
				}
				for d := range 2 {
					if want := plain[p][d] * math.Sqrt(float64(shown)/float64(max(n, 1))); far(scaled[p][d], want, 1e-12) {
						t.Errorf("participant %d: %v, not %v", p, scaled[p][d], want)
					}
				}
			}
		})
	}
}

// TestProjectionOfNewerVotes: votes on statements that the components do not
// know say nothing, whatever was computed before.
func TestProjectionOfNewerVotes(t *testing.T) {
	all, err := opinion.Synthetic(500, 70, 20, 4)
	must(t, err)
	var cells []opinion.Cell
	for _, cell := range cellsOf(all, identity(500), identity(70)) {
		if cell.Statement < 60 {
			cells = append(cells, cell)
		}
	}
	older := votesOf(t, 500, 60, cells)
	pca := opinion.NewPCA(older, opinion.Settings{})
	for _, how := range []opinion.Scaling{opinion.Unscaled, opinion.Scaled} {
		want := opinion.Project(older, pca, how)
		opinion.NewPCA(all, opinion.Settings{})
		for p, got := range opinion.Project(all, pca, how) {
			if got != want[p] {
				t.Fatalf("participant %d is at %v, not %v", p, got, want[p])
			}
		}
	}
}
