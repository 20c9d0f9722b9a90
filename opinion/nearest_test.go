package opinion_test

import (
	"testing"

	"samleng/opinion"
)

// TestNearestIsTheGroupOfTheMap: for the people whom the map places, their own
// votes and the groups' tallies name the same group, nearly always.
func TestNearestIsTheGroupOfTheMap(t *testing.T) {
	for _, c := range realConversations(t) {
		t.Run(c.name, func(t *testing.T) {
			v := c.votes
			_, g := opinion.FindGroups(v, nil)
			if g.K < 2 {
				t.Skip("one group")
			}
			group := make([]int, v.Participants())
			placed := 0
			for p := range group {
				group[p] = opinion.NoGroup
				if g.Group[p] >= 0 && g.Probability[p] >= opinion.Placed {
					group[p] = int(g.Group[p])
					placed++
				}
			}
			tallies, err := opinion.Count(v, group, g.K)
			if err != nil {
				t.Fatal(err)
			}
			same, sure, sureSame := 0, 0, 0
			for p := range group {
				if group[p] == opinion.NoGroup {
					continue
				}
				near, _ := opinion.Nearest(tallies.Groups, v.Row(p))
				best := 0
				for k := range near {
					if near[k] > near[best] {
						best = k
					}
				}
				if best == group[p] {
					same++
				}
				if near[best] >= opinion.Placed {
					if sure++; best == group[p] {
						sureSame++
					}
				}
			}
			t.Logf("K=%d: %d placed, %d named the same; %d surely, %d of them the same", g.K, placed, same, sure, sureSame)
			if float64(same) < 0.93*float64(placed) || float64(sureSame) < 0.97*float64(sure) {
				t.Errorf("%d of %d placed people are nearest to their group; of %d sure ones %d", same, placed, sure, sureSame)
			}
		})
	}
}

// TestNearestOfNothing: without votes, or without groups, nothing is nearer.
func TestNearestOfNothing(t *testing.T) {
	groups := [][]opinion.Tally{{{Agree: 10}}, {{Disagree: 10}}}
	if near, n := opinion.Nearest(groups, nil); n != 0 || near[0] != near[1] {
		t.Errorf("of no votes: %v", near)
	}
	if near, n := opinion.Nearest(groups, []opinion.Word{opinion.MakeWord(0, opinion.Agree)}); n != 1 || near[0] < 0.9 {
		t.Errorf("who agrees: %v", near)
	}
	if near, _ := opinion.Nearest(nil, []opinion.Word{opinion.MakeWord(0, opinion.Agree)}); len(near) != 0 {
		t.Errorf("of no groups: %v", near)
	}
	if near, n := opinion.Nearest([][]opinion.Tally{{{Agree: 10}}, {{}}}, []opinion.Word{opinion.MakeWord(0, opinion.Agree)}); n != 0 || near[0] != near[1] {
		t.Errorf("where one group has no votes: %v", near)
	}
}
