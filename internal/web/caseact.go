package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// caseActs are the forms of a case, by their place in its address.
var caseActs = []string{"publish", "correction", "same", "redact", "withhold", "safeguard", "translate", "appeal", "erase"}

// typedFields are the fields into which people write, a number at their end
// left out.
var typedFields = []string{"explanation", "answer", "translation", "passage", "query"}

// caseForm is a form of a case on its way.
type caseForm struct {
	*caseView
	v    *visit
	m    *member
	id   act.ID
	act  string
	form url.Values
}

// errStay is no failure: the case is shown again, for the form has more to ask.
var errStay = problem.New(problem.Invalid, "problem.fields")

// caseAct does what one of the forms of a case asks for. Whatever stands in the
// way, the case is shown as it is now, with what was typed.
func (s *Server) caseAct(w http.ResponseWriter, v *visit, m *member) error {
	name := v.r.PathValue("act")
	if !slices.Contains(caseActs, name) {
		return errNoAct
	}
	id, code, err := s.find(v.r.PathValue("code"))
	if err != nil {
		return err
	}
	form, err := readForm(v.r, act.MaxText)
	if err != nil {
		return err
	}
	data, err := s.caseOf(v, m, id)
	if err != nil {
		return err
	}
	c := &caseForm{caseView: data, v: v, m: m, id: id, act: name, form: form}
	receipt, err := s.doCase(c)
	if err == nil {
		return s.seeOther(w, v.r, "/desk/v/"+string(code)+"?did="+name, receipt.Position)
	}
	c.Open, c.Typed = name, form
	if token := form.Get("token"); token != "" {
		c.Token = token
	}
	for _, name := range sortedKeys(form) {
		if text := form.Get(name); slices.Contains(typedFields, strings.TrimRight(name, "0123456789")) && text != "" {
			c.Kept = append(c.Kept, text)
		}
	}
	for i := range c.Reasons {
		c.Reasons[i].Current = c.Reasons[i].Code == form.Get("reason")
	}
	if err == errStay {
		return s.show(w, v, data.page(v))
	}
	trouble := problemOf(err)
	if trouble.Key == "problem.token_conflict" {
		// A form that was changed after it was sent is another one.
		if c.Token, err = s.formToken(); err != nil {
			return err
		}
	}
	c.Problem = viewOf(v.L, trouble)
	return s.again(w, v, trouble, data.page(v))
}

// doCase submits the act that a form asks for.
func (s *Server) doCase(c *caseForm) (register.Receipt, error) {
	var none register.Receipt
	token, err := tokenOf(c.form)
	if err != nil {
		return none, err
	}
	roles := moderatorRoles
	switch c.act {
	case "translate":
		roles = translatorRoles
	case "erase":
		roles = eraserRoles
	}
	who, err := c.m.actor(roles...)
	if err != nil {
		return none, err
	}
	facts, content, err := s.caseDraft(c)
	if err != nil {
		return none, err
	}
	draft := act.Draft{By: who.By, Of: c.id, Facts: facts, Content: content}
	if seen, _ := strconv.Atoi(c.form.Get("seen")); seen != c.Events {
		return s.secondLook(c, who, draft, token)
	}
	if erased, is := facts.(*act.SectionErased); is {
		return s.register.Erase(c.v.r.Context(), who, c.id, erased.Reason)
	}
	return s.register.Submit(c.v.r.Context(), who, draft, token)
}

// secondLook decides what becomes of a form that was filled in before something
// else happened to the view. If what happened is the form itself, sent twice,
// nothing is wrong; the rules say first what stands in the way, if anything.
func (s *Server) secondLook(c *caseForm, who civic.Actor, draft act.Draft, token *register.Token) (register.Receipt, error) {
	var refused error
	ours := false
	s.read.View(func(state *civic.State) {
		last := state.Statement(c.id).Events[c.Events-1]
		ours = last.By == who.By && last.Kind == draft.Facts.Kind()
		refused = mayAs(state, c.v, who, c.id, draft.Facts)
	})
	if _, erased := draft.Facts.(*act.SectionErased); ours && erased {
		return register.Receipt{Position: s.read.Position() - 1}, nil
	}
	if ours {
		// With the same token and payload this gives the receipt of before.
		if receipt, err := s.register.Submit(c.v.r.Context(), who, draft, token); err == nil {
			return receipt, nil
		}
	}
	if refused != nil {
		return register.Receipt{}, refused
	}
	return register.Receipt{}, problem.New(problem.Conflict, "problem.changed_meanwhile")
}

