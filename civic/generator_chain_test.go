package civic_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
)

// chainGenerators make what becomes of views: needs, cases, answers. What is
// promised and done stands in generator_plan_test.go.
var chainGenerators = []generator{
	{act.KindCompetenceDeclared, 3, func(m *machine) draft {
		who := m.staffOf(m.authority(), act.RoleAdministrator)
		facts := &act.CompetenceDeclared{As: any1(m, act.Competences), Themes: any1(m, [][]string{nil, nil, {"water"}, {"gold"}}),
			Place: any1(m, []string{"", "", "16", "nowhere"}), From: m.day(-30)}
		return draft{who: who, of: m.ownOrganisation(who), facts: facts}
	}},
	{act.KindLadderDeclared, 3, func(m *machine) draft {
		who := m.staffOf(m.authority(), act.RoleAdministrator)
		return draft{who: who, of: m.ownOrganisation(who), facts: &act.LadderDeclared{To: []act.ID{m.authority()}}}
	}},
	{act.KindInterestDeclared, 1, func(m *machine) draft {
		who := m.administrator()
		facts := &act.InterestDeclared{With: any1(m, m.state.Organisations()).ID, As: any1(m, act.Interests), From: m.day(-5), Until: m.day(m.pick(20))}
		if !m.likely() {
			facts.With = m.id()
		}
		return draft{who: who, of: m.ownOrganisation(who), facts: facts}
	}},
	{act.KindSigningDelegated, 2, func(m *machine) draft {
		who := m.staffOf(m.authority(), act.RoleSigningOfficer)
		facts := &act.SigningDelegated{To: any1(m, m.staff), From: m.day(-1), Until: m.day(5)}
		if grants := m.state.Grants(who.By.Organisation); len(grants) > 0 && m.likely() {
			facts.To = any1(m, grants).Staff
		}
		return draft{who: who, of: m.ownOrganisation(who), facts: facts}
	}},
	{act.KindContextNoted, 1, func(m *machine) draft {
		who := m.staffOf(m.authority(), act.RoleAdministrator, act.RoleFocalPoint)
		return draft{who: who, of: m.ownOrganisation(who), facts: &act.ContextNoted{}, content: m.names()}
	}},
	{act.KindNeedIdentified, 8, (*machine).need},
	{act.KindNeedGathered, 5, (*machine).gathered},
	{act.KindNeedSummarised, 2, func(m *machine) draft {
		n := m.someNeed(func(*civic.Need) bool { return true })
		facts := &act.NeedSummarised{Means: any1(m, []string{"human", "machine"})}
		if need := m.state.Need(n); need != nil && len(need.Gathered) > 0 {
			facts.Covers = need.Gathered[:1+m.pick(len(need.Gathered))]
		}
		if !m.likely() {
			facts.Covers = []act.ID{m.view((*civic.Statement).Shown)}
		}
		return draft{who: m.hostOf(m.dialogueOf(n)), of: n, facts: facts, content: m.names()}
	}},
	{act.KindReferralMade, 14, (*machine).referred},
	{act.KindReferralTransferred, 5, func(m *machine) draft {
		id := m.someCase(func(r *civic.Referral) bool { return r.Answered.IsZero() })
		who := m.officer(id)
		if m.pick(3) == 0 {
			who = m.staffOf(m.hostID(m.dialogueOf(id)), act.RoleFacilitator, act.RoleReferrer)
		}
		return draft{who: who, of: id, facts: &act.ReferralTransferred{To: m.authority()}, content: explanations("reasons", "theirs")}
	}},
	{act.KindReferralAcknowledged, 9, func(m *machine) draft {
		id := m.someCase(func(r *civic.Referral) bool { return r.Acknowledged.IsZero() && r.Answered.IsZero() })
		return draft{who: m.officer(id), of: id, facts: &act.ReferralAcknowledged{}}
	}},
	{act.KindReferralConsidered, 4, func(m *machine) draft {
		id := m.someCase(func(r *civic.Referral) bool { return r.Answered.IsZero() })
		return draft{who: m.officer(id), of: id, facts: &act.ReferralConsidered{On: m.day(m.pick(4) - 2), In: any1(m, act.ConsideredIn)}}
	}},
	{act.KindInformationRequested, 5, func(m *machine) draft {
		id := m.someCase(func(r *civic.Referral) bool { return r.Answered.IsZero() && r.Info == nil })
		facts := &act.InformationRequested{What: any1(m, act.InformationKinds), From: any1(m, act.InformationFrom)}
		return draft{who: m.officer(id), of: id, facts: facts, content: explanations("question", "where?")}
	}},
	{act.KindInformationSupplied, 5, (*machine).supplied},
	{act.KindAnswerExtended, 4, func(m *machine) draft {
		id := m.someCase(func(r *civic.Referral) bool { return r.Answered.IsZero() && !r.Extended })
		return draft{who: m.officer(id), of: id, facts: &act.AnswerExtended{Days: 1 + m.pick(10)}, content: explanations("reasons", "a visit")}
	}},
	{act.KindAnswerIssued, 14, (*machine).answered},
	{act.KindHolderTold, 4, func(m *machine) draft {
		v := m.view(func(v *civic.Statement) bool { return v.AwaitsTelling() })
		return draft{who: m.staffOf(m.hostID(m.dialogueOf(v)), act.RoleFacilitator, act.RoleRapporteur), of: v,
			facts: &act.HolderTold{Answer: m.answerTo(v), Means: any1(m, act.TellingMeans)}}
	}},
	{act.KindAnswerJudged, 10, func(m *machine) draft {
		v := m.view(func(v *civic.Statement) bool { return m.answeredCase(v) != nil && len(v.Judged) == 0 })
		d := draft{who: m.holder(v), of: v, facts: &act.AnswerJudged{Answer: m.answerTo(v), Deals: any1(m, act.Judgements), Understandable: "yes"}}
		if m.likely() {
			d.content = explanations("reason", "it is about another road")
		}
		return d
	}},
	{act.KindReviewDecided, 8, func(m *machine) draft {
		id := m.someCase(func(r *civic.Referral) bool { return r.Review != nil && r.Review.Outcome == "" })
		facts := &act.ReviewDecided{Outcome: any1(m, []string{act.ReviewUpheld, act.ReviewReopened})}
		return draft{who: m.staffOf(act.ID{}, act.RoleSigningOfficer, act.RoleMonitor, act.RoleBoard), of: id, facts: facts, content: explanations("reasons", "so")}
	}},
	{act.KindCaseEscalated, 5, func(m *machine) draft {
		if due := m.state.Escalations(m.hour()); len(due) > 0 && m.likely() {
			up := any1(m, due)
			return draft{who: civic.System, of: up.Case, facts: &up.CaseEscalated}
		}
		return draft{who: civic.System, of: m.someCase(func(*civic.Referral) bool { return true }), facts: &act.CaseEscalated{To: []act.ID{m.authority()}, Level: 1}}
	}},
	{act.KindAgendaTabled, 3, func(m *machine) draft {
		for _, d := range m.state.Dialogues() {
			if due := m.state.AgendaDue(d.ID, m.hour()); due != nil && m.likely() {
				return draft{who: civic.System, of: d.ID, facts: due}
			}
		}
		return draft{who: civic.System, of: m.dialogue(""), facts: &act.AgendaTabled{Cases: []act.ID{m.someCase(func(*civic.Referral) bool { return true })}}}
	}},
	{act.KindDialogueCompleted, 3, func(m *machine) draft {
		d := m.dialogue(civic.Closed)
		return draft{who: m.host(d), of: d, facts: &act.DialogueCompleted{}}
	}},
}

