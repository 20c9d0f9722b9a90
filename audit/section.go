package audit

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"unicode/utf8"

	"samleng/act"
	"samleng/translog"
)

// errForm is wrapped for an answer that is not of its form.
var errForm = errors.New("not of its form")

// sections reads the open sections one bundle after the other.
type sections struct {
	fetch translog.Fetch
	index int64 // of the bundle at hand; -1 for none
	open  map[int64][]act.Section
}

func newSections(fetch translog.Fetch) *sections { return &sections{fetch: fetch, index: -1} }

// of gives the open sections of the act at a position.
func (s *sections) of(ctx context.Context, position int64) ([]act.Section, error) {
	index := position / translog.TileWidth
	if index == s.index {
		return s.open[position], nil
	}
	open, err := ReadSections(ctx, s.fetch, index)
	if err != nil {
		return nil, err
	}
	s.index, s.open = index, open
	return open[position], nil
}

// ReadSections reads the open sections of one bundle, by the acts' positions: none
// where nothing is published for it at all. Nothing is compared with the log yet.
func ReadSections(ctx context.Context, fetch translog.Fetch, index int64) (map[int64][]act.Section, error) {
	path := "sections/" + strconv.FormatInt(index, 10)
	content, err := fetch(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	open, err := DecodeSections(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for position := range open {
		if position/translog.TileWidth != index {
			return nil, fmt.Errorf("%s: %w: sections of act %d, which is in another bundle", path, errForm, position)
		}
	}
	return open, nil
}

// DecodeSections reads what is published as sections/N: the open sections of at
// most 256 acts, by the acts' positions. Nothing is compared with the log yet.
func DecodeSections(content []byte) (map[int64][]act.Section, error) {
	if !utf8.Valid(content) {
		return nil, fmt.Errorf("%w: invalid UTF-8", errForm)
	}
	var acts []struct {
		Position int64 `json:"position"`
		Sections []struct {
			Name    string `json:"name"`
			Salt    string `json:"salt"`
			Content string `json:"content"`
		} `json:"sections"`
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	if err := decoder.Decode(&acts); err != nil {
		return nil, fmt.Errorf("%w: %w", errForm, err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: something after its end", errForm)
	}
	if err := checkNames(content); err != nil {
		return nil, err
	}
	open, before := map[int64][]act.Section{}, int64(-1)
	for _, published := range acts {
		if published.Position <= before {
			return nil, fmt.Errorf("%w: act %d after act %d", errForm, published.Position, before)
		}
		if before = published.Position; len(published.Sections) == 0 {
			return nil, fmt.Errorf("%w: act %d with no section", errForm, before)
		}
		for i, section := range published.Sections {
			if i > 0 && section.Name <= published.Sections[i-1].Name {
				return nil, fmt.Errorf("%w: section %.80q of act %d twice, or out of order", errForm, section.Name, before)
			}
			opened := act.Section{Name: section.Name, Content: []byte(section.Content)}
			salt, err := base64.StdEncoding.DecodeString(section.Salt)
			if err != nil || len(salt) != len(opened.Salt) || base64.StdEncoding.EncodeToString(salt) != section.Salt {
				return nil, fmt.Errorf("%w: a salt of act %d that is none", errForm, before)
			}
			copy(opened.Salt[:], salt)
			open[before] = append(open[before], opened)
		}
	}
	return open, nil
}
