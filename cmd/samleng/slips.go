package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"os"

	"rsc.io/qr"

	"samleng/internal/register"
)

type slipsCommand struct {
	place
	BaseURL string `name:"base-url" help:"Address under which people reach the pages: the printed picture then opens the receipt's page." placeholder:"URL"`
	N       int    `arg:"" help:"How many slips."`
}

//go:embed slips.html
var slipsPage string

// slipOnPage is a slip with the picture of its code.
type slipOnPage struct {
	register.Slip
	QR template.URL
}

// Run writes a page of slips to standard output, to be printed and cut: each in
// two parts, the code (with a picture of it) and the secret.
func (c *slipsCommand) Run(ctx context.Context) error {
	r, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	slips, err := r.NewSlips(c.N, rand.Reader)
	if err != nil {
		return err
	}
	base := c.BaseURL
	page := make([]slipOnPage, len(slips))
	for i, slip := range slips {
		// With an address the picture opens the receipt's page; without one it
		// holds the code alone.
		content := string(slip.Code)
		if base != "" {
			content = base + "/r/" + content
		}
		code, err := qr.Encode(content, qr.M)
		if err != nil {
			return fmt.Errorf("draw the code of slip %s: %w", slip.Number, err)
		}
		page[i] = slipOnPage{slip, template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(code.PNG()))}
	}
	t, err := template.New("slips").Parse(slipsPage)
	if err != nil {
		return err
	}
	return t.Execute(os.Stdout, page)
}
