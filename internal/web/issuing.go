package web

import (
	"fmt"
	"net/url"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// answerStep does what a button of a draft says, after the draft was kept.
func (s *Server) answerStep(v *visit, m *member, d *answerDraft, step string, form *evidenceForm) (string, error) {
	switch step {
	case "discard":
		return "", confirmed(form.Values)
	case "send":
		if _, _, err := s.issueDraft(v, d); err != nil {
			return "", err
		}
		d.State = draftForSigning
		return "sent", s.saveDraft(v, m, d)
	case "back":
		d.State = draftDrafting
		return "back", s.saveDraft(v, m, d)
	case "issue":
		return draftIssued, s.issue(v, m, d)
	}
	return "saved", nil
}

// issue signs a draft: it becomes an answer. The act's token follows from the
// draft's version and who signs, so that signing twice issues once.
func (s *Server) issue(v *visit, m *member, d *answerDraft) error {
	who, err := m.actor(act.RoleSigningOfficer)
	if err != nil {
		return err
	}
	facts, content, err := s.issueDraft(v, d)
	if err != nil {
		return err
	}
	token := s.register.TokenFor(d.id, fmt.Sprintf("answer v%d by %s", d.version, m.Staff))
	receipt, err := s.register.Submit(v.r.Context(), who, act.Draft{By: who.By, Of: m.Organisation, Facts: facts, Content: content}, &token)
	if err != nil {
		return err
	}
	// What stays of the draft leads whoever sends the form again to the answer.
	words := d.digest()
	d.Answer = receipt.Act
	stub := &answerDraft{Kind: "answer", State: draftIssued, Answer: receipt.Act, Corrects: d.Corrects, Words: words, id: d.id, version: d.version}
	if err := s.saveDraft(v, m, stub); err != nil && problemOf(err).Key != "problem.draft_changed" {
		return err
	}
	return s.forgetIssued(v, m)
}

// issuedKept is for how long what stays of an issued draft is kept: longer than
// anybody tries to send a form again.
const issuedKept = 7 * 24 * time.Hour

// forgetIssued removes what stays of drafts that were issued long ago.
func (s *Server) forgetIssued(v *visit, m *member) error {
	stored, err := s.register.Drafts(v.r.Context(), m.Organisation)
	if err != nil {
		return err
	}
	for _, one := range stored {
		d, err := openAnswer(one)
		if err != nil {
			return err
		}
		if d.Kind == "answer" && d.State == draftIssued && v.now.Sub(d.changed) > issuedKept {
			if err := s.register.DropDraft(v.r.Context(), m.Organisation, d.id); err != nil {
				return err
			}
		}
	}
	return nil
}

// issueDraft makes the act of a draft. It says what is missing, field by field.
func (s *Server) issueDraft(v *visit, d *answerDraft) (*act.AnswerIssued, map[string]any, error) {
	var wrong []*problem.Error
	add := func(p *problem.Error) { wrong = append(wrong, p) }
	form := url.Values{"position": {d.Position}, "in": {d.In}, "on": {d.On}}
	facts := &act.AnswerIssued{}
	var p *problem.Error
	if facts.Position = d.Position; d.Position == "" {
		add(problem.New(problem.Invalid, "problem.choose").In("position"))
	}
	facts.ConsideredOn, p = dayOf(form, "on")
	add(p)
	if p == nil && facts.ConsideredOn > v.now.Format(time.DateOnly) {
		add(problem.New(problem.Invalid, civic.RefusedFuture).In("on"))
	}
	facts.ConsideredIn, p = chosen(form, "in", act.ConsideredIn)
	add(p)
	if !d.Corrects.IsZero() {
		facts.Corrects = &d.Corrects
	}
	if len(d.Cases) == 0 {
		add(problem.New(problem.Invalid, "problem.no_cases"))
	}
	reasons := &act.Reasons{Letter: trimmed(d.Letter), Review: trimmed(d.Review)}
	for _, c := range d.Cases {
		id := c.Case.String()
		decision, p := chosen(url.Values{"decision_" + id: {c.Decision}}, "decision_"+id, act.Decisions)
		add(p)
		add(d.reasonsProblem(c))
		if basis := trimmed(c.Basis); basis != "" {
			add(wordsProblem("basis_"+id, basis, 0, act.MostReason))
		}
		facts.Covers = append(facts.Covers, act.Covered{Case: c.Case, Decision: decision})
		reasons.Cases = append(reasons.Cases, act.CaseReasons{Case: c.Case, Text: d.Whole(c), Basis: trimmed(c.Basis)})
	}
	for _, field := range []struct {
		name, text string
		most       int
	}{{"letter", reasons.Letter, 200}, {"review", reasons.Review, act.MostReason}, {"common", trimmed(d.Common), act.MostReason}, {"evidence", trimmed(d.Evidence), act.MostReason}} {
		if field.text != "" {
			add(wordsProblem(field.name, field.text, 0, field.most))
		}
	}
	content := map[string]any{"reasons": reasons}
	if text := trimmed(d.Evidence); text != "" || len(d.Files) > 0 {
		content["evidence"] = &act.Evidence{Text: text, Files: d.Files}
	}
	return facts, content, problem.Join(wrong...)
}

// reasonsProblem says what is wrong with the reasons of a case: those of its own
// have to be there, whatever is common to all.
func (d *answerDraft) reasonsProblem(c draftCase) *problem.Error {
	field := "text_" + c.Case.String()
	if p := wordsProblem(field, c.Text, 0, act.MostReason); p != nil {
		return p
	}
	if n := act.Clusters(c.Text); n < act.LeastReason {
		return problem.New(problem.Invalid, "problem.reasons_short", "n", n, "least", act.LeastReason).In(field)
	}
	if len(d.Whole(c)) > act.MostReason {
		return problem.New(problem.Invalid, "problem.bytes_long").In(field)
	}
	return nil
}

// trimmed is a text that may be left out, "" where it says nothing.
func trimmed(text string) string {
	if act.Blank(text) {
		return ""
	}
	return text
}

// staffNames gives the names of an organisation's staff, for its own desks
// alone; empty where nobody signs in by an account.
func (s *Server) staffNames(v *visit, m *member) (map[act.ID]string, error) {
	names := map[act.ID]string{}
	if s.config.Accounts == nil {
		return names, nil
	}
	all, err := s.config.Accounts.List(v.r.Context(), m.Organisation)
	for _, a := range all {
		names[a.Staff] = a.Name
	}
	return names, err
}

func (s *Server) staffName(v *visit, m *member, staff act.ID) (string, error) {
	names, err := s.staffNames(v, m)
	return names[staff], err
}
