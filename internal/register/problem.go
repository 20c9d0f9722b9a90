package register

import (
	"samleng/civic"
	"samleng/internal/problem"
)

// refusalKinds says of each refusal that is no conflict with what stands what
// sort of problem it is.
var refusalKinds = map[string]problem.Kind{
	// What the actor may never do.
	civic.RefusedForbidden:      problem.Forbidden,
	civic.RefusedRole:           problem.Forbidden,
	civic.RefusedDoor:           problem.Forbidden,
	civic.RefusedOwnEntry:       problem.Forbidden,
	civic.RefusedAuthority:      problem.Forbidden,
	civic.RefusedInterest:       problem.Forbidden,
	civic.RefusedSafeguarding:   problem.Forbidden,
	civic.RefusedSameOffice:     problem.Forbidden,
	civic.RefusedHolder:         problem.Forbidden,
	civic.RefusedParticipant:    problem.Forbidden,
	civic.RefusedNotIndependent: problem.Forbidden,
	// What is wrong with what was sent.
	civic.RefusedPlace:         problem.Invalid,
	civic.RefusedPlaceFine:     problem.Invalid,
	civic.RefusedTheme:         problem.Invalid,
	civic.RefusedLong:          problem.Invalid,
	civic.RefusedNoTrustees:    problem.Invalid,
	civic.RefusedSame:          problem.Invalid,
	civic.RefusedOrganisation:  problem.Invalid,
	civic.RefusedRules:         problem.Invalid,
	civic.RefusedPast:          problem.Invalid,
	civic.RefusedSectionKept:   problem.Invalid,
	civic.RefusedFuture:        problem.Invalid,
	civic.RefusedReasons:       problem.Invalid,
	civic.RefusedCurrency:      problem.Invalid,
	civic.RefusedVerifier:      problem.Invalid,
	civic.RefusedMilestone:     problem.Invalid,
	civic.RefusedMilestoneGone: problem.Invalid,
	civic.RefusedNoEvidence:    problem.Invalid,
	civic.RefusedClaim:         problem.Invalid,
	civic.RefusedNotAuthority:  problem.Invalid,
	// What is not there.
	civic.RefusedDialogue:   problem.NotFound,
	civic.RefusedStatement:  problem.NotFound,
	civic.RefusedSection:    problem.NotFound,
	civic.RefusedCase:       problem.NotFound,
	civic.RefusedNeed:       problem.NotFound,
	civic.RefusedCommitment: problem.NotFound,
}

// RefusalKind says what sort of problem a refusal (the key of a civic.Refusal)
// is for whoever sent the act: a conflict with what stands, unless it is listed
// otherwise. Pages and the API both ask it; where one of them means something
// else by an act's reference (a member of its JSON rather than an address), it
// says so itself.
func RefusalKind(key string) problem.Kind {
	if kind, listed := refusalKinds[key]; listed {
		return kind
	}
	return problem.Conflict
}
