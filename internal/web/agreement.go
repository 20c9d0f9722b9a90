package web

import "samleng/opinion"

// agreement is the share of those who reacted to a view that agree with it.
func (t *tallyView) agreement() float64 { return float64(t.Agree) / float64(t.Total) }

// surelyAgree is the share of agreement that the tally makes sure of: the lower
// end of Wilson's 95 % interval, between 0 and 1. Views are ranked by it, so that
// few who all agree do not stand above many of whom nearly all do: 10 of 10 give
// 0.72, 200 of 250 give 0.75.
func (t *tallyView) surelyAgree() float64 { return opinion.Wilson(t.Agree, t.Total, opinion.Z95).Low }

// division is highest where as many disagree as agree, and few pass: the
// smaller side's share.
func (t *tallyView) division() float64 {
	return float64(min(t.Agree, t.Disagree)) / float64(t.Total)
}
