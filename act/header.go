package act

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

const (
	// Version is the version of the header's form.
	Version = 1
	// MaxHeader is the most bytes a header may have.
	MaxHeader = 60_000
)

// Header is the public part of an act.
type Header struct {
	Kind     Kind
	ID       ID
	At       time.Time // UTC, the hour in which it was appended
	By       By
	Of       ID // what it is about; zero where the kind is about nothing before it
	Facts    Facts
	Sections []SectionDigestOf // by name, ascending
}

// SectionDigestOf names a section and gives its digest.
type SectionDigestOf struct {
	Name   string
	Digest Digest
}

// By says who did it, as far as that is public.
type By struct {
	// As is ByParticipant, BySystem, ByOrganisation or ByStaff.
	As ByForm
	// Organisation is set for organisations and their staff.
	Organisation ID
	// Staff is a random id; who it is stands only with the accounts.
	Staff ID
	// Role is the one in which the staff member acted.
	Role Role
}

// ByForm tells the four forms of By apart.
type ByForm uint8

// The forms of By.
const (
	ByParticipant  ByForm = iota + 1 // a participant; nothing says which
	BySystem                         // the register itself, by rule
	ByOrganisation                   // an organisation, without saying who of it
	ByStaff                          // a staff member in a role
)

// Participant, System: the two authors that need no more words.
var (
	Participant = By{As: ByParticipant}
	System      = By{As: BySystem}
)

// Role is what somebody may do for their organisation.
type Role string

// The roles.
const (
	RoleAdministrator  Role = "administrator"
	RoleFacilitator    Role = "facilitator"
	RoleRapporteur     Role = "rapporteur"
	RoleModerator      Role = "moderator"
	RoleReferrer       Role = "referrer"
	RoleFocalPoint     Role = "focal_point"
	RoleSigningOfficer Role = "signing_officer"
	RoleMonitor        Role = "monitor"
	RoleBoard          Role = "board"
)

// Roles lists every role, in the order in which pages show them.
var Roles = []Role{
	RoleAdministrator, RoleFacilitator, RoleRapporteur, RoleModerator, RoleReferrer,
	RoleFocalPoint, RoleSigningOfficer, RoleMonitor, RoleBoard,
}

// Append writes the header's one canonical form to dst: the leaf of the log.
func (h *Header) Append(dst []byte) ([]byte, error) {
	facts, err := json.Marshal(h.Facts)
	if err != nil {
		return nil, fmt.Errorf("encode the facts of %s: %w", h.Kind, err)
	}
	dst = append(dst, `{"v":1,"kind":"`...)
	dst = append(dst, h.Kind...)
	dst = append(dst, `","id":"`...)
	dst = h.ID.append(dst)
	dst = append(dst, `","at":"`...)
	dst = h.At.UTC().AppendFormat(dst, time.RFC3339)
	dst = append(dst, `","by":`...)
	dst = h.By.append(dst)
	if !h.Of.IsZero() {
		dst = append(dst, `,"of":"`...)
		dst = h.Of.append(dst)
		dst = append(dst, '"')
	}
	dst = append(dst, `,"facts":`...)
	dst = append(dst, facts...)
	if len(h.Sections) > 0 {
		dst = append(dst, `,"sections":{`...)
		for i, section := range h.Sections {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, '"')
			dst = append(dst, section.Name...)
			dst = append(dst, `":"`...)
			dst = section.Digest.append(dst)
			dst = append(dst, '"')
		}
		dst = append(dst, '}')
	}
	return append(dst, '}'), nil
}

func (b By) append(dst []byte) []byte {
	switch b.As {
	case ByParticipant:
		return append(dst, `"participant"`...)
	case BySystem:
		return append(dst, `"system"`...)
	}
	dst = append(dst, `{"organisation":"`...)
	dst = b.Organisation.append(dst)
	if b.As == ByStaff {
		dst = append(dst, `","role":"`...)
		dst = append(dst, b.Role...)
		dst = append(dst, `","staff":"`...)
		dst = b.Staff.append(dst)
	}
	return append(dst, `"}`...)
}

// ErrHeader is returned, wrapped with what is wrong, for bytes that are not the
// canonical form of a header.
var ErrHeader = errors.New("act: not a header")

// ErrUnknown is returned for a header of a version or kind that this program
// does not know: it may be well formed for a newer one.
var ErrUnknown = errors.New("act: a version or kind that this program does not know")

