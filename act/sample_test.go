package act

import (
	"math/rand/v2"
	"strings"
	"time"
)

// sample is one act that the vectors show.
type sample struct {
	name  string
	draft Draft
}

// seeded gives the same bytes every time: what the vectors have for randomness.
func seeded(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

// sampleHour is when the first sample happened; each is an hour later.
var sampleHour = time.Date(2026, 3, 9, 3, 0, 0, 0, time.UTC)

// sampleID is an id that can be told from others when it is read.
func sampleID(n byte) ID {
	var id ID
	for i := range id {
		id[i] = n + byte(i)*7
	}
	return id
}

// The ids that samples are about.
var (
	sampleOrg, sampleStaff       = sampleID(10), sampleID(20)
	samplePerson, sampleDialogue = sampleID(30), sampleID(40)
	sampleView, sampleOther      = sampleID(50), sampleID(60)
)

// sampleTrustee is the public half of the vectors' trustee.
const sampleTrustee = "age15tzkzwsc7tj0p5p2m09x2swexp0npl586lwxn8ttt40c3pza7qasuzcpmj"

func staffAs(role Role) By {
	return By{As: ByStaff, Organisation: sampleOrg, Staff: sampleStaff, Role: role}
}

// samples has every kind, every section, every form of author and every form
// that a fact may have left out or set, in an order that a register could have.
func samples() []sample {
	return append(append(settingSamples(), viewSamples()...), chainSamples()...)
}

func settingSamples() []sample {
	admin := staffAs(RoleAdministrator)
	called := func(en, km string) map[string]any {
		return map[string]any{"names": &Names{Name: map[string]string{"km": km, "en": en}}}
	}
	programme := &Names{
		Name:  map[string]string{"en": "Programme <A> & \"B\"", "km": "កម្មវិធី"},
		About: map[string]string{"en": "Two lines.\nThe second one."},
		Terms: map[string]map[string]string{"water": {"en": "Water", "km": "ទឹក"}, "roads": {"en": "Roads", "km": "ផ្លូវ"}},
	}
	return []sample{
		{"an older register is taken up", Draft{By: System, Facts: &EpochBegun{Origin: "old.example/register", Size: 1234, Root: Digest{1, 2, 3}}}},
		{"a programme, with every setting", Draft{By: System, Content: map[string]any{"names": programme}, Facts: &ProgrammeDeclared{
			Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"km", "en"}, Themes: []string{"water", "roads"},
			Threshold: 10, Rounding: 5, Step: 10, Illustrative: true, Trustees: []string{sampleTrustee}}}},
		{"the rules", Draft{By: System, Facts: &RulesAdopted{Version: 1}}},
		{"a policy: names of steps in the order of their bytes", Draft{By: System,
			Facts: &PolicyDeclared{Days: map[Step]int{StepRefer: 3, StepModerate: 2, StepAppeal: 10}}}},
		{"a calendar", Draft{By: admin, Facts: &CalendarDeclared{Weekend: []int{0, 6}, Holidays: []string{"2026-04-14", "2026-04-15"}}}},
		{"a calendar without a day off: empty lists are written", Draft{By: admin, Facts: &CalendarDeclared{Weekend: []int{}, Holidays: []string{}}}},
		{"a province", Draft{By: System, Content: called("Ratanakkiri", "រតនគិរី"),
			Facts: &PlaceRegistered{Code: "16", Level: 1, Type: "province", ISO: "KH-16", Row: 1, Column: 9}}},
		{"a district: what is empty or zero is left out", Draft{By: admin, Content: called("Ban Lung", "បានលុង"),
			Facts: &PlaceRegistered{Code: "1602", Parent: "16", Level: 2, From: "2008-12-22", Until: "2200-01-01"}}},
		{"an organisation", Draft{By: System, Content: called("A coalition", "សម្ព័ន្ធ"), Facts: &OrganisationRegistered{Type: "cso_coalition"}}},
		{"a public authority below another", Draft{By: admin, Content: called("An office", "ការិយាល័យ"),
			Facts: &OrganisationRegistered{Type: "provincial_administration", Authority: true, Parent: &sampleOrg, Place: "16"}}},
		{"another name for a time", Draft{By: admin, Of: sampleOrg, Content: called("Its older name", "ឈ្មោះចាស់"),
			Facts: &OrganisationAliased{From: "2020-01-01", Until: "2021-12-31"}}},
		{"the lead of the programme", Draft{By: System, Of: sampleOrg, Facts: &OrganisationEngaged{As: "lead", From: "2026-01-01"}}},
		{"a role is given", Draft{By: admin, Of: sampleOrg,
			Facts: &RoleGranted{Staff: sampleStaff, Role: RoleModerator, From: "2026-01-01", Until: "2029-12-31"}}},
		{"a role is ended", Draft{By: admin, Of: sampleOrg, Facts: &RoleEnded{Staff: sampleStaff, Role: RoleModerator}}},
		{"a dialogue", Draft{By: staffAs(RoleFacilitator), Content: called("Water in Ratanakkiri", "ទឹកនៅរតនគិរី"), Facts: &DialogueAnnounced{
			Slug: "ratanakkiri", Level: "provincial", Place: "16", PlaceLevel: 1, Door: "open", Limit: 300, Changes: 3,
			Opens: "2026-03-09", Closes: "2026-04-09", Host: sampleOrg}}},
		{"an imported dialogue", Draft{By: System, Facts: &DialogueAnnounced{
			Slug: "imported.1", Level: "national", Door: "card", Limit: 5000, Changes: 60,
			Opens: "2026-03-09", Closes: "2026-03-09", Public: true, Host: sampleOrg},
			Content: map[string]any{"names": &Names{Name: map[string]string{"en": "Imported"}},
				"origin": &Origin{ID: "42", Author: "somebody", Time: 1435654192085, Row: 7, Fields: map[string]string{"url": "https://old.example/42", "note": "\b\f\x01\x7f/\u2029"}}}}},
		{"who witnesses the log", Draft{By: staffAs(RoleBoard), Facts: &WitnessesDeclared{Quorum: 2, Witnesses: []Witness{
			{sampleOrg, "example.org/w+0a1b2c3d+BA" + strings.Repeat("A", 42), CadenceAlways}, {sampleOther, "example.net/w+00000001+BB" + strings.Repeat("/", 42), CadenceMonthly}}}}},
		{"a key is followed by another", Draft{By: System, Facts: &KeyChanged{Old: "example.org/log+0a1b2c3d+AQ" + strings.Repeat("A", 42), New: "example.org/log+00000001+AQ" + strings.Repeat("B", 42),
			OldSignature: strings.Repeat("A", 86) + "==", NewSignature: strings.Repeat("B", 86) + "=="}}},
		{"the doors open", Draft{By: staffAs(RoleFacilitator), Of: sampleDialogue, Facts: &DialogueOpened{}}},
		{"the doors close", Draft{By: staffAs(RoleFacilitator), Of: sampleDialogue, Facts: &DialogueClosed{}}},
	}
}

