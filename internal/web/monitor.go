package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
)

// monitorView answers: what was reported as done that nobody has looked at?
type monitorView struct {
	Bar      deskBar
	Places   []option
	Place    string
	Reported []checkLine
	Silent   []checkLine // late, and nothing was reported
	Found    int
	Pager    pager
	At       time.Time
	Position int64
}

// checkLine is one commitment that somebody should look at.
type checkLine struct {
	commitmentLine
	Reported time.Time // when it was reported, zero if nothing was
	Named    bool      // their organisation is named as its verifier
	May      bool
	Why      string // a refusal: why it is not for them
}

var monitorFilters = []string{"place", "page"}

// silentMost is how many late commitments without a report stand on the page.
const silentMost = 20

func (s *Server) monitor(w http.ResponseWriter, v *visit, m *member) error {
	deskKnown(v, monitorFilters...)
	if err := m.needs(act.RoleMonitor); err != nil {
		return err
	}
	data := &monitorView{Bar: m.bar("monitor"), Place: v.known.Get("place"), At: v.now}
	s.read.View(func(state *civic.State) {
		data.Position = state.Position()
		data.fill(state, v, m)
	})
	lines := make([]commitmentLine, 0, len(data.Reported)+len(data.Silent))
	for _, list := range [][]checkLine{data.Reported, data.Silent} {
		for _, line := range list {
			lines = append(lines, line.commitmentLine)
		}
	}
	if err := s.readPlans(v, lines); err != nil {
		return err
	}
	for i := range data.Reported {
		data.Reported[i].commitmentLine = lines[i]
	}
	for i := range data.Silent {
		data.Silent[i].commitmentLine = lines[len(data.Reported)+i]
	}
	return s.show(w, v, deskPage("desk-monitor", v.T("web.monitor.title"), data))
}

// unchecked is a commitment's newest report, if nobody has looked at it.
func unchecked(c *civic.Commitment) (civic.Claim, bool) {
	if len(c.Claims) == 0 {
		return civic.Claim{}, false
	}
	last := c.Claims[len(c.Claims)-1]
	return last, !slices.ContainsFunc(c.Assessments, func(a civic.Assessment) bool { return a.Claim != nil && *a.Claim == last.Act })
}

func (data *monitorView) fill(state *civic.State, v *visit, m *member) {
	today := v.now.Format(time.DateOnly)
	places := map[string]bool{}
	type waiting struct {
		c     *civic.Commitment
		since time.Time
	}
	var reported, silent []waiting
	for _, c := range state.Commitments() {
		at := state.PlaceOf(c)
		claim, waits := unchecked(c)
		late := len(c.Claims) == 0 && len(c.Assessments) == 0 && c.State(today) == civic.CommitmentLate
		if !waits && !late {
			continue
		}
		places[at] = true
		if data.Place != "" && (at == "" || !state.Within(at, data.Place)) {
			continue
		}
		if waits {
			reported = append(reported, waiting{c, claim.At})
		} else {
			silent = append(silent, waiting{c, day(c.End(), v.now.Location())})
		}
	}
	oldest := func(a, b waiting) int { return cmp.Or(a.since.Compare(b.since)) }
	slices.SortStableFunc(reported, oldest)
	slices.SortStableFunc(silent, oldest)
	line := func(w waiting) checkLine {
		l := checkLine{commitmentLine: commitmentLineOf(state, w.c, today, v.now), Named: w.c.Verifier == m.Organisation}
		found := &act.ProgressAssessed{Verdict: act.Partly, Status: act.Limited}
		if claim, waits := unchecked(w.c); waits {
			l.Reported, found.Claim = claim.At.In(v.now.Location()), &claim.Act
		}
		err := m.may(state, v, w.c.ID, found, act.RoleMonitor)
		if l.May = err == nil; err != nil {
			l.Why = viewOf(v.L, problemOf(err)).Text
		}
		return l
	}
	data.Found = len(reported)
	data.Pager = pagerOf("/desk/monitor", v.known, len(reported))
	for _, w := range reported[data.Pager.First-1 : data.Pager.Last] {
		data.Reported = append(data.Reported, line(w))
	}
	for _, w := range silent[:min(len(silent), silentMost)] {
		data.Silent = append(data.Silent, line(w))
	}
	for _, p := range state.Places(0) {
		if places[p.Code] {
			data.Places = append(data.Places, option{p.Code, state.Names(p.ID), p.Code == data.Place})
		}
	}
}