func explanations(section, words string) map[string]any {
	return map[string]any{section: &act.Explanation{Text: words}}
}

// hour is the moment of the next act.
func (m *machine) hour() time.Time {
	at := m.now.Truncate(time.Hour)
	if at.Before(m.state.At()) {
		return m.state.At()
	}
	return at
}

// authority chooses a public authority, at times any organisation or none.
func (m *machine) authority() act.ID {
	if m.pick(25) == 0 {
		return m.id()
	}
	orgs := m.state.Organisations()
	if authorities := slices.DeleteFunc(slices.Clone(orgs), func(o *civic.Organisation) bool { return !o.Authority }); len(authorities) > 0 && m.likely() {
		return any1(m, authorities).ID
	}
	return any1(m, orgs).ID
}

// staffOf chooses staff of an organisation (of any, for the zero id), and
// somebody whom nobody knows where there is none.
func (m *machine) staffOf(organisation act.ID, roles ...act.Role) civic.Actor {
	who := m.memberOf(func(org *civic.Organisation, _ act.ID) bool { return organisation.IsZero() || org.ID == organisation }, roles...)
	if who.By.As != act.ByStaff {
		who = civic.Actor{By: act.By{As: act.ByStaff, Organisation: any1(m, m.state.Organisations()).ID, Staff: any1(m, m.staff), Role: any1(m, roles)}}
	}
	return who
}

