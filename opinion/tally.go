package opinion

import "fmt"

// Tally is how many people said what of one statement.
type Tally struct {
	Agree, Disagree, Pass int
}

// Votes is how many people voted on the statement.
func (t Tally) Votes() int { return t.Agree + t.Disagree + t.Pass }

// Mean is the mean of the votes, agree +1, disagree −1; 0 where there is none.
func (t Tally) Mean() float64 {
	if t.Votes() == 0 {
		return 0
	}
	return float64(t.Agree-t.Disagree) / float64(t.Votes())
}

// spread is the sum of the squared distances of the votes from their mean. It
// is exactly 0 where all say the same.
func (t Tally) spread() float64 {
	n, sum := t.Votes(), t.Agree-t.Disagree
	if n == 0 {
		return 0
	}
	return float64(n*(t.Agree+t.Disagree)-sum*sum) / float64(n)
}

func (t Tally) plus(u Tally) Tally {
	return Tally{t.Agree + u.Agree, t.Disagree + u.Disagree, t.Pass + u.Pass}
}

func (t Tally) minus(u Tally) Tally {
	return Tally{t.Agree - u.Agree, t.Disagree - u.Disagree, t.Pass - u.Pass}
}

// tallyOf is the tally of one vote.
func tallyOf(w Word) Tally {
	switch w.Vote() {
	case Agree:
		return Tally{Agree: 1}
	case Disagree:
		return Tally{Disagree: 1}
	default:
		return Tally{Pass: 1}
	}
}

// NoGroup stands for a participant who is in no group.
const NoGroup = -1

// Tallies are the counts of every statement.
type Tallies struct {
	// All has a tally a statement, of everybody who voted on it, in a group
	// or not.
	All []Tally
	// Groups has for every group a tally a statement.
	Groups [][]Tally
	// Sizes is how many participants are in each group.
	Sizes []int
}

// Grouped is the tally of the statement among those who are in a group.
func (t *Tallies) Grouped(statement int) Tally {
	var sum Tally
	for _, group := range t.Groups {
		sum = sum.plus(group[statement])
	}
	return sum
}

// Count counts the votes of every statement, of all and by group. group has
// the group of every participant, from 0 to groups−1 or NoGroup; it may be nil
// where groups is 0.
func Count(v *Votes, group []int, groups int) (*Tallies, error) {
	if groups == 0 && group == nil {
		return &Tallies{All: countAll(v)}, nil
	}
	if len(group) != v.participants {
		return nil, fmt.Errorf("groups of %d participants for the votes of %d", len(group), v.participants)
	}
	t := &Tallies{Groups: make([][]Tally, groups), Sizes: make([]int, groups)}
	for p, g := range group {
		if g < NoGroup || g >= groups {
			return nil, fmt.Errorf("participant %d is in group %d of %d", p, g, groups)
		}
		if g != NoGroup {
			t.Sizes[g]++
		}
	}
	words := v.statements << 2
	histograms := make([][]uint32, workers(len(v.chunks)))
	parallel(len(v.chunks), func(worker, i int) {
		h := histograms[worker]
		if h == nil {
			h = make([]uint32, (groups+1)*words)
			histograms[worker] = h
		}
		c := &v.chunks[i]
		for r := 1; r < len(c.start); r++ {
			at := h[(group[i*chunkRows+r-1]+1)*words:]
			for _, w := range c.words[c.start[r-1]:c.start[r]] {
				at[w]++
			}
		}
	})
	total := sumHistograms(histograms, (groups+1)*words)
	t.All = talliesOf(total[:words])
	for g := range groups {
		t.Groups[g] = talliesOf(total[(g+1)*words : (g+2)*words])
		for s, in := range t.Groups[g] {
			t.All[s] = t.All[s].plus(in)
		}
	}
	return t, nil
}

// countAll counts the votes of every statement.
func countAll(v *Votes) []Tally {
	histograms := make([][]uint32, workers(len(v.chunks)))
	parallel(len(v.chunks), func(worker, i int) {
		h := histograms[worker]
		if h == nil {
			h = make([]uint32, 1<<16)
			histograms[worker] = h
		}
		table := (*[1 << 16]uint32)(h) // any word is an index into it: no bounds to check
		for _, w := range v.chunks[i].words {
			table[w]++
		}
	})
	return talliesOf(sumHistograms(histograms, v.statements<<2))
}

// sumHistograms adds what the workers counted; the order does not matter for
// whole numbers.
func sumHistograms(histograms [][]uint32, length int) []uint32 {
	total := make([]uint32, length)
	for _, h := range histograms {
		for i := range min(length, len(h)) {
			total[i] += h[i]
		}
	}
	return total
}

// talliesOf reads a histogram over words.
func talliesOf(words []uint32) []Tally {
	t := make([]Tally, len(words)>>2)
	for s := range t {
		at := words[s<<2 : s<<2+4]
		t[s] = Tally{
			Disagree: int(at[Disagree+1]), Pass: int(at[Pass+1]), Agree: int(at[Agree+1]),
		}
	}
	return t
}
