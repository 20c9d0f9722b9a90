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

// colouring is colour refinement on the graph of people and statements: the
// colour of a person is a hash of the colours and votes of its row, the colour
// of a statement one of the colours and votes of its column. Sums of hashes do
// not depend on any order.
type colouring struct {
	votes  *Votes
	table  []uint64 // by word: what the vote adds to its person; 0 of statements not used
	sum    []uint64 // by statement: what its voters add
	colour []uint64 // by statement
	seen   []bool   // by statement: is used and has a vote
	used   int      // statements seen
}

// colourStatements gives the statements colours by their columns, refined until
// none splits. Statements that keep one colour are symmetric as far as sums can
// tell: whatever is computed of them and of the people is the same, so that
// which of them comes first changes nothing. use nil is all statements.
func colourStatements(v *Votes, use []bool) *colouring {
	c := &colouring{votes: v, table: make([]uint64, 4*v.statements), sum: make([]uint64, v.statements),
		colour: make([]uint64, v.statements), seen: make([]bool, v.statements)}
	for s := range c.colour {
		if use == nil || s < len(use) && use[s] {
			c.colour[s] = 1
			c.tabulate(s)
		}
	}
	for i := range v.chunks {
		k := &v.chunks[i]
		for p := range len(k.start) - 1 {
			c.scatter(k.words[k.start[p]:k.start[p+1]])
		}
	}
	var all []int32
	for s := range c.colour {
		if c.seen[s] = c.colour[s] != 0 && c.sum[s] != 0; c.seen[s] {
			all = append(all, int32(s))
			c.recolour(s)
		}
	}
	c.used = len(all)
	if c.colours(all) < c.used {
		c.separate(all)
	}
	return c
}

// tabulate makes the table of a statement's colour.
func (c *colouring) tabulate(s int) {
	for code := range uint64(3) {
		c.table[4*s+int(code)] = mix(c.colour[s] ^ mix(code+1))
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

// scatter adds the colour of a row to its statements.
func (c *colouring) scatter(row []Word) {
	colour := c.person(row)
	by := [4]uint64{mix(colour ^ 0x51), mix(colour ^ 0x52), mix(colour ^ 0x53)}
	for _, w := range row {
		c.sum[w>>2] += by[w&3]
	}
}

// recolour gives a statement the colour that its sum makes of its old one.
func (c *colouring) recolour(s int) {
	c.colour[s] = mix(c.colour[s] ^ mix(c.sum[s]))
	c.tabulate(s)
}

// colours is how many colours the statements of a list have.
func (c *colouring) colours(list []int32) int {
	all := make([]uint64, len(list))
	for i, s := range list {
		all[i] = c.colour[s]
	}
	slices.Sort(all)
	return len(slices.Compact(all))
}

const (
	// symmetricShare is how many of the votes may be on symmetric statements
	// before these are told apart by force: two camps that mirror each other
	// would otherwise stand at one point.
	symmetricShare = 0.1
	maxSingled     = 16
)

// separate refines the statements that have one colour but not one column until
// none splits. The other statements keep their colours, so that only the people
// who voted on one of these matter.
func (c *colouring) separate(all []int32) {
	column, votes := c.columns()
	tied := c.tied(all, column)
	if len(tied) == 0 {
		return
	}
	isTied := make([]bool, len(c.colour))
	for _, s := range tied {
		isTied[s] = true
	}
	var people []int32
	for p := range c.votes.participants {
		for _, w := range c.votes.Row(p) {
			if isTied[w>>2] {
				people = append(people, int32(p))
				break
			}
		}
	}
	total := 0
	for _, s := range all {
		total += votes[s]
	}
	c.settle(tied, people)
	for range maxSingled {
		left, symmetric := c.tied(tied, column), 0
		for _, s := range left {
			symmetric += votes[s]
		}
		if float64(symmetric) <= symmetricShare*float64(total) {
			return
		}
		c.colour[left[0]] = mix(c.colour[left[0]])
		c.tabulate(int(left[0]))
		c.settle(tied, people)
	}
}

// settle refines some statements, by the people who voted on one of them, until
// none splits.
func (c *colouring) settle(statements, people []int32) {
	for before, now := 0, c.colours(statements); now > before; {
		before = now
		for _, s := range statements {
			c.sum[s] = 0
		}
		for _, p := range people {
			c.scatter(c.votes.Row(int(p)))
		}
		for _, s := range statements {
			c.recolour(int(s))
		}
		now = c.colours(statements)
	}
}

// columns gives each statement a hash of its column by the participants'
// numbers, good for telling whether two columns are the same and no more, and
// the number of its votes.
func (c *colouring) columns() (column []uint64, votes []int) {
	column, votes = make([]uint64, len(c.colour)), make([]int, len(c.colour))
	for p := range c.votes.participants {
		n := uint64(p)
		by := [4]uint64{mix(4 * n), mix(4*n + 1), mix(4*n + 2)}
		for _, w := range c.votes.Row(p) {
			column[w>>2] += by[w&3]
			votes[w>>2]++
		}
	}
	return column, votes
}

// tied is the statements of a list, by colour, whose colour another with
// another column has too.
func (c *colouring) tied(list []int32, column []uint64) (tied []int32) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b int32) int { return cmp.Compare(c.colour[a], c.colour[b]) })
	for from := 0; from < len(list); {
		to, differ := from, false
		for to < len(list) && c.colour[list[to]] == c.colour[list[from]] {
			differ = differ || column[list[to]] != column[list[from]]
			to++
		}
		if differ {
			tied = append(tied, list[from:to]...)
		}
		from = to
	}
	return tied
}

// order is the used statements with a vote by colour; those of one colour as
// they are numbered.
func (c *colouring) order() []int32 {
	order := make([]int32, 0, c.used)
	for s, seen := range c.seen {
		if seen {
			order = append(order, int32(s))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(c.colour[a], c.colour[b]) })
	return order
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
// People of one colour voted the same, or the same on symmetric statements:
// which of them comes first, or into a sample, changes nothing.
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
