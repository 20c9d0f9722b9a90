package opinion

import (
	"fmt"
	"math"
	"math/bits"
)

// The shape of synthetic votes: what performance.md measured with.
const (
	plantedGroups = 4
	archetypes    = 64   // four for each sixteenth of the people
	latent        = 3    // dimensions in which people differ
	passBound     = 9830 // 16 random bits below it are a pass: 15 %
)

// plantedShare has how many sixteenths of the people are in each planted
// group, and plantedCentre where it stands.
var (
	plantedShare  = [plantedGroups]int{6, 5, 3, 2}
	plantedCentre = [plantedGroups][latent]float64{{1.1, 0.5, 0}, {-1.2, 0.4, 0.2}, {0.1, -1.3, 0.4}, {0.2, 0.6, -1.1}}
)

// Synthetic makes votes to measure with: each participant votes on so many
// statements, drawn evenly, as one of 64 archetypes does that spread about the
// centres of four planted groups in three dimensions; 15 % are passes. The same
// seed gives the same votes whatever the number of processors, and participant p
// votes the same however many there are.
func Synthetic(participants, statements, votesEach int, seed uint64) (*Votes, error) {
	switch {
	case statements < 0 || statements > MaxStatements:
		return nil, fmt.Errorf("a map of %d statements: at most %d", statements, MaxStatements)
	case votesEach < 0 || votesEach > statements:
		return nil, fmt.Errorf("%d votes each on %d statements", votesEach, statements)
	case participants < 0 || participants > math.MaxInt32:
		return nil, fmt.Errorf("%d participants: at most %d", participants, math.MaxInt32)
	}
	g := newGenerator(statements, votesEach, seed)
	v := &Votes{
		participants: participants, statements: statements, count: participants * votesEach,
		chunks: make([]chunk, (participants+chunkRows-1)/chunkRows),
	}
	parallel(len(v.chunks), func(_, i int) {
		v.chunks[i] = g.chunk(i*chunkRows, min(participants-i*chunkRows, chunkRows))
	})
	return v, nil
}

// SyntheticGroup is the planted group of a synthetic participant, from 0 to 3.
func SyntheticGroup(participant int, seed uint64) int {
	return groupOf(archetypeOf(mix(seed + uint64(participant)*rowStep)))
}

// rowStep sets the seeds of two rows apart.
const rowStep = 0xd1342543de82ef95

func archetypeOf(row uint64) int { return int(row % archetypes) }

func groupOf(archetype int) int {
	at := archetype / (archetypes / 16)
	for g, n := range plantedShare {
		if at -= n; at < 0 {
			return g
		}
	}
	return plantedGroups - 1
}

// generator has, for every archetype and statement, the bound below which 16
// random bits are an agreement, if they are no pass.
type generator struct {
	statements, votesEach int
	seed                  uint64
	agree                 []uint16
}

func newGenerator(statements, votesEach int, seed uint64) *generator {
	g := &generator{statements, votesEach, seed, make([]uint16, archetypes*statements)}
	r := source(mix(seed ^ 0x5eed))
	loading := make([][latent]float64, statements)
	bias := make([]float64, statements)
	for s := range statements {
		bias[s] = 0.9 * r.normal()
		for d := range latent {
			loading[s][d] = r.normal()
		}
	}
	for a := range archetypes {
		at := plantedCentre[groupOf(a)]
		for d := range latent {
			at[d] += 0.35 * r.normal()
		}
		for s := range statements {
			x := bias[s]
			for d := range latent {
				x += float64(at[d] * loading[s][d])
			}
			// Among those who do not pass.
			share := 1 / (1 + math.Exp(-x))
			g.agree[a*statements+s] = uint16(passBound + share*(1<<16-1-passBound))
		}
	}
	return g
}

// chunk makes the votes of the participants from first on.
func (g *generator) chunk(first, rows int) chunk {
	c := chunk{start: make([]uint32, 1, rows+1), words: make([]Word, 0, rows*g.votesEach)}
	// Which statements a row votes on is drawn as a set of bits; where that is
	// most of them, the ones it leaves out are drawn.
	draws := min(g.votesEach, g.statements-g.votesEach)
	set := make([]uint64, (g.statements+63)/64)
	for p := first; p < first+rows; p++ {
		r := source(mix(g.seed + uint64(p)*rowStep))
		bounds := g.agree[archetypeOf(uint64(r))*g.statements:]
		clear(set)
		for drawn := 0; drawn < draws; {
			s := r.next() >> 32 * uint64(g.statements) >> 32
			if set[s/64]>>(s%64)&1 == 0 {
				set[s/64] |= 1 << (s % 64)
				drawn++
			}
		}
		if draws < g.votesEach {
			for i := range set {
				set[i] = ^set[i]
			}
			if rest := g.statements % 64; rest > 0 {
				set[len(set)-1] &= 1<<rest - 1
			}
		}
		var random uint64
		left := 0
		for i, word := range set {
			for ; word != 0; word &= word - 1 {
				if left == 0 {
					random, left = r.next(), 4
				}
				drawn := uint32(random & 0xffff)
				random >>= 16
				left--
				s := i*64 + bits.TrailingZeros64(word)
				// 1 (pass) below passBound, else 2 (agree) below the statement's
				// bound, else 0, without a branch that nobody could foresee.
				agrees, passes := (drawn-uint32(bounds[s]))>>31, (drawn-passBound)>>31
				code := Word(2*agrees - passes)
				c.words = append(c.words, Word(s<<2)|code)
			}
		}
		c.start = append(c.start, uint32(len(c.words)))
	}
	return c
}

// source is SplitMix64: small, fast, and the same everywhere.
type source uint64

func (s *source) next() uint64 {
	x := uint64(*s)
	*s += 0x9e3779b97f4a7c15
	return mix(x)
}

// float is evenly spread over (0, 1).
func (s *source) float() float64 { return (float64(s.next()>>11) + 0.5) / (1 << 53) }

// normal is spread as the standard normal distribution (Box and Muller).
func (s *source) normal() float64 {
	return math.Sqrt(-2*math.Log(s.float())) * math.Cos(2*math.Pi*s.float())
}
