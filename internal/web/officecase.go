package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// officeCase is one case as an office works on it. Everything on it is public
// but what was asked for and supplied; who said a view is nowhere on it.
type officeCase struct {
	Bar       deskBar
	Line      caseLine
	Ours      bool
	Themes    []act.Names
	Place     act.Names
	Views     []viewLine
	ViewsMore int
	Host      act.Names
	Told      []act.Names // offices that are told of it
	// Acknowledge and Answer are its clocks; First is when the answer was due at
	// first, zero where that still holds.
	Acknowledge, Answer deadline
	First               time.Time
	Extended            bool
	Info                *infoView
	Answers             []answerLine
	Similar             []answerLine
	Events              []event
	Now                 []running // none: the clocks stand above
	Escalated           []escalatedLine
	Review              *reviewView
	Plans               []commitmentLine

	Offers    caseOffers
	Offices   []officeChoice
	What      []option
	In        []option
	InformDue time.Time // by when what is missing would have to be supplied
	InformBy  string    // who is asked
	Today     string

	Token   string
	Open    string
	Typed   url.Values
	Kept    []string
	Problem *problemView
	Did     string
	Draft   string // the draft of an answer that covers it
	At      time.Time
	Log     int64

	id act.ID
}

// caseOffers are the acts that the rules would let somebody do to a case now.
type caseOffers struct {
	Acknowledge, Consider, Ask, Extend, Transfer, Answer, Correct, Review, Promise bool
}

// Offered tells by the name of a form whether it is on the page.
func (data *officeCase) Offered() map[string]bool {
	o := data.Offers
	return map[string]bool{"acknowledge": o.Acknowledge, "consider": o.Consider, "ask": o.Ask, "extend": o.Extend, "transfer": o.Transfer,
		"answer": o.Answer, "correct": o.Correct, "review": o.Review}
}

// infoView is what was asked for, and what came.
type infoView struct {
	What, From string
	Question   string
	At         time.Time
	Clock      deadline
	Lapsed     bool
	Supplied   time.Time
	Texts      []string
	act        act.ID
	supplied   []act.ID
}

type escalatedLine struct {
	At    time.Time
	Level int
	To    []act.Names
}

// reviewView is the second look that somebody's "no" asked for.
type reviewView struct {
	Reason  string
	Outcome string
	Clock   deadline
	Code    act.Code
	act     act.ID
}

// officeChoice is an office to which a case may be handed on. Had says that it
// had the case before, so that it cannot have it again.
type officeChoice struct {
	ID      string
	Names   act.Names
	As      string
	Had     bool
	Current bool
}

// caseViewsMost is how many views of a case stand on its page.
const caseViewsMost = 50

func (s *Server) openOfficeCase(w http.ResponseWriter, v *visit, m *member) error {
	deskKnown(v, "did")
	data, err := s.officeCaseOf(v, m)
	if err != nil {
		return err
	}
	if did := v.known.Get("did"); slices.Contains(officeActs, did) {
		data.Did = did
	}
	return s.show(w, v, data.page(v))
}

func (data *officeCase) page(v *visit) page {
	return deskPage("desk-office-case", v.T("web.office.title"), data)
}

// officeCaseOf gathers a case as it stands now, for whoever looks at it.
func (s *Server) officeCaseOf(v *visit, m *member) (*officeCase, error) {
	id, err := act.ParseID(v.r.PathValue("id"))
	if err != nil {
		return nil, problem.Wrap(err, problem.NotFound, "problem.not_found")
	}
	data := &officeCase{Bar: m.bar("cases"), Typed: url.Values{}, At: v.now, Today: v.now.Format(time.DateOnly), id: id,
		What: codeOptions(act.InformationKinds, ""), In: codeOptions(act.ConsideredIn, "")}
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	known := false
	s.read.View(func(state *civic.State) {
		if r := state.Referral(id); r != nil {
			known = true
			data.fill(state, r, m, v)
			data.offer(state, r, m, v)
		}
	})
	if !known {
		return nil, problem.New(problem.NotFound, civic.RefusedCase)
	}
	if m.Authority && data.Ours {
		drafts, err := s.answerDrafts(v, m)
		if err != nil {
			return nil, err
		}
		for _, d := range drafts {
			if d.caseOf(id) != nil {
				data.Draft = d.id.String()
			}
		}
	}
	return data, s.readOfficeCase(v, m, data)
}

