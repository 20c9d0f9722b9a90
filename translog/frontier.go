package translog

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Frontier is a tree of which only the right edge is kept: the roots of the
// complete subtrees that make it up, at most one a level. It takes leaves and
// gives the root in constant memory, which is what somebody needs who reads a
// log from its first leaf and stores nothing. The zero Frontier is the empty
// tree.
type Frontier struct {
	size  int64
	nodes [49]Hash // nodes[l] counts where bit l of size is set
}

// Size gives the number of leaves.
func (f *Frontier) Size() int64 { return f.size }

// Append adds a leaf at the end. It refuses to grow past [MaxSize].
func (f *Frontier) Append(leaf Hash) error {
	_, err := f.push(leaf, nil)
	return err
}

// AppendNode adds at once the leaves below a complete node of a level, which
// counts 2^level of them. The tree must have a multiple of that many leaves
// before.
func (f *Frontier) AppendNode(level int, node Hash) error {
	if level < 0 || level >= len(f.nodes) || f.size&(1<<level-1) != 0 {
		return fmt.Errorf("a node of level %d after %d leaves: %w", level, f.size, ErrSize)
	}
	if err := checkSize(f.size + 1<<level); err != nil {
		return err
	}
	grown := f.size + 1<<level
	for ; f.size>>level&1 == 1; level++ {
		node = tlog.NodeHash(f.nodes[level], node)
	}
	f.nodes[level], f.size = node, grown
	return nil
}

// Root gives the root of the tree as it stands.
func (f *Frontier) Root() Hash {
	var root Hash
	found := false
	for level := range f.nodes {
		if f.size>>level&1 == 0 {
			continue
		}
		if found {
			root = tlog.NodeHash(f.nodes[level], root)
		} else {
			root, found = f.nodes[level], true
		}
	}
	if !found {
		return EmptyRoot()
	}
	return root
}

// push adds a leaf and appends to stored the hashes that it completes, from
// the leaf upwards.
func (f *Frontier) push(leaf Hash, stored []Hash) ([]Hash, error) {
	if err := checkSize(f.size + 1); err != nil {
		return nil, err
	}
	stored = append(stored, leaf)
	level := 0
	for ; f.size>>level&1 == 1; level++ {
		leaf = tlog.NodeHash(f.nodes[level], leaf)
		stored = append(stored, leaf)
	}
	f.nodes[level] = leaf
	f.size++
	return stored, nil
}

// ReadFrontier reads the right edge of the tree of size leaves from r, in one
// call.
func ReadFrontier(size int64, r HashReader) (*Frontier, error) {
	// A tree that is doubled uses every node of its edge.
	return readFrontier(size, size, r)
}

// readFrontier reads those nodes of the right edge that appending count leaves
// will use: the one of level l is used as soon as its sibling is complete. The
// others stay zero, so the result is good for exactly that many leaves.
func readFrontier(size, count int64, r HashReader) (*Frontier, error) {
	if err := checkSize(size); err != nil {
		return nil, err
	}
	f := &Frontier{size: size}
	var levels []int
	var indexes []int64
	// From the top down, so that the indexes increase.
	for level := len(f.nodes) - 1; level >= 0; level-- {
		if size>>level&1 == 1 && (size+count)>>(level+1) > size>>(level+1) {
			levels = append(levels, level)
			indexes = append(indexes, tlog.StoredHashIndex(level, size>>level-1))
		}
	}
	if len(indexes) == 0 {
		return f, nil
	}
	hashes, err := readAll(r, indexes)
	if err != nil {
		return nil, err
	}
	for i, level := range levels {
		f.nodes[level] = hashes[i]
	}
	return f, nil
}
