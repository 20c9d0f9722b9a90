package witness_test

import (
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/translog"
	"samleng/witness"
)

var update = flag.Bool("update", false, "write testdata anew")

// TestLitewitnessVectors sends the requests that litewitness, the witness of the
// author of C2SP tlog-witness, is tested with, and wants the same answers. C2SP
// itself publishes no machine-readable vectors of this protocol (neither in its
// own repository nor in its collection of test vectors, CCTV); these are the
// nearest to them. Their source and licence stand in the file.
func TestLitewitnessVectors(t *testing.T) {
	var v struct {
		LogKey string `json:"log_key"`
		Key    string `json:"witness_secret_key"`
		Steps  []struct {
			Body     string `json:"body"`
			Status   int    `json:"status"`
			Contains string `json:"contains"`
			Equals   string `json:"equals"`
		} `json:"steps"`
	}
	if err := json.Unmarshal(must[[]byte](t)(os.ReadFile(filepath.Join("testdata", "litewitness.json"))), &v); err != nil {
		t.Fatal(err)
	}
	log := must[witness.Log](t)(witness.NewLog(v.LogKey))
	by := must[*witness.Witness](t)(witness.New(witness.Config{Key: v.Key, Dir: t.TempDir(), Logs: []witness.Log{log},
		Now: time.Now, Log: slog.New(slog.DiscardHandler)}))
	own := must[note.Verifier](t)(translog.NewVerifier(by.VerifierKey()))
	for i, step := range v.Steps {
		answer := post(by, []byte(step.Body))
		body := answer.Body.String()
		if answer.Code != step.Status || !strings.Contains(body, step.Contains) || step.Equals != "" && body != step.Equals {
			t.Errorf("step %d: %d %q, want %d %q%q", i, answer.Code, body, step.Status, step.Contains, step.Equals)
		}
		if answer.Code == http.StatusConflict && answer.Header().Get("Content-Type") != "text/x.tlog.size" {
			t.Errorf("step %d: %v", i, answer.Header())
		}
		if answer.Code == http.StatusOK {
			_, checkpoint, _ := strings.Cut(step.Body, "\n\n")
			if _, err := note.Open([]byte(checkpoint+body), note.VerifierList(own)); err != nil {
				t.Errorf("step %d: %v", i, err)
			}
		}
	}
	if len(v.Steps) != 9 {
		t.Errorf("%d steps", len(v.Steps))
	}
	if last := must[witness.State](t)(by.Last(log.Origin)); last.Size != 5 {
		t.Errorf("it remembers size %d", last.Size)
	}
}

// The examples of the texts of C2SP tlog-witness and tlog-cosignature
// (https://c2sp.org, CC BY 4.0). Their keys are not published, so that they can
// be read but not verified.
const (
	exampleRequest = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
`
	exampleAnswer = `— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==
— witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==
— witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==
`
	exampleCosigned = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`
)

func TestSpecificationExamples(t *testing.T) {
	r := must[witness.Request](t)(witness.ParseRequest([]byte(exampleRequest)))
	if r.Old != 20852014 || len(r.Proof) != 4 || string(r.Encode()) != exampleRequest {
		t.Errorf("%+v", r)
	}
	c := must[translog.Checkpoint](t)(translog.ReadForeign(r.Checkpoint))
	if c.Origin != "example.com/behind-the-sofa" || c.Size != 20852163 {
		t.Errorf("%+v", c)
	}
	merged, added, err := witness.Merge(r.Checkpoint, []byte(exampleAnswer))
	if err != nil || added != 0 || string(merged) != string(r.Checkpoint) {
		t.Errorf("lines by unknown keys: %d, %v\n%s", added, err, merged)
	}
	again := must[translog.Checkpoint](t)(translog.ReadForeign([]byte(exampleCosigned)))
	_, line, _ := strings.Cut(exampleCosigned, "— witness.example.com/w1 ")
	at, err := translog.CosignatureTime(note.Signature{Base64: strings.TrimSpace(line)})
	// The signed message of the example begins with this time.
	if err != nil || at.Unix() != 1679315147 || again != c {
		t.Errorf("%v %v %+v", at, err, again)
	}
}

