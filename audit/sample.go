package audit

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
)

// How many of a kind are looked at unless the audit is thorough. Together with
// the lists, which are read whole, these are some two hundred requests.
const (
	sampledDialogues   = 8
	sampledAuthorities = 8
	sampledPlaces      = 4
	sampledPeriods     = 2
	sampledDays        = 5 // besides the first, the last, and those around changes
	sampledChanges     = 4
	sampledCommitments = 12
	sampledNeeds       = 6
	sampledCases       = 8
	sampledAnswers     = 6
	sampledViews       = 10
	sampledLists       = 6 // stretches of 200 views
	sampledReleases    = 6
	sampledPages       = 4 // of each kind
	sampledStretches   = 3 // pages of each long list
	sampledFiles       = 3 // stretches of 1,000 views
)

// sampler decides what is looked at where not everything is. Its seed is drawn
// anew for every audit: a sample that followed from the log alone would be known
// to the site, which could then lie beside it.
type sampler struct {
	seed     uint64
	thorough bool
}

// rank is the place of something in the order of the sample.
func (s sampler) rank(kind, key string) uint64 {
	h := fnv.New64a()
	var seed [8]byte
	binary.LittleEndian.PutUint64(seed[:], s.seed)
	h.Write(seed[:])
	h.Write([]byte(kind))
	h.Write([]byte{0})
	h.Write([]byte(key))
	x := h.Sum64()
	// The last bytes stir FNV little: mix them into all bits.
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	return x ^ x>>33
}

// pick gives at most n of a list in its order: the first, the last, and others at
// random; all of them in a thorough audit.
func pick[T any](s sampler, kind string, all []T, n int, key func(T) string) []T {
	if s.thorough || len(all) <= n {
		return all
	}
	type place struct {
		at   int
		rank uint64
	}
	places := make([]place, len(all))
	for i, one := range all {
		places[i] = place{i, s.rank(kind, key(one))}
	}
	places[0].rank = 0
	if n > 1 {
		places[len(all)-1].rank = 0
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.rank, b.rank) })
	places = places[:n]
	slices.SortFunc(places, func(a, b place) int { return a.at - b.at })
	picked := make([]T, n)
	for i, p := range places {
		picked[i] = all[p.at]
	}
	return picked
}

// draw begins the sample.
func (a *auditor) draw() error {
	seed := a.config.Seed
	if seed == 0 {
		var drawn [8]byte
		if _, err := rand.Read(drawn[:]); err != nil {
			return fmt.Errorf("audit: draw the sample: %w", err)
		}
		seed = binary.LittleEndian.Uint64(drawn[:])>>11 | 1 // never 0, and exact in every reader of JSON
	}
	a.kept.Seed, a.kept.Thorough = seed, a.config.Thorough
	a.sampler = sampler{seed, a.config.Thorough}
	a.days.sampler = a.sampler
	a.ballots = newBallotBook()
	return nil
}
