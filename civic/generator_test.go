package civic_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
)

// generator makes drafts of a kind; the heavier, the more often.
type generator struct {
	kind   act.Kind
	weight int
	make   func(*machine) draft
}

var generators = slices.Concat(viewGenerators, chainGenerators, planGenerators)

// viewGenerators make what a register begins with, views and votes. Adding a
// kind of act means a line in one of these lists.
var viewGenerators = []generator{
	{act.KindProgrammeDeclared, 1, (*machine).programme},
	{act.KindRulesAdopted, 1, func(m *machine) draft {
		return draft{who: civic.System, facts: &act.RulesAdopted{Version: 1 + m.pick(5)/4}}
	}},
	{act.KindPolicyDeclared, 2, (*machine).policy},
	{act.KindCalendarDeclared, 3, (*machine).calendar},
	{act.KindEpochBegun, 1, func(m *machine) draft {
		return draft{who: civic.System, facts: &act.EpochBegun{Origin: "old.example/register", Size: int64(m.pick(1000))}}
	}},
	{act.KindPlaceRegistered, 3, (*machine).place},
	{act.KindOrganisationReg, 2, func(m *machine) draft {
		return draft{who: m.leader(), facts: m.organisation(), content: m.names()}
	}},
	{act.KindOrganisationAliased, 2, func(m *machine) draft {
		who := m.administrator()
		return draft{who: who, of: m.ownOrganisation(who), facts: &act.OrganisationAliased{From: m.day(-40), Until: m.day(40)}, content: m.names()}
	}},
	{act.KindOrganisationEngaged, 2, func(m *machine) draft {
		who := m.administrator()
		facts := &act.OrganisationEngaged{As: any1(m, act.Engagements), From: m.day(-20)}
		if m.pick(2) == 0 {
			facts.Until = m.day(30)
		}
		return draft{who: who, of: m.ownOrganisation(who), facts: facts}
	}},
	{act.KindRoleGranted, 5, (*machine).granted},
	{act.KindRoleEnded, 2, (*machine).ended},
	{act.KindDialogueAnnounced, 2, func(m *machine) draft {
		who := m.member(act.RoleFacilitator, act.RoleAdministrator)
		return m.announced(who, m.ownOrganisation(who))
	}},
	{act.KindDialogueOpened, 3, func(m *machine) draft {
		d := m.dialogue(civic.Announced)
		return draft{who: m.host(d), of: d, facts: &act.DialogueOpened{}}
	}},
	{act.KindDialogueClosed, 1, func(m *machine) draft {
		d := m.dialogue(civic.Open)
		return draft{who: m.host(d), of: d, facts: &act.DialogueClosed{}}
	}},
	{act.KindParticipantDescribe, 5, (*machine).described},
	{act.KindStatementRegistered, 18, (*machine).registered},
	{act.KindStatementPublished, 12, (*machine).published},
	{act.KindStatementRedacted, 4, func(m *machine) draft {
		v := m.view(func(v *civic.Statement) bool { return v.Moderation != civic.Private })
		return draft{who: m.judge(v), of: v, facts: &act.StatementRedacted{Gaps: []string{any1(m, act.GapReasons)}}, content: gap()}
	}},
	{act.KindStatementWithheld, 6, func(m *machine) draft {
		v := m.view(func(v *civic.Statement) bool { return v.Moderation != civic.Private && v.Moderation != civic.Withheld })
		return draft{who: m.judge(v), of: v, facts: &act.StatementWithheld{Reason: any1(m, act.WithholdingReasons[:7])}, content: explanation("why")}
	}},
	{act.KindStatementCorrected, 5, func(m *machine) draft {
		v := m.view(func(v *civic.Statement) bool { return v.Moderation != civic.Private })
		return draft{who: m.holder(v), of: v, facts: &act.StatementCorrected{}, content: m.words()}
	}},
	{act.KindStatementMatched, 4, func(m *machine) draft {
		v := m.view(func(v *civic.Statement) bool { return v.Moderation == civic.Awaiting })
		same := m.view((*civic.Statement).Votable)
		return draft{who: m.judge(v), of: v, facts: &act.StatementMatched{Same: same}}
	}},
	{act.KindStatementTranslated, 4, func(m *machine) draft {
		v := m.view((*civic.Statement).Shown)
		who := m.member(act.RoleFacilitator, act.RoleRapporteur, act.RoleModerator)
		return draft{who: who, of: v, facts: &act.StatementTranslated{Language: any1(m, []string{"en", "km", "tpu"}), Means: "human"}, content: m.words()}
	}},
	{act.KindAppealLodged, 5, func(m *machine) draft {
		v := m.view(func(v *civic.Statement) bool { return v.Moderation == civic.Withheld && v.Appeal == nil })
		return draft{who: m.holder(v), of: v, facts: &act.AppealLodged{}, content: grounds("look again")}
	}},
	{act.KindAppealDecided, 5, func(m *machine) draft {
		v := m.view(func(v *civic.Statement) bool { return v.Appeal != nil && v.Appeal.Outcome == "" })
		return draft{who: m.appealJudge(v), of: v, facts: &act.AppealDecided{Outcome: any1(m, []string{act.AppealUpheld, act.AppealOverturned})}, content: explanation("so")}
	}},
	{act.KindBallotCast, 26, (*machine).ballot},
	{act.KindSectionErased, 6, (*machine).erasure},
	{act.KindReleasePublished, 5, func(m *machine) draft {
		d := m.dialogue("")
		for _, due := range m.state.Dialogues() {
			if m.state.ReleaseDue(due.ID) {
				d = due.ID
			}
		}
		return draft{who: civic.System, of: d, facts: &act.ReleasePublished{At: m.state.Position()}, content: map[string]any{"tally": m.state.ReleaseTally(d)}}
	}},
	{act.KindMapPublished, 4, func(m *machine) draft {
		d := m.dialogue("")
		for _, due := range m.state.Dialogues() {
			if m.state.MapDue(due.ID) {
				d = due.ID
			}
		}
		content := &act.OpinionMap{Finding: act.FindingOne, Groups: []act.OpinionGroup{{Spread: [2]int{100, 100}}}}
		for _, v := range m.state.Statements() {
			if v.Dialogue == d && v.Votable() && m.likely() {
				content.Statements = append(content.Statements, act.OpinionCounts{Statement: v.ID, All: &[3]int{10 + m.pick(2), 5, 0}, Groups: []*[3]int{nil}})
			}
		}
		slices.SortFunc(content.Statements, func(a, b act.OpinionCounts) int { return bytes.Compare(a.Statement[:], b.Statement[:]) })
		return draft{who: civic.System, of: d, facts: &act.MapPublished{At: m.state.Position() - int64(m.pick(3))}, content: map[string]any{"map": content}}
	}},
	{act.KindWitnessesDeclared, 2, func(m *machine) draft {
		var some []act.ID
		for _, org := range m.state.Organisations() {
			if m.likely() && len(some) < 5 && !slices.ContainsFunc(some, func(other act.ID) bool { return m.state.Related(org.ID, other) }) {
				some = append(some, org.ID)
			}
		}
		for len(some) < 2 {
			some = append(some, m.id())
		}
		return draft{who: m.leader(), facts: witnessed(m.t, byte(m.pick(100)), some...)}
	}},
	{act.KindKeyChanged, 2, func(m *machine) draft {
		if m.pick(3) == 0 {
			before, _ := logKey(m.t, byte(len(m.state.LogKeyChanges())))
			after, _ := logKey(m.t, byte(len(m.state.LogKeyChanges()))+1)
			return draft{who: civic.System, facts: followed(m.t, before, after)}
		}
		// Which number a key in force was made from is tried out.
		n := byte(m.pick(100))
		for i := range byte(200) {
			_, key := witnessKey(m.t, i)
			if policy := m.state.Witnesses(); policy != nil && policy.Witnesses[0].Key == key {
				n = i
			}
		}
		before, _ := witnessKey(m.t, n)
		after, _ := witnessKey(m.t, byte(100+m.pick(100)))
		return draft{who: m.leader(), facts: followed(m.t, before, after)}
	}},
}

