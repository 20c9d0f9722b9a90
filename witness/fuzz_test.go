package witness_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"samleng/witness"
)

// FuzzParseRequest: what reads as a request is written in one way only.
func FuzzParseRequest(f *testing.F) {
	w := newWorld(f)
	f.Add(w.log.request(7, 12).Encode())
	f.Add(w.log.request(0, 1).Encode())
	f.Add([]byte(exampleRequest))
	f.Add([]byte("old 0\n\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := witness.ParseRequest(body)
		if err != nil {
			if !errors.Is(err, witness.ErrRequest) {
				t.Error(err)
			}
			return
		}
		if again := r.Encode(); !bytes.Equal(again, body) {
			t.Errorf("%q is written %q", body, again)
		}
	})
}

// FuzzAdd: nothing but a checkpoint of the log, signed by it, is remembered.
func FuzzAdd(f *testing.F) {
	w := newWorld(f)
	w.add(w.witness(), w.log.request(0, 7))
	f.Add(w.log.request(7, 12).Encode())
	f.Add(w.fork.request(7, 12).Encode())
	f.Fuzz(func(t *testing.T, body []byte) {
		by := w.in(t).witness()
		before := size(t, by)
		answer := post(by, body)
		after := must[witness.State](t)(by.Last(testOrigin))
		if after.Size < before || after.Size > testSize || after.Root != w.log.checkpoint(after.Size).Root {
			t.Errorf("%q: %d, then %+v", body, answer.Code, after)
		}
	})
}

// FuzzMemory: a file that is not one stops the witness, and says the same twice.
func FuzzMemory(f *testing.F) {
	w := newWorld(f)
	w.add(w.witness(), w.log.request(0, 7))
	files, err := filepath.Glob(filepath.Join(w.dir, "*.checkpoint"))
	if err != nil || len(files) != 1 {
		f.Fatal(files, err)
	}
	whole := must[[]byte](f)(os.ReadFile(files[0]))
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(files[0], content, 0o600); err != nil {
			t.Fatal(err)
		}
		last, err := w.in(t).witness().Last(testOrigin)
		if err == nil && (last.Size > testSize || last.Root != w.log.checkpoint(last.Size).Root) {
			t.Errorf("%q reads as %+v", content, last)
		}
		if err != nil {
			if answer := post(w.witness(), w.log.request(0, 9).Encode()); answer.Code != http.StatusInternalServerError {
				t.Errorf("%q: %d", content, answer.Code)
			}
		}
	})
}

// FuzzMerge: lines never change what is signed.
func FuzzMerge(f *testing.F) {
	w := newWorld(f)
	f.Add([]byte(exampleAnswer))
	f.Add([]byte(unknownLine))
	signed := w.log.signed(7)
	text, _, _ := bytes.Cut(signed, []byte("\n\n"))
	f.Fuzz(func(t *testing.T, lines []byte) {
		merged, added, err := witness.Merge(signed, lines)
		if err == nil && (added != 0 || !bytes.HasPrefix(merged, text)) {
			t.Errorf("%q: %d, %q", lines, added, merged)
		}
	})
}
