package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// Problem is what an error looks like from outside (RFC 9457).
type Problem struct {
	Type   string       `json:"type" doc:"What sort of problem it is" example:"urn:samleng:problem:conflict"`
	Title  string       `json:"title" doc:"The sort of problem in the reader's language"`
	Status int          `json:"status" doc:"The HTTP status code"`
	Detail string       `json:"detail" doc:"What is wrong and what can be done, in the reader's language"`
	Key    string       `json:"key" doc:"Names the detail's message, whatever the language" example:"refused.dialogue_closed"`
	Field  string       `json:"field,omitempty" doc:"The member, header or parameter it is about"`
	Fields []FieldError `json:"fields,omitempty" doc:"The single problems, where there are several"`
}

// FieldError is a problem with one of several members.
type FieldError struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
	Key    string `json:"key"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Key }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

var (
	errNowhere = problem.New(problem.NotFound, "problem.not_found")
	errMethod  = &statusError{http.StatusMethodNotAllowed, problem.New(problem.Invalid, "problem.method")}
)

// statusError is a problem with a status of its own.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

// huma makes its errors by these two variables. The first is asked once for
// each operation, for the schema of errors; the second for every error, those
// that handlers return included.
func init() {
	huma.NewError = func(status int, _ string, _ ...error) huma.StatusError { return &Problem{Status: status} }
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		r, w := humago.Unwrap(ctx)
		p := render(r, fromHuma(ctx, status, errs))
		headersOf(w.Header(), p)
		return p
	}
}

// fromHuma turns what huma found wrong itself (parameters, a body that is too
// long) into problems. What was sent is not echoed.
func fromHuma(ctx huma.Context, status int, errs []error) error {
	var fields []*problem.Error
	for _, err := range errs {
		detail, is := err.(*huma.ErrorDetail)
		if !is {
			return err
		}
		_, field, _ := strings.Cut(detail.Location, ".")
		fields = append(fields, problem.New(problem.Invalid, "problem.value").In(field))
	}
	switch {
	case len(fields) > 0:
		return problem.Join(fields...)
	case status == http.StatusRequestEntityTooLarge:
		return problem.New(problem.TooLarge, "problem.too_large", "kb", ctx.Operation().MaxBodyBytes/1024)
	case status == http.StatusBadRequest:
		return problem.New(problem.Invalid, "problem.json_malformed")
	case status < 500:
		return problem.New(problem.Invalid, "problem.form_malformed")
	}
	return problem.New(problem.Internal, "problem.internal")
}

// headersOf sets the headers that go with an error: nothing of it is cached.
func headersOf(header http.Header, p *Problem) {
	header.Del("ETag")
	header.Set("Cache-Control", "no-store")
	header.Set("Vary", "Accept-Language")
	if p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests {
		header.Set("Retry-After", "60")
	}
}

// render words an error in the language of whoever asks.
func render(r *http.Request, err error) *Problem {
	told := problemOf(err)
	l := locale.Match(r.Header.Get("Accept-Language"), "")
	p := &Problem{
		Type: "urn:samleng:problem:" + told.Kind.String(), Title: l.T(told.Kind.TitleKey()), Status: told.Kind.Status(),
		Detail: l.T(told.Key, told.Params...), Key: told.Key, Field: told.Field,
	}
	for _, field := range told.Fields {
		p.Fields = append(p.Fields, FieldError{field.Field, l.T(field.Key, field.Params...), field.Key})
	}
	var own *statusError
	if errors.As(err, &own) {
		p.Status = own.status
	}
	return p
}

// writeProblem answers with an error outside huma.
func writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := render(r, err)
	headersOf(w.Header(), p)
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	// The status is out; whoever hung up cannot be told more.
	_ = json.NewEncoder(w).Encode(p)
}

// problemOf says of any error how it is told.
func problemOf(err error) *problem.Error {
	if p, ok := problem.As(err); ok {
		return p
	}
	var refusal *civic.Refusal
	switch {
	case errors.As(err, &refusal):
		kind, own := refusalKinds[refusal.Key]
		if !own {
			kind = register.RefusalKind(refusal.Key)
		}
		return problem.Wrap(err, kind, refusal.Key, refusal.Params...).In(refusalFields[refusal.Key])
	case errors.Is(err, register.ErrReadOnly):
		return problem.Wrap(err, problem.Unavailable, "problem.read_only")
	case errors.Is(err, register.ErrUnknown):
		return problem.Wrap(err, problem.Unavailable, "problem.unknown_outcome")
	case errors.Is(err, register.ErrUnavailable):
		return problem.Wrap(err, problem.Unavailable, "problem.unavailable")
	case errors.Is(err, register.ErrTokenConflict):
		return problem.Wrap(err, problem.Conflict, "problem.token_conflict")
	case errors.Is(err, register.ErrGuesses):
		return problem.Wrap(err, problem.TooMany, "problem.too_many", "n", 1)
	case errors.Is(err, register.ErrSecret):
		return problem.Wrap(err, problem.Forbidden, "problem.secret").In("secret")
	case errors.Is(err, register.ErrNotFound):
		return problem.Wrap(err, problem.NotFound, "problem.not_found")
	case errors.Is(err, register.ErrErased):
		return problem.Wrap(err, problem.Gone, "problem.gone")
	case errors.Is(err, act.ErrCode):
		return problem.Wrap(err, problem.Invalid, "problem.code").In("code")
	case errors.Is(err, act.ErrHeader), errors.Is(err, act.ErrContent):
		return problem.Wrap(err, problem.Invalid, "problem.value")
	}
	return problem.Of(err)
}

// refusalKinds are the refusals that mean something else here than on a page:
// a view or a participant is named by a member that was sent, not by the
// address, and a program wants to know whether to try again.
var refusalKinds = map[string]problem.Kind{
	civic.RefusedStatement:   problem.Invalid,
	civic.RefusedParticipant: problem.Invalid,
	civic.RefusedErased:      problem.Gone,
	civic.RefusedTime:        problem.Unavailable,
}

// refusalFields says which member a refusal is about.
var refusalFields = map[string]string{
	civic.RefusedStatement:   "votes",
	civic.RefusedPlace:       "place",
	civic.RefusedPlaceFine:   "place",
	civic.RefusedTheme:       "themes",
	civic.RefusedLong:        "text",
	civic.RefusedNoTrustees:  "visibility",
	civic.RefusedParticipant: "participant",
}
