package civic_test

import (
	"strings"

	"samleng/act"
	"samleng/civic"
)

// viewRows are the rows of what is done about views.
var viewRows = map[act.Kind]func(*rulesWorld) []attempt{
	act.KindStatementRegistered: (*rulesWorld).registeredRows,
	act.KindStatementPublished: func(r *rulesWorld) []attempt {
		waits := r.find("statement", "published, a correction waits")
		publish := func(text act.ID) drafter { return same(&act.StatementPublished{Text: &text}, nil) }
		return append(r.every("statement", &act.StatementPublished{}, nil),
			r.but("statement", waits.state, "the correction", publish(waits.more)),
			r.but("statement", waits.state, "the wording that was public", publish(waits.id)),
			r.but("statement", waits.state, "a wording that there is not", publish(unknown)))
	},
	act.KindStatementRedacted: func(r *rulesWorld) []attempt {
		return r.every("statement", &act.StatementRedacted{Gaps: []string{"insult"}}, map[string]any{"text": &act.Redaction{Parts: []act.RedactionPart{{Gap: "insult"}}}})
	},
	act.KindStatementWithheld: func(r *rulesWorld) []attempt {
		return append(r.every("statement", &act.StatementWithheld{Reason: "insult"}, unpleasant),
			r.but("statement", "published", "for safeguarding", same(&act.StatementWithheld{Reason: act.ReasonSafeguarding}, unpleasant)),
			r.but("statement", "published", "because its source withheld it", same(&act.StatementWithheld{Reason: act.ReasonSource}, unpleasant)),
			r.but("statement", "awaits, imported", "because its source withheld it", same(&act.StatementWithheld{Reason: act.ReasonSource}, unpleasant)))
	},
	act.KindStatementMatched: func(r *rulesWorld) []attempt {
		other := &act.StatementMatched{Same: r.find("statement", "published").id}
		hidden := &act.StatementMatched{Same: r.find("statement", "withheld").id}
		return append(r.every("statement", other, nil), r.but("statement", "awaits moderation", "with one that is withheld", same(hidden, nil)))
	},
	act.KindStatementCorrected: func(r *rulesWorld) []attempt {
		text := func(words string) map[string]any { return map[string]any{"text": &act.Text{Text: words}} }
		return append(r.every("statement", &act.StatementCorrected{}, text("ទឹក")),
			r.but("statement", "published", "longer than the dialogue allows", same(&act.StatementCorrected{}, text(strings.Repeat("ទឹក", 301)))))
	},
	act.KindStatementTranslated: func(r *rulesWorld) []attempt {
		return r.every("statement", &act.StatementTranslated{Language: "en", Means: "human"}, map[string]any{"text": &act.Text{Text: "Clean water"}})
	},
	act.KindAppealLodged: func(r *rulesWorld) []attempt {
		return r.every("statement", &act.AppealLodged{}, because("grounds", "It names nobody."))
	},
	act.KindAppealDecided: func(r *rulesWorld) []attempt {
		return r.every("statement", &act.AppealDecided{Outcome: act.AppealOverturned}, unpleasant)
	},
	act.KindSectionErased: (*rulesWorld).erasedRows,
}

func (r *rulesWorld) registeredRows() []attempt {
	// put makes a view that comes in the way that is who's own.
	put := func(change func(*act.StatementRegistered, map[string]any)) drafter {
		return func(who civic.Actor) (act.Facts, map[string]any) {
			facts, source := &act.StatementRegistered{Channel: "web", Written: "km", Visibility: act.VisibilityOpen}, &act.Source{}
			switch who.By.As {
			case act.BySystem:
				facts.Channel = "import"
			case act.ByStaff:
				facts.Channel = "organisation"
			case act.ByOrganisation:
				facts.Channel, facts.Visibility, source.Staff = "organisation", act.VisibilityUnattributed, &who.Staff
			default:
				person := who.Participant
				source.Participant = &person
			}
			content := map[string]any{"text": &act.Text{Text: "ទឹក"}, "source": source}
			change(facts, content)
			return facts, content
		}
	}
	usual := put(func(*act.StatementRegistered, map[string]any) {})
	open := func(what string, change func(*act.StatementRegistered, map[string]any)) attempt {
		return r.but("dialogue", "open", what, put(change))
	}
	long := func(_ *act.StatementRegistered, content map[string]any) {
		content["text"] = &act.Text{Text: strings.Repeat("ទឹក", 301)}
	}
	imported := open("longer than it allows, carried over", long)
	imported.mend = func(who *civic.Actor) { who.Import = true }
	return append(r.over("dialogue", func(subject) drafter { return usual }), r.admitted(usual),
		open("written down for somebody", func(f *act.StatementRegistered, _ map[string]any) {
			f.Channel, f.Spoken, f.ReadBack, f.Visibility = "assisted", "km", "yes", act.VisibilityOpen
		}),
		open("at a place that there is not", func(f *act.StatementRegistered, _ map[string]any) { f.Place = "18" }),
		open("at a finer place than the dialogue has", func(f *act.StatementRegistered, _ map[string]any) { f.Place = "1602" }),
		open("on a theme that there is not", func(f *act.StatementRegistered, _ map[string]any) { f.Themes = []string{"gold"} }),
		open("sealed to trustees", func(f *act.StatementRegistered, _ map[string]any) { f.Visibility = act.VisibilitySealed }),
		open("longer than it allows", long), imported,
		open("said to be from somebody else", func(_ *act.StatementRegistered, content map[string]any) {
			stranger := unknown
			content["source"] = &act.Source{Participant: &stranger, Staff: &stranger}
		}))
}

func (r *rulesWorld) erasedRows() []attempt {
	erase := func(section, reason string) drafter {
		return same(&act.SectionErased{Section: section, Reason: reason}, nil)
	}
	var rows []attempt
	for _, reason := range []struct{ code, words string }{
		{act.ErasedByHolder, "its words, as who holds it wishes"}, {act.ErasedByLaw, "its words, as the law asks"},
		{act.ErasedSafeguarding, "its words, for somebody's safety"}, {act.ErasedLost, "its words, as lost"}} {
		for _, s := range r.subjects["statement"] {
			rows = append(rows, attempt{state: reason.words + ": " + s.state, of: s.id, view: s.view, draft: erase("text", reason.code)})
		}
	}
	published := r.find("statement", "published")
	withheld := r.find("statement", "withheld")
	words := r.state.Statement(withheld.id).Events
	explained := words[len(words)-1].Act
	described, cast := r.find("described", "described").id, r.find("ballot", "cast").id
	return append(rows,
		attempt{state: "a section that it has not", of: published.id, view: published.id, draft: erase("grounds", act.ErasedByHolder)},
		attempt{state: "its source, as lost, though it is there", of: published.id, view: published.id, draft: erase("source", act.ErasedLost)},
		attempt{state: "why it was withheld, as who holds it wishes", of: explained, view: withheld.id, draft: erase("explanation", act.ErasedByHolder)},
		attempt{state: "why it was withheld, as the law asks", of: explained, view: withheld.id, draft: erase("explanation", act.ErasedByLaw)},
		attempt{state: "what a dialogue is called, as the law asks", of: r.main, draft: erase("names", act.ErasedByLaw)},
		attempt{state: "what somebody says of themselves, as they wish", of: described, draft: erase("self", act.ErasedByHolder)},
		attempt{state: "what somebody says of themselves, as the law asks", of: described, draft: erase("self", act.ErasedByLaw)},
		attempt{state: "a ballot, as who cast it wishes", of: cast, draft: erase("ballot", act.ErasedByHolder)})
}
