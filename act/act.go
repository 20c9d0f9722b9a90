package act

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Act is one thing that somebody did: its header, the header's bytes, and
// those of its sections that are at hand and open.
type Act struct {
	*Header
	// Leaf is the header's canonical form, byte for byte.
	Leaf     []byte
	Sections []Section
}

// Draft is an act before it has a time: what somebody wants to do.
type Draft struct {
	By    By
	Of    ID
	Facts Facts
	// Content holds the sections by name: a pointer to the body that the kind
	// declares for each (*Text, *Source, *Ballot …).
	Content map[string]any
}

// ErrContent is returned, wrapped with what is wrong, for a section that its
// kind does not have or whose content is not of its form.
var ErrContent = errors.New("act: not a section's content")

// New makes the act of a draft: it salts its sections and digests them into
// the header. at is cut to the hour. The draft's form is checked in full.
func New(d Draft, id ID, at time.Time, random io.Reader) (*Act, error) {
	if d.Facts == nil {
		return nil, fmt.Errorf("%w: no facts", ErrHeader)
	}
	h := &Header{Kind: d.Facts.Kind(), ID: id, At: at.UTC().Truncate(time.Hour), By: d.By, Of: d.Of, Facts: d.Facts}
	a := &Act{Header: h}
	for _, form := range kinds[h.Kind].sections {
		content, has := d.Content[form.Name]
		if !has {
			continue
		}
		encoded, err := encodeContent(form, content)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", form.Name, h.Kind, err)
		}
		section, err := newSection(form.Name, encoded, random)
		if err != nil {
			return nil, fmt.Errorf("salt %s of %s: %w", form.Name, h.Kind, err)
		}
		a.Sections = append(a.Sections, section)
		h.Sections = append(h.Sections, SectionDigestOf{form.Name, section.Digest()})
	}
	if len(a.Sections) != len(d.Content) {
		return nil, fmt.Errorf("%w: %s has no such section", ErrContent, h.Kind)
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	leaf, err := h.Append(nil)
	if err != nil {
		return nil, err
	}
	if len(leaf) > MaxHeader {
		return nil, fmt.Errorf("%w: %d bytes", ErrHeader, len(leaf))
	}
	a.Leaf = leaf
	return a, nil
}

func encodeContent(form SectionForm, content any) ([]byte, error) {
	checked, ok := content.(body)
	if !ok {
		return nil, fmt.Errorf("%w: %T", ErrContent, content)
	}
	if want := form.body(); fmt.Sprintf("%T", want) != fmt.Sprintf("%T", checked) {
		return nil, fmt.Errorf("%w: a %T, not a %T", ErrContent, content, want)
	}
	var c checker
	checked.check(&c)
	if err := c.err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContent, err)
	}
	encoded, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContent, err)
	}
	if len(encoded) > MaxSection {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrContent, len(encoded), MaxSection)
	}
	return encoded, nil
}

// Validate checks the form of a draft: everything that needs no state.
func (d Draft) Validate() error {
	_, err := New(d, ID{1}, time.Unix(0, 0), zeroes{})
	return err
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Decode reads an act as it was stored. Sections may be missing (erased,
// sealed, or not for the reader); one that is there must fit its digest.
func Decode(leaf []byte, sections []Section) (*Act, error) {
	h, err := DecodeHeader(leaf)
	if err != nil {
		return nil, err
	}
	for _, section := range sections {
		digest, has := h.Section(section.Name)
		if !has || section.Digest() != digest {
			return nil, fmt.Errorf("%w: section %s of act %s does not fit its digest", ErrContent, section.Name, h.ID)
		}
	}
	return &Act{Header: h, Leaf: slices.Clip(leaf), Sections: sections}, nil
}

// Content decodes the named section into the body of its kind. It reports
// false, and no error, where the section is not at hand.
func (a *Act) Content(name string, into any) (bool, error) {
	for _, section := range a.Sections {
		if section.Name != name {
			continue
		}
		if ballot, is := into.(*Ballot); is && decodeBallot(section.Content, ballot) {
			return true, nil
		}
		if err := decodeStrict(section.Content, into); err != nil {
			return false, fmt.Errorf("%w: section %s of act %s: %w", ErrContent, name, a.ID, err)
		}
		if checked, is := into.(body); is {
			var c checker
			checked.check(&c)
			if err := c.err(); err != nil {
				return false, fmt.Errorf("%w: section %s of act %s: %w", ErrContent, name, a.ID, err)
			}
		}
		return true, nil
	}
	return false, nil
}