// officer chooses who works on a case.
func (m *machine) officer(id act.ID) civic.Actor {
	var authority act.ID
	if r := m.state.Referral(id); r != nil && m.likely() {
		authority = r.Authority
	}
	return m.staffOf(authority, act.RoleFocalPoint, act.RoleSigningOfficer)
}

// dialogueOf finds the dialogue of a need, a case or a view.
func (m *machine) dialogueOf(id act.ID) act.ID {
	if n := m.state.Need(id); n != nil {
		return n.Dialogue
	}
	if r := m.state.Referral(id); r != nil {
		return r.Dialogue
	}
	if v := m.state.Statement(id); v != nil {
		return v.Dialogue
	}
	return act.ID{}
}

func (m *machine) hostID(dialogue act.ID) act.ID {
	if d := m.state.Dialogue(dialogue); d != nil {
		return d.Host
	}
	return act.ID{}
}

// hostOf chooses who gathers for a dialogue.
func (m *machine) hostOf(dialogue act.ID) civic.Actor {
	return m.staffOf(m.hostID(dialogue), act.RoleFacilitator, act.RoleRapporteur, act.RoleReferrer)
}

func (m *machine) someNeed(fits func(*civic.Need) bool) act.ID {
	return choose(m, m.state.Needs(), fits, func(n *civic.Need) act.ID { return n.ID })
}

func (m *machine) someCase(fits func(*civic.Referral) bool) act.ID {
	return choose(m, m.state.Referrals(), fits, func(r *civic.Referral) act.ID { return r.ID })
}

// choose takes one that fits, at times any, or one that there is not.
func choose[T any](m *machine, all []T, fits func(T) bool, id func(T) act.ID) act.ID {
	if len(all) == 0 || m.pick(40) == 0 {
		return m.id()
	}
	if m.likely() {
		if found := slices.DeleteFunc(slices.Clone(all), func(one T) bool { return !fits(one) }); len(found) > 0 {
			return id(any1(m, found))
		}
	}
	return id(any1(m, all))
}

