package web

import (
	"fmt"
	"time"

	"samleng/act"
	"samleng/civic"
)

// fileHref is the address of a file of an act's evidence.
func fileHref(id act.ID, n int) string { return fmt.Sprintf("/file/%s/%d", id, n) }

// overdueView is everything that is late, the longest waiting first.
type overdueView struct {
	Views       []viewLine
	Found       int
	Of          int
	Pager       pager
	Commitments []commitmentLine
	More        int
	AsAt        time.Time
	Position    int64
}

// overdueCommitments is how many late commitments stand beside the views.
const overdueCommitments = 20

func (s *Server) overdue(v *visit) (page, error) {
	data := overdueView{AsAt: v.now}
	today := v.now.Format(time.DateOnly)
	s.see(v, func(state *civic.State) {
		data.Position, data.Of = state.Position(), len(state.Statements())
		late := state.Overdue(v.now)
		data.Found = late.Len()
		data.Pager = pagerOf("/overdue", v.known, data.Found)
		for _, view := range late.Slice(data.Pager.First-1, data.Pager.Last) {
			data.Views = append(data.Views, lineOf(state, view, v.now))
		}
		promised := state.CommitmentsByEnd(today, func(_ *civic.Commitment, stands civic.CommitmentState) bool { return stands == civic.CommitmentLate })
		for _, c := range promised.Slice(0, overdueCommitments) {
			data.Commitments = append(data.Commitments, commitmentLineOf(state, c, today, v.now))
		}
		data.More = promised.Len() - len(data.Commitments)
	})
	if err := s.readWords(v, data.Views); err != nil {
		return page{}, err
	}
	if err := s.readPlans(v, data.Commitments); err != nil {
		return page{}, err
	}
	return page{Name: "overdue", Title: v.T("web.overdue.title"), Nav: "overdue", Data: data}, nil
}
