package civic_test

import (
	"samleng/act"
	"samleng/civic"
)

// attempt is a row of the rules' table: an act about something in a state, which
// everybody tries.
type attempt struct {
	state string
	of    act.ID
	view  act.ID // whose receipt its holder shows
	// draft makes what somebody tries; its form is right for them.
	draft func(who civic.Actor) (act.Facts, map[string]any)
	// mend changes what the server knows of who tries.
	mend func(*civic.Actor)
	in   *civic.State // where it is not that of the world
}

type drafter = func(who civic.Actor) (act.Facts, map[string]any)

// same makes the same of everybody.
func same(facts act.Facts, content map[string]any) drafter {
	return func(civic.Actor) (act.Facts, map[string]any) { return facts, content }
}

// over makes a row of every state of a noun.
func (r *rulesWorld) over(noun string, draft func(subject) drafter) []attempt {
	var rows []attempt
	for _, s := range r.subjects[noun] {
		rows = append(rows, attempt{state: s.state, of: s.id, view: s.view, draft: draft(s)})
	}
	return rows
}

// every makes a row of every state of a noun, of an act that is the same of all.
func (r *rulesWorld) every(noun string, facts act.Facts, content map[string]any) []attempt {
	return r.over(noun, func(subject) drafter { return same(facts, content) })
}

// but makes a row of something in a state, with an act that is not the usual one.
func (r *rulesWorld) but(noun, state, what string, draft drafter) attempt {
	s := r.find(noun, state)
	return attempt{state: state + "; " + what, of: s.id, view: s.view, draft: draft}
}

// organisations are rows of an act about an organisation.
func (r *rulesWorld) organisations(facts act.Facts, content map[string]any) []attempt {
	return []attempt{
		{state: "the host", of: r.org[host], draft: same(facts, content)},
		{state: "the office", of: r.org[office], draft: same(facts, content)},
		{state: "there is none", of: unknown, draft: same(facts, content)},
	}
}

func row(state string, facts act.Facts, content map[string]any) attempt {
	return attempt{state: state, draft: same(facts, content)}
}

