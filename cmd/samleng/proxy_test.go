package main

import (
	"bytes"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"testing"
)

// What a line does to the conversation with the database.
type lineMode int

const (
	passes    lineMode = iota
	isDown             // connections are cut, and none is made
	swallows           // nothing arrives any more, in either direction, and nobody is told
	cutsAsked          // COMMIT does not reach the database, and the connection is cut
	cutsTold           // COMMIT does, and its answer never comes back
	cutsAny            // one COMMIT in eight, one way or the other
)

// line stands between the program and PostgreSQL and fails at will.
type line struct {
	server string
	listen net.Listener

	mu    sync.Mutex
	mode  lineMode
	moved chan struct{} // closed when the mode changes
	open  map[net.Conn]bool
	cuts  int
}

// newLine leads to the database of an address; the program is given the address
// that comes back.
func newLine(t testing.TB, address string) (*line, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{server: u.Host, listen: listen, moved: make(chan struct{}), open: map[net.Conn]bool{}}
	t.Cleanup(func() { listen.Close(); l.set(isDown) })
	go func() {
		for {
			client, err := listen.Accept()
			if err != nil {
				return
			}
			go l.serve(client)
		}
	}()
	u.Host = listen.Addr().String()
	return l, u.String()
}

// set changes what the line does; one that is down cuts what is open.
func (l *line) set(mode lineMode) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mode = mode
	close(l.moved)
	l.moved = make(chan struct{})
	if mode == isDown {
		for conn := range l.open {
			conn.Close()
		}
	}
}

func (l *line) counted() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cuts
}

func (l *line) now() (lineMode, chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mode, l.moved
}

func (l *line) keep(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[conn] = true
	if l.mode == isDown {
		conn.Close()
	}
}

func (l *line) drop(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, conn)
	conn.Close()
}

// waits holds something back while the line swallows.
func (l *line) waits() {
	for {
		mode, moved := l.now()
		if mode != swallows {
			return
		}
		<-moved
	}
}

// atCommit says what happens to this COMMIT.
func (l *line) atCommit() lineMode {
	l.mu.Lock()
	defer l.mu.Unlock()
	mode := l.mode
	if mode == cutsAny {
		mode = passes
		if n := rand.IntN(16); n < 2 {
			mode = cutsAsked + lineMode(n)
		}
	}
	if mode == cutsAsked || mode == cutsTold {
		l.cuts++
		return mode
	}
	return passes
}

func (l *line) serve(client net.Conn) {
	l.keep(client)
	defer l.drop(client)
	server, err := net.Dial("tcp", l.server)
	if err != nil {
		return
	}
	l.keep(server)
	defer l.drop(server)
	var mu sync.Mutex
	silent := false
	answered := make(chan struct{}, 1)
	go func() {
		defer client.Close()
		buf := make([]byte, 1<<16)
		for {
			n, err := server.Read(buf)
			if err != nil {
				answered <- struct{}{}
				return
			}
			l.waits()
			mu.Lock()
			stop := silent
			mu.Unlock()
			if stop {
				answered <- struct{}{}
				return
			}
			if _, err := client.Write(buf[:n]); err != nil {
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
		l.waits()
		if bytes.Contains(buf[:n], []byte("COMMIT\x00")) {
			switch l.atCommit() {
			case cutsAsked:
				return
			case cutsTold:
				mu.Lock()
				silent = true
				mu.Unlock()
				if _, err := server.Write(buf[:n]); err == nil {
					<-answered
				}
				return
			}
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}
