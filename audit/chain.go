package audit

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"samleng/act"
	"samleng/civic"
)

// dialogues compares the list of dialogues.
func (c *comparison) dialogues(ctx context.Context) error {
	var listed []any
	if _, err := c.get(ctx, ClassDialogues, "dialogues", &listed); err != nil {
		return err
	}
	ours := []object{}
	for _, d := range c.state.Dialogues() {
		ours = append(ours, c.expect().dialogue(d))
	}
	c.entries(ClassDialogues, "dialogues", ours, listed)
	return nil
}

// entries compares a list entry by entry: one that is left out, put in or moved
// is named by its id.
func (c *comparison) entries(class Class, path string, ours []object, site []any) {
	for i := range max(len(ours), len(site)) {
		log, said := "", ""
		if i < len(ours) {
			log, _ = ours[i]["id"].(string)
		}
		if i < len(site) {
			one, _ := site[i].(map[string]any)
			said, _ = one["id"].(string)
		}
		if log != said {
			c.found(CheckList, path, log, said)
			return
		}
		c.differ(class, CheckFigure, path+" "+log, ours[i], site[i], known, &c.settled)
	}
}

// plans compares the own answers of commitments.
func (c *comparison) plans(ctx context.Context) error {
	for _, one := range pick(c.sampler, "commitment", c.state.Commitments(), sampledCommitments, func(p *civic.Commitment) string { return p.ID.String() }) {
		ours := c.expect().wholeCommitment(one)
		var plan act.Plan
		has, err := c.content(ctx, civic.SectionRef{Act: one.ID, Name: "plan"}, &plan)
		if err != nil {
			return err
		}
		if ours["what"], ours["why"] = nil, nil; has {
			promised(ours, &plan)
		}
		if err := c.own(ctx, ClassCommitments, "commitments/"+one.ID.String(), one.ID, ours); err != nil || c.moved() {
			return err
		}
	}
	return nil
}

// promised adds the words of a plan. A milestone that a revision added has none in
// it.
func promised(ours object, plan *act.Plan) {
	words := func(texts map[string]string) any {
		if len(texts) == 0 {
			return nil
		}
		return texts
	}
	ours["what"], ours["why"] = words(plan.What), words(plan.Why)
	indicator := ours["indicator"].(object)
	indicator["words"], indicator["verified"] = words(plan.Indicator), words(plan.Verified)
	for _, m := range ours["milestones"].([]object) {
		m["words"] = words(plan.Milestones[m["code"].(string)])
	}
}

// raised adds who raised a need, as far as counts may be shown.
func (c *comparison) raised(ctx context.Context, n *civic.Need, ours object) error {
	var raised act.Raised
	has, err := c.content(ctx, civic.SectionRef{Act: n.ID, Name: "raised"}, &raised)
	if ours["raised"] = nil; has {
		groups := []object{}
		for _, g := range raised.Groups {
			groups = append(groups, object{"of": g.Of, "code": g.Code, "count": g.Count})
		}
		ours["raised"] = object{"views": raised.Views, "people": raised.People, "groups": groups}
	}
	return err
}

// releasedOf is the tally of a view as last released.
func (c *comparison) releasedOf(v *civic.Statement) any {
	tally := c.tallies[v.Dialogue]
	if tally == nil {
		return nil
	}
	all := c.state.Releases(v.Dialogue)
	for _, row := range tally.Statements {
		if row.Statement == v.ID {
			return object{"as_at": all[len(all)-1].At, "agree": row.Agree, "disagree": row.Disagree, "pass": row.Pass}
		}
	}
	return nil
}

// own compares the answer about one thing. That it is there no later act can
// change.
func (c *comparison) own(ctx context.Context, class Class, path string, id act.ID, ours object) error {
	var site any
	_, has, err := c.find(ctx, class, path, &site)
	if err != nil {
		return err
	}
	if !has {
		c.always = append(c.always, Finding{Check: CheckList, Position: c.acts[id].position, Figure: path, Log: id.String()})
		return nil
	}
	c.differ(class, CheckFigure, path, ours, site, known, &c.settled)
	return nil
}

// needs compares the list of needs, and the own answers of some.
func (c *comparison) needs(ctx context.Context) error {
	var site []any
	for cursor := "0"; ; {
		var list struct {
			Needs []any  `json:"needs"`
			Next  string `json:"next"`
		}
		if _, err := c.get(ctx, ClassNeeds, "needs?limit=200&cursor="+cursor, &list); err != nil || c.moved() {
			return err
		}
		site = append(site, list.Needs...)
		if list.Next == "" {
			break
		}
		if _, err := strconv.ParseInt(list.Next, 10, 64); err != nil || len(list.Needs) == 0 || len(site) > len(c.state.Needs())+mostMore {
			return fmt.Errorf("api/v1/needs: %w: a list without end", errForm)
		}
		cursor = list.Next
	}
	ours := []object{}
	for _, n := range c.state.Needs() {
		ours = append(ours, c.expect().need(n))
	}
	c.entries(ClassNeeds, "needs", ours, site)
	for _, n := range pick(c.sampler, "need", c.state.Needs(), sampledNeeds, func(n *civic.Need) string { return n.ID.String() }) {
		ours := c.expect().wholeNeed(n)
		if err := c.raised(ctx, n, ours); err != nil {
			return err
		}
		if err := c.own(ctx, ClassNeeds, "needs/"+n.ID.String(), n.ID, ours); err != nil || c.moved() {
			return err
		}
	}
	return nil
}

