package opinion

import (
	"cmp"
	"fmt"
	"slices"
)

// Vote is how somebody stands to a statement.
type Vote int8

// What one can say of a statement. Not to have voted on it is no Vote.
const (
	Disagree Vote = -1
	Pass     Vote = 0
	Agree    Vote = 1
)

// MaxStatements is how many statements one map can have: a vote is stored in
// 16 bits, two of them for what it says.
const MaxStatements = 1 << 14

// Word is one vote of a row: the statement's number times four, plus the vote
// plus one (0 disagree, 1 pass, 2 agree). It is an index into a table of four
// entries a statement.
type Word uint16

// MakeWord gives the word of a vote on a statement numbered below
// MaxStatements.
func MakeWord(statement int, vote Vote) Word {
	return Word(statement<<2) | Word(vote+1)
}

// Statement is the number of the statement that the word is about.
func (w Word) Statement() int { return int(w >> 2) }

// Vote is what the word says of its statement.
func (w Word) Vote() Vote { return Vote(w&3) - 1 }

// chunkRows is how many participants stand in one chunk: few enough that a
// chunk is a unit of parallel work, many enough that there are few of them.
const chunkRows = 1 << 14

// chunk is the votes of up to chunkRows participants: row i is
// words[start[i]:start[i+1]].
type chunk struct {
	start []uint32
	words []Word
}

// Votes is who voted how: participants × statements, only the votes that were
// cast, two bytes each and four a participant. It does not change once it is
// made, and may be read from many goroutines.
type Votes struct {
	participants int
	statements   int
	count        int
	chunks       []chunk
}

// Participants is the number of rows, those without a vote included.
func (v *Votes) Participants() int { return v.participants }

// Statements is the number of columns, those without a vote included.
func (v *Votes) Statements() int { return v.statements }

// Len is the number of votes.
func (v *Votes) Len() int { return v.count }

// Row is the votes of participant p, ascending by statement. It is shared: do
// not write to it.
func (v *Votes) Row(p int) []Word {
	c := &v.chunks[p/chunkRows]
	i := p % chunkRows
	return c.words[c.start[i]:c.start[i+1]]
}

// A Builder makes Votes row by row, without a copy of them beside.
type Builder struct {
	votes Votes
}

// NewBuilder begins votes on so many statements (at most MaxStatements).
func NewBuilder(statements int) (*Builder, error) {
	if statements < 0 || statements > MaxStatements {
		return nil, fmt.Errorf("a map of %d statements: at most %d", statements, MaxStatements)
	}
	return &Builder{votes: Votes{statements: statements}}, nil
}

// Add appends a participant. The row is copied; it must be ascending by
// statement, one word a statement, each a vote on a statement that there is.
func (b *Builder) Add(row []Word) error {
	for i, w := range row {
		if w.Statement() >= b.votes.statements || w&3 == 3 {
			return fmt.Errorf("participant %d: word %d is no vote on one of %d statements", b.votes.participants, w, b.votes.statements)
		}
		if i > 0 && row[i-1].Statement() >= w.Statement() {
			return fmt.Errorf("participant %d: votes not in the order of the statements", b.votes.participants)
		}
	}
	if b.votes.participants%chunkRows == 0 {
		b.closeChunk()
		b.votes.chunks = append(b.votes.chunks, chunk{start: make([]uint32, 1, 64)})
	}
	c := &b.votes.chunks[len(b.votes.chunks)-1]
	c.words = append(c.words, row...)
	c.start = append(c.start, uint32(len(c.words)))
	b.votes.participants++
	b.votes.count += len(row)
	return nil
}

// closeChunk gives back what the growing of the last chunk took too much.
func (b *Builder) closeChunk() {
	if n := len(b.votes.chunks); n > 0 {
		c := &b.votes.chunks[n-1]
		c.words, c.start = slices.Clip(slices.Clone(c.words)), slices.Clip(slices.Clone(c.start))
	}
}

// Votes ends the building. The builder must not be used afterwards.
func (b *Builder) Votes() *Votes {
	b.closeChunk()
	return &b.votes
}

// Cell is one vote with where it stands.
type Cell struct {
	Participant int
	Statement   int
	Vote        Vote
}

// FromCells makes votes from cells in any order. Of several votes of one
// participant on one statement the last stands.
func FromCells(participants, statements int, cells []Cell) (*Votes, error) {
	b, err := NewBuilder(statements)
	if err != nil {
		return nil, err
	}
	for _, c := range cells {
		if c.Participant < 0 || c.Participant >= participants || c.Statement < 0 || c.Statement >= statements || c.Vote < Disagree || c.Vote > Agree {
			return nil, fmt.Errorf("vote %d of participant %d on statement %d: not in %d × %d", c.Vote, c.Participant, c.Statement, participants, statements)
		}
	}
	sorted := slices.Clone(cells)
	slices.SortStableFunc(sorted, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(a.Participant, b.Participant), cmp.Compare(a.Statement, b.Statement))
	})
	var row []Word
	for p, at := 0, 0; p < participants; p++ {
		row = row[:0]
		for ; at < len(sorted) && sorted[at].Participant == p; at++ {
			w := MakeWord(sorted[at].Statement, sorted[at].Vote)
			if n := len(row); n > 0 && row[n-1].Statement() == w.Statement() {
				row[n-1] = w
				continue
			}
			row = append(row, w)
		}
		if err := b.Add(row); err != nil {
			return nil, err
		}
	}
	return b.Votes(), nil
}
