package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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

// Where an answer stands before it is issued.
const (
	draftDrafting   = "drafting"
	draftForSigning = "for_signing"
	draftIssued     = "issued"
)

// draftMost is how many cases one draft covers at most.
const draftMost = 100

// answerDraft is an answer that an office is writing. It belongs to the office,
// so that whoever takes over a post goes on with it.
type answerDraft struct {
	Kind     string      `json:"kind"` // "answer": of what the draft is
	State    string      `json:"state"`
	Position string      `json:"position,omitempty"`
	On       string      `json:"on,omitempty"`
	In       string      `json:"in,omitempty"`
	Letter   string      `json:"letter,omitempty"`
	Review   string      `json:"review,omitempty"`
	Common   string      `json:"common,omitempty"`
	Cases    []draftCase `json:"cases,omitempty"`
	Evidence string      `json:"evidence,omitempty"`
	Files    []act.File  `json:"files,omitempty"`
	Corrects act.ID      `json:"corrects,omitzero"`
	// Answer is what it became, once issued.
	Answer act.ID `json:"answer,omitzero"`
	// Words is, once issued, the digest of what was: by it the same form sent
	// again is told from a colleague's with other words.
	Words string `json:"words,omitempty"`

	id, author act.ID
	version    int64
	changed    time.Time
}

// draftCase is what a draft says to one case. Text is what is said to it alone;
// the common part follows it.
type draftCase struct {
	Case     act.ID `json:"case"`
	Decision string `json:"decision,omitempty"`
	Text     string `json:"text,omitempty"`
	Basis    string `json:"basis,omitempty"`
}

// Whole is the reasons of a case as they will be issued.
func (d *answerDraft) Whole(c draftCase) string {
	if act.Blank(d.Common) {
		return c.Text
	}
	return c.Text + "\n\n" + d.Common
}

func (d *answerDraft) caseOf(id act.ID) *draftCase {
	for i := range d.Cases {
		if d.Cases[i].Case == id {
			return &d.Cases[i]
		}
	}
	return nil
}

func openAnswer(stored register.Draft) (*answerDraft, error) {
	d := new(answerDraft)
	if err := json.Unmarshal(stored.Content, d); err != nil {
		return nil, fmt.Errorf("read a draft: %w", err)
	}
	d.id, d.author, d.version, d.changed = stored.ID, stored.Author, stored.Version, stored.Changed
	return d, nil
}

// answerDrafts lists an office's answers that are not issued yet, the latest
// changed first.
func (s *Server) answerDrafts(v *visit, m *member) ([]*answerDraft, error) {
	stored, err := s.register.Drafts(v.r.Context(), m.Organisation)
	if err != nil {
		return nil, err
	}
	var all []*answerDraft
	for _, one := range stored {
		d, err := openAnswer(one)
		if err != nil {
			return nil, err
		}
		if d.Kind == "answer" && d.State != draftIssued {
			all = append(all, d)
		}
	}
	return all, nil
}

// answerDraft finds one of an office's drafts; nil where there is none (it was
// discarded).
func (s *Server) answerDraft(v *visit, m *member, id act.ID) (*answerDraft, error) {
	stored, err := s.register.Draft(v.r.Context(), m.Organisation, id)
	if errors.Is(err, register.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return openAnswer(stored)
}

// saveDraft stores a draft as somebody's latest version of it.
func (s *Server) saveDraft(v *visit, m *member, d *answerDraft) error {
	content, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("save a draft: %w", err)
	}
	stored, err := s.register.SaveDraft(v.r.Context(), register.Draft{ID: d.id, Owner: m.Organisation, Author: m.Staff, Version: d.version, Content: content})
	if errors.Is(err, register.ErrDraftChanged) {
		return problem.Wrap(err, problem.Conflict, "problem.draft_changed")
	} else if err != nil {
		return err
	}
	d.version, d.author, d.changed = stored.Version, stored.Author, stored.Changed
	return nil
}

// sameAs reports whether two versions say the same.
func (d *answerDraft) sameAs(other *answerDraft) bool {
	a, err := json.Marshal(d)
	b, err2 := json.Marshal(other)
	return err == nil && err2 == nil && string(a) == string(b)
}

// digest stands for everything that was typed, whatever became of it since.
func (d *answerDraft) digest() string {
	typed := *d
	typed.State, typed.Answer, typed.Words = "", act.ID{}, ""
	all, err := json.Marshal(&typed)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(all)
	return hex.EncodeToString(sum[:])
}

