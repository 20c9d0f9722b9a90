package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/translog"
)

// shownReceipt is what the page's script finds of a receipt.
type shownReceipt struct {
	Failed, About string
	Pending       bool
	Opened        []string
	Closed        []string
	Size          int64
	Cosigned      []string
}

// runReceipts verifies files (base64) with the page's script and gives what it
// finds of each.
const runReceipts = `(async function (rows) {
	const kinds = document.getElementById("device").getAttribute("data-kinds").split("|"), out = [];
	for (const row of rows) {
		const keys = [];
		for (const text of row.keys) { keys.push(await samleng.parseKey(text)); }
		if (keys.includes(null)) { throw new Error("no key among " + row.keys); }
		const r = await samleng.verifyReceipt(samleng.base64(row.file), row.origin, keys, kinds);
		const opened = r.failed ? [] : r.file.openings.map(o => o.name), names = r.failed ? [] : r.header.sections.map(s => s.name);
		if (!r.failed && r.checkpoint && r.checkpoint.unchecked) { throw new Error("this browser cannot check signatures"); }
		out.push({ Failed: r.failed, About: r.about || "", Pending: !r.failed && r.pending, Opened: names.filter(n => opened.includes(n)), Closed: names.filter(n => !opened.includes(n)),
			Size: !r.failed && r.checkpoint ? r.checkpoint.size : 0, Cosigned: !r.failed && r.checkpoint ? r.checkpoint.cosignatures.map(w => w.name + " " + w.time) : [] });
	}
	return out;
})`

type receiptRow struct {
	Origin string   `json:"origin"`
	Keys   []string `json:"keys"`
	File   []byte   `json:"file"`
}

func (b *tab) receipts(rows []receiptRow) []shownReceipt {
	b.t.Helper()
	encoded, err := json.Marshal(rows)
	if err != nil {
		b.t.Fatal(err)
	}
	found := eval[[]shownReceipt](b, runReceipts+"("+string(encoded)+")", chromedp.EvalAwaitPromise)
	if len(found) != len(rows) {
		b.t.Fatalf("%d of %d receipts", len(found), len(rows))
	}
	return found
}

// byGo is what package translog finds of the same.
func byGo(t *testing.T, row receiptRow) shownReceipt {
	t.Helper()
	var known []note.Verifier
	for _, key := range row.Keys {
		v, err := translog.NewVerifier(key)
		if err != nil {
			t.Fatal(err)
		}
		known = append(known, v)
	}
	r, err := translog.DecodeReceipt(row.File)
	var report translog.Report
	if err == nil {
		report, err = r.Verify(row.Origin, known...)
	}
	if failed, is := errors.AsType[*translog.ReceiptError](err); is {
		return shownReceipt{Failed: string(failed.Check)}
	} else if err != nil {
		t.Fatal(err)
	}
	s := shownReceipt{Pending: report.Pending, Opened: report.Opened, Closed: report.Closed, Size: report.Checkpoint.Size}
	for _, w := range report.Checkpoint.Cosignatures {
		s.Cosigned = append(s.Cosigned, fmt.Sprint(w.Name, " ", w.Time.Unix()))
	}
	return s
}

func (s shownReceipt) String() string {
	return fmt.Sprint(s.Failed, s.Pending, s.Opened, s.Closed, s.Size, s.Cosigned)
}

// vector is a row of doc/vectors/receipt.json.
type vector struct {
	Name       string
	Origin     string
	Keys       []string
	File       string
	Base64     []byte
	Spaces     int
	Check      string
	Section    string
	Vocabulary bool
}

func (v vector) row() receiptRow {
	file := []byte(v.File)
	if v.Base64 != nil {
		file = v.Base64
	}
	return receiptRow{v.Origin, v.Keys, append(bytes.Clone(file), strings.Repeat(" ", v.Spaces)...)}
}

func readVectors(t *testing.T) (good, bad []vector) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "doc", "vectors", "receipt.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Good, Bad []vector }
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Good) < 15 || len(all.Bad) < 100 {
		t.Fatalf("only %d good and %d bad receipts", len(all.Good), len(all.Bad))
	}
	return all.Good, all.Bad
}

