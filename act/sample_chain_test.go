package act

// The ids that the samples of the chain are about.
var (
	sampleOffice, sampleNext = sampleID(70), sampleID(75)
	sampleNeed, sampleCase   = sampleID(80), sampleID(85)
	sampleAnswer             = sampleID(90)
	samplePlan, sampleClaim  = sampleID(95), sampleID(97)
)

// sampleReason is long enough to be the reasons of an answer.
const sampleReason = "The province has set aside money for two wells in next year's plan."

func officeAs(role Role) By {
	return By{As: ByStaff, Organisation: sampleOffice, Staff: sampleStaff, Role: role}
}

func sampleWords(name, text string) map[string]any {
	return map[string]any{name: &Explanation{text}}
}

// chainSamples are of the way of a view from referral to what was done about
// it. New samples come after these: what stands before keeps its bytes.
func chainSamples() []sample {
	return append(append(caseSamples(), answerSamples()...), planSamples()...)
}

func caseSamples() []sample {
	admin, facilitator, focal := staffAs(RoleAdministrator), staffAs(RoleFacilitator), officeAs(RoleFocalPoint)
	called := func(en, km string) *Names { return &Names{Name: map[string]string{"km": km, "en": en}} }
	ten := 10
	return []sample{
		{"a policy of one authority's cases", Draft{By: admin, Facts: &PolicyDeclared{Days: map[Step]int{StepAnswer: 20, StepAcknowledge: 5}, Authority: &sampleOffice}}},
		{"what an authority decides", Draft{By: admin, Of: sampleOffice, Facts: &CompetenceDeclared{Themes: []string{"water", "roads"}, Place: "16", As: Decides, From: "2026-01-01", Until: "2026-12-31"}}},
		{"on what an authority advises, everywhere", Draft{By: System, Of: sampleOffice, Facts: &CompetenceDeclared{As: Advises, From: "2026-01-01"}}},
		{"where its silent cases go", Draft{By: admin, Of: sampleOffice, Facts: &LadderDeclared{To: []ID{sampleNext, sampleOrg}}}},
		{"a stake in another", Draft{By: admin, Of: sampleOrg, Facts: &InterestDeclared{With: sampleOffice, As: "funded_by", From: "2026-01-01", Until: "2026-12-31"}}},
		{"somebody signs while the officer is away", Draft{By: officeAs(RoleSigningOfficer), Of: sampleOffice, Facts: &SigningDelegated{To: sampleOther, From: "2026-03-01", Until: "2026-03-31"}}},
		{"an authority's own word about its figures", Draft{By: focal, Of: sampleOffice, Facts: &ContextNoted{}, Content: map[string]any{"names": called("Floods", "ទឹកជំនន់")}}},
		{"a need, with too few people of a group to show", Draft{By: facilitator, Of: sampleDialogue, Facts: &NeedIdentified{Theme: "water", Place: "16", Statements: []ID{sampleView, sampleOther}},
			Content: map[string]any{"names": called("Clean water", "ទឹកស្អាត"),
				"raised": &Raised{Views: 2, People: &ten, Groups: []RaisedGroup{{Of: "sex", Code: "woman", Count: &ten}, {Of: "sex", Code: "man"}}}}}},
		{"views come into a need and go", Draft{By: facilitator, Of: sampleNeed, Facts: &NeedGathered{Add: []ID{samplePerson}, Remove: []ID{sampleOther}}}},
		{"a need summed up", Draft{By: facilitator, Of: sampleNeed, Facts: &NeedSummarised{Covers: []ID{sampleView}, Means: "human"}, Content: map[string]any{"names": called("Wells", "អណ្តូង")}}},
		{"a summary that covers nothing: null is written", Draft{By: facilitator, Of: sampleNeed, Facts: &NeedSummarised{Means: "machine"}, Content: map[string]any{"names": called("Wells", "អណ្តូង")}}},
		{"referred to an authority, another is told", Draft{By: facilitator, Of: sampleNeed, Facts: &ReferralMade{Authority: sampleOffice, Information: []ID{sampleNext}}}},
		{"handed on", Draft{By: focal, Of: sampleCase, Facts: &ReferralTransferred{To: sampleNext}, Content: sampleWords("reasons", "Roads are the province's.")}},
		{"it has arrived", Draft{By: focal, Of: sampleCase, Facts: &ReferralAcknowledged{}}},
		{"it was considered", Draft{By: focal, Of: sampleCase, Facts: &ReferralConsidered{On: "2026-03-10", In: "meeting"}, Content: sampleWords("minutes", "Two spoke.")}},
		{"something is missing", Draft{By: focal, Of: sampleCase, Facts: &InformationRequested{What: "place", From: "holder"}, Content: sampleWords("question", "Which village?")}},
		{"what was missing", Draft{By: Participant, Of: sampleView, Facts: &InformationSupplied{Case: sampleCase}, Content: sampleWords("text", "Behind the school.")}},
		{"more days for the answer", Draft{By: focal, Of: sampleCase, Facts: &AnswerExtended{Days: 10}, Content: sampleWords("reasons", "The council meets next week.")}},
		{"silent, it goes up", Draft{By: System, Of: sampleCase, Facts: &CaseEscalated{To: []ID{sampleNext, sampleOrg}, Level: 1}}},
		{"on the next dialogue's agenda", Draft{By: System, Of: sampleDialogue, Facts: &AgendaTabled{Cases: []ID{sampleCase}, Commitments: []ID{samplePlan}}}},
	}
}

