package civic_test

import (
	"time"

	"samleng/act"
	"samleng/civic"
)

// Something in every state: made by real acts, each checked before it is
// applied.

var unpleasant = explanation("It names a person.")

func (r *rulesWorld) moderator() civic.Actor { return r.as(host, act.RoleModerator) }

// said is a view that somebody put forward.
func (r *rulesWorld) said(in act.ID) act.ID {
	return r.must(civic.Actor{By: act.Participant, Participant: r.person, Admitted: true}, in,
		&act.StatementRegistered{Channel: "web", Written: "km", Visibility: "open", Themes: []string{"water"}}, r.words())
}

func (r *rulesWorld) words() map[string]any {
	return map[string]any{"text": &act.Text{Text: "ទឹកស្អាត"}, "source": &act.Source{Participant: &r.person}}
}

func (r *rulesWorld) shown(in act.ID) act.ID {
	id := r.said(in)
	r.must(r.moderator(), id, &act.StatementPublished{}, nil)
	return id
}

func (r *rulesWorld) filed(who civic.Actor, visibility string) act.ID {
	source := &act.Source{}
	if who.By.As == act.ByOrganisation {
		source.Staff = &who.Staff
	}
	return r.must(who, r.main, &act.StatementRegistered{Channel: "organisation", Written: "en", Visibility: visibility},
		map[string]any{"text": &act.Text{Text: "Roads"}, "source": source})
}

func (r *rulesWorld) aboutNamed() act.ID {
	content := r.words()
	content["source"] = &act.Source{Participant: &r.person, Subjects: []act.ID{r.org[named]}}
	return r.must(civic.Actor{By: act.Participant, Participant: r.person}, r.main,
		&act.StatementRegistered{Channel: "web", Written: "km", Visibility: "open"}, content)
}

func (r *rulesWorld) withhold(id act.ID, reason string) {
	r.must(r.moderator(), id, &act.StatementWithheld{Reason: reason}, unpleasant)
}

func (r *rulesWorld) appeal(id act.ID) {
	r.must(civic.Actor{By: act.Participant, Holds: id}, id, &act.AppealLodged{}, because("grounds", "It names nobody."))
}

func (r *rulesWorld) correct(id act.ID) act.ID {
	return r.must(civic.Actor{By: act.Participant, Holds: id}, id, &act.StatementCorrected{}, map[string]any{"text": &act.Text{Text: "ទឹក"}})
}

func (r *rulesWorld) statements() {
	put := func(state string, id act.ID) subject { return r.add("statement", subject{state: state, id: id}) }
	put("awaits moderation", r.said(r.main))
	put("awaits, written down by the host's facilitator", r.must(r.as(host, act.RoleFacilitator), r.main,
		&act.StatementRegistered{Channel: "assisted", Written: "km", Spoken: "km", ReadBack: "yes", Visibility: "open"},
		map[string]any{"text": &act.Text{Text: "ផ្លូវ"}, "source": &act.Source{}}))
	put("awaits, filed by the filer's facilitator", r.filed(r.as(filer, act.RoleFacilitator), "open"))
	unnamed := civic.Actor{By: act.By{As: act.ByOrganisation, Organisation: r.org[filer]}, Staff: r.as(filer, act.RoleModerator).By.Staff}
	put("awaits, filed by the filer, its moderator unnamed", r.filed(unnamed, "unattributed"))
	put("awaits, about the one named", r.aboutNamed())
	imported := func() act.ID {
		return r.must(civic.System, r.main, &act.StatementRegistered{Channel: "import", Written: "en", Visibility: "open"},
			map[string]any{"text": &act.Text{Text: "Roads"}, "source": &act.Source{}})
	}
	put("awaits, imported", imported())
	public := put("published", r.shown(r.main))
	id := r.said(r.main)
	r.must(r.moderator(), id, &act.StatementRedacted{Gaps: []string{"personal_data"}},
		map[string]any{"text": &act.Redaction{Parts: []act.RedactionPart{{Gap: "personal_data"}}}})
	put("redacted", id)
	id = r.said(r.main)
	r.must(r.moderator(), id, &act.StatementMatched{Same: public.id}, nil)
	put("the same as another", id)
	id = r.aboutNamed()
	r.must(r.moderator(), id, &act.StatementPublished{}, nil)
	put("published, about the one named", id)
	id = r.filed(r.as(filer, act.RoleFacilitator), "open")
	r.must(r.moderator(), id, &act.StatementPublished{}, nil)
	put("published, filed by the filer's facilitator", id)
	id = r.shown(r.main)
	r.add("statement", subject{state: "published, a correction waits", id: id, more: r.correct(id)})
	r.withheld(imported())
	id = r.must(civic.Actor{By: act.Participant, Participant: r.person}, r.main,
		&act.StatementRegistered{Channel: "web", Written: "km", Visibility: act.VisibilitySealed}, r.words())
	put("sealed to trustees", id)
	id = r.said(r.main)
	r.must(civic.Actor{By: act.Participant, Holds: id}, id, &act.SectionErased{Section: "text", Reason: act.ErasedByHolder}, nil)
	put("erased", id)
	id = r.shown(r.main)
	r.refer(id)
	put("referred", id)
	id = r.shown(r.main)
	answer := r.answer(act.NotAccepted, r.refer(id))
	r.add("statement", subject{state: "answered", id: id, answer: answer})
	id = r.shown(r.main)
	answer = r.answer(act.NotAccepted, r.refer(id))
	r.judge(id, answer, "partly")
	r.add("statement", subject{state: "answered, its holder judged the answer", id: id, answer: answer})
	put("there is none", unknown)
}