func (m *machine) names() map[string]any {
	m.serial++
	return names(fmt.Sprint("name ", m.serial))
}

func (m *machine) words() map[string]any {
	m.serial++
	words := fmt.Sprint("words ", m.serial)
	if !m.likely() {
		words = strings.Repeat("many ", 20)
	}
	return text(words)
}

// day is the programme's day some days from now.
func (m *machine) day(days int) string {
	return m.now.In(m.state.Zone()).AddDate(0, 0, days).Format(time.DateOnly)
}

func (m *machine) programme() draft {
	facts := &act.ProgrammeDeclared{
		Prefix: "KH", TimeZone: any1(m, []string{"Asia/Phnom_Penh", "Asia/Phnom_Penh", "Asia/Kolkata", "Europe/Berlin"}),
		Languages: []string{"km", "en"}, Themes: []string{"water", "roads"}, Currencies: []string{"KHR", "USD"}, Threshold: 5 + m.pick(6), Rounding: 5, Step: 10,
	}
	if m.pick(3) > 0 {
		facts.Trustees = []string{"age15tzkzwsc7tj0p5p2m09x2swexp0npl586lwxn8ttt40c3pza7qasuzcpmj"}
	}
	return draft{who: civic.System, facts: facts, content: m.names()}
}

func (m *machine) policy() draft {
	days := map[act.Step]int{}
	for _, step := range act.Steps {
		if len(days) == 0 || m.likely() {
			days[step] = 1 + m.pick(12)
		}
	}
	facts := &act.PolicyDeclared{Days: days}
	if orgs := m.state.Organisations(); len(orgs) > 0 && m.pick(5) == 0 {
		of := m.authority()
		facts.Authority = &of
	}
	return draft{who: m.leader(), facts: facts}
}

