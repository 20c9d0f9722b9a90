package audit

import (
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
)

// What the API says of a thing as far as it follows from the log, in the form in
// which it says it. nil stands for a member that is not there.

type object = map[string]any

// expect makes what the site should say at a moment.
type expect struct {
	*civic.State
	acts map[act.ID]placed
	at   time.Time
}

func (c *comparison) expect() expect { return expect{c.state, c.acts, c.asAt} }

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func idText(id act.ID) any {
	if id.IsZero() {
		return nil
	}
	return id.String()
}

func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC()
}

func idsOf(ids []act.ID) []string {
	all := make([]string, 0, len(ids))
	for _, id := range ids {
		all = append(all, id.String())
	}
	return all
}

func byOf(by act.By) any {
	switch by.As {
	case act.ByParticipant:
		return object{"as": "participant"}
	case act.BySystem:
		return object{"as": "system"}
	case act.ByOrganisation:
		return object{"as": "organisation", "organisation": by.Organisation.String()}
	}
	return object{"as": "staff", "organisation": by.Organisation.String(), "role": string(by.Role), "staff": by.Staff.String()}
}

func moneyOf(m *act.Money) any {
	if m == nil {
		return nil
	}
	return object{"minor": m.Minor, "currency": m.Currency}
}

// names are the words for something; nothing is known where their section was
// not served, which is a finding of its own.
func (e expect) names(id act.ID) any {
	names := e.Names(id)
	if len(names.Name) == 0 {
		return object{}
	}
	said := object{"name": names.Name, "about": nil}
	if len(names.About) > 0 {
		said["about"] = names.About
	}
	return said
}

func (e expect) clock(c civic.Clock) any {
	if !c.Running() {
		return nil
	}
	return object{"step": string(c.Step), "start": c.Start.UTC(), "due": c.Due.UTC(), "last_day": c.LastDay().Format(time.DateOnly), "overdue": c.Overdue(e.at)}
}

func (e expect) slug(dialogue act.ID) string {
	if d := e.Dialogue(dialogue); d != nil {
		return d.Slug
	}
	return ""
}

func (e expect) dialogue(d *civic.Dialogue) object {
	return object{"id": d.ID.String(), "slug": d.Slug, "names": e.names(d.ID), "level": d.Level, "place": text(d.Place), "place_level": d.PlaceLevel,
		"door": d.Door, "limit": d.Limit, "changes": d.Changes, "opens": d.Opens, "closes": d.Closes, "stage": string(d.Stage()),
		"opened_at": moment(d.Opened), "closed_at": moment(d.Closed), "public": d.Public, "host": d.Host.String(),
		"published": d.PublicStatements, "balance": e.Balance(civic.Filter{Dialogue: d.ID}, e.at)}
}

func (e expect) need(n *civic.Need) object {
	cases, plans := []string{}, []string{}
	for _, r := range n.Referrals() {
		cases = append(cases, r.ID.String())
	}
	for _, c := range n.Commitments() {
		plans = append(plans, c.ID.String())
	}
	return object{"id": n.ID.String(), "dialogue": e.slug(n.Dialogue), "names": e.names(n.ID), "theme": n.Theme, "place": text(n.Place), "at": n.At.UTC(),
		"by": byOf(n.By), "views": len(n.Statements()), "open": e.IsOpen(n), "cases": cases, "commitments": plans}
}

func (e expect) wholeNeed(n *civic.Need) object {
	whole, left := e.need(n), n.LeftOut()
	whole["summary"] = nil
	if k := len(n.Summaries); k > 0 {
		last := n.Summaries[k-1]
		whole["summary"] = object{"act": last.Act.String(), "names": e.names(last.Act), "means": last.Means, "at": last.At.UTC(), "covers": len(last.Covers), "left_out": len(left)}
	}
	views := []object{}
	for _, v := range n.Statements() {
		views = append(views, object{"code": string(e.Code(v.ID)), "id": v.ID.String(), "disposition": string(v.Disposition(e.at)),
			"left_out": len(n.Summaries) > 0 && slices.Contains(left, v)})
	}
	plans := []object{}
	for _, c := range n.Commitments() {
		plans = append(plans, e.commitment(c))
	}
	whole["statements"], whole["plans"], whole["events"] = views, plans, e.events(n.Events)
	whole["in_hands"], whole["answers"] = e.inHands(n.Referrals())
	return whole
}

