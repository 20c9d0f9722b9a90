// Package disclosure decides which counts of people may be shown: small ones
// are suppressed, others rounded, so that no figure tells of a single person.
package disclosure

import (
	"cmp"
	"slices"
)

// Rule is a programme's rule for counts of people, after the UK statistics
// office's "10-5" rule: counts below Threshold are suppressed, zero included,
// the others rounded to the nearest multiple of Rounding.
type Rule struct {
	Threshold int // 10 by default, 5 at the lowest
	Rounding  int // 5 by default
}

// Count gives what may be shown of one count: nil where it is suppressed. exact
// is for counts that their source has published already.
func (r Rule) Count(n int, exact bool) *int {
	if exact {
		return &n
	}
	if n < r.Threshold {
		return nil
	}
	n = r.round(n)
	return &n
}

// Parts gives what may be shown of counts that make up one whole whose size is
// shown nowhere else than as their sum. All are suppressed where the whole is
// below the threshold, since then any part tells of few people. Otherwise every
// part is rounded on its own: neither a part nor the whole can be worked out to
// the person.
func (r Rule) Parts(parts []int, exact bool) []*int {
	shown := make([]*int, len(parts))
	if !exact && sum(parts) < r.Threshold {
		return shown
	}
	for i, n := range parts {
		if !exact {
			n = r.round(n)
		}
		shown[i] = &n
	}
	return shown
}

func (r Rule) round(n int) int {
	if r.Rounding < 2 {
		return n
	}
	return (n + r.Rounding/2) / r.Rounding * r.Rounding
}

// Table gives what may be shown of rows of parts, such as votes by group, where
// the sums over all rows are shown too. rest is the parts of those who are in no
// row: it is shown nowhere, but is what the sums leave when the rows are taken
// away. Rows below the threshold are suppressed; and as long as what can be
// worked out about those who are hidden concerns fewer than the threshold, the
// smallest row that is left is suppressed with them. The others are rounded as
// Parts does. The result has a nil for a row that is suppressed.
func (r Rule) Table(rows [][]int, rest []int, exact bool) [][]*int {
	shown := make([][]*int, len(rows))
	hidden := sum(rest)
	var left []int // rows that may still be shown
	for i, row := range rows {
		if n := sum(row); !exact && n < r.Threshold {
			hidden += n
		} else {
			left = append(left, i)
		}
	}
	for !exact && hidden > 0 && hidden < r.Threshold && len(left) > 0 {
		smallest := slices.MinFunc(left, func(a, b int) int { return cmp.Compare(sum(rows[a]), sum(rows[b])) })
		hidden += sum(rows[smallest])
		left = slices.DeleteFunc(left, func(i int) bool { return i == smallest })
	}
	for _, i := range left {
		shown[i] = r.Parts(rows[i], exact)
	}
	return shown
}

func sum(parts []int) (whole int) {
	for _, n := range parts {
		whole += n
	}
	return whole
}
