package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// officerRoles act on an office's cases; the first one that somebody has is
// the one that they act in. reviewerRoles take second looks.
var (
	officerRoles  = []act.Role{act.RoleFocalPoint, act.RoleSigningOfficer}
	reviewerRoles = []act.Role{act.RoleSigningOfficer, act.RoleMonitor, act.RoleBoard}
)

// casesFilters are the query parameters of an office's list of cases.
var casesFilters = []string{"show", "theme", "place", "dialogue", "page", "done"}

// What an office's list can be narrowed to, codes of "show". The first is what
// it shows by itself.
const (
	showOpen        = "open"
	showAcknowledge = "acknowledge"
	showAnswer      = "answer"
	showMissing     = "information"
	showSoon        = "soon"
	showLate        = "late"
	showEscalated   = "escalated"
	showReview      = "review"
	showAnswered    = "answered"
	showPassed      = "passed_on"
)

var caseShows = []string{showOpen, showLate, showSoon, showAcknowledge, showAnswer, showMissing, showEscalated, showReview, showAnswered, showPassed}

// soonDays is how many working days ahead "due soon" looks. It is for the desk
// alone: to the public a case is on time or late.
const soonDays = 3

// casesView answers: what does our office have to do next?
type casesView struct {
	Bar        deskBar
	Officer    bool
	Counts     []caseCount
	Open, Late int
	Soon       int
	Found      int
	Show       string
	Filtered   bool
	Themes     []option
	Places     []option
	Dialogues  []option
	Rows       []caseRow
	Picks      int
	Pager      pager
	Token      string
	Done       int
	Failed     []failedCase
	Drafts     int
	ForSigning int
	At         time.Time
	Position   int64
}

type caseCount struct {
	Show    string
	N, Late int
	Current bool
}

type failedCase struct {
	Case act.ID
	Name string
	Why  string
}

// caseRow is one case with what its next act is.
type caseRow struct {
	caseLine
	Next  string // a code of "next"
	Pick  bool
	Ours  bool
	Draft string // the draft that covers it
}

// workCase is a case as the list sorts and filters it.
type workCase struct {
	r     *civic.Referral
	shows []string
	clock civic.Clock
	late  bool
	next  string
	ours  bool
}

// workOf tells what a case is to whoever looks: under which heads of the list it
// stands, and what the next act is. It gives none where it is nothing to them.
func (m *member) workOf(state *civic.State, v *visit, r *civic.Referral) (workCase, bool) {
	standing, clock := r.Standing(v.now)
	w := workCase{r: r, clock: clock, late: clock.Overdue(v.now), ours: r.Authority == m.Organisation, next: "nothing"}
	if standing == civic.DispErased {
		return w, false
	}
	add := func(show string) { w.shows = append(w.shows, show) }
	looks := r.Review != nil && r.Review.Outcome == ""
	if looks && m.may(state, v, r.ID, &act.ReviewDecided{Outcome: act.ReviewUpheld}, reviewerRoles...) == nil {
		w.next = "review"
		add(showReview)
		return w, true
	}
	if !w.ours {
		switch {
		case r.Answered.IsZero() && slices.ContainsFunc(r.Escalations, func(e civic.Escalation) bool { return slices.Contains(e.To, m.Organisation) }):
			w.next = "escalated"
			add(showEscalated)
		case slices.Contains(r.Held, m.Organisation):
			add(showPassed)
		}
		return w, len(w.shows) > 0
	}
	switch {
	case looks:
		w.next = "second_look"
		add(showAnswered)
		return w, true
	case standing == civic.DispAnswered:
		add(showAnswered)
		return w, true
	case standing == civic.DispWaiting:
		w.next = "acknowledge"
		add(showAcknowledge)
	case standing == civic.DispNeedsInformation:
		w.next = "wait"
		add(showMissing)
	default:
		w.next = "answer"
	}
	add(showOpen)
	if standing != civic.DispNeedsInformation {
		add(showAnswer)
		switch {
		case w.late:
			add(showLate)
		case clock.Running() && state.WorkingDays(v.now, clock.LastDay()) <= soonDays:
			add(showSoon)
		}
	}
	return w, true
}

