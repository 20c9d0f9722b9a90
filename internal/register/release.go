package register

import (
	"context"

	"samleng/act"
	"samleng/civic"
)

// release publishes the figures of each dialogue in which enough ballots were
// cast since the last time. Of several processes that try at once one succeeds;
// the others are refused, which is as good.
func (r *Register) release(ctx context.Context) error {
	var due []act.ID
	r.View(func(s *civic.State) {
		for _, d := range s.Dialogues() {
			if s.ReleaseDue(d.ID) {
				due = append(due, d.ID)
			}
		}
	})
	for _, dialogue := range due {
		var d act.Draft
		r.View(func(s *civic.State) { d = releaseDraft(s, dialogue) })
		if err := r.submitAll(ctx, []act.Draft{d}); err != nil {
			return err
		}
	}
	return nil
}

// releaseDraft makes the release of a dialogue's figures as they stand. The
// writer makes it again when its turn comes: its figures have to be those of
// the position at which it is checked, however fast ballots come in.
func releaseDraft(s *civic.State, dialogue act.ID) act.Draft {
	return act.Draft{
		By: act.System, Of: dialogue, Facts: &act.ReleasePublished{At: s.Position()},
		Content: map[string]any{"tally": s.ReleaseTally(dialogue)},
	}
}

// Release publishes now what is due (see Config.ReleaseEvery).
func (r *Register) Release(ctx context.Context) error { return r.release(ctx) }
