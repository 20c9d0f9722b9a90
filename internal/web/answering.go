package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
)

// positions are the codes of the positions in whose name offices answer and
// promise: never a person.
var positions = []string{"director", "deputy_director", "governor", "deputy_governor", "district_governor", "commune_chief", "head_of_office", "secretary_of_state", "minister"}

// answeringView is an answer while it is written.
type answeringView struct {
	Bar      deskBar
	ID       string
	Version  int64
	Draft    *answerDraft
	Changed  time.Time
	Author   string
	Cases    []answeringCase
	Views    int
	Position []option
	In       []option
	Files    []fileRow
	Least    int
	Most     int
	FileMB   int
	// Signs says that whoever looks may sign; State is the draft's.
	Signs   bool
	State   string
	Problem *problemView
	// Theirs is what a colleague saved meanwhile, where it differs.
	Theirs   []theirsLine
	Answered []answerLine
	Did      string
	Token    string
}

// answeringCase is one case of a draft.
type answeringCase struct {
	caseLine
	Typed     draftCase
	Decisions []option
	As        string // what the office may do about it, if that was declared
	Same      int    // views that would have got these very reasons
	Length    int    // characters of its own reasons
	Gone      string // a refusal: why it cannot be covered any more
	Similar   []answerLine
}

// theirsLine is a field that a colleague filled in otherwise.
type theirsLine struct{ Field, Name, Text string }

func (s *Server) answering(w http.ResponseWriter, v *visit, m *member) error {
	deskKnown(v, "did")
	d, err := s.ownDraft(v, m)
	if err != nil {
		return err
	}
	if d == nil {
		return problem.New(problem.NotFound, "problem.draft_gone")
	}
	if d.State == draftIssued {
		http.Redirect(w, v.r, "/desk/letter/"+d.Answer.String(), http.StatusSeeOther)
		return nil
	}
	data, err := s.answeringOf(v, m, d)
	if err != nil {
		return err
	}
	if did := v.known.Get("did"); slices.Contains([]string{"saved", "sent", "back"}, did) {
		data.Did = did
	}
	return s.show(w, v, data.page(v))
}

// ownDraft finds the draft of the address among the office's; nil where it was
// discarded.
func (s *Server) ownDraft(v *visit, m *member) (*answerDraft, error) {
	if err := m.needs(officerRoles...); err != nil || !m.Authority {
		return nil, problem.New(problem.Forbidden, "problem.forbidden")
	}
	id, err := act.ParseID(v.r.PathValue("draft"))
	if err != nil {
		return nil, problem.Wrap(err, problem.NotFound, "problem.not_found")
	}
	return s.answerDraft(v, m, id)
}

func (data *answeringView) page(v *visit) page {
	title := v.T("web.answering.title")
	if data.Draft != nil && !data.Draft.Corrects.IsZero() {
		title = v.T("web.answering.title_corrects")
	}
	return deskPage("desk-answer", title, data)
}

func (s *Server) answeringOf(v *visit, m *member, d *answerDraft) (*answeringView, error) {
	data := &answeringView{Bar: m.bar("answers"), ID: v.r.PathValue("draft"), Version: d.version, Draft: d, Changed: d.changed.In(v.now.Location()),
		State: d.State, Signs: m.Is(act.RoleSigningOfficer), Least: act.LeastReason, Most: act.MostFiles, FileMB: 10, Files: rowsOf(d.Files),
		Position: codeOptions(positions, d.Position), In: codeOptions(act.ConsideredIn, d.In)}
	if d.Position != "" && !slices.Contains(positions, d.Position) {
		data.Position = append(data.Position, option{Value: d.Position, Current: true})
	}
	var err error
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	if data.Author, err = s.staffName(v, m, d.author); err != nil {
		return nil, err
	}
	s.read.View(func(state *civic.State) {
		planned := d.planned(state)
		for _, c := range d.Cases {
			r := state.Referral(c.Case)
			if r == nil {
				continue
			}
			line := answeringCase{caseLine: caseLineOf(state, r, v.now), Typed: c, Length: act.Clusters(c.Text)}
			data.Views += line.Views
			if whole := d.Whole(c); !act.Blank(c.Text) {
				line.Same = state.SameReasons(whole) + planned[reasonsOf(whole)]
			}
			line.As = line.decisions(state, m, r, v)
			line.Gone = data.gone(state, m, d, r, v)
			if len(d.Cases) == 1 {
				line.Similar = similar(state, m, r, v)
			}
			data.Cases = append(data.Cases, line)
		}
	})
	for i := range data.Cases {
		one := []caseLine{data.Cases[i].caseLine}
		if err := s.readCases(v, one); err != nil {
			return nil, err
		}
		data.Cases[i].caseLine = one[0]
		if err := s.readAnswers(v, data.Cases[i].Similar); err != nil {
			return nil, err
		}
	}
	return data, s.readAnswers(v, data.Answered)
}