// caseDraft reads a form into the facts and sections of its act.
func (s *Server) caseDraft(c *caseForm) (act.Facts, map[string]any, error) {
	switch c.act {
	case "publish":
		return &act.StatementPublished{}, nil, nil
	case "correction":
		return s.correctionDraft(c)
	case "same":
		return s.sameDraft(c)
	case "redact":
		return s.redactDraft(c)
	case "withhold":
		reasons := slices.DeleteFunc(slices.Clone(act.WithholdingReasons), func(code string) bool { return code == act.ReasonSafeguarding })
		reason, wrong := chosen(c.form, "reason", reasons)
		explanation, unexplained := explanationOf(c.form, "explanation")
		return &act.StatementWithheld{Reason: reason}, map[string]any{"explanation": explanation}, problem.Join(wrong, unexplained)
	case "safeguard":
		// What is written here is public, and must tell nothing of what the
		// view tells: so nobody writes it.
		text := locale.Get("km").T("web.case.safeguard.explanation") + "\n" + locale.Get("en").T("web.case.safeguard.explanation")
		return &act.StatementWithheld{Reason: act.ReasonSafeguarding}, map[string]any{"explanation": &act.Explanation{Text: text}}, confirmed(c.form)
	case "translate":
		language, wrong := chosen(c.form, "language", spokenLanguages)
		means, unknown := chosen(c.form, "means", []string{"human", "machine"})
		text := c.form.Get("translation")
		return &act.StatementTranslated{Language: language, Means: means}, map[string]any{"text": &act.Text{Text: text}},
			problem.Join(wrong, wordsProblem("translation", text, 0, act.MaxText), unknown)
	case "appeal":
		outcome, wrong := chosen(c.form, "outcome", []string{act.AppealUpheld, act.AppealOverturned})
		explanation, unexplained := explanationOf(c.form, "answer")
		return &act.AppealDecided{Outcome: outcome}, map[string]any{"explanation": explanation}, problem.Join(wrong, unexplained)
	default:
		reason, wrong := chosen(c.form, "erase_reason", []string{act.ErasedByLaw, act.ErasedSafeguarding})
		if wrong != nil {
			return nil, nil, wrong
		}
		return &act.SectionErased{Section: "text", Reason: reason}, nil, confirmed(c.form)
	}
}

// confirmed wants the box ticked that says "I know what this does".
func confirmed(form url.Values) error {
	if form.Get("confirm") != "yes" {
		return problem.New(problem.Invalid, "problem.confirm").In("confirm")
	}
	return nil
}

// correctionDraft publishes the new wording, or turns it down by publishing the
// one before.
func (s *Server) correctionDraft(c *caseForm) (act.Facts, map[string]any, error) {
	which, wrong := chosen(c.form, "which", []string{"new", "old"})
	if wrong != nil {
		return nil, nil, wrong
	}
	facts := &act.StatementPublished{}
	s.read.View(func(state *civic.State) {
		view := state.Statement(c.id)
		switch {
		case which == "new" && !view.Correction.IsZero():
			facts.Text = &view.Correction
		case which == "old" && view.Shown():
			facts.Text = &view.Text
		}
		// Ids are values: what follows must not change with the state.
		if facts.Text != nil {
			text := *facts.Text
			facts.Text = &text
		}
	})
	if which == "new" && facts.Text == nil {
		return nil, nil, &civic.Refusal{Key: civic.RefusedNothingToPub}
	}
	return facts, nil, nil
}

// sameDraft takes the view that was chosen; until one is, it searches.
func (s *Server) sameDraft(c *caseForm) (act.Facts, map[string]any, error) {
	if text := c.form.Get("same"); text != "" {
		same, _, err := s.find(text)
		if err != nil {
			return nil, nil, err
		}
		return &act.StatementMatched{Same: same}, nil, nil
	}
	switch {
	case c.stop != nil:
		return nil, nil, c.stop
	case !c.Offers.Match:
		return nil, nil, &civic.Refusal{Key: civic.RefusedDecided}
	}
	query := c.form.Get("query")
	if act.Blank(query) || len(query) > 400 {
		return nil, nil, problem.New(problem.Invalid, "problem.required").In("query")
	}
	var found []candidate
	s.read.View(func(state *civic.State) {
		d := state.Dialogue(state.Statement(c.id).Dialogue)
		for i, other := range d.Statements() {
			if other.ID != c.id && other.Votable() {
				found = append(found, candidate{id: other.ID, text: other.Text, redacted: other.Moderation == civic.Redacted, shown: true, index: i})
			}
		}
	})
	found, err := s.search(c.v, found, query)
	if err != nil {
		return nil, nil, err
	}
	s.read.View(func(state *civic.State) {
		for _, candidate := range found[:min(len(found), pageSize)] {
			c.Results = append(c.Results, lineOf(state, state.Statement(candidate.id), c.v.now))
		}
	})
	c.Searched = true
	if err := s.readWords(c.v, c.Results); err != nil {
		return nil, nil, err
	}
	return nil, nil, errStay
}
