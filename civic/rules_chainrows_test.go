package civic_test

import (
	"samleng/act"
	"samleng/civic"
)

// chainRows are the rows of needs, cases and answers.
var chainRows = map[act.Kind]func(*rulesWorld) []attempt{
	act.KindCompetenceDeclared: func(r *rulesWorld) []attempt {
		rows := r.organisations(&act.CompetenceDeclared{Themes: []string{"water"}, As: act.Decides, From: "2026-01-01"}, nil)
		return append(rows,
			attempt{state: "the office; at a place that there is not", of: r.org[office], draft: same(&act.CompetenceDeclared{Place: "18", As: act.Decides, From: "2026-01-01"}, nil)},
			attempt{state: "the office; for a theme that there is not", of: r.org[office], draft: same(&act.CompetenceDeclared{Themes: []string{"gold"}, As: act.Decides, From: "2026-01-01"}, nil)})
	},
	act.KindLadderDeclared: func(r *rulesWorld) []attempt {
		rows := r.organisations(&act.LadderDeclared{To: []act.ID{r.org["ministry"]}}, nil)
		return append(rows,
			attempt{state: "the office; up to one that is no authority", of: r.org[office], draft: same(&act.LadderDeclared{To: []act.ID{r.org[apart]}}, nil)},
			attempt{state: "the office; up to its sister, under which it would stand", of: r.org["ministry"], draft: same(&act.LadderDeclared{To: []act.ID{r.org[officeKin]}}, nil)})
	},
	act.KindInterestDeclared: func(r *rulesWorld) []attempt {
		rows := r.organisations(&act.InterestDeclared{With: r.org[apart], As: "funds", From: "2026-01-01"}, nil)
		return append(rows, attempt{state: "the host; in one that there is not", of: r.org[host], draft: same(&act.InterestDeclared{With: unknown, As: "funds", From: "2026-01-01"}, nil)})
	},
	act.KindSigningDelegated: func(r *rulesWorld) []attempt {
		to := func(staff act.ID) act.Facts {
			return &act.SigningDelegated{To: staff, From: "2026-03-01", Until: "2026-12-31"}
		}
		return append(r.organisations(to(r.as(office, act.RoleMonitor).By.Staff), nil),
			attempt{state: "the office; to somebody who has no role there", of: r.org[office], draft: same(to(unknown), nil)})
	},
	act.KindContextNoted:   func(r *rulesWorld) []attempt { return r.organisations(&act.ContextNoted{}, names("Floods")) },
	act.KindNeedIdentified: (*rulesWorld).needRows,
	act.KindNeedGathered: func(r *rulesWorld) []attempt {
		public, hidden := r.find("statement", "published").id, r.find("statement", "withheld").id
		in := r.state.Need(r.find("need", "identified").id).Gathered
		but := func(what string, facts *act.NeedGathered) attempt {
			return r.but("need", "identified", what, same(facts, nil))
		}
		return append(r.every("need", &act.NeedGathered{Add: []act.ID{public}}, nil),
			but("a view that is not public comes in", &act.NeedGathered{Add: []act.ID{hidden}}),
			but("a view that was erased comes in", &act.NeedGathered{Add: []act.ID{r.find("statement", "erased").id}}),
			but("a view that is in it comes in", &act.NeedGathered{Add: in[:1]}),
			but("one of two goes", &act.NeedGathered{Remove: in[:1]}),
			but("all go", &act.NeedGathered{Remove: in}),
			but("one goes that is not in it", &act.NeedGathered{Remove: []act.ID{public}}),
			r.but("need", "referred", "one of two goes", same(&act.NeedGathered{Remove: r.state.Need(r.find("need", "referred").id).Gathered[:1]}, nil)))
	},
	act.KindNeedSummarised: func(r *rulesWorld) []attempt {
		rows := r.over("need", func(s subject) drafter {
			covers := []act.ID{unknown}
			if n := r.state.Need(s.id); n != nil {
				covers = n.Gathered[:1]
			}
			return same(&act.NeedSummarised{Covers: covers, Means: "human"}, names("wells"))
		})
		return append(rows, r.but("need", "identified", "of a view that is not in it",
			same(&act.NeedSummarised{Covers: []act.ID{r.find("statement", "published").id}, Means: "human"}, names("wells"))))
	},
	act.KindReferralMade: (*rulesWorld).referralRows,
	act.KindReferralTransferred: func(r *rulesWorld) []attempt {
		to := func(org act.ID) drafter {
			return same(&act.ReferralTransferred{To: org}, because("reasons", "Theirs."))
		}
		return append(r.over("case", func(subject) drafter { return to(r.org[elsewhere]) }),
			r.but("case", "acknowledged", "to one that is no authority", to(r.org[apart])),
			r.but("case", "handed on to the co-responsible", "back", to(r.org[office])))
	},
	act.KindReferralAcknowledged: func(r *rulesWorld) []attempt { return r.every("case", &act.ReferralAcknowledged{}, nil) },
	act.KindReferralConsidered: func(r *rulesWorld) []attempt {
		return append(r.every("case", &act.ReferralConsidered{On: "2026-04-17", In: "meeting"}, nil),
			r.but("case", "acknowledged", "on a day to come", same(&act.ReferralConsidered{On: "2026-12-01", In: "meeting"}, nil)))
	},
	act.KindInformationRequested: func(r *rulesWorld) []attempt {
		return r.every("case", &act.InformationRequested{What: "place", From: "holder"}, because("question", "Which village?"))
	},
	act.KindInformationSupplied: func(r *rulesWorld) []attempt {
		var rows []attempt
		for _, s := range r.subjects["case"] {
			rows = append(rows, attempt{state: "its case: " + s.state, of: s.view, view: s.view, draft: same(&act.InformationSupplied{Case: s.id}, because("text", "Behind the school."))})
		}
		erased := r.find("statement", "erased").id
		return append(rows, attempt{state: "the view was erased", of: erased, view: erased, draft: same(&act.InformationSupplied{Case: unknown}, because("text", "Here."))},
			attempt{state: "there is no such view", of: unknown, draft: same(&act.InformationSupplied{Case: unknown}, because("text", "Here."))})
	},
	act.KindAnswerExtended: func(r *rulesWorld) []attempt {
		return r.every("case", &act.AnswerExtended{Days: 5}, because("reasons", "A visit."))
	},
	act.KindAnswerIssued: (*rulesWorld).answerRows,
	act.KindHolderTold: func(r *rulesWorld) []attempt {
		return r.over("statement", func(s subject) drafter { return same(&act.HolderTold{Answer: r.answerOf(s), Means: "phone"}, nil) })
	},
	act.KindAnswerJudged: func(r *rulesWorld) []attempt {
		return r.over("statement", func(s subject) drafter {
			return same(&act.AnswerJudged{Answer: r.answerOf(s), Deals: "no", Understandable: "yes"}, because("reason", "Another village."))
		})
	},
	act.KindReviewDecided: func(r *rulesWorld) []attempt {
		return r.every("case", &act.ReviewDecided{Outcome: act.ReviewUpheld}, because("reasons", "It stands."))
	},
	act.KindCaseEscalated: func(r *rulesWorld) []attempt {
		return r.over("case", func(s subject) drafter { return same(r.escalation(s.id), nil) })
	},
	act.KindAgendaTabled: func(r *rulesWorld) []attempt {
		return r.over("dialogue", func(s subject) drafter {
			if due := r.state.AgendaDue(s.id, r.now); due != nil {
				return same(due, nil)
			}
			return same(&act.AgendaTabled{Cases: []act.ID{r.caseOf("that went up")}}, nil)
		})
	},
}

