package notice

import (
	"context"
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
)

const (
	// digestHour is the hour of a working day, in the programme's time zone, at
	// which digests are sent; digestEnd that from which it is too late for them.
	digestHour, digestEnd = 7, 12
	// soonDays is how many working days ahead "due soon" looks.
	soonDays = 2

	digestSetting = "notice-digest"
)

// digest counts what waits for somebody, for the day's message.
type digest struct {
	// Cases of their office, and commitments that it made.
	CasesLate, CasesSoon, PromisesLate, PromisesSoon int
	// Awaiting are views to be checked, AwaitingLate those that are late.
	Awaiting, AwaitingLate int
	// Refer are views to be referred that are late or soon will be.
	Refer int
	// Check are commitments reported as done that name their organisation as
	// verifier, Reviews second looks that they may take and that are due.
	Check, Reviews int
}

func (d digest) something() bool { return d != digest{} }

// queueDigests queues the digests of a working day, once, in the morning. A day
// whose morning has passed has none.
func (n *Notices) queueDigests(ctx context.Context) error {
	if n.config.Accounts == nil {
		return nil
	}
	now := n.register.Now()
	var today string
	var works bool
	n.register.View(func(s *civic.State) {
		now = now.In(s.Zone())
		today = now.Format(time.DateOnly)
		works = s.WorkingDays(now.AddDate(0, 0, -1), now) == 1
	})
	if !works || now.Hour() < digestHour || now.Hour() >= digestEnd {
		return nil
	}
	last, _, err := n.register.Store().Records(ctx).Setting(digestSetting)
	if err != nil || string(last) == today {
		return err
	}
	type seat struct{ organisation, staff act.ID }
	var seats []seat
	n.register.View(func(s *civic.State) {
		for _, org := range s.Organisations() {
			for _, id := range staffOf(s, org.ID) {
				seats = append(seats, seat{org.ID, id})
			}
		}
	})
	var rows []queued
	for _, at := range seats {
		// One at a time: whoever wants to add an act waits for who looks.
		n.register.View(func(s *civic.State) {
			if digestOf(s, at.organisation, at.staff, now).something() {
				rows = append(rows, queued{[]byte(today), recipient{staff, at.staff}, 0, now})
			}
		})
	}
	return n.register.Store().Update(ctx, func(records *store.Records) error {
		if _, err := records.InitSetting(digestSetting, nil); err != nil {
			return err
		}
		moved, err := records.MoveSetting(digestSetting, last, []byte(today))
		if err != nil || !moved {
			return err // somebody else was faster
		}
		return queueAll(records, rows)
	})
}

// digestOf counts what waits for a member of an organisation's staff. now is in
// the programme's time zone.
func digestOf(s *civic.State, organisation, id act.ID, now time.Time) (d digest) {
	roles := s.RolesOf(organisation, id, now)
	if has(roles, officerRoles...) {
		d.office(s, organisation, now)
	}
	org := s.Organisation(organisation)
	if org != nil && !org.Authority {
		if has(roles, act.RoleModerator, act.RoleFacilitator) {
			d.moderation(s, organisation, id, now)
		}
		if has(roles, act.RoleReferrer, act.RoleFacilitator) {
			d.referring(s, organisation, now)
		}
	}
	if has(roles, act.RoleMonitor) {
		d.monitoring(s, organisation, now)
	}
	return d
}

// standing says whether a clock is late, or falls due soon.
func standing(s *civic.State, clock civic.Clock, now time.Time) (late, soon bool) {
	if !clock.Running() {
		return false, false
	}
	late = clock.Overdue(now)
	return late, !late && s.WorkingDays(now, clock.LastDay()) <= soonDays
}

func count(into *int, is bool) {
	if is {
		*into++
	}
}

func (d *digest) office(s *civic.State, organisation act.ID, now time.Time) {
	for _, r := range s.Held(organisation) {
		where, clock := r.Standing(now)
		if r.Authority != organisation || where != civic.DispWaiting && where != civic.DispConsidering || r.Review != nil && r.Review.Outcome == "" {
			continue
		}
		late, soon := standing(s, clock, now)
		count(&d.CasesLate, late)
		count(&d.CasesSoon, soon)
	}
	today := now.Format(time.DateOnly)
	for _, c := range s.Commitments() {
		if c.Responsible != organisation {
			continue
		}
		state := c.State(today)
		count(&d.PromisesLate, state == civic.CommitmentLate)
		end, err := time.ParseInLocation(time.DateOnly, c.End(), now.Location())
		count(&d.PromisesSoon, err == nil && state == civic.CommitmentUnderWay && s.WorkingDays(now, end) <= soonDays)
	}
}

// moderation counts the views of an organisation's dialogues that somebody may
// decide on, if one of them is late or soon will be.
func (d *digest) moderation(s *civic.State, organisation, id act.ID, now time.Time) {
	pressing := false
	for _, v := range s.Statements() {
		if v.Moderation != civic.Awaiting || v.Erased || v.By.As == act.ByStaff && v.By.Staff == id {
			continue
		}
		if dialogue := s.Dialogue(v.Dialogue); dialogue == nil || dialogue.Host != organisation {
			continue
		}
		late, soon := standing(s, v.Clock, now)
		pressing = pressing || late || soon
		d.Awaiting++
		count(&d.AwaitingLate, late)
	}
	if !pressing {
		d.Awaiting = 0
	}
}

func (d *digest) referring(s *civic.State, organisation act.ID, now time.Time) {
	for _, v := range s.Statements() {
		if v.Clock.Step != act.StepRefer || v.Erased {
			continue
		}
		if dialogue := s.Dialogue(v.Dialogue); dialogue != nil && dialogue.Host == organisation {
			late, soon := standing(s, v.Clock, now)
			count(&d.Refer, late || soon)
		}
	}
}

func (d *digest) monitoring(s *civic.State, organisation act.ID, now time.Time) {
	for _, c := range s.Commitments() {
		if n := len(c.Claims); c.Verifier == organisation && n > 0 && c.Claims[n-1].Status == act.Complete {
			last := c.Claims[n-1].Act
			count(&d.Check, !slices.ContainsFunc(c.Assessments, func(a civic.Assessment) bool { return a.Claim != nil && *a.Claim == last }))
		}
	}
	for _, r := range s.Referrals() {
		if r.Review != nil && r.Review.Outcome == "" && s.Independent(r.Review.Against, organisation, now) {
			late, soon := standing(s, r.Review.Clock, now)
			count(&d.Reviews, late || soon)
		}
	}
}
