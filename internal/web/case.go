package web

import (
	"net/http"
	"net/url"
	"slices"

	"samleng/act"
	"samleng/civic"
)

// caseView is one view before whoever decides about it: the words as they were
// said, what was decided before and why, and what they can do now.
type caseView struct {
	Bar    deskBar
	Thread *threadView
	Code   act.Code
	Slug   string
	Host   act.Names
	// Said are the words as they were registered, Detail the longer text, New a
	// wording that waits, Grounds why the holder appeals. Each is "" where there
	// is none, or where it is not for whoever looks; Reads tells which.
	Said, Detail, New, Grounds string
	Reads                      bool
	Moderation                 civic.Moderation
	Safeguarded                bool
	Events                     int
	// Offers says which acts are open to whoever looks. Why says, where none
	// of moderation is, what stands in the way.
	Offers offers
	Why    string
	stop   error // the refusal itself

	Token     string
	Open      string     // the form that stands open
	Typed     url.Values // what was typed into it
	Kept      []string   // the same, where its form is not offered any more
	Problem   *problemView
	Passages  []passageRow
	Preview   *words // the copy with gaps, to be looked at before it is published
	PreviewID string
	Results   []viewLine // views that might say the same
	Searched  bool
	Reasons   []explained
	GapCodes  []option
	Languages []option
	Did       string
	NextCase  act.Code
	Waiting   int
}

// offers are the acts that the rules would let somebody do now.
type offers struct {
	Publish, Redact, Withhold, Match, Translate, Correction, Appeal, Erase bool
}

// Decides reports whether there is anything to decide.
func (o offers) Decides() bool { return o != (offers{}) && o != (offers{Translate: true}) }

// Offered tells by the name of a form whether it is on the page.
func (data *caseView) Offered() map[string]bool {
	o := data.Offers
	return map[string]bool{"publish": o.Publish, "correction": o.Correction, "same": o.Match, "redact": o.Redact, "withhold": o.Withhold,
		"safeguard": o.Withhold, "translate": o.Translate, "appeal": o.Appeal, "erase": o.Erase}
}

// explained is a code with a word and a sentence on what it is for.
type explained struct {
	Code    string
	Meaning string
	Current bool
}

// passageRow is one row of the form that leaves parts out.
type passageRow struct {
	N      int
	Text   string
	Reason string
	Wrong  string
}

// caseFilters are the query parameters of a case.
var caseFilters = []string{"did"}

func (s *Server) openCase(w http.ResponseWriter, v *visit, m *member) error {
	deskKnown(v, caseFilters...)
	id, code, err := s.find(v.r.PathValue("code"))
	if err != nil {
		return err
	}
	if string(code) != v.r.PathValue("code") {
		http.Redirect(w, v.r, "/desk/v/"+string(code), http.StatusMovedPermanently)
		return nil
	}
	data, err := s.caseOf(v, m, id)
	if err != nil {
		return err
	}
	if did := v.known.Get("did"); slices.Contains(caseActs, did) {
		data.Did = did
	}
	return s.show(w, v, data.page(v))
}

func (data *caseView) page(v *visit) page {
	return deskPage("desk-case", v.T("web.case.title", "code", data.Code), data)
}

