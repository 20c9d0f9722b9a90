package api_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/api"
	"samleng/internal/register"
	"samleng/internal/store"
)

// world is a register on SQLite with a programme, two dialogues and the API in
// front of it.
type world struct {
	*register.Register
	api      *api.API
	handler  http.Handler
	host     act.ID
	dialogue act.ID // "one": open
	cards    act.ID // "cards": open, for voting cards
	now      time.Time
}

const text = "ទឹកស្អាត សម្រាប់សាលារៀន"

func newWorld(t testing.TB) *world {
	t.Helper()
	dir := t.TempDir()
	keys, err := register.LoadKeys(filepath.Join(dir, "keys"), "test.example/register", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{now: time.Date(2026, 11, 24, 3, 30, 0, 0, time.UTC)}
	w.Register, err = register.Open(t.Context(), register.Config{
		Store: store.Config{Dir: dir}, Keys: keys, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Register.Close() })
	w.begin(t)
	if w.api, err = api.New(api.Config{Register: w.Register}); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	w.api.Mount(mux)
	w.handler = mux
	return w
}

func names(en, km string) map[string]any {
	return map[string]any{"names": &act.Names{Name: map[string]string{"en": en, "km": km}}}
}

func (w *world) submit(t testing.TB, who civic.Actor, of act.ID, facts act.Facts, content map[string]any) register.Receipt {
	t.Helper()
	receipt, err := w.Submit(t.Context(), who, act.Draft{By: who.By, Of: of, Facts: facts, Content: content}, nil)
	if err != nil {
		t.Fatalf("%s: %v", facts.Kind(), err)
	}
	return receipt
}

func (w *world) begin(t testing.TB) {
	t.Helper()
	do := func(of act.ID, facts act.Facts, content map[string]any) act.ID {
		return w.submit(t, civic.System, of, facts, content).Act
	}
	do(act.ID{}, &act.ProgrammeDeclared{Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"km", "en"},
		Themes: []string{"water", "roads"}, Threshold: 10, Rounding: 5, Step: 10}, names("A programme", "កម្មវិធី"))
	do(act.ID{}, &act.RulesAdopted{Version: 1}, nil)
	do(act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepModerate: 2, act.StepAppeal: 10}}, nil)
	do(act.ID{}, &act.PlaceRegistered{Code: "07", Level: 1}, names("Kampot", "កំពត"))
	do(act.ID{}, &act.PlaceRegistered{Code: "0701", Parent: "07", Level: 2}, names("a district", "ស្រុក"))
	w.host = do(act.ID{}, &act.OrganisationRegistered{Type: "cso"}, names("a host", "អង្គការ"))
	announce := func(slug, door string, public bool) act.ID {
		id := do(act.ID{}, &act.DialogueAnnounced{Slug: slug, Level: "provincial", Place: "07", PlaceLevel: 1, Door: door, Limit: 60,
			Changes: 2, Opens: "2026-11-01", Closes: "2026-12-31", Host: w.host, Public: public}, names(slug, slug))
		do(id, &act.DialogueOpened{}, nil)
		return id
	}
	w.dialogue = announce("one", "open", false)
	w.cards = announce("cards", "card", false)
	announce("public", "open", true)
	closed := announce("over", "open", false)
	do(closed, &act.DialogueClosed{}, nil)
}

// newToken draws a token as clients do.
func newToken(t testing.TB) string {
	t.Helper()
	token, err := register.NewToken(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return token.String()
}

// answer is what came back.
type answer struct {
	t      testing.TB
	Code   int
	Header http.Header
	Body   []byte
}

func (a answer) into(v any) {
	a.t.Helper()
	d := json.NewDecoder(bytes.NewReader(a.Body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		a.t.Fatalf("decode %s: %v", a.Body, err)
	}
}

func (a answer) ok(status int) answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Fatalf("status %d, not %d: %s", a.Code, status, a.Body)
	}
	return a
}

// problem checks that the answer is a problem and gives it.
func (a answer) problem(status int, key string) api.Problem {
	a.t.Helper()
	a.ok(status)
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		a.t.Errorf("content type %s", got)
	}
	if a.Header.Get("ETag") != "" || a.Header.Get("Cache-Control") != "no-store" {
		a.t.Errorf("a problem that can be cached: %v", a.Header)
	}
	var p api.Problem
	a.into(&p)
	if p.Key != key || p.Status != status || p.Title == "" || p.Detail == "" || p.Type == "" ||
		bytes.Contains(a.Body, []byte("⟦")) {
		a.t.Errorf("%s, not %s", a.Body, key)
	}
	return p
}

// send makes a request; headers are name, value, name, value.
func (w *world) send(t testing.TB, method, path string, body any, headers ...string) answer {
	t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = bytes.NewReader([]byte(b))
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		reader = bytes.NewReader(encoded)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, reader)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Accept-Language", "en")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return w.do(t, r)
}

// request makes a request with a JSON body.
func (w *world) request(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func (w *world) do(t testing.TB, r *http.Request) answer {
	t.Helper()
	out := httptest.NewRecorder()
	w.handler.ServeHTTP(out, r)
	return answer{t, out.Code, out.Header(), out.Body.Bytes()}
}

func (w *world) get(t testing.TB, path string, headers ...string) answer {
	t.Helper()
	return w.send(t, "GET", path, nil, headers...)
}

// putForward sends a view and gives its receipt.
func (w *world) putForward(t testing.TB, slug string, view api.View) api.ViewReceipt {
	t.Helper()
	var receipt api.ViewReceipt
	w.send(t, "POST", "/api/v1/dialogues/"+slug+"/statements", view, "Idempotency-Key", newToken(t)).ok(201).into(&receipt)
	return receipt
}

func (w *world) publish(t testing.TB, id string) {
	t.Helper()
	parsed, err := act.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	w.submit(t, civic.System, parsed, &act.StatementPublished{}, nil)
}
