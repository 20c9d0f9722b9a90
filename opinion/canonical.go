package opinion

import (
	"cmp"
	"slices"
)

// ordered is the votes that a map is made of, in an order that is a function of
// the votes alone: statements that are used and have a vote, people who voted
// on one of them. It is what makes a map the same whatever numbers people and
// statements have and in whatever order they came.
type ordered struct {
	people     []int32    // ordered number → participant
	statements []int32    // ordered number → statement
	start      []int32    // row i is words[start[i]:start[i+1]]
	words      []Word     // of ordered statements; in no order within a row
	colour     []uint64   // of each ordered statement
	count      [][4]int32 // votes on each ordered statement by code
	seed       uint64     // a hash of all votes: where chance is needed, it comes from here
}

func (o *ordered) row(i int) []Word { return o.words[o.start[i]:o.start[i+1]] }

// mix is the finalizer of SplitMix64: every bit of what goes in moves every bit
// of what comes out.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// maxSingled is how many statements the ordering singles out to tell symmetric
// ones apart; beyond that they stand in the order of their numbers.
const maxSingled = 16

// colouring is colour refinement on the graph of people and statements: the
// colour of a person is a hash of the colours and votes of its row, the colour
// of a statement one of the colours and votes of its column. Sums of hashes do
// not depend on any order.
type colouring struct {
	votes  *Votes
	table  []uint64 // by word: what the vote adds to its person
	sum    []uint64 // by statement: what its voters add
	colour []uint64 // by statement; 0 is not used
	seen   []bool   // by statement: has a vote
}

// newColouring begins with one colour for all used statements; use nil is all.
func newColouring(v *Votes, use []bool) *colouring {
	c := &colouring{votes: v, table: make([]uint64, 4*v.statements), sum: make([]uint64, v.statements),
		colour: make([]uint64, v.statements), seen: make([]bool, v.statements)}
	for s := range c.colour {
		if use == nil || s < len(use) && use[s] {
			c.colour[s] = 1
		}
	}
	return c
}

// tabulate makes the table of the present colours.
func (c *colouring) tabulate() {
	for s, colour := range c.colour {
		for code := range uint64(3) {
			c.table[4*s+int(code)] = 0
			if colour != 0 {
				c.table[4*s+int(code)] = mix(colour ^ mix(code+1))
			}
		}
	}
}

// person is the colour of a row by the table; 0 for one without used votes.
func (c *colouring) person(row []Word) uint64 {
	var sum uint64
	for _, w := range row {
		sum += c.table[w]
	}
	return sum
}

// refine does one round and says how many colours the statements have.
func (c *colouring) refine() int {
	c.tabulate()
	clear(c.sum)
	for i := range c.votes.chunks {
		k := &c.votes.chunks[i]
		for p := range len(k.start) - 1 {
			row := k.words[k.start[p]:k.start[p+1]]
			colour := c.person(row)
			by := [4]uint64{mix(colour ^ 0x51), mix(colour ^ 0x52), mix(colour ^ 0x53)}
			for _, w := range row {
				c.sum[w>>2] += by[w&3]
			}
		}
	}
	for s := range c.colour {
		if c.seen[s] = c.colour[s] != 0 && c.sum[s] != 0; c.seen[s] {
			c.colour[s] = max(1, mix(c.colour[s]^mix(c.sum[s])))
		}
	}
	distinct := make([]uint64, 0, len(c.colour))
	for s, colour := range c.colour {
		if c.seen[s] {
			distinct = append(distinct, colour)
		}
	}
	slices.Sort(distinct)
	return len(slices.Compact(distinct))
}

// settle refines until no colour splits, or until there are enough of them.
func (c *colouring) settle(enough int) (colours int) {
	for before := 0; ; before = colours {
		if colours = c.refine(); colours == before || colours >= enough {
			return colours
		}
	}
}

// columns gives each statement a hash of its column by the participants'
// numbers: good for telling whether two columns are the same, and no more.
func (c *colouring) columns() []uint64 {
	same := make([]uint64, len(c.colour))
	for p := range c.votes.participants {
		by := mix(uint64(p))
		for _, w := range c.votes.Row(p) {
			same[w>>2] += mix(by + uint64(w&3))
		}
	}
	return same
}

// single gives one statement of the first class of statements that have one
// colour but not one column a colour of its own. It says false where there is
// no such class.
func (c *colouring) single(same []uint64) bool {
	order := c.order()
	for i := 1; i < len(order); i++ {
		a, b := order[i-1], order[i]
		if c.colour[a] == c.colour[b] && same[a] != same[b] {
			c.colour[a] = max(1, mix(c.colour[a]))
			return true
		}
	}
	return false
}

