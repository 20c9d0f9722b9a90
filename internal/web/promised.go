package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// promisedView is one commitment at the desk: of who promised it, and of who
// checks it.
type promisedView struct {
	*commitmentView
	Bar     deskBar
	Offers  promisedOffers
	Why     string // why whoever looks cannot check it, if that is their role
	Rows    []milestoneRow
	Reasons []option
	Fundings,
	Uptakes,
	Statuses,
	Found,
	Verdicts,
	Currencies []option
	Amount  string // the budget as it stands, for the form
	Places  []option
	Claims  []claimChoice
	Files   []fileRow
	Most    int
	FileMB  int
	Today   string
	Typed   url.Values
	Open    string
	Kept    []string
	Token   string
	Problem *problemView
	Did     string

	id    act.ID
	start string
}

// promisedOffers are the acts that the rules would let somebody do now.
type promisedOffers struct{ Revise, Claim, Measure, Assess bool }

// Offered tells by the name of a form whether it is on the page.
func (data *promisedView) Offered() map[string]bool {
	return map[string]bool{"revise": data.Offers.Revise, "claim": data.Offers.Claim, "measure": data.Offers.Measure, "assess": data.Offers.Assess}
}

// claimChoice is a report that can be checked.
type claimChoice struct {
	ID      string
	At      time.Time
	Status  string
	Current bool
}

// promisedActs are the forms of a commitment, by their place in its address.
var promisedActs = []string{"revise", "claim", "measure", "assess"}

func (s *Server) promised(w http.ResponseWriter, v *visit, m *member) error {
	deskKnown(v, "did")
	data, err := s.promisedOf(v, m, nil)
	if err != nil {
		return err
	}
	if did := v.known.Get("did"); did == "made" || slices.Contains(promisedActs, did) {
		data.Did = did
	}
	return s.show(w, v, data.page(v))
}

func (data *promisedView) page(v *visit) page {
	return deskPage("desk-commitment", v.T("web.commitment.title"), data)
}

func (s *Server) promisedOf(v *visit, m *member, form *evidenceForm) (*promisedView, error) {
	id, err := act.ParseID(v.r.PathValue("id"))
	if err != nil {
		return nil, problem.Wrap(err, problem.NotFound, "problem.not_found")
	}
	public, err := s.commitment(v)
	if err != nil {
		return nil, err
	}
	typed := url.Values{}
	data := &promisedView{commitmentView: public.Data.(*commitmentView), Bar: m.bar("promised"), Most: act.MostFiles, FileMB: 10, id: id, Today: v.now.Format(time.DateOnly)}
	if !m.Is(officerRoles...) {
		data.Bar = m.bar("monitor")
	}
	if form != nil {
		typed, data.Files = form.Values, rowsOf(form.Files)
	}
	data.Typed = typed
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	data.Statuses, data.Found = codeOptions(act.Statuses[1:], typed.Get("status")), codeOptions(act.Statuses, typed.Get("status"))
	data.Verdicts, data.Reasons = codeOptions(act.Verdicts, typed.Get("verdict")), codeOptions(act.RevisionReasons, typed.Get("why"))
	s.read.View(func(state *civic.State) { data.fillDesk(state, state.Commitment(id), m, v) })
	return data, nil
}

// fillDesk asks the rules what whoever looks may do, and fills in the forms as
// the commitment stands.
func (data *promisedView) fillDesk(state *civic.State, c *civic.Commitment, m *member, v *visit) {
	typed := func(field, otherwise string) string {
		if value, has := data.Typed[field]; has && len(value) > 0 {
			return value[0]
		}
		return otherwise
	}
	may := func(facts act.Facts, roles ...act.Role) error { return m.may(state, v, c.ID, facts, roles...) }
	milestones, budget, funding, uptake := c.Plan()
	data.start = c.Start
	data.Offers.Revise = may(&act.CommitmentRevised{End: c.End(), Milestones: milestones, Funding: funding, Why: "other"}, officerRoles...) == nil
	data.Offers.Claim = may(&act.ProgressClaimed{Status: act.Limited}, officerRoles...) == nil
	data.Offers.Measure = may(&act.IndicatorMeasured{On: data.Today}, measurers...) == nil
	found := &act.ProgressAssessed{Verdict: act.Partly, Status: act.Limited}
	for _, claim := range slices.Backward(c.Claims) {
		id := claim.Act
		if found.Claim == nil {
			found.Claim = &id
		}
		data.Claims = append(data.Claims, claimChoice{ID: id.String(), At: claim.At.In(v.now.Location()), Status: claim.Status,
			Current: typed("report", found.Claim.String()) == id.String()})
	}
	err := may(found, act.RoleMonitor)
	if data.Offers.Assess = err == nil; err != nil && m.Is(act.RoleMonitor) {
		data.Why = viewOf(v.L, problemOf(err)).Text
	}
	for i, milestone := range milestones {
		row := milestoneRow{N: i + 1, Code: milestone.Code, Name: inLanguage(data.Plan.Milestones[milestone.Code], v.L.Tag()), Due: typed("due_"+milestone.Code, milestone.Due)}
		first, added := c.FirstDue(milestone.Code)
		if first != milestone.Due {
			row.First = first
		}
		if row.Name == "" && added != nil {
			row.Name = v.addedMilestone(added.At.In(v.now.Location()))
		}
		row.Name = cmp.Or(row.Name, milestone.Code)
		data.Rows = append(data.Rows, row)
	}
	data.Fundings, data.Uptakes = codeOptions(act.Fundings, typed("funding", funding)), codeOptions(act.Uptakes, typed("uptake", uptake))
	currency := ""
	if budget != nil {
		currency = budget.Currency
		data.Amount = v.L.Amount(budget.Minor, budget.Currency)
	}
	data.Amount = typed("budget", data.Amount)
	if p := state.Programme(); p != nil {
		for _, code := range p.Currencies {
			data.Currencies = append(data.Currencies, option{Value: code, Current: code == typed("currency", currency)})
		}
	}
	within := ""
	if d := state.Dialogue(c.Dialogue); d != nil {
		within = d.Place
	}
	for _, place := range state.Places(0) {
		if within == "" || state.Within(place.Code, within) {
			data.Places = append(data.Places, option{place.Code, state.Names(place.ID), place.Code == data.Typed.Get("place")})
		}
	}
}

