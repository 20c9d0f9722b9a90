package demo

import (
	"context"
	"fmt"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
)

// life lists what is done about one view: its registration, then every step.
func (f *filler) life(v *view) []deed {
	all := []deed{{at: v.at, what: "register a view", do: func(ctx context.Context) error { return f.registerView(ctx, v) }}}
	for _, s := range v.steps {
		all = append(all, deed{at: s.at, what: string(s.kind), do: func(ctx context.Context) error { return f.step(ctx, v, s) }})
	}
	return all
}

// registerView registers one view, as whoever puts it forward.
func (f *filler) registerView(ctx context.Context, v *view) error {
	facts := v.facts
	source := &act.Source{}
	var who civic.Actor
	switch {
	case v.person != nil:
		who = f.byPerson(v.person)
		source.Participant = &who.Participant
	default:
		who = f.staff[v.staff]
		if who.By.As == 0 {
			return fmt.Errorf("nobody is %s of %s", v.staff.role, v.staff.organisation)
		}
		source.Staff, source.Organisation = &who.By.Staff, &who.By.Organisation
		if facts.Visibility == act.VisibilityUnattributed {
			who = civic.Actor{By: act.By{As: act.ByOrganisation, Organisation: who.By.Organisation}, Staff: who.By.Staff}
		}
	}
	draft := act.Draft{By: who.By, Of: f.dialogues[v.dialogue.Slug], Facts: &facts,
		Content: map[string]any{"text": &act.Text{Text: v.text}, "source": source}}
	if v.detail != "" {
		draft.Content["detail"] = &act.Text{Text: v.detail}
	}
	receipt, err := f.put(ctx, who, draft, v.slip)
	if err != nil {
		return fmt.Errorf("%s: %w", v.dialogue.Slug, err)
	}
	f.mu.Lock()
	f.views[v] = receipt
	f.mu.Unlock()
	return nil
}

// put submits a view, under the number of a slip if it came on one.
func (f *filler) put(ctx context.Context, who civic.Actor, d act.Draft, onSlip bool) (register.Receipt, error) {
	if !onSlip {
		return f.submit(ctx, who, d)
	}
	f.mu.Lock()
	slip := f.slips[0]
	f.slips = f.slips[1:]
	f.mu.Unlock()
	d.Content["source"].(*act.Source).Slip = slip.Number
	return f.register.SubmitSlip(ctx, who, d, slip)
}

// step does one step in the life of a view.
func (f *filler) step(ctx context.Context, v *view, s step) error {
	f.mu.Lock()
	receipt, like, correction := f.views[v], f.views[s.like], f.corrections[v]
	f.mu.Unlock()
	draft := act.Draft{Of: receipt.Act}
	content := func(name string, body any) { draft.Content = map[string]any{name: body} }
	switch s.kind {
	case act.KindSectionErased:
		return f.erase(ctx, receipt)
	case act.KindStatementPublished:
		facts := &act.StatementPublished{}
		if s.old {
			facts.Text = &receipt.Act
		} else if s.text != "" {
			facts.Text = &correction
		}
		draft.Facts = facts
	case act.KindStatementTranslated:
		draft.Facts = &act.StatementTranslated{Language: s.language, Means: "human"}
		content("text", &act.Text{Text: s.text})
	case act.KindStatementMatched:
		draft.Facts = &act.StatementMatched{Same: like.Act}
	case act.KindStatementWithheld:
		draft.Facts = &act.StatementWithheld{Reason: s.reason}
		content("explanation", &act.Explanation{Text: s.text})
	case act.KindStatementRedacted:
		facts, body := redaction(s.pieces)
		draft.Facts = facts
		content("text", body)
	case act.KindStatementCorrected:
		draft.Facts = &act.StatementCorrected{}
		content("text", &act.Text{Text: s.text})
	case act.KindAppealLodged:
		draft.Facts = &act.AppealLodged{}
		content("grounds", &act.Explanation{Text: s.text})
	case act.KindAppealDecided:
		draft.Facts = &act.AppealDecided{Outcome: s.reason}
		content("explanation", &act.Explanation{Text: s.text})
	default:
		return fmt.Errorf("no such step")
	}
	if s.by != (staff{}) {
		return f.byStaff(ctx, s.by, draft)
	}
	return f.byHolder(ctx, v, receipt, draft)
}

func redaction(all []piece) (*act.StatementRedacted, *act.Redaction) {
	facts, body := &act.StatementRedacted{}, &act.Redaction{}
	for _, p := range all {
		if p.gap == "" {
			body.Parts = append(body.Parts, act.RedactionPart{Text: p.text})
			continue
		}
		facts.Gaps = append(facts.Gaps, p.gap)
		body.Parts = append(body.Parts, act.RedactionPart{Gap: p.gap})
	}
	return facts, body
}

// holder gives who shows a receipt: its code and its secret.
func (f *filler) holder(ctx context.Context, receipt register.Receipt) (civic.Actor, error) {
	key, err := act.ParseCode(f.content.programme.Prefix, string(receipt.Code))
	if err != nil {
		return civic.Actor{}, err
	}
	return f.register.Holder(ctx, key, receipt.Secret)
}

// byHolder does what the holder of a receipt may do.
func (f *filler) byHolder(ctx context.Context, v *view, receipt register.Receipt, d act.Draft) error {
	who, err := f.holder(ctx, receipt)
	if err != nil {
		return err
	}
	done, err := f.submit(ctx, who, d)
	if err == nil && d.Facts.Kind() == act.KindStatementCorrected {
		f.mu.Lock()
		f.corrections[v] = done.Act
		f.mu.Unlock()
	}
	return err
}

func (f *filler) erase(ctx context.Context, receipt register.Receipt) error {
	who, err := f.holder(ctx, receipt)
	if err != nil {
		return err
	}
	_, err = f.register.Erase(ctx, who, receipt.Act, act.ErasedByHolder)
	return err
}
