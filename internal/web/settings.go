package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// settlerRoles set the programme's clocks, working days and witnesses.
var settlerRoles = []act.Role{act.RoleAdministrator, act.RoleBoard}

// settingsView is where an organisation's administrator says for what it is
// responsible, who stands above it, and in whom it has a stake; and where the
// programme's clocks, working days and witnesses are set.
type settingsView struct {
	Bar         deskBar
	Authority   bool
	Own         bool // whoever looks may speak for their organisation
	Programme   bool // whoever looks may set the clocks of all
	Competences []competenceLine
	Above       []act.Names
	Interests   []act.Names
	Themes      []option
	Places      []placeGroup
	Offices     []option
	Others      []option
	Stakes      []option
	Policy      []policyLine
	Weekend     []option
	Holidays    string
	Witnesses   witnessSettings
	Token       string
	Open        string
	Typed       url.Values
	Problem     *problemView
	Today       string
}

type policyLine struct {
	Step act.Step
	Days int
}

func (s *Server) settingsDesk(w http.ResponseWriter, v *visit, m *member) error {
	data, err := s.settingsOf(v, m, url.Values{})
	if err != nil {
		return err
	}
	return s.show(w, v, data.page(v))
}

func (data *settingsView) page(v *visit) page {
	return deskPage("desk-settings", v.T("web.settings.title"), data)
}

func (s *Server) settingsOf(v *visit, m *member, typed url.Values) (*settingsView, error) {
	if err := m.needs(settlerRoles...); err != nil {
		return nil, err
	}
	data := &settingsView{Bar: m.bar("settings"), Authority: m.Authority, Own: m.Is(act.RoleAdministrator), Typed: typed, Today: v.now.Format(time.DateOnly)}
	var err error
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	s.read.View(func(state *civic.State) { data.fill(state, m, v) })
	sortByName(v.L, data.Offices)
	sortByName(v.L, data.Others)
	for _, row := range data.Witnesses.Rows {
		sortByName(v.L, row.Organisations)
	}
	return data, nil
}

func (data *settingsView) fill(state *civic.State, m *member, v *visit) {
	data.Programme = m.may(state, v, act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepAnswer: 1}}, settlerRoles...) == nil
	data.Witnesses.fill(state, m, data.Typed, data.Programme)
	lines := authorityView{ID: m.Organisation}
	lines.competences(state, v.now)
	data.Competences = lines.Competences
	for _, id := range state.Ladder(m.Organisation) {
		data.Above = append(data.Above, state.Names(id))
	}
	for _, interest := range state.Interests(m.Organisation) {
		data.Interests = append(data.Interests, state.Names(interest.With))
	}
	for _, theme := range state.Themes() {
		data.Themes = append(data.Themes, option{theme, themeNames(state, theme), slices.Contains(data.Typed["theme"], theme)})
	}
	for _, place := range state.Places(1) {
		data.Places = append(data.Places, placeGroup{option: option{place.Code, state.Names(place.ID), place.Code == data.Typed.Get("place")}})
	}
	for _, org := range state.Organisations() {
		if org.ID == m.Organisation {
			continue
		}
		o := option{org.ID.String(), state.Names(org.ID), slices.Contains(data.Typed["to"], org.ID.String()) || data.Typed.Get("with") == org.ID.String()}
		data.Others = append(data.Others, o)
		if org.Authority {
			data.Offices = append(data.Offices, o)
		}
	}
	data.Stakes = codeOptions(act.Interests, data.Typed.Get("stake"))
	policy := state.Policy()
	for _, step := range act.Steps {
		data.Policy = append(data.Policy, policyLine{step, policy[step]})
	}
	weekend, holidays := state.Calendar()
	data.Holidays = strings.Join(holidays, "\n")
	if data.Typed.Has("holidays") { // the form was sent: what was typed stays, also what was left out
		data.Holidays, weekend = data.Typed.Get("holidays"), [7]bool{}
		for _, day := range data.Typed["weekend"] {
			if n, err := strconv.Atoi(day); err == nil && n >= 0 && n < len(weekend) {
				weekend[n] = true
			}
		}
	}
	for day := range 7 {
		data.Weekend = append(data.Weekend, option{Value: strconv.Itoa(day), Current: weekend[day]})
	}
}

// settingsAct declares one of these.
func (s *Server) settingsAct(w http.ResponseWriter, v *visit, m *member) error {
	form, err := readForm(v.r, 64<<10)
	if err != nil {
		return err
	}
	receipt, err := s.doSettings(v, m, form)
	if err == nil {
		return s.seeOther(w, v.r, "/desk/settings", receipt.Position)
	}
	data, failed := s.settingsOf(v, m, form)
	if failed != nil {
		return failed
	}
	data.Open, data.Problem = v.r.PathValue("act"), viewOf(v.L, problemOf(err))
	data.Token = tokenAfter(form, err, data.Token)
	return s.again(w, v, err, data.page(v))
}