func (data *officeCase) fill(state *civic.State, r *civic.Referral, m *member, v *visit) {
	zone := v.now.Location()
	data.Line, data.Ours, data.Log = caseLineOf(state, r, v.now), r.Authority == m.Organisation, state.Position()
	themes, place := r.Matter(state)
	for _, theme := range themes {
		data.Themes = append(data.Themes, themeNames(state, theme))
	}
	if p := state.Place(place); p != nil {
		data.Place = state.Names(p.ID)
	}
	if d := state.Dialogue(r.Dialogue); d != nil {
		data.Host = state.Names(d.Host)
	}
	for _, office := range r.Information {
		data.Told = append(data.Told, state.Names(office))
	}
	views := r.Views()
	data.ViewsMore = max(0, len(views)-caseViewsMost)
	for _, view := range views[:len(views)-data.ViewsMore] {
		data.Views = append(data.Views, lineOf(state, view, v.now))
	}
	if r.Acknowledged.IsZero() {
		data.Acknowledge = deadlineOf(state, r.Acknowledge, v.now)
	}
	if r.Answered.IsZero() {
		data.Answer = deadlineOf(state, r.Answer, v.now)
	}
	if !r.FirstDue.Equal(r.Answer.Due) {
		data.First = r.FirstDue.AddDate(0, 0, -1)
	}
	data.Extended = r.Extended
	for _, e := range r.Escalations {
		line := escalatedLine{At: e.At.In(zone), Level: e.Level}
		for _, to := range e.To {
			line.To = append(line.To, state.Names(to))
		}
		data.Escalated = append(data.Escalated, line)
	}
	for _, e := range r.Events {
		data.Events = append(data.Events, eventOf(state, e, v.now))
	}
	for _, answer := range slices.Backward(r.Answers) {
		data.Answers = append(data.Answers, answerLineOf(state, state.Answer(answer), r, v.now))
	}
	if data.Ours {
		data.Similar = similar(state, m, r, v)
	}
	data.info(state, r, v)
	if r.Review != nil {
		data.Review = &reviewView{Outcome: r.Review.Outcome, Clock: deadlineOf(state, r.Review.Clock, v.now), Code: state.Code(r.Review.Statement), act: r.Review.Act}
	}
	if n := r.Need(); n != nil {
		for _, c := range n.Commitments() {
			data.Plans = append(data.Plans, commitmentLineOf(state, c, data.Today, v.now))
		}
	}
}

func (data *officeCase) info(state *civic.State, r *civic.Referral, v *visit) {
	if r.Info == nil {
		return
	}
	zone := v.now.Location()
	data.Info = &infoView{What: r.Info.What, From: r.Info.From, At: r.Info.At.In(zone), act: r.Info.Act}
	for _, e := range r.Events {
		if e.Kind == act.KindInformationSupplied {
			data.Info.supplied = append(data.Info.supplied, e.Act)
		}
	}
	switch {
	case !r.Info.Supplied.IsZero():
		data.Info.Supplied = r.Info.Supplied.In(zone)
	default:
		data.Info.Clock = deadlineOf(state, r.Info.Clock, v.now)
		data.Info.Lapsed = r.Info.Clock.Overdue(v.now)
	}
}

