package register

import (
	"context"
	"errors"
	"time"

	"samleng/act"
	"samleng/civic"
)

// Rule does what the rules ask the register itself to do now: silent cases go up
// the ladder, and a dialogue's agenda takes up what earlier ones left. Anybody
// can recompute each of these acts. Of several processes that try at once one
// succeeds; the others are refused, which is as good.
func (r *Register) Rule(ctx context.Context) error {
	// Acts carry the hour, so the rules are asked as at the hour too.
	at := r.config.Now().UTC().Truncate(time.Hour)
	var drafts []act.Draft
	r.View(func(s *civic.State) {
		for _, due := range s.Escalations(at) {
			drafts = append(drafts, act.Draft{By: act.System, Of: due.Case, Facts: &due.CaseEscalated})
		}
	})
	if err := r.submitAll(ctx, drafts); err != nil {
		return err
	}
	drafts = nil
	r.View(func(s *civic.State) {
		for _, d := range s.Dialogues() {
			if tabled := s.AgendaDue(d.ID, at); tabled != nil {
				drafts = append(drafts, act.Draft{By: act.System, Of: d.ID, Facts: tabled})
			}
		}
	})
	return r.submitAll(ctx, drafts)
}

// submitAll submits the register's own drafts; a refusal means that another
// process was faster or that something changed meanwhile.
func (r *Register) submitAll(ctx context.Context, drafts []act.Draft) error {
	for _, d := range drafts {
		_, err := r.Submit(ctx, civic.System, d, nil)
		var refusal *civic.Refusal
		if err != nil && !errors.As(err, &refusal) {
			return err
		}
	}
	return nil
}
