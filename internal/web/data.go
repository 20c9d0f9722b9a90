package web

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
)

// viewsSheet lists the views as they were registered, of one dialogue where the
// address names one; words only of those whose words are public.
func (s *Server) viewsSheet(v *visit) (page, error) {
	var lines []viewLine
	var slugs []string
	var next string
	wanted, unknown := v.known.Get("dialogue"), false
	s.read.View(func(state *civic.State) {
		all := state.Statements()
		if wanted != "" {
			d := state.DialogueBySlug(wanted)
			if unknown = d == nil; unknown {
				return
			}
			all = d.Statements()
		}
		var first, last int
		first, last, next = v.stretch(len(all))
		for _, view := range all[first:last] {
			lines = append(lines, lineOf(state, view, v.now))
			slugs = append(slugs, state.Dialogue(view.Dialogue).Slug)
		}
	})
	if unknown {
		return page{}, problem.New(problem.NotFound, "problem.no_dialogue")
	}
	if err := s.readWords(v, lines); err != nil {
		return page{}, err
	}
	rows := [][]string{{v.T("web.data.code"), v.T("web.data.registered"), v.T("web.data.dialogue"), v.T("web.data.place"), v.T("web.data.themes"),
		v.T("web.data.state"), v.T("web.data.withheld"), v.T("web.data.last_day"), v.T("web.data.late"), v.T("web.data.language"), v.T("web.data.words"), v.T("web.data.link")}}
	for _, line := range lines {
		rows = append(rows, []string{string(line.Code), isoDay(line.At), v.name(line.Dialogue), v.name(line.Place), v.names(line.Themes),
			v.code("state", string(line.State)), v.code("reason", line.Reason), isoDay(line.Clock.LastDay), v.late(line.Clock.Overdue),
			v.code("language", line.Words.Language), v.say(line.Words), s.config.Address + "/v/" + string(line.Code)})
	}
	return v.sheetOf("views.csv", next, rows), nil
}

// late says that something is late, in a cell.
func (v *visit) late(is bool) string {
	if is {
		return v.T("word.yes")
	}
	return v.T("word.no")
}

// commitmentsSheet lists what was promised, as it was made.
func (s *Server) commitmentsSheet(v *visit) (page, error) {
	var lines []commitmentLine
	var next string
	today := v.now.Format(time.DateOnly)
	s.read.View(func(state *civic.State) {
		all := state.Commitments()
		var first, last int
		first, last, next = v.stretch(len(all))
		for _, c := range all[first:last] {
			lines = append(lines, commitmentLineOf(state, c, today, v.now))
		}
	})
	if err := s.readPlans(v, lines); err != nil {
		return page{}, err
	}
	rows := [][]string{{v.T("web.data.commitment"), v.T("web.data.office"), v.T("web.data.place"), v.T("web.data.state"), v.T("web.data.first"), v.T("web.data.now"),
		v.T("web.data.slip"), v.T("web.data.late_days"), v.T("web.data.funding"), v.T("web.data.budget"), v.T("web.data.currency"), v.T("web.data.claimed"),
		v.T("web.data.found"), v.T("web.data.link")}}
	for _, line := range lines {
		budget, currency := "", ""
		if line.Budget != nil {
			budget, currency = plainAmount(*line.Budget), line.Budget.Currency
		}
		rows = append(rows, []string{inLanguage(line.What, v.L.Tag()), v.name(line.Responsible), v.name(line.Place), v.code("commitment", string(line.State)),
			isoDay(line.First), isoDay(line.Now), strconv.Itoa(line.Slip), strconv.Itoa(line.LateDays), v.code("funding", line.Funding), budget, currency,
			v.code("status", line.Claimed), v.code("verdict", line.Found), s.config.Address + "/c/" + line.ID.String()})
	}
	return v.sheetOf("commitments.csv", next, rows), nil
}

// plainAmount writes money as programs read numbers.
func plainAmount(m act.Money) string {
	return strings.ReplaceAll(locale.Get("en").Amount(m.Minor, m.Currency), ",", "")
}

// answersSheet lists the answers, a row for each case that one covers.
func (s *Server) answersSheet(v *visit) (page, error) {
	var lines []answerLine
	var about []caseLine
	var next string
	s.read.View(func(state *civic.State) {
		all := state.GivenAnswers()
		var first, last int
		first, last, next = v.stretch(len(all))
		for _, a := range all[first:last] {
			lines = append(lines, answerLineOf(state, a.Answer, a.Of, v.now))
			about = append(about, caseLineOf(state, a.Of, v.now))
		}
	})
	if err := s.readAnswers(v, lines); err != nil {
		return page{}, err
	}
	rows := [][]string{{v.T("web.data.answered"), v.T("web.data.office"), v.T("web.data.position"), v.T("web.data.about"), v.T("web.data.views"), v.T("web.data.decision"),
		v.T("web.data.reasons"), v.T("web.data.same"), v.T("web.data.basis"), v.T("web.data.letter"), v.T("web.data.considered"), v.T("web.data.superseded"),
		v.T("web.data.dialogue"), v.T("web.data.link")}}
	for i, line := range lines {
		rows = append(rows, []string{isoDay(line.At), v.name(line.Authority), v.code("position", line.Position), v.matter(about[i]), strconv.Itoa(line.Views),
			v.code("decision", line.Decision), line.Reasons, strconv.Itoa(line.Same), line.Basis, line.Letter, line.On, v.late(line.Superseded),
			v.name(about[i].Dialogue), s.config.Address + matterPath(about[i])})
	}
	return v.sheetOf("answers.csv", next, rows), nil
}