// publicViews are some views of a dialogue that are public.
func (m *machine) publicViews(dialogue act.ID, without []act.ID) []act.ID {
	var found []act.ID
	if d := m.state.Dialogue(dialogue); d != nil {
		for _, v := range d.Statements() {
			if v.Shown() && !slices.Contains(without, v.ID) && m.pick(3) > 0 {
				found = append(found, v.ID)
			}
		}
	}
	if len(found) == 0 || !m.likely() {
		found = append(found, m.view((*civic.Statement).Shown))
	}
	slices.SortFunc(found, func(a, b act.ID) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(found[:min(len(found), 4)])
}

func (m *machine) need() draft {
	d := m.dialogue("")
	for range 5 {
		if dialogue := m.state.Dialogue(d); dialogue == nil || dialogue.PublicStatements == 0 {
			d = m.dialogue("")
		}
	}
	facts := &act.NeedIdentified{Theme: any1(m, []string{"water", "roads"}), Place: any1(m, []string{"", "", "16", "1602"}), Statements: m.publicViews(d, nil)}
	if !m.likely() {
		facts.Theme = "gold"
	}
	raised := m.state.Raised(facts.Statements)
	if !m.likely() {
		raised.Views++
	}
	content := m.names()
	content["raised"] = raised
	return draft{who: m.hostOf(d), of: d, facts: facts, content: content}
}

func (m *machine) gathered() draft {
	id := m.someNeed(func(*civic.Need) bool { return true })
	facts := &act.NeedGathered{}
	n := m.state.Need(id)
	if n != nil && len(n.Gathered) > 1 && m.pick(3) == 0 {
		facts.Remove = n.Gathered[:1]
	} else if n != nil && m.likely() {
		facts.Add = m.publicViews(n.Dialogue, n.Gathered)
	} else {
		facts.Add = []act.ID{m.view((*civic.Statement).Shown)}
	}
	return draft{who: m.hostOf(m.dialogueOf(id)), of: id, facts: facts}
}

func (m *machine) referred() draft {
	of := m.someNeed(func(n *civic.Need) bool { return len(n.Referrals()) == 0 })
	if m.pick(2) == 0 {
		of = m.view(func(v *civic.Statement) bool { return v.Shown() && len(v.Referrals()) == 0 })
	}
	facts := &act.ReferralMade{Authority: m.authority()}
	if m.pick(3) == 0 {
		facts.Information = []act.ID{m.authority()}
	}
	return draft{who: m.staffOf(m.hostID(m.dialogueOf(of)), act.RoleReferrer, act.RoleFacilitator), of: of, facts: facts}
}

func (m *machine) supplied() draft {
	id := m.someCase(func(r *civic.Referral) bool { return r.Info != nil && r.Info.Supplied.IsZero() })
	view := m.view((*civic.Statement).Shown)
	who := m.holder(view)
	if r := m.state.Referral(id); r != nil && m.likely() {
		if views := r.Views(); len(views) > 0 {
			view = any1(m, views).ID
			who = m.holder(view)
		}
		if r.Info != nil && r.Info.From == "facilitator" && m.likely() {
			who = m.staffOf(m.hostID(r.Dialogue), act.RoleFacilitator)
		}
	}
	return draft{who: who, of: view, facts: &act.InformationSupplied{Case: id}, content: explanations("text", "behind the school")}
}

// answered makes an answer to one case or to several of an authority.
func (m *machine) answered() draft {
	first := m.someCase(func(r *civic.Referral) bool { return r.Answered.IsZero() })
	facts := &act.AnswerIssued{Position: "director", ConsideredOn: m.day(-m.pick(3)), ConsideredIn: "meeting"}
	if !m.likely() {
		facts.ConsideredOn = m.day(3)
	}
	cases := []act.ID{first}
	var authority act.ID
	if r := m.state.Referral(first); r != nil {
		authority = r.Authority
		for _, other := range m.state.Held(r.Authority) {
			if other.ID != first && m.pick(3) == 0 {
				cases = append(cases, other.ID)
			}
		}
		if len(r.Answers) > 0 && m.pick(2) == 0 {
			corrects := r.Answers[len(r.Answers)-1]
			if !m.likely() {
				corrects = m.id()
			}
			cases, facts.Corrects = cases[:1], &corrects
		}
	}
	reasons := &act.Reasons{}
	for _, id := range cases {
		facts.Covers = append(facts.Covers, act.Covered{Case: id, Decision: any1(m, act.Decisions)})
		m.serial++
		text := "The budget of this year was spent on other roads; the next one is decided in May."
		if m.pick(2) == 0 {
			text = fmt.Sprint(text, " Number ", m.serial)
		}
		reasons.Cases = append(reasons.Cases, act.CaseReasons{Case: id, Text: text})
	}
	if !m.likely() {
		reasons.Cases[0].Case = m.id()
	}
	who := m.staffOf(authority, act.RoleSigningOfficer)
	return draft{who: who, of: m.ownOrganisation(who), facts: facts, content: map[string]any{"reasons": reasons}}
}

// answeredCase finds a case of a view that has an answer.
func (m *machine) answeredCase(v *civic.Statement) *civic.Referral {
	for _, r := range v.Referrals() {
		if !r.Answered.IsZero() {
			return r
		}
	}
	return nil
}

// answerTo is the answer to a view, or one that there is not.
func (m *machine) answerTo(view act.ID) act.ID {
	if v := m.state.Statement(view); v != nil {
		if r := m.answeredCase(v); r != nil {
			return r.Answers[len(r.Answers)-1]
		}
	}
	return m.id()
}