// withheld puts views forward that are withheld, or were.
func (r *rulesWorld) withheld(imported act.ID) {
	put := func(state string, id act.ID, reason string) subject {
		r.withhold(id, reason)
		return r.add("statement", subject{state: state, id: id})
	}
	put("withheld", r.said(r.main), "insult")
	id := r.said(r.main)
	r.withhold(id, "insult")
	r.add("statement", subject{state: "withheld, a correction waits", id: id, more: r.correct(id)})
	put("withheld for safeguarding", r.said(r.main), act.ReasonSafeguarding)
	put("withheld, about the one named", r.aboutNamed(), "insult")
	put("withheld, filed by the filer's facilitator", r.filed(r.as(filer, act.RoleFacilitator), "open"), "insult")
	r.must(civic.System, imported, &act.StatementWithheld{Reason: act.ReasonSource}, unpleasant)
	r.add("statement", subject{state: "withheld by its source", id: imported})
	r.appeal(put("withheld, an appeal is open", r.said(r.main), "insult").id)
	r.appeal(put("withheld, about the one named, an appeal is open", r.aboutNamed(), "insult").id)
	r.appeal(put("withheld, filed by the filer's facilitator, an appeal is open", r.filed(r.as(filer, act.RoleFacilitator), "open"), "insult").id)
	r.appeal(put("withheld for safeguarding, an appeal is open", r.said(r.main), act.ReasonSafeguarding).id)
	judge := r.as(apart, act.RoleModerator)
	upheld := put("withheld, upheld on appeal", r.said(r.main), "insult")
	r.appeal(upheld.id)
	r.must(judge, upheld.id, &act.AppealDecided{Outcome: act.AppealUpheld}, unpleasant)
	shown := put("shown again on appeal", r.said(r.main), "insult")
	r.appeal(shown.id)
	r.must(judge, shown.id, &act.AppealDecided{Outcome: act.AppealOverturned}, unpleasant)
}

func (r *rulesWorld) refer(of act.ID) act.ID { return r.referTo(of, office) }

func (r *rulesWorld) referTo(of act.ID, to string) act.ID {
	return r.must(r.as(host, act.RoleFacilitator), of, &act.ReferralMade{Authority: r.org[to]}, nil)
}

