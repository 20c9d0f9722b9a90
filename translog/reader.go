package translog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrInconsistent is wrapped when what was fetched is not what the checkpoint
// commits to.
var ErrInconsistent = errors.New("published log does not match its checkpoint")

// EntryError says which entry is the first that is not what the checkpoint
// commits to. It wraps [ErrInconsistent].
type EntryError struct{ Index int64 }

func (e *EntryError) Error() string { return fmt.Sprintf("entry %d: %v", e.Index, ErrInconsistent) }

// Unwrap gives ErrInconsistent.
func (e *EntryError) Unwrap() error { return ErrInconsistent }

// Fetch gets a file of a published log by its path below the log's prefix.
// It should stop reading above [MaxBundle] bytes, and give an error that wraps
// [fs.ErrNotExist] if there is no such file. It may be called from whatever
// goroutine uses the [Reader].
type Fetch func(ctx context.Context, path string) ([]byte, error)

// cachedTiles bounds the tiles a Reader keeps, to 2 MiB.
const cachedTiles = 256

// Reader reads a published log and believes nothing that the checkpoint does
// not commit to: every hash and every entry it hands out is verified. The
// checkpoint itself must have been verified before ([Open]). One goroutine at a
// time may use it.
type Reader struct {
	ctx    context.Context
	tree   tlog.Tree
	fetch  Fetch
	hashes tlog.HashReader
	cache  map[tlog.Tile][]byte // verified ones only
	// tops are the verified nodes above bundles firstTop and those after it.
	firstTop int64
	tops     []Hash
}

// NewReader gives a reader of the log at the checkpoint. ctx goes with every
// fetch, for the hash reader's interface has no room for one.
func NewReader(ctx context.Context, at Checkpoint, fetch Fetch) (*Reader, error) {
	if err := checkSize(at.Size); err != nil {
		return nil, err
	}
	r := &Reader{
		ctx:   ctx,
		tree:  tlog.Tree{N: at.Size, Hash: at.Root},
		fetch: fetch,
		cache: map[tlog.Tile][]byte{},
	}
	r.hashes = tlog.TileHashReader(r.tree, (*tileSource)(r))
	return r, nil
}

// ReadHashes implements [HashReader]: stored hashes, verified against the
// checkpoint, so that proofs can be computed from a published log.
func (r *Reader) ReadHashes(indexes []int64) ([]Hash, error) {
	if len(indexes) == 0 {
		return nil, nil
	}
	end := tlog.StoredHashCount(r.tree.N)
	for _, index := range indexes {
		if index < 0 || index >= end {
			return nil, fmt.Errorf("stored hash %d in a tree of %d: %w", index, r.tree.N, ErrSize)
		}
	}
	hashes, err := r.hashes.ReadHashes(indexes)
	if err == nil {
		return hashes, nil
	}
	if _, fetching := errors.AsType[*fetchError](err); fetching || errors.Is(err, ErrTile) {
		return nil, err
	}
	// What remains of the tile reader's errors is that hashes do not agree.
	return nil, fmt.Errorf("%w: %w", ErrInconsistent, err)
}

// Bundle is a run of entries that lie in one entry bundle, each verified.
type Bundle struct {
	First   int64    // number of the first of Entries, counted from 0
	Entries [][]byte // 1 to 256
	Leaves  []Hash   // their leaf hashes
	// Node is the node of the tree above Entries where they are all 256 of their
	// bundle, else the zero hash ([Frontier.AppendNode]).
	Node Hash
}

// Bundles gives the entries from number from (counted from 0) up to the
// checkpoint's size, in order and each verified, a bundle at a time. It ends
// after the first error.
func (r *Reader) Bundles(from int64) iter.Seq2[Bundle, error] {
	return func(yield func(Bundle, error) bool) {
		for next := from; next < r.tree.N; {
			first := next / TileWidth * TileWidth
			b, err := r.bundle(first)
			if err != nil {
				yield(Bundle{}, err)
				return
			}
			if next > first {
				b = Bundle{First: next, Entries: b.Entries[next-first:], Leaves: b.Leaves[next-first:]}
			}
			if !yield(b, nil) {
				return
			}
			next += int64(len(b.Entries))
		}
	}
}

// Entries gives the same one entry at a time.
func (r *Reader) Entries(from int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for b, err := range r.Bundles(from) {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, entry := range b.Entries {
				if !yield(entry, nil) {
					return
				}
			}
		}
	}
}

// bundle gives the bundle that begins with leaf first, verified.
func (r *Reader) bundle(first int64) (Bundle, error) {
	if err := checkIndex(first, r.tree.N); err != nil {
		return Bundle{}, err
	}
	width := int(min(TileWidth, r.tree.N-first))
	t := Tile{EntriesLevel, first / TileWidth, width}
	data, full, err := r.fetchTile(t)
	if err != nil {
		return Bundle{}, err
	}
	entries, err := decodeWithin(data, width, full)
	if err != nil {
		return Bundle{}, fmt.Errorf("%s: %w: %w", t.Path(), ErrInconsistent, err)
	}
	b := Bundle{First: first, Entries: entries, Leaves: LeafHashes(entries)}
	if width == TileWidth {
		return b, r.verifyFull(&b)
	}
	indexes := make([]int64, width)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
	}
	leaves, err := r.ReadHashes(indexes)
	if err != nil {
		return Bundle{}, err
	}
	return b, firstDifference(&b, leaves)
}