// TestScriptAgreesWithGo runs every vector, and files with bytes changed at
// random, through the page's script and through package translog.
func TestScriptAgreesWithGo(t *testing.T) {
	s := start(t)
	b := s.open(t, wide)
	b.visit("/verify?lang=en")
	good, bad := readVectors(t)
	var rows []receiptRow
	for _, v := range slices.Concat(good, bad) {
		rows = append(rows, v.row())
	}
	for i, found := range b.receipts(rows) {
		v := slices.Concat(good, bad)[i]
		want := byGo(t, rows[i])
		if v.Vocabulary {
			// What each kind may hold is known to auditors, not to the page.
			if want.Failed != "header" || found.Failed != "opening" && found.Failed != "inclusion" {
				t.Errorf("%s: %v", v.Name, found)
			}
			continue
		}
		if found.String() != want.String() || found.Failed != v.Check || v.Section != "" && found.About != v.Section {
			t.Errorf("%s: the script finds %v (about %q), translog %v", v.Name, found, found.About, want)
		}
	}

	random := rand.New(rand.NewPCG(5, 12))
	rows = rows[:0]
	for range 3000 {
		row := good[random.IntN(len(good))].row()
		for range 1 + random.IntN(2) {
			row.File = mutate(random, row.File)
		}
		rows = append(rows, row)
	}
	seen, behind := map[string]int{}, 0
	for i, found := range b.receipts(rows) {
		want := byGo(t, rows[i])
		seen[want.Failed]++
		if found.String() == want.String() {
			continue
		}
		if want.Failed == "header" && found.Failed != "format" && found.Failed != "header" {
			behind++ // a fact that is none, again
			continue
		}
		t.Errorf("the script finds %v, translog %v, of\n%q", found, want, rows[i].File)
	}
	t.Logf("of 3000 changed files, by the check that failed: %v; %d by the vocabulary alone", seen, behind)
	for _, check := range []string{"format", "header", "opening", "signature", "inclusion"} {
		if seen[check] == 0 {
			t.Errorf("no changed file failed %s: these changes show too little", check)
		}
	}
}

// runLog verifies the log's vectors with the page's script and gives what does
// not come out as it must.
const runLog = `(async function (v) {
	const wrong = [], bytes = h => samleng.base64(h), keys = [await samleng.parseKey(v.log_key), await samleng.parseKey(v.witness_key)];
	const leads = p => samleng.leadsTo(bytes(v.leaves[p.index]), p.index, p.size, p.proof.map(bytes), bytes(v.roots[p.size]));
	for (const p of v.inclusion) { if (!await leads(p)) { wrong.push("proof " + p.index + " of " + p.size); } }
	for (const p of v.bad.inclusion) { if (await leads(p)) { wrong.push("bad proof " + p.index + " of " + p.size); } }
	const c = await samleng.openCheckpoint(v.cosigned, "log.example/samleng", keys);
	if (c.size !== 12 || c.log.length !== 1 || c.cosignatures.length !== 1 || Number(c.cosignatures[0].time) !== v.cosigned_at) { wrong.push("checkpoint"); }
	for (const b of v.bad.checkpoints) {
		const why = await samleng.openCheckpoint(b.note, "log.example/samleng", keys).then(() => "nothing", e => e.why);
		if (!({ malformed: ["malformed"], origin: ["another log"], signature: ["wrong", "not signed", "another log"] })[b.error].includes(why)) { wrong.push(b.about + ": " + why); }
	}
	for (const p of v.paper) {
		const got = samleng.parsePaper(p.text);
		if (got.wrong !== undefined || got.origin !== (p.origin || "") || got.size !== (p.size || 0) || got.day !== (p.day || "") || !samleng.same(got.root, bytes(p.root))) { wrong.push("paper " + p.about); }
	}
	for (const p of v.bad.paper) { if (samleng.parsePaper(p.text).wrong !== (p.part || "")) { wrong.push("bad paper " + p.about); } }
	return wrong;
})`

// TestScriptReadsTheLog runs the vectors of the log that the page's script has to
// do with: proofs of inclusion, signed checkpoints, checkpoints on paper.
func TestScriptReadsTheLog(t *testing.T) {
	s := start(t)
	b := s.open(t, wide)
	b.visit("/verify?lang=en")
	data, err := os.ReadFile(filepath.Join("..", "doc", "vectors", "log.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range eval[[]string](b, runLog+"("+string(data)+")", chromedp.EvalAwaitPromise) {
		t.Error(wrong)
	}
}

// mutate changes a little of a file.
func mutate(random *rand.Rand, file []byte) []byte {
	at, other := random.IntN(len(file)), random.IntN(len(file))
	switch random.IntN(5) {
	case 0:
		file[at] ^= 1 << random.IntN(8)
	case 1:
		file[at] = file[other]
	case 2:
		file = slices.Delete(file, at, at+1)
	case 3:
		file = slices.Insert(file, at, file[other])
	case 4: // a digit or letter that is as good as another
		const digits = "0123456789abcdefABCDEFxyz+/=_-"
		file[at] = digits[random.IntN(len(digits))]
	}
	return file
}

// receipt gives the demonstration's receipt of the published view, as its
// holder saves it.
func (s *site) receipt(t *testing.T) []byte {
	t.Helper()
	for range 100 {
		reply, err := http.PostForm(s.Base+"/receipt/file", url.Values{"code": {s.Code}, "secret": {s.Secret}})
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		_, err = file.ReadFrom(reply.Body)
		reply.Body.Close()
		if err != nil || reply.StatusCode != http.StatusOK {
			t.Fatalf("%v %v", reply.Status, err)
		}
		if bytes.Contains(file.Bytes(), []byte(`"checkpoint"`)) {
			return file.Bytes()
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatal("no checkpoint ever covers the demonstration's view")
	return nil
}

// choose gives the page a file, as a reader does, and waits for what it says.
func (b *tab) choose(content []byte) string {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "receipt.json")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		b.t.Fatal(err)
	}
	eval[bool](b, `document.getElementById("device-verdict").replaceChildren(), true`)
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		document, err := chromedp.Call(ctx, dom.GetDocument, dom.GetDocumentParams{})
		if err != nil {
			return err
		}
		input, err := chromedp.Call(ctx, dom.QuerySelector, dom.QuerySelectorParams{NodeID: document.Root.NodeID, Selector: "#device-file"})
		if err != nil {
			return err
		}
		_, err = chromedp.Call(ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{file}, NodeID: input.NodeID})
		return err
	}))
	return b.verdict()
}

