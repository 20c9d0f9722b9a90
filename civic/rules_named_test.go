package civic_test

import (
	"testing"

	"samleng/act"
	"samleng/civic"
)

// TestNobodyJudgesTheirOwn names the rules that the table must never lose.
func TestNobodyJudgesTheirOwn(t *testing.T) {
	table := newRulesTable(t)
	for _, rule := range []struct {
		says  string
		kind  act.Kind
		state string
		roles []act.Role
		orgs  []string
		want  string
	}{
		{"nobody assesses what their own organisation promised, nor one with the same parent, a stake or another promise with it",
			act.KindProgressAssessed, "reported as done", []act.Role{act.RoleMonitor},
			[]string{office, officeKin, bound, staked, backer}, civic.RefusedNotIndependent},
		{"a stake that has ended is none", act.KindProgressAssessed, "reported as done", []act.Role{act.RoleMonitor}, []string{unstaked, apart}, allowed},
		{"only monitors assess", act.KindProgressAssessed, "reported as done", without(act.RoleMonitor), everywhere(), civic.RefusedForbidden},
		{"nobody with a stake verifies", act.KindCommitmentMade, "identified; to be verified by one with a stake", []act.Role{act.RoleSigningOfficer}, []string{office}, civic.RefusedVerifier},
		{"nor who promises too", act.KindCommitmentMade, "identified; to be verified by the co-responsible", []act.Role{act.RoleSigningOfficer}, []string{office}, civic.RefusedVerifier},
		{"nobody withholds a view about their own organisation", act.KindStatementWithheld, "published, about the one named",
			[]act.Role{act.RoleModerator, act.RoleFacilitator}, []string{named, namedKin}, civic.RefusedInterest},
		{"nor one that their own organisation filed", act.KindStatementWithheld, "published, filed by the filer's facilitator",
			[]act.Role{act.RoleModerator}, []string{filer, filerKin}, civic.RefusedInterest},
		{"nor one that they filed", act.KindStatementWithheld, "published, filed by the filer's facilitator", []act.Role{act.RoleFacilitator}, []string{filer}, civic.RefusedOwnEntry},
		{"nor one that they wrote down", act.KindStatementWithheld, "awaits, written down by the host's facilitator", []act.Role{act.RoleFacilitator}, []string{host}, civic.RefusedOwnEntry},
		{"nor one that they filed unnamed", act.KindStatementWithheld, "awaits, filed by the filer, its moderator unnamed", []act.Role{act.RoleModerator}, []string{filer}, civic.RefusedInterest},
		{"nobody decides the appeal about it either", act.KindAppealDecided, "withheld, about the one named, an appeal is open", []act.Role{act.RoleModerator}, []string{named, namedKin}, civic.RefusedInterest},
		{"who withheld a view does not take the second look", act.KindAppealDecided, "withheld, an appeal is open", []act.Role{act.RoleModerator}, []string{host, hostKin}, civic.RefusedSameOffice},
		{"nor who has a stake in who withheld it", act.KindAppealDecided, "withheld, an appeal is open", []act.Role{act.RoleModerator}, []string{staked, backer}, civic.RefusedNotIndependent},
		{"nobody takes a second look at their own answer, nor at one of somebody they have a stake in or promised something with", act.KindReviewDecided, "a second look is asked for",
			[]act.Role{act.RoleSigningOfficer, act.RoleMonitor, act.RoleBoard}, []string{office, officeKin, bound, staked, backer}, civic.RefusedNotIndependent},
		{"a board member cannot change an answer", act.KindAnswerIssued, "answered; corrected", []act.Role{act.RoleBoard}, everywhere(), civic.RefusedForbidden},
		{"nor does anybody who does not sign", act.KindAnswerIssued, "answered; corrected", without(act.RoleSigningOfficer), everywhere(), civic.RefusedForbidden},
		{"an organisation's administrator declares its stakes, and nobody else's", act.KindInterestDeclared, "the office", []act.Role{act.RoleAdministrator}, except(office), civic.RefusedForbidden},
		{"and nobody but the administrator", act.KindInterestDeclared, "the office", without(act.RoleAdministrator), everywhere(), civic.RefusedForbidden},
	} {
		for _, org := range rule.orgs {
			for _, role := range rule.roles {
				if got := table.find(t, rule.kind, rule.state, org, role); got != rule.want {
					t.Errorf("%s: %s of %s gets %s, not %s", rule.says, role, org, got, rule.want)
				}
			}
		}
	}
}

// TestAuthoritiesNeverModerate: whatever the view and the role, staff of a
// public authority decide nothing about its words.
func TestAuthoritiesNeverModerate(t *testing.T) {
	table := newRulesTable(t)
	for _, kind := range []act.Kind{act.KindStatementPublished, act.KindStatementRedacted, act.KindStatementWithheld, act.KindStatementMatched,
		act.KindStatementTranslated, act.KindAppealDecided} {
		for _, row := range table.rows[kind] {
			for _, org := range offices {
				for _, role := range act.Roles {
					if got := table.find(t, kind, row.state, org, role); got == allowed {
						t.Errorf("%s of %s, an authority: %s of a view that %s is allowed", role, org, kind, row.state)
					}
				}
			}
		}
	}
}

// TestOnePersonTwoRoles: who did something for one organisation does not judge
// it for another.
func TestOnePersonTwoRoles(t *testing.T) {
	table := newRulesTable(t)
	for _, rule := range []struct {
		who, state string
		kind       act.Kind
		want       string
	}{
		{host + "'s moderator, as moderator of an independent CSO", "withheld, an appeal is open", act.KindAppealDecided, civic.RefusedSameOffice},
		{office + "'s focal point, as monitor of an independent CSO", "reported as done", act.KindProgressAssessed, civic.RefusedNotIndependent},
		{office + "'s signing officer, as monitor of an independent CSO", "made", act.KindProgressAssessed, civic.RefusedNotIndependent},
		{office + "'s signing officer, as monitor of an independent CSO", "a second look is asked for", act.KindReviewDecided, civic.RefusedNotIndependent},
	} {
		for i, row := range table.rows[rule.kind] {
			for k, c := range table.world.columns {
				if got := table.verdicts[rule.kind][i][k]; row.state == rule.state && c.name == rule.who && got != rule.want {
					t.Errorf("%s, %s, by %s: %s, not %s", rule.kind, rule.state, rule.who, got, rule.want)
				}
			}
		}
	}
}

func everywhere() []string { return except("") }

func except(org string) []string {
	var rest []string
	for _, other := range append(append(rest, societies...), offices...) {
		if other != org {
			rest = append(rest, other)
		}
	}
	return rest
}

func without(role act.Role) []act.Role {
	var rest []act.Role
	for _, other := range act.Roles {
		if other != role {
			rest = append(rest, other)
		}
	}
	return rest
}
