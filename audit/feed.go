package audit

import (
	"encoding/xml"
	"fmt"
)

type feedEntry struct {
	ID      string `xml:"id"`
	Updated string `xml:"updated"`
}

// feedOf reads the entries of a feed (RFC 4287).
func feedOf(body []byte) ([]feedEntry, error) {
	var feed struct {
		XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Entries []feedEntry `xml:"http://www.w3.org/2005/Atom entry"`
	}
	if err := xml.Unmarshal(body, &feed); err != nil {
		return nil, fmt.Errorf("%w: %w", errForm, err)
	}
	return feed.Entries, nil
}
