package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// plentyNames is how many names of an object are compared one by one; of more a
// set is made.
const plentyNames = 32

// scope is an object or a list that a scan of JSON is in.
type scope struct {
	object bool
	first  int // of its names
	set    map[string]bool
}

// checkNames finds in valid JSON what different readers understand differently: a
// name that stands twice in an object, for some take the first and some the last;
// and a name with capitals, for some take it for the one in small letters. Nothing
// that the site says has either. A server could otherwise tell the auditor the
// truth, and every other program something else, in one and the same answer.
func checkNames(content []byte) error {
	var scopes []scope
	var names [][]byte
	name := false // the next string is a name
	for i := 0; i < len(content); i++ {
		switch content[i] {
		case '{', '[':
			name = content[i] == '{'
			scopes = append(scopes, scope{object: name, first: len(names)})
		case '}', ']':
			if n := len(scopes); n > 0 {
				names, scopes = names[:scopes[n-1].first], scopes[:n-1]
			}
			name = false
		case ',':
			name = len(scopes) > 0 && scopes[len(scopes)-1].object
		case '"':
			end := endOfText(content, i)
			if end < 0 {
				return fmt.Errorf("%w: a text without end", errForm)
			}
			if name {
				said, err := nameOf(content[i:end])
				if err != nil {
					return err
				}
				in := &scopes[len(scopes)-1]
				if in.has(names[in.first:], said) {
					return fmt.Errorf("%w: the name %q twice", errForm, said)
				}
				names, name = append(names, said), false
			}
			i = end - 1
		}
	}
	return nil
}

// endOfText is where a text ends that begins at a quotation mark, -1 for nowhere.
func endOfText(content []byte, at int) int {
	for i := at + 1; i < len(content); i++ {
		switch content[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// nameOf is a name as it is meant, without its quotation marks.
func nameOf(quoted []byte) ([]byte, error) {
	said := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(said, '\\') >= 0 {
		var text string
		if err := json.Unmarshal(quoted, &text); err != nil {
			return nil, fmt.Errorf("%w: %w", errForm, err)
		}
		said = []byte(text)
	}
	for _, c := range said {
		if c >= 'A' && c <= 'Z' || c < ' ' || c > '~' {
			return nil, fmt.Errorf("%w: the name %.80q, which programs read differently", errForm, said)
		}
	}
	return said, nil
}

// has reports whether a name is among those of the object, and notes it where
// there are too many to look at each.
func (s *scope) has(names [][]byte, name []byte) bool {
	if len(names) < plentyNames {
		for _, other := range names {
			if bytes.Equal(other, name) {
				return true
			}
		}
		return false
	}
	if s.set == nil {
		s.set = make(map[string]bool, 2*len(names))
		for _, other := range names {
			s.set[string(other)] = true
		}
	}
	if s.set[string(name)] {
		return true
	}
	s.set[string(name)] = true
	return false
}
