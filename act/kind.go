package act

import (
	"fmt"
	"maps"
	"slices"
)

// Kind names what somebody did. The vocabulary is closed: a program that meets
// a kind it does not know refuses to serve.
type Kind string

// The kinds of act.
const (
	KindProgrammeDeclared    Kind = "programme.declared"
	KindRulesAdopted         Kind = "rules.adopted"
	KindPolicyDeclared       Kind = "policy.declared"
	KindCalendarDeclared     Kind = "calendar.declared"
	KindEpochBegun           Kind = "epoch.begun"
	KindPlaceRegistered      Kind = "place.registered"
	KindOrganisationReg      Kind = "organisation.registered"
	KindOrganisationAliased  Kind = "organisation.aliased"
	KindOrganisationEngaged  Kind = "organisation.engaged"
	KindRoleGranted          Kind = "role.granted"
	KindRoleEnded            Kind = "role.ended"
	KindDialogueAnnounced    Kind = "dialogue.announced"
	KindDialogueOpened       Kind = "dialogue.opened"
	KindDialogueClosed       Kind = "dialogue.closed"
	KindParticipantDescribe  Kind = "participant.described"
	KindStatementRegistered  Kind = "statement.registered"
	KindStatementPublished   Kind = "statement.published"
	KindStatementRedacted    Kind = "statement.redacted"
	KindStatementWithheld    Kind = "statement.withheld"
	KindStatementCorrected   Kind = "statement.corrected"
	KindStatementMatched     Kind = "statement.matched"
	KindStatementTranslated  Kind = "statement.translated"
	KindAppealLodged         Kind = "appeal.lodged"
	KindAppealDecided        Kind = "appeal.decided"
	KindBallotCast           Kind = "ballot.cast"
	KindNeedIdentified       Kind = "need.identified"
	KindNeedGathered         Kind = "need.gathered"
	KindNeedSummarised       Kind = "need.summarised"
	KindCompetenceDeclared   Kind = "competence.declared"
	KindLadderDeclared       Kind = "ladder.declared"
	KindInterestDeclared     Kind = "interest.declared"
	KindSigningDelegated     Kind = "signing.delegated"
	KindContextNoted         Kind = "context.noted"
	KindReferralMade         Kind = "referral.made"
	KindReferralTransferred  Kind = "referral.transferred"
	KindReferralAcknowledged Kind = "referral.acknowledged"
	KindReferralConsidered   Kind = "referral.considered"
	KindInformationRequested Kind = "information.requested"
	KindInformationSupplied  Kind = "information.supplied"
	KindAnswerExtended       Kind = "answer.extended"
	KindAnswerIssued         Kind = "answer.issued"
	KindHolderTold           Kind = "holder.told"
	KindAnswerJudged         Kind = "answer.judged"
	KindReviewDecided        Kind = "review.decided"
	KindCaseEscalated        Kind = "case.escalated"
	KindAgendaTabled         Kind = "agenda.tabled"
	KindCommitmentMade       Kind = "commitment.made"
	KindCommitmentRevised    Kind = "commitment.revised"
	KindProgressClaimed      Kind = "progress.claimed"
	KindProgressAssessed     Kind = "progress.assessed"
	KindIndicatorMeasured    Kind = "indicator.measured"
	KindDialogueCompleted    Kind = "dialogue.completed"
	KindSectionErased        Kind = "section.erased"
	KindReleasePublished     Kind = "release.published"
	KindMapPublished         Kind = "map.published"
	KindWitnessesDeclared    Kind = "witnesses.declared"
	KindKeyChanged           Kind = "key.changed"
)

// Facts are the typed public facts of one kind of act: codes, dates, amounts
// and ids, no free text. Each is a pointer to the kind's struct.
type Facts interface {
	Kind() Kind
	check(*checker)
}

// Audience says who may read a section before the fold has said more.
type Audience uint8

// The audiences.
const (
	Open       Audience = iota + 1 // everybody, with its salt
	Restricted                     // named roles, until the fold opens it
	Sealed                         // encrypted at rest; no role reads it
)

// SectionForm says what a kind's section is.
type SectionForm struct {
	Name     string
	Audience Audience
	Required bool
	body     func() body
}

// body is the typed content of a section.
type body interface{ check(*checker) }

