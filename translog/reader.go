package translog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"

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

// Entries gives the entries from number from (counted from 0) up to the
// checkpoint's size, in order and each verified, a bundle at a time. It ends
// after the first error.
func (r *Reader) Entries(from int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for next := from; next < r.tree.N; {
			first := next / TileWidth * TileWidth
			entries, err := r.bundle(first)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, entry := range entries[next-first:] {
				if !yield(entry, nil) {
					return
				}
				next++
			}
		}
	}
}

// bundle gives the entries of the bundle that begins with leaf first, compared
// with the verified leaf hashes.
func (r *Reader) bundle(first int64) ([][]byte, error) {
	if err := checkIndex(first, r.tree.N); err != nil {
		return nil, err
	}
	width := int(min(TileWidth, r.tree.N-first))
	t := Tile{EntriesLevel, first / TileWidth, width}
	data, full, err := r.fetchTile(t)
	if err != nil {
		return nil, err
	}
	entries, err := decodeWithin(data, width, full)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", t.Path(), ErrInconsistent, err)
	}
	indexes := make([]int64, width)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
	}
	leaves, err := r.ReadHashes(indexes)
	if err != nil {
		return nil, err
	}
	for i, entry := range entries {
		if LeafHash(entry) != leaves[i] {
			return nil, &EntryError{first + int64(i)}
		}
	}
	return entries, nil
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
