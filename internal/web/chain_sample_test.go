package web_test

import (
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
)

// chained is a sample whose views went all the way: a need with an answer and a
// confirmed commitment, one that waits too long, one that needs information.
type chained struct {
	*sample
	Need, Case, Silent, Asking, Answer, Promise act.ID
	Focal, Signing, Monitor, Facilitator, Judge civic.Actor
	// Held is a view of the need, with its code and secret; Missing one of which
	// an office wants to know more.
	Held, Missing register.Receipt
}

const reasonsGiven = "The province has set aside money for two wells in next year's plan, after a visit on the spot."

func throughTheChain(t testing.TB) *chained {
	c := &chained{sample: filled(t)}
	cso := c.IDs["cso"]
	c.do(civic.System, act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepAcknowledge: 5, act.StepAnswer: 20, act.StepInform: 15,
		act.StepReview: 15, act.StepEscalate: 10}}, nil)
	ministry := c.IDs["ministry"]
	c.IDs["department"] = c.do(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "line_department", Authority: true, Parent: &ministry, Place: "16"},
		called("Provincial department of rural development", "មន្ទីរអភិវឌ្ឍន៍ជនបទ")).Act
	department := c.IDs["department"]
	c.do(civic.System, department, &act.CompetenceDeclared{Themes: []string{"water"}, Place: "16", As: act.Decides, From: "2026-01-01"}, nil)
	c.Facilitator = c.staff(cso, act.RoleFacilitator)
	c.Focal, c.Signing = c.staff(department, act.RoleFocalPoint), c.staff(department, act.RoleSigningOfficer)
	c.Monitor = c.staff(c.IDs["other"], act.RoleMonitor)
	moderator := c.staff(cso, act.RoleModerator)
	c.Judge = moderator
	c.Held, c.Missing = c.view(c.person("holder"), "en", "We need a well near the school.", "water"), c.view(c.person("asked"), "km", "ផ្លូវទៅសាលាខូច", "roads")
	c.do(moderator, c.Held.Act, &act.StatementPublished{}, nil)
	c.do(moderator, c.Missing.Act, &act.StatementPublished{}, nil)
	c.gather()
	c.promise()
	return c
}

func (c *chained) gather() {
	views := []act.ID{c.Views[0].Act, c.Held.Act}
	var raised *act.Raised
	c.Register.View(func(s *civic.State) { raised = s.Raised(views) })
	content := called("Clean water near the school", "ទឹកស្អាតនៅជិតសាលារៀន")
	content["raised"] = raised
	c.Need = c.do(c.Facilitator, c.Dialogue, &act.NeedIdentified{Theme: "water", Place: "1602", Statements: views}, content).Act
	c.do(c.Facilitator, c.Need, &act.NeedSummarised{Covers: views[:1], Means: "human"}, called("People ask for wells.", "ប្រជាជនសុំអណ្ដូង"))
	department := c.IDs["department"]
	c.Case = c.do(c.Facilitator, c.Need, &act.ReferralMade{Authority: department}, nil).Act
	c.Silent = c.do(c.Facilitator, c.Views[1].Act, &act.ReferralMade{Authority: department}, nil).Act
	c.Asking = c.do(c.Facilitator, c.Missing.Act, &act.ReferralMade{Authority: department}, nil).Act
	c.do(c.Focal, c.Asking, &act.InformationRequested{What: "place", From: "holder"}, map[string]any{"question": &act.Explanation{Text: "Which road is it?"}})
	c.do(c.Focal, c.Case, &act.ReferralAcknowledged{}, nil)
	today := c.Now().Format(time.DateOnly)
	c.do(c.Focal, c.Case, &act.ReferralConsidered{On: today, In: "site_visit"}, map[string]any{"minutes": &act.Explanation{Text: "Two officials went there."}})
	c.Answer = c.do(c.Signing, department, &act.AnswerIssued{Position: "director", Covers: []act.Covered{{Case: c.Case, Decision: act.Accepted}},
		ConsideredOn: today, ConsideredIn: "meeting"}, map[string]any{"reasons": &act.Reasons{Letter: "12/26",
		Cases: []act.CaseReasons{{Case: c.Case, Text: reasonsGiven}}}}).Act
}

func (c *chained) promise() {
	department := c.IDs["department"]
	words := func(en, km string) map[string]string { return map[string]string{"en": en, "km": km} }
	c.Promise = c.do(c.Signing, c.Need, &act.CommitmentMade{Needs: []act.ID{c.Need}, Responsible: department, Position: "director",
		Start: "2026-04-01", End: "2026-09-30", Milestones: []act.Milestone{{Code: "survey", Due: "2026-05-31"}, {Code: "drilled", Due: "2026-08-31"}},
		Funding: "provincial_fund", Uptake: "provincial_plan", Verifier: c.IDs["other"],
		Indicator: act.Indicator{Measure: "unit", BaselineOn: "2026-03-01", Target: 2, TargetOn: "2026-09-30"}},
		map[string]any{"plan": &act.Plan{What: words("Two wells", "អណ្ដូងពីរ"), Indicator: words("Wells with water", "អណ្ដូងដែលមានទឹក"),
			Verified: words("On the spot", "នៅកន្លែងផ្ទាល់"), Milestones: map[string]map[string]string{"survey": words("Survey", "ស្ទង់"), "drilled": words("Drilled", "ខួង")}}}).Act
	c.do(c.Signing, c.Promise, &act.CommitmentRevised{End: "2026-10-30", Funding: "provincial_fund", Why: "procurement",
		Milestones: []act.Milestone{{Code: "survey", Due: "2026-05-31"}, {Code: "drilled", Due: "2026-10-15"}}},
		map[string]any{"reasons": &act.Explanation{Text: "The tender took longer."}})
	claim := c.do(c.Focal, c.Promise, &act.ProgressClaimed{Status: act.Complete, Milestone: "drilled", Files: 1},
		map[string]any{"evidence": &act.Evidence{Text: "Both are drilled.", Files: []act.File{{Type: "image/jpeg", Size: 2000, Title: "The first well"}}}}).Act
	c.do(c.Monitor, c.Promise, &act.ProgressAssessed{Claim: &claim, Verdict: act.Disputed, Status: act.Substantial},
		map[string]any{"evidence": &act.Evidence{Text: "One gives no water."}})
	c.do(c.Monitor, c.Promise, &act.IndicatorMeasured{Value: 1, On: c.Now().Format(time.DateOnly)}, nil)
	c.Pass(30 * 24 * time.Hour)
	if err := c.Register.Rule(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}
