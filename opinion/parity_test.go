package opinion_test

import (
	"math"
	"slices"
	"testing"

	"samleng/opinion"
)

// TestStatisticsOfPolis computes everything that follows from the groups that
// Polis published, for every real conversation.
func TestStatisticsOfPolis(t *testing.T) {
	for _, c := range realConversations(t) {
		t.Run(c.name, func(t *testing.T) {
			all := tallies(t, c.votes, c.group, c.groups)
			stats := all.Statistics()
			for g, id := range c.oracle.Given.GroupIDs {
				want := c.oracle.Given.Stats[idKey(int64(id))]
				if len(want) != len(c.statements) {
					t.Fatalf("group %d: %d statements of %d", id, len(want), len(c.statements))
				}
				for s, statement := range c.statements {
					at := stats[g][s]
					got := [11]float64{
						float64(at.Agree), float64(at.Disagree), float64(at.Votes), at.PAgree, at.PDisagree,
						at.AgreeTest, at.DisagreeTest, at.AgreeRatio, at.DisagreeRatio, at.AgreeRatioTest, at.DisagreeRatioTest,
					}
					for i := range got {
						if far(got[i], want[idKey(statement)][i], 1e-8) {
							t.Errorf("group %d, statement %d, figure %d: %v, not %v", id, statement, i, got[i], want[idKey(statement)][i])
						}
					}
				}
				compareRepresentatives(t, c.statements, opinion.Represent(stats[g], c.hidden), c.oracle.Given.Repness[idKey(int64(id))], 1e-8)
			}
			for s, got := range all.GroupInformedConsensus() {
				if want, has := c.oracle.Given.GAC[idKey(c.statements[s])]; !has || far(got, want, 1e-10) {
					t.Errorf("group-informed consensus on %d: %v, not %v", c.statements[s], got, want)
				}
				// As Polis itself published it: one of the conversations has it.
				if want, has := c.consensus[c.statements[s]]; has && far(got, want, 1e-15) {
					t.Errorf("group-informed consensus on %d: %v, but Polis published %v", c.statements[s], got, want)
				}
			}
			if published := len(c.consensus) > 0; published != (c.name == "bg2050-volunteers") {
				t.Errorf("%d statements with a published group-informed consensus", len(c.consensus))
			}
			compareConsensus(t, c.statements, all.All, c.hidden, c.oracle.Given.Consensus, 1e-8)
		})
	}
}

func compareRepresentatives(t *testing.T, statements []int64, got []opinion.Representative, want []entry, by float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d representative statements, not %d", len(got), len(want))
	}
	for i, r := range got {
		w := want[i]
		direction := map[bool]string{true: "agree", false: "disagree"}[r.Agree]
		if statements[r.Statement] != w.ID || direction != w.Direction || r.Count != w.Count || r.Votes != w.Votes || r.BestAgree != w.BestAgree ||
			far(r.Success, w.Success, by) || far(r.Test, w.Test, by) || far(r.Repness, w.Repness, by) || far(r.RepnessTest, w.RepnessTest, by) {
			t.Errorf("representative statement %d: %d %+v, not %+v", i, statements[r.Statement], r, w)
		}
	}
}

func compareConsensus(t *testing.T, statements []int64, all []opinion.Tally, hidden []bool, want consensusLists, by float64) {
	t.Helper()
	agree, disagree := opinion.FindConsensus(all, hidden)
	compare := func(what string, got []opinion.Consensus, want []entry) {
		t.Helper()
		if len(got) != len(want) {
			t.Errorf("%s: %d statements, not %d", what, len(got), len(want))
			return
		}
		for i, c := range got {
			w := want[i]
			if statements[c.Statement] != w.ID || c.Count != w.Count || c.Votes != w.Votes || far(c.Success, w.Success, by) || far(c.Test, w.Test, by) {
				t.Errorf("%s %d: %d %+v, not %+v", what, i, statements[c.Statement], c, w)
			}
		}
	}
	compare("agree", agree, want.Agree)
	compare("disagree", disagree, want.Disagree)
}

// TestExtremityAndPriority compares with the formulas on the exact components,
// and with the re-implementation in Python, whose components are approximate
// where a side exceeds 500 (opinion-mapping.md, section 0).
func TestExtremityAndPriority(t *testing.T) {
	approximate := map[string]bool{"american-assembly.bowling-green": true, "scoop-hivemind.biodiversity": true, "vtaiwan.uberx": true}
	for _, c := range realConversations(t) {
		t.Run(c.name, func(t *testing.T) {
			labels := make([]int, len(c.people))
			groups := 0
			for i, id := range c.people {
				label, has := c.oracle.Reddwarf.Labels[idKey(id)]
				if !has {
					label = opinion.NoGroup
				}
				labels[i] = label
				groups = max(groups, label+1)
			}
			all := tallies(t, c.votes, labels, groups)
			pca := opinion.NewPCA(c.votes, opinion.Settings{Hidden: c.hidden, Tolerance: 1e-11})
			got := pca.Extremity(all.All)
			by := 1e-9
			if approximate[c.name] {
				by = 2e-4
			}
			exact := c.oracle.Exact
			for s, id := range c.statements {
				want := math.Sqrt(float64(len(c.statements))) * math.Abs(1-exact.Center[s]) * math.Hypot(exact.Components[0][s], exact.Components[1][s])
				if far(got[s], want, 1e-9) {
					t.Errorf("extremity of %d: %v, not %v", id, got[s], want)
				}
				if far(got[s], c.oracle.Reddwarf.Extremity[idKey(id)], by) {
					t.Errorf("extremity of %d: %v, not %v", id, got[s], c.oracle.Reddwarf.Extremity[idKey(id)])
				}
				if slices.Contains(c.oracle.Meta, id) {
					if want := c.oracle.Reddwarf.Priority[idKey(id)]; want != opinion.MetaPriority {
						t.Errorf("priority of %d, about the dialogue itself: %v", id, want)
					}
					continue
				}
				priority := opinion.Priority(all.Grouped(s), got[s])
				if exactly := opinion.Priority(all.Grouped(s), want); far(priority, exactly, 1e-6) {
					t.Errorf("priority of %d: %v, not %v", id, priority, exactly)
				}
				if want := c.oracle.Reddwarf.Priority[idKey(id)]; far(priority, want, max(by, 1e-6)) {
					t.Errorf("priority of %d: %v, not %v", id, priority, want)
				}
			}
		})
	}
}