// planned counts the views that would get each text of reasons with this draft.
func (d *answerDraft) planned(state *civic.State) map[string]int {
	counts := map[string]int{}
	for _, c := range d.Cases {
		if r := state.Referral(c.Case); r != nil && !act.Blank(c.Text) {
			counts[reasonsOf(d.Whole(c))] += len(r.Views())
		}
	}
	return counts
}

// reasonsOf is a text as civic.State.SameReasons compares it.
func reasonsOf(text string) string { return strings.Join(strings.Fields(text), " ") }

// decisions offers what the office may decide on a case, and says as what it is
// competent.
func (c *answeringCase) decisions(state *civic.State, m *member, r *civic.Referral, v *visit) string {
	themes, place := r.Matter(state)
	as, declared := state.Competent(m.Organisation, themes, place, v.now)
	for _, decision := range act.Decisions {
		switch {
		case !declared || decision == act.NoCompetentOffice:
		case as == "" || as == act.Refers:
			continue
		case as == act.Advises && (decision == act.Accepted || decision == act.AcceptedInPart):
			continue
		}
		c.Decisions = append(c.Decisions, option{Value: decision, Current: decision == c.Typed.Decision})
	}
	if declared && as == "" {
		return "none"
	}
	return as
}

// gone says why a draft cannot cover a case any more, and keeps the answer that
// somebody else gave to it.
func (data *answeringView) gone(state *civic.State, m *member, d *answerDraft, r *civic.Referral, v *visit) string {
	last := act.ID{}
	if n := len(r.Answers); n > 0 {
		last = r.Answers[n-1]
	}
	switch {
	case r.Authority != m.Organisation:
		return v.T(civic.RefusedNotHolding)
	case d.Corrects.IsZero() && !r.Answered.IsZero(), !d.Corrects.IsZero() && last != d.Corrects:
		if answer := state.Answer(last); answer != nil {
			data.Answered = append(data.Answered, answerLineOf(state, answer, r, v.now))
		}
		return v.T("web.answering.answered_meanwhile")
	}
	return ""
}

// similarMost is how many earlier answers help with a new one.
const similarMost = 3