// matterPath is the page of what a case is about.
func matterPath(line caseLine) string {
	if line.Need != nil {
		return "/n/" + line.Need.ID.String()
	}
	return "/v/" + string(line.View.Code)
}

// lateLine is something late: a view whose step is, or a commitment.
type lateLine struct {
	view   *viewLine
	plan   *commitmentLine
	office act.Names // who has to take the step, where that is one office
	step   act.Step
	since  time.Time // the moment from which it is late
}

// lateItem is something late before anything is copied of it: one of the two.
type lateItem struct {
	view  *civic.Statement
	plan  *civic.Commitment
	since time.Time
}

// lateOf gives what is late: pick chooses from all of it, the longest waiting
// first and commitments after the views.
func (s *Server) lateOf(v *visit, pick func(all []lateItem) []lateItem) ([]lateLine, error) {
	var lines []lateLine
	s.read.View(func(state *civic.State) {
		for _, item := range pick(lateItems(state, v.now)) {
			if item.plan == nil {
				lines = append(lines, lateView(state, item.view, v.now))
				continue
			}
			plan := commitmentLineOf(state, item.plan, v.now.Format(time.DateOnly), v.now)
			lines = append(lines, lateLine{plan: &plan, office: plan.Responsible, since: item.since})
		}
	})
	var err error
	for i := range lines {
		if line := lines[i].plan; line != nil {
			plan, failed := s.plan(v, line.ID)
			line.What, err = plan.What, errors.Join(err, failed)
			continue
		}
		one := []viewLine{*lines[i].view}
		err = errors.Join(err, s.readWords(v, one))
		lines[i].view = &one[0]
	}
	return lines, err
}

func lateItems(state *civic.State, now time.Time) (all []lateItem) {
	overdue := state.Overdue(now)
	for _, view := range overdue.Slice(0, overdue.Len()) {
		_, clock := view.Standing(now)
		all = append(all, lateItem{view: view, since: clock.Due})
	}
	views := len(all)
	for _, c := range state.Commitments() {
		if c.State(now.Format(time.DateOnly)) == civic.CommitmentLate {
			all = append(all, lateItem{plan: c, since: day(c.End(), now.Location()).AddDate(0, 0, 1)})
		}
	}
	slices.SortStableFunc(all[views:], func(a, b lateItem) int { return a.since.Compare(b.since) })
	return all
}

func lateView(state *civic.State, view *civic.Statement, now time.Time) lateLine {
	line := lineOf(state, view, now)
	standing, clock := view.Standing(now)
	late := lateLine{view: &line, step: clock.Step, since: clock.Due.In(now.Location())}
	for _, r := range view.Referrals() {
		if stands, due := r.Standing(now); stands == standing && due.Due.Equal(clock.Due) {
			late.office = state.Names(r.Authority)
			break
		}
	}
	return late
}

// overdueSheet lists what is late, the longest waiting first.
func (s *Server) overdueSheet(v *visit) (page, error) {
	var next string
	lines, err := s.lateOf(v, func(all []lateItem) []lateItem {
		var first, last int
		first, last, next = v.stretch(len(all))
		return all[first:last]
	})
	if err != nil {
		return page{}, err
	}
	rows := [][]string{{v.T("web.data.what"), v.T("web.data.step"), v.T("web.data.office"), v.T("web.data.last_day"), v.T("web.data.late_days"),
		v.T("web.data.place"), v.T("web.data.words"), v.T("web.data.link")}}
	for _, late := range lines {
		if plan := late.plan; plan != nil {
			rows = append(rows, []string{v.T("web.data.commitment"), v.code("commitment", string(plan.State)), v.name(late.office), isoDay(plan.Now),
				strconv.Itoa(plan.LateDays), v.name(plan.Place), inLanguage(plan.What, v.L.Tag()), s.config.Address + "/c/" + plan.ID.String()})
			continue
		}
		line := late.view
		rows = append(rows, []string{string(line.Code), v.code("step", string(late.step)), v.name(late.office), isoDay(line.Clock.LastDay),
			strconv.Itoa(-line.Clock.Days), v.name(line.Place), v.say(line.Words), s.config.Address + "/v/" + string(line.Code)})
	}
	return v.sheetOf("overdue.csv", next, rows), nil
}