// answerTo is an answer to cases, and its reasons.
func (r *rulesWorld) answerTo(decision string, corrects *act.ID, cases ...act.ID) (act.Facts, map[string]any) {
	facts := &act.AnswerIssued{Position: "director", ConsideredOn: r.now.Format(time.DateOnly), ConsideredIn: "meeting", Corrects: corrects}
	reasons := &act.Reasons{}
	for _, id := range cases {
		facts.Covers = append(facts.Covers, act.Covered{Case: id, Decision: decision})
		reasons.Cases = append(reasons.Cases, act.CaseReasons{Case: id, Text: why})
	}
	return facts, map[string]any{"reasons": reasons}
}

func (r *rulesWorld) answer(decision string, cases ...act.ID) act.ID {
	facts, reasons := r.answerTo(decision, nil, cases...)
	return r.must(r.as(office, act.RoleSigningOfficer), r.org[office], facts, reasons)
}

func (r *rulesWorld) judge(view, answer act.ID, deals string) {
	r.must(civic.Actor{By: act.Participant, Holds: view}, view, &act.AnswerJudged{Answer: answer, Deals: deals, Understandable: "yes"},
		because("reason", "It is about another village."))
}

func (r *rulesWorld) need(in act.ID, views ...act.ID) act.ID {
	content := names("need")
	content["raised"] = r.state.Raised(views)
	return r.must(r.as(host, act.RoleFacilitator), in, &act.NeedIdentified{Theme: "water", Statements: views}, content)
}

func (r *rulesWorld) needs() {
	in := func() act.ID { return r.need(r.main, r.shown(r.main), r.shown(r.main)) }
	r.add("need", subject{state: "identified", id: in()})
	id := in()
	r.must(r.as(host, act.RoleFacilitator), id, &act.NeedSummarised{Covers: r.state.Need(id).Gathered[:1], Means: "human"}, names("wells"))
	r.add("need", subject{state: "summed up", id: id})
	id = in()
	r.refer(id)
	r.add("need", subject{state: "referred", id: id})
	id = in()
	r.answer(act.NotAccepted, r.refer(id))
	r.add("need", subject{state: "refused with reasons", id: id})
	id = in()
	r.promise(id, "2026-12-31")
	r.add("need", subject{state: "with a line in the plans", id: id})
	r.add("need", subject{state: "there is none", id: unknown})
}

// opened is a case of a view, in the hands of the office.
func (r *rulesWorld) opened() subject {
	view := r.shown(r.main)
	return subject{view: view, id: r.refer(view), holder: r.org[office]}
}

func (r *rulesWorld) ask(s subject, from string) {
	r.must(r.as(office, act.RoleFocalPoint), s.id, &act.InformationRequested{What: "place", From: from}, because("question", "Which village?"))
}

// old makes what has to be there for a while: cases that are late.
func (r *rulesWorld) old() {
	put := func(state string, s subject) {
		s.state = state
		r.add("case", s)
	}
	put("silent, due to go up", r.opened())
	put("that went up", r.opened())
	s := r.opened()
	r.must(r.as(office, act.RoleFocalPoint), s.id, &act.ReferralAcknowledged{}, nil)
	put("acknowledged, the answer is late", s)
	s = r.opened()
	r.ask(s, "holder")
	put("what was missing was not supplied in time", s)
	r.add("commitment", subject{state: "past its end", id: r.promise(r.need(r.main, r.shown(r.main)), "2026-03-31")})
}

func (r *rulesWorld) escalation(of act.ID) act.Facts {
	for _, due := range r.state.Escalations(r.now) {
		if due.Case == of {
			return &due.CaseEscalated
		}
	}
	return &act.CaseEscalated{To: []act.ID{r.org["ministry"]}, Level: 1}
}

