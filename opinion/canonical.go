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
