package civic

import (
	"slices"
	"time"

	"samleng/act"
)

// Commitment is a line of a dialogue's plans and what became of it.
type Commitment struct {
	ID       act.ID
	Dialogue act.ID
	By       act.By
	At       time.Time
	act.CommitmentMade
	Revisions    []Revision
	Claims       []Claim
	Assessments  []Assessment
	Measurements []Measurement
	Events       []Event

	order int // among all commitments
}

// Revision is a change of a commitment's dates or money.
type Revision struct {
	Act act.ID
	At  time.Time
	act.CommitmentRevised
}

// CommitmentState is where a commitment stands. "Claimed" is not "done": done
// has two sides.
type CommitmentState string

// The states of commitments.
const (
	CommitmentUnderWay  CommitmentState = "under_way"
	CommitmentLate      CommitmentState = "late"
	CommitmentClaimed   CommitmentState = "claimed"   // reported as done, confirmed by nobody
	CommitmentPartly    CommitmentState = "partly"    // reported as done, found done in part
	CommitmentDisputed  CommitmentState = "disputed"  // reported as done, found not done
	CommitmentConfirmed CommitmentState = "confirmed" // reported as done, found done by somebody else
)

// CommitmentStates lists them in the order in which pages show them.
var CommitmentStates = []CommitmentState{
	CommitmentConfirmed, CommitmentClaimed, CommitmentPartly, CommitmentDisputed, CommitmentUnderWay, CommitmentLate,
}

type commitmentBook struct {
	byID  map[act.ID]*Commitment
	order []*Commitment
	by    map[act.ID][]*Commitment // by who is responsible
	lines []promiseLine            // by order
	rows  map[act.ID][]int32       // the places of those of by
	// together holds, both ways, those that promised something together.
	together map[[2]act.ID]bool
}

// promise notes a commitment.
func (b *commitmentBook) promise(c *Commitment) {
	b.byID[c.ID] = c
	c.order = len(b.order)
	b.order = append(b.order, c)
	b.lines = append(b.lines, promiseLine{})
	b.by[c.Responsible] = append(b.by[c.Responsible], c)
	b.rows[c.Responsible] = append(b.rows[c.Responsible], int32(c.order))
	promisers := append([]act.ID{c.Responsible}, c.With...)
	for _, one := range c.With {
		for _, other := range promisers {
			b.together[[2]act.ID{one, other}], b.together[[2]act.ID{other, one}] = true, true
		}
	}
}

// Commitments lists the commitments as they were made.
func (s *State) Commitments() []*Commitment { return s.promises.order }

// Commitment finds a commitment by its id, nil if there is none.
func (s *State) Commitment(id act.ID) *Commitment { return s.promises.byID[id] }

// End is the last day of the commitment as it stands now; what it promised
// first is CommitmentMade.End.
func (c *Commitment) End() string {
	if n := len(c.Revisions); n > 0 {
		return c.Revisions[n-1].End
	}
	return c.CommitmentMade.End
}

// Plan gives the milestones, money and funding as they stand now.
func (c *Commitment) Plan() (milestones []act.Milestone, budget *act.Money, funding, uptake string) {
	if n := len(c.Revisions); n > 0 {
		r := c.Revisions[n-1]
		return r.Milestones, r.Budget, r.Funding, r.Uptake
	}
	return c.Milestones, c.Budget, c.Funding, c.Uptake
}

// FirstDue gives the day for which a milestone was promised first, and the
// revision that added it, nil if it was there from the start. A milestone that
// was added has no words of its own; the reasons of that revision name it.
func (c *Commitment) FirstDue(code string) (due string, added *Revision) {
	first := func(plan []act.Milestone) bool {
		i := slices.IndexFunc(plan, func(m act.Milestone) bool { return m.Code == code })
		if i >= 0 {
			due = plan[i].Due
		}
		return i >= 0
	}
	if first(c.CommitmentMade.Milestones) {
		return due, nil
	}
	for i := range c.Revisions {
		if first(c.Revisions[i].Milestones) {
			return due, &c.Revisions[i]
		}
	}
	return "", nil
}

// Slip is the number of days by which the end moved since it was promised,
// negative if it came nearer.
func (c *Commitment) Slip() int {
	first, err := time.Parse(time.DateOnly, c.CommitmentMade.End)
	now, err2 := time.Parse(time.DateOnly, c.End())
	if err != nil || err2 != nil {
		return 0
	}
	return int(now.Sub(first).Hours() / 24)
}

// State tells where the commitment stands on a day. The newest report that it
// is done counts with what was found of that report; one finding of "disputed"
// outweighs those that confirm.
func (c *Commitment) State(today string) CommitmentState {
	if settled := c.settled(); settled != "" {
		return settled
	}
	if c.End() < today {
		return CommitmentLate
	}
	return CommitmentUnderWay
}

