package web

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
)

// dialoguesView lists the dialogues of the programme, or of one place.
type dialoguesView struct {
	Map       tileMap
	Place     act.Names
	Chosen    bool
	Dialogues []dialogueLine
}

func (s *Server) dialogues(v *visit) (page, error) {
	var data dialoguesView
	chosen := v.known.Get("place")
	known := chosen == ""
	s.see(v, func(state *civic.State) {
		if place := state.Place(chosen); place != nil {
			data.Place, data.Chosen, known = state.Names(place.ID), true, true
		}
		data.Map = tilesOf(state, chosen)
		for _, d := range state.Dialogues() {
			if chosen == "" || d.Place != "" && state.Within(d.Place, chosen) {
				data.Dialogues = append(data.Dialogues, dialogueLineOf(state, d))
			}
		}
	})
	if !known {
		return page{}, problem.New(problem.NotFound, "problem.no_place")
	}
	order := map[civic.Stage]int{civic.Open: 0, civic.Announced: 1, civic.Closed: 2}
	slices.SortStableFunc(data.Dialogues, func(a, b dialogueLine) int { return order[a.Stage] - order[b.Stage] })
	return page{Name: "dialogues", Title: v.T("web.dialogues.title"), Nav: "dialogues", Data: data}, nil
}

// dialogueView answers: what was said here, and what became of it?
type dialogueView struct {
	dialogueLine
	About    act.Names
	Host     act.Names
	Door     string
	Opened   time.Time
	Closed   time.Time
	Balance  balanceView
	Agreed   []viewLine
	Divided  []viewLine
	Latest   []viewLine
	Released releaseLine
	// MapFinding is what the published opinion map found, "" where there is none.
	MapFinding string
	MapGroups  int
	// Needs are the first few; Plans and Tabled likewise.
	Needs     []needLine
	NeedsAll  int
	Plans     []commitmentLine
	PlansMore int
	Tabled    []caseLine
	Unkept    []commitmentLine
	Source    sourceLine
	Past      bool // as it stood on a day that has passed
}

// sourceLine says where a dialogue was taken over from; empty for one that was
// held here.
type sourceLine struct {
	Address     string // of the conversation, "" where the source gave none
	Attribution string // whose work it is and on which terms, in the source's words
}

// releaseLine says of what the released figures are.
type releaseLine struct {
	When         time.Time // zero while nothing was released
	At           int64
	Participants int // 0 where there are too few to show
	Step         int
	// Exact says that the figures are neither rounded nor held back: the source
	// had published who voted what.
	Exact bool
}

// What the lists of a dialogue's page hold.
const (
	agreedMost  = 3
	agreedLeast = 0.6 // share who agree
	splitLeast  = 0.25
)

func (s *Server) dialogue(v *visit) (page, error) {
	var data dialogueView
	id, err := s.dialogueID(v)
	if err != nil {
		return page{}, err
	}
	tallies, released, err := s.release(v, id)
	if err != nil {
		return page{}, err
	}
	data.Released = released
	opinions, err := s.opinionMap(v, id)
	if err != nil {
		return page{}, err
	}
	data.MapFinding, data.MapGroups = opinions.Finding, len(opinions.Groups)
	if data.Source, err = s.source(v, id); err != nil {
		return page{}, err
	}
	s.see(v, func(state *civic.State) {
		d := state.Dialogue(id)
		data.dialogueLine = dialogueLineOf(state, d)
		data.About, data.Host, data.Door = state.Names(d.ID), state.Names(d.Host), d.Door
		data.Opened, data.Closed = d.Opened.In(v.now.Location()), d.Closed.In(v.now.Location())
		data.Balance = balanceOf(state, civic.Filter{Dialogue: id}, v.now, data.list(v))
		agreed, divided := standOut(tallies)
		for _, ids := range agreed {
			if view := state.Statement(ids); view != nil && view.Shown() {
				data.Agreed = append(data.Agreed, lineOf(state, view, v.now))
			}
		}
		for _, ids := range divided {
			if view := state.Statement(ids); view != nil && view.Shown() {
				data.Divided = append(data.Divided, lineOf(state, view, v.now))
			}
		}
		data.chain(state, d, v)
		if len(data.Agreed)+len(data.Divided) == 0 {
			for _, view := range slices.Backward(d.Statements()) {
				if len(data.Latest) == agreedMost {
					break
				}
				if view.Shown() {
					data.Latest = append(data.Latest, lineOf(state, view, v.now))
				}
			}
		}
	})
	if err := errors.Join(s.readPlans(v, data.Plans), s.readPlans(v, data.Unkept), s.readCases(v, data.Tabled)); err != nil {
		return page{}, err
	}
	for _, lines := range [][]viewLine{data.Agreed, data.Divided, data.Latest} {
		for i := range lines {
			lines[i].Tally = tallies[lines[i].ID]
		}
		if err := s.readWords(v, lines); err != nil {
			return page{}, err
		}
	}
	return page{Name: "dialogue", Title: inLanguage(data.Names.Name, v.L.Tag()), Nav: "dialogues", Data: data}, nil
}

// list is the address of the views in a part of the balance. That is today's
// list, so a day in the past has none.
func (data *dialogueView) list(v *visit) string {
	if data.Past = v.state != nil; data.Past {
		return ""
	}
	return "/d/" + data.Slug + "/statements"
}

