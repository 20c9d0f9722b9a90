package disclosure_test

import (
	"testing"

	"samleng/disclosure"
)

// TestTable: what the rows and the sums leave over never concerns few people.
func TestTable(t *testing.T) {
	r := disclosure.Rule{Threshold: 10, Rounding: 5}
	for _, c := range []struct {
		why   string
		rows  [][]int
		rest  []int
		shown []bool
	}{
		{"all large", [][]int{{20, 3, 1}, {4, 30, 2}}, []int{6, 4, 2}, []bool{true, true}},
		{"one small: the smallest other goes with it", [][]int{{20, 3, 1}, {4, 1, 0}, {40, 2, 3}}, []int{0, 0, 0}, []bool{false, false, true}},
		{"one small, hidden among many who are in no row", [][]int{{20, 3, 1}, {4, 1, 0}}, []int{10, 2, 0}, []bool{true, false}},
		{"few in no row", [][]int{{20, 3, 1}, {40, 30, 2}}, []int{1, 0, 0}, []bool{false, true}},
		{"nobody in no row", [][]int{{20, 3, 1}, {40, 30, 2}}, []int{0, 0, 0}, []bool{true, true}},
		{"all small", [][]int{{2, 3, 1}, {4, 1, 2}}, []int{0, 0, 0}, []bool{false, false}},
		{"none", nil, []int{3, 0, 0}, nil},
	} {
		for i, row := range r.Table(c.rows, c.rest, false) {
			if (row != nil) != c.shown[i] {
				t.Errorf("%s: row %d shown: %t", c.why, i, row != nil)
			}
			for k, n := range row {
				if *n%5 != 0 || *n < c.rows[i][k]-2 || *n > c.rows[i][k]+2 {
					t.Errorf("%s: %d is shown as %d", c.why, c.rows[i][k], *n)
				}
			}
		}
		for i, row := range r.Table(c.rows, c.rest, true) {
			for k, n := range row {
				if *n != c.rows[i][k] {
					t.Errorf("%s: exact %d is shown as %d", c.why, c.rows[i][k], *n)
				}
			}
		}
	}
}