// work lists all that an office has to do with, most urgent first: what is late,
// then by the day that it is due.
func (m *member) work(state *civic.State, v *visit) []workCase {
	var all []workCase
	for _, r := range state.Referrals() {
		if w, is := m.workOf(state, v, r); is {
			all = append(all, w)
		}
	}
	rank := func(w workCase) int {
		switch {
		case w.late:
			return 0
		case w.clock.Running():
			return 1
		}
		return 2
	}
	slices.SortStableFunc(all, func(a, b workCase) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), a.clock.Due.Compare(b.clock.Due), b.r.Answered.Compare(a.r.Answered))
	})
	return all
}

// seesCases reports whether there is a list of cases for them: of a public
// authority's staff, and of who takes second looks.
func (m *member) seesCases() bool { return m.Authority || m.Is(reviewerRoles...) }

func (s *Server) cases(w http.ResponseWriter, v *visit, m *member) error {
	deskKnown(v, casesFilters...)
	if !m.seesCases() {
		return problem.New(problem.Forbidden, "problem.forbidden")
	}
	data, err := s.casesOf(v, m, v.known)
	if err != nil {
		return err
	}
	data.Done, _ = strconv.Atoi(v.known.Get("done"))
	return s.show(w, v, data.page(v))
}

func (data *casesView) page(v *visit) page {
	return deskPage("desk-cases", v.T("web.cases.title"), data)
}

func (s *Server) casesOf(v *visit, m *member, known url.Values) (*casesView, error) {
	data := &casesView{Bar: m.bar("cases"), Officer: m.Authority && m.Is(officerRoles...), At: v.now, Show: known.Get("show")}
	if !slices.Contains(caseShows, data.Show) {
		data.Show = showOpen
		if !m.Authority {
			data.Show = showReview
		}
	}
	var err error
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	drafts := map[act.ID]string{}
	if m.Authority {
		all, err := s.answerDrafts(v, m)
		if err != nil {
			return nil, err
		}
		for _, d := range all {
			data.Drafts++
			if d.State == draftForSigning {
				data.ForSigning++
			}
			for _, c := range d.Cases {
				drafts[c.Case] = d.id.String()
			}
		}
	}
	s.read.View(func(state *civic.State) {
		data.Position = state.Position()
		all := m.work(state, v)
		data.count(all)
		data.options(state, all, known)
		all = slices.DeleteFunc(all, func(w workCase) bool { return !slices.Contains(w.shows, data.Show) || !fitsCase(state, w, known) })
		data.Found, data.Filtered = len(all), known.Get("theme")+known.Get("place")+known.Get("dialogue") != ""
		data.Pager = pagerOf("/desk/cases", known, len(all))
		for _, w := range all[data.Pager.First-1 : data.Pager.Last] {
			row := caseRow{caseLine: caseLineOf(state, w.r, v.now), Next: w.next, Ours: w.ours, Draft: drafts[w.r.ID]}
			if row.Pick = data.Officer && w.ours && w.r.Answered.IsZero(); row.Pick {
				data.Picks++
			}
			data.Rows = append(data.Rows, row)
		}
	})
	for i := range data.Rows {
		one := []caseLine{data.Rows[i].caseLine}
		if err := s.readCases(v, one); err != nil {
			return nil, err
		}
		data.Rows[i].caseLine = one[0]
	}
	return data, nil
}

func (data *casesView) count(all []workCase) {
	for _, show := range caseShows {
		c := caseCount{Show: show, Current: show == data.Show}
		for _, w := range all {
			if slices.Contains(w.shows, show) {
				c.N++
				if w.late {
					c.Late++
				}
			}
		}
		switch show {
		case showOpen:
			data.Open = c.N
		case showLate:
			data.Late, c.Late = c.N, 0
		case showSoon:
			data.Soon = c.N
		}
		if c.N > 0 || c.Current || show == showOpen && data.Bar.Authority {
			data.Counts = append(data.Counts, c)
		}
	}
}

