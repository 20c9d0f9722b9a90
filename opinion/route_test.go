package opinion

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestRoute(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name       string
		priorities []float64
		open       []bool
		explore    float64
		want       []float64 // propensities
	}{
		{"in proportion", []float64{1, 3, 100}, []bool{true, true, false}, 0, []float64{.25, .75, 0}},
		{"a tenth even", []float64{1, 3, 0}, []bool{true, true, true}, .1, []float64{.9/4 + .1/3, .9*3/4 + .1/3, .1 / 3}},
		{"all even", []float64{1, 3}, []bool{true, true}, 1, []float64{.5, .5}},
		{"no priorities", nil, []bool{true, true, true}, .1, []float64{1. / 3, 1. / 3, 1. / 3}},
		{"no numbers", []float64{nan, inf, -1, 1}, []bool{true, true, true, true}, 0, []float64{.25, .25, .25, .25}},
		{"all nothing", []float64{0, 0}, []bool{true, true}, 0, []float64{.5, .5}},
		{"one nothing", []float64{0, 1, 0}, []bool{true, true, true}, 0, []float64{0, 1, 0}},
		{"beyond numbers", []float64{math.MaxFloat64, math.MaxFloat64}, []bool{true, true}, 0, []float64{.5, .5}},
		{"explore out of range", []float64{1, 3}, []bool{true, true}, 7, []float64{.5, .5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := make([]float64, len(c.open))
			const steps = 12000
			for i := range steps {
				s, p := Route(c.priorities, c.open, c.explore, (float64(i)+.5)/steps)
				if s < 0 || !c.open[s] || math.Abs(p-c.want[s]) > 1e-12 {
					t.Fatalf("statement %d with propensity %v", s, p)
				}
				got[s] += 1. / steps
			}
			for s := range got {
				if math.Abs(got[s]-c.want[s]) > 2./steps {
					t.Errorf("statement %d was chosen with %v, not %v", s, got[s], c.want[s])
				}
			}
			if s, p := Route(c.priorities, c.open, c.explore, 1); s < 0 || p == 0 {
				t.Errorf("at the end: statement %d with propensity %v", s, p)
			}
		})
	}
	if s, p := Route([]float64{1}, []bool{false}, .1, .5); s != -1 || p != 0 {
		t.Errorf("of none: %d, %v", s, p)
	}
}

// TestRouteLeavesNothingOut: however little Polis's priority leaves of a
// statement that is disagreed with, its propensity has a floor.
func TestRouteLeavesNothingOut(t *testing.T) {
	priorities := make([]float64, 50)
	open := make([]bool, 50)
	for s := range priorities {
		priorities[s], open[s] = Priority(Tally{Agree: 500}, 3), true
	}
	priorities[7] = Priority(Tally{Disagree: 1000}, 0)
	if priorities[7] > 1e-5*priorities[0] {
		t.Fatalf("priorities %v and %v: the test shows nothing", priorities[7], priorities[0])
	}
	r := rand.New(rand.NewPCG(1, 2))
	shown := 0
	for range 50_000 {
		s, p := Route(priorities, open, Explore, r.Float64())
		if p < Explore/50 {
			t.Fatalf("statement %d has propensity %v", s, p)
		}
		if s == 7 {
			shown++
		}
	}
	if shown < 50 || shown > 150 {
		t.Errorf("shown %d times of 50000, not about 100", shown)
	}
}