// startAnswer begins an answer to the ticked cases, or opens the draft that
// covers the only one.
func (s *Server) startAnswer(w http.ResponseWriter, v *visit, m *member) error {
	form, err := readForm(v.r, 1024)
	if err != nil {
		return err
	}
	var ids []act.ID
	for _, pick := range form["pick"] {
		if id, err := act.ParseID(pick); err == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	href, err := s.beginAnswer(v, m, form, ids, act.ID{})
	if err != nil {
		data, failed := s.casesOf(v, m, url.Values{})
		if failed != nil {
			return failed
		}
		return s.again(w, v, err, data.page(v))
	}
	return s.seeOther(w, v.r, href, s.read.Position()-1)
}

// beginAnswer makes the draft of an answer to cases, or of one that corrects an
// earlier one. The draft's id follows from the form's token, so that pressing
// twice makes one.
func (s *Server) beginAnswer(v *visit, m *member, form url.Values, ids []act.ID, corrects act.ID) (string, error) {
	token, err := tokenOf(form)
	if err != nil {
		return "", err
	}
	if err := m.needs(officerRoles...); err != nil || !m.Authority {
		return "", errors.Join(problem.New(problem.Forbidden, "problem.forbidden"), err)
	}
	drafts, err := s.answerDrafts(v, m)
	if err != nil {
		return "", err
	}
	for _, d := range drafts {
		covers := func(id act.ID) bool { return d.caseOf(id) != nil }
		if d.Corrects != corrects {
			continue
		}
		if len(ids) > 0 && !slices.ContainsFunc(ids, func(id act.ID) bool { return !covers(id) }) {
			return "/desk/answer/" + d.id.String(), nil
		}
		// A case that a colleague's draft covers is written there.
		ids = slices.DeleteFunc(ids, covers)
	}
	switch {
	case len(ids) == 0:
		return "", problem.New(problem.Invalid, "problem.no_cases")
	case len(ids) > draftMost:
		return "", problem.New(problem.Invalid, "problem.choose_most", "n", draftMost)
	}
	d := &answerDraft{Kind: "answer", State: draftDrafting, id: act.ID(*derived(*token, "answer")), Corrects: corrects}
	if err := s.fillAnswer(v, m, d, ids); err != nil {
		return "", err
	}
	err = s.saveDraft(v, m, d)
	if problemOf(err) != nil && problemOf(err).Key == "problem.draft_changed" {
		err = nil // the same form, pressed twice
	}
	return "/desk/answer/" + d.id.String(), err
}

// fillAnswer puts the cases into a new draft; one that corrects begins with what
// was answered.
func (s *Server) fillAnswer(v *visit, m *member, d *answerDraft, ids []act.ID) error {
	var refused error
	s.read.View(func(state *civic.State) {
		for _, id := range ids {
			r := state.Referral(id)
			switch {
			case r == nil:
				refused = &civic.Refusal{Key: civic.RefusedCase}
			case r.Authority != m.Organisation:
				refused = &civic.Refusal{Key: civic.RefusedNotHolding}
			case d.Corrects.IsZero() && !r.Answered.IsZero():
				refused = &civic.Refusal{Key: civic.RefusedAnswered}
			default:
				d.Cases = append(d.Cases, draftCase{Case: id})
				if n := len(r.Events); n > 0 {
					d.considered(r)
				}
			}
		}
		if a := state.Answer(d.Corrects); a != nil {
			d.Position, d.On, d.In = a.Position, a.ConsideredOn, a.ConsideredIn
			for i := range d.Cases {
				d.Cases[i].Decision = a.Decision(d.Cases[i].Case)
			}
		}
	})
	if refused != nil || d.Corrects.IsZero() {
		return refused
	}
	return s.takeOver(v, d)
}

// considered takes over when and where a case was considered last.
func (d *answerDraft) considered(r *civic.Referral) {
	for _, e := range r.Events {
		if facts, is := e.Facts.(*act.ReferralConsidered); is && facts.On >= d.On {
			d.On, d.In = facts.On, facts.In
		}
	}
}

// takeOver copies the words of the answer that a draft corrects.
func (s *Server) takeOver(v *visit, d *answerDraft) error {
	var reasons act.Reasons
	if err := s.read.Content(v.r.Context(), civic.Actor{}, civic.SectionRef{Act: d.Corrects, Name: "reasons"}, &reasons); err != nil {
		return err
	}
	d.Letter, d.Review = reasons.Letter, reasons.Review
	for _, given := range reasons.Cases {
		if c := d.caseOf(given.Case); c != nil {
			c.Text, c.Basis = given.Text, given.Basis
		}
	}
	var evidence act.Evidence
	err := s.read.Content(v.r.Context(), civic.Actor{}, civic.SectionRef{Act: d.Corrects, Name: "evidence"}, &evidence)
	if err != nil && !errors.Is(err, register.ErrNotFound) && !errors.Is(err, register.ErrErased) {
		return err
	}
	d.Evidence, d.Files = evidence.Text, evidence.Files
	return nil
}

// typedAnswer reads a form into a draft, whatever is missing or wrong in it: a
// draft is kept as it is typed.
func typedAnswer(form *evidenceForm, stored *answerDraft) *answerDraft {
	d := &answerDraft{Kind: "answer", State: draftDrafting, Position: form.Get("position"), On: strings.TrimSpace(form.Get("on")), In: form.Get("in"),
		Letter: form.Get("letter"), Review: form.Get("review"), Common: form.Get("common"), Evidence: form.Get("evidence"), Files: form.Files}
	if stored != nil {
		d.State, d.Corrects, d.id, d.version, d.author, d.changed = stored.State, stored.Corrects, stored.id, stored.version, stored.author, stored.changed
	} else if id, err := act.ParseID(form.Get("corrects")); err == nil {
		d.Corrects = id
	}
	for _, text := range form.Values["case"] {
		id, err := act.ParseID(text)
		if err != nil || d.caseOf(id) != nil || len(d.Cases) >= draftMost {
			continue
		}
		d.Cases = append(d.Cases, draftCase{Case: id, Decision: form.Get("decision_" + text), Text: form.Get("text_" + text), Basis: form.Get("basis_" + text)})
	}
	return d
}
