package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// suppliedLine is what an office needs to know of the host before it can answer.
type suppliedLine struct {
	askedLine
	Need  *needLine // what the case is about: a need
	About *viewLine // or one view
	View  act.ID    // for which of the case's views it is supplied
	May   bool
	Again bool   // it was typed, and could not be sent
	Typed string // what was
}

// askedOf lists the cases of an organisation's dialogues whose office waits for
// what a facilitator has to supply, most urgent first. What was asked for too
// long ago is not asked for any more: the office answers on what it has.
func (m *member) askedOf(state *civic.State, v *visit) []*civic.Referral {
	var asked []*civic.Referral
	for _, r := range state.Referrals() {
		if r.Info == nil || r.Info.From != "facilitator" || !r.Info.Supplied.IsZero() || r.Info.Clock.Overdue(v.now) || !r.Answered.IsZero() || supplyFor(r) == nil {
			continue
		}
		if d := state.Dialogue(r.Dialogue); d != nil && d.Host == m.Organisation {
			asked = append(asked, r)
		}
	}
	slices.SortStableFunc(asked, func(a, b *civic.Referral) int {
		if a.Info.Clock.Running() != b.Info.Clock.Running() {
			return map[bool]int{true: -1, false: 1}[a.Info.Clock.Running()]
		}
		return cmp.Or(a.Info.Clock.Due.Compare(b.Info.Clock.Due), a.Info.At.Compare(b.Info.At))
	})
	return asked
}

// supplyFor chooses the view for which a case's missing information is supplied,
// nil if none is left: a need's first whose words can be read, for whoever
// answers may read what was supplied for that one.
func supplyFor(r *civic.Referral) *civic.Statement {
	var first *civic.Statement
	for _, view := range r.Views() {
		if view.Shown() {
			return view
		}
		if first == nil && !view.Erased {
			first = view
		}
	}
	return first
}

// ask fills in what offices ask of the host. What was typed about a case that
// waits no more is kept all the same.
func (data *referView) ask(state *civic.State, m *member, v *visit, typed url.Values) {
	asked := m.askedOf(state, v)
	again := func(r *civic.Referral) bool { return r.ID.String() == typed.Get("case") }
	slices.SortStableFunc(asked, func(a, b *civic.Referral) int {
		if again(a) != again(b) { // what somebody is writing stays in sight
			return map[bool]int{true: -1, false: 1}[again(a)]
		}
		return 0
	})
	data.AskedMore = max(0, len(asked)-askedMost)
	data.Kept = typed.Get("missing")
	for _, r := range asked[:len(asked)-data.AskedMore] {
		view := supplyFor(r)
		about := caseLineOf(state, r, v.now)
		line := suppliedLine{Need: about.Need, About: about.View, View: view.ID,
			askedLine: askedLine{Case: r.ID, Office: state.Names(r.Authority), What: r.Info.What, Clock: deadlineOf(state, r.Info.Clock, v.now), act: r.Info.Act},
			May:       m.may(state, v, view.ID, &act.InformationSupplied{Case: r.ID}, act.RoleFacilitator) == nil}
		if again(r) && line.May {
			line.Again, line.Typed, data.Kept = true, data.Kept, ""
		}
		data.Asked = append(data.Asked, line)
	}
}

// askedMost is how many questions of offices one page holds.
const askedMost = 20

// readAsked reads the questions, as far as whoever looks may, and the words of
// the views that they are about.
func (s *Server) readAsked(v *visit, m *member, asked []suppliedLine) error {
	for i := range asked {
		if about := asked[i].About; about != nil {
			one := []viewLine{*about}
			if err := s.readWords(v, one); err != nil {
				return err
			}
			*about = one[0]
		}
		var err error
		if asked[i].Question, err = s.restricted(v, m, asked[i].act, "question"); err != nil {
			return err
		}
	}
	return nil
}

// supplyOffice gives an office what it asked the host for.
func (s *Server) supplyOffice(w http.ResponseWriter, v *visit, m *member) error {
	return s.referStep(w, v, m, act.MaxText, "/desk/refer?supplied=1", s.supplied)
}

func (s *Server) supplied(v *visit, m *member, form url.Values) (register.Receipt, error) {
	var none register.Receipt
	token, err := tokenOf(form)
	if err != nil {
		return none, err
	}
	who, err := m.actor(act.RoleFacilitator)
	if err != nil {
		return none, err
	}
	view, err := act.ParseID(form.Get("view"))
	if err != nil {
		return none, problem.Wrap(err, problem.Invalid, "problem.content")
	}
	id, err := act.ParseID(form.Get("case"))
	if err != nil {
		return none, problem.Wrap(err, problem.Invalid, "problem.content")
	}
	text, trouble := explanationOf(form, "missing")
	if trouble != nil {
		return none, trouble
	}
	return s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: view, Facts: &act.InformationSupplied{Case: id}, Content: map[string]any{"text": text}}, token)
}
