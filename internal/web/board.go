package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
)

// boardView answers: what came of it, for what money, and what is late?
type boardView struct {
	Bar        deskBar
	Balance    balanceView
	Punctual   wholeFigures
	Promises   []countOf
	All        int
	Confirmed  int
	Slipped    int
	Money      []moneyLine
	Unfunded   int // commitments for which no money was found
	Unpriced   int // commitments that name no sum
	Indicators []resultLine
	More       int
	Late       []commitmentLine
	LateMore   int
	Needs      int
	NeedsOpen  int
	At         time.Time
	Position   int64
}

// moneyLine is planned money from one source in one currency.
type moneyLine struct {
	Funding string
	Sum     *act.Money
	N       int
}

// resultLine is an indicator: from where, to where, and where it is.
type resultLine struct {
	commitmentLine
	Indicator map[string]string
	Baseline  int64
	Target    int64
	Newest    int64
	Measured  time.Time // when it was measured last, zero if never
	Decimals  int
	Measure   string
}

// How many lines the board's lists hold.
const boardMost = 20

func (s *Server) board(w http.ResponseWriter, v *visit, m *member) error {
	if err := m.needs(act.RoleBoard); err != nil {
		return err
	}
	data := &boardView{Bar: m.bar("board"), At: v.now}
	s.read.View(func(state *civic.State) { data.fill(state, v) })
	lines := make([]commitmentLine, len(data.Indicators))
	for i := range data.Indicators {
		lines[i] = data.Indicators[i].commitmentLine
	}
	if err := s.readPlans(v, lines); err != nil {
		return err
	}
	for i := range data.Indicators {
		data.Indicators[i].commitmentLine = lines[i]
		plan, err := s.plan(v, lines[i].ID)
		if err != nil {
			return err
		}
		data.Indicators[i].Indicator = plan.Indicator
	}
	if err := s.readPlans(v, data.Late); err != nil {
		return err
	}
	return s.show(w, v, deskPage("desk-board", v.T("web.board.title"), data))
}

func (data *boardView) fill(state *civic.State, v *visit) {
	data.Position = state.Position()
	data.Balance = balanceOf(state, civic.Filter{}, v.now, "")
	data.Punctual.FellDue, data.Punctual.InTime = state.Punctuality(v.now)
	data.Punctual.Share = shareOf(data.Punctual.InTime, data.Punctual.FellDue)
	data.Needs = len(state.Needs())
	for _, n := range state.Needs() {
		if state.IsOpen(n) {
			data.NeedsOpen++
		}
	}
	today := v.now.Format(time.DateOnly)
	counts := map[civic.CommitmentState]int{}
	var late []*civic.Commitment
	all := state.Commitments()
	data.All = len(all)
	for _, c := range all {
		stands := c.State(today)
		counts[stands]++
		if stands == civic.CommitmentLate {
			late = append(late, c)
		}
		if c.Slip() > 0 {
			data.Slipped++
		}
	}
	data.Confirmed = counts[civic.CommitmentConfirmed]
	for _, stands := range civic.CommitmentStates {
		data.Promises = append(data.Promises, countOf{"commitment", string(stands), counts[stands], len(all)})
	}
	data.money(all)
	data.results(state, all, today, v)
	slices.SortStableFunc(late, func(a, b *civic.Commitment) int { return cmp.Compare(a.End(), b.End()) })
	data.LateMore = max(0, len(late)-boardMost)
	for _, c := range late[:len(late)-data.LateMore] {
		data.Late = append(data.Late, commitmentLineOf(state, c, today, v.now))
	}
}

// money adds what is planned, by source and currency, as plans stand now.
func (data *boardView) money(all []*civic.Commitment) {
	type key struct{ funding, currency string }
	sums := map[key]*moneyLine{}
	for _, c := range all {
		_, budget, funding, _ := c.Plan()
		if funding == "unfunded" {
			data.Unfunded++
		}
		if budget == nil {
			data.Unpriced++
			continue
		}
		k := key{funding, budget.Currency}
		if sums[k] == nil {
			sums[k] = &moneyLine{Funding: funding, Sum: &act.Money{Currency: budget.Currency}}
		}
		sums[k].N++
		sums[k].Sum.Minor += budget.Minor
	}
	for _, line := range sums {
		data.Money = append(data.Money, *line)
	}
	slices.SortFunc(data.Money, func(a, b moneyLine) int {
		return cmp.Or(cmp.Compare(slices.Index(act.Fundings, a.Funding), slices.Index(act.Fundings, b.Funding)), cmp.Compare(a.Sum.Currency, b.Sum.Currency))
	})
}

// results lists indicators, those measured last first.
func (data *boardView) results(state *civic.State, all []*civic.Commitment, today string, v *visit) {
	newest := func(c *civic.Commitment) *civic.Measurement {
		var last *civic.Measurement
		for i := range c.Measurements {
			if last == nil || c.Measurements[i].On >= last.On {
				last = &c.Measurements[i]
			}
		}
		return last
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b *civic.Commitment) int {
		x, y := newest(a), newest(b)
		switch {
		case x == nil && y == nil:
			return 0
		case x == nil:
			return 1
		case y == nil:
			return -1
		}
		return cmp.Compare(y.On, x.On)
	})
	data.More = max(0, len(sorted)-boardMost)
	for _, c := range sorted[:len(sorted)-data.More] {
		line := resultLine{commitmentLine: commitmentLineOf(state, c, today, v.now), Baseline: c.Indicator.Baseline, Target: c.Indicator.Target,
			Decimals: c.Indicator.Decimals, Measure: c.Indicator.Measure}
		if last := newest(c); last != nil {
			line.Newest, line.Measured = last.Value, day(last.On, v.now.Location())
		}
		data.Indicators = append(data.Indicators, line)
	}
}
