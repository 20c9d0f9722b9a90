package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// answersView lists what an office is writing, and what waits to be signed.
type answersView struct {
	Bar        deskBar
	Signs      bool
	ForSigning []draftLine
	Drafting   []draftLine
	Picks      int
	Token      string
	Did        string
	Done       int
	Failed     []failedCase
}

// draftLine is one draft in a list.
type draftLine struct {
	ID       string
	Pick     string // names it as it stood when somebody ticked it
	Names    []string
	More     int
	Cases    int
	Views    int
	Letter   string
	Author   string
	Changed  time.Time
	Clock    deadline // of the case that is due first
	Corrects bool
	Ready    bool
	Why      string // what is missing, if it is not ready
}

// namesMost is how many cases of a draft are named in a list.
const namesMost = 3

func (s *Server) answers(w http.ResponseWriter, v *visit, m *member) error {
	deskKnown(v, "did", "done")
	data, err := s.answersOf(v, m)
	if err != nil {
		return err
	}
	data.Done, _ = strconv.Atoi(v.known.Get("done"))
	if did := v.known.Get("did"); did == "discarded" {
		data.Did = did
	}
	return s.show(w, v, data.page(v))
}

func (data *answersView) page(v *visit) page {
	return deskPage("desk-answers", v.T("web.answers.title"), data)
}

func (s *Server) answersOf(v *visit, m *member) (*answersView, error) {
	if err := m.needs(officerRoles...); err != nil || !m.Authority {
		return nil, problem.New(problem.Forbidden, "problem.forbidden")
	}
	data := &answersView{Bar: m.bar("answers"), Signs: m.Is(act.RoleSigningOfficer)}
	var err error
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	drafts, err := s.answerDrafts(v, m)
	if err != nil {
		return nil, err
	}
	names, err := s.staffNames(v, m)
	if err != nil {
		return nil, err
	}
	for _, d := range drafts {
		line := draftLine{ID: d.id.String(), Pick: pickDraft(d), Letter: d.Letter, Author: names[d.author], Changed: d.changed.In(v.now.Location()),
			Cases: len(d.Cases), Corrects: !d.Corrects.IsZero()}
		s.read.View(func(state *civic.State) { line.about(state, v, d) })
		_, _, err := s.issueDraft(v, d)
		if line.Ready = err == nil; !line.Ready {
			line.Why = viewOf(v.L, problemOf(err)).Text
		}
		if d.State == draftForSigning {
			data.ForSigning = append(data.ForSigning, line)
			if line.Ready && data.Signs {
				data.Picks++
			}
		} else {
			data.Drafting = append(data.Drafting, line)
		}
	}
	return data, nil
}

func pickDraft(d *answerDraft) string { return fmt.Sprintf("%s.%d", d.id, d.version) }

// about says what a draft is about, and when the first of it is due.
func (line *draftLine) about(state *civic.State, v *visit, d *answerDraft) {
	var first civic.Clock
	for _, c := range d.Cases {
		r := state.Referral(c.Case)
		if r == nil {
			continue
		}
		line.Views += len(r.Views())
		if len(line.Names) < namesMost {
			line.Names = append(line.Names, caseName(state, v, r))
		} else {
			line.More++
		}
		if r.Answered.IsZero() && r.Answer.Running() && (!first.Running() || r.Answer.Due.Before(first.Due)) {
			first = r.Answer
		}
	}
	line.Clock = deadlineOf(state, first, v.now)
}

// signMany issues the ticked drafts: an answer for each.
func (s *Server) signMany(w http.ResponseWriter, v *visit, m *member) error {
	form, err := readForm(v.r, 1024)
	if err != nil {
		return err
	}
	if err := m.needs(act.RoleSigningOfficer); err != nil {
		return err
	}
	picks := form["pick"]
	if len(picks) > pageSize {
		return problem.New(problem.Invalid, "problem.choose_most", "n", pageSize)
	}
	var failed []failedCase
	done := 0
	for _, pick := range picks {
		name, err := s.signPick(v, m, pick)
		if err == nil {
			done++
			continue
		}
		s.note(v.r, err, problemOf(err))
		failed = append(failed, failedCase{Name: name, Why: viewOf(v.L, problemOf(err)).Text})
	}
	if len(failed) == 0 && done > 0 {
		return s.seeOther(w, v.r, "/desk/answers?done="+strconv.Itoa(done), s.read.Position()-1)
	}
	data, err := s.answersOf(v, m)
	if err != nil {
		return err
	}
	data.Done, data.Failed = done, failed
	trouble := problem.New(problem.Conflict, "problem.drafts", "n", len(failed), "done", done)
	if len(picks) == 0 {
		trouble = problem.New(problem.Invalid, "problem.no_drafts")
	}
	return s.again(w, v, trouble, data.page(v))
}

