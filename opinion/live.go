package opinion

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"
)

// Live follows votes as they are cast, changed and withdrawn, and keeps the map
// of them fresh: the rows at two bytes a vote, the tallies, and the co-vote sums
// from which a refresh follows without reading any vote but once, for the
// positions.
//
// One goroutine calls its methods; Current may be called from any. What Refresh
// returns never changes afterwards: readers use it for as long as they like,
// while the writer goes on.
type Live struct {
	statements int
	rows       Votes            // as of the last refresh
	changed    []map[int][]Word // by chunk: rows that are different since
	added      int              // participants beyond those of rows
	gram       *Gram            // nil where there are too many statements for it
	tallies    []Tally          // without a gram, which has them otherwise
	hidden     []bool
	changes    uint64
	last       *PCA
	drift      drift
	current    atomic.Pointer[State]
}

// State is the map at one moment. It is not written to: do not.
type State struct {
	// Changes counts what was cast, changed, withdrawn, hidden or made room for
	// before it.
	Changes uint64
	Votes   *Votes
	Tallies []Tally // by statement
	PCA     *PCA
	// Points are the participants' positions (Scaled).
	Points [][2]float64
}

// NewLive begins with no votes.
func NewLive() *Live {
	l := &Live{gram: &Gram{}}
	l.current.Store(&State{Votes: &Votes{}, PCA: newPCA(nil, 0, Settings{}, nil)})
	return l
}

// LiveOf begins with the votes that there are.
func LiveOf(v *Votes) (*Live, error) {
	l := NewLive()
	l.statements, l.rows = v.statements, *v
	l.changed = make([]map[int][]Word, len(v.chunks))
	l.changes = uint64(v.count)
	if v.statements > MaxGramStatements {
		l.gram, l.tallies = nil, countAll(v)
		return l, nil
	}
	var err error
	l.gram, err = GramOf(v)
	return l, err
}

// Participants is how many there are, those without a vote included.
func (l *Live) Participants() int { return l.rows.participants + l.added }

// Statements is how many there are, those without a vote included.
func (l *Live) Statements() int { return l.statements }

// Grow makes room for so many participants and statements, who have no votes
// yet. Neither ever becomes fewer.
func (l *Live) Grow(participants, statements int) error {
	if statements > MaxStatements {
		return fmt.Errorf("a map of %d statements: at most %d", statements, MaxStatements)
	}
	if participants > math.MaxInt32 {
		return fmt.Errorf("a map of %d participants: at most %d", participants, math.MaxInt32)
	}
	if participants <= l.Participants() && statements <= l.statements {
		return nil
	}
	l.changes++
	l.added = max(l.added, participants-l.rows.participants)
	if chunks := (l.Participants() + chunkRows - 1) / chunkRows; chunks > len(l.changed) {
		l.changed = append(l.changed, make([]map[int][]Word, chunks-len(l.changed))...)
	}
	l.statements = max(l.statements, statements)
	if l.gram != nil && l.statements > MaxGramStatements {
		l.gram, l.tallies = nil, l.gram.tallies
	}
	if l.gram != nil {
		return l.gram.Grow(l.statements)
	}
	l.tallies = append(l.tallies, make([]Tally, l.statements-len(l.tallies))...)
	return nil
}

// all is the tallies of the statements.
func (l *Live) all() []Tally {
	if l.gram != nil {
		return l.gram.tallies
	}
	return l.tallies
}

// Row is the votes of a participant as they now are, ascending by statement. It
// is shared: do not write to it.
func (l *Live) Row(p int) []Word {
	if row, has := l.changed[p/chunkRows][p]; has {
		return row
	}
	if p < l.rows.participants {
		return l.rows.Row(p)
	}
	return nil
}

// Vote takes in how a participant votes on a statement; it replaces what they
// said of it before. Both must be there (see Grow).
func (l *Live) Vote(participant, statement int, vote Vote) error {
	if vote < Disagree || vote > Agree {
		return fmt.Errorf("vote %d is none", vote)
	}
	row, at, has, err := l.find(participant, statement)
	if err != nil {
		return err
	}
	w := MakeWord(statement, vote)
	if has {
		if row[at] == w {
			return nil
		}
		l.drift.change(row, row[at], w, l.all())
		l.count(row, row[at], -1)
		row = slices.Clone(row)
		row[at] = w
	} else {
		l.drift.add(row, w, l.all())
		row = slices.Insert(slices.Clip(row), at, w)
	}
	l.count(row, w, 1)
	l.set(participant, row)
	return nil
}

// Withdraw takes a participant's vote on a statement away; nothing happens if
// there is none.
func (l *Live) Withdraw(participant, statement int) error {
	row, at, has, err := l.find(participant, statement)
	if err != nil || !has {
		return err
	}
	l.drift.remove(row, row[at], l.all())
	l.count(row, row[at], -1)
	l.set(participant, slices.Delete(slices.Clone(row), at, at+1))
	return nil
}

