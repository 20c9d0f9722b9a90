package audit_test

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/audit"
	"samleng/civic"
	"samleng/translog"
)

// get asks a handler.
func get(t testing.TB, h http.Handler, path string) []byte {
	t.Helper()
	out := httptest.NewRecorder()
	h.ServeHTTP(out, httptest.NewRequest("GET", path, nil))
	if out.Code != http.StatusOK {
		t.Fatalf("%s: status %d", path, out.Code)
	}
	return out.Body.Bytes()
}

// leaves gives the honest log's leaves.
func (w *world) leaves(t testing.TB) (leaves [][]byte) {
	t.Helper()
	for position := range w.Position() {
		leaf, err := w.Leaf(t.Context(), position)
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leaf)
	}
	return leaves
}

// altered answers like next, but for paths that begin with prefix: change gets
// the honest answer.
func altered(next http.Handler, prefix string, change func([]byte) []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.RequestURI(), prefix) {
			next.ServeHTTP(w, r)
			return
		}
		out := httptest.NewRecorder()
		plain := r.Clone(r.Context())
		plain.Header.Del("Accept-Encoding")
		next.ServeHTTP(out, plain)
		for name, values := range out.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(out.Code)
		w.Write(change(out.Body.Bytes()))
	})
}

// alteredAt is altered for one address alone.
func alteredAt(next http.Handler, address string, change func([]byte) []byte) http.Handler {
	lying := altered(next, address, change)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RequestURI() == address {
			lying.ServeHTTP(w, r)
		} else {
			next.ServeHTTP(w, r)
		}
	})
}

// forged is a log that the operator rewrote and signed anew with a key of its
// own: consistent in itself.
type forged struct {
	next   http.Handler
	leaves [][]byte
	stored hashes
	signer note.Signer
	key    string
	origin string
}

type hashes []translog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]translog.Hash, error) {
	read := make([]translog.Hash, len(indexes))
	for i, index := range indexes {
		read[i] = h[index]
	}
	return read, nil
}

func forge(t testing.TB, next http.Handler, name string, leaves [][]byte) *forged {
	t.Helper()
	skey, vkey, err := translog.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := translog.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	f := &forged{next: next, leaves: leaves, signer: signer, key: vkey, origin: name}
	if f.stored, err = translog.AppendHashes(0, translog.LeafHashes(leaves), f.stored); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *forged) checkpoint() translog.Checkpoint {
	size := int64(len(f.leaves))
	root, err := translog.Root(size, f.stored)
	if err != nil {
		panic(err)
	}
	return translog.Checkpoint{Origin: f.origin, Size: size, Root: root}
}

func (f *forged) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, isLog := strings.CutPrefix(r.URL.Path, "/log/")
	if !isLog || strings.HasPrefix(path, "sections/") {
		f.next.ServeHTTP(w, r)
		return
	}
	content, err := f.file(path)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Write(content)
}

func (f *forged) file(path string) ([]byte, error) {
	switch path {
	case "key":
		return []byte(f.key + "\n"), nil
	case "checkpoint":
		return translog.Sign(f.checkpoint(), f.signer)
	}
	tile, err := translog.ParseTilePath(path)
	if err != nil || !tile.In(int64(len(f.leaves))) {
		return nil, fmt.Errorf("no tile %s", path)
	}
	if tile.Level == translog.EntriesLevel {
		return translog.EncodeBundle(f.leaves[tile.First() : tile.First()+int64(tile.Width)])
	}
	return translog.ReadTile(tile, f.stored)
}

// bundle changes the entries of a bundle.
func bundle(t testing.TB, change func([][]byte) [][]byte) func([]byte) []byte {
	return func(data []byte) []byte {
		entries, err := translog.DecodeBundle(data, translog.TileWidth)
		if err != nil {
			t.Error(err)
			return data
		}
		data, err = translog.EncodeBundle(change(entries))
		if err != nil {
			t.Error(err)
		}
		return data
	}
}

// replaced changes the first occurrence of one text into another. Where it is
// nowhere there is no lie, and the test of it fails.
func replaced(from, to string) func([]byte) []byte {
	return func(body []byte) []byte { return bytes.Replace(body, []byte(from), []byte(to), 1) }
}

// lie is one way in which a server does not say what is so.
type lie struct {
	name   string
	server http.Handler
	config func(*audit.Config)
	check  audit.Check
	// position is where it must be found: NoPosition for anywhere.
	position int64
	// words that the finding must hold.
	words []string
}

// TestLies has the server lie in every way it can. Each lie is caught, at its
// place, and named.
func TestLies(t *testing.T) {
	w := served(t)
	tell(t, append(append(lyingLog(t, w), lyingSite(t, w)...), lyingOperator(t, w)...))
}

