package civic

import "samleng/act"

// Refusal says why an act may not happen now. Key is the key of the message
// that tells people; Params are the message's names and values in turn.
type Refusal struct {
	Key    string
	Params []any
}

// Error implements error.
func (r *Refusal) Error() string { return "civic: " + r.Key }

func refuse(key string, params ...any) error { return &Refusal{Key: key, Params: params} }

// The keys of refusals; Refusals lists them.
const (
	RefusedForbidden    = "refused.forbidden"
	RefusedTime         = "refused.time"
	RefusedNoProgramme  = "refused.no_programme"
	RefusedProgramme    = "refused.programme_exists"
	RefusedRules        = "refused.rules_version"
	RefusedPast         = "refused.past"
	RefusedRole         = "refused.role"
	RefusedExists       = "refused.exists"
	RefusedOrganisation = "refused.no_organisation"
	RefusedPlace        = "refused.no_place"
	RefusedPlaceFine    = "refused.place_too_fine"
	RefusedTheme        = "refused.no_theme"
	RefusedDialogue     = "refused.no_dialogue"
	RefusedSlug         = "refused.slug_taken"
	RefusedNotOpen      = "refused.dialogue_not_open"
	RefusedClosed       = "refused.dialogue_closed"
	RefusedAlreadyOpen  = "refused.dialogue_already_open"
	RefusedDoor         = "refused.door"
	RefusedLong         = "refused.too_long"
	RefusedStatement    = "refused.no_statement"
	RefusedErased       = "refused.statement_erased"
	RefusedSealed       = "refused.statement_sealed"
	RefusedNoTrustees   = "refused.no_trustees"
	RefusedDecided      = "refused.already_decided"
	RefusedOwnEntry     = "refused.own_entry"
	RefusedAuthority    = "refused.authority_moderates"
	RefusedInterest     = "refused.own_organisation"
	RefusedSafeguarding = "refused.safeguarding"
	RefusedSame         = "refused.same_as"
	RefusedNotWithheld  = "refused.not_withheld"
	RefusedAppealed     = "refused.already_appealed"
	RefusedNoAppeal     = "refused.no_appeal"
	RefusedSameOffice   = "refused.same_office"
	RefusedNotPublished = "refused.not_published"
	RefusedNothingToPub = "refused.nothing_to_publish"
	RefusedHolder       = "refused.not_the_holder"
	RefusedNotVotable   = "refused.not_votable"
	RefusedChanges      = "refused.too_many_changes"
	RefusedParticipant  = "refused.no_participant"
	RefusedSection      = "refused.no_section"
	RefusedSectionKept  = "refused.section_kept"
	RefusedRelease      = "refused.release_too_early"
	RefusedReleaseWrong = "refused.release_wrong"
	RefusedOverruled    = "refused.overruled"
	RefusedCorrection   = "refused.correction_waits"
	RefusedSource       = "refused.source_wrong"
	RefusedNotLost      = "refused.not_lost"
	RefusedKey          = "refused.key"
	RefusedWitnesses    = "refused.witnesses"

	// Of the way of a view from referral to what was done about it.
	RefusedNeed           = "refused.no_need"
	RefusedGathered       = "refused.not_gathered"
	RefusedRaised         = "refused.raised_wrong"
	RefusedCase           = "refused.no_case"
	RefusedReferred       = "refused.already_referred"
	RefusedNotAuthority   = "refused.not_an_authority"
	RefusedNotHolding     = "refused.not_holding"
	RefusedNotCompetent   = "refused.not_competent"
	RefusedAdvisesOnly    = "refused.advises_only"
	RefusedCircular       = "refused.circular_transfer"
	RefusedAcknowledged   = "refused.already_acknowledged"
	RefusedAnswered       = "refused.already_answered"
	RefusedNotAnswered    = "refused.not_answered"
	RefusedAsked          = "refused.already_asked"
	RefusedNotAsked       = "refused.not_asked"
	RefusedAskedLate      = "refused.asked_too_late"
	RefusedExtended       = "refused.already_extended"
	RefusedReasons        = "refused.reasons_missing"
	RefusedFuture         = "refused.in_the_future"
	RefusedCorrects       = "refused.corrects_another"
	RefusedJudged         = "refused.already_judged"
	RefusedNoReview       = "refused.no_review"
	RefusedNotIndependent = "refused.not_independent"
	RefusedNotDue         = "refused.not_due"
	RefusedLadder         = "refused.ladder_circular"
	RefusedCommitment     = "refused.no_commitment"
	RefusedCurrency       = "refused.currency"
	RefusedVerifier       = "refused.verifier"
	RefusedMilestone      = "refused.no_milestone"
	RefusedMilestoneGone  = "refused.milestone_dropped"
	RefusedNoEvidence     = "refused.no_evidence"
	RefusedClaim          = "refused.no_claim"
	RefusedNeedsOpen      = "refused.needs_open"
	RefusedCompleted      = "refused.dialogue_completed"
	RefusedNotClosed      = "refused.dialogue_not_closed"
)

