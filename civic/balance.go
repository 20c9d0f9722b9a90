package civic

import (
	"time"

	"samleng/act"
)

// Balance accounts for every view that was registered: each is in exactly one
// of its parts, so that registered is their sum.
type Balance struct {
	Registered         int     `json:"registered"`
	Erased             int     `json:"erased"`
	Withheld           int     `json:"withheld"`
	AwaitingModeration Waiting `json:"awaiting_moderation"`
	NotYetReferred     Waiting `json:"not_yet_referred"`
}

// Waiting splits views that wait for somebody's step.
type Waiting struct {
	OnTime  int `json:"on_time"`
	Overdue int `json:"overdue"`
}

// Total is the number of views that wait.
func (w Waiting) Total() int { return w.OnTime + w.Overdue }

func (w *Waiting) add(overdue bool) {
	if overdue {
		w.Overdue++
	} else {
		w.OnTime++
	}
}

// Sum adds the parts; it equals Registered.
func (b Balance) Sum() int {
	return b.Erased + b.Withheld + b.AwaitingModeration.Total() + b.NotYetReferred.Total()
}

// Overdue is the number of views whose next step is late.
func (b Balance) Overdue() int { return b.AwaitingModeration.Overdue + b.NotYetReferred.Overdue }

// Disposition is the one part of the balance in which a view counts.
type Disposition string

// The dispositions, in the order in which they are decided.
const (
	DispErased         Disposition = "erased"
	DispWithheld       Disposition = "withheld"
	DispAwaiting       Disposition = "awaiting_moderation"
	DispNotYetReferred Disposition = "not_yet_referred"
)

// Dispositions lists the dispositions in the order in which pages show them.
var Dispositions = []Disposition{DispNotYetReferred, DispAwaiting, DispWithheld, DispErased}

// Disposition tells in which part of the balance the view counts.
func (v *Statement) Disposition() Disposition {
	switch {
	case v.Erased:
		return DispErased
	case v.Moderation == Withheld:
		return DispWithheld
	case v.Moderation == Awaiting:
		return DispAwaiting
	default:
		return DispNotYetReferred
	}
}

// Filter picks the views that a balance is about; its zero value picks all.
type Filter struct {
	Dialogue act.ID
	Place    string // a code; views of places within count too
	// From and Until bound the day of registration ("2006-01-02", inclusive),
	// in the programme's time zone.
	From, Until string
}

// Balance accounts for the views that the filter picks, with what is overdue
// at the moment.
func (s *State) Balance(f Filter, at time.Time) Balance {
	var b Balance
	views := s.views.order
	if !f.Dialogue.IsZero() {
		views = nil
		if d := s.dialogues.byID[f.Dialogue]; d != nil {
			views = d.statements
		}
	}
	for _, v := range views {
		if !s.picks(f, v) {
			continue
		}
		b.Registered++
		switch v.Disposition() {
		case DispErased:
			b.Erased++
		case DispWithheld:
			b.Withheld++
		case DispAwaiting:
			b.AwaitingModeration.add(v.Clock.Overdue(at))
		default:
			b.NotYetReferred.add(v.Clock.Overdue(at))
		}
	}
	return b
}

func (s *State) picks(f Filter, v *Statement) bool {
	if f.Place != "" {
		place := v.Place
		if place == "" {
			place = s.dialogues.byID[v.Dialogue].Place
		}
		if place == "" || !s.Within(place, f.Place) {
			return false
		}
	}
	if f.From == "" && f.Until == "" {
		return true
	}
	day := v.At.In(s.Zone()).Format(time.DateOnly)
	return (f.From == "" || day >= f.From) && (f.Until == "" || day <= f.Until)
}
