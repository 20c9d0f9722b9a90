package opinion

import "sync"

// stream multiplies with the co-vote matrix YᵀY by one pass over the votes:
// each participant's centred row times the two vectors, and that times the row
// again. Both steps go through a table with four entries a statement, one for
// every word, so that a vote costs a look-up and an addition.
//
// The participants are cut into stripes by their number alone; the sums of each
// stripe run in the order of its rows, and the stripes' sums are added in their
// order, so that the result is the same to the bit for any number of
// processors.
type stream struct {
	votes  *Votes
	center []float64
	table  *table   // what a vote adds to its participant's two products
	sums   []*table // by worker: what the participants' products add to each word
	stripe [][]float64
}

// table has two numbers for every word there can be, so that no index needs
// checking; only the words of statements that there are get touched.
type table [1 << 16][2]float64

// spare keeps tables for the next computation: a megabyte to clear is as much
// work as a small conversation. What is in one is not defined.
var spare = sync.Pool{New: func() any { return new(table) }}

// stripes is how many parts the participants are cut into at most.
const stripes = 64

func newStream(v *Votes, center []float64) *stream {
	s := &stream{votes: v, center: center, table: spare.Get().(*table)}
	n := min(len(v.chunks), stripes)
	s.sums = make([]*table, workers(n))
	s.stripe = make([][]float64, n)
	return s
}

// close gives the tables back.
func (s *stream) close() {
	spare.Put(s.table)
	for _, sums := range s.sums {
		if sums != nil {
			spare.Put(sums)
		}
	}
	s.table, s.sums = nil, nil
}

// multiply sets dst to YᵀY src; two vectors, their elements in pairs.
func (s *stream) multiply(dst, src []float64) {
	s.table.fill(s.center, func(i int) (float64, float64) { return src[2*i], src[2*i+1] })
	n, chunks := len(s.stripe), s.votes.chunks
	parallel(n, func(worker, i int) {
		sums := s.sums[worker]
		if sums == nil {
			sums = spare.Get().(*table)
			s.sums[worker] = sums
		}
		clear(sums[:len(s.center)<<2])
		for c := i * len(chunks) / n; c < (i+1)*len(chunks)/n; c++ {
			chunks[c].pass(s.table, sums)
		}
		if s.stripe[i] == nil {
			s.stripe[i] = make([]float64, len(dst))
		}
		sums.collect(s.stripe[i], s.center)
	})
	clear(dst)
	for _, part := range s.stripe {
		for i, x := range part {
			dst[i] += x
		}
	}
}

// fill sets the table to what each word adds to the products with two vectors:
// its vote, less the mean, times the statement's elements.
func (t *table) fill(center []float64, elements func(statement int) (x, y float64)) {
	for s, mean := range center {
		x, y := elements(s)
		for code := range 3 {
			vote := float64(code-1) - mean
			t[s<<2+code] = [2]float64{vote * x, vote * y}
		}
	}
}

// pass reads the rows of a chunk once.
func (c *chunk) pass(t, sums *table) {
	words := c.words
	for r := 1; r < len(c.start); r++ {
		row := words[c.start[r-1]:c.start[r]]
		x, y := t.sum(row)
		for _, w := range row {
			at := &sums[w]
			at[0] += x
			at[1] += y
		}
	}
}

// sum adds what the words of a row stand for, in two sums: one addition need
// not wait for the one before.
func (t *table) sum(row []Word) (x, y float64) {
	var x1, y1 float64
	for len(row) >= 2 {
		a, b := &t[row[0]], &t[row[1]]
		x += a[0]
		y += a[1]
		x1 += b[0]
		y1 += b[1]
		row = row[2:]
	}
	if len(row) > 0 {
		a := &t[row[0]]
		x += a[0]
		y += a[1]
	}
	return x + x1, y + y1
}

// collect gives each statement what its words gathered: each word's sum times
// its vote less the mean.
func (t *table) collect(dst, center []float64) {
	for s, mean := range center {
		d, p, a := &t[s<<2], &t[s<<2+1], &t[s<<2+2]
		for i := range 2 {
			dst[2*s+i] = float64((-1-mean)*d[i]) + float64(-mean*p[i]) + float64((1-mean)*a[i])
		}
	}
}