// vectors is the form of testdata/vectors.json, which another witness can be
// tested with. Each case is of its own: give the witness its memory, send the
// body by POST to add-checkpoint, compare.
type vectors struct {
	About      string   `json:"about"`
	LogKey     string   `json:"log_key"`            // the only log known
	WitnessKey string   `json:"witness_key"`        // verifier key
	Secret     string   `json:"witness_secret_key"` // of tests only
	Clock      int64    `json:"clock"`              // seconds since 1970
	Cases      []vector `json:"cases"`
}

type vector struct {
	Name   string `json:"name"`
	Memory string `json:"memory"` // signed checkpoint that the witness cosigned last; "" for none
	Body   string `json:"body"`
	Status int    `json:"status"`
	// Type is the content type wanted; "" for any.
	Type string `json:"content_type"`
	// Answer is the body wanted; "" for any, if it has no signature.
	Answer string `json:"answer"`
	After  int64  `json:"size_after"` // what is remembered then
}

func (w *world) vectors() vectors {
	v := vectors{About: "C2SP tlog-witness, add-checkpoint: what a witness has to answer. Statuses and memory follow from the specification; the answers of 200 are exact, for Ed25519 signs the same text in one way.",
		LogKey: w.logKey, WitnessKey: w.vkey, Secret: w.key, Clock: signedAt.Unix()}
	edited := func(r witness.Request, edit func(*witness.Request)) witness.Request {
		edit(&r)
		return r
	}
	proof := []translog.Hash{{}}
	good := w.log.request(7, 12)
	add := func(name string, remembered int64, body string, status int) {
		v.Cases = append(v.Cases, vector{Name: name, Memory: w.remembered(remembered), Body: body, Status: status})
	}
	ask := func(name string, remembered int64, r witness.Request, status int) {
		add(name, remembered, string(r.Encode()), status)
	}
	ask("first checkpoint", 0, w.log.request(0, 7), 200)
	ask("larger checkpoint", 7, good, 200)
	ask("same size, same root", 7, w.log.request(7, 7), 200)
	ask("first checkpoint of an empty log", 0, w.log.request(0, 0), 200)
	ask("with extension lines", 7, edited(good, func(r *witness.Request) { r.Checkpoint = w.log.signed(12, "extension", "another") }), 200)
	ask("with a line by an unknown key", 7, edited(good, func(r *witness.Request) { r.Checkpoint = append(r.Checkpoint, unknownLine...) }), 200)
	ask("old size too small", 7, w.log.request(3, 12), 409)
	ask("old size zero to learn the size", 7, w.log.request(0, 12), 409)
	ask("old size too large", 3, good, 409)
	ask("an older checkpoint", 12, w.log.request(3, 7), 409)
	ask("same size, another root", 12, w.fork.request(12, 12), 409)
	ask("a fork", 7, w.fork.request(7, 12), 422)
	ask("no proof", 7, edited(good, func(r *witness.Request) { r.Proof = nil }), 422)
	ask("a hash of the proof changed", 7, edited(good, func(r *witness.Request) { r.Proof[0][3] ^= 1 }), 422)
	ask("a hash too many", 7, edited(w.log.request(7, 12), func(r *witness.Request) { r.Proof = append(r.Proof, translog.Hash{}) }), 422)
	ask("a proof for the first checkpoint", 0, edited(w.log.request(0, 7), func(r *witness.Request) { r.Proof = proof }), 422)
	ask("a proof for the same size", 7, edited(w.log.request(7, 7), func(r *witness.Request) { r.Proof = proof }), 422)
	ask("an empty log with a root", 0, witness.Request{Checkpoint: must[[]byte](w.t)(note.Sign(&note.Note{Text: testOrigin + "\n0\n" + translog.Hash{}.String() + "\n"}, w.log.signer))}, 422)
	good = w.log.request(7, 12)
	ask("an unknown log", 7, edited(good, func(r *witness.Request) {
		r.Checkpoint = []byte(strings.Replace(string(r.Checkpoint), testOrigin+"\n", "log.example/two\n", 1))
	}), 404)
	ask("a signature that does not verify", 7, edited(good, func(r *witness.Request) {
		r.Checkpoint = []byte(strings.Replace(string(r.Checkpoint), "\n12\n", "\n13\n", 1))
	}), 403)
	ask("no signature by a known key", 7, edited(good, func(r *witness.Request) {
		text, _, _ := strings.Cut(string(r.Checkpoint), "\n\n")
		r.Checkpoint = []byte(text + "\n\n" + unknownLine)
	}), 403)
	ask("old size above the checkpoint's", 7, edited(w.log.request(7, 7), func(r *witness.Request) { r.Old = 8 }), 400)
	ask("too many hashes", 7, edited(good, func(r *witness.Request) { r.Proof = make([]translog.Hash, witness.MaxProof+1) }), 400)
	body := string(good.Encode())
	for name, bad := range map[string]string{
		"empty":                       "",
		"no old size":                 strings.Replace(body, "old 7\n", "", 1),
		"old size with a zero before": strings.Replace(body, "old 7", "old 07", 1),
		"old size with a sign":        strings.Replace(body, "old 7", "old +7", 1),
		"old size below zero":         strings.Replace(body, "old 7", "old -7", 1),
		"old size too long":           strings.Replace(body, "old 7", "old 99999999999999999999", 1),
		"old size and a space":        strings.Replace(body, "old 7", "old 7 ", 1),
		"carriage returns":            strings.ReplaceAll(body, "\n", "\r\n"),
		"no empty line":               strings.Replace(body, "\n\n", "\n", 1),
		"a short hash":                strings.Replace(body, "=\n", "\n", 1),
		"no newline at the end":       strings.TrimSuffix(body, "\n"),
		"no checkpoint":               "old 7\n\n",
		"a checkpoint of two lines":   "old 7\n\n" + testOrigin + "\n12\n\n" + unknownLine,
		"size with a zero before":     strings.Replace(body, "\n12\n", "\n012\n", 1),
	} {
		add("malformed: "+name, 7, bad, 400)
	}
	return v
}

