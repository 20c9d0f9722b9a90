package opinion

import (
	"cmp"
	"slices"
)

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
