package act

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// checker collects what is wrong with the form of an act.
type checker struct{ errs []error }

func (c *checker) failf(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

func (c *checker) err() error { return errors.Join(c.errs...) }

// isCode reports whether text is a code: lower-case ASCII letters, digits, and
// '_', '-', '.' inside, at most 64 bytes.
func isCode(text string) bool {
	if text == "" || len(text) > 64 {
		return false
	}
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case (c == '_' || c == '-' || c == '.') && i > 0 && i < len(text)-1:
		default:
			return false
		}
	}
	return true
}

func (c *checker) code(field, value string) {
	if !isCode(value) {
		c.failf("%s: %q is not a code", field, value)
	}
}

func (c *checker) optionalCode(field, value string) {
	if value != "" {
		c.code(field, value)
	}
}

func (c *checker) codes(field string, values []string, most int) {
	if len(values) > most {
		c.failf("%s: %d of them, at most %d", field, len(values), most)
	}
	for i, value := range values {
		c.code(field, value)
		if slices.Contains(values[:i], value) {
			c.failf("%s: %q twice", field, value)
		}
	}
}

func (c *checker) oneOf(field, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.failf("%s: %q is none of %s", field, value, strings.Join(allowed, ", "))
	}
}

func (c *checker) between(field string, value, least, most int) {
	if value < least || value > most {
		c.failf("%s: %d is not between %d and %d", field, value, least, most)
	}
}

func (c *checker) id(field string, value ID) {
	if value.IsZero() {
		c.failf("%s: an id is missing", field)
	}
}

// ids checks ids that stand for different things, at most so many.
func (c *checker) ids(field string, values []ID, most int) {
	if len(values) > most {
		c.failf("%s: %d of them, at most %d", field, len(values), most)
		return
	}
	seen := make(map[ID]bool, len(values))
	for _, value := range values {
		c.id(field, value)
		if seen[value] {
			c.failf("%s: one twice", field)
		}
		seen[value] = true
	}
}

// date checks a day as "2006-01-02".
func (c *checker) date(field, value string) {
	if day, err := time.Parse(time.DateOnly, value); err != nil || day.Year() < 1900 || day.Year() > 2200 {
		c.failf("%s: %q is not a day (2006-01-02)", field, value)
	}
}

func (c *checker) optionalDate(field, value string) {
	if value != "" {
		c.date(field, value)
	}
}

// period checks that until, where there is one, is not before from.
func (c *checker) period(from, until string) {
	c.date("from", from)
	c.optionalDate("until", until)
	if until != "" && until < from {
		c.failf("until: %s is before %s", until, from)
	}
}

// prose checks text that people wrote: valid UTF-8, no control characters,
// not blank, at most limit bytes. How many characters it may have is for the
// dialogue to say.
func (c *checker) prose(field, value string, limit int) {
	switch {
	case !utf8.ValidString(value):
		c.failf("%s: not UTF-8", field)
	case len(value) > limit:
		c.failf("%s: %d bytes, at most %d", field, len(value), limit)
	case Blank(value):
		c.failf("%s: empty", field)
	case HasControls(value):
		c.failf("%s: has control characters", field)
	}
}

func (c *checker) optionalProse(field, value string, limit int) {
	if value != "" {
		c.prose(field, value, limit)
	}
}

// words checks a text by language.
func (c *checker) words(field string, words map[string]string, required bool) {
	if required && len(words) == 0 {
		c.failf("%s: missing", field)
	}
	for language, text := range words {
		c.code(field, language)
		c.prose(field, text, 4000)
	}
}

// check checks everything about a header that needs no state.
func (h *Header) check() error {
	d, known := kinds[h.Kind]
	if !known {
		return fmt.Errorf("%w: %q", ErrUnknown, h.Kind)
	}
	var c checker
	if h.Facts == nil || h.Facts.Kind() != h.Kind {
		return fmt.Errorf("%w: facts of another kind than %s", ErrHeader, h.Kind)
	}
	c.id("id", h.ID)
	if !h.At.Equal(h.At.Truncate(time.Hour)) || h.At.Year() < 1970 || h.At.Year() > 9999 {
		c.failf("at: not an hour")
	}
	h.By.check(&c)
	if !slices.Contains(d.by, h.By.As) {
		c.failf("by: %s is not done by these", h.Kind)
	}
	if d.of == h.Of.IsZero() {
		c.failf("of: missing, or not expected")
	}
	h.Facts.check(&c)
	for _, section := range h.Sections {
		if _, known := d.form(section.Name); !known {
			c.failf("section %q: not one of %s", section.Name, h.Kind)
		}
	}
	for _, form := range d.sections {
		if _, has := h.Section(form.Name); form.Required && !has {
			c.failf("section %q: missing", form.Name)
		}
	}
	if err := c.err(); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrHeader, h.Kind, err)
	}
	return nil
}

func (b By) check(c *checker) {
	switch b.As {
	case ByParticipant, BySystem:
		if b != (By{As: b.As}) {
			c.failf("by: more than who")
		}
	case ByOrganisation:
		c.id("by.organisation", b.Organisation)
		if !b.Staff.IsZero() || b.Role != "" {
			c.failf("by: an organisation alone names nobody")
		}
	case ByStaff:
		c.id("by.organisation", b.Organisation)
		c.id("by.staff", b.Staff)
		if !slices.Contains(Roles, b.Role) {
			c.failf("by.role: %q is no role", b.Role)
		}
	default:
		c.failf("by: nobody")
	}
}