// tell tells each lie to an audit, which must name it.
func tell(t *testing.T, lies []lie) {
	for _, l := range lies {
		t.Run(l.name, func(t *testing.T) {
			report := run(t, l.server, l.config)
			if report.Outcome != audit.Wrong || len(report.Findings) == 0 {
				t.Fatalf("%s: %+v", report.Outcome, report)
			}
			f := report.Findings[0]
			if f.Check != l.check || l.position != audit.NoPosition && f.Position != l.position {
				t.Errorf("found %v; want %s at %d", f, l.check, l.position)
			}
			for _, word := range l.words {
				if !strings.Contains(f.String(), word) {
					t.Errorf("%v does not say %q", f, word)
				}
			}
		})
	}
}

// seen is a checkpoint of the honest log as somebody saw it before.
func (w *world) seen(t testing.TB, size int64) translog.Checkpoint {
	t.Helper()
	f := forge(t, nil, origin, w.leaves(t)[:size])
	return f.checkpoint()
}

// lyingLog alters what is served of the log, below one signed checkpoint.
func lyingLog(t *testing.T, w *world) []lie {
	entries := "/log/tile/entries/001"
	with := func(change func([][]byte) [][]byte) http.Handler {
		return altered(w.handler, entries, bundle(t, change))
	}
	now := w.seen(t, w.Position())
	fork := now
	fork.Root[0]++
	longer := now
	longer.Size++
	otherKey := forge(t, w.handler, origin, w.leaves(t))
	position, name := w.openSection(t)
	sections := fmt.Sprintf("/log/sections/%d", position/256)
	return []lie{
		{name: "a leaf changed", server: with(func(e [][]byte) [][]byte {
			e[7] = bytes.Replace(e[7], []byte(`"v":1`), []byte(`"v":2`), 1)
			e[7] = append(bytes.Clone(e[7][:len(e[7])-1]), ' ')
			return e
		}), check: audit.CheckLeaf, position: 256 + 7},
		{name: "a leaf dropped", server: with(func(e [][]byte) [][]byte { return append(append(e[:9:9], e[10:]...), e[9]) }), check: audit.CheckLeaf, position: 256 + 9},
		{name: "leaves reordered", server: with(func(e [][]byte) [][]byte { e[3], e[4] = e[4], e[3]; return e }), check: audit.CheckLeaf, position: 256 + 3},
		{name: "a leaf added in the past", server: with(func(e [][]byte) [][]byte {
			return append(append(append([][]byte{}, e[:20]...), e[0]), e[20:255]...)
		}), check: audit.CheckLeaf, position: 256 + 20},
		{name: "a bundle cut short", server: altered(w.handler, entries, func(b []byte) []byte { return b[:len(b)/2] }), check: audit.CheckTree, position: 256},
		{name: "a bundle that is not there", server: missing(w.handler, entries), check: audit.CheckTree, position: 256, words: []string{"entries/001"}},
		{name: "a tile cut short", server: altered(w.handler, "/log/tile/0/001", func(b []byte) []byte { return b[:len(b)-1] }), check: audit.CheckTree, position: 256,
			words: []string{"tile/0/001"}},
		{name: "a tile altered", server: altered(w.handler, "/log/tile/0/001", func(b []byte) []byte { b = bytes.Clone(b); b[40]++; return b }), check: audit.CheckTree, position: 256},
		{name: "a tile too long", server: altered(w.handler, "/log/tile/0/001", func(b []byte) []byte { return append(bytes.Clone(b), b...) }), check: audit.CheckAnswer, position: 256},
		{name: "a fork shown to one reader", server: w.handler, config: func(c *audit.Config) { c.Seen = []translog.Checkpoint{fork} }, check: audit.CheckFork, position: now.Size,
			words: []string{now.Root.String(), fork.Root.String()}},
		{name: "a fork behind a printed checkpoint", server: w.handler, config: func(c *audit.Config) {
			c.Seen, c.Printed = []translog.Checkpoint{fork}, map[translog.Checkpoint]string{fork: "2026-03-12"}
		}, check: audit.CheckFork, position: now.Size, words: []string{fork.Root.String(), "on paper 2026-03-12"}},
		{name: "older than a printed checkpoint", server: w.handler, config: func(c *audit.Config) {
			c.Seen, c.Printed = []translog.Checkpoint{longer}, map[translog.Checkpoint]string{longer: ""}
		}, check: audit.CheckOld, position: now.Size, words: []string{"on paper"}},
		{name: "an old checkpoint", server: w.handler, config: func(c *audit.Config) { c.Seen = []translog.Checkpoint{longer} }, check: audit.CheckOld, position: now.Size,
			words: []string{strconv.FormatInt(longer.Size, 10)}},
		{name: "another log", server: w.handler, config: func(c *audit.Config) { c.Origin = "other.example/register" }, check: audit.CheckOrigin, words: []string{origin}, position: audit.NoPosition},
		{name: "another key", server: w.handler, config: func(c *audit.Config) { c.Keys = []string{otherKey.key} }, check: audit.CheckSignature, position: audit.NoPosition},
		{name: "another log's checkpoint", server: forge(t, w.handler, "other.example/register", w.leaves(t)), config: func(c *audit.Config) { c.Keys = []string{w.VerifierKey()} },
			check: audit.CheckOrigin, position: audit.NoPosition},
		{name: "a checkpoint that is none", server: altered(w.handler, "/log/checkpoint", func([]byte) []byte { return []byte("<html>") }), check: audit.CheckCheckpoint, position: audit.NoPosition},
		{name: "a checkpoint in invalid UTF-8", server: altered(w.handler, "/log/checkpoint", func(b []byte) []byte { return append([]byte("\xff\xfe"), b...) }), check: audit.CheckCheckpoint, position: audit.NoPosition},
		{name: "a signature altered", server: altered(w.handler, "/log/checkpoint", func(b []byte) []byte {
			b = bytes.Clone(b)
			if at := len(b) - 20; b[at] == 'A' {
				b[at] = 'B'
			} else {
				b[at] = 'A'
			}
			return b
		}), check: audit.CheckSignature, position: audit.NoPosition},
		{name: "a key that is none", server: altered(w.handler, "/log/key", func([]byte) []byte { return []byte("key\n") }), check: audit.CheckKey, position: audit.NoPosition},
		{name: "a section altered", server: altered(w.handler, sections, w.sections(t, position, func(s []section) []section {
			s[0].Content = strings.Replace(s[0].Content, "{", "{ ", 1)
			return s
		})), check: audit.CheckSection, position: position, words: []string{name}},
		{name: "a section withheld as if erased", server: altered(w.handler, sections, w.sections(t, position, func([]section) []section { return nil })),
			check: audit.CheckMissing, position: position, words: []string{name}},
		{name: "a section in invalid UTF-8", server: altered(w.handler, sections, replaced(`"content":"{`, "\"content\":\"\xff{")), check: audit.CheckAnswer, position: audit.NoPosition,
			words: []string{"sections/", "UTF-8"}},
		{name: "an erased section served", server: altered(w.handler, fmt.Sprintf("/log/sections/%d", w.gone/256), func([]byte) []byte { return w.before }),
			check: audit.CheckErased, position: w.gone, words: []string{"text"}},
		{name: "no sections at all", server: missing(w.handler, "/log/sections/"), check: audit.CheckMissing, position: audit.NoPosition},
		{name: "an answer without end", server: endless(w.handler, "/log/tile/0/001", false), check: audit.CheckAnswer, position: 256, words: []string{"tile/0/001"}},
		{name: "a gzip bomb", server: endless(w.handler, sections, true), check: audit.CheckAnswer, position: audit.NoPosition, words: []string{"sections/", "more than"}},
	}
}