// answerOf is the answer to a view, or one that there is not.
func (r *rulesWorld) answerOf(s subject) act.ID {
	if s.answer.IsZero() {
		return unknown
	}
	return s.answer
}

func (r *rulesWorld) needRows() []attempt {
	view := func(state string) act.ID { return r.find("statement", state).id }
	identify := func(facts *act.NeedIdentified) drafter {
		content := names("need")
		content["raised"] = r.state.Raised(facts.Statements)
		return same(facts, content)
	}
	public := view("published")
	left := r.state.Need(r.find("need", "of a dialogue that is closed").id).Gathered
	rows := r.over("dialogue", func(s subject) drafter {
		in := []act.ID{public}
		if s.state == "closed, a need is open" {
			in = left
		}
		return identify(&act.NeedIdentified{Theme: "water", Statements: in})
	})
	but := func(what string, facts *act.NeedIdentified) attempt {
		return r.but("dialogue", "open", what, identify(facts))
	}
	miscounted := names("need")
	miscounted["raised"] = &act.Raised{Views: 7}
	for _, s := range r.subjects["statement"] {
		rows = append(rows, but("of a view: "+s.state, &act.NeedIdentified{Theme: "water", Statements: []act.ID{s.id}}))
	}
	return append(rows,
		but("on a theme that there is not", &act.NeedIdentified{Theme: "gold", Statements: []act.ID{public}}),
		but("at a place that there is not", &act.NeedIdentified{Theme: "water", Place: "18", Statements: []act.ID{public}}),
		but("at a finer place than the dialogue has", &act.NeedIdentified{Theme: "water", Place: "1602", Statements: []act.ID{public}}),
		r.but("dialogue", "open", "with another count of who raised it", same(&act.NeedIdentified{Theme: "water", Statements: []act.ID{public}}, miscounted)))
}

