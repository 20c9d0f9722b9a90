package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
)

// officeActs are the forms of an office's case, by their place in its address.
var officeActs = []string{"acknowledge", "consider", "ask", "extend", "transfer", "answer", "correct", "review"}

// compareNames orders names as a dictionary of the reader's language does.
func compareNames(v *visit, a, b act.Names) int {
	return locale.Compare(inLanguage(a.Name, v.L.Tag()), inLanguage(b.Name, v.L.Tag()))
}

// officeAct does what one of the forms of a case asks for. Whatever stands in the
// way, the case is shown as it is now, with what was typed.
func (s *Server) officeAct(w http.ResponseWriter, v *visit, m *member) error {
	name := v.r.PathValue("act")
	if !slices.Contains(officeActs, name) {
		return errNoAct
	}
	form, err := readForm(v.r, act.MaxText)
	if err != nil {
		return err
	}
	id, err := act.ParseID(v.r.PathValue("id"))
	if err != nil {
		return problem.Wrap(err, problem.NotFound, "problem.not_found")
	}
	href, position, err := s.doOffice(v, m, id, name, form)
	if err == nil {
		return s.seeOther(w, v.r, href, position)
	}
	data, failed := s.officeCaseOf(v, m)
	if failed != nil {
		return failed
	}
	trouble := problemOf(err)
	if data.Open, data.Typed = name, form; trouble.Key != "problem.token_conflict" && form.Get("token") != "" {
		data.Token = form.Get("token") // else a form that was changed after it was sent: it is another one
	}
	if !data.Offered()[name] {
		for _, field := range sortedKeys(form) {
			if text := form.Get(field); strings.ContainsAny(text, " \n") || len(text) > 40 {
				data.Kept = append(data.Kept, text)
			}
		}
	}
	data.Problem = viewOf(v.L, trouble)
	return s.again(w, v, trouble, data.page(v))
}

func (s *Server) doOffice(v *visit, m *member, id act.ID, name string, form url.Values) (string, int64, error) {
	switch name {
	case "answer":
		href, err := s.beginAnswer(v, m, form, []act.ID{id}, act.ID{})
		return href, s.read.Position() - 1, err
	case "correct":
		href, err := s.correctAnswer(v, m, id, form)
		return href, s.read.Position() - 1, err
	}
	token, err := tokenOf(form)
	if err != nil {
		return "", 0, err
	}
	roles := officerRoles
	switch name {
	case "transfer":
		roles = transferRoles
	case "review":
		roles = reviewerRoles
	}
	who, err := m.actor(roles...)
	if err != nil {
		return "", 0, err
	}
	facts, content, err := officeDraft(name, form)
	if err != nil {
		return "", 0, err
	}
	receipt, err := s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: id, Facts: facts, Content: content}, token)
	if transferred, is := facts.(*act.ReferralTransferred); is && err != nil {
		err = s.whyNotTo(id, transferred.To, err)
	}
	return "/desk/case/" + id.String() + "?did=" + name, receipt.Position, err
}

// whyNotTo puts a refused transfer down to the field of the office.
func (s *Server) whyNotTo(id, to act.ID, err error) error {
	trouble := problemOf(err)
	if trouble.Key == civic.RefusedCircular || trouble.Key == civic.RefusedNotAuthority {
		return problem.Wrap(err, problem.Conflict, trouble.Key, trouble.Params...).In("to")
	}
	return err
}

// correctAnswer begins an answer in place of the one that a case has.
func (s *Server) correctAnswer(v *visit, m *member, id act.ID, form url.Values) (string, error) {
	var last act.ID
	var ids []act.ID
	s.read.View(func(state *civic.State) {
		r := state.Referral(id)
		if r == nil || len(r.Answers) == 0 {
			return
		}
		last = r.Answers[len(r.Answers)-1]
		for _, covered := range state.Answer(last).Covers {
			other := state.Referral(covered.Case)
			if other.Authority == m.Organisation && !other.Answered.IsZero() && other.Answers[len(other.Answers)-1] == last && len(ids) < draftMost {
				ids = append(ids, other.ID)
			}
		}
	})
	if last.IsZero() {
		return "", &civic.Refusal{Key: civic.RefusedNotAnswered}
	}
	return s.beginAnswer(v, m, form, ids, last)
}

// officeDraft reads a form into the facts and sections of its act.
func officeDraft(name string, form url.Values) (act.Facts, map[string]any, error) {
	var wrong []*problem.Error
	pick := func(field string, codes []string) string {
		value, p := chosen(form, field, codes)
		wrong = append(wrong, p)
		return value
	}
	explain := func(field string) map[string]any {
		text, p := explanationOf(form, field)
		wrong = append(wrong, p)
		return map[string]any{field: text}
	}
	var facts act.Facts
	var content map[string]any
	switch name {
	case "acknowledge":
		facts = &act.ReferralAcknowledged{}
	case "consider":
		on, p := dayOf(form, "on")
		wrong = append(wrong, p)
		facts = &act.ReferralConsidered{On: on, In: pick("in", act.ConsideredIn)}
		if !act.Blank(form.Get("minutes")) {
			content = explain("minutes")
		}
	case "ask":
		facts = &act.InformationRequested{What: pick("what", act.InformationKinds), From: pick("from", act.InformationFrom)}
		content = explain("question")
	case "extend":
		days, p := between(form, "days", 1, 60)
		wrong = append(wrong, p)
		facts, content = &act.AnswerExtended{Days: days}, explain("reasons")
	case "transfer":
		to, err := act.ParseID(form.Get("to"))
		if err != nil {
			wrong = append(wrong, problem.New(problem.Invalid, "problem.choose").In("to"))
		}
		facts, content = &act.ReferralTransferred{To: to}, explain("reasons")
	default:
		facts, content = &act.ReviewDecided{Outcome: pick("outcome", []string{act.ReviewUpheld, act.ReviewReopened})}, explain("reasons")
	}
	return facts, content, problem.Join(wrong...)
}