// calendar keeps the holidays that have been, mostly, and changes those to come.
func (m *machine) calendar() draft {
	today := m.day(0)
	facts := &act.CalendarDeclared{Weekend: any1(m, [][]int{{0, 6}, {0, 6}, {0}, {}}), Holidays: []string{}}
	for _, day := range m.state.Public().Holidays {
		if day <= today && m.likely() || m.pick(2) == 0 {
			facts.Holidays = append(facts.Holidays, day)
		}
	}
	for range m.pick(5) {
		day := m.day(1 + m.pick(20))
		if !m.likely() {
			day = m.day(-m.pick(3))
		}
		if !slices.Contains(facts.Holidays, day) {
			facts.Holidays = append(facts.Holidays, day)
		}
	}
	slices.Sort(facts.Holidays)
	return draft{who: m.leader(), facts: facts}
}

func (m *machine) place() draft {
	m.serial++
	facts := &act.PlaceRegistered{Code: fmt.Sprintf("p%d", m.serial), Level: 1}
	if places := m.state.Places(0); len(places) > 0 && m.pick(2) == 0 {
		parent := any1(m, places)
		facts.Parent, facts.Level = parent.Code, min(4, parent.Level+m.pick(6)/1%2+1)
		if !m.likely() {
			facts.Code = parent.Code
		}
	}
	return draft{who: m.leader(), facts: facts, content: m.names()}
}

func (m *machine) organisation() *act.OrganisationRegistered {
	facts := &act.OrganisationRegistered{Type: []string{"other", "cso"}[m.serial%2], Authority: m.pick(4) == 0}
	if orgs := m.state.Organisations(); len(orgs) > 2 && m.pick(3) == 0 {
		parent := any1(m, orgs).ID
		if !m.likely() {
			parent = m.id()
		}
		facts.Parent = &parent
	}
	if m.pick(8) == 0 {
		facts.Place = any1(m, []string{"16", "nowhere"})
	}
	return facts
}

