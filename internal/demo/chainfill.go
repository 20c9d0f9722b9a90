package demo

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"samleng/act"
	"samleng/civic"
)

// follow lists what is done about views after moderation, and the register's
// own daily look at what has gone silent.
func (f *filler) follow() []deed {
	var all []deed
	first := f.script.days.now
	for _, t := range f.script.chains {
		for i, step := range t.Steps {
			if t.at[i].Before(first) {
				first = t.at[i]
			}
			all = append(all, deed{at: t.at[i], alone: true, what: t.Key + ": " + step.Do, do: func(ctx context.Context) error { return f.link(ctx, t, step) }})
		}
	}
	for day := first; f.script.days.past(day); day = day.AddDate(0, 0, 1) {
		all = append(all, deed{at: day, alone: true, what: "rule", do: f.register.Rule})
	}
	return all
}

// link does one step of a chain.
func (f *filler) link(ctx context.Context, t *thread, l link) error {
	views := make([]act.ID, len(t.views))
	f.mu.Lock()
	for i, v := range t.views {
		views[i] = f.views[v].Act
	}
	first := f.views[t.views[0]]
	f.mu.Unlock()
	host := t.views[0].dialogue.Host
	facilitator, focal := staff{host, act.RoleFacilitator}, staff{t.holder, act.RoleFocalPoint}
	if l.By != "" {
		focal.organisation = l.By
	}
	because := func(name string) map[string]any { return map[string]any{name: &act.Explanation{Text: l.Text}} }
	keep := func(into *act.ID, who staff, of act.ID, facts act.Facts, content map[string]any) error {
		receipt, err := f.submit(ctx, f.staff[who], act.Draft{Of: of, Facts: facts, Content: content})
		*into = receipt.Act
		return err
	}
	var done act.ID
	switch l.Do {
	case "gather":
		content := named(t.Name, nil)
		f.register.View(func(s *civic.State) { content["raised"] = s.Raised(views) })
		return keep(&t.need, facilitator, f.dialogues[t.Dialogue], &act.NeedIdentified{Theme: t.Theme, Statements: views}, content)
	case "refer":
		t.holder = l.To
		of := t.need
		if t.Single {
			of = first.Act
		}
		return keep(&t.referral, facilitator, of, &act.ReferralMade{Authority: f.organisations[l.To]}, nil)
	case "acknowledge":
		return keep(&done, focal, t.referral, &act.ReferralAcknowledged{}, nil)
	case "consider":
		return keep(&done, focal, t.referral, &act.ReferralConsidered{On: f.today(), In: l.Code}, because("minutes"))
	case "transfer":
		t.holder = l.To
		return keep(&done, focal, t.referral, &act.ReferralTransferred{To: f.organisations[l.To]}, because("reasons"))
	case "ask":
		return keep(&done, focal, t.referral, &act.InformationRequested{What: l.Code, From: l.More}, because("question"))
	case "supply":
		return keep(&done, facilitator, first.Act, &act.InformationSupplied{Case: t.referral}, because("text"))
	case "extend":
		return keep(&done, focal, t.referral, &act.AnswerExtended{Days: l.Value}, because("reasons"))
	case "answer":
		return keep(&t.answer, staff{t.holder, act.RoleSigningOfficer}, f.organisations[t.holder],
			&act.AnswerIssued{Position: l.More, ConsideredOn: f.today(), ConsideredIn: "meeting", Covers: []act.Covered{{Case: t.referral, Decision: l.Code}}},
			map[string]any{"reasons": &act.Reasons{Cases: []act.CaseReasons{{Case: t.referral, Text: l.Text}}}})
	case "judge":
		return f.judge(ctx, t, l)
	case "review":
		return keep(&done, staff{l.By, act.RoleBoard}, t.referral, &act.ReviewDecided{Outcome: l.Code}, because("reasons"))
	case "tell":
		return f.tell(ctx, t, l)
	case "note":
		return keep(&done, focal, f.organisations[focal.organisation], &act.ContextNoted{}, named(t.Name, l.words()))
	}
	return f.promise(ctx, t, l, focal)
}

func (l link) words() words { return words{"km": l.Text, "en": l.More} }

