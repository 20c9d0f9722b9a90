package audit

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
)

// pastDays computes, while the fold passes them, the figures of some days that
// have passed. No later act can change those: they are compared also where the
// site has gone on. Which days come is known only at the end, so that a day is
// taken while its rank is among the lowest so far.
type pastDays struct {
	sampler
	next    time.Time // the end of the day under way; zero before the programme
	days    []pastDay // as they passed
	changed bool      // a calendar or a policy was declared on the day under way
}

// pastDay is a day and its balances by what they are of.
type pastDay struct {
	day    string
	end    time.Time
	group  pastGroup
	rank   uint64
	acts   int64 // that the log had at its end
	figure []pastFigure
}

type pastFigure struct {
	query   string // behind "balance?"
	balance civic.Balance
}

// pastGroup says why a day is among those compared.
type pastGroup int

const (
	pastFirst pastGroup = iota
	pastChange
	pastOther
)

// moves reports whether an act of a kind moves deadlines.
func movesDeadlines(kind act.Kind) bool {
	return kind == act.KindCalendarDeclared || kind == act.KindPolicyDeclared
}

// pass is told of every act before the state takes it in.
func (p *pastDays) pass(s *civic.State, h *act.Header) {
	if p.next.IsZero() {
		programme := s.Programme()
		if programme == nil {
			return
		}
		p.next = endOfDay(programme.At, s.Zone())
	}
	if h.At.Before(p.next) {
		p.changed = p.changed || movesDeadlines(h.Kind)
		return
	}
	for end := p.next; !end.After(h.At); end = endOfDay(end, s.Zone()) {
		following := endOfDay(end, s.Zone())
		group := pastOther
		switch {
		case len(p.days) == 0:
			group = pastFirst
		case p.changed, following.After(h.At) && movesDeadlines(h.Kind):
			group = pastChange
		}
		p.changed = false
		p.consider(s, end, group)
		p.next = following
	}
	p.changed = movesDeadlines(h.Kind)
}

// endOfDay is the first moment of the day after that of t.
func endOfDay(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, zone)
}

// consider takes a day if its rank is low enough, and lets another go for it.
func (p *pastDays) consider(s *civic.State, end time.Time, group pastGroup) {
	day := end.Add(-time.Second).In(s.Zone()).Format(time.DateOnly)
	one := pastDay{day: day, end: end, group: group, rank: p.rank("day", day), acts: s.Position()}
	most := map[pastGroup]int{pastFirst: 1, pastChange: sampledChanges, pastOther: sampledDays}[group]
	if p.thorough {
		most = math.MaxInt
	}
	n, worst := 0, -1
	for i, other := range p.days {
		if other.group == group {
			n++
			if worst < 0 || other.rank > p.days[worst].rank {
				worst = i
			}
		}
	}
	if n >= most {
		if one.rank >= p.days[worst].rank {
			return
		}
		p.days = slices.Delete(p.days, worst, worst+1)
	}
	one.figure = p.figures(s, day, end.Add(-time.Second))
	p.days = append(p.days, one)
}

// figures are the balances of a day: of all, of a dialogue, an authority and a
// place; of every dialogue in a thorough audit.
func (p *pastDays) figures(s *civic.State, day string, last time.Time) []pastFigure {
	figures := []pastFigure{{"at=" + day, s.Balance(civic.Filter{}, last)}}
	dialogues := lowest(p.sampler, day, s.Dialogues(), func(d *civic.Dialogue) string { return d.Slug })
	if p.thorough {
		dialogues = s.Dialogues()
	}
	for _, d := range dialogues {
		figures = append(figures, pastFigure{"at=" + day + "&dialogue=" + d.Slug, s.Balance(civic.Filter{Dialogue: d.ID}, last)})
	}
	for _, o := range lowest(p.sampler, day, authoritiesOf(s), func(o *civic.Organisation) string { return o.ID.String() }) {
		figures = append(figures, pastFigure{"at=" + day + "&authority=" + o.ID.String(), s.Balance(civic.Filter{Authority: o.ID}, last)})
	}
	for _, place := range lowest(p.sampler, day, s.Places(0), func(p *civic.Place) string { return p.Code }) {
		figures = append(figures, pastFigure{"at=" + day + "&place=" + place.Code, s.Balance(civic.Filter{Place: place.Code}, last)})
	}
	return figures
}

// lowest gives the one of lowest rank, in a list; an empty one of none.
func lowest[T any](s sampler, kind string, all []T, key func(T) string) []T {
	if len(all) == 0 {
		return nil
	}
	return []T{slices.MinFunc(all, func(a, b T) int { return cmp.Compare(s.rank(kind, key(a)), s.rank(kind, key(b))) })}
}

func authoritiesOf(s *civic.State) []*civic.Organisation {
	return slices.DeleteFunc(slices.Clone(s.Organisations()), func(o *civic.Organisation) bool { return !o.Authority })
}

// past compares the figures of days that have passed. Those that ended before
// the newest act of the log are settled for good.
func (c *comparison) past(ctx context.Context) error {
	for _, day := range c.days.days {
		for _, f := range day.figure {
			if err := c.pastBalance(ctx, day, f, &c.always); err != nil {
				return err
			}
		}
		if c.config.Page == nil || !c.thorough && day.group != pastFirst && c.rank("page", day.day)%3 != 0 {
			continue
		}
		if err := c.pastPage(ctx, day); err != nil {
			return err
		}
	}
	return nil
}

// yesterday compares the last day that has passed by both clocks: acts of it may
// still be missing from the checkpoint where the site has gone on.
func (c *comparison) yesterday(ctx context.Context) error {
	if c.days.next.IsZero() {
		return nil
	}
	zone := c.state.Zone()
	end := endOfDay(c.config.Now().Add(-skew).In(zone).AddDate(0, 0, -1), zone)
	if end.Before(c.days.next) {
		return nil
	}
	last := end.Add(-time.Second)
	day := pastDay{day: last.In(zone).Format(time.DateOnly), end: end, acts: c.state.Position()}
	return c.pastBalance(ctx, day, pastFigure{"at=" + day.day, c.state.Balance(civic.Filter{}, last)}, &c.settled)
}

func (c *comparison) pastBalance(ctx context.Context, day pastDay, f pastFigure, findings *[]Finding) error {
	var site any
	path, now, strayed := "balance?"+f.query, c.position, c.strayed
	answer, err := c.get(ctx, ClassPast, path, &site)
	if err != nil {
		return err
	}
	c.position, c.strayed = now, strayed // the answer says how many acts there were then
	if answer.Position != day.acts {
		*findings = append(*findings, Finding{Check: CheckFigure, Position: NoPosition, Figure: path + " Samleng-Position", Log: fmt.Sprint(day.acts), Site: fmt.Sprint(answer.Position)})
	}
	if last := day.end.Add(-time.Second).UTC(); !answer.AsAt.Equal(last) {
		*findings = append(*findings, Finding{Check: CheckFigure, Position: NoPosition, Figure: path + " Samleng-As-At",
			Log: last.Format(time.RFC3339), Site: answer.AsAt.Format(time.RFC3339)})
	}
	c.differ(ClassPast, CheckFigure, path, f.balance, site, exactly, findings)
	return nil
}