func (r *rulesWorld) cases() {
	put := func(state string, s subject) subject {
		s.state = state
		return r.add("case", s)
	}
	focal := r.as(office, act.RoleFocalPoint)
	put("waits to be acknowledged", r.opened())
	s := put("acknowledged", r.opened())
	r.must(focal, s.id, &act.ReferralAcknowledged{}, nil)
	s = put("considered", r.opened())
	r.must(focal, s.id, &act.ReferralConsidered{On: "2026-04-17", In: "meeting"}, nil)
	r.ask(put("needs information from who holds the view", r.opened()), "holder")
	r.ask(put("needs information from the facilitator", r.opened()), "facilitator")
	s = put("what was missing is supplied", r.opened())
	r.ask(s, "holder")
	r.must(civic.Actor{By: act.Participant, Holds: s.view}, s.view, &act.InformationSupplied{Case: s.id}, because("text", "Behind the school."))
	s = put("extended", r.opened())
	r.must(focal, s.id, &act.AnswerExtended{Days: 5}, because("reasons", "A visit."))
	s = r.opened()
	r.must(focal, s.id, &act.ReferralTransferred{To: r.org[bound]}, because("reasons", "Theirs."))
	s.holder = r.org[bound]
	put("handed on to the co-responsible", s)
	s = r.opened()
	s.answer = r.answer(act.NotAccepted, s.id)
	put("answered", s)
	s = r.opened()
	first := r.answer(act.NotAccepted, s.id)
	facts, reasons := r.answerTo(act.AlreadyInPlace, &first, s.id)
	s.answer = r.must(r.as(office, act.RoleSigningOfficer), r.org[office], facts, reasons)
	put("answered, the answer was corrected", s)
	r.reviews(put)
	view := r.shown(r.main)
	put("in the hands of an office that only advises", subject{id: r.referTo(view, elsewhere), view: view, holder: r.org[elsewhere]})
	view = r.must(civic.Actor{By: act.Participant, Participant: r.person}, r.main,
		&act.StatementRegistered{Channel: "web", Written: "km", Visibility: "open", Themes: []string{"roads"}}, r.words())
	r.must(r.moderator(), view, &act.StatementPublished{}, nil)
	put("in the hands of an office that is not competent", subject{id: r.referTo(view, elsewhere), view: view, holder: r.org[elsewhere]})
	s = put("all of its views erased", r.opened())
	r.must(civic.Actor{By: act.Participant, Holds: s.view}, s.view, &act.SectionErased{Section: "text", Reason: act.ErasedByHolder}, nil)
	put("there is none", subject{id: unknown, view: r.find("statement", "published").id, holder: r.org[office]})
}

// reviews makes cases whose answer somebody asked to be looked at again.
func (r *rulesWorld) reviews(put func(string, subject) subject) {
	asked := func(view act.ID) subject {
		s := subject{view: view, id: r.refer(view), holder: r.org[office]}
		s.answer = r.answer(act.NotAccepted, s.id)
		r.judge(view, s.answer, "no")
		return s
	}
	put("a second look is asked for", asked(r.shown(r.main)))
	view := r.filed(r.as(apart, act.RoleMonitor), "open")
	r.must(r.moderator(), view, &act.StatementPublished{}, nil)
	put("a second look is asked for, at a view filed by the independent CSO's monitor", asked(view))
	for _, look := range []struct{ outcome, state string }{
		{act.ReviewUpheld, "a second look upheld the answer"}, {act.ReviewReopened, "a second look reopened it"}} {
		s := put(look.state, asked(r.shown(r.main)))
		r.must(r.as(apart, act.RoleMonitor), s.id, &act.ReviewDecided{Outcome: look.outcome}, because("reasons", "So."))
	}
}

// plan is what the office promises about needs, together with the co-responsible.
func (r *rulesWorld) plan(end string, needs ...act.ID) (*act.CommitmentMade, map[string]any) {
	words := map[string]string{"en": "Two wells"}
	return &act.CommitmentMade{Needs: needs, Responsible: r.org[office], With: []act.ID{r.org[bound]}, Position: "director", Start: "2026-03-01", End: end,
			Milestones: []act.Milestone{{Code: "survey", Due: "2026-03-31"}}, Funding: "provincial_fund", Verifier: r.org[apart],
			Indicator: act.Indicator{Measure: "unit", Target: 2, BaselineOn: "2026-03-01", TargetOn: end}},
		map[string]any{"plan": &act.Plan{What: words, Indicator: words, Verified: words}}
}

func (r *rulesWorld) promise(need act.ID, end string) act.ID {
	facts, plan := r.plan(end, need)
	return r.must(r.as(office, act.RoleSigningOfficer), need, facts, plan)
}

