package notice

import (
	"slices"
	"time"

	"samleng/act"
	"samleng/civic"
)

// audience is who is to be told of an act: the holders of views, and staff.
type audience struct {
	views, staff []act.ID
}

func (a *audience) addViews(views ...*civic.Statement) {
	for _, v := range views {
		if v != nil && !v.Erased && !slices.Contains(a.views, v.ID) {
			a.views = append(a.views, v.ID)
		}
	}
}

func (a *audience) addStaff(ids []act.ID) {
	for _, id := range ids {
		if !slices.Contains(a.staff, id) {
			a.staff = append(a.staff, id)
		}
	}
}

// addCase adds the holders of the views that a case is about.
func (a *audience) addCase(r *civic.Referral) {
	if r != nil {
		a.addViews(r.Views()...)
	}
}

// addCommitment adds the holders of the views in a commitment's needs.
func (a *audience) addCommitment(s *civic.State, id act.ID) {
	c := s.Commitment(id)
	if c == nil {
		return
	}
	for _, need := range c.Needs {
		if n := s.Need(need); n != nil {
			a.addViews(n.Statements()...)
		}
	}
}

// audienceOf says who is to be told of an act, as the state stands now, which may
// be some acts further on. Most acts are told to nobody.
func audienceOf(s *civic.State, h *act.Header, now time.Time) (a audience) {
	switch facts := h.Facts.(type) {
	case *act.StatementPublished, *act.StatementRedacted, *act.StatementWithheld, *act.StatementMatched, *act.AppealDecided:
		a.addViews(s.Statement(h.Of))
	case *act.ReferralMade:
		a.addCase(s.Referral(h.ID))
		a.addStaff(officers(s, facts.Authority, now))
	case *act.ReferralTransferred:
		a.addCase(s.Referral(h.Of))
		a.addStaff(officers(s, facts.To, now))
	case *act.InformationRequested:
		if facts.From == "holder" {
			a.addCase(s.Referral(h.Of))
		}
	case *act.AnswerIssued:
		for _, covered := range facts.Covers {
			a.addCase(s.Referral(covered.Case))
		}
	case *act.AnswerJudged:
		if r := reviewAsked(s, h); r != nil {
			a.addStaff(officers(s, r.Review.Against, now))
		}
	case *act.ReviewDecided:
		a.addCase(s.Referral(h.Of))
	case *act.CaseEscalated:
		for _, id := range facts.To {
			a.addStaff(officers(s, id, now))
		}
		if r := s.Referral(h.Of); r != nil {
			a.addStaff(officers(s, r.Authority, now))
		}
	case *act.ProgressClaimed:
		if facts.Status == act.Complete {
			a.addCommitment(s, h.Of)
		}
	case *act.ProgressAssessed:
		a.addCommitment(s, h.Of)
	}
	return a
}

// reviewAsked gives the case of which a judgement asked for a second look, nil
// if it did not.
func reviewAsked(s *civic.State, h *act.Header) *civic.Referral {
	v := s.Statement(h.Of)
	if v == nil {
		return nil
	}
	for _, r := range v.Referrals() {
		if r.Review != nil && r.Review.Act == h.ID {
			return r
		}
	}
	return nil
}

var officerRoles = []act.Role{act.RoleFocalPoint, act.RoleSigningOfficer}

// officers lists the focal points and signing officers of an organisation.
func officers(s *civic.State, organisation act.ID, now time.Time) []act.ID {
	return slices.DeleteFunc(staffOf(s, organisation), func(id act.ID) bool {
		return !has(s.RolesOf(organisation, id, now), officerRoles...)
	})
}

// staffOf lists everybody who has, or had, a role for an organisation.
func staffOf(s *civic.State, organisation act.ID) []act.ID {
	var ids []act.ID
	for _, grant := range s.Grants(organisation) {
		if !slices.Contains(ids, grant.Staff) {
			ids = append(ids, grant.Staff)
		}
	}
	return ids
}

func has(roles []act.Role, wanted ...act.Role) bool {
	return slices.ContainsFunc(roles, func(role act.Role) bool { return slices.Contains(wanted, role) })
}