func answerSamples() []sample {
	signing := officeAs(RoleSigningOfficer)
	return []sample{
		{"one answer to two cases", Draft{By: signing, Of: sampleOffice,
			Facts: &AnswerIssued{Position: "director", Covers: []Covered{{sampleCase, Accepted}, {sampleNext, NotAccepted}}, ConsideredOn: "2026-03-10", ConsideredIn: "council"},
			Content: map[string]any{"reasons": &Reasons{Cases: []CaseReasons{{Case: sampleCase, Text: sampleReason, Basis: "Plan 2027, line 4."}, {Case: sampleNext, Text: sampleReason}}, Letter: "12/26", Review: "At the province's office."},
				"evidence": &Evidence{Text: "The plan.", Files: []File{{SHA256: Digest{1, 2, 3}, Type: "application/pdf", Size: 1234, Title: "Plan"}}}}}},
		{"an answer that corrects another", Draft{By: signing, Of: sampleOffice,
			Facts:   &AnswerIssued{Position: "director", Covers: []Covered{{sampleCase, NoCompetentOffice}}, ConsideredOn: "2026-03-11", ConsideredIn: "file", Corrects: &sampleAnswer},
			Content: map[string]any{"reasons": &Reasons{Cases: []CaseReasons{{Case: sampleCase, Text: sampleReason}}}}}},
		{"an answer read back to somebody", Draft{By: staffAs(RoleRapporteur), Of: sampleView, Facts: &HolderTold{Answer: sampleAnswer, Means: "in_person"}}},
		{"what the holder says of the answer", Draft{By: Participant, Of: sampleView, Facts: &AnswerJudged{Answer: sampleAnswer, Deals: "no", Understandable: "partly"}, Content: sampleWords("reason", "It is about another village.")}},
		{"a second look", Draft{By: staffAs(RoleMonitor), Of: sampleCase, Facts: &ReviewDecided{Outcome: ReviewReopened}, Content: sampleWords("reasons", "It speaks of another village.")}},
	}
}

func planSamples() []sample {
	signing, focal, monitor := officeAs(RoleSigningOfficer), officeAs(RoleFocalPoint), staffAs(RoleMonitor)
	words := func(text string) map[string]string { return map[string]string{"en": text} }
	milestones := []Milestone{{"survey", "2026-05-31"}, {"drilled", "2026-08-31"}}
	photo := &Evidence{Text: "Both wells are drilled.", Files: []File{{SHA256: Digest{4, 5, 6}, Type: "image/jpeg", Size: 10}}}
	return []sample{
		{"a commitment, with every field", Draft{By: signing, Of: sampleNeed, Facts: &CommitmentMade{Needs: []ID{sampleNeed, sampleOther}, Responsible: sampleOffice, Position: "director", With: []ID{sampleNext},
			Start: "2026-04-01", End: "2026-09-30", Milestones: milestones, Budget: &Money{1_200_000, "USD"}, Funding: "provincial_fund", Uptake: "provincial_plan",
			Indicator: Indicator{Measure: "percentage", Decimals: 1, Baseline: -5, BaselineOn: "2026-03-01", Target: 1000, TargetOn: "2026-09-30"}, Verifier: sampleOrg},
			Content: map[string]any{"plan": &Plan{What: words("Two wells"), Why: words("The old one is dry"), Indicator: words("Wells with water"), Verified: words("On the spot"),
				Milestones: map[string]map[string]string{"survey": words("The survey"), "drilled": words("Both drilled")}, Uptake: "Plan 2027"}}}},
		{"a commitment, with as little as may be", Draft{By: signing, Of: sampleNeed, Facts: &CommitmentMade{Needs: []ID{sampleNeed}, Responsible: sampleOffice, Position: "director", Start: "2026-04-01", End: "2026-04-01",
			Funding: "no_cost", Indicator: Indicator{Measure: "yes_no", BaselineOn: "2026-03-01", TargetOn: "2026-09-30"}, Verifier: sampleOrg},
			Content: map[string]any{"plan": &Plan{What: words("A sign"), Indicator: words("It stands"), Verified: words("Seen")}}}},
		{"its days and money move", Draft{By: signing, Of: samplePlan, Facts: &CommitmentRevised{End: "2026-10-30", Milestones: milestones, Budget: &Money{0, "KHR"}, Funding: "unfunded", Uptake: "district_plan", Why: "weather"},
			Content: sampleWords("reasons", "The river rose.")}},
		{"reported as done", Draft{By: focal, Of: samplePlan, Facts: &ProgressClaimed{Status: Complete, Milestone: "drilled", Place: "16", Files: 1}, Content: map[string]any{"evidence": photo}}},
		{"looked at and found not done", Draft{By: monitor, Of: samplePlan, Facts: &ProgressAssessed{Claim: &sampleClaim, Verdict: Disputed, Status: NoEvidence, Place: "16", Files: 1}, Content: map[string]any{"evidence": photo}}},
		{"looked at where nothing was reported", Draft{By: monitor, Of: samplePlan, Facts: &ProgressAssessed{Verdict: Partly, Status: Limited}, Content: map[string]any{"evidence": &Evidence{Text: "One well."}}}},
		{"measured: zero is written", Draft{By: monitor, Of: samplePlan, Facts: &IndicatorMeasured{Value: 0, On: "2026-06-30"}, Content: map[string]any{"evidence": &Evidence{Text: "Counted."}}}},
		{"every need of a dialogue is dealt with", Draft{By: staffAs(RoleFacilitator), Of: sampleDialogue, Facts: &DialogueCompleted{}}},
		{"a programme with currencies", Draft{By: System, Content: map[string]any{"names": &Names{Name: words("Programme")}}, Facts: &ProgrammeDeclared{
			Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"km"}, Threshold: 10, Rounding: 5, Step: 10, Currencies: []string{"KHR", "USD"}}}},
	}
}
