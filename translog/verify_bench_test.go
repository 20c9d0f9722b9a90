package translog_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"syscall"
	"testing"
	"time"

	"samleng/translog"
)

// BenchmarkVerify verifies every leaf of a log of 262,144 out of memory, bundles
// taken apart and tiles compared, the root computed anew. The calibrator, in the
// same run, is the SHA-256 of the same leaves and of the nodes above them, laid
// out beforehand, and nothing else. Leaves are as long as headers are.
func BenchmarkVerify(b *testing.B) {
	const size = 1 << 18
	leaves := make([][]byte, size)
	for i := range leaves {
		leaves[i] = fmt.Appendf(make([]byte, 240, 260), "%010d", i)
	}
	var stored memory
	stored = must[[]translog.Hash](b)(translog.AppendHashes(0, translog.LeafHashes(leaves), stored))
	root := must[translog.Hash](b)(translog.Root(size, stored))
	files := map[string][]byte{}
	for tile := range translog.Tiles(0, size) {
		var data []byte
		var err error
		if tile.Level == translog.EntriesLevel {
			data, err = translog.EncodeBundle(leaves[tile.First() : tile.First()+int64(tile.Width)])
		} else {
			data, err = translog.ReadTile(tile, stored)
		}
		if err != nil {
			b.Fatal(err)
		}
		files[tile.Path()] = data
	}
	fetch := func(_ context.Context, path string) ([]byte, error) {
		if data, has := files[path]; has {
			return data, nil
		}
		return nil, fs.ErrNotExist
	}
	prefixed := make([]byte, 0, size*251)
	for _, leaf := range leaves {
		prefixed = append(append(prefixed, 0), leaf...)
	}
	leaves, stored = nil, nil
	verified, hashed := time.Hour, time.Hour // at their least: the machine is shared
	for b.Loop() {
		began := processor(b)
		verifyAll(b, translog.Checkpoint{Size: size, Root: root}, fetch)
		verified = min(verified, processor(b)-began)
		began = processor(b)
		var node [65]byte
		for i := range size {
			sum := sha256.Sum256(prefixed[i*251 : (i+1)*251])
			if i > 0 { // a tree has one node fewer than leaves
				copy(node[1:], sum[:])
				sha256.Sum256(node[:])
			}
		}
		hashed = min(hashed, processor(b)-began)
	}
	const n = float64(size)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(verified.Nanoseconds())/n, "ns/leaf")
	b.ReportMetric(float64(hashed.Nanoseconds())/n, "calibrator-ns/leaf")
	b.ReportMetric(float64(verified)/float64(hashed), "ratio")
}

// processor is the processor time that this process has used: what else the
// machine does is not in it.
func processor(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func verifyAll(b *testing.B, at translog.Checkpoint, fetch translog.Fetch) {
	reader, err := translog.NewReader(b.Context(), at, fetch)
	if err != nil {
		b.Fatal(err)
	}
	var tree translog.Frontier
	for bundle, err := range reader.Bundles(0) {
		if err != nil {
			b.Fatal(err)
		}
		if err := tree.AppendNode(translog.TileHeight, bundle.Node); err != nil {
			b.Fatal(err)
		}
	}
	if tree.Size() != at.Size || tree.Root() != at.Root {
		b.Fatal("another root")
	}
}
