package audit

import (
	"context"
	"encoding/json"
	"fmt"

	"samleng/act"
	"samleng/civic"
)

// content reads an open section again, holds it to the digest in the log, and
// decodes it. It is false where nothing may be read; that something which may is
// not served has been found before.
func (c *comparison) content(ctx context.Context, ref civic.SectionRef, into any) (has bool, err error) {
	at, known := c.acts[ref.Act]
	if !known || !c.state.MayRead(civic.Actor{}, ref) {
		return false, nil
	}
	open, err := c.sections.of(ctx, at.position)
	if err != nil {
		return false, err
	}
	for _, section := range open {
		if section.Name != ref.Name {
			continue
		}
		leaf, err := c.leaf(ctx, at.position)
		if err != nil {
			return false, err
		}
		header, err := act.DecodeHeader(leaf)
		if err != nil {
			return false, err
		}
		if want, _ := header.Section(ref.Name); section.Digest() != want {
			// It was right when it was read first.
			c.always = append(c.always, Finding{Check: CheckSection, Position: at.position, Kind: string(header.Kind), Section: ref.Name})
			return false, nil
		}
		if err := json.Unmarshal(section.Content, into); err != nil {
			return false, fmt.Errorf("section %s of entry %d: %w: %w", ref.Name, at.position, errForm, err)
		}
		return true, nil
	}
	return false, nil
}
