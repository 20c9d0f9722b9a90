package web

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// fields reads a form field by field and keeps what is wrong with each.
type fields struct {
	url.Values
	l     *locale.Locale
	wrong []*problem.Error
}

func (f *fields) fail(field, key string, params ...any) {
	f.wrong = append(f.wrong, problem.New(problem.Invalid, key, params...).In(field))
}

func (f *fields) add(p *problem.Error) { f.wrong = append(f.wrong, p) }

func (f *fields) err() error { return problem.Join(f.wrong...) }

func (f *fields) pick(field string, codes []string) string {
	value, p := chosen(f.Values, field, codes)
	f.add(p)
	return value
}

func (f *fields) optional(field string, codes []string) string {
	if f.Get(field) == "" {
		return ""
	}
	return f.pick(field, codes)
}

func (f *fields) day(field string) string {
	day, p := dayOf(f.Values, field)
	f.add(p)
	return day
}

// words reads a text in the languages of the pages; one is enough, none is
// wrong where it is needed.
func (f *fields) words(field string, most int, needed bool) map[string]string {
	texts := map[string]string{}
	for _, language := range locale.Languages() {
		text := strings.TrimSpace(f.Get(field + "_" + language))
		if act.Blank(text) {
			continue
		}
		f.add(wordsProblem(field+"_"+language, text, 0, most))
		texts[language] = text
	}
	if needed && len(texts) == 0 {
		f.fail(field+"_"+locale.Languages()[0], "problem.required")
	}
	return texts
}

// money reads a sum with its currency, nil where none was typed.
func (f *fields) money(currencies []option) *act.Money {
	text := strings.TrimSpace(f.Get("budget"))
	if text == "" {
		return nil
	}
	codes := make([]string, len(currencies))
	for i, currency := range currencies {
		codes[i] = currency.Value
	}
	money := &act.Money{Currency: f.pick("currency", codes)}
	amount, err := locale.ParseAmount(text, money.Currency)
	switch {
	case err != nil:
		f.fail("budget", "problem.amount")
	case amount < 0:
		f.fail("budget", "problem.amount_negative")
	case amount > 1e15:
		f.fail("budget", "problem.amount")
	}
	money.Minor = amount
	return money
}

func (f *fields) id(field string, known []option) act.ID {
	id, err := act.ParseID(f.Get(field))
	switch {
	case f.Get(field) == "":
		f.fail(field, "problem.choose")
	case err != nil || !slices.ContainsFunc(known, func(o option) bool { return o.Value == f.Get(field) }):
		f.fail(field, "problem.choice_unknown")
	}
	return id
}

func (f *fields) ids(field string, known []option, most int) []act.ID {
	var ids []act.ID
	for _, text := range f.Values[field] {
		id, err := act.ParseID(text)
		if err != nil || !slices.ContainsFunc(known, func(o option) bool { return o.Value == text }) {
			f.fail(field, "problem.choice_unknown")
			continue
		}
		ids = append(ids, id)
	}
	if len(ids) > most {
		f.fail(field, "problem.choose_most", "n", most)
	}
	return ids
}

// decimalsMost is the most decimals of an indicator (act.Indicator).
const decimalsMost = 6

// decimal reads a number as people write it ("1,250.5", "១២") into its digits
// and how many of them are decimals.
func decimal(text string) (digits int64, places int, ok bool) {
	s := strings.TrimSpace(locale.FoldDigits(text))
	s = strings.TrimSuffix(s, "%")
	whole, fraction, point := strings.Cut(s, ".")
	if point && (fraction == "" || len(fraction) > decimalsMost) || len(whole) > 16 {
		return 0, 0, false
	}
	if groups := strings.Split(strings.TrimLeft(whole, "-−"), ","); len(groups) > 1 {
		for i, group := range groups {
			if len(group) > 3 || group == "" || i > 0 && len(group) != 3 {
				return 0, 0, false
			}
		}
	}
	whole = strings.ReplaceAll(strings.Replace(whole, "−", "-", 1), ",", "")
	n, err := strconv.ParseInt(whole+fraction, 10, 64)
	return n, len(fraction), err == nil && !strings.HasPrefix(fraction, "-") && !strings.HasPrefix(fraction, "+")
}

// scaled writes digits of so many places with more places.
func scaled(digits int64, from, to int) int64 {
	for range to - from {
		digits *= 10
	}
	return digits
}

