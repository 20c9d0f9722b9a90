package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/register"
)

// Kinds of what waits for a decision, codes of "task".
const (
	taskModerate   = "moderate"
	taskCorrection = "correction"
	taskAppeal     = "appeal"
)

// task is one thing that somebody has to decide.
type task struct {
	view  act.ID
	kind  string
	clock civic.Clock
	late  bool
	index int
}

// queueFilters are the query parameters of the queue.
var queueFilters = []string{"kind", "dialogue", "theme", "place", "page", "done"}

// queueView answers: what do I have to decide next?
type queueView struct {
	Bar       deskBar
	Moderates bool // their role decides at all
	Records   bool
	Files     bool
	Counts    []taskCount
	All, Late int
	Others    int // wait, and have to be decided by somebody else
	Asked     int // questions of offices that they have to answer
	Found     int
	Filtered  bool
	Kinds     []option
	Dialogues []option
	Themes    []option
	Places    []option
	Tasks     []taskLine
	Pager     pager
	Token     string
	Done      int // views that were published with one press before
	Picks     int // rows that can be ticked
	At        time.Time
	Position  int64
	// Failed are ticked views that were not published, each with why.
	Failed []failedPick
}

type taskCount struct {
	Kind        string
	Count, Late int
}

type failedPick struct {
	Code act.Code
	Why  string
}

// taskLine is one row of the queue.
type taskLine struct {
	viewLine
	Kind    string
	Channel string
	Text    string
	Whole   bool // all of the words stand on the row
	Pick    string
	ref     civic.SectionRef
}

// tasks lists what somebody may decide, most urgent first, and counts what
// waits for somebody else.
func (m *member) tasks(state *civic.State, v *visit) (mine []task, others int) {
	for i, view := range state.Statements() {
		t, facts, waits := taskOf(view)
		if !waits {
			continue
		}
		if m.may(state, v, view.ID, facts, moderatorRoles...) != nil {
			others++
			continue
		}
		t.index, t.late = i, t.clock.Overdue(v.now)
		mine = append(mine, t)
	}
	slices.SortStableFunc(mine, func(a, b task) int {
		if a.late != b.late {
			return map[bool]int{true: -1, false: 1}[a.late]
		}
		if a.clock.Running() != b.clock.Running() {
			return map[bool]int{true: -1, false: 1}[a.clock.Running()]
		}
		return cmp.Or(a.clock.Due.Compare(b.clock.Due), cmp.Compare(a.index, b.index))
	})
	return mine, others
}

// taskOf says what about a view waits for a decision, with the facts of an act
// that would decide it.
func taskOf(view *civic.Statement) (task, act.Facts, bool) {
	switch {
	case view.Erased || view.Moderation == civic.Private:
		return task{}, nil, false
	case view.Appeal != nil && view.Appeal.Outcome == "":
		return task{view: view.ID, kind: taskAppeal, clock: view.Appeal.Clock}, &act.AppealDecided{Outcome: act.AppealUpheld}, true
	case view.Moderation == civic.Awaiting:
		return task{view: view.ID, kind: taskModerate, clock: view.Clock}, &act.StatementPublished{}, true
	case !view.Correction.IsZero():
		return task{view: view.ID, kind: taskCorrection, clock: view.CorrectionClock}, &act.StatementPublished{Text: &view.Correction}, true
	}
	return task{}, nil, false
}

func (s *Server) queue(w http.ResponseWriter, v *visit, m *member) error {
	if m.Authority {
		// A public authority decides on no view; what waits for it are cases.
		return s.cases(w, v, m)
	}
	deskKnown(v, queueFilters...)
	data, err := s.queueOf(v, m)
	if err != nil {
		return err
	}
	data.Done, _ = strconv.Atoi(v.known.Get("done"))
	return s.show(w, v, deskPage("desk", v.T("web.desk.title"), data))
}

func (s *Server) queueOf(v *visit, m *member) (*queueView, error) {
	data := &queueView{Bar: m.bar("queue"), Moderates: m.Is(moderatorRoles...) && !m.Authority, Records: m.Is(recorderRoles...),
		Files: m.Is(filingRoles...), At: v.now}
	var err error
	if data.Token, err = s.formToken(); err != nil {
		return nil, err
	}
	s.read.View(func(state *civic.State) {
		data.Position = state.Position()
		if m.Is(act.RoleFacilitator) {
			data.Asked = len(m.askedOf(state, v))
		}
		if !data.Moderates {
			return
		}
		mine, others := m.tasks(state, v)
		data.Others = others
		data.count(mine)
		data.options(state, v, mine)
		mine = slices.DeleteFunc(mine, func(t task) bool { return !fits(state, v, t) })
		data.Found, data.Filtered = len(mine), v.known.Get("kind")+v.known.Get("dialogue")+v.known.Get("theme")+v.known.Get("place") != ""
		data.Pager = pagerOf("/desk", v.known, len(mine))
		for _, t := range mine[data.Pager.First-1 : data.Pager.Last] {
			data.Tasks = append(data.Tasks, taskLineOf(state, v, t))
		}
	})
	return data, s.readTasks(v, m, data)
}