// settled is the state of a commitment that was reported as done, empty for
// others: theirs is for the day to say.
func (c *Commitment) settled() CommitmentState {
	if n := len(c.Claims); n > 0 && c.Claims[n-1].Status == act.Complete {
		state := CommitmentClaimed
		for _, found := range c.Assessments {
			if found.Claim == nil || *found.Claim != c.Claims[n-1].Act {
				continue
			}
			switch {
			case found.Verdict == act.Disputed:
				return CommitmentDisputed
			case found.Verdict == act.Partly:
				state = CommitmentPartly
			case state == CommitmentClaimed:
				state = CommitmentConfirmed
			}
		}
		return state
	}
	return ""
}

func (c *Commitment) record(a *act.Act) {
	c.Events = append(c.Events, Event{Act: a.ID, Kind: a.Kind, At: a.At, By: a.By, Facts: a.Facts})
}

// bound reports whether an organisation is one of those that promised.
func (c *Commitment) bound(organisation act.ID) bool {
	return organisation == c.Responsible || slices.Contains(c.With, organisation)
}

func writesCommitment(a *act.Act, k *KeySet) { k.write(keyCommitment, a.Of, act.ID{}) }

var commitmentRules = map[act.Kind]rule{
	act.KindCommitmentMade: {
		roles: officers, public: checkCommitment, apply: applyCommitment,
		keys: func(a *act.Act, k *KeySet) {
			k.write(keyCommitment, a.ID, act.ID{})
			facts := a.Facts.(*act.CommitmentMade)
			for _, need := range facts.Needs {
				k.write(keyNeed, need, act.ID{})
			}
			if len(facts.With) > 0 {
				writesSettings(a, k) // those who promise together judge each other no more
			}
		},
	},
	act.KindCommitmentRevised: {
		roles: officers, public: checkRevised, apply: applyRevised, keys: writesCommitment,
	},
}

// checkCommitment: an organisation promises for itself, about needs of one
// dialogue, in the programme's currencies, with a verifier who is independent of
// all who promise.
func checkCommitment(s *State, h *act.Header) error {
	facts := h.Facts.(*act.CommitmentMade)
	if facts.Needs[0] != h.Of {
		return refuse(RefusedNeed)
	}
	for _, id := range facts.Needs {
		n := s.needs.byID[id]
		if n == nil || n.Dialogue != s.needs.byID[facts.Needs[0]].Dialogue {
			return refuse(RefusedNeed)
		}
	}
	if h.By.Organisation != facts.Responsible {
		return refuse(RefusedForbidden)
	}
	if slices.Contains(facts.With, facts.Responsible) || s.orgs.byID[facts.Verifier] == nil ||
		slices.ContainsFunc(facts.With, func(id act.ID) bool { return s.orgs.byID[id] == nil }) {
		return refuse(RefusedOrganisation)
	}
	for _, promiser := range append([]act.ID{facts.Responsible}, facts.With...) {
		if !s.Independent(promiser, facts.Verifier, h.At) {
			return refuse(RefusedVerifier)
		}
	}
	return s.checkMoney(facts.Budget)
}

func (s *State) checkMoney(money *act.Money) error {
	if money != nil && !slices.Contains(s.programme.Currencies, money.Currency) {
		return refuse(RefusedCurrency, "currency", money.Currency)
	}
	return nil
}

func applyCommitment(s *State, a *act.Act) error {
	facts := a.Facts.(*act.CommitmentMade)
	var needs []*Need
	for _, id := range facts.Needs {
		n := s.needs.byID[id]
		if n == nil {
			return missing("need", a)
		}
		needs = append(needs, n)
	}
	c := &Commitment{ID: a.ID, Dialogue: needs[0].Dialogue, By: a.By, At: a.At, CommitmentMade: *facts}
	for _, n := range needs {
		n.commitments = append(n.commitments, c)
		n.record(a, time.Time{})
	}
	c.record(a)
	s.promises.promise(c)
	s.promiseMoved(c)
	return nil
}

// promised finds the commitment of an act by one of those who promised it.
func (s *State) promised(h *act.Header) (*Commitment, error) {
	c := s.promises.byID[h.Of]
	switch {
	case c == nil:
		return nil, refuse(RefusedCommitment)
	case !c.bound(h.By.Organisation):
		return nil, refuse(RefusedForbidden)
	}
	return c, nil
}

// checkRevised: who is responsible moves dates, and drops no milestone.
func checkRevised(s *State, h *act.Header) error {
	c, err := s.promised(h)
	if err != nil {
		return err
	}
	facts := h.Facts.(*act.CommitmentRevised)
	if h.By.Organisation != c.Responsible {
		return refuse(RefusedForbidden)
	}
	before, _, _, _ := c.Plan()
	for _, m := range before {
		if !slices.ContainsFunc(facts.Milestones, func(n act.Milestone) bool { return n.Code == m.Code }) {
			return refuse(RefusedMilestoneGone, "code", m.Code)
		}
	}
	if facts.End < c.Start {
		return refuse(RefusedPast, "day", facts.End)
	}
	return s.checkMoney(facts.Budget)
}

func applyRevised(s *State, a *act.Act) error {
	c := s.promises.byID[a.Of]
	if c == nil {
		return missing("commitment", a)
	}
	c.Revisions = append(c.Revisions, Revision{Act: a.ID, At: a.At, CommitmentRevised: *a.Facts.(*act.CommitmentRevised)})
	c.record(a)
	s.promiseMoved(c)
	return nil
}