// verifyFull verifies a full bundle with each of its leaves and of the nodes
// above them hashed once: by the node at its top. Its tile of leaf hashes must be
// there and right as well, for others read it, and by it the first entry that is
// wrong is told.
func (r *Reader) verifyFull(b *Bundle) error {
	want, err := r.topOf(b.First / TileWidth)
	if err != nil {
		return err
	}
	t := Tile{0, b.First / TileWidth, TileWidth}
	data, _, err := r.fetchTile(t)
	if err != nil {
		return err
	}
	leaves, err := DecodeTile(data, TileWidth)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", t.Path(), ErrInconsistent, err)
	}
	same := slices.Equal(leaves, b.Leaves)
	if !same && topNode(leaves) != want {
		return fmt.Errorf("%s: %w", t.Path(), ErrInconsistent)
	}
	if !same {
		return firstDifference(b, leaves)
	}
	if b.Node = topNode(leaves); b.Node != want {
		return fmt.Errorf("%s: %w", t.Path(), ErrInconsistent)
	}
	return nil
}

// firstDifference compares a bundle with verified leaf hashes.
func firstDifference(b *Bundle, leaves []Hash) error {
	for i := range b.Leaves {
		if b.Leaves[i] != leaves[i] {
			return &EntryError{b.First + int64(i)}
		}
	}
	return nil
}

// topOf gives the verified node above bundle number n, which is full. Those of
// one tile are read together: verifying a tile takes as long for one hash of it
// as for all.
func (r *Reader) topOf(n int64) (Hash, error) {
	first := n / TileWidth * TileWidth
	if len(r.tops) == 0 || r.firstTop != first {
		indexes := make([]int64, min(TileWidth, r.tree.N/TileWidth-first))
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(TileHeight, first+int64(i))
		}
		tops, err := r.ReadHashes(indexes)
		if err != nil {
			return Hash{}, err
		}
		r.firstTop, r.tops = first, tops
	}
	return r.tops[n-first], nil
}

// topNode computes the node above the 256 leaves of a tile.
func topNode(leaves []Hash) Hash {
	var level [TileWidth]Hash
	copy(level[:], leaves)
	for n := TileWidth / 2; n > 0; n /= 2 {
		for i := range n {
			level[i] = tlog.NodeHash(level[2*i], level[2*i+1])
		}
	}
	return level[0]
}

// decodeWithin gives the first width entries; of a full bundle that came in
// place of a partial one, the rest is past the checkpoint and left out.
func decodeWithin(data []byte, width int, full bool) ([][]byte, error) {
	if !full {
		return DecodeBundle(data, width)
	}
	entries, err := DecodeBundle(data, TileWidth)
	if err != nil {
		return nil, err
	}
	return entries[:width], nil
}

// fetchTile fetches a tile. A partial tile may be deleted once the full one
// exists, so that is tried in its place; full then says that it was.
func (r *Reader) fetchTile(t Tile) (data []byte, full bool, err error) {
	data, err = r.fetch(r.ctx, t.Path())
	if err != nil && t.Width < TileWidth && errors.Is(err, fs.ErrNotExist) {
		instead := Tile{t.Level, t.Index, TileWidth}
		if data, again := r.fetch(r.ctx, instead.Path()); again == nil {
			return data, true, nil
		}
	}
	if err != nil {
		return nil, false, &fetchError{t.Path(), err}
	}
	return data, false, nil
}

type fetchError struct {
	path string
	err  error
}

func (e *fetchError) Error() string { return "fetch " + e.path + ": " + e.err.Error() }
func (e *fetchError) Unwrap() error { return e.err }

// tileSource is the Reader as the tile reader that tlog asks for tiles.
type tileSource Reader

func (s *tileSource) Height() int { return TileHeight }

func (s *tileSource) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	all := make([][]byte, len(tiles))
	for i, t := range tiles {
		if data, ok := s.cache[t]; ok {
			all[i] = data
			continue
		}
		data, full, err := (*Reader)(s).fetchTile(Tile{t.L, t.N, t.W})
		if err != nil {
			return nil, err
		}
		want := t.W * tlog.HashSize
		if full && len(data) == TileWidth*tlog.HashSize {
			data = data[:want]
		}
		if len(data) != want {
			return nil, fmt.Errorf("%s: %d bytes, want %d: %w: %w",
				Tile{t.L, t.N, t.W}.Path(), len(data), want, ErrInconsistent, ErrTile)
		}
		all[i] = data
	}
	return all, nil
}

// SaveTiles keeps verified tiles. When there are too many, all go: the few near
// the root, which every read needs, come back with the next one.
func (s *tileSource) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	if len(s.cache)+len(tiles) > cachedTiles {
		clear(s.cache)
	}
	for i, t := range tiles {
		s.cache[t] = data[i]
	}
}
