package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// referView answers: what does an office ask of us, what has to be passed to
// which office, and who has to be told what became of it?
type referView struct {
	Bar       deskBar
	Asked     []suppliedLine
	AskedMore int
	Kept      string // what was typed about a case that waits no more
	Supplied  bool
	Refers    bool
	Tells     bool
	Views     []referLine
	Found     int
	Pager     pager
	Dialogues []dialogueLine
	Told      []toldLine
	ToldMore  int
	Token     string
	Problem   *problemView
	Done      int
	Failed    []failedPick
}

// referLine is a view that waits to be passed on.
type referLine struct {
	viewLine
	Offices []officeOption
	Picked  bool
}

// toldLine is an answer that nobody has read back to somebody without a phone.
type toldLine struct {
	viewLine
	Answer answerLine
}

// toldMost is how many answers to read back one page holds.
const toldMost = 20

func (s *Server) referDesk(w http.ResponseWriter, v *visit, m *member) error {
	deskKnown(v, "page")
	data, err := s.referOf(v, m, url.Values{})
	if err != nil {
		return err
	}
	data.Done, _ = strconv.Atoi(v.r.URL.Query().Get("done"))
	data.Supplied = v.r.URL.Query().Get("supplied") != ""
	return s.show(w, v, data.page(v))
}

func (data *referView) page(v *visit) page {
	return deskPage("desk-refer", v.T("web.refer.title"), data)
}

func (s *Server) referOf(v *visit, m *member, typed url.Values) (*referView, error) {
	if err := m.needs(gathererRoles...); err != nil {
		return nil, err
	}
	data := &referView{Bar: m.bar("refer"), Refers: m.Is(referrerRoles...), Tells: m.Is(recorderRoles...)}
	var err error
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	s.read.View(func(state *civic.State) {
		data.ask(state, m, v, typed)
		data.fill(state, m, v, typed)
	})
	if err := s.readAsked(v, m, data.Asked); err != nil {
		return nil, err
	}
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
	for i := range data.Told {
		one, answer := []viewLine{data.Told[i].viewLine}, []answerLine{data.Told[i].Answer}
		if err := errors.Join(s.readWords(v, one), s.readAnswers(v, answer)); err != nil {
			return nil, err
		}
		data.Told[i].viewLine, data.Told[i].Answer = one[0], answer[0]
	}
	return data, nil
}

func (data *referView) fill(state *civic.State, m *member, v *visit, typed url.Values) {
	var waiting []*civic.Statement
	due := map[act.ID]time.Time{}
	for _, d := range state.Dialogues() {
		if d.Host != m.Organisation {
			continue
		}
		data.Dialogues = append(data.Dialogues, dialogueLineOf(state, d))
		for _, view := range d.Statements() {
			standing, clock := view.Standing(v.now)
			if standing == civic.DispNotYetReferred {
				waiting, due[view.ID] = append(waiting, view), clock.Due
			}
			if view.AwaitsTelling() {
				data.tell(state, view, v)
			}
		}
	}
	picked := func(view *civic.Statement) bool { return slices.Contains(typed["pick"], view.ID.String()) }
	slices.SortStableFunc(waiting, func(a, b *civic.Statement) int {
		if picked(a) != picked(b) { // what is still ticked stays in sight
			return map[bool]int{true: -1, false: 1}[picked(a)]
		}
		return due[a.ID].Compare(due[b.ID])
	})
	data.Found = len(waiting)
	data.Pager = pagerOf("/desk/refer", v.known, len(waiting))
	for _, view := range waiting[data.Pager.First-1 : data.Pager.Last] {
		place := view.Place
		if place == "" {
			place = state.Dialogue(view.Dialogue).Place
		}
		data.Views = append(data.Views, referLine{lineOf(state, view, v.now), officesFor(state, view.Themes, place, v, typed.Get("authority_"+view.ID.String())), picked(view)})
	}
}

func (data *referView) tell(state *civic.State, view *civic.Statement, v *visit) {
	if len(data.Told) >= toldMost {
		data.ToldMore++
		return
	}
	for _, r := range view.Referrals() {
		if r.Answered.IsZero() || len(r.Answers) == 0 {
			continue
		}
		last := r.Answers[len(r.Answers)-1]
		if !slices.ContainsFunc(view.Told, func(t civic.Telling) bool { return t.Answer == last }) {
			data.Told = append(data.Told, toldLine{viewLine: lineOf(state, view, v.now), Answer: answerLineOf(state, state.Answer(last), r, v.now)})
			return
		}
	}
}

