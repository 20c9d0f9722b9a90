package web

import "math"

// agreement is the share of those who reacted to a view that agree with it.
func (t *tallyView) agreement() float64 { return float64(t.Agree) / float64(t.Total) }

// surelyAgree is the share of agreement that the tally makes sure of: the lower
// bound of Wilson's 95 % interval for Agree of Total, between 0 and 1. Views are
// ranked by it, so that few who all agree do not stand above many of whom nearly
// all do: 10 of 10 give 0.72, 200 of 250 give 0.75.
//
// With p = Agree/Total, n = Total and z = 1.96 it is
//
//	(p + z²/2n − z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)
//
// (E. B. Wilson: Probable inference, the law of succession, and statistical
// inference. Journal of the American Statistical Association 22, 1927, 209–212.)
func (t *tallyView) surelyAgree() float64 {
	const z = 1.959963984540054 // the normal distribution's 97.5 % point
	p, n := t.agreement(), float64(t.Total)
	return (p + z*z/(2*n) - z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))) / (1 + z*z/n)
}

// division is highest where as many disagree as agree, and few pass: the
// smaller side's share.
func (t *tallyView) division() float64 {
	return float64(min(t.Agree, t.Disagree)) / float64(t.Total)
}
