package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"samleng/opinion"
)

// synthetic generates votes, maps them whole (means, principal components,
// positions, groups, tallies by group) and says how long each step took.
func (c *mapCommand) synthetic(out io.Writer, errors *os.File) error {
	var people, statements, each int
	if n, err := fmt.Sscanf(c.Synthetic, "%dx%dx%d", &people, &statements, &each); n != 3 || err != nil ||
		c.Synthetic != fmt.Sprintf("%dx%dx%d", people, statements, each) {
		return fmt.Errorf("--synthetic %s: say people, statements and votes of each, such as 17000000x1000x50", c.Synthetic)
	}
	told := newProgress(errors)
	defer told.end()
	p := &printer{w: out}
	began := time.Now()
	step := func(what string, do func() error) error {
		start := time.Now()
		err := do()
		p.f("%-32s %8.2f s\n", what, time.Since(start).Seconds())
		return err
	}
	var votes *opinion.Votes
	var pca *opinion.PCA
	var groups *opinion.Grouping
	var tallies *opinion.Tallies
	steps := []struct {
		what string
		do   func() error
	}{
		{"generate votes", func() (err error) {
			votes, err = opinion.Synthetic(people, statements, each, c.Seed)
			return err
		}},
		{"principal components", func() error {
			pca = opinion.NewPCA(votes, opinion.Settings{Tolerance: 1e-6})
			return nil
		}},
		{"positions and groups", func() error {
			_, groups = opinion.FindGroups(votes, nil)
			return nil
		}},
		{"tallies by group", func() (err error) {
			group := make([]int, votes.Participants())
			for i, g := range groups.Group {
				group[i] = opinion.NoGroup
				if g >= 0 && groups.Probability[i] >= opinion.Placed {
					group[i] = int(g)
				}
			}
			tallies, err = opinion.Count(votes, group, groups.K)
			return err
		}},
	}
	for i, s := range steps {
		told.begin(fmt.Sprintf("step %d of %d, %s", i+1, len(steps), s.what), 0)
		if err := step(s.what, s.do); err != nil {
			return err
		}
	}
	agree, disagree := tallies.Common(nil)
	p.f("%-32s %8.2f s\n\n", "in all", time.Since(began).Seconds())
	p.f("%d people, %d statements, %d votes; %d passes for the components (bound %.1e)\n", votes.Participants(), votes.Statements(), votes.Len(), pca.Passes, pca.Bound)
	p.f("%d groups of %v people, of whom %v are placed; %d views shared by all, %d divide\n", groups.K, groups.Sizes, tallies.Sizes, len(agree)+len(disagree), len(tallies.Divided(nil)))
	p.f("of those placed, from the planted group that most are of: %s\n", planted(groups, c.Seed))
	return p.err
}

// planted says, of the people placed in each group, how many are of the planted
// group that most of them are of.
func planted(groups *opinion.Grouping, seed uint64) string {
	counts := make([][4]int, groups.K)
	for p, g := range groups.Group {
		if g >= 0 && groups.Probability[p] >= opinion.Placed {
			counts[g][opinion.SyntheticGroup(p, seed)]++
		}
	}
	text := ""
	for g, of := range counts {
		whole := of[0] + of[1] + of[2] + of[3]
		if whole == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("in group %d %.2f%%", g, 100*float64(slices.Max(of[:]))/float64(whole))
	}
	return text
}
