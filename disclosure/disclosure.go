// Package disclosure decides which counts of people may be shown: small ones
// are suppressed, others rounded, so that no figure tells of a single person.
package disclosure

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
	whole := 0
	for _, n := range parts {
		whole += n
	}
	if !exact && whole < r.Threshold {
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