// DecodeHeader reads one header strictly: encoding the result gives the same
// bytes again, or it is refused. The kind's own rules of form are checked too.
func DecodeHeader(data []byte) (*Header, error) {
	if len(data) > MaxHeader {
		return nil, fmt.Errorf("%w: %d bytes", ErrHeader, len(data))
	}
	r := reader{rest: data}
	h := new(Header)
	version := r.number(`{"v":`)
	if r.err == nil && version != Version {
		return nil, fmt.Errorf("%w: version %d", ErrUnknown, version)
	}
	h.Kind = Kind(r.text(`,"kind":"`))
	definition, known := kinds[h.Kind]
	if r.err == nil && !known {
		return nil, fmt.Errorf("%w: %q", ErrUnknown, h.Kind)
	}
	h.ID = r.id(`,"id":"`)
	h.At = r.hour(`,"at":"`)
	h.By = r.by()
	if r.has(`,"of":"`) {
		h.Of = r.id(`,"of":"`)
	}
	facts := r.object(`,"facts":`)
	if r.has(`,"sections":{`) {
		h.Sections = r.sections()
	}
	r.expect(`}`)
	if r.err == nil && len(r.rest) > 0 {
		r.fail("there is more after its end")
	}
	if r.err != nil {
		return nil, r.err
	}
	h.Facts = definition.facts()
	if string(facts) != "{}" || !definition.bare {
		if err := decodeStrict(facts, h.Facts); err != nil {
			return nil, fmt.Errorf("%w: facts of %s: %w", ErrHeader, h.Kind, err)
		}
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	return h, nil
}

// decodeStrict decodes JSON whose encoding is the same bytes again.
func decodeStrict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	again, err := json.Marshal(into)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, data) {
		return errors.New("not in the canonical form")
	}
	return nil
}

// reader takes a header apart from the front. The form is fixed, so each part
// is expected literally; after the first error nothing more is read.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrHeader, what)
	}
}

func (r *reader) has(literal string) bool {
	return r.err == nil && len(r.rest) >= len(literal) && string(r.rest[:len(literal)]) == literal
}

func (r *reader) expect(literal string) bool {
	if !r.has(literal) {
		r.fail("expected " + strconv.Quote(literal))
		return false
	}
	r.rest = r.rest[len(literal):]
	return true
}

// text reads up to the closing quote. No text of a header needs an escape.
func (r *reader) text(literal string) []byte {
	if !r.expect(literal) {
		return nil
	}
	end := bytes.IndexByte(r.rest, '"')
	if end < 0 {
		r.fail("a text without an end")
		return nil
	}
	text := r.rest[:end]
	r.rest = r.rest[end+1:]
	if bytes.IndexByte(text, '\\') >= 0 {
		r.fail("an escape in a text")
		return nil
	}
	return text
}

func (r *reader) number(literal string) int {
	if !r.expect(literal) {
		return 0
	}
	n := 0
	for n < len(r.rest) && r.rest[n] >= '0' && r.rest[n] <= '9' {
		n++
	}
	value, err := strconv.Atoi(string(r.rest[:n]))
	if err != nil || n > 1 && r.rest[0] == '0' {
		r.fail("not a number")
		return 0
	}
	r.rest = r.rest[n:]
	return value
}

func (r *reader) id(literal string) ID {
	text := r.text(literal)
	if r.err != nil {
		return ID{}
	}
	id, err := parseID(text)
	if err != nil || id.IsZero() {
		r.fail("not an id")
	}
	return id
}

func (r *reader) hour(literal string) time.Time {
	text := r.text(literal)
	if r.err != nil {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, string(text))
	if err != nil || len(text) != len("2006-01-02T15:00:00Z") || text[len(text)-1] != 'Z' || !at.Equal(at.Truncate(time.Hour)) {
		r.fail("not an hour of UTC")
	}
	return at.UTC()
}

func (r *reader) by() By {
	switch {
	case r.has(`,"by":"participant"`):
		r.expect(`,"by":"participant"`)
		return Participant
	case r.has(`,"by":"system"`):
		r.expect(`,"by":"system"`)
		return System
	}
	by := By{As: ByOrganisation, Organisation: r.id(`,"by":{"organisation":"`)}
	if r.has(`,"role":"`) {
		by.As = ByStaff
		by.Role = Role(r.text(`,"role":"`))
		by.Staff = r.id(`,"staff":"`)
	}
	r.expect(`}`)
	return by
}

// object reads one JSON object by its braces; what is inside is for the kind.
func (r *reader) object(literal string) []byte {
	if !r.expect(literal) {
		return nil
	}
	depth, quoted := 0, false
	for i := 0; i < len(r.rest); i++ {
		switch c := r.rest[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			depth--
			if depth == 0 {
				object := r.rest[:i+1]
				r.rest = r.rest[i+1:]
				return object
			}
		}
		if depth == 0 {
			break
		}
	}
	r.fail("facts that are no object")
	return nil
}

func (r *reader) sections() []SectionDigestOf {
	r.expect(`,"sections":{`)
	var sections []SectionDigestOf
	for r.err == nil {
		name := string(r.text(`"`))
		var digest Digest
		text := r.text(`:"`)
		if r.err == nil && digest.UnmarshalText(text) != nil {
			r.fail("not a digest")
		}
		sections = append(sections, SectionDigestOf{name, digest})
		if !r.has(",") {
			break
		}
		r.expect(",")
	}
	r.expect("}")
	if !slices.IsSortedFunc(sections, func(a, b SectionDigestOf) int { return compareStrict(a.Name, b.Name) }) {
		r.fail("sections out of order")
	}
	return sections
}

// compareStrict orders names such that equal ones count as out of order.
func compareStrict(a, b string) int {
	if a <= b {
		return -1
	}
	return 1
}

// Section gives the digest of the named section.
func (h *Header) Section(name string) (Digest, bool) {
	for _, section := range h.Sections {
		if section.Name == name {
			return section.Digest, true
		}
	}
	return Digest{}, false
}
