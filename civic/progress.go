package civic

import (
	"slices"
	"time"

	"samleng/act"
)

// Claim is a report by one of those who promised.
type Claim struct {
	Act act.ID
	At  time.Time
	By  act.By
	act.ProgressClaimed
}

// Assessment is what somebody found who did not promise.
type Assessment struct {
	Act act.ID
	At  time.Time
	By  act.By
	act.ProgressAssessed
}

// Measurement is a value of a commitment's indicator.
type Measurement struct {
	Act act.ID
	At  time.Time
	By  act.By
	act.IndicatorMeasured
}

var progressRules = map[act.Kind]rule{
	act.KindProgressClaimed: {
		roles: officers, public: checkClaimed, private: checkEvidence,
		apply: onCommitment(func(c *Commitment, a *act.Act) {
			c.Claims = append(c.Claims, Claim{Act: a.ID, At: a.At, By: a.By, ProgressClaimed: *a.Facts.(*act.ProgressClaimed)})
		}),
		keys: writesCommitment,
	},
	act.KindProgressAssessed: {
		roles: []act.Role{act.RoleMonitor}, public: checkAssessed, private: checkEvidence,
		apply: onCommitment(func(c *Commitment, a *act.Act) {
			c.Assessments = append(c.Assessments, Assessment{Act: a.ID, At: a.At, By: a.By, ProgressAssessed: *a.Facts.(*act.ProgressAssessed)})
		}),
		keys: writesCommitment,
	},
	act.KindIndicatorMeasured: {
		roles: []act.Role{act.RoleMonitor, act.RoleFocalPoint, act.RoleSigningOfficer}, public: checkMeasured,
		apply: onCommitment(func(c *Commitment, a *act.Act) {
			c.Measurements = append(c.Measurements, Measurement{Act: a.ID, At: a.At, By: a.By, IndicatorMeasured: *a.Facts.(*act.IndicatorMeasured)})
		}),
		keys: writesCommitment,
	},
}

// onCommitment makes the change of an act about a commitment, and records it.
func onCommitment(change func(*Commitment, *act.Act)) func(*State, *act.Act) error {
	return func(s *State, a *act.Act) error {
		c := s.promises.byID[a.Of]
		if c == nil {
			return missing("commitment", a)
		}
		change(c, a)
		c.record(a)
		s.promiseMoved(c)
		return nil
	}
}

// checkClaimed: who reports that most or all is done shows evidence.
func checkClaimed(s *State, h *act.Header) error {
	c, err := s.promised(h)
	if err != nil {
		return err
	}
	facts := h.Facts.(*act.ProgressClaimed)
	if err := s.checkWhere(facts.Place); err != nil {
		return err
	}
	milestones, _, _, _ := c.Plan()
	if facts.Milestone != "" && !slices.ContainsFunc(milestones, func(m act.Milestone) bool { return m.Code == facts.Milestone }) {
		return refuse(RefusedMilestone)
	}
	if facts.Files == 0 && (facts.Status == act.Substantial || facts.Status == act.Complete) {
		return refuse(RefusedNoEvidence)
	}
	return nil
}

// checkEvidence holds the number of files in the header to those in the section.
func checkEvidence(_ *State, _ Actor, a *act.Act) error {
	var evidence act.Evidence
	if _, err := a.Content("evidence", &evidence); err != nil {
		return err
	}
	files := 0
	switch facts := a.Facts.(type) {
	case *act.ProgressClaimed:
		files = facts.Files
	case *act.ProgressAssessed:
		files = facts.Files
	}
	if len(evidence.Files) != files {
		return refuse(RefusedNoEvidence)
	}
	return nil
}

func (s *State) checkWhere(place string) error {
	if place != "" && s.places.byCode[place] == nil {
		return refuse(RefusedPlace)
	}
	return nil
}

// checkAssessed: nobody assesses what they promised or reported on, for whomever
// they act now, nor what somebody promised who shares a parent, a stake or another
// promise with them.
func checkAssessed(s *State, h *act.Header) error {
	c, facts := s.promises.byID[h.Of], h.Facts.(*act.ProgressAssessed)
	if c == nil {
		return refuse(RefusedCommitment)
	}
	for _, promiser := range append([]act.ID{c.Responsible}, c.With...) {
		if !s.Independent(promiser, h.By.Organisation, h.At) {
			return refuse(RefusedNotIndependent)
		}
	}
	if slices.ContainsFunc(c.Events, func(e Event) bool {
		return e.Kind != act.KindProgressAssessed && e.Kind != act.KindIndicatorMeasured && e.By.Staff == h.By.Staff
	}) {
		return refuse(RefusedNotIndependent)
	}
	known := func(claim Claim) bool { return facts.Claim != nil && claim.Act == *facts.Claim }
	if len(c.Claims) > 0 && !slices.ContainsFunc(c.Claims, known) || len(c.Claims) == 0 && facts.Claim != nil {
		return refuse(RefusedClaim)
	}
	return s.checkWhere(facts.Place)
}

func checkMeasured(s *State, h *act.Header) error {
	c, facts := s.promises.byID[h.Of], h.Facts.(*act.IndicatorMeasured)
	switch {
	case c == nil:
		return refuse(RefusedCommitment)
	case h.By.Role != act.RoleMonitor && !c.bound(h.By.Organisation):
		return refuse(RefusedForbidden)
	case s.future(facts.On, h.At):
		return refuse(RefusedFuture)
	}
	return nil
}
