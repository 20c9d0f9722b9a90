package opinion

import (
	"slices"
	"testing"
)

// TestRepresent has the rules that real conversations do not happen to reach.
func TestRepresent(t *testing.T) {
	strong := func(n int) Statistic { return NewStatistic(Tally{Agree: n}, Tally{Disagree: n}) }
	against := NewStatistic(Tally{Disagree: 50}, Tally{Agree: 50})
	passed := NewStatistic(Tally{Pass: 9}, Tally{Pass: 9, Agree: 1})
	weak := NewStatistic(Tally{Agree: 1, Disagree: 1}, Tally{Agree: 1, Disagree: 1})
	lone := NewStatistic(Tally{Disagree: 2}, Tally{Disagree: 1, Pass: 1})
	for _, c := range []struct {
		name   string
		stats  []Statistic
		hidden []bool
		want   []int // statements, the first of them the best agreed on, or ~statement if not
		agree  []bool
	}{
		{"nothing", nil, nil, nil, nil},
		{"the strongest", []Statistic{weak, strong(20), strong(30)}, nil, []int{2, 1}, []bool{true, true}},
		{"hidden", []Statistic{weak, strong(20), strong(30)}, []bool{false, false, true}, []int{1}, []bool{true}},
		{"all hidden", []Statistic{strong(20)}, []bool{true}, nil, nil},
		{"agreement first", []Statistic{against, strong(20)}, nil, []int{1, 0}, []bool{true, false}},
		{"at most five", []Statistic{strong(10), strong(20), strong(30), strong(40), strong(50), strong(60), strong(70)}, nil,
			[]int{6, 5, 4, 3, 2}, []bool{true, true, true, true, true}},
		{"none passes, none is agreed on", []Statistic{passed, lone}, nil, []int{^1}, []bool{false}},
		{"none passes, the first of equals", []Statistic{lone, lone}, nil, []int{^0}, []bool{false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []int
			var agree []bool
			for i, r := range Represent(c.stats, c.hidden) {
				s := r.Statement
				if i == 0 && !r.BestAgree {
					s = ^s
				}
				if i > 0 && r.BestAgree {
					t.Errorf("place %d is the best agreed on", i)
				}
				got, agree = append(got, s), append(agree, r.Agree)
			}
			if !slices.Equal(got, c.want) || !slices.Equal(agree, c.agree) {
				t.Errorf("%v, %v", got, agree)
			}
		})
	}
}

func TestFindConsensusHides(t *testing.T) {
	all := []Tally{{Agree: 30}, {Agree: 20}, {Disagree: 9}, {Agree: 1, Disagree: 1}, {Pass: 9}}
	agree, disagree := FindConsensus(all, []bool{true})
	if len(agree) != 1 || agree[0].Statement != 1 || len(disagree) != 1 || disagree[0].Statement != 2 {
		t.Errorf("%v, %v", agree, disagree)
	}
	// Of equals the earlier first, at most five.
	agree, _ = FindConsensus(slices.Repeat([]Tally{{Agree: 9}}, 7), nil)
	if len(agree) != 5 || agree[0].Statement != 0 || agree[4].Statement != 4 {
		t.Errorf("%v", agree)
	}
}