func viewSamples() []sample {
	moderator := staffAs(RoleModerator)
	filer := By{As: ByOrganisation, Organisation: sampleOrg}
	words := func(text string) map[string]any { return map[string]any{"text": &Text{text}} }
	why := func(name, text string) map[string]any { return map[string]any{name: &Explanation{text}} }
	ten, zero := 10, 0
	return []sample{
		{"somebody describes themselves", Draft{By: Participant, Of: sampleDialogue, Facts: &ParticipantDescribed{},
			Content: map[string]any{"self": &Self{Participant: samplePerson, Sex: "woman", AgeBand: "18_30", Place: "16", Language: "tpu", Indigenous: "yes", Difficulties: []string{"seeing", "walking"}}}}},
		{"a participant's view: <, >, & and U+2028 are escaped in sections", Draft{By: Participant, Of: sampleDialogue,
			Facts: &StatementRegistered{Channel: "web", Written: "km", Visibility: VisibilityOpen},
			Content: map[string]any{"text": &Text{"ទឹក\u200bស្អាត <b> & \"more\"\u2028\r\n\tឱ្យ👩‍👩‍👧"},
				"source": &Source{Participant: &samplePerson}}}},
		{"a view that somebody else wrote down", Draft{By: staffAs(RoleRapporteur), Of: sampleDialogue,
			Facts: &StatementRegistered{Channel: "assisted", Written: "km", Spoken: "tpu", ReadBack: "yes", Place: "16", Themes: []string{"water", "roads"}, Visibility: VisibilityUnattributed},
			Content: map[string]any{"text": &Text{"ផ្លូវ"}, "detail": &Text{"A longer text."},
				"source": &Source{Staff: &sampleStaff, Subjects: []ID{sampleOther}, Slip: "000123"}}}},
		{"a view that an organisation files unnamed", Draft{By: filer, Of: sampleDialogue,
			Facts:   &StatementRegistered{Channel: "organisation", Written: "en", Visibility: VisibilitySealed},
			Content: map[string]any{"text": &Text{"Roads"}, "source": &Source{Staff: &sampleStaff, Organisation: &sampleOrg}}}},
		{"an imported view", Draft{By: System, Of: sampleDialogue,
			Facts:   &StatementRegistered{Channel: "import", Written: "en", Visibility: VisibilityOpen},
			Content: map[string]any{"text": &Text{"Roads"}, "source": &Source{Origin: &Origin{ID: "0"}}}}},
		{"published as registered", Draft{By: moderator, Of: sampleView, Facts: &StatementPublished{}}},
		{"a correction published", Draft{By: moderator, Of: sampleView, Facts: &StatementPublished{Text: &sampleOther}}},
		{"published with gaps", Draft{By: moderator, Of: sampleView, Facts: &StatementRedacted{Gaps: []string{"personal_data", "insult"}},
			Content: map[string]any{"text": &Redaction{Parts: []RedactionPart{{Text: "At the well "}, {Gap: "personal_data"}, {Gap: "insult"}, {Text: "."}}}}}},
		{"withheld", Draft{By: moderator, Of: sampleView, Facts: &StatementWithheld{Reason: "personal_data"}, Content: why("explanation", "It names a person.")}},
		{"corrected by whoever holds it", Draft{By: Participant, Of: sampleView, Facts: &StatementCorrected{}, Content: words("ទឹកស្អាត")}},
		{"the same as another", Draft{By: moderator, Of: sampleView, Facts: &StatementMatched{Same: sampleOther}}},
		{"translated", Draft{By: moderator, Of: sampleView, Facts: &StatementTranslated{Language: "en", Means: "human"}, Content: words("Clean water")}},
		{"an appeal", Draft{By: Participant, Of: sampleView, Facts: &AppealLodged{}, Content: why("grounds", "It names nobody.")}},
		{"an appeal by whoever filed the view", Draft{By: filer, Of: sampleView, Facts: &AppealLodged{}, Content: why("grounds", "It names nobody.")}},
		{"an appeal decided", Draft{By: moderator, Of: sampleView, Facts: &AppealDecided{Outcome: AppealOverturned}, Content: why("explanation", "Right.")}},
		{"one vote", Draft{By: Participant, Of: sampleDialogue, Facts: &BallotCast{},
			Content: map[string]any{"ballot": &Ballot{Participant: samplePerson, Votes: []StatementVote{{sampleView, Agree}}}}}},
		{"several votes, carried over with their time", Draft{By: Participant, Of: sampleDialogue, Facts: &BallotCast{},
			Content: map[string]any{"ballot": &Ballot{Participant: samplePerson, Votes: []StatementVote{{sampleView, Disagree}, {sampleOther, Pass}}, Time: 1435654192085}}}},
		{"a section erased by whoever holds it", Draft{By: Participant, Of: sampleView, Facts: &SectionErased{Section: "text", Reason: ErasedByHolder}}},
		{"a section that a restore did not bring back", Draft{By: System, Of: sampleView, Facts: &SectionErased{Section: "text", Reason: ErasedLost}}},
		{"figures: null is too few to show", Draft{By: System, Of: sampleDialogue, Facts: &ReleasePublished{At: 30},
			Content: map[string]any{"tally": &Tally{Participants: &ten, Statements: []StatementTally{{Statement: sampleView, Agree: &ten, Disagree: &zero, Pass: &zero}, {Statement: sampleOther}}}}}},
		{"the record of a release without a view", Draft{By: System, Of: sampleDialogue, Facts: &ReleasePublished{},
			Content: map[string]any{"tally": &Tally{}}}},
		{"a map of two groups", Draft{By: System, Of: sampleDialogue, Facts: &MapPublished{At: 45},
			Content: map[string]any{"map": &OpinionMap{Participants: &ten, Finding: FindingGroups,
				Groups: []OpinionGroup{{Size: &ten, Centre: [2]int{-400, 20}, Spread: [2]int{150, 90}, Holds: []Held{{sampleView, Agree}}},
					{Centre: [2]int{500, -30}, Spread: [2]int{100, 120}, Holds: []Held{{sampleView, Disagree}}}},
				Statements: []OpinionCounts{{Statement: sampleView, All: &[3]int{10, 5, 0}, Groups: []*[3]int{{10, 0, 0}, nil}}, {Statement: sampleOther, All: &[3]int{5, 5, 0}, Groups: []*[3]int{nil, nil}}},
				Divide:     []ID{sampleView}, Stable: Stability{Resamples: 16, People: 930, Votes: 880, Placed: 1000}}}}},
		{"a map that can say nothing yet", Draft{By: System, Of: sampleDialogue, Facts: &MapPublished{},
			Content: map[string]any{"map": &OpinionMap{Finding: FindingFew}}}},
	}
}