// similar lists the newest answers that the office gave to other cases of the
// same theme and place.
func similar(state *civic.State, m *member, of *civic.Referral, v *visit) []answerLine {
	themes, place := of.Matter(state)
	var found []*civic.Referral
	for _, r := range state.Held(m.Organisation) {
		if r == of || r.Answered.IsZero() || len(r.Answers) == 0 || r.Authority != m.Organisation {
			continue
		}
		other, at := r.Matter(state)
		if at == place && slices.ContainsFunc(other, func(theme string) bool { return slices.Contains(themes, theme) }) {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(a, b *civic.Referral) int { return b.Answered.Compare(a.Answered) })
	var lines []answerLine
	for _, r := range found[:min(len(found), similarMost)] {
		lines = append(lines, answerLineOf(state, state.Answer(r.Answers[len(r.Answers)-1]), r, v.now))
	}
	return lines
}

// answeringAct keeps what was typed and then does what the button says. Whatever
// stands in the way, nothing that was typed is lost.
func (s *Server) answeringAct(w http.ResponseWriter, v *visit, m *member) error {
	form, err := s.readEvidence(v)
	if err != nil {
		return err
	}
	stored, err := s.ownDraft(v, m)
	if err != nil {
		return err
	}
	step := form.Get("step")
	if stored != nil && stored.State == draftIssued {
		return s.wasIssued(w, v, m, typedAnswer(form, stored), stored, step)
	}
	if step == "discard" && stored != nil && confirmed(form.Values) == nil {
		return s.discardDraft(w, v, m, stored)
	}
	typed := typedAnswer(form, stored)
	if drop, err := act.ParseID(form.Get("drop")); err == nil {
		typed.Cases = slices.DeleteFunc(typed.Cases, func(c draftCase) bool { return c.Case == drop })
	}
	if typed.id.IsZero() {
		typed.id, _ = act.ParseID(v.r.PathValue("draft"))
	}
	err = s.keepDraft(v, m, typed, stored, form.Get("version"))
	if step == "autosave" {
		return s.autosaved(w, v, typed, err)
	}
	if err != nil {
		return s.answerAgain(w, v, m, typed, stored, err)
	}
	if err := problem.Join(form.Wrong...); err != nil {
		return s.answerAgain(w, v, m, typed, nil, err)
	}
	did, err := s.answerStep(v, m, typed, step, form)
	if err != nil {
		return s.answerAgain(w, v, m, typed, nil, err)
	}
	if did == draftIssued {
		return s.seeOther(w, v.r, "/desk/letter/"+typed.Answer.String(), s.read.Position()-1)
	}
	return s.seeOther(w, v.r, "/desk/answer/"+typed.id.String()+"?did="+did, s.read.Position()-1)
}

// wasIssued answers a form whose draft became an answer before it came: the same
// form sent again leads to the letter; a colleague who typed something else sees
// the answer beside their words.
func (s *Server) wasIssued(w http.ResponseWriter, v *visit, m *member, typed, stored *answerDraft, step string) error {
	err := &civic.Refusal{Key: civic.RefusedAnswered}
	switch {
	case step == "autosave":
		return s.autosaved(w, v, typed, err)
	case stored.Words == "" || stored.Words == typed.digest():
		return s.seeOther(w, v.r, "/desk/letter/"+stored.Answer.String(), s.read.Position()-1)
	}
	typed.State = draftDrafting
	return s.answerAgain(w, v, m, typed, nil, err)
}

// keepDraft stores what was typed, unless somebody else was faster.
func (s *Server) keepDraft(v *visit, m *member, typed, stored *answerDraft, version string) error {
	read, _ := strconv.ParseInt(version, 10, 64)
	switch {
	case stored == nil && read > 0:
		typed.version = 0
		return problem.New(problem.Conflict, "problem.draft_gone")
	case stored != nil && typed.sameAs(stored):
		return nil // nothing new: pressed twice, or kept by the script already
	case stored != nil && stored.version != read:
		return problem.New(problem.Conflict, "problem.draft_changed")
	}
	return s.saveDraft(v, m, typed)
}

// autosaved answers the script.
func (s *Server) autosaved(w http.ResponseWriter, v *visit, typed *answerDraft, err error) error {
	answer := struct {
		Version int64  `json:"version,omitempty"`
		Message string `json:"message"`
	}{typed.version, v.T("web.answering.kept_at", "time", v.now.Format("15:04"))}
	status := http.StatusOK
	if err != nil {
		trouble := problemOf(err)
		s.note(v.r, err, trouble)
		status, answer.Version, answer.Message = trouble.Kind.Status(), 0, v.T(trouble.Key, trouble.Params...)
	}
	body, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return writeBody(w, v.r, status, body)
}

// answerAgain shows the draft once more with the problem above it, and with what
// a colleague saved, if that is the problem.
func (s *Server) answerAgain(w http.ResponseWriter, v *visit, m *member, typed, theirs *answerDraft, err error) error {
	data, failed := s.answeringOf(v, m, typed)
	if failed != nil {
		return failed
	}
	data.Problem = viewOf(v.L, problemOf(err))
	if theirs != nil {
		// Saved once more, it is stored in place of theirs, which was seen.
		data.Version = theirs.version
		data.Theirs = theirs.differs(v, typed)
	}
	return s.again(w, v, err, data.page(v))
}

// differs lists the fields in which a version says otherwise than another.
func (d *answerDraft) differs(v *visit, other *answerDraft) []theirsLine {
	var lines []theirsLine
	add := func(field, name, text, was string) {
		if text != was && !act.Blank(text) {
			lines = append(lines, theirsLine{field, name, text})
		}
	}
	for _, c := range d.Cases {
		was := draftCase{}
		if o := other.caseOf(c.Case); o != nil {
			was = *o
		}
		id := c.Case.String()
		add("text_"+id, v.T("web.answering.reasons"), c.Text, was.Text)
		add("basis_"+id, v.T("web.answering.basis"), c.Basis, was.Basis)
		if c.Decision != was.Decision && c.Decision != "" {
			lines = append(lines, theirsLine{"decision_" + id, v.T("web.answering.decision"), codeWord(v.L, "decision", c.Decision)})
		}
	}
	add("common", v.T("web.answering.common"), d.Common, other.Common)
	add("letter", v.T("web.answering.letter"), d.Letter, other.Letter)
	add("review", v.T("web.answering.review"), d.Review, other.Review)
	add("evidence", v.T("web.answering.evidence"), d.Evidence, other.Evidence)
	add("on", v.T("web.answering.on"), d.On, other.On)
	return lines
}

func (s *Server) discardDraft(w http.ResponseWriter, v *visit, m *member, d *answerDraft) error {
	if err := s.register.DropDraft(v.r.Context(), m.Organisation, d.id); err != nil {
		return err
	}
	return s.seeOther(w, v.r, "/desk/answers?did=discarded", s.read.Position()-1)
}