func (data *queueView) count(mine []task) {
	for _, kind := range []string{taskModerate, taskCorrection, taskAppeal} {
		c := taskCount{Kind: kind}
		for _, t := range mine {
			if t.kind == kind {
				c.Count++
				if t.late {
					c.Late++
				}
			}
		}
		data.Counts = append(data.Counts, c)
		data.All, data.Late = data.All+c.Count, data.Late+c.Late
	}
}

// options offers to filter by what the queue holds.
func (data *queueView) options(state *civic.State, v *visit, mine []task) {
	dialogues, themes, places := map[act.ID]bool{}, map[string]bool{}, map[string]bool{}
	for _, t := range mine {
		view := state.Statement(t.view)
		dialogues[view.Dialogue] = true
		for _, theme := range view.Themes {
			themes[theme] = true
		}
		if view.Place != "" {
			places[view.Place] = true
		}
	}
	for _, c := range data.Counts {
		if c.Count > 0 {
			data.Kinds = append(data.Kinds, option{Value: c.Kind, Current: v.known.Get("kind") == c.Kind})
		}
	}
	for _, d := range state.Dialogues() {
		if dialogues[d.ID] {
			data.Dialogues = append(data.Dialogues, option{d.Slug, state.Names(d.ID), v.known.Get("dialogue") == d.Slug})
		}
	}
	for _, theme := range state.Themes() {
		if themes[theme] {
			data.Themes = append(data.Themes, option{theme, themeNames(state, theme), v.known.Get("theme") == theme})
		}
	}
	for _, place := range state.Places(0) {
		if places[place.Code] {
			data.Places = append(data.Places, option{place.Code, state.Names(place.ID), v.known.Get("place") == place.Code})
		}
	}
}

func fits(state *civic.State, v *visit, t task) bool {
	view := state.Statement(t.view)
	kind, dialogue, theme, place := v.known.Get("kind"), v.known.Get("dialogue"), v.known.Get("theme"), v.known.Get("place")
	return (kind == "" || kind == t.kind) &&
		(dialogue == "" || state.Dialogue(view.Dialogue).Slug == dialogue) &&
		(theme == "" || slices.Contains(view.Themes, theme)) &&
		(place == "" || view.Place != "" && state.Within(view.Place, place))
}

func taskLineOf(state *civic.State, v *visit, t task) taskLine {
	view := state.Statement(t.view)
	line := taskLine{viewLine: lineOf(state, view, v.now), Kind: t.kind, Channel: view.Channel, ref: civic.SectionRef{Act: view.ID, Name: "text"}}
	line.Clock = deadlineOf(state, t.clock, v.now)
	switch {
	case !view.Correction.IsZero():
		line.ref.Act = view.Correction
	case t.kind == taskModerate:
		line.Pick = pickOf(state, view)
	}
	return line
}

// pickOf names a view as it stood when somebody ticked it: after something else
// happened to it, the tick no longer counts.
func pickOf(state *civic.State, view *civic.Statement) string {
	return fmt.Sprintf("%s.%d", state.Code(view.ID), len(view.Events))
}

// rowMost is how many characters of a view stand on a row of the queue.
const rowMost = 500

// readTasks reads the words of the rows. A view can be ticked where all of its
// words stand on the row, the longer text too: nobody publishes unread.
func (s *Server) readTasks(v *visit, m *member, data *queueView) error {
	for i := range data.Tasks {
		line := &data.Tasks[i]
		var text, detail act.Text
		read, err := s.readAs(v, m, line.ref, &text)
		if err != nil {
			return err
		}
		more, err := s.readAs(v, m, civic.SectionRef{Act: line.ID, Name: "detail"}, &detail)
		if err != nil {
			return err
		}
		line.Text = locale.Truncate(text.Text, rowMost)
		line.Whole = read && !more && line.Text == text.Text
		if !line.Whole {
			line.Pick = ""
		}
		if line.Pick != "" {
			data.Picks++
		}
	}
	return nil
}

// readAs reads a section in whichever of somebody's roles may. It reports false
// for one that is not for them, or that there is not.
func (s *Server) readAs(v *visit, m *member, ref civic.SectionRef, into any) (bool, error) {
	var who civic.Actor
	var may bool
	s.read.View(func(state *civic.State) {
		for _, role := range m.Roles {
			actor, err := m.actor(role)
			if err == nil && state.MayRead(actor, ref) {
				who, may = actor, true
				return
			}
		}
	})
	if !may {
		return false, nil
	}
	err := s.read.Content(v.r.Context(), who, ref, into)
	if errors.Is(err, register.ErrNotFound) || errors.Is(err, register.ErrErased) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("read a section for the desk: %w", err)
	}
	return true, nil
}