// signPick issues one draft as it stood when it was ticked.
func (s *Server) signPick(v *visit, m *member, pick string) (string, error) {
	text, _, _ := strings.Cut(pick, ".")
	id, err := act.ParseID(text)
	if err != nil {
		return "", problem.Wrap(err, problem.Invalid, "problem.content")
	}
	d, err := s.answerDraft(v, m, id)
	switch {
	case err != nil:
		return "", err
	case d == nil:
		return "", problem.New(problem.Conflict, "problem.draft_gone")
	case d.State == draftIssued:
		return "", nil // the same form, sent twice
	}
	name := ""
	s.read.View(func(state *civic.State) {
		if len(d.Cases) > 0 {
			name = caseName(state, v, state.Referral(d.Cases[0].Case))
		}
	})
	if d.State != draftForSigning || pickDraft(d) != pick {
		return name, problem.New(problem.Conflict, "problem.changed_meanwhile")
	}
	return name, s.issue(v, m, d)
}

// delegationView is who signs while the signing officer is away.
type delegationView struct {
	Bar     deskBar
	Now     []delegationLine
	Staff   []staffChoice
	Typed   url.Values
	Problem *problemView
	Token   string
	Done    bool
}

type delegationLine struct {
	Name        string
	From, Until time.Time
	Current     bool
}

type staffChoice struct {
	ID      string
	Name    string
	Roles   []act.Role
	Current bool
}

func (s *Server) delegation(w http.ResponseWriter, v *visit, m *member) error {
	deskKnown(v, "did")
	data, err := s.delegationOf(v, m, url.Values{})
	if err != nil {
		return err
	}
	data.Done = v.known.Get("did") == "delegated"
	return s.show(w, v, deskPage("desk-signing", v.T("web.signing.title"), data))
}

func (s *Server) delegationOf(v *visit, m *member, typed url.Values) (*delegationView, error) {
	if err := m.needs(act.RoleSigningOfficer); err != nil || !m.Authority {
		return nil, problem.New(problem.Forbidden, "problem.forbidden")
	}
	data := &delegationView{Bar: m.bar("answers"), Typed: typed}
	var err error
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	names, err := s.staffNames(v, m)
	if err != nil {
		return nil, err
	}
	today := v.now.Format(time.DateOnly)
	s.read.View(func(state *civic.State) {
		seen := map[act.ID]bool{m.Staff: true}
		for _, grant := range state.Grants(m.Organisation) {
			roles := state.RolesOf(m.Organisation, grant.Staff, v.now)
			if seen[grant.Staff] || len(roles) == 0 {
				continue
			}
			seen[grant.Staff] = true
			id := grant.Staff.String()
			data.Staff = append(data.Staff, staffChoice{ID: id, Name: cmp.Or(names[grant.Staff], id[len(id)-6:]), Roles: roles, Current: typed.Get("to") == id})
		}
		for _, d := range slices.Backward(state.Organisation(m.Organisation).Delegations()) {
			id := d.To.String()
			data.Now = append(data.Now, delegationLine{Name: cmp.Or(names[d.To], id[len(id)-6:]), From: day(d.From, v.now.Location()),
				Until: day(d.Until, v.now.Location()), Current: d.From <= today && today <= d.Until})
		}
	})
	return data, nil
}

// delegate lets somebody else of the office sign for some days.
func (s *Server) delegate(w http.ResponseWriter, v *visit, m *member) error {
	form, err := readForm(v.r, 1024)
	if err != nil {
		return err
	}
	token, err := tokenOf(form)
	if err != nil {
		return err
	}
	who, err := m.actor(act.RoleSigningOfficer)
	if err != nil {
		return err
	}
	facts := &act.SigningDelegated{}
	var wrong [3]*problem.Error
	if facts.To, err = act.ParseID(form.Get("to")); err != nil {
		wrong[0] = problem.New(problem.Invalid, "problem.choose").In("to")
	}
	facts.From, wrong[1] = dayOf(form, "from")
	facts.Until, wrong[2] = dayOf(form, "until")
	if wrong[1] == nil && wrong[2] == nil && facts.Until < facts.From {
		wrong[2] = problem.New(problem.Invalid, "problem.date_order").In("until")
	}
	if err = problem.Join(wrong[:]...); err == nil {
		var at int64
		receipt, refused := s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: m.Organisation, Facts: facts}, token)
		if at, err = receipt.Position, refused; err == nil {
			return s.seeOther(w, v.r, "/desk/signing?did=delegated", at)
		}
	}
	data, failed := s.delegationOf(v, m, form)
	if failed != nil {
		return errors.Join(failed, err)
	}
	data.Problem = viewOf(v.L, problemOf(err))
	return s.again(w, v, err, deskPage("desk-signing", v.T("web.signing.title"), data))
}
