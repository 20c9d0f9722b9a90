package web

import (
	"net/http"
	"net/url"
	"slices"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

var (
	gathererRoles = []act.Role{act.RoleFacilitator, act.RoleRapporteur, act.RoleReferrer}
	referrerRoles = []act.Role{act.RoleReferrer, act.RoleFacilitator}
)

// gatherView is where a facilitator gathers views into needs.
type gatherView struct {
	Bar     deskBar
	Slug    string
	Names   act.Names
	Theme   string
	Needs   []needLine
	Views   []pickLine // public views, those in no need first
	Loose   int
	Found   int
	Pager   pager
	Themes  []option
	Places  []placeGroup
	Why     string // why nothing can be gathered here, "" if it can
	Token   string
	Typed   url.Values
	Problem *problemView
}

// pickLine is a view that can be ticked.
type pickLine struct {
	viewLine
	Picked bool
	Needs  []needLine
}

// gatherFilters are the query parameters of the page.
var gatherFilters = []string{"theme", "page"}

func (s *Server) gatherForm(w http.ResponseWriter, v *visit, m *member) error {
	deskKnown(v, gatherFilters...)
	data, err := s.gatherOf(v, m, url.Values{})
	if err != nil {
		return err
	}
	return s.show(w, v, data.page(v))
}

func (data *gatherView) page(v *visit) page {
	return deskPage("desk-gather", v.T("web.gather.title"), data)
}

func (s *Server) gatherOf(v *visit, m *member, typed url.Values) (*gatherView, error) {
	if err := m.needs(gathererRoles...); err != nil {
		return nil, err
	}
	id, err := s.dialogueID(v)
	if err != nil {
		return nil, err
	}
	data := &gatherView{Bar: m.bar("refer"), Theme: v.known.Get("theme"), Typed: typed}
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	s.read.View(func(state *civic.State) { data.fill(state, m, state.Dialogue(id), v) })
	lines := make([]viewLine, len(data.Views))
	for i := range lines {
		lines[i] = data.Views[i].viewLine
	}
	if err := s.readWords(v, lines); err != nil {
		return nil, err
	}
	for i := range lines {
		data.Views[i].viewLine = lines[i]
	}
	return data, nil
}

// whyNotGather says why somebody can gather nothing in a dialogue.
func (m *member) whyNotGather(d *civic.Dialogue, v *visit) string {
	switch {
	case d.Host != m.Organisation:
		return v.T(civic.RefusedForbidden)
	case !d.Completed.IsZero():
		return v.T(civic.RefusedCompleted)
	}
	return ""
}

func (data *gatherView) fill(state *civic.State, m *member, d *civic.Dialogue, v *visit) {
	data.Slug, data.Names, data.Why = d.Slug, state.Names(d.ID), m.whyNotGather(d, v)
	for _, n := range state.NeedsOf(d.ID) {
		data.Needs = append(data.Needs, needLineOf(state, n, v.now))
	}
	// What was ticked comes first and always, so that no tick is lost when the
	// form is shown again without the page or the theme of before.
	var picked, loose, gathered []*civic.Statement
	for _, view := range d.Statements() {
		switch {
		case view.Shown() && slices.Contains(data.Typed["view"], view.ID.String()) && len(picked) < pageSize:
			picked = append(picked, view)
			if len(view.Needs()) == 0 {
				data.Loose++
			}
		case !view.Shown() || data.Theme != "" && !slices.Contains(view.Themes, data.Theme):
		case len(view.Needs()) == 0:
			loose = append(loose, view)
		default:
			gathered = append(gathered, view)
		}
	}
	data.Loose += len(loose)
	all := slices.Concat(picked, loose, gathered)
	data.Found = len(all)
	data.Pager = pagerOf("/desk/d/"+d.Slug+"/needs", v.known, len(all))
	for _, view := range all[data.Pager.First-1 : data.Pager.Last] {
		line := pickLine{viewLine: lineOf(state, view, v.now), Picked: slices.Contains(data.Typed["view"], view.ID.String())}
		for _, n := range view.Needs() {
			line.Needs = append(line.Needs, needLineOf(state, n, v.now))
		}
		data.Views = append(data.Views, line)
	}
	for _, theme := range state.Themes() {
		current := data.Theme
		if data.Typed.Has("need_theme") {
			current = data.Typed.Get("need_theme")
		}
		data.Themes = append(data.Themes, option{theme, themeNames(state, theme), theme == current})
	}
	data.Places = placesFor(state, d, data.Typed.Get("place"))
}

// idsOf reads the ids of ticked boxes.
func idsOf(values []string) ([]act.ID, *problem.Error) {
	ids := make([]act.ID, 0, len(values))
	for _, text := range values {
		id, err := act.ParseID(text)
		if err != nil {
			return nil, problem.New(problem.Invalid, "problem.content")
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// namesOf reads a name and, if there is one, a text, each in two languages.
func namesOf(form url.Values, name, about string) (*act.Names, []*problem.Error) {
	names := &act.Names{Name: map[string]string{}}
	var wrong []*problem.Error
	for _, language := range []string{"km", "en"} {
		if text := form.Get(name + "_" + language); !act.Blank(text) {
			names.Name[language] = text
			wrong = append(wrong, wordsProblem(name+"_"+language, text, 200, 400))
		}
		if text := form.Get(about + "_" + language); about != "" && !act.Blank(text) {
			if names.About == nil {
				names.About = map[string]string{}
			}
			names.About[language] = text
			wrong = append(wrong, wordsProblem(about+"_"+language, text, 0, 4000))
		}
	}
	if len(names.Name) == 0 {
		wrong = append(wrong, problem.New(problem.Invalid, "problem.text_empty").In(name+"_km"))
	}
	return names, wrong
}

// identifyNeed makes a need of the views that were ticked.
func (s *Server) identifyNeed(w http.ResponseWriter, v *visit, m *member) error {
	form, err := readForm(v.r, 8000)
	if err != nil {
		return err
	}
	deskKnown(v, gatherFilters...)
	data, err := s.gatherOf(v, m, form)
	if err != nil {
		return err
	}
	receipt, err := s.identify(v, m, form)
	if err != nil {
		data.Token, data.Problem = tokenAfter(form, err, data.Token), viewOf(v.L, problemOf(err))
		return s.again(w, v, err, data.page(v))
	}
	return s.seeOther(w, v.r, "/desk/n/"+receipt.Act.String(), receipt.Position)
}

func (s *Server) identify(v *visit, m *member, form url.Values) (register.Receipt, error) {
	var none register.Receipt
	token, err := tokenOf(form)
	if err != nil {
		return none, err
	}
	who, err := m.actor(gathererRoles...)
	if err != nil {
		return none, err
	}
	id, err := s.dialogueID(v)
	if err != nil {
		return none, err
	}
	names, wrong := namesOf(form, "name", "about")
	views, trouble := idsOf(form["view"])
	wrong = append(wrong, trouble)
	if len(views) == 0 {
		wrong = append(wrong, problem.New(problem.Invalid, "problem.choose").In("view"))
	}
	facts := &act.NeedIdentified{Theme: form.Get("need_theme"), Place: form.Get("place"), Statements: views}
	if facts.Theme == "" {
		wrong = append(wrong, problem.New(problem.Invalid, "problem.choose").In("need_theme"))
	}
	if err := problem.Join(wrong...); err != nil {
		return none, err
	}
	var raised *act.Raised
	s.read.View(func(state *civic.State) { raised = state.Raised(views) })
	return s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: id, Facts: facts,
		Content: map[string]any{"names": names, "raised": raised}}, token)
}

// needDeskView is a need on the facilitator's desk.
type needDeskView struct {
	needView
	Bar     deskBar
	Token   string
	Typed   url.Values
	Problem *problemView
	Loose   []pickLine // views of its dialogue and theme that could be added
	Offices []officeOption
	Covers  []pickLine // the views of the need, each ticked or not
	Told    []option   // the authorities, each ticked or not to be told too
	Refers  bool       // whoever looks may pass it on
	Why     string     // why nothing can be done here, "" if it can
	Open    string
}

// officeOption is an authority to which something can be referred.
type officeOption struct {
	option
	As string // its competence, "" where it has declared none for the matter
}

func (s *Server) needDesk(w http.ResponseWriter, v *visit, m *member) error {
	data, err := s.needDeskOf(v, m, url.Values{})
	if err != nil {
		return err
	}
	return s.show(w, v, data.deskPage(v))
}

func (data *needDeskView) deskPage(v *visit) page {
	return deskPage("desk-need", inLanguage(data.Names.Name, v.L.Tag()), data)
}

func (s *Server) needDeskOf(v *visit, m *member, typed url.Values) (*needDeskView, error) {
	if err := m.needs(gathererRoles...); err != nil {
		return nil, err
	}
	p, err := s.need(v)
	if err != nil {
		return nil, err
	}
	data := &needDeskView{needView: *p.Data.(*needView), Bar: m.bar("refer"), Typed: typed, Refers: m.Is(referrerRoles...), Open: v.r.PathValue("act")}
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	s.read.View(func(state *civic.State) {
		n := state.Need(data.ID)
		data.Why = m.whyNotGather(state.Dialogue(n.Dialogue), v)
		place := n.Place
		if d := state.Dialogue(n.Dialogue); place == "" {
			place = d.Place
		}
		data.Offices = officesFor(state, []string{n.Theme}, place, v, typed.Get("authority"))
		for _, view := range state.Dialogue(n.Dialogue).Statements() {
			if view.Shown() && len(view.Needs()) == 0 && slices.Contains(view.Themes, n.Theme) && len(data.Loose) < 30 {
				data.Loose = append(data.Loose, pickLine{viewLine: lineOf(state, view, v.now), Picked: data.picked("add", view.ID)})
			}
		}
	})
	for _, o := range data.Offices {
		o.Current = slices.Contains(typed["information"], o.Value)
		data.Told = append(data.Told, o.option)
	}
	for _, view := range data.Views {
		// A summary covers all of them unless some are taken out.
		data.Covers = append(data.Covers, pickLine{viewLine: view, Picked: data.Open != "summarise" || data.picked("summarise", view.ID)})
	}
	lines := make([]viewLine, len(data.Loose))
	for i := range lines {
		lines[i] = data.Loose[i].viewLine
	}
	if err := s.readWords(v, lines); err != nil {
		return nil, err
	}
	for i := range lines {
		data.Loose[i].viewLine = lines[i]
	}
	return data, nil
}

// picked says whether a view was ticked in one of the forms when it was sent.
func (data *needDeskView) picked(form string, view act.ID) bool {
	return data.Open == form && slices.Contains(data.Typed["view"], view.String())
}

// Removes says whether a view was ticked to be taken out.
func (data *needDeskView) Removes(view act.ID) bool { return data.picked("remove", view) }

// officesFor lists the authorities for a matter: the competent ones first, as
// suggested, then all others by name.
func officesFor(state *civic.State, themes []string, place string, v *visit, chosen string) []officeOption {
	var offices []officeOption
	seen := map[act.ID]bool{}
	for _, suggested := range state.Suggest(themes, place, v.now) {
		seen[suggested.Authority] = true
		id := suggested.Authority.String()
		offices = append(offices, officeOption{option{id, state.Names(suggested.Authority), chosen == id || chosen == "" && len(offices) == 0}, suggested.As})
	}
	var rest []option
	for _, org := range state.Organisations() {
		if org.Authority && !seen[org.ID] {
			rest = append(rest, option{org.ID.String(), state.Names(org.ID), chosen == org.ID.String()})
		}
	}
	sortByName(v.L, rest)
	for _, o := range rest {
		offices = append(offices, officeOption{o, ""})
	}
	return offices
}

// needAct adds views to a need, takes others out, summarises it, or refers it.
func (s *Server) needAct(w http.ResponseWriter, v *visit, m *member) error {
	form, err := readForm(v.r, 8000)
	if err != nil {
		return err
	}
	data, err := s.needDeskOf(v, m, form)
	if err != nil {
		return err
	}
	receipt, err := s.doNeed(v, m, data, form)
	if err != nil {
		data.Token, data.Problem = tokenAfter(form, err, data.Token), viewOf(v.L, problemOf(err))
		return s.again(w, v, err, data.deskPage(v))
	}
	return s.seeOther(w, v.r, "/desk/n/"+data.ID.String(), receipt.Position)
}

func (s *Server) doNeed(v *visit, m *member, data *needDeskView, form url.Values) (register.Receipt, error) {
	var none register.Receipt
	token, err := tokenOf(form)
	if err != nil {
		return none, err
	}
	views, trouble := idsOf(form["view"])
	if trouble != nil {
		return none, trouble
	}
	roles, content := gathererRoles, map[string]any(nil)
	var facts act.Facts
	switch data.Open {
	case "add":
		facts = &act.NeedGathered{Add: views}
	case "remove":
		facts = &act.NeedGathered{Remove: views}
	case "summarise":
		names, wrong := namesOf(form, "summary", "")
		if err := problem.Join(wrong...); err != nil {
			return none, err
		}
		facts, content = &act.NeedSummarised{Covers: views, Means: "human"}, map[string]any{"names": names}
	case "refer":
		roles = referrerRoles
		referral, err := referralOf(form)
		if err != nil {
			return none, err
		}
		facts = referral
	default:
		return none, errNoAct
	}
	if len(views) == 0 && data.Open != "refer" {
		return none, problem.New(problem.Invalid, "problem.choose").In("view")
	}
	who, err := m.actor(roles...)
	if err != nil {
		return none, err
	}
	return s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: data.ID, Facts: facts, Content: content}, token)
}

func referralOf(form url.Values) (*act.ReferralMade, error) {
	authority, err := act.ParseID(form.Get("authority"))
	if err != nil {
		return nil, problem.New(problem.Invalid, "problem.choose").In("authority")
	}
	information, trouble := idsOf(form["information"])
	if trouble != nil {
		return nil, trouble
	}
	return &act.ReferralMade{Authority: authority, Information: slices.DeleteFunc(information, func(id act.ID) bool { return id == authority })}, nil
}
