package translog_test

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"samleng/act"
	"samleng/translog"
)

// testReceipt gives the complete receipt of an illustrative view that stands
// at index 5 of a log of 12 leaves, opened but for its source.
func testReceipt(t testing.TB) *translog.Receipt {
	t.Helper()
	var random counter
	a, err := act.New(act.Draft{
		By: act.Participant, Of: act.ID{7},
		Facts: &act.StatementRegistered{
			Channel: "assisted", Written: "km", Spoken: "km", ReadBack: "yes", Visibility: act.VisibilityOpen,
			Themes: []string{"water"},
		},
		Content: map[string]any{"text": &act.Text{Text: "ទឹកស្អាត <b>& more\u2028"}, "source": &act.Source{}},
	}, act.ID{1, 2, 3}, signedAt, &random)
	if err != nil {
		t.Fatal(err)
	}
	r := &translog.Receipt{Header: a.Leaf, Index: 5}
	for _, s := range a.Sections {
		if s.Name == "text" {
			r.Openings = append(r.Openings, s)
		}
	}
	leaves := translog.LeafHashes(entries(0, 12))
	leaves[5] = translog.LeafHash(a.Leaf)
	m := memory(must[[]translog.Hash](t)(translog.AppendHashes(0, leaves, memory{})))
	k := testKeys(t)
	signed, err := translog.Sign(translog.Checkpoint{
		Origin: testOrigin, Size: 12, Root: must[translog.Hash](t)(translog.Root(12, m)),
	}, k.log, k.witness)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Complete(signed, m); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReceipt(t *testing.T) {
	k, r := testKeys(t), testReceipt(t)
	data := must[[]byte](t)(r.Encode())
	back := must[*translog.Receipt](t)(translog.DecodeReceipt(data))
	report := must[translog.Report](t)(back.Verify(testOrigin, k.logKey, k.witnessKey))
	if report.Pending || len(report.Opened) != 1 || report.Opened[0] != "text" || len(report.Closed) != 1 ||
		report.Header.ID != (act.ID{1, 2, 3}) || report.Checkpoint.Size != 12 || len(report.Checkpoint.Cosignatures) != 1 {
		t.Errorf("report %+v", report)
	}

	pending := &translog.Receipt{Header: r.Header, Openings: r.Openings, Index: 5}
	data = must[[]byte](t)(pending.Encode())
	back = must[*translog.Receipt](t)(translog.DecodeReceipt(data))
	report = must[translog.Report](t)(back.Verify(testOrigin, k.logKey))
	if !back.Pending() || !report.Pending || report.Checkpoint.Size != 0 {
		t.Errorf("pending report %+v", report)
	}
}

// TestReceiptSaysWhatFailed breaks one thing at a time and wants that thing
// named.
func TestReceiptSaysWhatFailed(t *testing.T) {
	k := testKeys(t)
	foreign := counter(50)
	skey, _, _ := translog.GenerateKey(&foreign, testOrigin)
	for name, row := range map[string]struct {
		damage func(r *translog.Receipt)
		want   translog.Check
	}{
		"header":        {func(r *translog.Receipt) { r.Header = append(r.Header, ' ') }, translog.CheckHeader},
		"words":         {func(r *translog.Receipt) { r.Openings[0].Content = []byte(`{"text":"other"}`) }, translog.CheckOpening},
		"salt":          {func(r *translog.Receipt) { r.Openings[0].Salt[0] ^= 1 }, translog.CheckOpening},
		"name":          {func(r *translog.Receipt) { r.Openings[0].Name = "source" }, translog.CheckOpening},
		"no section":    {func(r *translog.Receipt) { r.Openings[0].Name = "ballot" }, translog.CheckOpening},
		"twice":         {func(r *translog.Receipt) { r.Openings = append(r.Openings, r.Openings[0]) }, translog.CheckOpening},
		"index":         {func(r *translog.Receipt) { r.Index = 4 }, translog.CheckInclusion},
		"past the end":  {func(r *translog.Receipt) { r.Index = 12 }, translog.CheckInclusion},
		"proof":         {func(r *translog.Receipt) { r.Inclusion[1][0] ^= 1 }, translog.CheckInclusion},
		"no checkpoint": {func(r *translog.Receipt) { r.Checkpoint = nil }, translog.CheckInclusion},
		"checkpoint":    {func(r *translog.Receipt) { r.Checkpoint = r.Checkpoint[:40] }, translog.CheckSignature},
		"another key": {func(r *translog.Receipt) {
			signer, _ := translog.NewSigner(skey)
			r.Checkpoint, _ = translog.Sign(translog.Checkpoint{Origin: testOrigin, Size: 12}, signer)
		}, translog.CheckSignature},
		"another root": {func(r *translog.Receipt) {
			r.Checkpoint, _ = translog.Sign(translog.Checkpoint{Origin: testOrigin, Size: 12}, k.log)
		}, translog.CheckInclusion},
		"another log": {func(r *translog.Receipt) {
			r.Checkpoint = bytes.Replace(r.Checkpoint, []byte(testOrigin), []byte("log.example/another"), 1)
		}, translog.CheckSignature},
	} {
		r := testReceipt(t)
		row.damage(r)
		_, err := r.Verify(testOrigin, k.logKey)
		if failed, ok := errors.AsType[*translog.ReceiptError](err); !ok || failed.Check != row.want {
			t.Errorf("%s: %v, want %s", name, err, row.want)
		}
	}
}

// TestReceiptBytesMatter changes one bit anywhere in a receipt file: it must no
// longer show the same with both signatures.
func TestReceiptBytesMatter(t *testing.T) {
	k := testKeys(t)
	data := must[[]byte](t)(testReceipt(t).Encode())
	rapid.Check(t, func(rt *rapid.T) {
		bad := bytes.Clone(data)
		bad[rapid.IntRange(0, len(bad)-1).Draw(rt, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(rt, "bit")
		r, err := translog.DecodeReceipt(bad)
		if err != nil {
			return
		}
		if report, err := r.Verify(testOrigin, k.logKey, k.witnessKey); err == nil && len(report.Checkpoint.Cosignatures) == 1 {
			rt.Fatalf("verified %s", bad)
		}
	})
}

func TestReceiptFileIsStrict(t *testing.T) {
	good := string(must[[]byte](t)(testReceipt(t).Encode()))
	for name, bad := range map[string][]byte{
		"empty":         nil,
		"null":          []byte("null\n"),
		"unknown field": []byte(`{"more":1,` + good[1:]),
		"repeated":      []byte(`{"version":1,` + good[1:]),
		"spaced":        []byte(" " + good),
		"no newline":    []byte(good[:len(good)-1]),
		"followed":      []byte(good + "{}\n"),
		"version":       bytes.Replace([]byte(good), []byte(`"version":1`), []byte(`"version":2`), 1),
		"case":          bytes.Replace([]byte(good), []byte(`"version"`), []byte(`"Version"`), 1),
		"index":         bytes.Replace([]byte(good), []byte(`"index":5`), []byte(`"index":-5`), 1),
		"null proof":    []byte(`{"version":1,"index":0,"header":"","openings":[],"checkpoint":"x","inclusion":null}` + "\n"),
		"stray proof":   []byte(`{"version":1,"index":0,"header":"","openings":[],"inclusion":[]}` + "\n"),
		"too long":      append([]byte(good), bytes.Repeat([]byte(" "), translog.MaxReceipt)...),
	} {
		_, err := translog.DecodeReceipt(bad)
		if failed, ok := errors.AsType[*translog.ReceiptError](err); !ok || failed.Check != translog.CheckFormat {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := &translog.Receipt{Header: []byte{0xff}}
	if _, err := broken.Encode(); err == nil {
		t.Error("a header that is no UTF-8 was encoded")
	}
}
