package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// holderView is a view as its holder sees it: what became of what I said, and
// what can I do now?
type holderView struct {
	*threadView
	Secret string
	Token  string
	// Own are the holder's words, whatever is public of them.
	Own []act.RedactionPart
	// Waiting is a new wording that nobody has decided on.
	Waiting string
	Limit   int
	// What can be done now.
	CanCorrect, CanAppeal, CanErase bool
	tellView
	// Asked is what an office needs to know, Judge the answers it got.
	Asked []askedLine
	Judge []judgedLine
	// Done names the act that was just done, "" for none; Doing the form that is
	// shown again, with what was typed and what is wrong.
	Done, Doing string
	Typed       url.Values
	Wrong       *problemView
	Device      deviceView
}

// showHolder shows the holder's page. done names what was done just now; wrong
// is what hinders the form of doing.
func (s *Server) showHolder(w http.ResponseWriter, v *visit, h held, done string, doing *holderAct) error {
	thread, err := s.threadOf(v, h.who.Holds)
	if err != nil {
		return err
	}
	data := &holderView{threadView: thread, Secret: h.secret, Done: done, Typed: url.Values{}, Device: s.device(v, true)}
	if data.Token, err = s.formToken(); err != nil {
		return err
	}
	var waiting act.ID
	s.read.View(func(state *civic.State) {
		view := state.Statement(h.who.Holds)
		waiting = view.Correction
		data.Limit = state.Dialogue(view.Dialogue).Limit
		data.CanCorrect = !view.Erased && view.Moderation != civic.Private
		data.CanAppeal = view.Moderation == civic.Withheld && view.Appeal == nil && !view.Erased
		data.CanErase = len(state.Words(view)) > 0
	})
	if err := s.holderChain(v, h, data); err != nil {
		return err
	}
	if data.tellView, err = s.tellOf(v, h.who); err != nil {
		return err
	}
	text, err := absent(s.read.Text(v.r.Context(), h.who, h.who.Holds, "text"))
	if err != nil {
		return err
	}
	if text != "" {
		data.Own = []act.RedactionPart{{Text: text}}
	}
	if !waiting.IsZero() {
		if data.Waiting, err = absent(s.read.Text(v.r.Context(), h.who, waiting, "text")); err != nil {
			return err
		}
	}
	p := page{Name: "holder", Title: v.T("web.holder.title"), Nav: "receipt", Data: data}
	if doing == nil {
		return s.show(w, v, p)
	}
	data.Doing, data.Typed, data.Wrong = doing.name, doing.form, viewOf(v.L, problemOf(doing.err))
	data.Token = tokenAfter(doing.form, doing.err, data.Token)
	return s.again(w, v, doing.err, p)
}

// holderAct is a form of the holder's page that could not be carried out.
type holderAct struct {
	name string
	form url.Values
	err  error
}

// errNotConfirmed is told to who did not tick that they mean it.
var errNotConfirmed = problem.New(problem.Invalid, "problem.confirm").In("sure")

// holderDo does what the holder asks for.
func (s *Server) holderDo(w http.ResponseWriter, r *http.Request) error {
	v := s.visit(r)
	form, err := readForm(r, act.MaxText+1)
	if err != nil {
		return err
	}
	if s.register == nil {
		return problem.New(problem.NotFound, "problem.not_found")
	}
	h, err := s.holding(v, form)
	if err != nil {
		data := receiptForm{Code: form.Get("code"), Problem: viewOf(v.L, problemOf(err))}
		return s.again(w, v, err, s.receiptForm(v, data))
	}
	name := r.PathValue("act")
	switch name {
	case "correct":
		err = s.holderCorrect(v, h, form)
	case "appeal":
		err = s.holderAppeal(v, h, form)
	case "erase":
		err = s.holderErase(v, h, form)
	case "supply":
		err = s.holderSupply(v, h, form)
	case "judge":
		err = s.holderJudge(v, h, form)
	case "tell":
		err = s.holderTell(v, h, form)
	case "untell":
		err = s.holderUntell(v, h)
	default:
		return problem.New(problem.NotFound, "problem.not_found")
	}
	if err != nil {
		return s.showHolder(w, v, h, "", &holderAct{name, form, err})
	}
	return s.showHolder(w, v, h, name, nil)
}

// holderSubmit submits an act about the holder's view.
func (s *Server) holderSubmit(v *visit, h held, form url.Values, facts act.Facts, content map[string]any) error {
	token, err := tokenOf(form)
	if err != nil {
		return err
	}
	_, err = s.register.Submit(v.r.Context(), h.who, act.Draft{By: h.who.By, Of: h.who.Holds, Facts: facts, Content: content}, token)
	return err
}

func (s *Server) holderCorrect(v *visit, h held, form url.Values) error {
	limit := 0
	s.read.View(func(state *civic.State) { limit = state.Dialogue(state.Statement(h.who.Holds).Dialogue).Limit })
	text := form.Get("text")
	if trouble := wordsProblem("text", text, limit, act.MaxText); trouble != nil {
		return trouble
	}
	return s.holderSubmit(v, h, form, &act.StatementCorrected{}, map[string]any{"text": &act.Text{Text: text}})
}

func (s *Server) holderAppeal(v *visit, h held, form url.Values) error {
	grounds, trouble := explanationOf(form, "grounds")
	if trouble != nil {
		return trouble
	}
	return s.holderSubmit(v, h, form, &act.AppealLodged{}, map[string]any{"grounds": grounds})
}

// holderErase deletes everything that was said. Doing it twice is as good as
// once.
func (s *Server) holderErase(v *visit, h held, form url.Values) error {
	if form.Get("sure") == "" {
		return errNotConfirmed
	}
	_, err := s.register.Erase(v.r.Context(), h.who, h.who.Holds, act.ErasedByHolder)
	var refusal *civic.Refusal
	if errors.As(err, &refusal) && refusal.Key == civic.RefusedErased {
		return nil
	}
	if err != nil && !errors.Is(err, register.ErrErased) {
		return fmt.Errorf("erase: %w", err)
	}
	return nil
}
