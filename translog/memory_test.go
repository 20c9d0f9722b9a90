package translog_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"samleng/translog"
)

// memory is a tree whose stored hashes are a slice.
type memory []translog.Hash

func (m memory) ReadHashes(indexes []int64) ([]translog.Hash, error) {
	hashes := make([]translog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(m)) {
			return nil, fmt.Errorf("stored hash %d of %d", index, len(m))
		}
		if i > 0 && index < indexes[i-1] && len(indexes) < 50 {
			return nil, fmt.Errorf("indexes not in order: %d", indexes)
		}
		hashes[i] = m[index]
	}
	return hashes, nil
}

// entry gives the n'th entry of the test log: of varying length, not all UTF-8.
func entry(n int64) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "entry %d", n))
	return fmt.Appendf(sum[:n%32], "|%d", n)
}

func entries(from, to int64) [][]byte {
	all := make([][]byte, 0, to-from)
	for n := from; n < to; n++ {
		all = append(all, entry(n))
	}
	return all
}

// grow appends entries up to size, in batches of at most batch.
func grow(t testing.TB, m memory, from, size, batch int64) memory {
	t.Helper()
	for at := from; at < size; {
		next := min(at+batch, size)
		hashes, err := translog.AppendHashes(at, translog.LeafHashes(entries(at, next)), m)
		if err != nil {
			t.Fatal(err)
		}
		m, at = append(m, hashes...), next
	}
	return m
}

// counter is a source of bytes that is the same in every run.
type counter byte

func (c *counter) Read(p []byte) (int, error) {
	for i := range p {
		*c++
		p[i] = byte(*c)
	}
	return len(p), nil
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
