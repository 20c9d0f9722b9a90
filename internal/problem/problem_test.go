package problem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestEveryKindHasANameAndAStatus(t *testing.T) {
	names := map[string]bool{}
	for _, k := range Kinds() {
		if k.Status() < 400 || k.Status() > 599 || http.StatusText(k.Status()) == "" {
			t.Errorf("%v answers %d", k, k.Status())
		}
		if k.String() == "" || names[k.String()] {
			t.Errorf("kind %d has no name of its own", k)
		}
		names[k.String()] = true
	}
	if Kind(200).Status() != 500 {
		t.Error("a kind that does not exist is the sender's fault")
	}
}

func TestOf(t *testing.T) {
	cause := errors.New("disk full")
	named := Wrap(cause, Unavailable, "problem.read_only")
	for _, c := range []struct {
		err  error
		kind Kind
		key  string
	}{
		{fmt.Errorf("append: %w", named), Unavailable, "problem.read_only"},
		{cause, Internal, "problem.internal"},
		{fmt.Errorf("read: %w", context.DeadlineExceeded), Unavailable, "problem.unavailable"},
		{New(Invalid, "problem.text_empty").In("text"), Invalid, "problem.text_empty"},
	} {
		got := Of(c.err)
		if got.Kind != c.kind || got.Key != c.key {
			t.Errorf("Of(%v) = %v %s", c.err, got.Kind, got.Key)
		}
	}
	if Of(nil) != nil {
		t.Error("Of(nil) is a problem")
	}
	if !errors.Is(fmt.Errorf("x: %w", named), cause) || !strings.Contains(named.Error(), "disk full") {
		t.Error("the cause is lost")
	}
	var none *Error
	if _, ok := As(fmt.Errorf("x: %w", none)); ok {
		t.Error("a nil problem is a problem")
	}
}

func TestOfABodyCutOff(t *testing.T) {
	r := httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("x", 3000)))
	_, err := io.ReadAll(http.MaxBytesReader(httptest.NewRecorder(), r.Body, 2048))
	got := Of(fmt.Errorf("read the form: %w", err))
	if got.Kind != TooLarge || got.Param("kb") != int64(2) {
		t.Errorf("Of = %v", got)
	}
}

func TestJoin(t *testing.T) {
	empty := New(Invalid, "problem.text_empty").In("text")
	long := New(Invalid, "problem.text_long", "n", 700, "limit", 500).In("title")
	closed := New(Conflict, "problem.dialogue_closed")
	if Join() != nil || Join(nil, nil) != nil {
		t.Error("nothing wrong is an error")
	}
	if Join(nil, empty) != error(empty) {
		t.Error("one problem is wrapped")
	}
	both := Of(fmt.Errorf("file a view: %w", Join(empty, nil, long)))
	if both.Kind != Invalid || both.Param("n") != 2 || both.For("title") != long || both.For("text") != empty || both.For("place") != nil {
		t.Errorf("joined: %v", both)
	}
	if got := Of(Join(closed, empty)).Kind; got != Conflict {
		t.Errorf("a closed dialogue and an empty field: %v", got)
	}
	if got := Of(Join(closed, New(Internal, "problem.internal"), empty)).Kind; got != Internal {
		t.Errorf("our own fault among others: %v", got)
	}
	if !errors.Is(both, long) {
		t.Error("errors.Is does not see the single problems")
	}
	if empty.In("other"); empty.Field != "text" {
		t.Error("In changes its receiver")
	}
	if got := long.Error(); got != "invalid: problem.text_long n=700 limit=500 (field title)" {
		t.Errorf("log line %q", got)
	}
}