// ruleRows makes the rows of each kind.
var ruleRows = map[act.Kind]func(*rulesWorld) []attempt{
	act.KindProgrammeDeclared: func(r *rulesWorld) []attempt {
		facts := &act.ProgrammeDeclared{Prefix: "KH", TimeZone: "UTC", Languages: []string{"km"}, Threshold: 10, Rounding: 5, Step: 10}
		return []attempt{{state: "the register is empty", in: r.empty, draft: same(facts, names("programme"))}, row("there is a programme", facts, names("programme"))}
	},
	act.KindEpochBegun: func(r *rulesWorld) []attempt {
		facts := &act.EpochBegun{Origin: "old.example/register", Size: 10, Root: act.Digest{1}}
		return []attempt{{state: "the register is empty", in: r.empty, draft: same(facts, nil)}, row("the register has acts", facts, nil)}
	},
	act.KindRulesAdopted: func(r *rulesWorld) []attempt {
		return []attempt{{state: "none are in force; the first", in: r.bare, draft: same(&act.RulesAdopted{Version: 1}, nil)},
			row("the same are in force", &act.RulesAdopted{Version: 1}, nil),
			row("newer ones than the program knows", &act.RulesAdopted{Version: civic.RulesVersion + 1}, nil)}
	},
	act.KindPolicyDeclared: func(r *rulesWorld) []attempt {
		days, cso, authority := map[act.Step]int{act.StepAnswer: 10}, r.org[apart], r.org[office]
		return []attempt{row("for everybody", &act.PolicyDeclared{Days: days}, nil),
			row("for the office", &act.PolicyDeclared{Days: days, Authority: &authority}, nil),
			row("for one that is no authority", &act.PolicyDeclared{Days: days, Authority: &cso}, nil)}
	},
	act.KindCalendarDeclared: func(r *rulesWorld) []attempt {
		return []attempt{
			row("a day to come is a holiday", &act.CalendarDeclared{Weekend: []int{0, 6}, Holidays: []string{"2026-03-11", "2026-11-09"}}, nil),
			row("a day that has been is one no more", &act.CalendarDeclared{Weekend: []int{0, 6}, Holidays: []string{}}, nil)}
	},
	act.KindPlaceRegistered: func(r *rulesWorld) []attempt {
		return []attempt{row("its code is new", &act.PlaceRegistered{Code: "17", Level: 1}, names("place")),
			row("its code is there", &act.PlaceRegistered{Code: "16", Level: 1}, names("place")),
			row("in a place that there is not", &act.PlaceRegistered{Code: "1801", Parent: "18", Level: 2}, names("place"))}
	},
	act.KindOrganisationReg: func(r *rulesWorld) []attempt {
		parent := unknown
		return []attempt{row("a new one", &act.OrganisationRegistered{Type: "cso"}, names("new")),
			row("of a parent that there is not", &act.OrganisationRegistered{Type: "cso", Parent: &parent}, names("new")),
			row("at a place that there is not", &act.OrganisationRegistered{Type: "cso", Place: "18"}, names("new"))}
	},
	act.KindOrganisationAliased: func(r *rulesWorld) []attempt {
		return r.organisations(&act.OrganisationAliased{From: "2026-01-01"}, names("alias"))
	},
	act.KindOrganisationEngaged: func(r *rulesWorld) []attempt {
		rows := r.organisations(&act.OrganisationEngaged{As: "partner", From: "2026-01-01"}, nil)
		return append(rows, attempt{state: "the office; as the lead", of: r.org[office], draft: same(&act.OrganisationEngaged{As: "lead", From: "2026-01-01"}, nil)})
	},
	act.KindRoleGranted: func(r *rulesWorld) []attempt {
		return r.organisations(&act.RoleGranted{Staff: unknown, Role: act.RoleMonitor, From: "2026-01-01"}, nil)
	},
	act.KindRoleEnded: func(r *rulesWorld) []attempt {
		has := r.as(host, act.RoleMonitor).By.Staff
		ended := r.staff(r.org[host], act.RoleMonitor).By.Staff
		r.must(civic.System, r.org[host], &act.RoleEnded{Staff: ended, Role: act.RoleMonitor}, nil)
		end := func(state string, of, staff act.ID) attempt {
			return attempt{state: state, of: of, draft: same(&act.RoleEnded{Staff: staff, Role: act.RoleMonitor}, nil)}
		}
		return []attempt{end("of the host's staff, somebody has it", r.org[host], has), end("of the host's staff, it has ended", r.org[host], ended),
			end("of the host's staff, they never had it", r.org[host], unknown), end("there is no such organisation", unknown, has)}
	},
	act.KindDialogueAnnounced: func(r *rulesWorld) []attempt {
		announce := func(state string, change func(*act.DialogueAnnounced)) attempt {
			facts := &act.DialogueAnnounced{Slug: "new", Level: "provincial", Place: "16", PlaceLevel: 1, Door: "open", Limit: 300, Changes: 3,
				Opens: "2026-03-09", Closes: "2026-04-09", Host: r.org[host]}
			change(facts)
			return row(state, facts, names("new"))
		}
		return []attempt{announce("of the host", func(*act.DialogueAnnounced) {}),
			announce("its name in addresses is taken", func(f *act.DialogueAnnounced) { f.Slug = "main" }),
			announce("at a place that there is not", func(f *act.DialogueAnnounced) { f.Place = "18" }),
			announce("of a host that there is not", func(f *act.DialogueAnnounced) { f.Host = unknown })}
	},
	act.KindDialogueOpened:    func(r *rulesWorld) []attempt { return r.every("dialogue", &act.DialogueOpened{}, nil) },
	act.KindDialogueClosed:    func(r *rulesWorld) []attempt { return r.every("dialogue", &act.DialogueClosed{}, nil) },
	act.KindDialogueCompleted: func(r *rulesWorld) []attempt { return r.every("dialogue", &act.DialogueCompleted{}, nil) },
	act.KindParticipantDescribe: func(r *rulesWorld) []attempt {
		self := func(place string) drafter {
			return func(who civic.Actor) (act.Facts, map[string]any) {
				return &act.ParticipantDescribed{}, map[string]any{"self": &act.Self{Participant: pseudonymOf(who), Place: place}}
			}
		}
		return append(r.over("dialogue", func(subject) drafter { return self("") }),
			r.admitted(self("")), r.but("dialogue", "open", "at a place that there is not", self("18")),
			r.but("dialogue", "open", "about somebody else", same(&act.ParticipantDescribed{}, map[string]any{"self": &act.Self{Participant: unknown}})))
	},
	act.KindBallotCast:       (*rulesWorld).ballotRows,
	act.KindReleasePublished: (*rulesWorld).releaseRows,
	act.KindMapPublished:     (*rulesWorld).mapRows,

	act.KindWitnessesDeclared: (*rulesWorld).witnessRows,
	act.KindKeyChanged:        (*rulesWorld).keyRows,
}

