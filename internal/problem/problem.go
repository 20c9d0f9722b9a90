// Package problem says what went wrong in a way that can be shown to the
// person it happened to: a kind, which decides the HTTP status, and the key of
// a message in the catalogue with its parameters. The underlying error stays
// inside, for the log, and is never shown.
package problem

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Kind is what sort of trouble it is, as far as a client has to know.
type Kind uint8

// The kinds. The zero value is Internal, so that a forgotten kind is never
// shown as the sender's fault.
const (
	Internal        Kind = iota // our fault
	Invalid                     // what was sent cannot be accepted as it is
	Unauthenticated             // nobody is signed in, or the secret is wrong
	Forbidden                   // somebody is known, but may not do this
	NotFound                    // there is no such thing, or nothing that may be shown
	Conflict                    // it contradicts what already stands
	TooLarge                    // more bytes than are taken at once
	TooMany                     // too often; try again later
	Gone                        // it was there and is no longer to be had
	Unavailable                 // not now; nothing was stored, the same may be sent again
)

var kinds = [...]struct {
	name   string
	status int
}{
	Internal:        {"internal", http.StatusInternalServerError},
	Invalid:         {"invalid", http.StatusUnprocessableEntity},
	Unauthenticated: {"unauthenticated", http.StatusUnauthorized},
	Forbidden:       {"forbidden", http.StatusForbidden},
	NotFound:        {"not_found", http.StatusNotFound},
	Conflict:        {"conflict", http.StatusConflict},
	TooLarge:        {"too_large", http.StatusRequestEntityTooLarge},
	TooMany:         {"too_many", http.StatusTooManyRequests},
	Gone:            {"gone", http.StatusGone},
	Unavailable:     {"unavailable", http.StatusServiceUnavailable},
}

// Kinds returns every kind, in order.
func Kinds() []Kind {
	all := make([]Kind, len(kinds))
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}

// String gives the name that stands in a log line or in the type of an RFC 9457
// problem: lower case, words joined by underscores.
func (k Kind) String() string {
	if int(k) >= len(kinds) {
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
	return kinds[k].name
}

// Status is the HTTP status code that answers this kind.
func (k Kind) Status() int {
	if int(k) >= len(kinds) {
		return http.StatusInternalServerError
	}
	return kinds[k].status
}

// TitleKey is the message key of the kind's heading ("problem.title.invalid").
func (k Kind) TitleKey() string { return "problem.title." + k.String() }

// Error is a problem that can be told. Its fields are public on purpose: what
// stands in them is shown to the person concerned, so no secret and no text of
// somebody else belongs in Params.
type Error struct {
	Kind   Kind
	Key    string   // message key in the catalogue, "problem.text_empty"
	Params []any    // name, value, name, value … for the message's {name} parameters
	Field  string   // name of the form field or JSON member it is about; "" for the whole
	Fields []*Error // the single problems of a form in which several fields are wrong
	err    error    // what happened underneath; for the log only
}

// New returns a problem with no underlying error. Params are name, value pairs.
func New(kind Kind, key string, params ...any) *Error {
	return &Error{Kind: kind, Key: key, Params: params}
}

// Wrap returns a problem that was caused by err, which is kept for the log. It
// is never nil: a nil *Error returned as an error would not compare as nil.
func Wrap(err error, kind Kind, key string, params ...any) *Error {
	return &Error{Kind: kind, Key: key, Params: params, err: err}
}

// In returns a copy of e that is about the named field.
func (e *Error) In(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// Error is the line for the log: kind, key, parameters and the cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Kind.String())
	b.WriteString(": ")
	b.WriteString(e.Key)
	for i := 0; i+1 < len(e.Params); i += 2 {
		fmt.Fprintf(&b, " %v=%v", e.Params[i], e.Params[i+1])
	}
	if e.Field != "" {
		fmt.Fprintf(&b, " (field %s)", e.Field)
	}
	for _, f := range e.Fields {
		b.WriteString("; ")
		b.WriteString(f.Error())
	}
	if e.err != nil {
		b.WriteString(": ")
		b.WriteString(e.err.Error())
	}
	return b.String()
}

// Unwrap gives the cause and the problems of the single fields to errors.Is and
// errors.As.
func (e *Error) Unwrap() []error {
	var all []error
	if e.err != nil {
		all = append(all, e.err)
	}
	for _, f := range e.Fields {
		all = append(all, f)
	}
	return all
}

// Param returns the value of the named parameter, nil if there is none.
func (e *Error) Param(name string) any {
	for i := 0; i+1 < len(e.Params); i += 2 {
		if e.Params[i] == name {
			return e.Params[i+1]
		}
	}
	return nil
}

// For returns the problem about the named field: e itself, one of its Fields,
// or nil.
func (e *Error) For(field string) *Error {
	if e == nil {
		return nil
	}
	if e.Field == field {
		return e
	}
	if i := slices.IndexFunc(e.Fields, func(f *Error) bool { return f.Field == field }); i >= 0 {
		return e.Fields[i]
	}
	return nil
}

// Join makes one error of the problems found in several fields of one form:
// nil of none, the problem itself of one, and otherwise a problem of the
// gravest kind that lists them all in order.
func Join(problems ...*Error) error {
	problems = slices.DeleteFunc(slices.Clone(problems), func(p *Error) bool { return p == nil })
	switch len(problems) {
	case 0:
		return nil
	case 1:
		return problems[0]
	}
	kind := Invalid
	for _, p := range problems {
		// A mistake in a field can be mended by the sender; anything else
		// decides what the whole answer is.
		if p.Kind != Invalid && (kind == Invalid || p.Kind.Status() > kind.Status()) {
			kind = p.Kind
		}
	}
	return &Error{Kind: kind, Key: "problem.fields", Params: []any{"n", len(problems)}, Fields: problems}
}

// As returns the problem inside err, if there is one.
func As(err error) (*Error, bool) {
	var e *Error
	if errors.As(err, &e) && e != nil {
		return e, true
	}
	return nil, false
}

// Of returns the problem inside err. What is no problem of ours becomes one:
// a body cut off at its limit is TooLarge, a lapsed deadline is Unavailable,
// and everything else is Internal, whose message tells nothing of the cause.
// Of(nil) is nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := As(err); ok {
		return e
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return Wrap(err, TooLarge, "problem.too_large", "kb", tooLarge.Limit/1024)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Wrap(err, Unavailable, "problem.unavailable")
	}
	return Wrap(err, Internal, "problem.internal")
}
