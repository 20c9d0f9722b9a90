package translog_test

import (
	"errors"
	"testing"

	"samleng/translog"
)

// TestAppendNode grows a tree by whole bundles as far as they go, from anywhere:
// the root is that of a tree that grew leaf by leaf.
func TestAppendNode(t *testing.T) {
	const size = 1_300
	dir := t.TempDir()
	c, m := publish(t, dir, size)
	for _, from := range []int64{0, 256, 300, 512, 1_279, 1_280, 1_299, size} {
		r := must[*translog.Reader](t)(translog.NewReader(t.Context(), c, folder(dir)))
		tree := must[*translog.Frontier](t)(translog.ReadFrontier(from, m))
		whole := 0
		for b, err := range r.Bundles(from) {
			if err != nil {
				t.Fatal(err)
			}
			if b.First != tree.Size() || len(b.Entries) != len(b.Leaves) || string(b.Entries[0]) != string(entry(b.First)) {
				t.Fatalf("from %d: a bundle of %d entries at %d in a tree of %d", from, len(b.Entries), b.First, tree.Size())
			}
			if b.Node != (translog.Hash{}) {
				whole++
				if err := tree.AppendNode(translog.TileHeight, b.Node); err != nil {
					t.Fatal(err)
				}
				continue
			}
			for _, leaf := range b.Leaves {
				if err := tree.Append(leaf); err != nil {
					t.Fatal(err)
				}
			}
		}
		if want := int((size/256*256 - min(from, 1_280)) / 256); whole != want {
			t.Errorf("from %d: %d whole bundles, want %d", from, whole, want)
		}
		if tree.Size() != size || tree.Root() != c.Root {
			t.Errorf("from %d: another root", from)
		}
	}
	var tree translog.Frontier
	if err := tree.Append(c.Root); err != nil {
		t.Fatal(err)
	}
	for _, level := range []int{-1, 1, 8, 49} {
		if err := tree.AppendNode(level, c.Root); !errors.Is(err, translog.ErrSize) || tree.Size() != 1 {
			t.Errorf("level %d after one leaf: %v", level, err)
		}
	}
}
