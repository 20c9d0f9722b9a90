package translog_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"samleng/translog"
)

func TestLeafHashEqualsTlog(t *testing.T) {
	for _, n := range []int{0, 1, 400, 1022, 1023, 1024, 60_000} {
		header := bytes.Repeat([]byte{'x'}, n)
		if got, want := translog.LeafHash(header), tlog.RecordHash(header); got != want {
			t.Errorf("%d bytes: %v, want %v", n, got, want)
		}
	}
}

// TestAppendEqualsOneAtATime appends in random batches and compares with the
// library's way, a leaf at a time.
func TestAppendEqualsOneAtATime(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		batches := rapid.SliceOfN(rapid.Int64Range(0, 300), 1, 6).Draw(rt, "batches")
		var many, single memory
		var size int64
		var frontier translog.Frontier
		for _, n := range batches {
			for i := size; i < size+n; i++ {
				hashes, err := tlog.StoredHashes(i, entry(i), single)
				if err != nil {
					rt.Fatal(err)
				}
				single = append(single, hashes...)
				if err := frontier.Append(translog.LeafHash(entry(i))); err != nil {
					rt.Fatal(err)
				}
			}
			many = grow(t, many, size, size+n, max(n, 1))
			size += n
			if !slices.Equal(many, single) {
				rt.Fatalf("stored hashes differ at size %d", size)
			}
			if count, err := translog.StoredCount(size); err != nil || count != int64(len(many)) {
				rt.Fatalf("stored count %d (%v), have %d", count, err, len(many))
			}
			root, err := translog.Root(size, many)
			if err != nil || root != frontier.Root() || frontier.Size() != size {
				rt.Fatalf("root %v (%v), frontier %v", root, err, frontier.Root())
			}
			read, err := translog.ReadFrontier(size, many)
			if err != nil || read.Root() != root {
				rt.Fatalf("frontier as read: %v", err)
			}
		}
	})
}

func TestAppendReadsOnceAndOnlyWhatItNeeds(t *testing.T) {
	m := grow(t, nil, 0, 256, 256)
	reads := 0
	r := tlog.HashReaderFunc(func(indexes []int64) ([]translog.Hash, error) {
		reads++
		return m.ReadHashes(indexes)
	})
	for _, c := range []struct{ count, reads int64 }{{0, 0}, {1, 0}, {255, 0}, {256, 1}} {
		reads = 0
		if _, err := translog.AppendHashes(256, make([]translog.Hash, c.count), r); err != nil || int64(reads) != c.reads {
			t.Errorf("%d leaves: %d reads (%v), want %d", c.count, reads, err, c.reads)
		}
	}
}

func TestSizesOutOfRange(t *testing.T) {
	huge := make([]translog.Hash, 1)
	for name, err := range map[string]error{
		"negative":    second(translog.AppendHashes(-1, nil, memory{})),
		"too large":   second(translog.Root(translog.MaxSize+1, memory{})),
		"past max":    second(translog.AppendHashes(translog.MaxSize, huge, zeroReader{})),
		"count":       second(translog.StoredCount(-1)),
		"index":       second(translog.StoredIndex(49, 0)),
		"prove":       second(translog.ProveInclusion(3, 3, memory{})),
		"prove tree":  second(translog.ProveConsistency(4, 3, memory{})),
		"verify":      translog.VerifyInclusion(huge[0], 1<<61, 1<<62+1, huge[0], nil),
		"verify tree": translog.VerifyConsistency(1<<61, huge[0], 1<<62+1, huge[0], nil),
	} {
		if !errors.Is(err, translog.ErrSize) {
			t.Errorf("%s: %v", name, err)
		}
	}
	short := tlog.HashReaderFunc(func([]int64) ([]translog.Hash, error) { return nil, nil })
	if _, err := translog.AppendHashes(1, huge, short); err == nil {
		t.Error("a reader that answers too little is believed")
	}
}

func second[T any](_ T, err error) error { return err }

type zeroReader struct{}

func (zeroReader) ReadHashes(indexes []int64) ([]translog.Hash, error) {
	return make([]translog.Hash, len(indexes)), nil
}

// TestProofs proves in trees of random size, then changes one bit of
// everything a verifier is given.
func TestProofs(t *testing.T) {
	const most = 600
	m := grow(t, nil, 0, most, 256)
	roots := make([]translog.Hash, most+1)
	for n := range roots {
		roots[n] = must[translog.Hash](t)(translog.Root(int64(n), m))
	}
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.Int64Range(1, most).Draw(rt, "size")
		index := rapid.Int64Range(0, size-1).Draw(rt, "index")
		older := rapid.Int64Range(0, size).Draw(rt, "older")
		leaf := translog.LeafHash(entry(index))
		flip := func(h *translog.Hash) {
			h[rapid.IntRange(0, 31).Draw(rt, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		}

		proof := must[[]translog.Hash](t)(translog.ProveInclusion(index, size, m))
		if err := translog.VerifyInclusion(leaf, index, size, roots[size], proof); err != nil {
			rt.Fatal(err)
		}
		for i := range len(proof) + 2 {
			bad, badLeaf, badRoot := slices.Clone(proof), leaf, roots[size]
			switch i {
			case len(proof):
				flip(&badLeaf)
			case len(proof) + 1:
				flip(&badRoot)
			default:
				flip(&bad[i])
			}
			if err := translog.VerifyInclusion(badLeaf, index, size, badRoot, bad); !errors.Is(err, translog.ErrInclusion) {
				rt.Fatalf("inclusion with part %d changed: %v", i, err)
			}
		}
		for _, bad := range [][]translog.Hash{append(slices.Clone(proof), leaf), proof[:max(len(proof)-1, 0)]} {
			err := translog.VerifyInclusion(leaf, index, size, roots[size], bad)
			if len(bad) != len(proof) && !errors.Is(err, translog.ErrInclusion) {
				rt.Fatalf("inclusion with %d hashes for %d: %v", len(bad), len(proof), err)
			}
		}

		tree := must[[]translog.Hash](t)(translog.ProveConsistency(older, size, m))
		if err := translog.VerifyConsistency(older, roots[older], size, roots[size], tree); err != nil {
			rt.Fatal(err)
		}
		for i := range len(tree) + 2 {
			bad, was, is := slices.Clone(tree), roots[older], roots[size]
			switch i {
			case len(tree):
				flip(&was)
			case len(tree) + 1:
				if older == 0 {
					continue // nothing older holds the newer root to anything
				}
				flip(&is)
			default:
				flip(&bad[i])
			}
			if err := translog.VerifyConsistency(older, was, size, is, bad); !errors.Is(err, translog.ErrConsistency) {
				rt.Fatalf("consistency with part %d changed: %v", i, err)
			}
		}
	})
}