// inHands are cases, and the answers that stand in them.
func (e expect) inHands(referrals []*civic.Referral) (cases, answers []object) {
	cases, answers = []object{}, []object{}
	seen := map[act.ID]bool{}
	for _, r := range referrals {
		cases = append(cases, e.referral(r))
		if r.Answered.IsZero() || len(r.Answers) == 0 {
			continue
		}
		if last := e.Answer(r.Answers[len(r.Answers)-1]); last != nil && !seen[last.ID] {
			seen[last.ID] = true
			answers = append(answers, e.answer(last))
		}
	}
	return cases, answers
}

func (e expect) commitment(c *civic.Commitment) object {
	_, budget, funding, uptake := c.Plan()
	said := object{"id": c.ID.String(), "dialogue": e.slug(c.Dialogue), "needs": idsOf(c.Needs), "responsible": c.Responsible.String(),
		"position": c.Position, "with": idsOf(c.With), "verifier": c.Verifier.String(), "place": text(e.PlaceOf(c)), "at": c.At.UTC(),
		"state": string(c.State(e.at.In(e.Zone()).Format(time.DateOnly))), "start": c.Start, "first_end": c.CommitmentMade.End, "end": c.End(),
		"slip": c.Slip(), "budget": moneyOf(budget), "funding": funding, "uptake": text(uptake), "claimed": nil, "found": nil}
	if n := len(c.Claims); n > 0 {
		said["claimed"] = text(c.Claims[n-1].Status)
	}
	if n := len(c.Assessments); n > 0 {
		said["found"] = text(c.Assessments[n-1].Verdict)
	}
	return said
}

func (e expect) wholeCommitment(c *civic.Commitment) object {
	whole, i := e.commitment(c), c.Indicator
	stages, values, revisions, reports, unreported := []object{}, []object{}, []object{}, []object{}, []object{}
	milestones, _, _, _ := c.Plan()
	for _, m := range milestones {
		stages = append(stages, milestone(c, m))
	}
	for _, m := range c.Measurements {
		values = append(values, object{"act": m.Act.String(), "at": m.At.UTC(), "by": byOf(m.By), "on": m.On, "value": m.Value})
	}
	for _, r := range c.Revisions {
		revisions = append(revisions, object{"act": r.Act.String(), "position": e.acts[r.Act].position, "at": r.At.UTC(), "end": r.End, "why": r.Why,
			"budget": moneyOf(r.Budget), "funding": r.Funding})
	}
	found := map[act.ID][]object{}
	for _, f := range c.Assessments {
		one := object{"act": f.Act.String(), "position": e.acts[f.Act].position, "at": f.At.UTC(), "by": byOf(f.By), "verdict": f.Verdict,
			"status": f.Status, "place": text(f.Place)}
		if f.Claim != nil && slices.ContainsFunc(c.Claims, func(claim civic.Claim) bool { return claim.Act == *f.Claim }) {
			found[*f.Claim] = append(found[*f.Claim], one)
		} else {
			unreported = append(unreported, one)
		}
	}
	for _, claim := range c.Claims {
		reports = append(reports, object{"act": claim.Act.String(), "position": e.acts[claim.Act].position, "at": claim.At.UTC(), "by": byOf(claim.By),
			"status": claim.Status, "milestone": text(claim.Milestone), "place": text(claim.Place), "found": append([]object{}, found[claim.Act]...)})
	}
	whole["milestones"], whole["measurements"], whole["revisions"], whole["reports"], whole["found_without_report"] = stages, values, revisions, reports, unreported
	whole["indicator"] = object{"measure": i.Measure, "decimals": i.Decimals, "baseline": i.Baseline, "baseline_on": i.BaselineOn, "target": i.Target, "target_on": i.TargetOn}
	return whole
}

func milestone(c *civic.Commitment, m act.Milestone) object {
	first, _ := c.FirstDue(m.Code)
	if first == "" {
		first = m.Due
	}
	slip := 0
	a, err := time.Parse(time.DateOnly, first)
	b, err2 := time.Parse(time.DateOnly, m.Due)
	if err == nil && err2 == nil {
		slip = int(b.Sub(a).Hours() / 24)
	}
	return object{"code": m.Code, "first_due": first, "due": m.Due, "slip": slip,
		"reached": slices.ContainsFunc(c.Claims, func(claim civic.Claim) bool { return claim.Milestone == m.Code })}
}

