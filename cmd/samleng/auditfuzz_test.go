package main

import (
	"encoding/json"
	"testing"

	"samleng/audit"
	"samleng/translog"
)

const fuzzedKey = "test.example/register+1d13ef8d+AYLG7TTCahZXCN5qvcKbBFgnVNiA4ytZHfHhfulL2QRL"

// known checks what was read of a file: nothing that an audit could not begin
// with.
func known(t *testing.T, config audit.Config) {
	t.Helper()
	if _, _, err := audit.Verifiers(config.Keys); err != nil {
		t.Errorf("a key that is none: %v", err)
	}
	for _, c := range config.Seen {
		if c.Size < 0 || c.Size > translog.MaxSize {
			t.Errorf("a checkpoint of %d entries", c.Size)
		}
	}
}

// FuzzPinned reads anything as a file of what is known.
func FuzzPinned(f *testing.F) {
	f.Add([]byte("# minutes\n" + fuzzedKey + "\n301 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		var config audit.Config
		if err := decodePinned("pinned", content, &config); err == nil {
			known(t, config)
		}
	})
}

// FuzzSeen reads anything as the file of what was seen: what is taken in is
// written as what is read again.
func FuzzSeen(f *testing.F) {
	f.Add([]byte(`{"origin":"test.example/register","keys":["` + fuzzedKey + `"],"size":301,"root":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		var config, again audit.Config
		if decodeSeen(content, &config) != nil {
			return
		}
		known(t, config)
		c := config.Seen[0]
		written, err := json.Marshal(seenFile{config.Origin, config.Keys, c.Size, c.Root.String()})
		if err != nil {
			t.Fatal(err)
		}
		if err := decodeSeen(written, &again); err != nil || again.Origin != config.Origin || again.Seen[0] != c || len(again.Keys) != len(config.Keys) {
			t.Errorf("%v: %+v is written as what reads %+v", err, config, again)
		}
	})
}