// verdict waits for the page to say what it found.
func (b *tab) verdict() string {
	b.t.Helper()
	for range 100 {
		if eval[bool](b, `document.querySelector("#device-verdict .found") !== null`) {
			return eval[string](b, `document.getElementById("device-verdict").innerText + "\n" + document.getElementById("device-result").innerText`)
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Fatalf("nothing was ever found:\n%s", b.text())
	return ""
}

// TestReceiptOnTheDevice checks the demonstration's receipt, whole and tampered
// with, where a reader does: in both languages, with no line, with a key that
// was brought, and in a browser that knows no Ed25519.
func TestReceiptOnTheDevice(t *testing.T) {
	s := start(t)
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("needs axe-core: npm ci in e2e")
	}
	file := s.receipt(t)
	receipt, err := translog.DecodeReceipt(file)
	if err != nil {
		t.Fatal(err)
	}
	// Another key under the log's own name.
	_, foreign, err := translog.GenerateKey(rand.NewChaCha8([32]byte{5}), s.origin(t))
	if err != nil {
		t.Fatal(err)
	}
	damaged := func(damage func(r *translog.Receipt)) []byte {
		r, err := translog.DecodeReceipt(file)
		if err != nil {
			t.Fatal(err)
		}
		damage(r)
		encoded, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	words := damaged(func(r *translog.Receipt) {
		o := &r.Openings[slices.IndexFunc(r.Openings, func(o act.Section) bool { return o.Name == "text" })]
		o.Content = bytes.Replace(o.Content, []byte(`{"text":"`), []byte(`{"text":"x`), 1)
	})
	proof := damaged(func(r *translog.Receipt) { r.Inclusion[0][0] ^= 1 })
	pending := damaged(func(r *translog.Receipt) { r.Checkpoint, r.Inclusion = nil, nil })
	known, err := translog.ReadForeign([]byte(receipt.Checkpoint))
	if err != nil {
		t.Fatal(err)
	}
	longer, fork := known, known
	longer.Size++
	fork.Root[31] ^= 1
	result := func(b *tab) string {
		return eval[string](b, `document.getElementById("device-result").innerText`)
	}
	says := map[string]map[string]string{
		"en": {"right": "This receipt is right", "kind": "“Registered”", "own": "with the key that you brought", "key": "The key that is known here did not sign this", "words": "not those that were registered (text)",
			"proof": "The proof does not lead", "pending": "Keep this file. The log is signed about once a minute", "cut": "The file is not a receipt", "part": "this browser cannot check signatures", "notkey": "Line 1 is not a key",
			"paper": "The checkpoint on your paper is the one in this receipt", "otherpaper": "They cannot be compared here", "forkpaper": "Two logs were shown", "badpaper": "Compare this part with the paper: the number of entries"},
		"km": {"right": "បង្កាន់ដៃនេះត្រឹមត្រូវ", "kind": "«បានកត់ត្រាទុក»", "own": "ដោយកូនសោដែលអ្នកយកមក", "key": "មិនបានចុះហត្ថលេខាលើនេះទេ", "words": "មិនមែនជាពាក្យដែលបានចុះបញ្ជីទេ (text)",
			"proof": "ភស្តុតាងមិននាំទៅដល់", "pending": "សូមរក្សាឯកសារនេះទុក", "cut": "មិនមែនជាបង្កាន់ដៃទេ", "part": "ផ្ទៀងផ្ទាត់ហត្ថលេខាមិនបាន", "notkey": "បន្ទាត់ទី 1 មិនមែនជាកូនសោ",
			"paper": "ដូចគ្នានឹងស្ថានភាពក្នុងបង្កាន់ដៃនេះ ត្រឹម", "otherpaper": "មិនអាចប្រៀបធៀបនៅទីនេះបានទេ", "forkpaper": "មានកំណត់ហេតុពីរត្រូវបានបង្ហាញ", "badpaper": "សូមផ្ទៀងផ្នែកនេះជាមួយក្រដាស៖ ចំនួនធាតុ"},
	}
	for window, size := range map[string][2]int64{"360": narrow, "1280": wide} {
		for language, say := range says {
			t.Run(language+" "+window, func(t *testing.T) {
				b := s.open(t, size)
				look := func(what, found string) {
					t.Helper()
					if !strings.Contains(found, say[what]) {
						t.Errorf("%s: the page does not say %q:\n%s", what, say[what], found)
					}
					b.inspect(string(axe))
					b.picture("device-"+what+"-"+language+"-"+window, true)
				}
				paste := func(keys string) {
					eval[bool](b, fmt.Sprintf(`document.querySelector("#device details").open = true, document.getElementById("device-verdict").replaceChildren(), document.getElementById("device-keys").value = %q, document.getElementById("device-keys").dispatchEvent(new Event("input")), true`, keys))
				}
				b.visit("/receipt?lang=" + language)
				// From here on there is no line: what is checked is checked here.
				b.offline(true)
				look("right", b.choose(file))
				look("words", b.choose(words))
				look("proof", b.choose(proof))
				look("cut", b.choose(file[:len(file)/2]))
				look("pending", b.choose(pending))
				b.choose(file)
				paste(foreign)
				look("key", b.verdict())
				paste(s.key(t))
				look("own", b.verdict())
				paste(known.Paper("2026-03-12"))
				look("paper", b.verdict()+result(b))
				paste(s.key(t) + "\n" + longer.Paper(""))
				look("otherpaper", b.verdict()+result(b))
				paste(fork.Paper(""))
				look("forkpaper", b.verdict()+result(b))
				paste(strings.Replace(known.Paper(""), "ធាតុ: ", "ធាតុ: 1", 1))
				look("badpaper", b.verdict()+eval[string](b, `document.getElementById("device-keys-wrong").innerText`))
				paste("a key")
				look("notkey", b.verdict()+eval[string](b, `document.getElementById("device-keys-wrong").innerText`))
				paste("")
				eval[bool](b, `SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException("", "NotSupportedError")), true`)
				look("part", b.choose(file))
				b.offline(false)

				b.visit("/receipt?lang=" + language)
				b.fill("#code", s.Code)
				b.fill("#secret", s.Secret)
				b.press("form[action='/receipt'] .button.big")
				b.do(chromedp.Click(chromedp.CSS("#device-mine")))
				found := b.verdict()
				var text struct{ Text string }
				if err := json.Unmarshal(receipt.Openings[slices.IndexFunc(receipt.Openings, func(o act.Section) bool { return o.Name == "text" })].Content, &text); err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(found, say["right"]) || !strings.Contains(found, say["kind"]) || !strings.Contains(found, text.Text) {
					t.Errorf("the holder's page says\n%s", found)
				}
				b.inspect(string(axe))
				b.picture("device-mine-"+language+"-"+window, true)
			})
		}
	}
}

// key and origin are the log's, as the site publishes them.
func (s *site) key(t *testing.T) string {
	t.Helper()
	reply, err := http.Get(s.Base + "/log/key")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	key, err := io.ReadAll(reply.Body)
	if err != nil || reply.StatusCode != http.StatusOK {
		t.Fatalf("%v %v", reply.Status, err)
	}
	return strings.TrimSpace(string(key))
}

func (s *site) origin(t *testing.T) string {
	name, _, _ := strings.Cut(s.key(t), "+")
	return name
}

// conditions are the parameters of Network.emulateNetworkConditions: the form of
// the command that browsers of several versions know.
type conditions struct {
	Offline            bool    `json:"offline"`
	Latency            float64 `json:"latency"`
	DownloadThroughput float64 `json:"downloadThroughput"`
	UploadThroughput   float64 `json:"uploadThroughput"`
}

var emulateConditions = cdp.Command[conditions, cdp.Empty]{Method: "Network.emulateNetworkConditions"}

// offline takes the line away, or gives it back.
func (b *tab) offline(off bool) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, emulateConditions, conditions{off, 0, -1, -1})
		return err
	}))
	if reached := eval[bool](b, `fetch("/log/key").then(() => true, () => false)`, chromedp.EvalAwaitPromise); reached == off {
		b.t.Fatalf("offline %v, and the site is reached: %v", off, reached)
	}
}
