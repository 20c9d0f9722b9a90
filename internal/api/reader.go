package api

import (
	"context"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/translog"
)

// Reader is what the API reads: a register, or a copy of one.
//
// View calls fn with a state that does not change while fn runs; fn copies what
// it needs. PastDay and PastView are the same for a day that has passed, as
// register.Register has them. Text and Content give what who may read now,
// register.ErrNotFound or register.ErrErased otherwise. Tile, OpenSections and
// ReceiptFile give what is published: nothing beyond the newest checkpoint, but
// for a receipt that is still without proof.
type Reader interface {
	View(fn func(*civic.State))
	PastDay(day string) (time.Time, error)
	PastView(ctx context.Context, day string, fn func(*civic.State)) error
	Position() int64
	Text(ctx context.Context, who civic.Actor, id act.ID, section string) (string, error)
	Content(ctx context.Context, who civic.Actor, ref civic.SectionRef, into any) error
	Locate(ctx context.Context, id act.ID) (int64, error)
	Checkpoint(ctx context.Context) (note []byte, size int64, err error)
	Tile(ctx context.Context, t translog.Tile) ([]byte, error)
	OpenSections(ctx context.Context, from, to int64, fn func(position int64, open []act.Section) error) error
	ReceiptFile(ctx context.Context, who civic.Actor, id act.ID) (*translog.Receipt, error)
	VerifierKeys() []string // the log's own, oldest first
	Cosigned(ctx context.Context) ([]civic.Cosigned, error)
	CosignedMonths(ctx context.Context) ([]time.Time, error)
	CosignedMonth(ctx context.Context, month time.Time) ([][]byte, error)
	Origin() string
	Now() time.Time
}
