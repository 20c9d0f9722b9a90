package civic_test

import "samleng/act"

// planRows are the rows of commitments and what became of them.
var planRows = map[act.Kind]func(*rulesWorld) []attempt{
	act.KindCommitmentMade: func(r *rulesWorld) []attempt {
		plan := func(needs []act.ID, change func(*act.CommitmentMade)) drafter {
			facts, content := r.plan("2026-12-31", needs...)
			change(facts)
			return same(facts, content)
		}
		rows := r.over("need", func(s subject) drafter { return plan([]act.ID{s.id}, func(*act.CommitmentMade) {}) })
		need := r.find("need", "identified").id
		but := func(what string, change func(*act.CommitmentMade)) attempt {
			return r.but("need", "identified", what, plan([]act.ID{need}, change))
		}
		for _, org := range append(append([]string{}, societies...), offices[1:]...) {
			rows = append(rows, but("to be verified by "+org, func(f *act.CommitmentMade) { f.Verifier = r.org[org] }))
		}
		return append(rows,
			but("with one that there is not", func(f *act.CommitmentMade) { f.With = []act.ID{unknown} }),
			but("in a currency that the programme has not", func(f *act.CommitmentMade) { f.Budget = &act.Money{Minor: 100, Currency: "EUR"} }),
			r.but("need", "identified", "and about one of another dialogue", plan([]act.ID{need, r.find("need", "of a dialogue that is closed").id}, func(*act.CommitmentMade) {})))
	},
	act.KindCommitmentRevised: func(r *rulesWorld) []attempt {
		revised := func(change func(*act.CommitmentRevised)) drafter {
			facts := &act.CommitmentRevised{End: "2027-01-31", Why: "weather", Funding: "provincial_fund", Milestones: []act.Milestone{{Code: "survey", Due: "2026-06-30"}}}
			change(facts)
			return same(facts, because("reasons", "The rain."))
		}
		but := func(what string, change func(*act.CommitmentRevised)) attempt {
			return r.but("commitment", "made", what, revised(change))
		}
		return append(r.over("commitment", func(subject) drafter { return revised(func(*act.CommitmentRevised) {}) }),
			but("a milestone is dropped", func(f *act.CommitmentRevised) { f.Milestones = nil }),
			but("it ends before it starts", func(f *act.CommitmentRevised) {
				f.End, f.Milestones = "2026-02-01", []act.Milestone{{Code: "survey", Due: "2026-02-01"}}
			}),
			but("in a currency that the programme has not", func(f *act.CommitmentRevised) { f.Budget = &act.Money{Minor: 100, Currency: "EUR"} }))
	},
	act.KindProgressClaimed: func(r *rulesWorld) []attempt {
		but := func(what string, facts *act.ProgressClaimed, files int) attempt {
			return r.but("commitment", "made", what, same(facts, seen(files)))
		}
		return append(r.every("commitment", &act.ProgressClaimed{Status: act.Complete, Files: 1}, seen(1)),
			but("of a milestone that the plan has not", &act.ProgressClaimed{Status: act.Limited, Milestone: "none"}, 0),
			but("at a place that there is not", &act.ProgressClaimed{Status: act.Limited, Place: "18"}, 0),
			but("done, with nothing to show for it", &act.ProgressClaimed{Status: act.Complete}, 0),
			but("fewer files than it says", &act.ProgressClaimed{Status: act.Complete, Files: 2}, 1))
	},
	act.KindProgressAssessed: func(r *rulesWorld) []attempt {
		rows := r.over("commitment", func(s subject) drafter {
			facts := &act.ProgressAssessed{Verdict: act.Confirmed, Status: act.Limited}
			if claim := s.more; !claim.IsZero() {
				facts.Claim = &claim
			}
			return same(facts, seen(0))
		})
		stray := unknown
		return append(rows,
			r.but("commitment", "reported as done", "about no report", same(&act.ProgressAssessed{Verdict: act.Confirmed, Status: act.Limited}, seen(0))),
			r.but("commitment", "made", "about a report that there is not", same(&act.ProgressAssessed{Claim: &stray, Verdict: act.Confirmed, Status: act.Limited}, seen(0))),
			r.but("commitment", "made", "at a place that there is not", same(&act.ProgressAssessed{Verdict: act.Confirmed, Status: act.Limited, Place: "18"}, seen(0))))
	},
	act.KindIndicatorMeasured: func(r *rulesWorld) []attempt {
		return append(r.every("commitment", &act.IndicatorMeasured{Value: 1, On: "2026-04-01"}, nil),
			r.but("commitment", "made", "on a day to come", same(&act.IndicatorMeasured{Value: 1, On: "2026-12-01"}, nil)))
	},
}
