package web

import (
	"fmt"
	"strings"

	"rsc.io/qr"

	"samleng/act"
	"samleng/internal/register"
)

// receiptView is a receipt as it is shown and printed: two parts, of which the
// first (the code, with a picture of it) may be shown to anybody and the second
// (the secret) is kept. It carries none of the view's words.
type receiptView struct {
	Code     act.Code
	Secret   string
	Slip     string // the number of the printed slip that came alive, if one did
	Dialogue act.Names
	Link     string // what the picture opens; the code alone where no address is known
	QR       picture
}

// picture is a QR code as one path of an SVG: Side is its width in squares, the
// quiet zone of four included.
type picture struct {
	Side int
	Path string
}

// receiptOf makes the card of a receipt.
func (s *Server) receiptOf(r register.Receipt, dialogue act.Names) (receiptView, error) {
	card := receiptView{Code: r.Code, Secret: r.Secret, Dialogue: dialogue, Link: s.receiptLink(r.Code)}
	var err error
	card.QR, err = pictureOf(card.Link)
	return card, err
}

// receiptLink is where a receipt's code leads.
func (s *Server) receiptLink(code act.Code) string {
	if s.config.Address == "" {
		return string(code)
	}
	return strings.TrimRight(s.config.Address, "/") + "/r/" + string(code)
}

func pictureOf(text string) (picture, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return picture{}, fmt.Errorf("draw a receipt's code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+4, y+4, x-from, x-from)
			}
		}
	}
	return picture{code.Size + 8, path.String()}, nil
}
