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

func TestTilePaths(t *testing.T) {
	for path, want := range map[string]translog.Tile{
		"tile/0/000":                     {Level: 0, Index: 0, Width: 256},
		"tile/0/000.p/1":                 {Level: 0, Index: 0, Width: 1},
		"tile/1/x001/x234/067":           {Level: 1, Index: 1234067, Width: 256},
		"tile/2/x001/000.p/255":          {Level: 2, Index: 1000, Width: 255},
		"tile/entries/273.p/112":         {Level: translog.EntriesLevel, Index: 273, Width: 112},
		"tile/entries/x001/x002/003":     {Level: translog.EntriesLevel, Index: 1002003, Width: 256},
		"tile/6/000.p/1":                 {Level: 6, Index: 0, Width: 1},
		"tile/0/x001/x099/x511/x627/775": {Level: 0, Index: 1<<40 - 1, Width: 256},
	} {
		got, err := translog.ParseTilePath(path)
		if err != nil || got != want {
			t.Errorf("%s: %v (%v), want %v", path, got, err, want)
		}
		if want.Path() != path {
			t.Errorf("%v: path %s, want %s", want, want.Path(), path)
		}
	}
	for _, path := range []string{
		"", "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tile/0/0", "tile/0/00", "tile/0/0000",
		"tile/00/000", "tile/+0/000", "tile/-1/000", "tile/data/000", "tile/8/0/000", "tile/entries/x000/001",
		"tile/0/x000/001", "tile/0/x1/001", "tile/0/001/001", "tile/0/X001/001", "tile/0/x001", "tile/0/+01",
		"tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/-1", "tile/0/000.p/", "tile/0/000.p",
		"tile/0/000.p/1.p/1", "tile/0/000.p/1/", "tile/0/../000", "tile/0/%30%30%30", "tile/0/٠٠٠",
		"tile/6/000.p/2", "tile/7/000.p/1", "tile/63/000", "tile/0/x001/x099/x511/x627/776",
		"tile/0/x999/x999/x999/x999/x999/x999/x999/999", "tile/0/000 ", "tile/0/000\n",
	} {
		if got, err := translog.ParseTilePath(path); !errors.Is(err, translog.ErrTilePath) {
			t.Errorf("%q: %v, %v", path, got, err)
		}
	}
}

func TestTilesOf70000(t *testing.T) {
	// The example of the C2SP tlog-tiles specification.
	count := map[int]int{}
	partial := map[int]int{}
	for tile := range translog.Tiles(0, 70_000) {
		if !tile.In(70_000) {
			t.Errorf("%v is not in the tree", tile)
		}
		if tile.Width == translog.TileWidth {
			count[tile.Level]++
		} else {
			partial[tile.Level] = tile.Width
		}
	}
	for level, want := range map[int][2]int{-1: {273, 112}, 0: {273, 112}, 1: {1, 17}, 2: {0, 1}, 3: {0, 0}} {
		if count[level] != want[0] || partial[level] != want[1] {
			t.Errorf("level %d: %d full, %d wide, want %v", level, count[level], partial[level], want)
		}
	}
	if got := slices.Collect(translog.Tiles(256, 256)); got != nil {
		t.Errorf("nothing new, but tiles %v", got)
	}
	if (translog.Tile{Level: 0, Index: 0, Width: 113}).In(112) || (translog.Tile{Level: 2, Index: 0, Width: 1}).In(65_535) {
		t.Error("a tile is said to be in a tree that is too small")
	}
}

// TestTilesFromBundles rebuilds every tile from the entry bundles alone and
// compares with what the stored hashes give, and the list of tiles with the
// library's.
func TestTilesFromBundles(t *testing.T) {
	const most = 70_000
	size := int64(most)
	if testing.Short() {
		size = 1_000
	}
	m := grow(t, nil, 0, size, 4096)
	rapid.Check(t, func(rt *rapid.T) {
		newer := rapid.Int64Range(1, min(size, 2_000)).Draw(rt, "newer")
		if rapid.IntRange(0, 20).Draw(rt, "large") == 0 {
			newer = size
		}
		older := rapid.Int64Range(0, newer).Draw(rt, "older")
		var want []string
		for _, tile := range tlog.NewTiles(translog.TileHeight, older, newer) {
			want = append(want, translog.Tile{Level: tile.L, Index: tile.N, Width: tile.W}.Path())
		}
		var leaves []translog.Hash
		var got []string
		rebuilt := memory{}
		for tile := range translog.Tiles(older, newer) {
			if tile.Level == translog.EntriesLevel {
				data := must[[]byte](t)(translog.EncodeBundle(entries(tile.First(), tile.First()+int64(tile.Width))))
				decoded := must[[][]byte](t)(translog.DecodeBundle(data, tile.Width))
				if older == 0 {
					leaves = append(leaves, translog.LeafHashes(decoded)...)
				}
				continue
			}
			got = append(got, tile.Path())
			if older != 0 {
				continue
			}
			if len(rebuilt) == 0 {
				rebuilt = must[[]translog.Hash](t)(translog.AppendHashes(0, leaves, memory{}))
			}
			fromBundles := must[[]byte](t)(translog.ReadTile(tile, rebuilt))
			if stored := must[[]byte](t)(translog.ReadTile(tile, m)); !bytes.Equal(stored, fromBundles) {
				rt.Fatalf("%s differs", tile.Path())
			}
			if hashes := must[[]translog.Hash](t)(translog.DecodeTile(fromBundles, tile.Width)); !bytes.Equal(translog.EncodeTile(hashes), fromBundles) {
				rt.Fatalf("%s does not survive decoding", tile.Path())
			}
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("tiles from %d to %d: %v, want %v", older, newer, got, want)
		}
	})
}

func TestBundleLimits(t *testing.T) {
	long := bytes.Repeat([]byte{1}, translog.MaxEntry)
	data, err := translog.EncodeBundle([][]byte{long, {}})
	if err != nil || len(data) != translog.MaxEntry+4 {
		t.Fatalf("%d bytes: %v", len(data), err)
	}
	for name, err := range map[string]error{
		"too long":  second(translog.EncodeBundle([][]byte{append(long, 1)})),
		"none":      second(translog.EncodeBundle(nil)),
		"too many":  second(translog.EncodeBundle(make([][]byte, 257))),
		"width":     second(translog.DecodeBundle(data, 0)),
		"more":      second(translog.DecodeBundle(data, 1)),
		"fewer":     second(translog.DecodeBundle(data, 3)),
		"truncated": second(translog.DecodeBundle(data[:len(data)-3], 2)),
	} {
		if !errors.Is(err, translog.ErrBundle) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"level":   second(translog.ReadTile(translog.Tile{Level: 63, Width: 1}, memory{})),
		"entries": second(translog.ReadTile(translog.Tile{Level: -1, Width: 1}, memory{})),
		"length":  second(translog.DecodeTile(make([]byte, 33), 1)),
	} {
		if !errors.Is(err, translog.ErrTile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
