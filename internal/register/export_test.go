package register

import (
	"context"

	"samleng/act"
	"samleng/civic"
)

// SubmitID submits an act under an id that was not drawn.
func (r *Register) SubmitID(ctx context.Context, who civic.Actor, d act.Draft, id act.ID) (Receipt, error) {
	return r.submit(&submission{ctx: ctx, who: who, draft: d, id: id, reply: make(chan outcome, 1)}, nil)
}
