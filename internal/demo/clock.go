package demo

import (
	"sync/atomic"
	"time"
)

// Clock is the clock of the register that is being filled: it shows whatever
// moment was set last. The register is to be opened with its Now, filled,
// closed, and opened again with the real clock.
type Clock struct{ at atomic.Pointer[time.Time] }

// NewClock makes a clock that shows a moment.
func NewClock(at time.Time) *Clock {
	c := new(Clock)
	c.set(at)
	return c
}

// Now gives the moment that was set last.
func (c *Clock) Now() time.Time { return *c.at.Load() }

func (c *Clock) set(at time.Time) { c.at.Store(&at) }