// lyingSite says other things in the API than the log does.
func lyingSite(t *testing.T, w *world) []lie {
	var balance civic.Balance
	if err := json.Unmarshal(get(t, w.handler, "/api/v1/balance"), &balance); err != nil {
		t.Fatal(err)
	}
	var promise *civic.Commitment
	var office act.ID
	var slug string
	w.View(func(s *civic.State) {
		promise = s.Commitments()[0]
		slug = s.Dialogues()[0].Slug
		for _, o := range slices.Backward(s.Organisations()) {
			if o.Authority {
				office = o.ID // the first: it is in every sample
			}
		}
	})
	at, err := w.Locate(t.Context(), promise.ID)
	if err != nil {
		t.Fatal(err)
	}
	// From the answer's own text, so that a test whose figure is not there fails.
	answered := fmt.Sprintf(`"answered":%d`, balance.Answered)
	return []lie{
		{name: "a figure of the balance changed", server: alteredAt(w.handler, "/api/v1/balance", replaced(answered, fmt.Sprintf(`"answered":%d`, balance.Answered+1))),
			check: audit.CheckFigure, position: audit.NoPosition, words: []string{"balance answered", strconv.Itoa(balance.Answered + 1)}},
		{name: "a dialogue's balance changed", server: altered(w.handler, "/api/v1/balance?dialogue="+slug, replaced(`"registered":`, `"registered":9`)),
			check: audit.CheckFigure, position: audit.NoPosition, words: []string{"dialogue=" + slug, "registered"}},
		{name: "an authority's figure changed", server: altered(w.handler, "/api/v1/authorities/"+office.String(), replaced(`"fell_due":`, `"fell_due":9`)),
			check: audit.CheckFigure, position: audit.NoPosition, words: []string{office.String(), "fell_due"}},
		{name: "an authority hidden", server: altered(w.handler, "/api/v1/authorities", func(body []byte) []byte {
			var all []json.RawMessage
			if json.Unmarshal(body, &all) != nil {
				return body // one authority
			}
			all = all[1:]
			body, _ = json.Marshal(all)
			return body
		}), check: audit.CheckAuthority, position: audit.NoPosition},
		{name: "a commitment's first date changed", server: altered(w.handler, "/api/v1/commitments", replaced(`"first_end":"`+promise.CommitmentMade.End, `"first_end":"2031-01-01`)),
			check: audit.CheckCommitment, position: at, words: []string{"first_end", promise.CommitmentMade.End, "2031-01-01"}},
		{name: "a commitment's state changed", server: altered(w.handler, "/api/v1/commitments", func(body []byte) []byte {
			for _, state := range civic.CommitmentStates {
				body = bytes.ReplaceAll(body, []byte(`"state":"`+string(state)+`"`), []byte(`"state":"CONFIRMED"`))
			}
			return body
		}), check: audit.CheckCommitment, position: at, words: []string{"state", "CONFIRMED"}},
		{name: "a commitment hidden", server: altered(w.handler, "/api/v1/commitments", func([]byte) []byte { return []byte(`{"commitments":[]}`) }),
			check: audit.CheckCommitment, position: at, words: []string{promise.ID.String()}},
		{name: "a clock of another day", server: header(w.handler, "/api/v1/balance", "Samleng-As-At", "2026-10-01T00:00:00Z"), check: audit.CheckTime, position: audit.NoPosition,
			words: []string{"2026-10-01"}},
		{name: "an answer that is no JSON", server: altered(w.handler, "/api/v1/balance", func([]byte) []byte { return []byte("<html>") }), check: audit.CheckAnswer,
			position: audit.NoPosition, words: []string{"balance"}},
		{name: "an answer in invalid UTF-8", server: altered(w.handler, "/api/v1/commitments", replaced(`"id":"`, "\"id\":\"\xff")), check: audit.CheckAnswer,
			position: audit.NoPosition, words: []string{"UTF-8"}},
	}
}