// promise does a step of a commitment.
func (f *filler) promise(ctx context.Context, t *thread, l link, focal staff) error {
	monitor := staff{l.By, act.RoleMonitor}
	who, of, draft := focal, t.commitment, act.Draft{}
	switch l.Do {
	case "commit":
		draft, who, of = f.commitment(t, l.Plan, l.More), staff{t.holder, act.RoleSigningOfficer}, t.need
	case "revise":
		facts := &act.CommitmentRevised{End: f.script.days.date(l.End), Why: l.Code, Funding: l.More}
		f.register.View(func(s *civic.State) {
			facts.Milestones, facts.Budget, _, facts.Uptake = s.Commitment(t.commitment).Plan()
		})
		who.role = act.RoleSigningOfficer
		draft = act.Draft{Facts: facts, Content: map[string]any{"reasons": &act.Explanation{Text: l.Text}}}
	case "claim", "assess", "measure":
		evidence := &act.Evidence{Text: l.Text}
		if l.File != "" {
			file, err := f.photo(ctx, l.File)
			if err != nil {
				return err
			}
			evidence.Files = []act.File{file}
		}
		draft.Content = map[string]any{"evidence": evidence}
		switch l.Do {
		case "claim":
			draft.Facts = &act.ProgressClaimed{Status: l.Code, Milestone: l.More, Files: len(evidence.Files)}
		case "assess":
			who, draft.Facts = monitor, &act.ProgressAssessed{Claim: &t.claim, Verdict: l.Code, Status: l.More, Files: len(evidence.Files)}
		default:
			who, draft.Facts = monitor, &act.IndicatorMeasured{Value: int64(l.Value), On: f.today()}
		}
	default:
		return fmt.Errorf("nobody can %q", l.Do)
	}
	draft.Of = of
	receipt, err := f.submit(ctx, f.staff[who], draft)
	switch l.Do {
	case "commit":
		t.commitment = receipt.Act
	case "claim":
		t.claim = receipt.Act
	}
	return err
}

// commitment writes a commitment of whoever has the case.
func (f *filler) commitment(t *thread, p *plan, position string) act.Draft {
	day := f.script.days.date
	facts := &act.CommitmentMade{Needs: []act.ID{t.need}, Responsible: f.organisations[t.holder], Position: position, Start: day(p.Start), End: day(p.End),
		Funding: p.Funding, Uptake: p.Uptake, Verifier: f.organisations[p.Verifier],
		Indicator: act.Indicator{Measure: "unit", Baseline: int64(p.Baseline), BaselineOn: day(p.Start), Target: int64(p.Target), TargetOn: day(p.End)}}
	if p.Budget > 0 {
		facts.Budget = &act.Money{Minor: p.Budget, Currency: "USD"}
	}
	content := &act.Plan{What: p.What, Why: p.Why, Indicator: p.Indicator, Verified: p.Verified, Milestones: map[string]map[string]string{}}
	for _, m := range p.Milestones {
		facts.Milestones = append(facts.Milestones, act.Milestone{Code: m.Code, Due: day(m.Day)})
		content.Milestones[m.Code] = m.Name
	}
	return act.Draft{Facts: facts, Content: map[string]any{"plan": content}}
}

// judge says, as a view's holder, what they think of the answer.
func (f *filler) judge(ctx context.Context, t *thread, l link) error {
	for _, v := range t.views {
		if v.person == nil {
			continue
		}
		f.mu.Lock()
		receipt := f.views[v]
		f.mu.Unlock()
		draft := act.Draft{Of: receipt.Act, Facts: &act.AnswerJudged{Answer: t.answer, Deals: l.Code, Understandable: l.More}}
		if l.Text != "" {
			draft.Content = map[string]any{"reason": &act.Explanation{Text: l.Text}}
		}
		return f.byHolder(ctx, v, receipt, draft)
	}
	return fmt.Errorf("nobody of %s can judge", t.Key)
}

// tell reads the answer back to whoever said the first view that was written
// down for them.
func (f *filler) tell(ctx context.Context, t *thread, l link) error {
	for _, v := range t.views {
		if v.person == nil && v.staff.role == act.RoleRapporteur {
			f.mu.Lock()
			receipt := f.views[v]
			f.mu.Unlock()
			return f.byStaff(ctx, staff{v.dialogue.Host, act.RoleFacilitator}, act.Draft{Of: receipt.Act, Facts: &act.HolderTold{Answer: t.answer, Means: l.Code}})
		}
	}
	return fmt.Errorf("no view of %s was written down for anybody", t.Key)
}

// photo keeps a picture that shows what was done.
func (f *filler) photo(ctx context.Context, title string) (act.File, error) {
	picture, err := draw(title)
	if err != nil {
		return act.File{}, err
	}
	kept, err := f.files.Put(ctx, bytes.NewReader(picture))
	if err != nil {
		return act.File{}, fmt.Errorf("keep a picture: %w", err)
	}
	return act.File{SHA256: act.Digest(kept.SHA256), Type: kept.Type, Size: kept.Size, Title: title}, nil
}

// today is the day that the clock shows.
func (f *filler) today() string { return f.clock.Now().In(f.script.days.zone).Format(time.DateOnly) }