func seen(files int) map[string]any {
	evidence := &act.Evidence{Text: "As seen."}
	for range files {
		evidence.Files = append(evidence.Files, act.File{Type: "image/jpeg", Size: 1})
	}
	return map[string]any{"evidence": evidence}
}

func (r *rulesWorld) commitments() {
	put := func(state string) subject {
		return r.add("commitment", subject{state: state, id: r.promise(r.need(r.main, r.shown(r.main)), "2026-12-31")})
	}
	claim := func(s subject, status string) act.ID {
		id := r.must(r.as(office, act.RoleFocalPoint), s.id, &act.ProgressClaimed{Status: status, Files: 1}, seen(1))
		r.subjects["commitment"][len(r.subjects["commitment"])-1].more = id
		return id
	}
	put("made")
	s := put("its days moved")
	r.must(r.as(office, act.RoleFocalPoint), s.id, &act.CommitmentRevised{End: "2027-01-31", Why: "weather",
		Milestones: []act.Milestone{{Code: "survey", Due: "2026-06-30"}}, Funding: "provincial_fund"}, because("reasons", "The rain."))
	claim(put("reported as under way"), act.Limited)
	claim(put("reported as done"), act.Complete)
	for _, verdict := range []struct{ code, state string }{
		{act.Confirmed, "reported as done and confirmed"}, {act.Partly, "reported as done, found in part"}, {act.Disputed, "reported as done and disputed"}} {
		s := put(verdict.state)
		id := claim(s, act.Complete)
		r.must(r.as(apart, act.RoleMonitor), s.id, &act.ProgressAssessed{Claim: &id, Verdict: verdict.code, Status: act.Complete}, seen(0))
	}
	r.add("commitment", subject{state: "there is none", id: unknown})
}

func (r *rulesWorld) dialogues() {
	put := func(state string, id act.ID) act.ID {
		r.add("dialogue", subject{state: state, id: id})
		return id
	}
	put("open", r.main)
	put("announced", r.dialogue("announced", "open", false))
	put("open to those who have a card", r.dialogue("card", "card", true))
	id := r.dialogue("left", "open", true)
	need := r.need(id, r.shown(id))
	r.must(civic.System, id, &act.DialogueClosed{}, nil)
	r.subjects["need"] = append(r.subjects["need"], subject{state: "of a dialogue that is closed", id: need})
	put("closed, a need is open", id)
	id = r.dialogue("dealt", "open", true)
	r.must(civic.System, id, &act.DialogueClosed{}, nil)
	put("closed, every need is dealt with", id)
	id = r.dialogue("done", "open", true)
	r.must(civic.System, id, &act.DialogueClosed{}, nil)
	r.must(civic.System, id, &act.DialogueCompleted{}, nil)
	put("completed", id)
	put("there is none", unknown)
}

// votes has a dozen people react to a view, and whoever holds the others react
// to two: to one of them as often as the dialogue allows.
func (r *rulesWorld) votes() {
	first, second := r.find("statement", "published").id, r.find("statement", "referred").id
	cast := func(who act.Pseudonym, on act.ID, vote act.Vote) act.ID {
		facts, content := ballot(who, on, vote)
		return r.must(civic.Actor{By: act.Participant, Participant: who}, r.main, facts, content)
	}
	for n := range byte(12) {
		cast(act.Pseudonym{1, n}, first, act.Agree)
	}
	cast(r.person, first, act.Agree)
	cast(r.person, second, act.Agree)
	r.add("ballot", subject{state: "cast", id: cast(r.person, second, act.Disagree)})
	r.add("described", subject{state: "described", id: r.must(civic.Actor{By: act.Participant, Participant: r.person}, r.main,
		&act.ParticipantDescribed{}, map[string]any{"self": &act.Self{Participant: r.person, Sex: "woman"}})})
}

func ballot(who act.Pseudonym, on act.ID, vote act.Vote) (act.Facts, map[string]any) {
	return &act.BallotCast{}, map[string]any{"ballot": &act.Ballot{Participant: who, Votes: []act.StatementVote{{Statement: on, Vote: vote}}}}
}
