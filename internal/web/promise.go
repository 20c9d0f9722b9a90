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
	"samleng/internal/locale"
	"samleng/internal/problem"
)

// promisesView lists what an organisation promised.
type promisesView struct {
	Bar         deskBar
	Counts      []countOf
	Commitments []commitmentLine
	Needs       []needLine // needs of its cases that have no line in the plans
	At          time.Time
	Position    int64
}

func (s *Server) promises(w http.ResponseWriter, v *visit, m *member) error {
	if err := m.needs(officerRoles...); err != nil {
		return err
	}
	data := &promisesView{Bar: m.bar("promised"), At: v.now}
	today := v.now.Format(time.DateOnly)
	s.read.View(func(state *civic.State) {
		data.Position = state.Position()
		counts := map[civic.CommitmentState]int{}
		all := slices.Clone(state.CommitmentsOf(m.Organisation))
		slices.SortStableFunc(all, func(a, b *civic.Commitment) int { return strings.Compare(a.End(), b.End()) })
		for _, c := range all {
			counts[c.State(today)]++
			data.Commitments = append(data.Commitments, commitmentLineOf(state, c, today, v.now))
		}
		for _, stands := range civic.CommitmentStates {
			if counts[stands] > 0 {
				data.Counts = append(data.Counts, countOf{"commitment", string(stands), counts[stands], len(all)})
			}
		}
		for _, r := range state.Held(m.Organisation) {
			if n := r.Need(); n != nil && r.Authority == m.Organisation && len(n.Commitments()) == 0 {
				data.Needs = append(data.Needs, needLineOf(state, n, v.now))
			}
		}
	})
	if err := s.readPlans(v, data.Commitments); err != nil {
		return err
	}
	return s.show(w, v, deskPage("desk-commitments", v.T("web.promises.title"), data))
}

// promiseView is the form on which an organisation promises something about a
// need: action, implementation, monitoring.
type promiseView struct {
	Bar        deskBar
	Need       needLine
	Dialogue   act.Names
	Others     []option // further needs of the dialogue
	Partners   []option
	Verifiers  []option
	Positions  []option
	Fundings   []option
	Uptakes    []option
	Measures   []option
	Currencies []option
	Rows       []milestoneRow
	Languages  []string
	Typed      url.Values
	Token      string
	Problem    *problemView

	id act.ID
}

// milestoneRow is one milestone on a form.
type milestoneRow struct {
	N     int
	Code  string
	Name  string // its words, where they cannot be changed any more
	Words map[string]string
	Due   string
	First string // as it was promised first
}

// rowsFirst are the milestones that a form has room for at first, rowsMore how
// many each press adds.
const (
	rowsFirst = 3
	rowsMore  = 3
)

func (s *Server) promiseForm(w http.ResponseWriter, v *visit, m *member) error {
	data, err := s.promiseOf(v, m, url.Values{})
	if err != nil {
		return err
	}
	return s.show(w, v, data.page(v))
}

func (data *promiseView) page(v *visit) page {
	return deskPage("desk-commit", v.T("web.promise.title"), data)
}

func (s *Server) promiseOf(v *visit, m *member, typed url.Values) (*promiseView, error) {
	if err := m.needs(officerRoles...); err != nil {
		return nil, err
	}
	id, err := act.ParseID(v.r.PathValue("need"))
	if err != nil {
		return nil, problem.Wrap(err, problem.NotFound, "problem.not_found")
	}
	data := &promiseView{Bar: m.bar("promised"), Typed: typed, Languages: locale.Languages(), id: id, Positions: codeOptions(positions, typed.Get("position")),
		Fundings: codeOptions(act.Fundings, typed.Get("funding")), Uptakes: codeOptions(act.Uptakes, typed.Get("uptake")), Measures: codeOptions(act.Measures, typed.Get("measure"))}
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	known := false
	s.read.View(func(state *civic.State) {
		if n := state.Need(id); n != nil {
			known = true
			data.fill(state, n, m, v)
		}
	})
	if !known {
		return nil, problem.New(problem.NotFound, civic.RefusedNeed)
	}
	sortByName(v.L, data.Partners)
	sortByName(v.L, data.Verifiers)
	data.rows()
	return data, nil
}

func (data *promiseView) fill(state *civic.State, n *civic.Need, m *member, v *visit) {
	data.Need = needLineOf(state, n, v.now)
	if d := state.Dialogue(n.Dialogue); d != nil {
		data.Dialogue = state.Names(d.ID)
	}
	for _, other := range state.NeedsOf(n.Dialogue) {
		if other != n {
			id := other.ID.String()
			data.Others = append(data.Others, option{id, state.Names(other.ID), slices.Contains(data.Typed["need"], id)})
		}
	}
	for _, org := range state.Organisations() {
		id := org.ID.String()
		if org.ID != m.Organisation {
			data.Partners = append(data.Partners, option{id, state.Names(org.ID), slices.Contains(data.Typed["with"], id)})
		}
		// Only who has no part in it can verify it.
		if state.Independent(m.Organisation, org.ID, v.now) {
			data.Verifiers = append(data.Verifiers, option{id, state.Names(org.ID), data.Typed.Get("verifier") == id})
		}
	}
	if p := state.Programme(); p != nil {
		for _, currency := range p.Currencies {
			data.Currencies = append(data.Currencies, option{Value: currency, Current: data.Typed.Get("currency") == currency})
		}
	}
}

// rows are the rows of milestones: those that were filled in, and some more.
func (data *promiseView) rows() {
	asked, _ := strconv.Atoi(data.Typed.Get("rows"))
	asked = min(max(asked, rowsFirst), act.MostMilestones)
	if data.Typed.Get("step") == "row" {
		asked = min(asked+rowsMore, act.MostMilestones)
	}
	for n := 1; n <= asked; n++ {
		suffix := strconv.Itoa(n)
		row := milestoneRow{N: n, Words: map[string]string{}, Due: data.Typed.Get("due" + suffix)}
		for _, language := range data.Languages {
			row.Words[language] = data.Typed.Get("milestone" + suffix + "_" + language)
		}
		data.Rows = append(data.Rows, row)
	}
}

// promise makes a commitment. A press on "more rows" shows the form again with
// all that was typed.
func (s *Server) promise(w http.ResponseWriter, v *visit, m *member) error {
	form, err := readForm(v.r, 8<<10)
	if err != nil {
		return err
	}
	data, err := s.promiseOf(v, m, form)
	if err != nil {
		return err
	}
	if token := form.Get("token"); token != "" {
		data.Token = token
	}
	if form.Get("step") == "row" {
		return s.show(w, v, data.page(v))
	}
	receipt, err := s.makePromise(v, m, data, form)
	if err == nil {
		return s.seeOther(w, v.r, "/desk/c/"+receipt.Act.String()+"?did=made", receipt.Position)
	}
	trouble := problemOf(err)
	if trouble.Key == "problem.token_conflict" {
		if data.Token, err = s.formToken(); err != nil {
			return err
		}
	}
	data.Problem = viewOf(v.L, trouble)
	return s.again(w, v, trouble, data.page(v))
}
