package translog_test

import (
	"crypto/sha256"
	"testing"

	"samleng/translog"
)

// BenchmarkSHA256 is the calibrator: one hash over an inner node's 65 bytes,
// which no way of hashing a tree can do without.
func BenchmarkSHA256(b *testing.B) {
	var node [65]byte
	for b.Loop() {
		sum := sha256.Sum256(node[:])
		node[1] = sum[0]
	}
}

func BenchmarkLeafHash(b *testing.B) {
	header := make([]byte, 400)
	b.Run("calibrator", func(b *testing.B) {
		var buf [401]byte
		for b.Loop() {
			sha256.Sum256(buf[:])
		}
	})
	b.Run("400 bytes", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			translog.LeafHash(header)
		}
	})
}

// BenchmarkAppend appends to a tree of 100,000 leaves, reading from memory.
func BenchmarkAppend(b *testing.B) {
	const size = 100_000
	m := grow(b, nil, 0, size, 4096)
	for _, batch := range []struct {
		name string
		size int
	}{{"batch 1", 1}, {"batch 256", 256}} {
		leaves := make([]translog.Hash, batch.size)
		b.Run(batch.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := translog.AppendHashes(size-1, leaves, m); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch.size), "ns/leaf")
		})
	}
}

func BenchmarkInclusion(b *testing.B) {
	const size = 100_000
	m := grow(b, nil, 0, size, 4096)
	root := must[translog.Hash](b)(translog.Root(size, m))
	proof := must[[]translog.Hash](b)(translog.ProveInclusion(54_321, size, m))
	leaf := translog.LeafHash(entry(54_321))
	b.Run("prove", func(b *testing.B) {
		for b.Loop() {
			if _, err := translog.ProveInclusion(54_321, size, m); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if err := translog.VerifyInclusion(leaf, 54_321, size, root, proof); err != nil {
				b.Fatal(err)
			}
		}
	})
}
