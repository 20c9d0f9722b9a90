package opinion

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestDiagonalise: the vectors are orthonormal, and the matrix stretches each
// by its value.
func TestDiagonalise(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 40 {
		for _, kind := range []string{"full", "rank two", "diagonal", "nothing", "tridiagonal", "graded", "same"} {
			m := make([][]float64, n)
			for i := range m {
				m[i] = make([]float64, n)
			}
			for i := range n {
				for j := range i + 1 {
					x := r.NormFloat64()
					switch kind {
					case "rank two":
						x = float64(i*j) + math.Sin(float64(i))*math.Sin(float64(j))
					case "diagonal":
						if i != j {
							x = 0
						}
					case "nothing":
						x = 0
					case "tridiagonal":
						if j+1 < i {
							x = 0
						}
					case "graded":
						x *= math.Pow(10, -float64(i+j)/4)
					case "same":
						x = 1
					}
					m[i][j], m[j][i] = x, x
				}
			}
			values, vectors := diagonalise(m)
			size := 1e-300
			for _, v := range values {
				size = max(size, math.Abs(v))
			}
			for i := range n {
				if i > 0 && values[i] > values[i-1] {
					t.Errorf("%s of %d: %v before %v", kind, n, values[i-1], values[i])
				}
				for j := range n {
					want := 0.0
					if i == j {
						want = 1
					}
					if got := dot(vectors[i], vectors[j]); math.Abs(got-want) > 1e-13 {
						t.Fatalf("%s of %d: vectors %d and %d have product %v", kind, n, i, j, got)
					}
					if off := dot(m[j], vectors[i]) - values[i]*vectors[i][j]; math.Abs(off) > 1e-13*size {
						t.Fatalf("%s of %d: value %d (%v) is off by %v", kind, n, i, values[i], off)
					}
				}
			}
		}
	}
}