// Hide leaves a statement out of the components from the next refresh on, or
// takes it in again. Its votes are kept and counted.
func (l *Live) Hide(statement int, hidden bool) error {
	if statement < 0 || statement >= l.statements {
		return fmt.Errorf("statement %d of %d", statement, l.statements)
	}
	if statement >= len(l.hidden) {
		l.hidden = append(l.hidden, make([]bool, statement+1-len(l.hidden))...)
	}
	if l.hidden[statement] != hidden {
		l.hidden[statement] = hidden
		l.last = nil
		l.changes++
	}
	return nil
}

// find gives the participant's row and where in it the statement's vote is or
// would be.
func (l *Live) find(participant, statement int) (row []Word, at int, has bool, err error) {
	if participant < 0 || participant >= l.Participants() || statement < 0 || statement >= l.statements {
		return nil, 0, false, fmt.Errorf("vote of participant %d on statement %d: not in %d × %d", participant, statement, l.Participants(), l.statements)
	}
	row = l.Row(participant)
	at, has = slices.BinarySearchFunc(row, statement, func(w Word, s int) int { return w.Statement() - s })
	return row, at, has, nil
}

// count adds a vote to what is kept, or takes it away; row has the other votes
// of who cast it.
func (l *Live) count(row []Word, w Word, sign int) {
	switch {
	case l.gram == nil && sign > 0:
		l.tallies[w.Statement()] = l.tallies[w.Statement()].plus(tallyOf(w))
	case l.gram == nil:
		l.tallies[w.Statement()] = l.tallies[w.Statement()].minus(tallyOf(w))
	case sign > 0:
		l.gram.Add(row, w)
	default:
		l.gram.Remove(row, w)
	}
}

func (l *Live) set(participant int, row []Word) {
	c := participant / chunkRows
	if l.changed[c] == nil {
		l.changed[c] = map[int][]Word{}
	}
	l.changed[c][participant] = row
	l.changes++
}

// Current is the state of the last refresh; before the first it is that of no
// votes.
func (l *Live) Current() *State { return l.current.Load() }

// Stale reports whether anything changed since the last refresh.
func (l *Live) Stale() bool { return l.current.Load().Changes != l.changes }

// refreshTolerance is the bound at which a refresh stops: people's positions
// are then right to a thousandth of a pixel.
const refreshTolerance = 1e-6

// Refresh computes the map of all votes so far and makes it Current. It starts
// from the last one, so that a few new votes cost a few steps, as long as it is
// certain that these cannot have brought another component to the front; what
// comes out is the map of the votes within PCA.Bound, about 1e-6. For a result that is
// the same to the last digits whatever came before, such as one to be published,
// call NewPCA on its Votes.
func (l *Live) Refresh() *State {
	s := &State{Changes: l.changes, Votes: l.fold(), Tallies: slices.Clone(l.all())}
	settings := Settings{Hidden: l.hidden, Tolerance: refreshTolerance}
	if l.last != nil {
		settings.Start, settings.NextAtMost = l.last, l.drift.next(s.Votes.participants)
	}
	if l.gram != nil {
		s.PCA = l.gram.PCA(s.Votes.participants, settings)
	} else {
		s.PCA = NewPCA(s.Votes, settings)
	}
	if l.last = s.PCA; !s.PCA.warm {
		l.drift = driftFrom(s.PCA, s.Votes.participants)
	}
	s.Points = project(s.Votes, s.PCA, Scaled, s.Tallies)
	l.current.Store(s)
	return s
}

// fold writes the rows that changed into chunks of their own and shares the
// others with what was given out before.
func (l *Live) fold() *Votes {
	v := &Votes{
		participants: l.Participants(), statements: l.statements,
		chunks: make([]chunk, len(l.changed)),
	}
	copy(v.chunks, l.rows.chunks)
	for i, changed := range l.changed {
		rows := min(v.participants-i*chunkRows, chunkRows)
		if changed == nil && len(v.chunks[i].start) == rows+1 {
			continue
		}
		v.chunks[i] = l.foldChunk(i, rows)
		l.changed[i] = nil
	}
	for _, t := range l.all() {
		v.count += t.Votes()
	}
	l.rows, l.added = *v, 0
	return v
}

// foldChunk copies the rows of one chunk as they now are: stretches that did
// not change at once.
func (l *Live) foldChunk(i, rows int) chunk {
	var old chunk
	if i < len(l.rows.chunks) {
		old = l.rows.chunks[i]
	}
	first := i * chunkRows
	size := len(old.words)
	for p, row := range l.changed[i] {
		size += len(row)
		if p-first < len(old.start)-1 {
			size -= int(old.start[p-first+1] - old.start[p-first])
		}
	}
	c := chunk{start: make([]uint32, 1, rows+1), words: make([]Word, 0, size)}
	for r := range rows {
		row, has := l.changed[i][first+r]
		if !has && r < len(old.start)-1 {
			row = old.words[old.start[r]:old.start[r+1]]
		}
		c.words = append(c.words, row...)
		c.start = append(c.start, uint32(len(c.words)))
	}
	return c
}
