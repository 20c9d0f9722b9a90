package translog

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a SHA-256 hash of a leaf, of an inner node or of a whole tree.
type Hash = tlog.Hash

// HashReader reads stored hashes by their place in the storage order
// ([StoredIndex]).
type HashReader = tlog.HashReader

// MaxSize is the largest number of leaves a tree may have, 2^48. It is far
// more than can be registered, and far below 2^62, where the arithmetic of
// stored indexes and of proofs stops being defined; sizes that come from
// outside are held to it before anything is computed from them.
const MaxSize = 1 << 48

// ErrSize is wrapped when a size or an index is negative, above [MaxSize], or
// does not fit the other one given with it.
var ErrSize = errors.New("size or index out of range")

// leafPrefix separates the hash of a leaf from that of an inner node
// (RFC 6962, section 2.1).
const leafPrefix = 0x00

// leafOnStack is the longest leaf hashed without allocating; headers are
// mostly under 400 bytes.
const leafOnStack = 1023

// LeafHash gives the hash of the leaf that header is: SHA-256 over a zero byte
// and the header. It equals [tlog.RecordHash] and does not allocate for
// headers of ordinary length.
func LeafHash(header []byte) Hash {
	if len(header) > leafOnStack {
		return tlog.RecordHash(header)
	}
	var buf [1 + leafOnStack]byte
	buf[0] = leafPrefix
	n := copy(buf[1:], header)
	return sha256.Sum256(buf[:1+n])
}

// LeafHashes gives the leaf hash of each entry, in order.
func LeafHashes(entries [][]byte) []Hash {
	hashes := make([]Hash, len(entries))
	for i, entry := range entries {
		hashes[i] = LeafHash(entry)
	}
	return hashes
}

// EmptyRoot is the root of the tree without leaves: the SHA-256 of nothing.
func EmptyRoot() Hash { return sha256.Sum256(nil) }

// StoredCount gives how many hashes are stored for a tree of size leaves,
// which is also the place where the hashes of the next append begin.
func StoredCount(size int64) (int64, error) {
	if err := checkSize(size); err != nil {
		return 0, err
	}
	return tlog.StoredHashCount(size), nil
}

// StoredIndex gives the place in the storage order of the n'th node of a
// level; level 0 holds the leaves. Both must lie in a tree of at most
// [MaxSize] leaves.
func StoredIndex(level int, n int64) (int64, error) {
	if level < 0 || level > 48 || n < 0 || n >= MaxSize>>level {
		return 0, fmt.Errorf("node %d of level %d: %w", n, level, ErrSize)
	}
	return tlog.StoredHashIndex(level, n), nil
}

// Root gives the root of the tree of size leaves. It asks r once, for at most
// one hash a level.
func Root(size int64, r HashReader) (Hash, error) {
	if err := checkSize(size); err != nil {
		return Hash{}, err
	}
	root, err := tlog.TreeHash(size, r)
	if err != nil {
		return Hash{}, fmt.Errorf("root of %d leaves: %w", size, err)
	}
	return root, nil
}

// AppendHashes gives the hashes to store when leaves are appended to a tree of
// size leaves: those of [tlog.StoredHashesForRecordHash] for each of them in
// turn, to be written from [StoredCount](size) on; just under two a leaf.
// Earlier hashes come from r in a single call (at most one a level, none if
// none is needed); those of the same call are taken from memory, so r need not
// show them.
func AppendHashes(size int64, leaves []Hash, r HashReader) ([]Hash, error) {
	frontier, err := readFrontier(size, int64(len(leaves)), r)
	if err != nil {
		return nil, err
	}
	stored := make([]Hash, 0, 2*len(leaves)+48)
	for _, leaf := range leaves {
		if stored, err = frontier.push(leaf, stored); err != nil {
			return nil, err
		}
	}
	return stored, nil
}

func checkSize(size int64) error {
	if size < 0 || size > MaxSize {
		return fmt.Errorf("tree of %d leaves: %w", size, ErrSize)
	}
	return nil
}

// readAll asks r and refuses an answer of another length than was asked for,
// which would otherwise end in an index out of range.
func readAll(r HashReader, indexes []int64) ([]Hash, error) {
	hashes, err := r.ReadHashes(indexes)
	if err != nil {
		return nil, fmt.Errorf("read %d stored hashes: %w", len(indexes), err)
	}
	if len(hashes) != len(indexes) {
		return nil, fmt.Errorf("read %d stored hashes: got %d", len(indexes), len(hashes))
	}
	return hashes, nil
}