// order is the used statements with a vote by colour; those of one colour as
// they are numbered.
func (c *colouring) order() []int32 {
	var order []int32
	for s, seen := range c.seen {
		if seen {
			order = append(order, int32(s))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(c.colour[a], c.colour[b]) })
	return order
}

// colourStatements settles the colours and tells symmetric statements apart.
// Statements that keep one colour have the same column (or, beyond maxSingled,
// could not be told apart): which of them comes first changes nothing.
func colourStatements(v *Votes, use []bool) *colouring {
	c := newColouring(v, use)
	if colours := c.refine(); colours < c.used() {
		same := c.columns()
		different := c.different(same)
		colours = c.settle(different)
		for range maxSingled {
			if colours >= different || !c.single(same) {
				break
			}
			colours = c.settle(different)
		}
	}
	c.tabulate()
	return c
}

func (c *colouring) used() int {
	n := 0
	for _, seen := range c.seen {
		if seen {
			n++
		}
	}
	return n
}

// different is how many different columns there are.
func (c *colouring) different(same []uint64) int {
	var all []uint64
	for s, seen := range c.seen {
		if seen {
			all = append(all, same[s])
		}
	}
	slices.Sort(all)
	return len(slices.Compact(all))
}

// sampleMost is how many people the model is fitted to. Where there are more,
// those with the smallest hash of their votes stand for all: some 200 votes
// on a statement fix it well, and 131,072 people have far more.
const sampleMost = 1 << 17

// key is a person in the order of the votes.
type key struct {
	colour uint64 // of the row, or for a sample also of which copy of it
	person int32
}

// order puts the votes in order; of more than most people with a vote it takes
// a sample.
func order(v *Votes, use []bool, most int) *ordered {
	c := colourStatements(v, use)
	o := &ordered{statements: c.order()}
	keys := c.keys(most)
	rank := make([]int32, v.statements)
	for s := range rank {
		rank[s] = -1
	}
	o.colour = make([]uint64, len(o.statements))
	o.count = make([][4]int32, len(o.statements))
	for i, s := range o.statements {
		rank[s], o.colour[i] = int32(i), c.colour[s]
	}
	total := 0
	for _, k := range keys {
		total += len(v.Row(int(k.person)))
	}
	o.people = make([]int32, len(keys))
	o.start = make([]int32, 1, len(keys)+1)
	o.words = make([]Word, 0, total)
	for i, k := range keys {
		o.seed += mix(k.colour)
		o.people[i] = k.person
		for _, w := range v.Row(int(k.person)) {
			if s := rank[w>>2]; s >= 0 {
				o.words = append(o.words, Word(s<<2)|w&3)
				o.count[s][w&3]++
			}
		}
		o.start = append(o.start, int32(len(o.words)))
	}
	o.seed = mix(o.seed)
	return o
}

// keys is the people with a used vote in order, at most about most of them.
// People of one colour voted the same, so that which of them comes first, or
// into a sample, changes nothing.
func (c *colouring) keys(most int) []key {
	v := c.votes
	keys := make([]key, 0, min(v.participants, most+most/8))
	voters := 0
	for p := range v.participants {
		colour := c.person(v.Row(p))
		if colour == 0 {
			continue
		}
		if voters++; voters <= most {
			keys = append(keys, key{colour, int32(p)})
		}
	}
	if voters > most {
		keys = c.sample(keys[:0], voters, most)
	}
	slices.SortFunc(keys, func(a, b key) int {
		if a.colour != b.colour {
			return cmp.Compare(a.colour, b.colour)
		}
		return cmp.Compare(a.person, b.person)
	})
	return keys
}

// sample takes about most of the people with a vote: of those who voted the
// same, the first, second, … have hashes of their own, and whoever's is small
// enough is in.
func (c *colouring) sample(keys []key, voters, most int) []key {
	v := c.votes
	limit := uint64(float64(most)/float64(voters)*(1<<32)) << 32
	all := make([]uint64, 0, voters)
	for p := range v.participants {
		if colour := c.person(v.Row(p)); colour != 0 {
			all = append(all, colour)
		}
	}
	slices.Sort(all)
	chosen := map[uint64][]uint64{} // colour → hashes of the copies that are in
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to] == all[from] {
			if h := mix(all[from] + uint64(to-from)*0x9e3779b97f4a7c15); h < limit {
				chosen[all[from]] = append(chosen[all[from]], h)
			}
			to++
		}
		from = to
	}
	for p := range v.participants {
		colour := c.person(v.Row(p))
		if in := chosen[colour]; len(in) > 0 {
			keys = append(keys, key{in[0], int32(p)})
			chosen[colour] = in[1:]
		}
	}
	return keys
}