// unknownLine is a signature line by a key that nobody has.
const unknownLine = "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"

// remembered is the memory of a witness that signed a size.
func (w *world) remembered(size int64) string {
	if size == 0 {
		return ""
	}
	return string(w.published(w.log, size))
}

// TestVectors sends each vector to a witness of its own. With -update the file
// is written anew: names, bodies and statuses from what stands above, the rest
// from what the witness answers.
func TestVectors(t *testing.T) {
	w := newWorld(t)
	name := filepath.Join("testdata", "vectors.json")
	var v vectors
	if *update {
		v = w.vectors()
	} else if err := json.Unmarshal(must[[]byte](t)(os.ReadFile(name)), &v); err != nil {
		t.Fatal(err)
	}
	statuses := map[int]int{}
	for i, c := range v.Cases {
		w.dir = filepath.Join(t.TempDir(), "memory")
		by := w.witness()
		before := int64(0)
		if c.Memory != "" {
			from := must[translog.Checkpoint](t)(translog.ReadForeign([]byte(c.Memory)))
			before = from.Size
			if _, caughtUp, err := by.CatchUp(t.Context(), testOrigin, []byte(c.Memory), w.log.prove); err != nil || !caughtUp {
				t.Fatal(err)
			}
		}
		answer := post(by, []byte(c.Body))
		got := c
		got.Status, got.After = answer.Code, size(t, by)
		got.Type, got.Answer = answer.Header().Get("Content-Type"), answer.Body.String()
		if got.Type != "text/x.tlog.size" {
			got.Type = ""
		}
		if got.Status != http.StatusOK && got.Type == "" {
			if strings.Contains(got.Answer, "—") {
				t.Errorf("%s: a signature with status %d", c.Name, got.Status)
			}
			got.Answer = ""
			if got.After != before {
				t.Errorf("%s: the memory went from %d to %d", c.Name, before, got.After)
			}
		}
		statuses[got.Status]++
		if *update {
			if got.Status != c.Status {
				t.Errorf("%s: status %d, want %d: %s", c.Name, got.Status, c.Status, answer.Body)
			}
			v.Cases[i] = got
		} else if got != c {
			t.Errorf("%s:\n got %+v\nwant %+v", c.Name, got, c)
		}
	}
	for _, status := range []int{200, 400, 403, 404, 409, 422} {
		if statuses[status] == 0 {
			t.Errorf("no vector of status %d", status)
		}
	}
	if *update {
		content := must[[]byte](t)(json.MarshalIndent(v, "", " "))
		if err := os.WriteFile(name, append(content, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