// offer asks the rules what whoever looks may do now.
func (data *officeCase) offer(state *civic.State, r *civic.Referral, m *member, v *visit) {
	may := func(facts act.Facts, roles ...act.Role) bool { return m.may(state, v, r.ID, facts, roles...) == nil }
	o := &data.Offers
	o.Acknowledge = may(&act.ReferralAcknowledged{}, officerRoles...)
	o.Consider = may(&act.ReferralConsidered{On: data.Today, In: "file"}, officerRoles...)
	o.Ask = may(&act.InformationRequested{What: "place", From: "holder"}, officerRoles...)
	o.Extend = may(&act.AnswerExtended{Days: 1}, officerRoles...) && r.Answer.Running()
	o.Review = may(&act.ReviewDecided{Outcome: act.ReviewUpheld}, reviewerRoles...)
	officer := data.Ours && m.Authority && m.Is(officerRoles...)
	o.Answer = officer && r.Answered.IsZero()
	o.Correct = officer && !r.Answered.IsZero() && len(r.Answers) > 0
	o.Promise = officer && r.Need() != nil
	data.offices(state, r, v)
	for _, office := range data.Offices {
		to, _ := act.ParseID(office.ID)
		if !office.Had && may(&act.ReferralTransferred{To: to}, transferRoles...) {
			o.Transfer = true
			break
		}
	}
	if days, has := state.PolicyOf(r.Authority)[act.StepInform]; has && o.Ask {
		data.InformDue = state.After(v.now, days)
	}
	data.InformBy = "holder"
}

// transferRoles hand cases on.
var transferRoles = []act.Role{act.RoleFocalPoint, act.RoleSigningOfficer, act.RoleReferrer, act.RoleFacilitator}

// offices lists to whom the case may be handed on: who is competent first, those
// that had it before with why they cannot have it again.
func (data *officeCase) offices(state *civic.State, r *civic.Referral, v *visit) {
	themes, place := r.Matter(state)
	seen := map[act.ID]bool{r.Authority: true}
	add := func(id act.ID, as string) {
		if !seen[id] {
			seen[id] = true
			data.Offices = append(data.Offices, officeChoice{ID: id.String(), Names: state.Names(id), As: as, Had: slices.Contains(r.Held, id)})
		}
	}
	for _, suggested := range state.Suggest(themes, place, v.now) {
		add(suggested.Authority, suggested.As)
	}
	first := len(data.Offices)
	for _, org := range state.Organisations() {
		if org.Authority {
			add(org.ID, "")
		}
	}
	slices.SortStableFunc(data.Offices[first:], func(a, b officeChoice) int {
		return compareNames(v, a.Names, b.Names)
	})
}

// readOfficeCase fills in words: what is public, and what was asked for and
// supplied as far as whoever looks may read it.
func (s *Server) readOfficeCase(v *visit, m *member, data *officeCase) error {
	one := []caseLine{data.Line}
	err := errors.Join(s.readCases(v, one), s.readWords(v, data.Views), s.readAnswers(v, data.Answers), s.readAnswers(v, data.Similar), s.readPlans(v, data.Plans))
	if err != nil {
		return err
	}
	data.Line = one[0]
	way := &threadView{Events: data.Events}
	if err := s.complete(v, way); err != nil {
		return err
	}
	data.Events = way.Events
	if data.Info != nil {
		if data.Info.Question, err = s.restricted(v, m, data.Info.act, "question"); err != nil {
			return err
		}
		for _, id := range data.Info.supplied {
			text, err := s.restricted(v, m, id, "text")
			if err != nil {
				return err
			}
			if text != "" {
				data.Info.Texts = append(data.Info.Texts, text)
			}
		}
	}
	if data.Review != nil {
		data.Review.Reason, err = s.restricted(v, m, data.Review.act, "reason")
	}
	return err
}

// restricted reads words that are not for everybody; "" where they are not for
// whoever looks.
func (s *Server) restricted(v *visit, m *member, id act.ID, section string) (string, error) {
	var text act.Explanation
	_, err := s.readAs(v, m, civic.SectionRef{Act: id, Name: section}, &text)
	if errors.Is(err, register.ErrNotFound) {
		return "", nil
	}
	return text.Text, err
}
