package store

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// A row of the table tree holds what tlog.StoredHashesForRecordHash gives for
// one leaf, so the hash of stored index i is found without an index of its own:
// it was completed by one certain leaf, and stands there at its level.
func treeRow(index int64) (act int64, level int) {
	level, n := tlog.SplitStoredHashIndex(index)
	return (n+1)<<level - 1, level
}

// frontier holds the roots of the largest complete subtrees of a tree, by
// level: all of the older hashes that appending needs.
type frontier [64]tlog.Hash

// add appends leaf n and returns the hashes to store with it, appended to buf.
func (f *frontier) add(n int64, leaf tlog.Hash, buf []byte) []byte {
	buf = append(buf, leaf[:]...)
	level := bits.TrailingZeros64(^uint64(n))
	for l := range level {
		leaf = tlog.NodeHash(f[l], leaf)
		buf = append(buf, leaf[:]...)
	}
	f[level] = leaf
	return buf
}

// readFrontier reads the frontier of the tree of the first size acts.
func readFrontier(ctx context.Context, h *handle, size int64) (frontier, error) {
	var f frontier
	var indexes []int64
	var levels []int
	for rest := uint64(size); rest != 0; rest &= rest - 1 {
		level := bits.TrailingZeros64(rest)
		levels = append(levels, level)
		indexes = append(indexes, tlog.StoredHashIndex(level, size>>level-1))
	}
	hashes, err := hashReader{ctx, h}.ReadHashes(indexes)
	if err != nil {
		return f, err
	}
	for i, level := range levels {
		f[level] = hashes[i]
	}
	return f, nil
}

// hashReader reads stored hashes through one handle; a tlog.HashReader.
type hashReader struct {
	ctx context.Context
	h   *handle
}

// inList is how many values one statement looks up: lists are cut into pieces
// of that length, the last one filled up with repeats, so that few statements
// of ever the same text are enough.
const inList = 32

var (
	treeOne   = "SELECT act, hashes FROM tree WHERE act = $1"
	treeList  = "SELECT act, hashes FROM tree WHERE act IN (" + placeholders(1, inList) + ")"
	treeRange = "SELECT act, hashes FROM tree WHERE act >= $1 AND act <= $2"
)

// ReadHashes returns the hashes of the given stored indexes, in their order. A
// hash that is not stored is ErrDamaged.
func (r hashReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	if len(indexes) == 0 {
		return nil, nil
	}
	acts := make([]int64, len(indexes))
	for i, index := range indexes {
		if index < 0 {
			return nil, fmt.Errorf("read tree: stored index %d is negative", index)
		}
		acts[i], _ = treeRow(index)
	}
	slices.Sort(acts)
	acts = slices.Compact(acts)
	rows := make(map[int64][]byte, len(acts))
	if err := r.readRows(acts, rows); err != nil {
		return nil, fail("read tree", err)
	}
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		act, level := treeRow(index)
		row := rows[act]
		if len(row) < (level+1)*tlog.HashSize {
			return nil, fmt.Errorf("read tree: %w: hash %d is missing", ErrDamaged, index)
		}
		copy(hashes[i][:], row[level*tlog.HashSize:])
	}
	return hashes, nil
}

// readRows fetches the rows of the given acts, which are sorted and different.
func (r hashReader) readRows(acts []int64, into map[int64][]byte) error {
	first, last := acts[0], acts[len(acts)-1]
	switch {
	case len(acts) == 1:
		return r.collect(into, treeOne, first)
	case last-first < 4*int64(len(acts)): // dense, as a tile's are: one range is cheaper
		return r.collect(into, treeRange, first, last)
	}
	for piece := range slices.Chunk(acts, inList) {
		args := make([]any, inList)
		for i := range args {
			args[i] = piece[min(i, len(piece)-1)]
		}
		if err := r.collect(into, treeList, args...); err != nil {
			return err
		}
	}
	return nil
}

func (r hashReader) collect(into map[int64][]byte, query string, args ...any) error {
	rows, err := r.h.query(r.ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var act int64
		var hashes []byte
		if err := rows.Scan(&act, &hashes); err != nil {
			return err
		}
		into[act] = hashes
	}
	return errors.Join(rows.Err(), rows.Close())
}

// ReadHashes reads stored Merkle hashes; with it a Store is a tlog.HashReader.
func (s *Store) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	return s.HashReader(context.Background()).ReadHashes(indexes)
}

// HashReader reads stored Merkle hashes under a context.
func (s *Store) HashReader(ctx context.Context) tlog.HashReader {
	return hashReader{ctx, s.rh}
}

// Root is the root hash of the tree of the first size acts.
func (s *Store) Root(ctx context.Context, size int64) (tlog.Hash, error) {
	return tlog.TreeHash(size, s.HashReader(ctx))
}
