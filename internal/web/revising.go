package web

import (
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"

	"samleng/act"
)

// Room says whether the commitment can have one more milestone.
func (data *promisedView) Room() bool { return len(data.Rows) < act.MostMilestones }

// newCode is the code of a milestone that a form adds. It follows from the form's
// token: sent again, the form adds the same one, and no two forms add one.
func newCode(form url.Values) string {
	token, err := tokenOf(form)
	if err != nil {
		return "" // and so no form was accepted
	}
	return "m-" + hex.EncodeToString(derived(*token, "milestone")[:4])
}

// addedMilestone is what a milestone is called that a revision added: a revision
// has no words but its reasons. It is "" for one that has been there from the start.
func (v *visit) addedMilestone(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return v.T("web.commitment.added", "date", v.L.DateShort(at, at.Location()))
}

// revision reads new dates and money; milestones keep their codes and words, and
// one may be added, which the reasons name.
func (data *promisedView) revision(f *fields) (*act.CommitmentRevised, map[string]any) {
	facts := &act.CommitmentRevised{End: f.day("end"), Funding: f.pick("funding", act.Fundings), Budget: f.money(data.Currencies),
		Uptake: f.optional("uptake", act.Uptakes), Why: f.pick("why", act.RevisionReasons)}
	if facts.End != "" && facts.End < data.start {
		f.fail("end", "problem.date_order")
	}
	added := newCode(f.Values)
	for _, row := range data.Rows {
		if row.Code == added && f.Get("due_"+added) == "" {
			continue // the form was sent before
		}
		facts.Milestones = append(facts.Milestones, act.Milestone{Code: row.Code, Due: f.milestoneDay("due_"+row.Code, data.start, facts.End)})
	}
	if f.Get("due_new") != "" {
		facts.Milestones = append(facts.Milestones, act.Milestone{Code: added, Due: f.milestoneDay("due_new", data.start, facts.End)})
	}
	slices.SortStableFunc(facts.Milestones, func(a, b act.Milestone) int { return strings.Compare(a.Due, b.Due) })
	reasons, p := explanationOf(f.Values, "reasons")
	f.add(p)
	return facts, map[string]any{"reasons": reasons}
}
