package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/api"
	"samleng/translog"
)

// crowd puts n views forward and publishes every other one, many at a time.
func (w *world) crowd(t testing.TB, n int) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			who := civic.Actor{By: act.Participant, Participant: w.Participant(fmt.Sprint(i), w.dialogue)}
			receipt, err := w.Submit(context.Background(), who, act.Draft{By: who.By, Of: w.dialogue,
				Facts:   &act.StatementRegistered{Channel: "api", Written: "khm", Visibility: "open"},
				Content: map[string]any{"text": &act.Text{Text: fmt.Sprint("view ", i)}, "source": &act.Source{Participant: &who.Participant}}}, nil)
			if err == nil && i%2 == 0 {
				_, err = w.Submit(context.Background(), civic.System, act.Draft{By: act.System, Of: receipt.Act, Facts: &act.StatementPublished{}}, nil)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestOutsiderFoldsTheLog reads the published log as an outsider does, checks it
// against the checkpoint, opens what is open, and folds it to the same public
// state. Then it finds the same words.
func TestOutsiderFoldsTheLog(t *testing.T) {
	w := newWorld(t)
	w.crowd(t, 300)
	if err := w.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	published := w.Position()
	var inside []byte
	w.View(func(s *civic.State) { inside, _ = s.PublicJSON() })
	w.crowd(t, 3) // behind the checkpoint: not to be seen yet
	verifier, err := translog.NewVerifier(strings.TrimSpace(string(w.get(t, "/log/key").ok(200).Body)))
	if err != nil {
		t.Fatal(err)
	}
	answer := w.get(t, "/log/checkpoint").ok(200)
	if answer.Header.Get("Content-Type") != "text/plain; charset=utf-8" || strings.Contains(answer.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("the checkpoint's headers: %v", answer.Header)
	}
	checkpoint, err := translog.Open(answer.Body, "test.example/register", verifier)
	if err != nil || checkpoint.Size != published {
		t.Fatalf("size %d, not %d: %v", checkpoint.Size, published, err)
	}
	reader, err := translog.NewReader(t.Context(), checkpoint.Checkpoint, func(_ context.Context, path string) ([]byte, error) {
		answer := w.get(t, "/log/"+path)
		if answer.Code == http.StatusNotFound {
			return nil, fs.ErrNotExist
		}
		if !strings.Contains(answer.ok(200).Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %v", path, answer.Header)
		}
		return answer.Body, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	open := w.openSections(t, checkpoint.Size)
	outside, position, words := civic.New(), int64(0), 0
	for entry, err := range reader.Entries(0) {
		if err != nil {
			t.Fatal(err)
		}
		// Decode holds every section to the digest in the header.
		a, err := act.Decode(bytes.Clone(entry), open[position])
		if err != nil {
			t.Fatalf("act at %d: %v", position, err)
		}
		if err := outside.Apply(a); err != nil {
			t.Fatal(err)
		}
		for _, section := range open[position] {
			if section.Name == "text" {
				words++
			}
		}
		position++
	}
	if position != checkpoint.Size || words != 150 {
		t.Errorf("%d acts of %d; words of %d views, not of 150", position, checkpoint.Size, words)
	}
	if folded, err := outside.PublicJSON(); err != nil || !bytes.Equal(folded, inside) {
		t.Errorf("an outsider's public state is another one: %v", err)
	}
	w.get(t, fmt.Sprintf("/log/tile/entries/%03d.p/%d", published/256, published%256+1)).problem(404, "problem.not_found")
	w.get(t, fmt.Sprintf("/log/tile/entries/%03d.p/%d", published/256, published%256-1)).ok(200)
	w.get(t, fmt.Sprintf("/log/sections/%d", published/256+1)).problem(404, "problem.not_found")
	for _, path := range []string{"00", "-1", "x", "+1", "99999999999999999999"} {
		w.get(t, "/log/sections/"+path).problem(404, "problem.not_found")
	}
}

// TestSectionsUnchanged: whoever keeps a copy is not sent the same again.
func TestSectionsUnchanged(t *testing.T) {
	w := newWorld(t)
	if err := w.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	const path = "/log/sections/0"
	whole := w.get(t, path).ok(200).Body
	tag := fmt.Sprintf(`"%x"`, sha256.Sum256(whole))
	if again := w.get(t, path, "If-None-Match", tag).ok(304); len(again.Body) != 0 || again.Header.Get("ETag") != tag {
		t.Errorf("%v %s", again.Header, again.Body)
	}
	if other := w.get(t, path, "If-None-Match", `"0123"`).ok(200); !bytes.Equal(other.Body, whole) {
		t.Errorf("%s", other.Body)
	}
	w.get(t, "/log/sections/9", "If-None-Match", tag).problem(404, "problem.not_found")
}

// openSections fetches the open sections of a log of size acts.
func (w *world) openSections(t testing.TB, size int64) map[int64][]act.Section {
	t.Helper()
	open := map[int64][]act.Section{}
	for bundle := int64(0); bundle*256 < size; bundle++ {
		var shown []struct {
			Position int64         `json:"position"`
			Sections []api.Opening `json:"sections"`
		}
		w.get(t, fmt.Sprintf("/log/sections/%d", bundle)).ok(200).into(&shown)
		for _, s := range shown {
			for _, o := range s.Sections {
				salt, err := base64.StdEncoding.DecodeString(o.Salt)
				if err != nil {
					t.Fatal(err)
				}
				open[s.Position] = append(open[s.Position], act.Section{Name: o.Name, Salt: act.Salt(salt), Content: []byte(o.Content)})
			}
		}
	}
	return open
}

// TestServe serves a register until it is interrupted, for trying other
// verifiers on it.
func TestServe(t *testing.T) {
	addr := os.Getenv("SAMLENG_TEST_SERVE")
	if addr == "" {
		t.Skip("set SAMLENG_TEST_SERVE to an address such as 127.0.0.1:8999 to have a log of some thousand acts served there, for other programs to verify")
	}
	w := newWorld(t)
	w.crowd(t, 3000)
	if err := w.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Addr: addr, Handler: w.handler}
	t.Logf("%d acts at http://%s/log/; key %s", w.Position(), addr, w.VerifierKey())
	fmt.Printf("%d acts at http://%s/log/\n%s\n", w.Position(), addr, w.VerifierKey())
	t.Fatal(server.ListenAndServe())
}

// FuzzTilePath asks for tiles by paths of any kind: what is served is a tile of
// the log, and everything else is a problem.
func FuzzTilePath(f *testing.F) {
	w := newWorld(f)
	w.crowd(f, 5)
	if err := w.Publish(f.Context()); err != nil {
		f.Fatal(err)
	}
	size := w.Position()
	for _, path := range []string{"0/000", fmt.Sprintf("0/000.p/%d", size), "entries/000.p/1", "1/000", "0/x001/000", "0/../0/000.p/1", "8/000.p/1", "0/000.p/0"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		request := w.request("GET", "/log/tile/", "")
		request.URL.Path += path
		answer := w.do(t, request)
		tile, err := translog.ParseTilePath("tile/" + path)
		switch answer.Code {
		case http.StatusOK:
			if err != nil || !tile.In(size) {
				t.Errorf("%q is served", path)
			}
		case http.StatusNotFound:
			if err == nil && tile.In(size) {
				t.Errorf("%q is not served", path)
			}
		case http.StatusTemporaryRedirect, http.StatusMovedPermanently: // a path that has to be cleaned first
		default:
			t.Errorf("%q: status %d", path, answer.Code)
		}
	})
}

// FuzzBodies posts anything anywhere: it is answered, and whatever is refused
// is a problem.
func FuzzBodies(f *testing.F) {
	w := newWorld(f)
	receipt := w.putForward(f, "one", api.View{Text: text})
	w.publish(f, receipt.Act)
	paths := []string{"dialogues/one/statements", "dialogues/one/ballots", "dialogues/one/next", "receipts", "receipts/file"}
	for i, body := range []string{
		`{"text":"ទឹកស្អាត","themes":["water"],"token":"` + newToken(f) + `"}`,
		`{"votes":[{"statement":"` + receipt.Act + `","vote":"agree"}],"participant":"` + newToken(f) + `"}`,
		`{"skip":["` + receipt.Act + `"],"participant":"` + newToken(f) + `"}`,
		`{"code":"` + receipt.Code + `","secret":"` + receipt.Secret + `"}`,
		`{"code":"KH","secret":""}`,
	} {
		f.Add(uint8(i), "", body)
	}
	f.Fuzz(func(t *testing.T, path uint8, key, body string) {
		request := w.request("POST", "/api/v1/"+paths[int(path)%len(paths)], body)
		request.Header["Idempotency-Key"] = []string{key}
		answer := w.do(t, request)
		if answer.Code >= 500 {
			t.Errorf("status %d: %s", answer.Code, answer.Body)
		}
		if answer.Code >= 400 && answer.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("status %d is no problem: %s", answer.Code, answer.Body)
		}
	})
}

// FuzzDecodeBody decodes anything as a view: what is accepted is one object of
// known members, so encoding it again is accepted too.
func FuzzDecodeBody(f *testing.F) {
	f.Add([]byte(`{"text":"a","themes":["b"]}`))
	f.Add([]byte(`{"text":"a","x":1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var view api.View
		if api.DecodeBody(body, &view) != nil {
			return
		}
		again, err := json.Marshal(view)
		if err != nil {
			t.Fatal(err)
		}
		var second api.View
		if err := api.DecodeBody(again, &second); err != nil {
			t.Errorf("%s from %q: %v", again, body, err)
		}
	})
}
