package translog_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"samleng/translog"
)

func FuzzParseCheckpoint(f *testing.F) {
	f.Add(must[[]byte](f)(testCheckpoint(f, 7).Text()))
	f.Add([]byte("a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := translog.ParseCheckpoint(text)
		if err != nil {
			return
		}
		if again, err := c.Text(); err != nil || !bytes.Equal(again, text) {
			t.Errorf("%q reads as %+v, written %q (%v)", text, c, again, err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	k, c := testKeys(f), testCheckpoint(f, 7)
	both := must[[]byte](f)(translog.Sign(c, k.log, k.witness))
	f.Add(both)
	f.Add(must[[]byte](f)(translog.Sign(c, k.log)))
	f.Fuzz(func(t *testing.T, signed []byte) {
		if s, err := translog.Open(signed, testOrigin, k.logKey, k.witnessKey); err == nil && s.Checkpoint != c {
			t.Errorf("%q opened as %+v", signed, s)
		}
	})
}

func FuzzParseTilePath(f *testing.F) {
	for tile := range translog.Tiles(0, 70_000) {
		if tile.Width != translog.TileWidth {
			f.Add(tile.Path())
		}
	}
	f.Add("tile/1/x001/x234/067")
	f.Fuzz(func(t *testing.T, path string) {
		tile, err := translog.ParseTilePath(path)
		if err != nil {
			return
		}
		if tile.Path() != path || !tile.In(translog.MaxSize) || tile.First() < 0 {
			t.Errorf("%q reads as %v", path, tile)
		}
	})
}

func FuzzDecodeBundle(f *testing.F) {
	f.Add(must[[]byte](f)(translog.EncodeBundle(entries(0, 3))), 3)
	f.Add([]byte{0, 0}, 1)
	f.Fuzz(func(t *testing.T, data []byte, width int) {
		decoded, err := translog.DecodeBundle(data, width)
		if err != nil {
			return
		}
		if again, err := translog.EncodeBundle(decoded); err != nil || !bytes.Equal(again, data) {
			t.Errorf("%x reads as %x (%v)", data, decoded, err)
		}
	})
}

func FuzzDecodeReceipt(f *testing.F) {
	k, r := testKeys(f), testReceipt(f)
	f.Add(must[[]byte](f)(r.Encode()))
	f.Add([]byte(`{"version":1,"index":0,"header":"","openings":[]}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := translog.DecodeReceipt(data)
		if err != nil {
			return
		}
		if again, err := r.Encode(); err != nil || !bytes.Equal(again, data) {
			t.Errorf("%q is written %q (%v)", data, again, err)
		}
		// Must not panic, whatever the fields hold.
		_, _ = r.Verify(testOrigin, k.logKey, k.witnessKey)
	})
}

func FuzzCosignature(f *testing.F) {
	k, c := testKeys(f), testCheckpoint(f, 7)
	text := must[[]byte](f)(c.Text())
	good := must[[]byte](f)(k.witness.Sign(text))
	f.Add(good)
	f.Fuzz(func(t *testing.T, sig []byte) {
		if k.witnessKey.Verify(text, sig) && !bytes.Equal(sig, good) {
			t.Errorf("%x verifies", sig)
		}
	})
}

func FuzzCosignatureTime(f *testing.F) {
	f.Add("AAAAAAAAAABkGFDL")
	f.Fuzz(func(t *testing.T, line string) {
		if at, err := translog.CosignatureTime(note.Signature{Base64: line}); err == nil && at.Unix() < 0 {
			t.Errorf("%q states %v", line, at)
		}
	})
}

func FuzzNewVerifier(f *testing.F) {
	k := testKeys(f)
	f.Add(k.logVkey)
	f.Add(k.witnessVkey)
	f.Fuzz(func(t *testing.T, vkey string) {
		if v, err := translog.NewVerifier(vkey); err == nil && !translog.ValidOrigin(v.Name()) {
			t.Errorf("%q has the name %q", vkey, v.Name())
		}
	})
}

func FuzzDecodeTile(f *testing.F) {
	f.Add(make([]byte, 96), 3)
	f.Fuzz(func(t *testing.T, data []byte, width int) {
		hashes, err := translog.DecodeTile(data, width)
		if err == nil && (len(hashes) != width || !bytes.Equal(translog.EncodeTile(hashes), data)) {
			t.Errorf("%x reads as %x", data, hashes)
		}
	})
}

// FuzzReader serves anything as one of a log's files: what the reader hands out
// is what the log holds all the same.
func FuzzReader(f *testing.F) {
	const size = 600
	m := grow(f, nil, 0, size, size)
	at := translog.Checkpoint{Size: size, Root: must[translog.Hash](f)(translog.Root(size, m))}
	files, paths := map[string][]byte{}, []string{}
	for tile := range translog.Tiles(0, size) {
		if tile.Level == translog.EntriesLevel {
			files[tile.Path()] = must[[]byte](f)(translog.EncodeBundle(entries(tile.First(), tile.First()+int64(tile.Width))))
		} else {
			files[tile.Path()] = must[[]byte](f)(translog.ReadTile(tile, m))
		}
		paths = append(paths, tile.Path())
		f.Add(uint8(len(paths)-1), files[tile.Path()])
		f.Add(uint8(len(paths)-1), files[tile.Path()][1:])
	}
	f.Fuzz(func(t *testing.T, which uint8, content []byte) {
		path := paths[int(which)%len(paths)]
		r := must[*translog.Reader](t)(translog.NewReader(t.Context(), at, func(_ context.Context, asked string) ([]byte, error) {
			if asked == path {
				return content, nil
			}
			if data, has := files[asked]; has {
				return data, nil
			}
			return nil, fs.ErrNotExist
		}))
		next := int64(0)
		for e, err := range r.Entries(0) {
			if err != nil {
				if !errors.Is(err, translog.ErrInconsistent) {
					t.Errorf("%s: %v", path, err)
				}
				return
			}
			if !bytes.Equal(e, entry(next)) {
				t.Errorf("%s: entry %d is %x", path, next, e)
			}
			next++
		}
		if next != size || !bytes.Equal(content, files[path]) {
			t.Errorf("%s: %d entries, though it was altered", path, next)
		}
	})
}