// caseOf gathers a case as it stands now, for whoever looks at it.
func (s *Server) caseOf(v *visit, m *member, id act.ID) (*caseView, error) {
	thread, err := s.threadOf(v, id)
	if err != nil {
		return nil, err
	}
	data := &caseView{Bar: m.bar("queue"), Thread: thread, Typed: url.Values{}, Code: thread.Code, Slug: thread.Slug}
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	refs := map[*string]civic.SectionRef{&data.Said: {Act: id, Name: "text"}, &data.Detail: {Act: id, Name: "detail"}}
	s.read.View(func(state *civic.State) {
		view := state.Statement(id)
		data.Moderation, data.Events = view.Moderation, len(view.Events)
		data.Safeguarded = view.Moderation == civic.Withheld && view.Reason == act.ReasonSafeguarding
		data.Host = state.Names(state.Dialogue(view.Dialogue).Host)
		if !view.Correction.IsZero() {
			refs[&data.New] = civic.SectionRef{Act: view.Correction, Name: "text"}
		}
		if view.Appeal != nil {
			refs[&data.Grounds] = civic.SectionRef{Act: view.Appeal.Act, Name: "grounds"}
		}
		data.offer(state, v, m, view)
		if m.Is(moderatorRoles...) && !m.Authority {
			mine, _ := m.tasks(state, v)
			mine = slices.DeleteFunc(mine, func(t task) bool { return t.view == id })
			if data.Waiting = len(mine); data.Waiting > 0 {
				data.NextCase = state.Code(mine[0].view)
			}
		}
	})
	for into, ref := range refs {
		var text act.Text // an explanation has the same form
		read, err := s.readAs(v, m, ref, &text)
		if err != nil {
			return nil, err
		}
		*into = text.Text
		data.Reads = data.Reads || read && ref.Act == id
	}
	data.Offers.Redact = data.Offers.Redact && data.Reads
	data.choices(v, thread)
	return data, nil
}

// offer asks the rules what whoever looks may do now.
func (data *caseView) offer(state *civic.State, v *visit, m *member, view *civic.Statement) {
	may := func(facts act.Facts, roles []act.Role) error { return m.may(state, v, view.ID, facts, roles...) }
	stop := may(&act.StatementRedacted{Gaps: []string{"danger"}}, moderatorRoles)
	data.stop = stop
	o := &data.Offers
	o.Appeal = may(&act.AppealDecided{Outcome: act.AppealUpheld}, moderatorRoles) == nil
	if stop != nil && !o.Appeal {
		data.Why = viewOf(v.L, problemOf(stop)).Text
	}
	o.Redact = stop == nil
	o.Withhold = may(&act.StatementWithheld{Reason: "danger"}, moderatorRoles) == nil
	waits := !view.Correction.IsZero()
	o.Correction = waits && may(&act.StatementPublished{Text: &view.Correction}, moderatorRoles) == nil
	o.Publish = !waits && may(&act.StatementPublished{}, moderatorRoles) == nil
	// The view that it is the same as is not chosen yet: what can be asked is
	// whether this one may be decided.
	o.Match = stop == nil && view.Moderation == civic.Awaiting && !waits
	o.Translate = may(&act.StatementTranslated{Language: "en", Means: "human"}, translatorRoles) == nil
	o.Erase = may(&act.SectionErased{Section: "text", Reason: act.ErasedByLaw}, eraserRoles) == nil
}

// Which roles do what else on a case.
var (
	translatorRoles = []act.Role{act.RoleModerator, act.RoleFacilitator, act.RoleRapporteur}
	eraserRoles     = []act.Role{act.RoleModerator, act.RoleFacilitator, act.RoleAdministrator}
)

// choices fills in what the forms offer.
func (data *caseView) choices(v *visit, thread *threadView) {
	for _, code := range act.WithholdingReasons {
		if code != act.ReasonSafeguarding {
			data.Reasons = append(data.Reasons, explained{Code: code, Meaning: v.T("withheld." + code)})
		}
	}
	data.GapCodes = codeOptions(act.GapReasons, "")
	for _, code := range spokenLanguages {
		if code != thread.Written {
			data.Languages = append(data.Languages, option{Value: code})
		}
	}
	data.rows(nil)
}

// rows are the rows of the form that leaves parts out: those that were filled
// in, and some more.
func (data *caseView) rows(filled []passageRow) {
	data.Passages = filled
	for n := len(filled); n < min(passagesMost, max(passagesFirst, len(filled)+1)); n++ {
		data.Passages = append(data.Passages, passageRow{N: n + 1})
	}
}

// wording gives the newest wording of a view, which is the one that a redaction
// leaves parts out of.
func (data *caseView) wording() string {
	if data.New != "" {
		return data.New
	}
	return data.Said
}