// options offers to filter by what the list holds.
func (data *casesView) options(state *civic.State, all []workCase, known url.Values) {
	dialogues, themes, places := map[act.ID]bool{}, map[string]bool{}, map[string]bool{}
	for _, w := range all {
		dialogues[w.r.Dialogue] = true
		matter, place := w.r.Matter(state)
		for _, theme := range matter {
			themes[theme] = true
		}
		places[place] = true
	}
	for _, d := range state.Dialogues() {
		if dialogues[d.ID] {
			data.Dialogues = append(data.Dialogues, option{d.Slug, state.Names(d.ID), known.Get("dialogue") == d.Slug})
		}
	}
	for _, theme := range state.Themes() {
		if themes[theme] {
			data.Themes = append(data.Themes, option{theme, themeNames(state, theme), known.Get("theme") == theme})
		}
	}
	for _, place := range state.Places(0) {
		if places[place.Code] {
			data.Places = append(data.Places, option{place.Code, state.Names(place.ID), known.Get("place") == place.Code})
		}
	}
}

func fitsCase(state *civic.State, w workCase, known url.Values) bool {
	themes, at := w.r.Matter(state)
	dialogue, theme, place := known.Get("dialogue"), known.Get("theme"), known.Get("place")
	return (dialogue == "" || state.Dialogue(w.r.Dialogue).Slug == dialogue) && (theme == "" || slices.Contains(themes, theme)) &&
		(place == "" || at != "" && state.Within(at, place))
}

// acknowledgeMany confirms that the ticked cases arrived: an act for each.
func (s *Server) acknowledgeMany(w http.ResponseWriter, v *visit, m *member) error {
	form, err := readForm(v.r, 1024)
	if err != nil {
		return err
	}
	token, err := tokenOf(form)
	if err != nil {
		return err
	}
	who, err := m.actor(officerRoles...)
	if err != nil {
		return err
	}
	picks := form["pick"]
	if len(picks) > pageSize {
		return problem.New(problem.Invalid, "problem.choose_most", "n", pageSize)
	}
	var failed []failedCase
	var last int64
	done := 0
	for _, pick := range picks {
		id, err := act.ParseID(pick)
		if err == nil {
			var at int64
			receipt, refused := s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: id, Facts: &act.ReferralAcknowledged{}}, derived(*token, pick))
			if at, err = receipt.Position, refused; err == nil {
				done, last = done+1, max(last, at)
				continue
			}
		} else {
			err = &civic.Refusal{Key: civic.RefusedCase}
		}
		s.note(v.r, err, problemOf(err))
		failed = append(failed, failedCase{Case: id, Why: viewOf(v.L, problemOf(err)).Text})
	}
	if len(failed) == 0 && done > 0 {
		return s.seeOther(w, v.r, "/desk/cases?done="+strconv.Itoa(done), last)
	}
	data, err := s.casesOf(v, m, url.Values{})
	if err != nil {
		return err
	}
	data.Done, data.Failed = done, failed
	s.nameFailed(v, data.Failed)
	trouble := problem.New(problem.Conflict, "problem.cases", "n", len(failed), "done", done)
	if len(picks) == 0 {
		trouble = problem.New(problem.Invalid, "problem.no_cases")
	}
	return s.again(w, v, trouble, data.page(v))
}

// nameFailed says what the cases are about with which something went wrong.
func (s *Server) nameFailed(v *visit, failed []failedCase) {
	s.read.View(func(state *civic.State) {
		for i := range failed {
			failed[i].Name = caseName(state, v, state.Referral(failed[i].Case))
		}
	})
}

// caseName is a case in a few words: its need's name, or its view's code.
func caseName(state *civic.State, v *visit, r *civic.Referral) string {
	switch {
	case r == nil:
		return ""
	case r.Need() != nil:
		return inLanguage(state.Names(r.Need().ID).Name, v.L.Tag())
	}
	return string(state.Code(r.Of))
}