func (r *rulesWorld) referralRows() []attempt {
	to := func(org act.ID) drafter { return same(&act.ReferralMade{Authority: org}, nil) }
	var rows []attempt
	for _, noun := range []struct{ name, words string }{{"statement", "a view: "}, {"need", "a need: "}} {
		for _, s := range r.subjects[noun.name] {
			rows = append(rows, attempt{state: noun.words + s.state, of: s.id, view: s.view, draft: to(r.org[office])})
		}
	}
	published := r.find("statement", "published").id
	return append(rows, attempt{state: "a view: published; to one that is no authority", of: published, draft: to(r.org[apart])})
}

func (r *rulesWorld) answerRows() []attempt {
	answer := func(decision string, corrects *act.ID, s subject) drafter {
		return func(civic.Actor) (act.Facts, map[string]any) { return r.answerTo(decision, corrects, s.id) }
	}
	var rows []attempt
	add := func(s subject, state string, draft drafter) {
		rows = append(rows, attempt{state: state, of: s.holder, view: s.view, draft: draft})
	}
	for _, s := range r.subjects["case"] {
		add(s, s.state, answer(act.Accepted, nil, s))
	}
	for _, s := range r.subjects["case"] {
		if !s.answer.IsZero() {
			add(s, s.state+"; corrected", answer(act.Accepted, &s.answer, s))
		}
	}
	s, other := r.find("case", "acknowledged"), unknown
	add(s, s.state+"; correcting an answer to others", answer(act.Accepted, &other, s))
	advised := r.find("case", "in the hands of an office that only advises")
	add(advised, advised.state+"; accepting nothing", answer(act.NotAccepted, nil, advised))
	foreign := r.find("case", "in the hands of an office that is not competent")
	add(foreign, foreign.state+"; saying that none is", answer(act.NoCompetentOffice, nil, foreign))
	facts, _ := r.answerTo(act.Accepted, nil, s.id)
	_, unfit := r.answerTo(act.Accepted, nil, unknown)
	add(s, s.state+"; with reasons for another case", same(facts, unfit))
	early, reasons := r.answerTo(act.Accepted, nil, s.id)
	early.(*act.AnswerIssued).ConsideredOn = "2026-12-01"
	add(s, s.state+"; considered on a day to come", same(early, reasons))
	return append(rows, attempt{state: s.state + "; in the name of the independent CSO", of: r.org[apart], draft: answer(act.Accepted, nil, s)})
}