// Refusals lists the keys of every refusal, for the catalogues' tests.
var Refusals = []string{
	RefusedForbidden, RefusedTime, RefusedNoProgramme, RefusedProgramme, RefusedRules, RefusedPast, RefusedRole,
	RefusedExists, RefusedOrganisation, RefusedPlace, RefusedPlaceFine, RefusedTheme, RefusedDialogue, RefusedSlug,
	RefusedNotOpen, RefusedClosed, RefusedAlreadyOpen, RefusedDoor, RefusedLong, RefusedStatement, RefusedErased,
	RefusedSealed, RefusedNoTrustees, RefusedDecided, RefusedOwnEntry, RefusedAuthority, RefusedInterest,
	RefusedSafeguarding, RefusedSame, RefusedNotWithheld, RefusedAppealed, RefusedNoAppeal, RefusedSameOffice,
	RefusedNotPublished, RefusedNothingToPub, RefusedHolder, RefusedNotVotable, RefusedChanges, RefusedParticipant,
	RefusedSection, RefusedSectionKept, RefusedRelease, RefusedReleaseWrong,
	RefusedOverruled, RefusedCorrection, RefusedSource, RefusedNotLost, RefusedKey, RefusedWitnesses,

	RefusedNeed, RefusedGathered, RefusedRaised, RefusedCase, RefusedReferred, RefusedNotAuthority, RefusedNotHolding,
	RefusedNotCompetent, RefusedAdvisesOnly, RefusedCircular, RefusedAcknowledged, RefusedAnswered, RefusedNotAnswered,
	RefusedAsked, RefusedNotAsked, RefusedAskedLate, RefusedExtended, RefusedReasons, RefusedFuture, RefusedCorrects,
	RefusedJudged, RefusedNoReview, RefusedNotIndependent, RefusedNotDue, RefusedLadder, RefusedCommitment,
	RefusedCurrency, RefusedVerifier, RefusedMilestone, RefusedMilestoneGone, RefusedNoEvidence, RefusedClaim,
	RefusedNeedsOpen, RefusedCompleted, RefusedNotClosed,
}

// Unchanged is what Check says of a ballot whose votes all stand already: no
// act is needed, and the receipt is the one of the act at Position.
type Unchanged struct{ Position int64 }

// Error implements error.
func (*Unchanged) Error() string { return "civic: the votes stand already" }

// Key is something that an act reads or writes. Acts of which none writes what
// another reads or writes give the same verdicts and the same state in either
// order.
type Key struct {
	noun byte
	a, b act.ID
}

// The nouns of keys.
const (
	keySetting    byte = iota + 1 // programme, rules, policy, calendar, places, organisations
	keyStaff                      // one staff member's roles
	keyDialogue                   // whether a dialogue is open
	keyStatement                  // one statement
	keyCode                       // one receipt code
	keyCell                       // one participant's vote on one statement
	keySelf                       // what one participant says of themselves
	keyRelease                    // a dialogue's releases
	keyNeed                       // one need
	keyCase                       // one referral
	keyCommitment                 // one commitment
)

// KeySet is what an act reads and writes.
type KeySet struct{ Reads, Writes []Key }

func (k *KeySet) read(noun byte, a, b act.ID)  { k.Reads = append(k.Reads, Key{noun, a, b}) }
func (k *KeySet) write(noun byte, a, b act.ID) { k.Writes = append(k.Writes, Key{noun, a, b}) }

// Keys adds to keys what the act reads and writes. Sums (how many agree, how
// many views are waiting) are not keys: they come out the same in any order.
func Keys(who Actor, a *act.Act, keys *KeySet) {
	keys.Reads, keys.Writes = keys.Reads[:0], keys.Writes[:0]
	keys.read(keySetting, act.ID{}, act.ID{})
	if a.By.As == act.ByStaff {
		keys.read(keyStaff, a.By.Organisation, a.By.Staff)
	} else if !who.Staff.IsZero() {
		keys.read(keyStaff, a.By.Organisation, who.Staff)
	}
	if r := rules[a.Kind]; r.keys != nil {
		r.keys(a, keys)
	}
}
