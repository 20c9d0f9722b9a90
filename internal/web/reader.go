package web

import (
	"context"
	"time"

	"samleng/act"
	"samleng/civic"
)

// Reader is where pages read the register: the register itself, or a
// verified copy of what one publishes.
//
// View calls fn with a state that does not change while fn runs; fn copies what
// it needs and does no I/O. PastDay and PastView are the same for a day that has
// passed: the last second of it, and the state at its end; register.ErrNotFound
// for a day that cannot be looked at, register.ErrBusy where too many are. Position is never behind what View shows by more
// than the acts of one batch, and never ahead of it. Wait returns when the fold
// has reached a position, or an error after a second. Text and Content give
// what who may read now, register.ErrNotFound or register.ErrErased otherwise.
// Locate gives the place in the log of an act, Leaf the header at a place, byte
// for byte. Checkpoint gives the newest
// signed note and its size, register.ErrNotFound before the first.
// Cosigned gives the newest signature of every witness's key, CosignedMonths the
// months (UTC) in which any of them signed.
type Reader interface {
	View(fn func(*civic.State))
	PastDay(day string) (time.Time, error)
	PastView(ctx context.Context, day string, fn func(*civic.State)) error
	Position() int64
	Wait(ctx context.Context, position int64) error
	Text(ctx context.Context, who civic.Actor, id act.ID, section string) (string, error)
	Content(ctx context.Context, who civic.Actor, ref civic.SectionRef, into any) error
	Locate(ctx context.Context, id act.ID) (int64, error)
	Leaf(ctx context.Context, position int64) ([]byte, error)
	Checkpoint(ctx context.Context) (note []byte, size int64, err error)
	VerifierKeys() []string // the log's own, oldest first
	Cosigned(ctx context.Context) ([]civic.Cosigned, error)
	CosignedMonths(ctx context.Context) ([]time.Time, error)
	Origin() string
	Fault() error
	Now() time.Time
}
