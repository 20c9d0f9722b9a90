package opinion

import "testing"

// TestInverses holds the written-out inverse to the one with loops, and both to
// the matrix.
func TestInverses(t *testing.T) {
	seed := uint64(1)
	for range 200 {
		var a [pairs]float64
		for i := range axes {
			for j := 0; j <= i; j++ {
				seed = mix(seed)
				a[at(i, j)] = float64(seed>>11)/(1<<53) - .5
			}
			a[at(i, i)] += 4
		}
		fast, slow := a, a
		invertAxes(&fast)
		invert(slow[:], axes)
		for i := range axes {
			for j := range axes {
				one := 0.0
				for k := range axes {
					one += fast[at(i, k)] * a[at(k, j)]
				}
				if i == j {
					one--
				}
				if d := fast[at(i, j)] - slow[at(i, j)]; max(d, -d, one, -one) > 1e-13 {
					t.Fatalf("(%d, %d): %g and %g, product off by %g", i, j, fast[at(i, j)], slow[at(i, j)], one)
				}
			}
		}
	}
}