func (e expect) events(events []civic.Event) []object {
	said := []object{}
	for _, one := range events {
		said = append(said, object{"act": one.Act.String(), "position": e.acts[one.Act].position, "kind": string(one.Kind), "at": one.At.UTC(),
			"by": byOf(one.By), "due": moment(one.Due), "facts": one.Facts})
	}
	return said
}

func (e expect) referral(r *civic.Referral) object {
	standing, clock := r.Standing(e.at)
	said := object{"id": r.ID.String(), "dialogue": e.slug(r.Dialogue), "views": len(r.Views()), "authority": r.Authority.String(), "held": idsOf(r.Held),
		"information": idsOf(r.Information), "at": r.At.UTC(), "disposition": string(standing), "clock": e.clock(clock), "first_due": moment(r.FirstDue),
		"acknowledged_at": moment(r.Acknowledged), "answered_at": moment(r.Answered), "decision": text(r.Decision), "extended": r.Extended,
		"answers": idsOf(r.Answers), "events": e.events(r.Events), "need": nil, "statement": nil, "in_time": nil, "information_request": nil, "review": nil}
	if n := r.Need(); n != nil {
		said["need"] = n.ID.String()
	} else {
		said["statement"] = string(e.Code(r.Of))
	}
	if !r.Answered.IsZero() {
		said["in_time"] = r.InTime
	}
	if i := r.Info; i != nil {
		said["information_request"] = object{"act": i.Act.String(), "at": i.At.UTC(), "what": i.What, "from": i.From, "clock": e.clock(i.Clock), "supplied_at": moment(i.Supplied)}
	}
	steps := []object{}
	for _, s := range r.Escalations {
		steps = append(steps, object{"act": s.Act.String(), "at": s.At.UTC(), "level": s.Level, "to": idsOf(s.To)})
	}
	said["escalations"] = steps
	if look := r.Review; look != nil {
		said["review"] = object{"act": look.Act.String(), "answer": look.Answer.String(), "against": look.Against.String(), "at": look.At.UTC(),
			"clock": e.clock(look.Clock), "outcome": text(look.Outcome)}
	}
	return said
}

func (e expect) answer(a *civic.Answer) object {
	covers := []object{}
	for _, covered := range a.Covers {
		one := object{"case": covered.Case.String(), "decision": covered.Decision}
		if r := e.Referral(covered.Case); r != nil {
			one["views"] = len(r.Views())
		}
		covers = append(covers, one)
	}
	said := object{"id": a.ID.String(), "authority": a.Authority.String(), "position": a.Position, "at": a.At.UTC(), "considered_on": a.ConsideredOn,
		"considered_in": a.ConsideredIn, "superseded_by": idText(a.Superseded), "corrects": nil, "covers": covers}
	if a.Corrects != nil {
		said["corrects"] = a.Corrects.String()
	}
	return said
}

func (e expect) view(v *civic.Statement) object {
	standing, clock := v.Standing(e.at)
	return object{"id": v.ID.String(), "code": string(e.Code(v.ID)), "dialogue": e.slug(v.Dialogue), "at": v.At.UTC().Format(time.RFC3339), "by": byOf(v.By),
		"channel": v.Channel, "written": v.Written, "spoken": text(v.Spoken), "read_back": text(v.ReadBack), "place": text(v.Place),
		"themes": append([]string{}, v.Themes...), "visibility": v.Visibility, "disposition": string(standing), "moderation": string(v.Moderation),
		"reason": text(v.Reason), "same": idText(v.Same), "clock": e.clock(clock)}
}

func (e expect) thread(v *civic.Statement) object {
	said := e.view(v)
	said["correction"], said["correction_clock"], said["appeal"] = idText(v.Correction), e.clock(v.CorrectionClock), nil
	if v.Appeal != nil {
		said["appeal"] = object{"act": v.Appeal.Act.String(), "at": v.Appeal.At.UTC(), "clock": e.clock(v.Appeal.Clock), "outcome": text(v.Appeal.Outcome)}
	}
	needs, plans := []object{}, []object{}
	seen := map[act.ID]bool{}
	for _, n := range v.Needs() {
		needs = append(needs, e.need(n))
		for _, c := range n.Commitments() {
			if !seen[c.ID] {
				seen[c.ID] = true
				plans = append(plans, e.commitment(c))
			}
		}
	}
	said["events"], said["needs"], said["commitments"] = e.events(v.Events), needs, plans
	said["cases"], said["answers"] = e.inHands(v.Referrals())
	return said
}
