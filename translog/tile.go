package translog

import (
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// A tile holds up to TileWidth hashes, 8 levels of the tree (C2SP tlog-tiles).
const (
	TileHeight = 8
	TileWidth  = 1 << TileHeight
)

// EntriesLevel is the Level of a [Tile] that holds entries (headers), not
// hashes: an entry bundle.
const EntriesLevel = -1

// maxTilePath is longer than the path of any tile below [MaxSize].
const maxTilePath = 64

// ErrTilePath is wrapped when a path names no tile.
var ErrTilePath = errors.New("malformed tile path")

// ErrTile is wrapped when a tile or bundle does not hold what it must.
var ErrTile = errors.New("malformed tile")

// Tile names a tile of the published log: at Level 0 up to 256 leaf hashes
// beginning at leaf Index*256, at Level l+1 the roots of full tiles of Level l,
// and at [EntriesLevel] the entries themselves. Width is 256 for a full tile
// and 1 to 255 for a partial one.
type Tile struct {
	Level int
	Index int64
	Width int
}

// Path gives the tile's path below the log's prefix: tile/<L>/<N>[.p/<W>] or
// tile/entries/<N>[.p/<W>].
func (t Tile) Path() string {
	level := "entries"
	if t.Level != EntriesLevel {
		level = strconv.Itoa(t.Level)
	}
	n := fmt.Sprintf("%03d", t.Index%1000)
	for rest := t.Index / 1000; rest > 0; rest /= 1000 {
		n = fmt.Sprintf("x%03d/%s", rest%1000, n)
	}
	if t.Width != TileWidth {
		n += ".p/" + strconv.Itoa(t.Width)
	}
	return "tile/" + level + "/" + n
}

// ParseTilePath reads a path as [Tile.Path] writes it and accepts no other
// spelling. Tiles that no tree of [MaxSize] leaves has are refused too.
func ParseTilePath(path string) (Tile, error) {
	failed := fmt.Errorf("%.80q: %w", path, ErrTilePath)
	rest, ok := strings.CutPrefix(path, "tile/")
	if !ok || len(path) > maxTilePath {
		return Tile{}, failed
	}
	level, rest, ok := strings.Cut(rest, "/")
	if !ok {
		return Tile{}, failed
	}
	t := Tile{Level: EntriesLevel, Width: TileWidth}
	var err error
	if level != "entries" {
		if t.Level, err = strconv.Atoi(level); err != nil || t.Level < 0 {
			return Tile{}, failed
		}
	}
	if number, width, partial := strings.Cut(rest, ".p/"); partial {
		if t.Width, err = strconv.Atoi(width); err != nil {
			return Tile{}, failed
		}
		rest = number
	}
	// Signs, leading zeros, missing x: all are caught by writing the path
	// again, so reading the digits may be lenient.
	digits := strings.NewReplacer("/", "", "x", "").Replace(rest)
	if t.Index, err = strconv.ParseInt(digits, 10, 64); err != nil {
		return Tile{}, failed
	}
	if t.check() != nil || t.Path() != path {
		return Tile{}, failed
	}
	return t, nil
}

// hashLevel is the level of the tree at which the tile's hashes stand.
func (t Tile) hashLevel() int { return TileHeight * max(t.Level, 0) }

// check refuses what is no tile of any tree of at most MaxSize leaves, so that
// nothing below overflows.
func (t Tile) check() error {
	if t.Level < EntriesLevel || t.Level > 48/TileHeight || t.Width < 1 || t.Width > TileWidth ||
		t.Index < 0 || t.Index > (MaxSize>>t.hashLevel()-int64(t.Width))>>TileHeight {
		return fmt.Errorf("level %d, index %d, width %d: %w", t.Level, t.Index, t.Width, ErrTile)
	}
	return nil
}

// First gives the number of the first leaf below the tile.
func (t Tile) First() int64 { return t.Index << (TileHeight + t.hashLevel()) }

// In reports whether a tree of size leaves holds all that the tile holds, so
// that it can be served: also a partial tile that has since become wider.
func (t Tile) In(size int64) bool {
	return t.check() == nil && checkSize(size) == nil &&
		t.Index<<TileHeight+int64(t.Width) <= size>>t.hashLevel()
}

// Tiles gives the tiles and entry bundles to publish when a log that was
// published at size older is published at size newer (0 and the size for all):
// full ones first seen, and the partial ones of exactly the newer size. Bundles
// come first, then tiles from the leaves upwards.
func Tiles(older, newer int64) iter.Seq[Tile] {
	return func(yield func(Tile) bool) {
		if checkPair(older, newer) != nil {
			return
		}
		for level := EntriesLevel; level <= 48/TileHeight; level++ {
			shift := Tile{Level: level}.hashLevel()
			from, to := older>>shift, newer>>shift
			if from == to {
				continue
			}
			for n := from >> TileHeight; n < to>>TileHeight; n++ {
				if !yield(Tile{level, n, TileWidth}) {
					return
				}
			}
			if width := int(to % TileWidth); width > 0 && !yield(Tile{level, to >> TileHeight, width}) {
				return
			}
		}
	}
}

// ReadTile gives the content of a tile of hashes, 32 bytes each, from the
// stored hashes. The tree must be large enough ([Tile.In]). It asks r once.
func ReadTile(t Tile, r HashReader) ([]byte, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	if t.Level == EntriesLevel {
		return nil, fmt.Errorf("entries are no hashes: %w", ErrTile)
	}
	first := t.Index << TileHeight
	indexes := make([]int64, t.Width)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(t.hashLevel(), first+int64(i))
	}
	hashes, err := readAll(r, indexes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Path(), err)
	}
	return EncodeTile(hashes), nil
}

// EncodeTile puts hashes one after the other.
func EncodeTile(hashes []Hash) []byte {
	data := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		data = append(data, h[:]...)
	}
	return data
}

// DecodeTile gives the hashes of a tile of exactly width hashes.
func DecodeTile(data []byte, width int) ([]Hash, error) {
	if width < 1 || width > TileWidth || len(data) != width*tlog.HashSize {
		return nil, fmt.Errorf("%d bytes for %d hashes: %w", len(data), width, ErrTile)
	}
	hashes := make([]Hash, width)
	for i := range hashes {
		hashes[i] = Hash(data[i*tlog.HashSize:])
	}
	return hashes, nil
}
