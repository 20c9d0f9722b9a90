package opinion

import (
	"math"
	"slices"
	"testing"
)

func TestWilson(t *testing.T) {
	for _, c := range []struct {
		n, of     int
		low, high float64
	}{
		{0, 0, 0, 1},
		{0, 10, 0, 0.2775327998628892},
		{10, 10, 0.7224672001371108, 1},
		{1, 2, 0.0945312057, 0.9054687943},
		{81, 263, 0.2552546, 0.3661766}, // Newcombe, Statistics in Medicine 17 (1998): .2553 to .3662
		{15, 148, 0.0624287, 0.1605202}, // .0624 to .1605
	} {
		got := Wilson(c.n, c.of, Z95)
		if math.Abs(got.Low-c.low) > 5e-5 || math.Abs(got.High-c.high) > 5e-5 {
			t.Errorf("%d of %d: %v to %v, not %v to %v", c.n, c.of, got.Low, got.High, c.low, c.high)
		}
	}
	// Its ends solve (p̂ − p)² = z² p(1−p)/n.
	for n := range 31 {
		for k := range n + 1 {
			got, p := Wilson(k, n, 1.5), float64(k)/float64(n)
			if (got.Low == 0) != (k == 0) || (got.High == 1) != (k == n) {
				t.Errorf("%d of %d: %v to %v", k, n, got.Low, got.High)
			}
			for _, end := range []float64{got.Low, got.High} {
				if n > 0 && end > 0 && end < 1 && math.Abs((p-end)*(p-end)-2.25*end*(1-end)/float64(n)) > 1e-12 {
					t.Errorf("%d of %d: %v is no end", k, n, end)
				}
			}
		}
	}
}

func TestBenjaminiHochberg(t *testing.T) {
	// The example of the paper: fifteen p-values at .05 keep four.
	p := []float64{.4262, .0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, 1, .5719, .6528, .7590}
	keep := BenjaminiHochberg(p, .05)
	for i, at := range p {
		if keep[i] != (at <= .0095) {
			t.Errorf("%v: %v", at, keep[i])
		}
	}
	// A later p-value that is small enough takes the earlier ones along.
	if got := BenjaminiHochberg([]float64{.09, .08}, .1); !slices.Equal(got, []bool{true, true}) {
		t.Errorf("%v", got)
	}
	if got := BenjaminiHochberg(nil, .1); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestDiscover(t *testing.T) {
	// Two groups, four statements: one that divides them, one on which they
	// agree, one on which nobody voted, one that is hidden.
	split := []Tally{{Agree: 40, Pass: 2}, {Agree: 20, Disagree: 20}, {}, {Agree: 40}}
	other := []Tally{{Disagree: 40, Pass: 2}, {Agree: 20, Disagree: 20}, {}, {Disagree: 40}}
	all := &Tallies{Groups: [][]Tally{split, other}, All: make([]Tally, 4)}
	d := Discover(all.Statistics(), []bool{false, false, false, true})
	if d.Tests != 4 || d.Found != 2 || d.Firm != 2 || math.Abs(d.ByChance-0.8) > 1e-4 {
		t.Errorf("%+v", d)
	}
	for g := range d.IsFirm {
		if !slices.Equal(d.IsFirm[g], []bool{true, false, false, false}) {
			t.Errorf("group %d: %v", g, d.IsFirm[g])
		}
	}
}
