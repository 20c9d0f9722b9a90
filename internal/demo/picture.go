package demo

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
)

// draw makes a picture that stands for a photo: sky, land and water, different
// for each title. It shows no place and nobody.
func draw(title string) ([]byte, error) {
	const width, height = 480, 320
	hash := fnv.New32a()
	hash.Write([]byte(title))
	seed := int(hash.Sum32() % 97)
	horizon, shore := 110+seed, 220+seed%40
	colours := color.Palette{color.RGBA{208, 226, 236, 255}, color.RGBA{122, 148, 104, 255}, color.RGBA{96, 136, 158, 255}, color.RGBA{92, 70, 52, 255}}
	picture := image.NewPaletted(image.Rect(0, 0, width, height), colours)
	for y := range height {
		for x := range width {
			colour := uint8(0)
			switch post := (x+seed)%80 < 8; {
			case y > horizon-50 && y < shore && post:
				colour = 3
			case y >= shore:
				colour = 2
			case y >= horizon:
				colour = 1
			}
			picture.SetColorIndex(x, y, colour)
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		return nil, fmt.Errorf("draw a picture: %w", err)
	}
	return out.Bytes(), nil
}