func missing(next http.Handler, prefix string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, prefix) {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func header(next http.Handler, prefix, name, value string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, prefix) {
			next.ServeHTTP(w, r)
			return
		}
		out := httptest.NewRecorder()
		next.ServeHTTP(out, r)
		for name, values := range out.Header() {
			w.Header()[name] = values
		}
		w.Header().Set(name, value)
		w.WriteHeader(out.Code)
		w.Write(out.Body.Bytes())
	})
}

// endless answers for ever, or with so much in gzip.
func endless(next http.Handler, prefix string, packed bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, prefix) {
			next.ServeHTTP(w, r)
			return
		}
		zeros := make([]byte, 1<<16)
		if !packed {
			for r.Context().Err() == nil {
				if _, err := w.Write(zeros); err != nil {
					return
				}
			}
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		bomb := gzip.NewWriter(w)
		for range 1 << 11 { // 128 MiB
			if _, err := bomb.Write(zeros); err != nil {
				return
			}
		}
		bomb.Close()
	})
}

// section is an open section as it is published.
type section struct {
	Name    string `json:"name"`
	Salt    string `json:"salt"`
	Content string `json:"content"`
}

type actSections struct {
	Position int64     `json:"position"`
	Sections []section `json:"sections"`
}

// sections changes what is published of one act's sections.
func (w *world) sections(t testing.TB, position int64, change func([]section) []section) func([]byte) []byte {
	return func(body []byte) []byte {
		var acts []actSections
		if err := json.Unmarshal(body, &acts); err != nil {
			t.Error(err)
		}
		for i := range acts {
			if acts[i].Position == position {
				acts[i].Sections = change(acts[i].Sections)
			}
		}
		acts = slices.DeleteFunc(acts, func(a actSections) bool { return len(a.Sections) == 0 })
		body, err := json.Marshal(acts)
		if err != nil {
			t.Error(err)
		}
		return body
	}
}

// openSection finds the first open section of a view's words.
func (w *world) openSection(t testing.TB) (position int64, name string) {
	t.Helper()
	for b := int64(0); ; b++ {
		var acts []actSections
		if err := json.Unmarshal(get(t, w.handler, fmt.Sprintf("/log/sections/%d", b)), &acts); err != nil {
			t.Fatal(err)
		}
		for _, a := range acts {
			if a.Sections[0].Name == "text" && a.Position >= 512 {
				return a.Position, "text"
			}
		}
	}
}

// failing answers with an error every so many requests.
func failing(next http.Handler, every int64) http.Handler {
	var requests atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1)%every == 0 {
			http.Error(w, "no", http.StatusInternalServerError)
			return
		}
		next.ServeHTTP(w, r)
	})
}
