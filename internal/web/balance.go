package web

import (
	"time"

	"samleng/civic"
)

// balanceView is the balance bar: every view that was registered, in one part
// each, and how many of a part are late.
type balanceView struct {
	Registered int
	Late       int
	Parts      []balancePart
	// Waiting counts the views that wait for somebody's step.
	Waiting int
	// At and Position say what the figures are of.
	At       time.Time
	Position int64
	// Base is the address of a list that takes ?state=; empty for no links.
	Base string
}

// balancePart is one part of the bar. X, Width and so on are thousandths of it.
type balancePart struct {
	State         civic.Disposition
	Count, Late   int
	Waits         bool
	X, Width      float64
	LateX, LateWd float64
	Share         float64
}

// barWidth is the width of the bar's own units.
const barWidth = 1000

// balanceOf lays a balance out. The late views of a part stand at its end.
func balanceOf(state *civic.State, f civic.Filter, now time.Time, base string) balanceView {
	b := state.Balance(f, now)
	view := balanceView{Registered: b.Registered, Late: b.Overdue(), At: now, Position: state.Position(), Base: base}
	x := 0.0
	for _, d := range civic.Dispositions {
		if d == civic.DispTransferred && f.Authority.IsZero() {
			continue // a part of an authority's balance alone
		}
		part := partOf(b, d)
		if b.Registered > 0 {
			part.Share = float64(part.Count) / float64(b.Registered)
		}
		part.X, part.Width = x, part.Share*barWidth
		if part.Count > 0 {
			part.LateWd = part.Width * float64(part.Late) / float64(part.Count)
		}
		part.LateX = x + part.Width - part.LateWd
		x += part.Width
		if part.Waits {
			view.Waiting += part.Count
		}
		view.Parts = append(view.Parts, part)
	}
	return view
}

func partOf(b civic.Balance, d civic.Disposition) balancePart {
	n, late := b.Part(d)
	return balancePart{State: d, Count: n, Late: late, Waits: d.Waits()}
}
