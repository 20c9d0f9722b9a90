package translog

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// MaxProof is the largest number of hashes that any proof about a tree of at
// most [MaxSize] leaves has.
const MaxProof = 64

// ErrInclusion is wrapped when a proof does not show that the leaf stands at
// its index in the tree.
var ErrInclusion = errors.New("the proof does not lead from the leaf to the root")

// ErrConsistency is wrapped when a proof does not show that the older tree is
// the beginning of the newer one.
var ErrConsistency = errors.New("the proof does not show the older tree as the beginning of the newer")

// ProveInclusion gives the hashes that lead from the leaf at index (counted
// from 0) to the root of the tree of size leaves, from the leaf upwards: the
// audit path of RFC 6962, section 2.1.1. It is empty for a tree of one leaf.
func ProveInclusion(index, size int64, r HashReader) ([]Hash, error) {
	if err := checkIndex(index, size); err != nil {
		return nil, err
	}
	proof, err := tlog.ProveRecord(size, index, r)
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d in %d: %w", index, size, err)
	}
	return proof, nil
}

// VerifyInclusion checks that leaf stands at index in the tree of size leaves
// with the given root. The error wraps [ErrSize] if that cannot be, and
// [ErrInclusion] if the proof does not show it.
func VerifyInclusion(leaf Hash, index, size int64, root Hash, proof []Hash) error {
	if err := checkIndex(index, size); err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, size, root, index, leaf); err != nil {
		return fmt.Errorf("leaf %d in %d: %w", index, size, ErrInclusion)
	}
	return nil
}

// ProveConsistency gives the hashes that show the tree of older leaves as the
// beginning of the tree of newer leaves (RFC 6962, section 2.1.2). It is empty
// if the two are one size or the older is empty.
func ProveConsistency(older, newer int64, r HashReader) ([]Hash, error) {
	if err := checkPair(older, newer); err != nil {
		return nil, err
	}
	if older == 0 || older == newer {
		return []Hash{}, nil
	}
	proof, err := tlog.ProveTree(newer, older, r)
	if err != nil {
		return nil, fmt.Errorf("prove %d as the beginning of %d: %w", older, newer, err)
	}
	return proof, nil
}

// VerifyConsistency checks that the tree of older leaves with root olderRoot
// is the beginning of the tree of newer leaves with root newerRoot. The error
// wraps [ErrSize] if the sizes cannot be, and [ErrConsistency] if the proof
// does not show it.
func VerifyConsistency(older int64, olderRoot Hash, newer int64, newerRoot Hash, proof []Hash) error {
	if err := checkPair(older, newer); err != nil {
		return err
	}
	failed := fmt.Errorf("%d as the beginning of %d: %w", older, newer, ErrConsistency)
	if older == 0 {
		// Every tree begins with the empty one; there is nothing to prove, and
		// nothing may pretend to.
		if olderRoot != EmptyRoot() || len(proof) != 0 || newer == 0 && newerRoot != olderRoot {
			return failed
		}
		return nil
	}
	if err := tlog.CheckTree(proof, newer, newerRoot, older, olderRoot); err != nil {
		return failed
	}
	return nil
}

func checkIndex(index, size int64) error {
	if err := checkSize(size); err != nil {
		return err
	}
	if index < 0 || index >= size {
		return fmt.Errorf("leaf %d in a tree of %d: %w", index, size, ErrSize)
	}
	return nil
}

func checkPair(older, newer int64) error {
	if err := checkSize(newer); err != nil {
		return err
	}
	if older < 0 || older > newer {
		return fmt.Errorf("a tree of %d as the beginning of %d: %w", older, newer, ErrSize)
	}
	return nil
}