func (s *Server) doSettings(v *visit, m *member, form url.Values) (register.Receipt, error) {
	var none register.Receipt
	token, err := tokenOf(form)
	if err != nil {
		return none, err
	}
	name := v.r.PathValue("act")
	roles := []act.Role{act.RoleAdministrator}
	switch name {
	case "policy", "calendar", "witnesses", "key":
		roles = settlerRoles
	}
	who, err := m.actor(roles...)
	if err != nil {
		return none, err
	}
	of := m.Organisation
	var facts act.Facts
	switch name {
	case "competence":
		as, wrong := chosen(form, "as", act.Competences)
		from, until, trouble := periodOf(form, v.now)
		if err := problem.Join(wrong, trouble); err != nil {
			return none, err
		}
		facts = &act.CompetenceDeclared{Themes: form["theme"], Place: form.Get("place"), As: as, From: from, Until: until}
	case "ladder":
		to, wrong := idsOf(form["to"])
		if wrong != nil || len(to) == 0 {
			return none, problem.New(problem.Invalid, "problem.choose").In("to")
		}
		facts = &act.LadderDeclared{To: to}
	case "interest":
		as, wrong := chosen(form, "stake", act.Interests)
		from, until, trouble := periodOf(form, v.now)
		with, err := act.ParseID(form.Get("with"))
		if err != nil {
			trouble = problem.New(problem.Invalid, "problem.choose").In("with")
		}
		if err := problem.Join(wrong, trouble); err != nil {
			return none, err
		}
		facts = &act.InterestDeclared{With: with, As: as, From: from, Until: until}
	case "policy":
		of = act.ID{}
		if facts, err = policyOf(form); err != nil {
			return none, err
		}
	case "calendar":
		of = act.ID{}
		if facts, err = calendarOf(form); err != nil {
			return none, err
		}
	case "witnesses":
		declared, rows, err := witnessesOf(form)
		if err != nil {
			return none, err
		}
		receipt, err := s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Facts: declared}, token)
		return receipt, s.beside(v, declared, rows, err)
	case "key":
		changed, err := keyChangeOf(form)
		if err != nil {
			return none, err
		}
		receipt, err := s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Facts: changed}, token)
		return receipt, besideLines(err)
	default:
		return none, errNoAct
	}
	return s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: of, Facts: facts}, token)
}

// periodOf reads from when something holds, from today on if nothing is typed,
// and, if it ends, until when.
func periodOf(form url.Values, now time.Time) (from, until string, wrong *problem.Error) {
	if from = now.Format(time.DateOnly); form.Get("from") != "" {
		if from, wrong = dayOf(form, "from"); wrong != nil {
			return "", "", wrong
		}
	}
	if form.Get("until") == "" {
		return from, "", nil
	}
	if until, wrong = dayOf(form, "until"); wrong == nil && until < from {
		wrong = problem.New(problem.Invalid, "problem.date_order").In("until")
	}
	return from, until, wrong
}

func policyOf(form url.Values) (act.Facts, error) {
	facts := &act.PolicyDeclared{Days: map[act.Step]int{}}
	var wrong []*problem.Error
	for _, step := range act.Steps {
		field := "days_" + string(step)
		if act.Blank(form.Get(field)) {
			continue
		}
		days, trouble := between(form, field, 1, 400)
		facts.Days[step], wrong = days, append(wrong, trouble)
	}
	if len(facts.Days) == 0 {
		wrong = append(wrong, problem.New(problem.Invalid, "problem.number_range", "low", 1, "high", 400).In("days_"+string(act.Steps[0])))
	}
	return facts, problem.Join(wrong...)
}

// calendarOf reads the weekend's days and the holidays, one a line.
func calendarOf(form url.Values) (act.Facts, error) {
	facts := &act.CalendarDeclared{Weekend: []int{}, Holidays: []string{}}
	for day := range 7 {
		if slices.Contains(form["weekend"], strconv.Itoa(day)) {
			facts.Weekend = append(facts.Weekend, day)
		}
	}
	for line := range strings.Lines(form.Get("holidays")) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		day, wrong := dayOf(url.Values{"holidays": {line}}, "holidays")
		if wrong != nil {
			return nil, wrong
		}
		facts.Holidays = append(facts.Holidays, day)
	}
	if len(facts.Weekend) == 7 { // no working day is left
		return nil, problem.New(problem.Invalid, "problem.choose_most", "n", 6).In("weekend")
	}
	slices.Sort(facts.Holidays)
	facts.Holidays = slices.Compact(facts.Holidays)
	return facts, nil
}
