package blob

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"net/http"
)

// Types are the media types that are taken.
var Types = []string{"image/jpeg", "image/png", "application/pdf"}

const (
	// mostPixels bounds the memory that a picture takes when it is opened.
	mostPixels = 40_000_000
	// jpegQuality keeps a photo of evidence legible at a fraction of its size.
	jpegQuality = 85
)

// clean says what a file is by looking at it and gives what is to be stored.
// Pictures are drawn anew: place, time and camera that were written into them
// are gone, and so is everything that is hidden behind a picture. Documents are
// stored as they are; who offers them is told so.
func clean(raw []byte) (content []byte, kind string, err error) {
	switch kind = http.DetectContentType(raw); kind {
	case "application/pdf":
		if !bytes.Contains(raw[max(0, len(raw)-2048):], []byte("%%EOF")) {
			return nil, "", ErrType
		}
		return raw, kind, nil
	case "image/jpeg", "image/png":
	default:
		return nil, "", ErrType
	}
	size, format, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || "image/"+format != kind {
		return nil, "", ErrType
	}
	if size.Width < 1 || size.Height < 1 || size.Width > mostPixels/size.Height {
		return nil, "", ErrTooLarge
	}
	picture, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrType, err)
	}
	var out bytes.Buffer
	if kind == "image/png" {
		err = png.Encode(&out, picture)
	} else {
		err = jpeg.Encode(&out, upright(picture, orientation(raw)), &jpeg.Options{Quality: jpegQuality})
	}
	if err != nil {
		return nil, "", fmt.Errorf("draw a picture anew: %w", err)
	}
	if out.Len() > MaxSize {
		return nil, "", ErrTooLarge
	}
	return out.Bytes(), kind, nil
}

// orientation reads the one thing of a photo's metadata that is needed: how the
// camera was held (Exif tag 0x0112, 1 to 8). It is 1 where there is none.
func orientation(raw []byte) int {
	for at := 2; at+4 <= len(raw) && raw[at] == 0xff; {
		marker, length := raw[at+1], int(binary.BigEndian.Uint16(raw[at+2:]))
		if marker == 0xda || length < 2 || at+2+length > len(raw) {
			break // the picture itself begins
		}
		if segment := raw[at+4 : at+2+length]; marker == 0xe1 && bytes.HasPrefix(segment, []byte("Exif\x00\x00")) {
			return orientationIn(segment[6:])
		}
		at += 2 + length
	}
	return 1
}

func orientationIn(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if bytes.HasPrefix(tiff, []byte("MM")) {
		order = binary.BigEndian
	}
	first := int64(order.Uint32(tiff[4:]))
	if first+2 > int64(len(tiff)) {
		return 1
	}
	entries := int64(order.Uint16(tiff[first:]))
	for i := range entries {
		at := first + 2 + 12*i
		if at+12 > int64(len(tiff)) {
			return 1
		}
		if order.Uint16(tiff[at:]) == 0x0112 {
			if value := int(order.Uint16(tiff[at+8:])); value >= 1 && value <= 8 {
				return value
			}
		}
	}
	return 1
}

// upright turns and mirrors a picture as its orientation says.
func upright(from image.Image, orientation int) image.Image {
	if orientation == 1 {
		return from
	}
	b := from.Bounds()
	w, h := b.Dx(), b.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	to := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch orientation {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			to.Set(tx, ty, from.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return to
}
