package web

import (
	"errors"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// commitmentFilters are the query parameters of the list of commitments.
var commitmentFilters = []string{"place", "office", "state", "page", "on"}

// commitmentsView lists what was promised, one line each.
type commitmentsView struct {
	Counts      []countOf
	All, Found  int
	Filtered    bool
	Places      []option
	Offices     []option
	States      []option
	Commitments []commitmentLine
	Pager       pager
	AsAt        time.Time
	Position    int64
	On          string // the day in the past that was asked for
}

func (s *Server) commitments(v *visit) (page, error) {
	data := commitmentsView{AsAt: v.now, On: v.known.Get("on")}
	place, office, wanted := v.known.Get("place"), v.known.Get("office"), v.known.Get("state")
	data.Filtered = place+office+wanted != ""
	today := v.now.Format(time.DateOnly)
	s.see(v, func(state *civic.State) {
		data.Position, data.All = state.Position(), len(state.Commitments())
		counts, places := state.CommitmentCounts(today)
		// The latest first, then those that end soonest.
		found := state.CommitmentsByEnd(today, func(c *civic.Commitment, stands civic.CommitmentState) bool {
			if wanted != "" && string(stands) != wanted || office != "" && c.Responsible.String() != office {
				return false
			}
			at := ""
			if place != "" {
				at = state.PlaceOf(c)
			}
			return place == "" || at != "" && state.Within(at, place)
		})
		data.Found = found.Len()
		data.Pager = pagerOf("/commitments", v.known, data.Found)
		for _, c := range found.Slice(data.Pager.First-1, data.Pager.Last) {
			data.Commitments = append(data.Commitments, commitmentLineOf(state, c, today, v.now))
		}
		for _, stands := range civic.CommitmentStates {
			data.Counts = append(data.Counts, countOf{"commitment", string(stands), counts[stands], data.All})
			data.States = append(data.States, option{Value: string(stands), Current: string(stands) == wanted})
		}
		for _, p := range state.Places(0) {
			if places[p.Code] {
				data.Places = append(data.Places, option{p.Code, state.Names(p.ID), p.Code == place})
			}
		}
		for _, org := range state.Organisations() {
			if len(state.CommitmentsOf(org.ID)) > 0 {
				data.Offices = append(data.Offices, option{org.ID.String(), state.Names(org.ID), org.ID.String() == office})
			}
		}
	})
	if err := s.readPlans(v, data.Commitments); err != nil {
		return page{}, err
	}
	return page{Name: "commitments", Title: v.T("web.commitments.title"), Nav: "commitments", Data: data}, nil
}

// commitmentView is one promise: what was said first, what is said now, and what
// others found.
type commitmentView struct {
	commitmentLine
	Plan       act.Plan
	Needs      []needLine
	With       []act.Names
	Post       string // the position that answers for it
	Start      time.Time
	Verifier   act.Names
	Uptake     string
	Milestones []milestoneLine
	Indicator  act.Indicator
	Values     []valueLine
	Revisions  []revisionLine
	Reports    []reportLine
	Slug       string
	Dialogue   act.Names
	AsAt       time.Time
	Log        int64
}

type milestoneLine struct {
	Words      map[string]string
	First, Now time.Time
	Slip       int
	Reached    bool
	Added      time.Time // when a revision added it, zero if it was there from the start
}

type valueLine struct {
	On       time.Time
	Value    int64
	By       act.Names
	Evidence evidenceView
	Position int64
	id       act.ID
}

type revisionLine struct {
	At       time.Time
	End      time.Time
	Why      string
	Reasons  string
	Position int64
	id       act.ID
}

// reportLine is a report, with what was found of it beside it.
type reportLine struct {
	At       time.Time
	By       act.Names
	Status   string
	Evidence evidenceView
	Found    []foundLine
	Position int64
	id       act.ID
}

type foundLine struct {
	At       time.Time
	By       act.Names
	Verdict  string
	Status   string
	Evidence evidenceView
	Position int64
	id       act.ID
}

// evidenceView is what was shown.
type evidenceView struct {
	Text  string
	Files []evidenceFile
}

// Any says whether there is anything to show.
func (e evidenceView) Any() bool { return e.Text != "" || len(e.Files) > 0 }

type evidenceFile struct {
	Href, Title, Type string
	KB                int64
}

func (s *Server) commitment(v *visit) (page, error) {
	id, err := act.ParseID(v.r.PathValue("id"))
	if err != nil {
		return page{}, problem.Wrap(err, problem.NotFound, "problem.not_found")
	}
	data := &commitmentView{AsAt: v.now}
	known := false
	s.see(v, func(state *civic.State) {
		if c := state.Commitment(id); c != nil {
			known = true
			data.fill(state, c, v)
		}
	})
	if !known {
		return page{}, problem.New(problem.NotFound, "problem.not_found")
	}
	err = s.read.Content(v.r.Context(), civic.Actor{}, civic.SectionRef{Act: id, Name: "plan"}, &data.Plan)
	if err != nil && !errors.Is(err, register.ErrNotFound) && !errors.Is(err, register.ErrErased) {
		return page{}, err
	}
	data.What = data.Plan.What
	for i := range data.Milestones {
		m := &data.Milestones[i]
		m.Words = data.Plan.Milestones[m.Words[""]]
	}
	if err := s.readReports(v, data); err != nil {
		return page{}, err
	}
	return page{Name: "commitment", Title: v.T("web.commitment.title"), Nav: "commitments", Data: data}, nil
}

func (data *commitmentView) fill(state *civic.State, c *civic.Commitment, v *visit) {
	zone := v.now.Location()
	data.commitmentLine = commitmentLineOf(state, c, v.now.Format(time.DateOnly), v.now)
	data.Log, data.Post, data.Start, data.Verifier = state.Position(), c.Position, day(c.Start, zone), state.Names(c.Verifier)
	data.Indicator = c.Indicator
	if d := state.Dialogue(c.Dialogue); d != nil {
		data.Slug, data.Dialogue = d.Slug, state.Names(d.ID)
	}
	for _, id := range c.Needs {
		data.Needs = append(data.Needs, needLineOf(state, state.Need(id), v.now))
	}
	for _, id := range c.With {
		data.With = append(data.With, state.Names(id))
	}
	milestones, _, _, uptake := c.Plan()
	data.Uptake = uptake
	for _, m := range milestones {
		line := milestoneLine{Words: map[string]string{"": m.Code}, First: day(m.Due, zone), Now: day(m.Due, zone)}
		if due, added := c.FirstDue(m.Code); due != "" {
			line.First = day(due, zone)
			if added != nil {
				line.Added = added.At.In(zone)
			}
		}
		line.Slip = int(line.Now.Sub(line.First).Hours() / 24)
		line.Reached = slices.ContainsFunc(c.Claims, func(claim civic.Claim) bool { return claim.Milestone == m.Code })
		data.Milestones = append(data.Milestones, line)
	}
	for _, r := range c.Revisions {
		data.Revisions = append(data.Revisions, revisionLine{At: r.At.In(zone), End: day(r.End, zone), Why: r.Why, id: r.Act})
	}
	for _, m := range c.Measurements {
		data.Values = append(data.Values, valueLine{On: day(m.On, zone), Value: m.Value, By: state.Names(m.By.Organisation), id: m.Act})
	}
	for _, claim := range slices.Backward(c.Claims) {
		report := reportLine{At: claim.At.In(zone), By: state.Names(claim.By.Organisation), Status: claim.Status, id: claim.Act}
		for _, found := range c.Assessments {
			if found.Claim != nil && *found.Claim == claim.Act {
				report.Found = append(report.Found, foundLineOf(state, found, zone))
			}
		}
		data.Reports = append(data.Reports, report)
	}
	if len(c.Claims) == 0 && len(c.Assessments) > 0 {
		none := reportLine{}
		for _, found := range c.Assessments {
			none.Found = append(none.Found, foundLineOf(state, found, zone))
		}
		data.Reports = append(data.Reports, none)
	}
}

func foundLineOf(state *civic.State, found civic.Assessment, zone *time.Location) foundLine {
	return foundLine{At: found.At.In(zone), By: state.Names(found.By.Organisation), Verdict: found.Verdict, Status: found.Status, id: found.Act}
}

// readReports reads the evidence and the places in the log.
func (s *Server) readReports(v *visit, data *commitmentView) error {
	var err error
	for i := range data.Revisions {
		r := &data.Revisions[i]
		if r.Position, err = s.read.Locate(v.r.Context(), r.id); err != nil {
			return err
		}
		if r.Reasons, err = s.explanation(v, r.id, "reasons"); err != nil {
			return err
		}
	}
	for i := range data.Values {
		m := &data.Values[i]
		if m.Evidence, err = s.evidence(v, m.id); err != nil {
			return err
		}
		if m.Evidence.Any() {
			if m.Position, err = s.read.Locate(v.r.Context(), m.id); err != nil {
				return err
			}
		}
	}
	for i := range data.Reports {
		r := &data.Reports[i]
		if !r.id.IsZero() {
			if r.Position, err = s.read.Locate(v.r.Context(), r.id); err != nil {
				return err
			}
			if r.Evidence, err = s.evidence(v, r.id); err != nil {
				return err
			}
		}
		for j := range r.Found {
			f := &r.Found[j]
			if f.Position, err = s.read.Locate(v.r.Context(), f.id); err != nil {
				return err
			}
			if f.Evidence, err = s.evidence(v, f.id); err != nil {
				return err
			}
		}
	}
	return nil
}

// explanation reads an open section of words; "" where there is none to read.
func (s *Server) explanation(v *visit, id act.ID, section string) (string, error) {
	var given act.Explanation
	err := s.read.Content(v.r.Context(), civic.Actor{}, civic.SectionRef{Act: id, Name: section}, &given)
	if errors.Is(err, register.ErrNotFound) || errors.Is(err, register.ErrErased) {
		return "", nil
	}
	return given.Text, err
}

func (s *Server) evidence(v *visit, id act.ID) (evidenceView, error) {
	var shown act.Evidence
	err := s.read.Content(v.r.Context(), civic.Actor{}, civic.SectionRef{Act: id, Name: "evidence"}, &shown)
	if errors.Is(err, register.ErrNotFound) || errors.Is(err, register.ErrErased) {
		return evidenceView{}, nil
	}
	view := evidenceView{Text: shown.Text}
	for i, f := range shown.Files {
		view.Files = append(view.Files, evidenceFile{Href: fileHref(id, i), Title: f.Title, Type: f.Type, KB: (f.Size + 1023) / 1024})
	}
	return view, err
}