func (m *machine) announced(who civic.Actor, host act.ID) draft {
	m.serial++
	facts := &act.DialogueAnnounced{
		Slug: fmt.Sprintf("d%d", m.serial), Level: "provincial", Place: any1(m, []string{"", "16", "16", "1602"}), PlaceLevel: m.pick(3),
		Door: any1(m, []string{"open", "open", "card", "invitation"}), Limit: 40, Changes: 1 + m.pick(3),
		Opens: m.day(0), Closes: m.day(30), Host: host, Public: m.pick(5) == 0,
	}
	if !m.likely() {
		facts.Place = "nowhere"
	} else if dialogues := m.state.Dialogues(); len(dialogues) > 0 && m.pick(5) == 0 {
		facts.Slug = any1(m, dialogues).Slug
	} else if !m.likely() {
		facts.Host = m.id()
	}
	return draft{who: who, facts: facts, content: m.names()}
}

func (m *machine) granted() draft {
	who := m.administrator()
	facts := &act.RoleGranted{Staff: any1(m, m.staff), Role: any1(m, act.Roles), From: m.day(-10)}
	switch m.pick(6) {
	case 0:
		facts.Until = m.day(m.pick(20))
	case 1:
		facts.From = m.day(m.pick(5))
	}
	return draft{who: who, of: m.ownOrganisation(who), facts: facts}
}

func (m *machine) ended() draft {
	who := m.administrator()
	of := m.ownOrganisation(who)
	facts := &act.RoleEnded{Staff: any1(m, m.staff), Role: any1(m, act.Roles)}
	if grants := m.state.Grants(of); len(grants) > 0 && m.likely() {
		grant := any1(m, grants)
		facts.Staff, facts.Role = grant.Staff, grant.Role
	}
	return draft{who: who, of: of, facts: facts}
}

func (m *machine) described() draft {
	d := m.dialogue(civic.Open)
	who := m.participant()
	said := &act.Self{Participant: who.Participant, Sex: any1(m, act.Sexes), AgeBand: any1(m, act.AgeBands), Place: any1(m, []string{"", "16", "16", "nowhere"})}
	if !m.likely() {
		said.Participant = any1(m, m.people)
	}
	return draft{who: who, of: d, facts: &act.ParticipantDescribed{}, content: map[string]any{"self": said}}
}

// registered makes a view of any channel.
func (m *machine) registered() draft {
	d := m.dialogue(civic.Open)
	facts := &act.StatementRegistered{Channel: "web", Written: "km", Visibility: any1(m, []string{"open", "open", "open", "unattributed", "sealed"}),
		Place: any1(m, []string{"", "", "16", "1602"}), Themes: any1(m, [][]string{nil, {"water"}, {"water", "roads"}})}
	if !m.likely() {
		facts.Themes = []string{"gold"}
	}
	content, source := m.words(), &act.Source{}
	who := m.participant()
	switch m.pick(8) {
	case 0, 1:
		who = m.member(act.RoleFacilitator, act.RoleRapporteur)
		facts.Channel, facts.Spoken, facts.ReadBack = any1(m, []string{"assisted", "paper", "voice"}), "tpu", "yes"
		source.Staff = &who.By.Staff
	case 2:
		who = m.member(act.RoleMonitor, act.RoleAdministrator, act.RoleModerator)
		facts.Channel, facts.Visibility = "organisation", "open"
		source.Staff = &who.By.Staff
	case 3:
		member := m.member(act.RoleMonitor, act.RoleAdministrator, act.RoleModerator)
		who = civic.Actor{By: act.By{As: act.ByOrganisation, Organisation: m.ownOrganisation(member)}, Staff: member.By.Staff}
		facts.Channel, facts.Visibility = "organisation", "unattributed"
		source.Staff = &who.Staff
		if m.pick(4) == 0 {
			source.Staff = nil
		}
	case 4:
		who, facts.Channel = civic.Actor{By: act.System, Import: true}, "import"
		source.Origin = &act.Origin{ID: fmt.Sprint(m.serial)}
	default:
		source.Participant = &who.Participant
		if !m.likely() {
			source.Participant = nil
		}
	}
	if source.Staff != nil && source.Staff.IsZero() {
		source.Staff = nil
	}
	if m.pick(5) == 0 {
		source.Subjects = []act.ID{any1(m, m.state.Organisations()).ID}
	}
	content["source"] = source
	if m.pick(4) == 0 {
		content["detail"] = &act.Text{Text: "more words"}
	}
	return draft{who: who, of: d, facts: facts, content: content}
}

