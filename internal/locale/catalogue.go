package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Fallback is the language of a reader who names none that we have. Khmer,
// because who reads neither Khmer nor English is most often met in Cambodia,
// where a neighbour can read it aloud.
const Fallback = "km"

//go:embed messages/*.json
var files embed.FS

// Locale is one language: its messages and its ways of writing numbers and
// dates. It is immutable and may be used from many goroutines.
type Locale struct {
	tag      string
	lang     language.Tag
	messages map[string]message
}

// message is one text of the catalogue by plural form; most have only other.
type message map[plural.Form]string

var pluralNames = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two,
	"few": plural.Few, "many": plural.Many, "other": plural.Other,
}

// UnmarshalJSON reads a string, or an object from plural form to string.
func (m *message) UnmarshalJSON(data []byte) error {
	*m = message{}
	if len(data) > 0 && data[0] == '"' {
		var text string
		err := json.Unmarshal(data, &text)
		(*m)[plural.Other] = text
		return err
	}
	var forms map[string]string
	if err := json.Unmarshal(data, &forms); err != nil {
		return err
	}
	for name, text := range forms {
		form, known := pluralNames[name]
		if !known {
			return fmt.Errorf("unknown plural form %q", name)
		}
		(*m)[form] = text
	}
	if (*m)[plural.Other] == "" {
		return fmt.Errorf("plural without the form %q", "other")
	}
	return nil
}

// A catalogue that cannot be read is a fault of the build: the files are part
// of the binary, and every test of this package would see it.
var locales = mustLoad(files)

func mustLoad(fsys fs.FS) map[string]*Locale {
	all, err := load(fsys)
	if err != nil {
		panic(err)
	}
	return all
}

// load reads every messages/TAG.json: a new language is a new file.
func load(fsys fs.FS) (map[string]*Locale, error) {
	names, err := fs.Glob(fsys, "messages/*.json")
	if err != nil {
		return nil, fmt.Errorf("list the message files: %w", err)
	}
	all := make(map[string]*Locale, len(names))
	for _, name := range names {
		l := &Locale{tag: strings.TrimSuffix(path.Base(name), ".json")}
		if l.lang, err = language.Parse(l.tag); err != nil {
			return nil, fmt.Errorf("language of %s: %w", name, err)
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if err := json.Unmarshal(data, &l.messages); err != nil {
			return nil, fmt.Errorf("decode %s: %w", name, err)
		}
		all[l.tag] = l
	}
	if all[Fallback] == nil {
		return nil, fmt.Errorf("no messages in the fallback language %q", Fallback)
	}
	return all, nil
}

// Languages returns the tags of all languages, the fallback first, the others
// in alphabetical order.
func Languages() []string {
	tags := []string{Fallback}
	for tag := range locales {
		if tag != Fallback {
			tags = append(tags, tag)
		}
	}
	slices.Sort(tags[1:])
	return tags
}

// Get returns the language with that tag, and the fallback for any other tag.
// Use Known to tell the two apart.
func Get(tag string) *Locale {
	if l := locales[tag]; l != nil {
		return l
	}
	return locales[Fallback]
}

// Known reports whether there is a language with exactly that tag.
func Known(tag string) bool { return locales[tag] != nil }

// Tag returns the language's tag, for the lang attribute and the address.
func (l *Locale) Tag() string { return l.tag }

// Name returns the language's name in the language itself.
func (l *Locale) Name() string { return l.T("language.name") }

// Has reports whether the catalogue has the key.
func (l *Locale) Has(key string) bool { _, ok := l.messages[key]; return ok }

// Keys returns all keys in order.
func (l *Locale) Keys() []string {
	keys := make([]string, 0, len(l.messages))
	for key := range l.messages {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// T returns the text for a key with its {name} parameters filled in; params are
// name, value pairs. Whole numbers are written with Number, a parameter "n"
// also chooses the plural form, everything else is written by fmt.Sprint.
//
// The text is plain: whoever puts it into HTML escapes it. A key that the
// catalogue lacks comes back as ⟦key⟧, so that a page still works and a test of
// the rendered page finds it by the bracket.
func (l *Locale) T(key string, params ...any) string {
	m, ok := l.messages[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	text := m[plural.Other]
	if len(m) > 1 {
		if n, ok := whole(lookup(params, "n")); ok {
			if t, has := m[l.form(n)]; has {
				text = t
			}
		}
	}
	if len(params) == 0 || !strings.Contains(text, "{") {
		return text
	}
	return l.fill(text, params)
}

// form is the plural form of a whole number in this language.
func (l *Locale) form(n int64) plural.Form {
	if n < 0 {
		n = -n
	}
	// The rules look at the last digits and at "is it exactly 0, 1, 2", so
	// larger numbers may be cut; MatchPlural takes an int of any size.
	return plural.Cardinal.MatchPlural(l.lang, int(n%10_000_000), 0, 0, 0, 0)
}

// fill replaces {name} by the parameter of that name. A value is never scanned
// again, so that what a person wrote cannot pull in another parameter.
func (l *Locale) fill(text string, params []any) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			break
		}
		length := strings.IndexByte(text[open:], '}')
		if length < 0 {
			break
		}
		name := text[open+1 : open+length]
		b.WriteString(text[:open])
		if value := lookup(params, name); value != nil {
			b.WriteString(l.write(value))
		} else {
			b.WriteString(text[open : open+length+1])
		}
		text = text[open+length+1:]
	}
	b.WriteString(text)
	return b.String()
}

func (l *Locale) write(value any) string {
	if n, ok := whole(value); ok {
		return l.Number(n)
	}
	return fmt.Sprint(value)
}

func lookup(params []any, name string) any {
	for i := 0; i+1 < len(params); i += 2 {
		if params[i] == name {
			return params[i+1]
		}
	}
	return nil
}

// whole gives an integer of any width as int64.
func whole(value any) (int64, bool) {
	switch n := value.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	case int32:
		return int64(n), true
	case uint32:
		return int64(n), true
	case uint64:
		return int64(n), n <= 1<<63-1
	case uint:
		return int64(n), uint64(n) <= 1<<63-1
	}
	return 0, false
}
