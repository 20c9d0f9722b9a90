package audit

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// paper compares the checkpoint that the site gives people to print: whoever keeps
// another one on paper would call the right log a fork later, or the wrong one
// right.
func (c *comparison) paper(ctx context.Context) error {
	const path = "checkpoint"
	answer, has, err := c.public(ctx, ClassPages, path)
	if err != nil || !has {
		return err
	}
	text, err := textOf(answer.Body)
	if err != nil {
		return fmt.Errorf("/%s: %w", path, err)
	}
	var ours []string
	for _, line := range c.newest.PaperRoot() {
		ours = append(ours, strings.Join(line.Groups[:], " ")+" "+line.Check)
	}
	c.count(ClassPages, 0, len(ours)+2)
	site := paperLine.FindAllString(text, -1)
	for i, line := range site {
		site[i] = strings.Join(numbersOf(line), " ")
	}
	if !slices.Equal(ours, site) {
		c.found(CheckPage, "/"+path+" root", strings.Join(ours, ", "), strings.Join(site, ", "))
	}
	size, check := c.newest.PaperSize()
	for _, part := range []string{c.report.Origin, size + " - " + check} {
		if !strings.Contains(text, part) {
			c.found(CheckPage, "/"+path, part, "")
		}
	}
	return nil
}

// paperLine is a line of a root on paper, in a text of single spaces.
var paperLine = regexp.MustCompile(`\b[0-9]{5} [0-9]{5} [0-9]{5} [0-9]{5} - [0-9]{2}\b`)

// textOf is what people read on a page, with single spaces.
func textOf(page []byte) (string, error) {
	m := marker{keep: true}
	err := m.read(page)
	return strings.Join(strings.Fields(m.all.String()), " "), err
}