func (m *machine) published() draft {
	id := m.view(func(v *civic.Statement) bool {
		return v.Moderation == civic.Awaiting || v.Moderation == civic.Withheld && m.pick(6) == 0 || !v.Correction.IsZero()
	})
	facts := &act.StatementPublished{}
	if v := m.state.Statement(id); v != nil && !v.Correction.IsZero() && m.likely() {
		wording := any1(m, []act.ID{v.Correction, v.Correction, v.Text, v.ID})
		if !wording.IsZero() {
			facts.Text = &wording
		}
	}
	return draft{who: m.judge(id), of: id, facts: facts}
}

// ballot makes one of one vote or of several.
func (m *machine) ballot() draft {
	d := m.dialogue(civic.Open)
	who := m.participant()
	ballot := &act.Ballot{Participant: who.Participant}
	var votable []act.ID
	if dialogue := m.state.Dialogue(d); dialogue != nil {
		for _, v := range dialogue.Statements() {
			if v.Votable() {
				votable = append(votable, v.ID)
			}
		}
	}
	if len(votable) == 0 || !m.likely() {
		votable = append(votable, m.view(func(*civic.Statement) bool { return true }))
	}
	for range 1 + m.pick(3)*m.pick(2) {
		statement := any1(m, votable)
		if !slices.ContainsFunc(ballot.Votes, func(v act.StatementVote) bool { return v.Statement == statement }) {
			ballot.Votes = append(ballot.Votes, act.StatementVote{Statement: statement, Vote: act.Vote(m.pick(3) - 1)})
		}
	}
	if who.Import {
		ballot.Time = 1435654192085
	}
	if m.pick(30) == 0 {
		ballot.Participant = any1(m, m.people)
	}
	return draft{who: who, of: d, facts: &act.BallotCast{}, content: map[string]any{"ballot": ballot}}
}

// erasure makes one of any act's section that is there to be erased.
func (m *machine) erasure() draft {
	facts := &act.SectionErased{Section: "text", Reason: any1(m, []string{act.ErasedByHolder, act.ErasedByHolder, act.ErasedByHolder, act.ErasedByLaw, act.ErasedSafeguarding, act.ErasedLost})}
	a := any1(m, m.stored)
	for range 20 { // look for one of those that may be erased
		if a.Kind == act.KindStatementRegistered || a.Kind == act.KindParticipantDescribe || a.Kind == act.KindStatementCorrected ||
			a.Kind == act.KindStatementWithheld || a.Kind == act.KindStatementTranslated || a.Kind == act.KindAppealLodged {
			break
		}
		a = any1(m, m.stored)
	}
	if len(a.Sections) > 0 {
		facts.Section = any1(m, a.Sections).Name
	}
	view := a.Of
	if a.Kind == act.KindStatementRegistered {
		view = a.ID
	}
	who := m.holder(view)
	var self act.Self
	if has, _ := a.Content("self", &self); has && m.likely() {
		who = civic.Actor{By: act.Participant, Participant: self.Participant}
	}
	switch facts.Reason {
	case act.ErasedByLaw, act.ErasedSafeguarding:
		if who = civic.System; facts.Reason == act.ErasedSafeguarding || m.pick(2) == 0 {
			who = m.member(act.RoleAdministrator)
		}
	case act.ErasedLost:
		who = civic.System
	}
	return draft{who: who, of: a.ID, facts: facts}
}