// indicator reads by what a commitment is measured.
func (f *fields) indicator() act.Indicator {
	i := act.Indicator{Measure: f.pick("measure", act.Measures), BaselineOn: f.day("baseline_on"), TargetOn: f.day("target_on")}
	baseline, places, ok := decimal(f.Get("baseline"))
	if !ok {
		f.fail("baseline", "problem.number")
	}
	target, more, ok := decimal(f.Get("target"))
	if !ok {
		f.fail("target", "problem.number")
	}
	i.Decimals = max(places, more)
	i.Baseline, i.Target = scaled(baseline, places, i.Decimals), scaled(target, more, i.Decimals)
	if i.BaselineOn != "" && i.TargetOn != "" && i.TargetOn < i.BaselineOn {
		f.fail("target_on", "problem.date_order")
	}
	return i
}

// milestones reads the rows of milestones, in the order of their days. Those of
// a new commitment get their codes here.
func (f *fields) milestones(start, end string) ([]act.Milestone, map[string]map[string]string) {
	var list []act.Milestone
	all := map[string]map[string]string{}
	for n := 1; n <= act.MostMilestones; n++ {
		suffix := strconv.Itoa(n)
		words := f.words("milestone"+suffix, 400, false)
		if len(words) == 0 && f.Get("due"+suffix) == "" {
			continue
		}
		code := "m" + suffix
		if len(words) == 0 {
			f.fail("milestone"+suffix+"_"+locale.Languages()[0], "problem.required")
		}
		due := f.milestoneDay("due"+suffix, start, end)
		list, all[code] = append(list, act.Milestone{Code: code, Due: due}), words
	}
	slices.SortStableFunc(list, func(a, b act.Milestone) int { return cmp.Compare(a.Due, b.Due) })
	return list, all
}

// milestoneDay reads the day of a milestone, which lies within its commitment.
func (f *fields) milestoneDay(field, start, end string) string {
	due := f.day(field)
	switch {
	case due == "":
	case end != "" && due > end:
		f.fail(field, "problem.milestone_after", "date", f.said(end))
	case start != "" && due < start:
		f.fail(field, "problem.milestone_before", "date", f.said(start))
	}
	return due
}

// said writes a day out.
func (f *fields) said(text string) string { return f.l.DateShort(day(text, time.UTC), time.UTC) }

// makePromise reads the form and submits the commitment.
func (s *Server) makePromise(v *visit, m *member, data *promiseView, form url.Values) (register.Receipt, error) {
	token, err := tokenOf(form)
	if err != nil {
		return register.Receipt{}, err
	}
	who, err := m.actor(officerRoles...)
	if err != nil {
		return register.Receipt{}, err
	}
	facts, plan, err := readPromise(v, m, data, form)
	if err != nil {
		return register.Receipt{}, err
	}
	receipt, err := s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: data.id, Facts: facts, Content: map[string]any{"plan": plan}}, token)
	switch trouble := problemOf(err); {
	case err == nil:
		return receipt, nil
	case trouble.Key == civic.RefusedVerifier:
		return receipt, problem.Wrap(err, problem.Invalid, trouble.Key).In("verifier")
	}
	return receipt, err
}

func readPromise(v *visit, m *member, data *promiseView, form url.Values) (*act.CommitmentMade, *act.Plan, error) {
	f := &fields{Values: form, l: v.L}
	facts := &act.CommitmentMade{Needs: append([]act.ID{data.id}, f.ids("need", data.Others, 49)...), Responsible: m.Organisation}
	plan := &act.Plan{What: f.words("what", 4000, true), Why: f.words("why", 4000, false)}
	facts.Position = f.pick("position", positions)
	facts.With = f.ids("with", data.Partners, 20)
	facts.Start, facts.End = f.day("start"), f.day("end")
	if facts.Start != "" && facts.End != "" && facts.End < facts.Start {
		f.fail("end", "problem.date_order")
	}
	facts.Milestones, plan.Milestones = f.milestones(facts.Start, facts.End)
	facts.Funding = f.pick("funding", act.Fundings)
	facts.Budget = f.money(data.Currencies)
	facts.Uptake = f.optional("uptake", act.Uptakes)
	if text := strings.TrimSpace(form.Get("uptake_text")); text != "" {
		f.add(wordsProblem("uptake_text", text, 0, 400))
		plan.Uptake = text
	}
	facts.Indicator = f.indicator()
	plan.Indicator, plan.Verified = f.words("indicator", 4000, true), f.words("verified", 4000, true)
	facts.Verifier = f.id("verifier", data.Verifiers)
	return facts, plan, f.err()
}
