package civic_test

import (
	"testing"

	"samleng/act"
	"samleng/civic"
)

// TestOnlyTheLeadSetsTheProgramme: clocks, working days, places and who belongs
// to the programme are for those who lead it, not for every organisation that
// takes part.
func TestOnlyTheLeadSetsTheProgramme(t *testing.T) {
	w, ids := newWorld(t)
	w.must(civic.System, ids["cso"], &act.OrganisationEngaged{As: "lead", From: "2026-01-01", Until: "2026-06-30"}, nil)
	lead, other := w.staff(ids["cso"], act.RoleAdministrator), w.staff(ids["other"], act.RoleAdministrator)
	board := w.staff(ids["other"], act.RoleBoard)
	policy := &act.PolicyDeclared{Days: map[act.Step]int{act.StepModerate: 400}}
	w.refuses(civic.RefusedForbidden, other, act.ID{}, policy, nil)
	w.refuses(civic.RefusedForbidden, board, act.ID{}, policy, nil)
	w.refuses(civic.RefusedForbidden, other, act.ID{}, calendar("2026-03-11", "2026-03-12"), nil)
	w.refuses(civic.RefusedForbidden, other, act.ID{}, &act.OrganisationRegistered{Type: "cso"}, names("puppet"))
	w.refuses(civic.RefusedForbidden, other, act.ID{}, &act.PlaceRegistered{Code: "17", Level: 1}, names("place"))
	w.refuses(civic.RefusedForbidden, other, ids["other"], &act.OrganisationEngaged{As: "lead", From: "2026-01-01"}, nil)
	w.must(other, ids["other"], &act.OrganisationEngaged{As: "partner", From: "2026-01-01"}, nil)
	w.must(lead, act.ID{}, policy, nil)
	w.must(lead, ids["other"], &act.OrganisationEngaged{As: "accountable", From: "2026-04-01"}, nil)
	w.refuses(civic.RefusedForbidden, other, act.ID{}, policy, nil) // not before April
	w.now = w.now.AddDate(0, 4, 0)
	w.must(other, act.ID{}, policy, nil)
	w.refuses(civic.RefusedForbidden, lead, act.ID{}, policy, nil) // no longer
}

// TestRelated: one root parent makes organisations related, however deep.
func TestRelated(t *testing.T) {
	w, ids := newWorld(t)
	deep := ids["ministry"]
	for range 15 {
		parent := deep
		deep = w.must(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "other", Parent: &parent}, names("department"))
	}
	if !w.state.Related(deep, ids["ministry"]) || !w.state.Related(ids["ministry"], deep) || w.state.Related(deep, ids["cso"]) {
		t.Error("who belongs to the ministry is not related to it, or others are")
	}
}

// TestCompetenceEnds: the same competence said again with a last day is the one
// competence, which ends then; another stands beside it.
func TestCompetenceEnds(t *testing.T) {
	w, ids := newWorld(t)
	ministry := ids["ministry"]
	head := w.staff(ministry, act.RoleAdministrator)
	day := w.now.UTC().Format("2006-01-02")
	later := w.now.AddDate(0, 1, 0).UTC().Format("2006-01-02")
	declare := func(as, until string) {
		w.must(head, ministry, &act.CompetenceDeclared{As: as, From: day, Until: until}, nil)
	}
	declare(act.Decides, "")
	declare(act.Decides, later)
	declare(act.Advises, "")
	if all := w.state.Competences(ministry); len(all) != 2 || all[0].Until != later || all[1].Until != "" {
		t.Errorf("%+v", all)
	}
	declare(act.Decides, "")
	if all := w.state.Competences(ministry); len(all) != 2 || all[0].Until != "" {
		t.Errorf("taken up again: %+v", all)
	}
}
