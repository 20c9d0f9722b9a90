package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
)

// Tell words an error.
func Tell(err error, language string) *Problem {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Language", language)
	return render(r, err)
}

// Discard makes an API answer every act without storing it: what the benchmark
// compares storing with.
func Discard(a *API, at time.Time) {
	a.submit = func(_ context.Context, _ civic.Actor, d act.Draft, _ *register.Token) (register.Receipt, error) {
		return register.Receipt{Act: d.Of, Kind: d.Facts.Kind(), Position: 1, At: at}, nil
	}
}

// DecodeBody is decodeBody.
var DecodeBody = decodeBody
