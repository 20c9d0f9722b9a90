package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/api"
	"samleng/internal/register"
	"samleng/internal/store"
	"samleng/translog"
)

// prepared is a register with an open dialogue and some views to vote on.
type prepared struct {
	config     store.Config
	keys       string // folder
	verifier   string
	statements []act.ID
	acts       int64
}

// slug names the dialogue of a prepared register.
const slug = "one"

func prepare(t testing.TB, config store.Config) prepared {
	t.Helper()
	p := prepared{config: config, keys: filepath.Join(t.TempDir(), "keys")}
	r := p.open(t)
	defer r.Close()
	do := func(of act.ID, facts act.Facts, content map[string]any) act.ID {
		t.Helper()
		receipt, err := r.Submit(t.Context(), civic.System, act.Draft{By: act.System, Of: of, Facts: facts, Content: content}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return receipt.Act
	}
	named := func(word string) map[string]any {
		return map[string]any{"names": &act.Names{Name: map[string]string{"en": word}}}
	}
	do(act.ID{}, &act.ProgrammeDeclared{Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"en"},
		Themes: []string{"water"}, Threshold: 10, Rounding: 5, Step: 10}, named("programme"))
	do(act.ID{}, &act.RulesAdopted{Version: 1}, nil)
	host := do(act.ID{}, &act.OrganisationRegistered{Type: "cso"}, named("host"))
	dialogue := do(act.ID{}, &act.DialogueAnnounced{Slug: slug, Level: "national", Door: "open",
		Limit: 300, Changes: 5, Opens: "2000-01-01", Closes: "2099-12-31", Host: host}, named("dialogue"))
	do(dialogue, &act.DialogueOpened{}, nil)
	for i := range 5 {
		who := civic.Actor{By: act.Participant, Participant: r.Participant(fmt.Sprint("author ", i), dialogue)}
		receipt, err := r.Submit(t.Context(), who, act.Draft{By: who.By, Of: dialogue,
			Facts:   &act.StatementRegistered{Channel: "web", Written: "eng", Visibility: act.VisibilityOpen},
			Content: map[string]any{"text": &act.Text{Text: fmt.Sprint("to vote on ", i)}, "source": &act.Source{Participant: &who.Participant}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		do(receipt.Act, &act.StatementPublished{}, nil)
		p.statements = append(p.statements, receipt.Act)
	}
	p.acts, p.verifier = r.Position(), r.VerifierKey()
	return p
}

// open opens the register in this process.
func (p prepared) open(t testing.TB) *register.Register {
	t.Helper()
	keys, err := register.LoadKeys(p.keys, testOrigin, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r, err := register.Open(t.Context(), register.Config{Store: p.config, Keys: keys, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// serve starts the program on the register, at a port that is free.
func (p prepared) serve(t testing.TB, more ...string) *process {
	t.Helper()
	args := append([]string{"serve", "--addr", "127.0.0.1:0"}, where(p.config, p.keys)...)
	return launch(t, append(args, more...)...)
}

// held is a receipt that a client was given, with what it was given for.
type held struct {
	view     bool
	words    string
	act      act.ID
	code     string
	secret   string
	position int64
}

// crowd is many clients that put views forward and vote. Each sends a request
// again, with the same key, until it holds its receipt.
type crowd struct {
	statements []act.ID
	verifier   note.Verifier
	client     *http.Client
	pause      int                    // mean milliseconds between two requests of one client
	base       atomic.Pointer[string] // where the register is served now

	mu       sync.Mutex
	receipts []held
	wrong    []error      // answers that no client may ever get
	slowest  atomic.Int64 // nanoseconds until an answer came
	retries  atomic.Int64
	told     atomic.Int64 // 503s, each with its problem
	forms    atomic.Int64 // receipts that a page showed
	resent   atomic.Int64 // receipts that came for a request sent before
}

func newCrowd(statements []act.ID, verifier note.Verifier) *crowd {
	c := &crowd{statements: statements, verifier: verifier, pause: 10, client: &http.Client{
		Timeout:   15 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}}
	c.at("")
	return c
}

// at tells the clients where the register is served.
func (c *crowd) at(base string) { c.base.Store(&base) }

// run has n clients work until ctx ends; each then still waits for the receipt
// it is owed, as long as patience lasts.
func (c *crowd) run(ctx, patience context.Context, n int) *sync.WaitGroup {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			for k := 0; ctx.Err() == nil; k++ {
				c.once(patience, fmt.Sprintf("%d.%d", i, k), mathrand.IntN(2) == 0)
				time.Sleep(time.Duration(mathrand.IntN(2*c.pause+1)) * time.Millisecond)
			}
		})
	}
	return &all
}

// once puts one view forward, over the API or on the page, or casts one vote,
// and keeps the receipt.
func (c *crowd) once(patience context.Context, name string, view bool) {
	key, err := register.NewToken(rand.Reader)
	if err != nil {
		panic(err)
	}
	h := held{view: view, words: "view " + name}
	var attempt func() (bool, error)
	switch {
	case view && mathrand.IntN(3) == 0:
		attempt = func() (bool, error) { return c.sendForm(patience, key.String(), &h) }
	case view:
		attempt = func() (bool, error) {
			return c.send(patience, "statements", api.View{Text: h.words}, []string{"Idempotency-Key", key.String()}, &h)
		}
	default:
		ballot := api.Ballot{Votes: []api.Vote{{Statement: c.statements[mathrand.IntN(len(c.statements))].String(), Vote: "agree"}}}
		headers := []string{"Authorization", "Participant " + key.String()}
		// Some come without a key: then it is the vote, which stands already, that
		// leads to the same receipt.
		if mathrand.IntN(3) > 0 {
			headers = append(headers, "Idempotency-Key", key.String())
		}
		attempt = func() (bool, error) { return c.send(patience, "ballots", ballot, headers, &h) }
	}
	for again := false; ; again = true {
		if patience.Err() != nil {
			c.fail(fmt.Errorf("%s never got its receipt", h.words))
			return
		}
		done, err := attempt()
		if err != nil {
			c.fail(err)
			return
		}
		if done {
			if again {
				c.resent.Add(1)
			}
			c.keep(h)
			return
		}
		c.retries.Add(1)
		time.Sleep(time.Duration(5+mathrand.IntN(20)) * time.Millisecond)
	}
}

func (c *crowd) keep(h held) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.receipts = append(c.receipts, h)
}

func (c *crowd) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, err)
}

// send sends a request once. It reports whether the receipt came; the error is
// an answer that ought never to come.
func (c *crowd) send(ctx context.Context, path string, body any, headers []string, into *held) (bool, error) {
	base := *c.base.Load()
	if base == "" {
		return false, nil
	}
	began := time.Now()
	status, content, err := c.post(ctx, base+api.Prefix+"/dialogues/"+slug+"/"+path, body, headers...)
	if err != nil {
		return false, nil // no answer: nobody knows
	}
	for took, slowest := int64(time.Since(began)), c.slowest.Load(); took > slowest && !c.slowest.CompareAndSwap(slowest, took); {
		slowest = c.slowest.Load()
	}
	switch status {
	case http.StatusOK, http.StatusCreated:
		var receipt struct {
			Act, Code, Secret string
			Position          int64
		}
		if err := json.Unmarshal(content, &receipt); err != nil {
			return false, fmt.Errorf("%s: %w", content, err)
		}
		into.code, into.secret, into.position = receipt.Code, receipt.Secret, receipt.Position
		into.act, err = act.ParseID(receipt.Act)
		return err == nil, err
	case http.StatusServiceUnavailable:
		var p api.Problem
		if err := json.Unmarshal(content, &p); err != nil || p.Status != status || p.Detail == "" || p.Key == "" {
			return false, fmt.Errorf("a 503 without its problem: %s", content)
		}
		c.told.Add(1)
		return false, nil
	}
	return false, fmt.Errorf("status %d: %s", status, content)
}

// post sends JSON and gives the whole answer; an answer that was cut off is none.
func (c *crowd) post(ctx context.Context, address string, body any, headers ...string) (int, []byte, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, io.NopCloser(bytes.NewReader(encoded)))
	if err != nil {
		return 0, nil, err
	}
	request.ContentLength = int64(len(encoded))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept-Language", "en")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := c.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, content, err
}

