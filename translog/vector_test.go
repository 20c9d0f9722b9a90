package translog_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"samleng/translog"
)

var update = flag.Bool("update", false, "write testdata anew")

// vectors is the form of testdata/vectors.json, for those who write a verifier
// in another language. Hashes are base64, entries and bundles hex.
type vectors struct {
	Entries     []string            `json:"entries"`
	Leaves      []translog.Hash     `json:"leaves"`
	Roots       []translog.Hash     `json:"roots"` // by size, from 0
	Stored      []translog.Hash     `json:"stored"`
	Inclusion   []inclusionVector   `json:"inclusion"`
	Consistency []consistencyVector `json:"consistency"`
	LogKey      string              `json:"log_key"`
	WitnessKey  string              `json:"witness_key"`
	Checkpoint  string              `json:"checkpoint"`
	Cosigned    string              `json:"cosigned"` // the same checkpoint with a witness's cosignature
	CosignedAt  int64               `json:"cosigned_at"`
	TilePaths   map[string][]string `json:"tile_paths"` // by tree size: bundles and tiles
	Bundle      string              `json:"bundle"`     // of all entries
	Receipt     string              `json:"receipt"`
}

type inclusionVector struct {
	Index int64           `json:"index"`
	Size  int64           `json:"size"`
	Proof []translog.Hash `json:"proof"`
}

type consistencyVector struct {
	Older int64           `json:"older"`
	Newer int64           `json:"newer"`
	Proof []translog.Hash `json:"proof"`
}

func makeVectors(t *testing.T) vectors {
	const size = 12
	k, c := testKeys(t), testCheckpoint(t, size)
	m := grow(t, nil, 0, size, size)
	v := vectors{
		Leaves: translog.LeafHashes(entries(0, size)), Stored: m,
		LogKey: k.logVkey, WitnessKey: k.witnessVkey, CosignedAt: signedAt.Unix(),
		Checkpoint: string(must[[]byte](t)(translog.Sign(c, k.log))),
		Cosigned:   string(must[[]byte](t)(translog.Sign(c, k.log, k.witness))),
		TilePaths:  map[string][]string{},
		Bundle:     hex.EncodeToString(must[[]byte](t)(translog.EncodeBundle(entries(0, size)))),
		Receipt:    string(must[[]byte](t)(testReceipt(t).Encode())),
	}
	for _, e := range entries(0, size) {
		v.Entries = append(v.Entries, hex.EncodeToString(e))
	}
	for n := int64(0); n <= size; n++ {
		v.Roots = append(v.Roots, must[translog.Hash](t)(translog.Root(n, m)))
		for i := range n {
			v.Inclusion = append(v.Inclusion, inclusionVector{i, n, must[[]translog.Hash](t)(translog.ProveInclusion(i, n, m))})
		}
		for i := int64(0); i <= n; i++ {
			v.Consistency = append(v.Consistency, consistencyVector{i, n, must[[]translog.Hash](t)(translog.ProveConsistency(i, n, m))})
		}
	}
	for name, n := range map[string]int64{"1": 1, "255": 255, "256": 256, "257": 257, "1000": 1000} {
		for tile := range translog.Tiles(0, n) {
			v.TilePaths[name] = append(v.TilePaths[name], tile.Path())
		}
	}
	return v
}

// TestVectors holds today's code to the files of testdata, byte for byte, and
// then verifies what is in the file.
func TestVectors(t *testing.T) {
	made, err := json.MarshalIndent(makeVectors(t), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	made = append(made, '\n')
	path := filepath.Join("testdata", "vectors.json")
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, made, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	stored := must[[]byte](t)(os.ReadFile(path))
	if !bytes.Equal(bytes.ReplaceAll(stored, []byte("\r\n"), []byte("\n")), made) {
		t.Fatal("testdata/vectors.json is not what the code gives; if that is meant: go test ./translog -run TestVectors -update")
	}
	var v vectors
	if err := json.Unmarshal(stored, &v); err != nil {
		t.Fatal(err)
	}
	for _, p := range v.Inclusion {
		if err := translog.VerifyInclusion(v.Leaves[p.Index], p.Index, p.Size, v.Roots[p.Size], p.Proof); err != nil {
			t.Error(err)
		}
	}
	for _, p := range v.Consistency {
		if err := translog.VerifyConsistency(p.Older, v.Roots[p.Older], p.Newer, v.Roots[p.Newer], p.Proof); err != nil {
			t.Error(err)
		}
	}
}
