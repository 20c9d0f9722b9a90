package store_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"samleng/internal/store"
	"samleng/internal/store/storetest"
)

// What a proxy does with the connection when it sees the chosen words.
const (
	letPass     = iota
	cutBefore   // the words do not reach the server
	cutAfter    // they do, and the server's answer does not come back
	hangUpFirst // as cutBefore, on any words
)

// proxy stands between a store and PostgreSQL and cuts the line at will.
type proxy struct {
	server string
	listen net.Listener

	mu    sync.Mutex
	mode  int
	words []byte
	cuts  int
}

func newProxy(t *testing.T, server string) *proxy {
	t.Helper()
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{server: server, listen: listen}
	t.Cleanup(func() { listen.Close() })
	go func() {
		for {
			client, err := listen.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return p
}

func (p *proxy) set(mode int, words string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode, p.words = mode, []byte(words)
}

// cut says what to do with a message from the client, and counts.
func (p *proxy) cut(message []byte) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mode == letPass || p.mode != hangUpFirst && !bytes.Contains(message, p.words) {
		return letPass
	}
	p.cuts++
	return p.mode
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	var mu sync.Mutex
	silent := false // the server's answers are swallowed
	answered := make(chan struct{}, 1)
	go func() {
		defer client.Close()
		buf := make([]byte, 1<<16)
		for {
			n, err := server.Read(buf)
			if err != nil {
				return
			}
			mu.Lock()
			if silent {
				mu.Unlock()
				answered <- struct{}{}
				return
			}
			_, err = client.Write(buf[:n])
			mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 1<<16)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		switch p.cut(buf[:n]) {
		case cutBefore, hangUpFirst:
			return
		case cutAfter:
			mu.Lock()
			silent = true
			mu.Unlock()
			if _, err := server.Write(buf[:n]); err == nil {
				<-answered
			}
			return
		}
		if _, err := server.Write(buf[:n]); err != nil {
			if !errors.Is(err, io.EOF) {
				return
			}
		}
	}
}

// TestLineCutAtCommit cuts the connection exactly at COMMIT, once before it
// arrives and once after, and once long before.
func TestLineCutAtCommit(t *testing.T) {
	address := storetest.Address(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		mode    int
		words   string
		class   error
		arrived bool
	}{
		{"before the commit arrives", cutBefore, "COMMIT\x00", store.ErrOutcomeUnknown, false},
		{"after the commit arrived", cutAfter, "COMMIT\x00", store.ErrOutcomeUnknown, true},
		{"before an insert arrives", cutBefore, "unnest", store.ErrUnavailable, false},
		{"after the lock was taken", cutAfter, "FOR UPDATE", store.ErrUnavailable, false},
		{"at the first word", hangUpFirst, "", store.ErrUnavailable, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newProxy(t, u.Host)
			through, err := url.Parse(storetest.Schema(t))
			if err != nil {
				t.Fatal(err)
			}
			plain := store.Config{Database: through.String()}
			through.Host = p.listen.Addr().String()
			s := open(t, store.Config{Database: through.String()})
			witness := open(t, plain)

			// Not through s, whose connection then still has its statements to prepare.
			appendAll(t, witness, batch("before", 0, 2))
			entries := batch("cut", 0, 4)
			p.set(c.mode, c.words)
			err = put(s, entries)
			p.set(letPass, "")
			if p.cuts == 0 {
				t.Fatal("the line was never cut")
			}
			if !errors.Is(err, c.class) {
				t.Fatalf("got %v, want %v", err, c.class)
			}
			if c.class == store.ErrUnavailable && errors.Is(err, store.ErrOutcomeUnknown) {
				t.Fatalf("%v: known to be unwritten, called unknown", err)
			}
			// Reset waits until the server has ended the cut session.
			if err := s.Reset(ctx); err != nil {
				t.Fatal(err)
			}
			size, err := s.Size(ctx)
			if err != nil {
				t.Fatal(err)
			}
			expected := int64(2)
			if c.arrived {
				expected = 6
			}
			if size != expected {
				t.Fatalf("%d acts in the log, want %d", size, expected)
			}
			// The line is back: the same store works, and a repeat is told apart.
			err = put(s, entries)
			if c.arrived != errors.Is(err, store.ErrConflict) || !c.arrived && err != nil {
				t.Fatalf("repeating: %v", err)
			}
			same(t, scanned(t, witness, 2, 100), func() []store.Stored { all := want(append(batch("before", 0, 2), entries...)); return all[2:] }())
			works(t, s, 6)
		})
	}
}
