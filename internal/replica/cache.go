package replica

import "sync"

// bundleBytes bounds the acts kept in memory after they were read.
const bundleBytes = 32 << 20

// entryBytes is about what an act takes beside its leaf and its sections.
const entryBytes = 600

// bundle is the acts of one bundle of entries.
type bundle struct {
	entries []*entry
	size    int // bytes, about
}

func (b *bundle) add(e *entry) {
	b.entries = append(b.entries, e)
	b.size += entryBytes + len(e.leaf)
	for _, section := range e.open {
		b.size += len(section.Content)
	}
}

// bundles keeps those read last, up to a number of bytes.
type bundles struct {
	mu    sync.Mutex
	kept  map[int64]*bundle
	size  int
	limit int
}

func (c *bundles) get(index int64) *bundle {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept[index]
}

func (c *bundles) put(index int64, b *bundle) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[int64]*bundle{}
	}
	if c.kept[index] != nil || b.size > c.limit {
		return
	}
	// Go's maps are walked in random order, which is as good as any here.
	for other, old := range c.kept {
		if c.size+b.size <= c.limit {
			break
		}
		c.size -= old.size
		delete(c.kept, other)
	}
	c.kept[index] = b
	c.size += b.size
}