func (c *comparison) cases(ctx context.Context) error {
	for _, r := range pick(c.sampler, "case", c.state.Referrals(), sampledCases, func(r *civic.Referral) string { return r.ID.String() }) {
		if err := c.own(ctx, ClassCases, "cases/"+r.ID.String(), r.ID, c.expect().referral(r)); err != nil || c.moved() {
			return err
		}
	}
	return nil
}

// answers compares some answers, their reasons word for word.
func (c *comparison) answers(ctx context.Context) error {
	key := func(g civic.GivenAnswer) string { return g.Answer.ID.String() + g.Of.ID.String() }
	for _, g := range pick(c.sampler, "answer", c.state.GivenAnswers(), sampledAnswers, key) {
		ours := c.expect().answer(g.Answer)
		var reasons act.Reasons
		if _, err := c.content(ctx, civic.SectionRef{Act: g.Answer.ID, Name: "reasons"}, &reasons); err != nil {
			return err
		}
		texts := map[string]act.CaseReasons{}
		for _, one := range reasons.Cases {
			texts[one.Case.String()] = one
		}
		for _, covered := range ours["covers"].([]object) {
			one := texts[covered["case"].(string)]
			covered["reasons"], covered["basis"] = text(one.Text), text(one.Basis)
			if one.Text != "" && !c.erasedReasons() {
				covered["same_reasons"] = c.state.SameReasons(one.Text)
			}
		}
		ours["letter"], ours["review"] = text(reasons.Letter), text(reasons.Review)
		if err := c.own(ctx, ClassAnswers, "answers/"+g.Answer.ID.String(), g.Answer.ID, ours); err != nil || c.moved() {
			return err
		}
	}
	return nil
}

// erasedReasons reports whether reasons were erased: then the site counted texts
// that the log does not have any more.
func (c *comparison) erasedReasons() bool {
	return slices.ContainsFunc(c.erased, func(e erasure) bool { return e.ref.Name == "reasons" })
}

// listed is a stretch of a dialogue's list of views.
type listed struct {
	dialogue *civic.Dialogue
	first    int
}

// lists compares stretches of the lists of views: each view with where it stands.
func (c *comparison) lists(ctx context.Context) error {
	const length = 200
	var all []listed
	for _, d := range c.state.Dialogues() {
		for first := 0; first < len(d.Statements()); first += length {
			all = append(all, listed{d, first})
		}
	}
	for _, one := range pick(c.sampler, "list", all, sampledLists, func(l listed) string { return l.dialogue.Slug + strconv.Itoa(l.first) }) {
		var list struct {
			Statements []any  `json:"statements"`
			Next       string `json:"next"`
		}
		path := fmt.Sprintf("dialogues/%s/statements?limit=%d&cursor=%d", url.PathEscape(one.dialogue.Slug), length, one.first)
		if _, err := c.get(ctx, ClassViews, path, &list); err != nil || c.moved() {
			return err
		}
		views := one.dialogue.Statements()
		ours := []object{}
		for _, v := range views[one.first:min(len(views), one.first+length)] {
			one := c.expect().view(v)
			if c.thorough {
				if err := c.wordsOf(ctx, v, one); err != nil {
					return err
				}
			}
			ours = append(ours, one)
		}
		c.entries(ClassViews, path, ours, list.Statements)
		// Whoever follows the list from stretch to stretch must get to its end.
		next := ""
		if after := one.first + length; after < len(views) {
			next = strconv.Itoa(after)
		}
		if list.Next != next {
			c.found(CheckList, path+" next", next, list.Next)
		}
	}
	return nil
}

func (c *comparison) sampleViews(n int) []*civic.Statement {
	return pick(c.sampler, "view", c.state.Statements(), n, func(v *civic.Statement) string { return v.ID.String() })
}

// threads compares some views with every step of their way, and their words.
func (c *comparison) threads(ctx context.Context) error {
	for _, v := range c.sampleViews(sampledViews) {
		ours := c.expect().thread(v)
		ours["tally"] = c.releasedOf(v)
		if err := c.wordsOf(ctx, v, ours); err != nil {
			return err
		}
		if err := c.own(ctx, ClassViews, "statements/"+v.ID.String(), v.ID, ours); err != nil || c.moved() {
			return err
		}
	}
	return nil
}

// wordsOf adds the words of a view that may be read.
func (c *comparison) wordsOf(ctx context.Context, v *civic.Statement, ours object) error {
	ours["text"], ours["parts"] = nil, nil
	if !v.Shown() {
		return nil
	}
	ref := civic.SectionRef{Act: v.Text, Name: "text"}
	if v.Moderation == civic.Redacted {
		var redaction act.Redaction
		_, err := c.content(ctx, ref, &redaction)
		parts := []object{}
		for _, part := range redaction.Parts {
			parts = append(parts, object{"text": text(part.Text), "gap": text(part.Gap)})
		}
		if len(parts) > 0 {
			ours["parts"] = parts
		}
		return err
	}
	var said act.Text
	has, err := c.content(ctx, ref, &said)
	if has {
		ours["text"] = said.Text
	}
	return err
}
