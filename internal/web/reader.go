package web

import (
	"context"
	"time"

	"samleng/act"
	"samleng/civic"
)

// Reader is where pages read the register: the register itself, or a mirror of
// one that is published elsewhere.
//
// View calls fn with a state that does not change while fn runs; fn copies what
// it needs and does no I/O. Position is never behind what View shows by more
// than the acts of one batch, and never ahead of it. Wait returns when the fold
// has reached a position, or an error after a second. Text and Content give
// what who may read now, register.ErrNotFound or register.ErrErased otherwise.
// Locate gives the place in the log of an act. Checkpoint gives the newest
// signed note and its size, register.ErrNotFound before the first.
type Reader interface {
	View(fn func(*civic.State))
	Position() int64
	Wait(ctx context.Context, position int64) error
	Text(ctx context.Context, who civic.Actor, id act.ID, section string) (string, error)
	Content(ctx context.Context, who civic.Actor, ref civic.SectionRef, into any) error
	Locate(ctx context.Context, id act.ID) (int64, error)
	Checkpoint(ctx context.Context) (note []byte, size int64, err error)
	VerifierKey() string
	Origin() string
	Fault() error
	Now() time.Time
}