// measurers may enter a value of an indicator; who checks comes first.
var measurers = []act.Role{act.RoleMonitor, act.RoleFocalPoint, act.RoleSigningOfficer}

// promisedAct does what one of the forms of a commitment asks for. Whatever
// stands in the way, the page is shown with what was typed and with the files
// that were stored.
func (s *Server) promisedAct(w http.ResponseWriter, v *visit, m *member) error {
	name := v.r.PathValue("act")
	if !slices.Contains(promisedActs, name) {
		return errNoAct
	}
	form, err := s.readEvidence(v)
	if err != nil {
		return err
	}
	data, err := s.promisedOf(v, m, form)
	if err != nil {
		return err
	}
	data.Open = name
	if token := form.Get("token"); token != "" {
		data.Token = token
	}
	err = problem.Join(form.Wrong...)
	if err == nil && form.Get("step") == "files" {
		return s.show(w, v, data.page(v)) // more files to come
	}
	if err == nil {
		var receipt register.Receipt
		if receipt, err = s.doPromised(v, m, data, name, form); err == nil {
			return s.seeOther(w, v.r, "/desk/c/"+data.id.String()+"?did="+name, receipt.Position)
		}
	}
	trouble := problemOf(err)
	if trouble.Key == "problem.token_conflict" {
		if data.Token, err = s.formToken(); err != nil {
			return err
		}
	}
	if !data.Offered()[name] {
		for _, field := range sortedKeys(form.Values) {
			if text := form.Get(field); strings.ContainsAny(text, " \n") {
				data.Kept = append(data.Kept, text)
			}
		}
	}
	data.Problem = viewOf(v.L, trouble)
	return s.again(w, v, trouble, data.page(v))
}

func (s *Server) doPromised(v *visit, m *member, data *promisedView, name string, form *evidenceForm) (register.Receipt, error) {
	token, err := tokenOf(form.Values)
	if err != nil {
		return register.Receipt{}, err
	}
	roles := officerRoles
	switch name {
	case "measure":
		roles = measurers
	case "assess":
		roles = []act.Role{act.RoleMonitor}
	}
	who, err := m.actor(roles...)
	if err != nil {
		return register.Receipt{}, err
	}
	facts, content, err := data.draft(v, name, form)
	if err != nil {
		return register.Receipt{}, err
	}
	receipt, err := s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: data.id, Facts: facts, Content: content}, token)
	if trouble := problemOf(err); err != nil && trouble.Key == civic.RefusedNoEvidence {
		err = problem.Wrap(err, problem.Invalid, trouble.Key).In("file")
	}
	return receipt, err
}

// draft reads a form into the facts and sections of its act.
func (data *promisedView) draft(v *visit, name string, form *evidenceForm) (act.Facts, map[string]any, error) {
	f := &fields{Values: form.Values, l: v.L}
	today := v.now.Format(time.DateOnly)
	switch name {
	case "revise":
		facts, content := data.revision(f)
		return facts, content, f.err()
	case "claim":
		facts := &act.ProgressClaimed{Status: f.pick("status", act.Statuses[1:]), Milestone: form.Get("milestone"), Place: form.Get("place"), Files: len(form.Files)}
		if facts.Milestone != "" && !slices.ContainsFunc(data.Rows, func(row milestoneRow) bool { return row.Code == facts.Milestone }) {
			f.fail("milestone", "problem.choice_unknown")
		}
		content := f.evidence(form, true)
		return facts, content, f.err()
	case "measure":
		digits, places, ok := decimal(form.Get("value"))
		if !ok || places > data.Indicator.Decimals {
			f.fail("value", "problem.number_decimals", "n", data.Indicator.Decimals)
			places = data.Indicator.Decimals
		}
		facts := &act.IndicatorMeasured{Value: scaled(digits, places, data.Indicator.Decimals), On: f.day("on")}
		if facts.On > today {
			f.fail("on", civic.RefusedFuture)
		}
		content := f.evidence(form, false)
		return facts, content, f.err()
	}
	facts := &act.ProgressAssessed{Verdict: f.pick("verdict", act.Verdicts), Status: f.pick("status", act.Statuses), Place: form.Get("place"), Files: len(form.Files)}
	if len(data.Claims) > 0 {
		id, err := act.ParseID(form.Get("report"))
		if err != nil {
			f.fail("report", "problem.choose")
		}
		facts.Claim = &id
	}
	content := f.evidence(form, true)
	return facts, content, f.err()
}

// evidence reads what is shown: words, which have to be there with a report and
// with what was found, and files.
func (f *fields) evidence(form *evidenceForm, needed bool) map[string]any {
	text := form.Get("text")
	if act.Blank(text) && !needed && len(form.Files) == 0 {
		return nil
	}
	if !act.Blank(text) || needed {
		f.add(wordsProblem("text", text, 0, act.MostReason))
	}
	return map[string]any{"evidence": &act.Evidence{Text: text, Files: form.Files}}
}