// holds gives the receipts from number from on, as they are now.
func (c *crowd) holds(from int) []held {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]held(nil), c.receipts[from:]...)
}

// check reports answers that no client may ever get.
func (c *crowd) check(t testing.TB) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, err := range c.wrong {
		t.Error(err)
	}
}

// stands checks that a receipt's act is where the receipt says, in what the
// outsider read.
func (h held) stands(o *outsider) error {
	if h.position < 0 || h.position >= int64(len(o.ids)) || o.ids[h.position] != h.act {
		return fmt.Errorf("the receipt of act %s at %d: something else stands there, of %d acts", h.act, h.position, len(o.ids))
	}
	return nil
}

// resolves shows a receipt to the server: the code leads to the view, code and
// secret open its words, and the file verifies with no server.
func (h held) resolves(c *crowd, o *outsider, base string) error {
	address, body := base+"/api/v1/receipts/file", any(api.Holding{Code: h.code, Secret: h.secret})
	var content []byte
	var err error
	if h.view {
		var status int
		if status, content, err = c.post(context.Background(), address, body); err == nil && status != http.StatusOK {
			err = fmt.Errorf("status %d: %s", status, content)
		}
	} else {
		content, err = o.fetch(context.Background(), base, "../api/v1/receipts/"+h.act.String())
	}
	if err != nil {
		return fmt.Errorf("the receipt of %s: %w", h.words, err)
	}
	receipt, err := translog.DecodeReceipt(content)
	if err != nil {
		return err
	}
	report, err := receipt.Verify(testOrigin, o.verifier)
	switch {
	case err != nil:
		return err
	case report.Pending || receipt.Index != h.position || report.Header.ID != h.act:
		return fmt.Errorf("the receipt of %s, act %s at %d, became %+v at %d", h.words, h.act, h.position, report, receipt.Index)
	case h.view && !opens(receipt, h.words):
		return fmt.Errorf("the receipt of %s does not open its words", h.words)
	}
	if _, err := o.remember(receipt.Checkpoint); err != nil {
		return err
	}
	return nil
}

func opens(receipt *translog.Receipt, words string) bool {
	for _, section := range receipt.Openings {
		var text act.Text
		if section.Name == "text" && json.Unmarshal(section.Content, &text) == nil && text.Text == words {
			return true
		}
	}
	return false
}

// allResolve shows receipts to the server, several at a time.
func allResolve(t testing.TB, c *crowd, o *outsider, base string, receipts []held) {
	t.Helper()
	jobs := make(chan held)
	var all sync.WaitGroup
	var failed atomic.Pointer[error]
	for range 8 {
		all.Go(func() {
			for h := range jobs {
				if err := errors.Join(h.stands(o), h.resolves(c, o, base)); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	for _, h := range receipts {
		jobs <- h
	}
	close(jobs)
	all.Wait()
	if err := failed.Load(); err != nil {
		t.Fatal(*err)
	}
}
