package civic

import (
	"slices"
	"time"

	"samleng/act"
)

// Figures say how an authority treats what is put to it, as at a moment. They
// are about the cases that it holds; what it handed on counts where it went.
type Figures struct {
	Cases int `json:"cases"`
	// FellDue are the cases whose answer was due first or was given; InTime those
	// of them that were answered by the day that was due. What still waits past
	// its day is among the former and not among the latter.
	FellDue int `json:"fell_due"`
	InTime  int `json:"in_time"`
	// Medians, in working days from the referral; -1 where there is nothing to
	// take one of. Whoever has not been answered is in neither.
	MedianAcknowledge int `json:"median_days_to_acknowledge"`
	MedianAnswer      int `json:"median_days_to_answer"`
	// Decisions counts cases by the decision that stands.
	Decisions map[string]int `json:"decisions"`
	// Deals and Understandable count what holders said of its answers.
	Deals          map[string]int `json:"judged_to_deal_with_it"`
	Understandable map[string]int `json:"judged_understandable"`
	// Escalated are the open cases that went up; Reviews the second looks at its
	// answers, by outcome ("open" while nobody decided).
	Escalated int            `json:"escalated"`
	Reviews   map[string]int `json:"reviews"`
	// Commitments counts those it is responsible for, by state; Slipped those
	// whose end moved back.
	Commitments map[CommitmentState]int `json:"commitments"`
	Slipped     int                     `json:"slipped"`
}

// Figures gives the figures of an authority at a moment.
func (s *State) Figures(authority act.ID, at time.Time) Figures {
	f := Figures{Decisions: map[string]int{}, Deals: map[string]int{}, Understandable: map[string]int{}, Reviews: map[string]int{},
		Commitments: map[CommitmentState]int{}}
	var acknowledged, answered []int
	for _, r := range s.cases.held[authority] {
		if r.Authority != authority || r.moot() {
			continue
		}
		f.Cases++
		f.addAnswer(r, at)
		if !r.Acknowledged.IsZero() {
			acknowledged = append(acknowledged, s.WorkingDays(r.At, r.Acknowledged))
		}
		if !r.Answered.IsZero() {
			answered = append(answered, s.WorkingDays(r.At, r.Answered))
		}
		if r.open() && len(r.Escalations) > 0 {
			f.Escalated++
		}
		if r.Review != nil {
			outcome := r.Review.Outcome
			if outcome == "" {
				outcome = "open"
			}
			f.Reviews[outcome]++
		}
		for _, v := range r.Views() {
			for _, j := range v.Judged {
				if slices.Contains(r.Answers, j.Answer) {
					f.Deals[j.Deals]++
					f.Understandable[j.Understandable]++
				}
			}
		}
	}
	f.MedianAcknowledge, f.MedianAnswer = median(acknowledged), median(answered)
	today := daysUntil(at.In(s.Zone()).Format(time.DateOnly))
	for _, row := range s.promises.rows[authority] {
		l := &s.promises.lines[row]
		f.Commitments[l.state(today)]++
		if l.slipped {
			f.Slipped++
		}
	}
	return f
}

func (f *Figures) addAnswer(r *Referral, at time.Time) {
	switch {
	case !r.Answered.IsZero():
		f.FellDue++
		if r.Decision != "" {
			f.Decisions[r.Decision]++
		}
		if r.InTime {
			f.InTime++
		}
	case r.Answer.Overdue(at):
		f.FellDue++
	}
}

// median is the lower of the two in the middle; -1 of none.
func median(of []int) int {
	if len(of) == 0 {
		return -1
	}
	slices.Sort(of)
	return of[(len(of)-1)/2]
}

// CommitmentsOf lists the commitments that an organisation is responsible for.
func (s *State) CommitmentsOf(organisation act.ID) []*Commitment { return s.promises.by[organisation] }

// Punctuality gives, over all authorities together, the cases whose answer was
// due or given, and those of them that were answered in time.
func (s *State) Punctuality(at time.Time) (fellDue, inTime int) {
	now := at.Unix()
	for i := range s.cases.lines {
		switch l := &s.cases.lines[i]; {
		case l.moot:
		case l.answered:
			fellDue++
			if l.inTime {
				inTime++
			}
		case l.due != 0 && now >= l.due:
			fellDue++
		}
	}
	return fellDue, inTime
}