// definition is one line of the vocabulary.
type definition struct {
	facts    func() Facts
	bare     bool // it has no facts at all: "{}"
	by       []ByForm
	of       bool // it must be about something
	sections []SectionForm
}

// define builds a definition; F is the struct of facts.
func define[F any, P interface {
	*F
	Facts
}](of bool, by []ByForm, sections ...SectionForm) definition {
	slices.SortFunc(sections, func(a, b SectionForm) int { return compareStrict(a.Name, b.Name) })
	return definition{facts: func() Facts { return P(new(F)) }, of: of, by: by, sections: sections}
}

// content describes a section whose content is a B.
func content[B any, P interface {
	*B
	body
}](name string, audience Audience, required bool) SectionForm {
	return SectionForm{Name: name, Audience: audience, Required: required, body: func() body { return P(new(B)) }}
}

var (
	bySystem      = []ByForm{BySystem}
	byStaff       = []ByForm{ByStaff, BySystem}
	byStaffOnly   = []ByForm{ByStaff}
	byHolder      = []ByForm{ByParticipant, ByStaff, ByOrganisation}
	byParticipant = []ByForm{ByParticipant}
	byAnybody     = []ByForm{ByParticipant, ByStaff, ByOrganisation, BySystem}
)

// kinds is the vocabulary. Adding a kind means a line here, its struct of facts
// in the file of its noun, and a rule in package civic.
var kinds = map[Kind]definition{
	KindProgrammeDeclared: define[ProgrammeDeclared](false, bySystem, content[Names]("names", Open, true)),
	KindRulesAdopted:      define[RulesAdopted](false, bySystem),
	KindPolicyDeclared:    define[PolicyDeclared](false, byStaff),
	KindCalendarDeclared:  define[CalendarDeclared](false, byStaff),
	KindEpochBegun:        define[EpochBegun](false, bySystem),
	KindPlaceRegistered:   define[PlaceRegistered](false, byStaff, content[Names]("names", Open, true)),

	KindOrganisationReg:     define[OrganisationRegistered](false, byStaff, content[Names]("names", Open, true)),
	KindOrganisationAliased: define[OrganisationAliased](true, byStaff, content[Names]("names", Open, true)),
	KindOrganisationEngaged: define[OrganisationEngaged](true, byStaff),
	KindRoleGranted:         define[RoleGranted](true, byStaff),
	KindRoleEnded:           define[RoleEnded](true, byStaff),

	KindDialogueAnnounced: define[DialogueAnnounced](false, byStaff,
		content[Names]("names", Open, true), content[Origin]("origin", Open, false)),
	KindDialogueOpened: define[DialogueOpened](true, byStaff),
	KindDialogueClosed: define[DialogueClosed](true, byStaff),

	KindParticipantDescribe: define[ParticipantDescribed](true, byParticipant, content[Self]("self", Sealed, true)),
	KindStatementRegistered: define[StatementRegistered](true, byAnybody,
		content[Text]("text", Restricted, true), content[Text]("detail", Restricted, false), content[Source]("source", Sealed, true)),
	KindStatementPublished:  define[StatementPublished](true, byStaff),
	KindStatementRedacted:   define[StatementRedacted](true, byStaff, content[Redaction]("text", Open, true)),
	KindStatementWithheld:   define[StatementWithheld](true, byStaff, content[Explanation]("explanation", Open, true)),
	KindStatementCorrected:  define[StatementCorrected](true, byHolder, content[Text]("text", Restricted, true)),
	KindStatementMatched:    define[StatementMatched](true, byStaff),
	KindStatementTranslated: define[StatementTranslated](true, byStaff, content[Text]("text", Restricted, true)),
	KindAppealLodged:        define[AppealLodged](true, byHolder, content[Explanation]("grounds", Restricted, true)),
	KindAppealDecided:       define[AppealDecided](true, byStaff, content[Explanation]("explanation", Open, true)),

	KindDialogueCompleted: define[DialogueCompleted](true, byStaff),

	KindNeedIdentified: define[NeedIdentified](true, byStaff,
		content[Names]("names", Open, true), content[Raised]("raised", Open, true)),
	KindNeedGathered:   define[NeedGathered](true, byStaff),
	KindNeedSummarised: define[NeedSummarised](true, byStaff, content[Names]("names", Open, true)),

	KindCompetenceDeclared: define[CompetenceDeclared](true, byStaff),
	KindLadderDeclared:     define[LadderDeclared](true, byStaff),
	KindInterestDeclared:   define[InterestDeclared](true, byStaff),
	KindSigningDelegated:   define[SigningDelegated](true, byStaffOnly),
	KindContextNoted:       define[ContextNoted](true, byStaffOnly, content[Names]("names", Open, true)),

	KindReferralMade:         define[ReferralMade](true, byStaffOnly),
	KindReferralTransferred:  define[ReferralTransferred](true, byStaffOnly, content[Explanation]("reasons", Open, true)),
	KindReferralAcknowledged: define[ReferralAcknowledged](true, byStaffOnly),
	KindReferralConsidered:   define[ReferralConsidered](true, byStaffOnly, content[Explanation]("minutes", Open, false)),
	KindInformationRequested: define[InformationRequested](true, byStaffOnly, content[Explanation]("question", Restricted, true)),
	KindInformationSupplied:  define[InformationSupplied](true, byHolder, content[Explanation]("text", Restricted, true)),
	KindAnswerExtended:       define[AnswerExtended](true, byStaffOnly, content[Explanation]("reasons", Open, true)),
	KindAnswerIssued: define[AnswerIssued](true, byStaffOnly,
		content[Reasons]("reasons", Open, true), content[Evidence]("evidence", Open, false)),
	KindHolderTold:    define[HolderTold](true, byStaffOnly),
	KindAnswerJudged:  define[AnswerJudged](true, byHolder, content[Explanation]("reason", Restricted, false)),
	KindReviewDecided: define[ReviewDecided](true, byStaffOnly, content[Explanation]("reasons", Open, true)),
	KindCaseEscalated: define[CaseEscalated](true, bySystem),
	KindAgendaTabled:  define[AgendaTabled](true, bySystem),

	KindCommitmentMade:    define[CommitmentMade](true, byStaffOnly, content[Plan]("plan", Open, true)),
	KindCommitmentRevised: define[CommitmentRevised](true, byStaffOnly, content[Explanation]("reasons", Open, true)),
	KindProgressClaimed:   define[ProgressClaimed](true, byStaffOnly, content[Evidence]("evidence", Open, true)),
	KindProgressAssessed:  define[ProgressAssessed](true, byStaffOnly, content[Evidence]("evidence", Open, true)),
	KindIndicatorMeasured: define[IndicatorMeasured](true, byStaffOnly, content[Evidence]("evidence", Open, false)),

	KindBallotCast:       bare(define[BallotCast](true, byParticipant, content[Ballot]("ballot", Sealed, true))),
	KindSectionErased:    define[SectionErased](true, []ByForm{ByParticipant, ByOrganisation, ByStaff, BySystem}),
	KindReleasePublished: define[ReleasePublished](true, bySystem, content[Tally]("tally", Open, true)),
	KindMapPublished:     define[MapPublished](true, bySystem, content[OpinionMap]("map", Open, true)),

	KindWitnessesDeclared: define[WitnessesDeclared](false, byStaff),
	KindKeyChanged:        define[KeyChanged](false, byStaff),
}

func bare(d definition) definition {
	d.bare = true
	return d
}

// Kinds lists the vocabulary in alphabetical order.
func Kinds() []Kind { return slices.Sorted(maps.Keys(kinds)) }

// Authors lists the forms of author that acts of a kind may have.
func Authors(kind Kind) []ByForm { return slices.Clone(kinds[kind].by) }

// Forms lists the sections that acts of a kind may have, by name.
func Forms(kind Kind) []SectionForm { return slices.Clone(kinds[kind].sections) }

// form finds the form of a kind's section.
func (d definition) form(name string) (SectionForm, bool) {
	for _, form := range d.sections {
		if form.Name == name {
			return form, true
		}
	}
	return SectionForm{}, false
}

// AudienceOf says who may read a kind's section to begin with.
func AudienceOf(kind Kind, name string) (Audience, error) {
	form, known := kinds[kind].form(name)
	if !known {
		return 0, fmt.Errorf("act: %s has no section %q", kind, name)
	}
	return form.Audience, nil
}
