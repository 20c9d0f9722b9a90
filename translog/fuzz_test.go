package translog_test

import (
	"bytes"
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