// referMany passes the ticked views on, each to the office that was chosen for
// it, an act each. What cannot be passed on stays ticked, with why.
func (s *Server) referMany(w http.ResponseWriter, v *visit, m *member) error {
	form, err := readForm(v.r, 100)
	if err != nil {
		return err
	}
	done, last, failed, err := s.passOn(v, m, form)
	if err == nil && len(failed) == 0 {
		return s.seeOther(w, v.r, "/desk/refer?done="+strconv.Itoa(done), last)
	}
	if err == nil {
		err = problem.New(problem.Conflict, "problem.referrals", "n", len(failed), "done", done)
	}
	data, wrong := s.referOf(v, m, form)
	if wrong != nil {
		return wrong
	}
	data.Done, data.Failed, data.Problem = done, failed, viewOf(v.L, problemOf(err))
	return s.again(w, v, err, data.page(v))
}

// passOn passes views on; last is the log's position of the last.
func (s *Server) passOn(v *visit, m *member, form url.Values) (done int, last int64, failed []failedPick, err error) {
	token, err := tokenOf(form)
	if err != nil {
		return 0, 0, nil, err
	}
	who, err := m.actor(referrerRoles...)
	if err != nil {
		return 0, 0, nil, err
	}
	picks, trouble := idsOf(form["pick"])
	switch {
	case trouble != nil:
		return 0, 0, nil, trouble
	case len(picks) == 0:
		return 0, 0, nil, problem.New(problem.Invalid, "problem.no_referrals")
	case len(picks) > pageSize:
		return 0, 0, nil, problem.New(problem.Invalid, "problem.choose_most", "n", pageSize)
	}
	for _, id := range picks {
		authority, err := act.ParseID(form.Get("authority_" + id.String()))
		if err != nil {
			err = problem.New(problem.Invalid, "problem.choose")
		} else {
			// Each has a token of its own, which follows from the form's: sent
			// again, each is the same act.
			var receipt register.Receipt
			receipt, err = s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: id, Facts: &act.ReferralMade{Authority: authority}}, derived(*token, "refer "+id.String()))
			last = max(last, receipt.Position)
		}
		if err == nil {
			done++
			continue
		}
		trouble := problemOf(err)
		if trouble.Kind == problem.Unavailable {
			return done, last, failed, err
		}
		var code act.Code
		s.read.View(func(state *civic.State) { code = state.Code(id) })
		failed = append(failed, failedPick{Code: code, Why: v.T(trouble.Key, trouble.Params...)})
	}
	return done, last, failed, nil
}

// tellHolder records that an answer was read back.
func (s *Server) tellHolder(w http.ResponseWriter, v *visit, m *member) error {
	return s.referStep(w, v, m, 100, "/desk/refer", s.told)
}

// referStep takes a form of the page that does one act; one that is refused is
// shown again with what was typed.
func (s *Server) referStep(w http.ResponseWriter, v *visit, m *member, limit int, next string,
	do func(*visit, *member, url.Values) (register.Receipt, error)) error {
	form, err := readForm(v.r, limit)
	if err != nil {
		return err
	}
	receipt, err := do(v, m, form)
	if err != nil {
		data, failed := s.referOf(v, m, form)
		if failed != nil {
			return failed
		}
		data.Problem, data.Token = viewOf(v.L, problemOf(err)), tokenAfter(form, err, data.Token)
		return s.again(w, v, err, data.page(v))
	}
	return s.seeOther(w, v.r, next, receipt.Position)
}

func (s *Server) told(v *visit, m *member, form url.Values) (register.Receipt, error) {
	var none register.Receipt
	token, err := tokenOf(form)
	if err != nil {
		return none, err
	}
	who, err := m.actor(recorderRoles...)
	if err != nil {
		return none, err
	}
	id, err := act.ParseID(form.Get("view"))
	if err != nil {
		return none, problem.Wrap(err, problem.Invalid, "problem.content")
	}
	answer, err := act.ParseID(form.Get("answer"))
	if err != nil {
		return none, problem.Wrap(err, problem.Invalid, "problem.content")
	}
	means, trouble := chosen(form, "means", act.TellingMeans)
	if trouble != nil {
		return none, trouble
	}
	return s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: id, Facts: &act.HolderTold{Answer: answer, Means: means}}, token)
}