func init() {
	for _, more := range []map[act.Kind]func(*rulesWorld) []attempt{viewRows, chainRows, planRows} {
		for kind, rows := range more {
			ruleRows[kind] = rows
		}
	}
}

// pseudonymOf is who takes part; of others, who could.
func pseudonymOf(who civic.Actor) act.Pseudonym {
	if who.Participant.IsZero() {
		return act.Pseudonym{9, 9}
	}
	return who.Participant
}

// admitted is a row of somebody who showed their card at the door.
func (r *rulesWorld) admitted(draft drafter) attempt {
	a := r.but("dialogue", "open to those who have a card", "they showed it", draft)
	a.mend = func(who *civic.Actor) { who.Admitted = true }
	return a
}

func (r *rulesWorld) ballotRows() []attempt {
	on := func(state string, vote act.Vote) drafter {
		view := r.find("statement", state).id
		return func(who civic.Actor) (act.Facts, map[string]any) { return ballot(pseudonymOf(who), view, vote) }
	}
	vote := on("redacted", act.Agree)
	rows := r.over("dialogue", func(subject) drafter { return vote })
	rows = append(rows, r.admitted(vote))
	for _, s := range r.subjects["statement"] {
		rows = append(rows, r.but("dialogue", "open", "on a view: "+s.state, on(s.state, act.Agree)))
	}
	imported := r.but("dialogue", "open", "on a view that is withheld, carried over", on("withheld", act.Agree))
	imported.mend = func(who *civic.Actor) { who.Import = true }
	foreign, content := ballot(unknown, r.find("statement", "redacted").id, act.Agree)
	return append(rows, imported, r.but("dialogue", "open", "changed once more than it allows", on("referred", act.Agree)),
		r.but("dialogue", "open", "somebody else's votes", same(foreign, content)))
}

func (r *rulesWorld) releaseRows() []attempt {
	tally := func(of act.ID) map[string]any { return map[string]any{"tally": r.state.ReleaseTally(of)} }
	rows := r.over("dialogue", func(s subject) drafter {
		return func(civic.Actor) (act.Facts, map[string]any) {
			return &act.ReleasePublished{At: r.state.Position()}, tally(s.id)
		}
	})
	many := 500
	return append(rows,
		r.but("dialogue", "open", "as at a moment that has been", func(civic.Actor) (act.Facts, map[string]any) {
			return &act.ReleasePublished{At: r.state.Position() - 1}, tally(r.main)
		}),
		r.but("dialogue", "open", "other figures than the state's", func(civic.Actor) (act.Facts, map[string]any) {
			return &act.ReleasePublished{At: r.state.Position()}, map[string]any{"tally": &act.Tally{Participants: &many}}
		}))
}

func (r *rulesWorld) mapRows() []attempt {
	few := map[string]any{"map": &act.OpinionMap{Finding: act.FindingFew}}
	rows := r.over("dialogue", func(subject) drafter {
		return func(civic.Actor) (act.Facts, map[string]any) { return &act.MapPublished{At: r.state.Position()}, few }
	})
	three := 3
	return append(rows,
		r.but("dialogue", "open", "as at a moment that has been", func(civic.Actor) (act.Facts, map[string]any) {
			return &act.MapPublished{At: r.state.Position() - 1}, few
		}),
		r.but("dialogue", "open", "as at a moment to come", func(civic.Actor) (act.Facts, map[string]any) {
			return &act.MapPublished{At: r.state.Position() + 1}, few
		}),
		r.but("dialogue", "open", "counts that may not be shown", func(civic.Actor) (act.Facts, map[string]any) {
			return &act.MapPublished{At: r.state.Position()}, map[string]any{"map": &act.OpinionMap{Finding: act.FindingFew, Participants: &three}}
		}))
}
