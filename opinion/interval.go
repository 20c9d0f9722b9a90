package opinion

import "math"

// Interval is a range of shares, within 0 to 1.
type Interval struct{ Low, High float64 }

// Z95 is the standard normal quantile of a two-sided interval of 95 %.
const Z95 = 1.959963984540054

// Wilson is the score interval of a share: successes of trials, z standard
// deviations wide (Z95 for 95 %). Unlike the usual plus and minus it holds its
// level for few votes and for shares near 0 and 1. Of no trials nothing is
// known: 0 to 1. Wilson, Probable inference, JASA 22 (1927).
func Wilson(successes, trials int, z float64) Interval {
	if trials <= 0 {
		return Interval{0, 1}
	}
	n, p := float64(trials), float64(successes)/float64(trials)
	z2 := z * z
	centre := (p + z2/(2*n)) / (1 + z2/n)
	half := z / (1 + z2/n) * math.Sqrt(p*(1-p)/n+z2/(4*n*n))
	i := Interval{max(0, centre-half), min(1, centre+half)}
	// Exactly the ends, which rounding would miss.
	if successes <= 0 {
		i.Low = 0
	}
	if successes >= trials {
		i.High = 1
	}
	return i
}

// AgreeShare is the interval of the share that agrees, at 95 %.
func (t Tally) AgreeShare() Interval { return Wilson(t.Agree, t.Votes(), Z95) }

// DisagreeShare is the interval of the share that disagrees, at 95 %.
func (t Tally) DisagreeShare() Interval { return Wilson(t.Disagree, t.Votes(), Z95) }
