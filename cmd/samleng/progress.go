package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// progress tells on standard error how far long work has come: one line that
// is written over on a terminal, else a line every few seconds.
type progress struct {
	out      io.Writer
	terminal bool
	done     atomic.Int64

	mu    sync.Mutex // guards what follows
	what  string
	total int64
	began time.Time
	wide  int // characters of the line that stands on the terminal

	stop chan struct{}
	wait sync.WaitGroup
}

// newProgress begins to tell; end ends it.
func newProgress(out *os.File) *progress {
	info, err := out.Stat()
	p := &progress{out: out, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0, stop: make(chan struct{})}
	every := 5 * time.Second
	if p.terminal {
		every = 200 * time.Millisecond
	}
	p.wait.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-p.stop:
				return
			case <-ticker.C:
				p.tell()
			}
		}
	})
	return p
}

// begin says what is done now, and how much of it there is: 0 where that cannot
// be counted, so that the time alone is told.
func (p *progress) begin(what string, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done.Store(0)
	p.what, p.total, p.began = what, int64(total), time.Now()
}

func (p *progress) tell() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.what == "" {
		return
	}
	took := time.Since(p.began).Seconds()
	line := fmt.Sprintf("%s: %.0f s", p.what, took)
	if p.total > 0 {
		done := p.done.Load()
		line = fmt.Sprintf("%s: %d of %d, %.0f a second", p.what, done, p.total, float64(done)/max(took, 1e-3))
	}
	if p.terminal {
		line, p.wide = fmt.Sprintf("\r%-*s", p.wide, line), len(line)
	} else {
		line += "\n"
	}
	// Whoever closed standard error does not want to be told.
	_, _ = io.WriteString(p.out, line)
}

// end stops telling and leaves the terminal's line.
func (p *progress) end() {
	close(p.stop)
	p.wait.Wait()
	if p.terminal && p.wide > 0 {
		_, _ = fmt.Fprintf(p.out, "\r%*s\r", p.wide, "")
	}
}
