package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/translog"
)

// testOrigin names the logs of these tests.
const testOrigin = "test.example/register"

// outsider follows a published log over HTTP and remembers every checkpoint it
// was ever shown, as a witness does. Nothing that the server says of an earlier
// time is believed without proof.
type outsider struct {
	verifier note.Verifier
	client   *http.Client

	mu   sync.Mutex
	seen map[int64]translog.Checkpoint // by size

	// What was read of the log so far, verified.
	ids     []act.ID
	kinds   []act.Kind
	headers [][]byte
	proofs  int // consistency proofs verified
}

func newOutsider(t testing.TB, verifierKey string) *outsider {
	t.Helper()
	return &outsider{verifier: verifierOf(t, verifierKey), client: &http.Client{Timeout: 10 * time.Second}, seen: map[int64]translog.Checkpoint{}}
}

func verifierOf(t testing.TB, key string) note.Verifier {
	t.Helper()
	verifier, err := translog.NewVerifier(key)
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

// fetch gets a file of the log served at base.
func (o *outsider) fetch(ctx context.Context, base, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/log/"+path, nil)
	if err != nil {
		return nil, err
	}
	response, err := o.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return nil, err
	case response.StatusCode == http.StatusNotFound:
		return nil, fs.ErrNotExist
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	return content, nil
}

// look fetches the newest checkpoint and remembers it. A second root for a size
// is an error for good.
func (o *outsider) look(ctx context.Context, base string) (translog.Checkpoint, error) {
	signed, err := o.fetch(ctx, base, "checkpoint")
	if err != nil {
		return translog.Checkpoint{}, err
	}
	return o.remember(signed)
}

func (o *outsider) remember(signed []byte) (translog.Checkpoint, error) {
	opened, err := translog.Open(signed, testOrigin, o.verifier)
	if err != nil {
		return translog.Checkpoint{}, fmt.Errorf("%w: %w", errForked, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if before, has := o.seen[opened.Size]; has && before.Root != opened.Root {
		return opened.Checkpoint, fmt.Errorf("%w: two roots for size %d", errForked, opened.Size)
	}
	o.seen[opened.Size] = opened.Checkpoint
	return opened.Checkpoint, nil
}

var errForked = errors.New("the log was forked")

func isFork(err error) bool { return errors.Is(err, errForked) }

// follow reads what is new in the log up to the newest checkpoint, verified,
// and proves that the log goes on from every checkpoint seen before.
func (o *outsider) follow(t testing.TB, base string) translog.Checkpoint {
	t.Helper()
	ctx := t.Context()
	newest, err := o.look(ctx, base)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := translog.NewReader(ctx, newest, func(ctx context.Context, path string) ([]byte, error) { return o.fetch(ctx, base, path) })
	if err != nil {
		t.Fatal(err)
	}
	o.mu.Lock()
	seen := make([]translog.Checkpoint, 0, len(o.seen))
	for _, checkpoint := range o.seen {
		seen = append(seen, checkpoint)
	}
	o.mu.Unlock()
	for _, older := range seen {
		if older.Size > newest.Size {
			t.Fatalf("a checkpoint of %d acts was published, and now one of %d", older.Size, newest.Size)
		}
		proof, err := translog.ProveConsistency(older.Size, newest.Size, reader)
		if err == nil {
			err = translog.VerifyConsistency(older.Size, older.Root, newest.Size, newest.Root, proof)
		}
		if err != nil {
			t.Fatalf("from the checkpoint of %d to the one of %d: %v", older.Size, newest.Size, err)
		}
		o.proofs++
	}
	for entry, err := range reader.Entries(int64(len(o.ids))) {
		if err != nil {
			t.Fatal(err)
		}
		header, err := act.DecodeHeader(bytes.Clone(entry))
		if err != nil {
			t.Fatalf("entry %d: %v", len(o.ids), err)
		}
		if n := len(o.headers); n > 0 {
			before, err := act.DecodeHeader(o.headers[n-1])
			if err != nil {
				t.Fatal(err)
			}
			if header.At.Before(before.At) {
				t.Errorf("entry %d is of %s, after one of %s", n, header.At, before.At)
			}
		}
		o.ids, o.kinds, o.headers = append(o.ids, header.ID), append(o.kinds, header.Kind), append(o.headers, bytes.Clone(entry))
	}
	if int64(len(o.ids)) != newest.Size {
		t.Fatalf("%d acts were read, the checkpoint is of %d", len(o.ids), newest.Size)
	}
	return newest
}

// covering waits for a checkpoint of at least so many acts, then follows.
func (o *outsider) covering(t testing.TB, base string, size int64) translog.Checkpoint {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if newest, err := o.look(t.Context(), base); err == nil && newest.Size >= size {
			return o.follow(t, base)
		} else if time.Now().After(deadline) {
			t.Fatalf("no checkpoint covers %d acts: %+v, %v", size, newest, err)
		}
	}
}

// count is how many acts of a kind the log has.
func (o *outsider) count(kind act.Kind) (n int) {
	for _, k := range o.kinds {
		if k == kind {
			n++
		}
	}
	return n
}

// files are the paths of everything that is published at a size.
func (o *outsider) files(size int64) []string {
	paths := []string{"checkpoint"}
	for tile := range translog.Tiles(0, size) {
		paths = append(paths, tile.Path())
	}
	for bundle := int64(0); bundle*translog.TileWidth < size; bundle++ {
		paths = append(paths, fmt.Sprintf("sections/%d", bundle))
	}
	return paths
}
