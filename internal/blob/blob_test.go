package blob

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"testing"
)

// photo is a JPEG of 32 by 16 whose left half is red, with Exif that says how
// the camera was held and where it was.
func photo(t testing.TB, orientation byte) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 32, 16))
	for y := range 16 {
		for x := range 32 {
			c := color.RGBA{B: 255, A: 255}
			if x < 16 {
				c = color.RGBA{R: 255, A: 255}
			}
			picture.Set(x, y, c)
		}
	}
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, picture, nil); err != nil {
		t.Fatal(err)
	}
	exif := []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00 latitude 13.7")
	exif[6+8+2+9] = orientation
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return append(append(plain.Bytes()[:2:2], segment...), plain.Bytes()[2:]...)
}

func TestPicturesAreDrawnAnew(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, held := range []struct {
		orientation byte
		w, h        int
		redX, redY  int
	}{{1, 32, 16, 4, 8}, {3, 32, 16, 28, 8}, {6, 16, 32, 8, 4}, {8, 16, 32, 8, 28}} {
		raw := photo(t, held.orientation)
		b, err := s.Put(t.Context(), bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		content, err := s.Read(b.SHA256)
		if err != nil || int64(len(content)) != b.Size || b.Type != "image/jpeg" {
			t.Fatalf("%+v: %v", b, err)
		}
		if bytes.Contains(content, []byte("latitude")) || bytes.Contains(content, []byte("Exif")) {
			t.Error("the photo still says where it was taken")
		}
		drawn, err := jpeg.Decode(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		r, _, blue, _ := drawn.At(held.redX, held.redY).RGBA()
		if size := drawn.Bounds().Size(); size != image.Pt(held.w, held.h) || r < blue {
			t.Errorf("held as %d it is %v with red %d, blue %d at the side that was left", held.orientation, size, r>>8, blue>>8)
		}
	}
}

func TestOnlyWhatItSays(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	hidden := append(bytes.Clone(picture.Bytes()), "<script>alert(1)</script>"...)
	b, err := s.Put(t.Context(), bytes.NewReader(hidden))
	if err != nil {
		t.Fatal(err)
	}
	if content, _ := s.Read(b.SHA256); bytes.Contains(content, []byte("script")) {
		t.Error("what hid behind the picture is stored")
	}
	huge := bytes.Clone(picture.Bytes())
	copy(huge[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65536 by 65536
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	for name, bad := range map[string]struct {
		raw  []byte
		want error
	}{
		"a page":             {[]byte("<html><script>alert(1)</script>"), ErrType},
		"a program":          {[]byte("\x7fELF\x02\x01\x01"), ErrType},
		"nothing":            {nil, ErrType},
		"half a photo":       {photo(t, 1)[:200], ErrType},
		"half a document":    {[]byte("%PDF-1.7\n1 0 obj"), ErrType},
		"a picture too wide": {huge, ErrTooLarge},
		"too many bytes":     {make([]byte, MaxSize+1), ErrTooLarge},
	} {
		if _, err := s.Put(t.Context(), bytes.NewReader(bad.raw)); !errors.Is(err, bad.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Put(t.Context(), bytes.NewReader([]byte("%PDF-1.7\n1 0 obj\n%%EOF\n"))); err != nil {
		t.Errorf("a document: %v", err)
	}
}

func TestAlteredFilesAreNotHandedOut(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Put(t.Context(), bytes.NewReader([]byte("%PDF-1.7\n%%EOF")))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.path(b.SHA256), []byte("%PDF-1.7\nother\n%%EOF"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(b.SHA256); !errors.Is(err, ErrNotFound) {
		t.Errorf("altered: %v", err)
	}
	if err := s.Delete(b.SHA256); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(b.SHA256); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
}

// FuzzClean: whatever is taken is of a type that is taken, and cleaning it again
// is possible.
func FuzzClean(f *testing.F) {
	f.Add(photo(f, 6))
	f.Add([]byte("%PDF-1.7\n%%EOF"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		content, kind, err := clean(raw)
		if err != nil {
			return
		}
		if _, again, err := clean(content); err != nil || again != kind {
			t.Errorf("what was cleaned is %s, cleaned again %s: %v", kind, again, err)
		}
	})
}
