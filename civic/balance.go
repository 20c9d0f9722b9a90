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
	// Waiting for an authority to acknowledge them.
	Waiting          Waiting `json:"waiting"`
	NeedsInformation Waiting `json:"needs_information"`
	BeingConsidered  Waiting `json:"being_considered"`
	Answered         int     `json:"answered"`
	// TransferredOn are those that the authority of the filter handed on.
	TransferredOn int `json:"transferred_on"`
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
	sum := 0
	for _, d := range Dispositions {
		n, _ := b.Part(d)
		sum += n
	}
	return sum
}

// Overdue is the number of views whose next step is late.
func (b Balance) Overdue() int {
	sum := 0
	for _, d := range Dispositions {
		_, late := b.Part(d)
		sum += late
	}
	return sum
}

// Part gives the number of views in a part, and how many of them are late.
func (b Balance) Part(d Disposition) (n, late int) {
	if w := b.waiting(d); w != nil {
		return w.Total(), w.Overdue
	}
	switch d {
	case DispErased:
		return b.Erased, 0
	case DispWithheld:
		return b.Withheld, 0
	case DispAnswered:
		return b.Answered, 0
	case DispTransferred:
		return b.TransferredOn, 0
	}
	return 0, 0
}

// waiting is the part of a disposition in which somebody's step is awaited, nil
// for the others.
func (b *Balance) waiting(d Disposition) *Waiting {
	switch d {
	case DispAwaiting:
		return &b.AwaitingModeration
	case DispNotYetReferred:
		return &b.NotYetReferred
	case DispWaiting:
		return &b.Waiting
	case DispNeedsInformation:
		return &b.NeedsInformation
	case DispConsidering:
		return &b.BeingConsidered
	}
	return nil
}

// add counts so many views in a part.
func (b *Balance) add(d Disposition, n Waiting) {
	b.Registered += n.Total()
	if w := b.waiting(d); w != nil {
		w.OnTime += n.OnTime
		w.Overdue += n.Overdue
		return
	}
	switch d {
	case DispErased:
		b.Erased += n.Total()
	case DispWithheld:
		b.Withheld += n.Total()
	case DispTransferred:
		b.TransferredOn += n.Total()
	default:
		b.Answered += n.Total()
	}
}

// Disposition is the one part of the balance in which a view counts.
type Disposition string

// The dispositions, in the order in which they are decided.
const (
	DispErased           Disposition = "erased"
	DispWithheld         Disposition = "withheld"
	DispAwaiting         Disposition = "awaiting_moderation"
	DispNotYetReferred   Disposition = "not_yet_referred"
	DispWaiting          Disposition = "waiting"
	DispNeedsInformation Disposition = "needs_information"
	DispConsidering      Disposition = "being_considered"
	DispAnswered         Disposition = "answered"
	// DispTransferred is a part of an authority's balance alone.
	DispTransferred Disposition = "transferred_on"
)

// Dispositions lists the dispositions in the order in which pages show them.
var Dispositions = []Disposition{
	DispAnswered, DispConsidering, DispNeedsInformation, DispWaiting, DispNotYetReferred, DispAwaiting, DispTransferred, DispWithheld, DispErased,
}

// advance orders the dispositions of cases, the least advanced first.
func (d Disposition) advance() int {
	switch d {
	case DispWaiting:
		return 1
	case DispNeedsInformation:
		return 2
	case DispConsidering:
		return 3
	default:
		return 4
	}
}

// Waits reports whether a view in this part waits for somebody's step.
func (d Disposition) Waits() bool { return new(Balance).waiting(d) != nil }

// Standing tells in which part of the balance the view counts at a moment, and
// the clock that runs for it.
func (v *Statement) Standing(at time.Time) (Disposition, Clock) {
	switch {
	case v.Erased:
		return DispErased, Clock{}
	case v.Moderation == Withheld:
		return DispWithheld, Clock{}
	case v.Moderation == Awaiting:
		return DispAwaiting, v.Clock
	}
	return v.among(at, act.ID{})
}

// among tells the least advanced of the view's cases, or of those that one
// authority holds; of equal ones the one that is due first.
func (v *Statement) among(at time.Time, authority act.ID) (Disposition, Clock) {
	least, clock, found := DispNotYetReferred, v.Clock, false
	v.eachReferral(func(r *Referral) {
		if !authority.IsZero() && r.Authority != authority {
			return
		}
		standing, due := r.Standing(at)
		if standing == DispErased {
			return // of other views; this one is not
		}
		if !found || standing.advance() < least.advance() || standing == least && due.Running() && due.Due.Before(clock.Due) {
			least, clock, found = standing, due, true
		}
	})
	if !found && !authority.IsZero() {
		return DispTransferred, Clock{}
	}
	return least, clock
}

// standingWith tells in which part of an authority's balance the view counts at
// a moment, and the clock that runs for it there.
func (v *Statement) standingWith(authority act.ID, at time.Time) (Disposition, Clock) {
	d, clock := v.Standing(at)
	if d == DispErased || d == DispWithheld || d == DispAwaiting {
		return d, clock
	}
	return v.among(at, authority)
}

// Disposition tells in which part of the balance the view counts at a moment.
func (v *Statement) Disposition(at time.Time) Disposition {
	d, _ := v.Standing(at)
	return d
}

// Filter picks the views that a balance is about; its zero value picks all.
type Filter struct {
	Dialogue act.ID
	// Authority picks the views of which it has, or had, a case.
	Authority act.ID
	Place     string // a code; views of places within count too
	// From and Until bound the day of registration ("2006-01-02", inclusive),
	// in the programme's time zone.
	From, Until string
}