// dialogueID finds the dialogue that the address names.
func (s *Server) dialogueID(v *visit) (id act.ID, err error) {
	s.see(v, func(state *civic.State) {
		if d := state.DialogueBySlug(v.r.PathValue("slug")); d != nil {
			id = d.ID
		}
	})
	if id.IsZero() {
		return id, problem.New(problem.NotFound, "problem.no_dialogue")
	}
	return id, nil
}

// source reads where a dialogue was taken over from.
func (s *Server) source(v *visit, dialogue act.ID) (line sourceLine, err error) {
	var origin act.Origin
	err = s.read.Content(v.r.Context(), civic.Actor{}, civic.SectionRef{Act: dialogue, Name: "origin"}, &origin)
	if errors.Is(err, register.ErrErased) || errors.Is(err, register.ErrNotFound) {
		return line, nil
	} else if err != nil {
		return line, fmt.Errorf("read a dialogue's origin: %w", err)
	}
	if strings.HasPrefix(origin.ID, "https://") || strings.HasPrefix(origin.ID, "http://") {
		line.Address = origin.ID
	}
	line.Attribution = origin.Fields[act.OriginAttribution]
	return line, nil
}

// release reads the figures that were released last of a dialogue, by view.
// Views with too few votes to show are not among them.
func (s *Server) release(v *visit, dialogue act.ID) (map[act.ID]*tallyView, releaseLine, error) {
	var last civic.Release
	var line releaseLine
	s.see(v, func(state *civic.State) {
		if programme := state.Programme(); programme != nil {
			line.Step = programme.Step
		}
		line.Exact = state.Dialogue(dialogue).Public
		if all := state.Releases(dialogue); len(all) > 0 {
			last = all[len(all)-1]
		}
	})
	if last.Act.IsZero() {
		return nil, line, nil
	}
	var tally act.Tally
	err := s.read.Content(v.r.Context(), civic.Actor{}, civic.SectionRef{Act: last.Act, Name: "tally"}, &tally)
	if errors.Is(err, register.ErrErased) || errors.Is(err, register.ErrNotFound) {
		return nil, line, nil // lost in a restore: nothing was released as far as anybody can read
	} else if err != nil {
		return nil, line, fmt.Errorf("read a release: %w", err)
	}
	line.When, line.At = last.When.In(v.now.Location()), last.At
	if tally.Participants != nil {
		line.Participants = *tally.Participants
	}
	tallies := make(map[act.ID]*tallyView, len(tally.Statements))
	for _, t := range tally.Statements {
		if t.Agree == nil || t.Disagree == nil || t.Pass == nil {
			continue
		}
		if shown := newTally(*t.Agree, *t.Disagree, *t.Pass); shown != nil {
			tallies[t.Statement] = shown
		}
	}
	return tallies, line, nil
}

// standOut picks the views on which people agree most and those on which they
// are most divided; no view is among both.
func standOut(tallies map[act.ID]*tallyView) (agreed, divided []act.ID) {
	for id, t := range tallies {
		switch {
		case t.agreement() >= agreedLeast:
			agreed = append(agreed, id)
		case t.division() >= splitLeast:
			divided = append(divided, id)
		}
	}
	slices.SortFunc(agreed, func(a, b act.ID) int {
		return cmp.Or(cmp.Compare(tallies[b].surelyAgree(), tallies[a].surelyAgree()), cmp.Compare(a.String(), b.String()))
	})
	slices.SortFunc(divided, func(a, b act.ID) int {
		return cmp.Or(cmp.Compare(tallies[b].division(), tallies[a].division()), cmp.Compare(tallies[b].Total, tallies[a].Total),
			cmp.Compare(a.String(), b.String()))
	})
	return agreed[:min(agreedMost, len(agreed))], divided[:min(agreedMost, len(divided))]
}

// dialogueMost is how many needs, commitments and tabled items each list of a
// dialogue's page holds.
const dialogueMost = 6

// chain adds what was made of what was said: needs, plans, and what earlier
// dialogues left on the agenda.
func (data *dialogueView) chain(state *civic.State, d *civic.Dialogue, v *visit) {
	today := v.now.Format(time.DateOnly)
	needs := state.NeedsOf(d.ID)
	data.NeedsAll = len(needs)
	seen := map[act.ID]bool{}
	for i, n := range needs {
		if i < dialogueMost {
			data.Needs = append(data.Needs, needLineOf(state, n, v.now))
		}
		for _, c := range n.Commitments() {
			switch {
			case seen[c.ID]:
			case len(data.Plans) < dialogueMost:
				data.Plans = append(data.Plans, commitmentLineOf(state, c, today, v.now))
			default:
				data.PlansMore++
			}
			seen[c.ID] = true
		}
	}
	for _, id := range d.Tabled.Cases[:min(len(d.Tabled.Cases), dialogueMost)] {
		data.Tabled = append(data.Tabled, caseLineOf(state, state.Referral(id), v.now))
	}
	for _, id := range d.Tabled.Commitments[:min(len(d.Tabled.Commitments), dialogueMost)] {
		data.Unkept = append(data.Unkept, commitmentLineOf(state, state.Commitment(id), today, v.now))
	}
}
