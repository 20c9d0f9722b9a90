package demo

import (
	"context"

	"samleng/act"
	"samleng/civic"
)

// found declares the programme, its settings, its places and its partners.
func (f *filler) found(ctx context.Context) error {
	p := &f.content.programme
	facts := &act.ProgrammeDeclared{Prefix: p.Prefix, TimeZone: p.TimeZone, Languages: p.Languages,
		Threshold: p.Threshold, Rounding: p.Rounding, Step: p.Step, Currencies: p.Currencies, Illustrative: true, Trustees: f.trustees}
	terms := map[string]map[string]string{}
	for _, theme := range p.Themes {
		facts.Themes = append(facts.Themes, theme.Code)
		terms[theme.Code] = theme.Name
	}
	policy := &act.PolicyDeclared{Days: map[act.Step]int{}}
	for step, days := range p.Days {
		policy.Days[act.Step(step)] = days
	}
	for _, d := range []act.Draft{
		{Facts: facts, Content: map[string]any{"names": &act.Names{Name: p.Name, About: p.About, Terms: terms}}},
		{Facts: &act.RulesAdopted{Version: civic.RulesVersion}},
		{Facts: policy},
		{Facts: &act.CalendarDeclared{Weekend: p.Weekend, Holidays: f.script.days.holidays}},
	} {
		if _, err := f.bySystem(ctx, d); err != nil {
			return err
		}
	}
	for _, p := range f.content.places {
		level := 1
		if p.Parent != "" {
			level = 2
		}
		facts := &act.PlaceRegistered{Code: p.Code, Parent: p.Parent, Level: level, Type: placeTypes[p.Kind], ISO: p.ISO, Row: p.Row, Column: p.Column}
		names := &act.Names{Name: p.Name}
		if p.Short != nil {
			names.Terms = map[string]map[string]string{"short": p.Short}
		}
		if _, err := f.bySystem(ctx, act.Draft{Facts: facts, Content: map[string]any{"names": names}}); err != nil {
			return err
		}
	}
	for _, o := range p.Organisations {
		if err := f.organisation(ctx, o); err != nil {
			return err
		}
	}
	if err := f.declareWitnesses(ctx); err != nil {
		return err
	}
	return f.answerable(ctx)
}

// answerable declares for what each authority is responsible, and to which
// offices its silent cases go. It comes when all of them are registered.
func (f *filler) answerable(ctx context.Context) error {
	from := f.script.founded.Format("2006-01-02")
	for _, o := range f.content.programme.Organisations {
		var all []act.Facts
		for _, c := range o.Competences {
			all = append(all, &act.CompetenceDeclared{Themes: c.Themes, Place: c.Place, As: c.As, From: from})
		}
		if len(o.Ladder) > 0 {
			ladder := &act.LadderDeclared{}
			for _, key := range o.Ladder {
				ladder.To = append(ladder.To, f.organisations[key])
			}
			all = append(all, ladder)
		}
		for _, facts := range all {
			if _, err := f.bySystem(ctx, act.Draft{Of: f.organisations[o.Key], Facts: facts}); err != nil {
				return err
			}
		}
	}
	return nil
}

var placeTypes = map[string]string{"Province": "province", "Capital": "capital", "District": "district", "Municipality": "municipality", "Section": "section"}

func named(name, about words) map[string]any {
	return map[string]any{"names": &act.Names{Name: name, About: about}}
}

// organisation registers a partner with its dated engagements, its other names
// and its staff: random ids with a role each.
func (f *filler) organisation(ctx context.Context, o *organisation) error {
	facts := &act.OrganisationRegistered{Type: o.Type, Authority: o.Authority, Place: o.Place}
	if o.Parent != "" {
		parent := f.organisations[o.Parent]
		facts.Parent = &parent
	}
	receipt, err := f.bySystem(ctx, act.Draft{Facts: facts, Content: named(o.Name, nil)})
	if err != nil {
		return err
	}
	id := receipt.Act
	f.organisations[o.Key] = id
	for _, e := range o.Engaged {
		if _, err := f.bySystem(ctx, act.Draft{Of: id, Facts: &act.OrganisationEngaged{As: e.As, From: e.From, Until: e.Until}}); err != nil {
			return err
		}
	}
	for _, a := range o.Aliases {
		if _, err := f.bySystem(ctx, act.Draft{Of: id, Facts: &act.OrganisationAliased{From: a.From, Until: a.Until}, Content: named(a.Name, nil)}); err != nil {
			return err
		}
	}
	from := f.script.founded.Format("2006-01-02")
	for _, s := range o.Staff {
		member, err := act.NewID(f.random)
		if err != nil {
			return err
		}
		role := act.Role(s.Role)
		if _, err := f.bySystem(ctx, act.Draft{Of: id, Facts: &act.RoleGranted{Staff: member, Role: role, From: from}}); err != nil {
			return err
		}
		f.staff[staff{o.Key, role}] = civic.Actor{By: act.By{As: act.ByStaff, Organisation: id, Staff: member, Role: role}}
	}
	return nil
}
