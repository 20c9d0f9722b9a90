package web

import (
	"fmt"
	"html/template"
	"math"

	"samleng/act"
)

// The picture of a map is this large, in units of its viewBox, with a margin
// that nothing reaches into.
const (
	pictureWide, pictureHigh = 360, 240
	pictureMargin            = 14
)

// mapPicture draws groups where they stand to one another: close together what
// thinks alike.
type mapPicture struct {
	Marks []groupMark
	// Dots are people, where they may be shown: see appendDot. Of so many a
	// template would take longer than of all the rest of a page.
	Dots template.HTML
}

// groupMark is a group: an ellipse in which most of its people lie, and its mark
// in the middle.
type groupMark struct {
	N          int
	X, Y       float64
	WideX, HiY float64 // half axes of the ellipse
	Radius     float64 // of the mark
}

// Scale is by how much a mark is drawn larger than its shape, whose radius is 10.
func (m groupMark) Scale() float64 { return m.Radius / 10 }

// appendDot draws one person of a group, 0 for one whom the map does not place.
func appendDot(to []byte, group int, x, y float64) []byte {
	return fmt.Appendf(to, `<circle class="dot g%d" cx="%.1f" cy="%.1f" r="1.6"/>`, group, x, y)
}

// drawGroups draws the groups of a published map; nothing where there are fewer
// than two.
func drawGroups(groups []act.OpinionGroup) mapPicture {
	if len(groups) < 2 {
		return mapPicture{}
	}
	var frame framing
	for _, g := range groups {
		for _, side := range []float64{-2, 2} {
			frame.reach(float64(g.Centre[0])+side*float64(g.Spread[0]), float64(g.Centre[1])+side*float64(g.Spread[1]))
		}
	}
	most := 1
	for _, g := range groups {
		if g.Size != nil {
			most = max(most, *g.Size)
		}
	}
	p := mapPicture{}
	for i, g := range groups {
		mark := groupMark{N: i + 1, Radius: 9}
		mark.X, mark.Y = frame.place(float64(g.Centre[0]), float64(g.Centre[1]))
		mark.WideX, mark.HiY = 1.5*float64(g.Spread[0])*frame.unit(), 1.5*float64(g.Spread[1])*frame.unit()
		if g.Size != nil {
			mark.Radius = max(9, 22*math.Sqrt(float64(*g.Size)/float64(most)))
		}
		p.Marks = append(p.Marks, mark)
	}
	return p
}

// framing fits what was reached into the picture, the same scale both ways.
type framing struct {
	began          bool
	x0, x1, y0, y1 float64
}

func (f *framing) reach(x, y float64) {
	if !f.began {
		f.began, f.x0, f.x1, f.y0, f.y1 = true, x, x, y, y
	}
	f.x0, f.x1, f.y0, f.y1 = min(f.x0, x), max(f.x1, x), min(f.y0, y), max(f.y1, y)
}

func (f *framing) unit() float64 {
	return min((pictureWide-2*pictureMargin)/max(f.x1-f.x0, 1e-9), (pictureHigh-2*pictureMargin)/max(f.y1-f.y0, 1e-9))
}

func (f *framing) place(x, y float64) (float64, float64) {
	unit := f.unit()
	return pictureWide/2 + (x-(f.x0+f.x1)/2)*unit, pictureHigh/2 - (y-(f.y0+f.y1)/2)*unit
}
