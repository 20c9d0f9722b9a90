package locale_test

import (
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
)

// TestEveryCodeHasAWord holds the catalogues to the vocabulary of acts: a code
// that a header can carry can be read in every language.
func TestEveryCodeHasAWord(t *testing.T) {
	keys := append([]string{}, civic.Refusals...)
	add := func(prefix string, codes ...string) {
		if len(codes) == 0 {
			t.Errorf("no codes for %s", prefix)
		}
		for _, code := range codes {
			keys = append(keys, prefix+code)
		}
	}
	add("code.channel.", act.Channels...)
	add("code.visibility.", act.Visibilities...)
	add("withheld.", act.WithholdingReasons...)
	add("gap.", act.GapReasons...)
	add("organisation.type.", act.OrganisationTypes...)
	add("code.engagement.", act.Engagements...)
	add("code.door.", act.Doors...)
	add("code.sex.", act.Sexes...)
	add("code.age.", act.AgeBands...)
	add("code.outcome.", act.AppealUpheld, act.AppealOverturned)
	add("erased.", act.ErasedByHolder, act.ErasedSafeguarding, act.ErasedByLaw, act.ErasedLost)
	for _, role := range []act.Role{
		act.RoleAdministrator, act.RoleFacilitator, act.RoleRapporteur, act.RoleModerator, act.RoleReferrer,
		act.RoleFocalPoint, act.RoleSigningOfficer, act.RoleMonitor, act.RoleBoard,
	} {
		add("code.role.", string(role))
	}
	for _, d := range []civic.Disposition{
		civic.DispErased, civic.DispWithheld, civic.DispAwaiting, civic.DispNotYetReferred,
	} {
		add("disposition.", string(d), string(d)+".note")
	}
	add("code.stage.", string(civic.Announced), string(civic.Open), string(civic.Closed))
	add("state.", string(civic.Published), string(civic.Redacted), string(civic.Matched), string(civic.Private))
	add("code.step.", string(act.StepModerate), string(act.StepAppeal), string(act.StepRefer))
	add("vote.", "agree", "disagree", "pass")
	for _, kind := range act.Kinds() {
		add("code.event.", string(kind))
	}
	for _, step := range act.Steps {
		add("code.step.", string(step))
	}
	for _, d := range civic.Dispositions {
		add("code.state.", string(d))
	}
	for _, state := range civic.CommitmentStates {
		add("code.commitment.", string(state))
	}
	add("code.competence.", act.Competences...)
	add("code.interest.", act.Interests...)
	add("code.considered.", act.ConsideredIn...)
	add("code.information.", act.InformationKinds...)
	add("code.from.", act.InformationFrom...)
	add("code.decision.", act.Decisions...)
	add("code.told.", act.TellingMeans...)
	add("code.judgement.", act.Judgements...)
	add("code.review.", act.ReviewUpheld, act.ReviewReopened)
	add("code.funding.", act.Fundings...)
	add("code.uptake.", act.Uptakes...)
	add("code.measure.", act.Measures...)
	add("code.revision.", act.RevisionReasons...)
	add("code.status.", act.Statuses...)
	add("code.verdict.", act.Verdicts...)
	for _, kind := range problem.Kinds() {
		keys = append(keys, kind.TitleKey())
	}
	keys = append(keys, problem.Of(errUnknown{}).Key, "problem.fields", "problem.too_large", "problem.unavailable")
	for _, tag := range locale.Languages() {
		for _, key := range keys {
			if !locale.Get(tag).Has(key) {
				t.Errorf("%s lacks %s", tag, key)
			}
		}
	}
}

type errUnknown struct{}

func (errUnknown) Error() string { return "unknown" }
