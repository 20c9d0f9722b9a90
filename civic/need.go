package civic

import (
	"fmt"
	"slices"
	"time"

	"samleng/act"
	"samleng/disclosure"
)

// Need is what several views of a dialogue ask for.
type Need struct {
	ID       act.ID
	Dialogue act.ID
	Theme    string
	Place    string `json:",omitempty"`
	By       act.By
	At       time.Time
	// Gathered are the views in it now, in the order in which they came.
	Gathered []act.ID
	// Summaries of it, oldest first: each says which views it covers.
	Summaries []Summary
	Events    []Event

	statements  []*Statement
	referrals   []*Referral
	commitments []*Commitment
}

// Summary is a summary of a need's views.
type Summary struct {
	Act    act.ID
	At     time.Time
	Covers []act.ID
	Means  string
}

type needBook struct {
	byID  map[act.ID]*Need
	order []*Need
}

// Needs lists the needs as they were identified.
func (s *State) Needs() []*Need { return s.needs.order }

// Need finds a need by its id, nil if there is none.
func (s *State) Need(id act.ID) *Need { return s.needs.byID[id] }

// Statements lists the views in the need.
func (n *Need) Statements() []*Statement { return n.statements }

// Referrals lists the cases that are about the need.
func (n *Need) Referrals() []*Referral { return n.referrals }

// Commitments lists the commitments that are about the need.
func (n *Need) Commitments() []*Commitment { return n.commitments }

// LeftOut lists the views of the need that its newest summary does not cover,
// all of them where there is none.
func (n *Need) LeftOut() []*Statement {
	var covered []act.ID
	if len(n.Summaries) > 0 {
		covered = n.Summaries[len(n.Summaries)-1].Covers
	}
	return slices.DeleteFunc(slices.Clone(n.statements), func(v *Statement) bool { return slices.Contains(covered, v.ID) })
}

// Needs lists the needs that the view is gathered into.
func (v *Statement) Needs() []*Need { return v.needs }

// Referrals lists the cases that the view is in: its own, then those of its
// needs, then those of the view that it was matched to.
func (v *Statement) Referrals() []*Referral {
	var all []*Referral
	v.eachReferral(func(r *Referral) {
		if !slices.Contains(all, r) {
			all = append(all, r)
		}
	})
	return all
}

// eachReferral is Referrals without a list; a case may come twice.
func (v *Statement) eachReferral(do func(*Referral)) {
	for _, r := range v.referrals {
		do(r)
	}
	for _, n := range v.needs {
		for _, r := range n.referrals {
			do(r)
		}
	}
	if v.twin != nil && v.Moderation == Matched {
		v.twin.eachReferral(do)
	}
}

// isReferred reports whether the view is in any case.
func (v *Statement) isReferred() (is bool) {
	v.eachReferral(func(*Referral) { is = true })
	return is
}

// with lists views and those that are the same as one of them.
func with(statements ...*Statement) []*Statement {
	all := slices.Clone(statements)
	for _, v := range statements {
		for _, same := range v.twins {
			if same.Moderation == Matched && !slices.Contains(all, same) {
				all = append(all, same)
			}
		}
	}
	return all
}

// NeedsOf lists the needs of a dialogue.
func (s *State) NeedsOf(dialogue act.ID) []*Need {
	var needs []*Need
	for _, n := range s.needs.order {
		if n.Dialogue == dialogue {
			needs = append(needs, n)
		}
	}
	return needs
}

var gatherers = []act.Role{act.RoleFacilitator, act.RoleRapporteur, act.RoleReferrer}

func writesNeed(a *act.Act, k *KeySet) { k.write(keyNeed, a.Of, act.ID{}) }

var needRules = map[act.Kind]rule{
	act.KindNeedIdentified: {
		roles: gatherers, public: checkNeed, private: checkRaised, apply: applyNeed,
		keys: func(a *act.Act, k *KeySet) {
			k.read(keyDialogue, a.Of, act.ID{})
			k.write(keyNeed, a.ID, act.ID{})
			readsStatements(k, a.Facts.(*act.NeedIdentified).Statements)
		},
	},
	act.KindNeedGathered: {
		roles: gatherers, public: checkGathered, apply: applyGathered,
		// Where the need was referred, it ends the wait of the views and of those
		// that are the same, which only the state knows.
		keys: writesSettings,
	},
	act.KindNeedSummarised: {
		roles: gatherers, public: checkSummarised, apply: applySummarised, keys: writesNeed,
	},
}

func readsStatements(k *KeySet, ids []act.ID) {
	for _, id := range ids {
		k.read(keyStatement, id, act.ID{})
	}
}

// gatherable says whether views may be gathered into a need of a dialogue:
// those that are public there.
func (s *State) gatherable(dialogue act.ID, ids []act.ID) error {
	for _, id := range ids {
		v, err := s.alive(id)
		switch {
		case err != nil:
			return err
		case v.Dialogue != dialogue:
			return refuse(RefusedStatement)
		case !v.Shown():
			return refuse(RefusedNotPublished)
		}
	}
	return nil
}

func checkNeed(s *State, h *act.Header) error {
	facts := h.Facts.(*act.NeedIdentified)
	d := s.dialogues.byID[h.Of]
	if d == nil {
		return refuse(RefusedDialogue)
	}
	if h.By.As == act.ByStaff && h.By.Organisation != d.Host {
		return refuse(RefusedForbidden)
	}
	if !d.Completed.IsZero() {
		return refuse(RefusedCompleted)
	}
	if !slices.Contains(s.programme.Themes, facts.Theme) {
		return refuse(RefusedTheme)
	}
	if facts.Place != "" {
		place := s.places.byCode[facts.Place]
		if place == nil {
			return refuse(RefusedPlace)
		}
		if place.Level > d.PlaceLevel {
			return refuse(RefusedPlaceFine)
		}
	}
	return s.gatherable(h.Of, facts.Statements)
}

// Raised counts who put the views of a need forward, as it may be shown. It is
// taken once, when the need is identified, so that no two counts of it can be
// compared.
func (s *State) Raised(statements []act.ID) *act.Raised {
	raised := &act.Raised{Views: len(statements)}
	if s.programme == nil {
		return raised
	}
	rule := disclosure.Rule{Threshold: s.programme.Threshold, Rounding: s.programme.Rounding}
	people := map[act.Pseudonym]act.Self{}
	for _, id := range statements {
		v := s.views.byID[id]
		if v == nil {
			continue
		}
		if who := s.sources[id].participant; !who.IsZero() {
			people[who], _ = s.Self(v.Dialogue, who)
		}
	}
	raised.People = rule.Count(len(people), false)
	for _, group := range []struct {
		of    string
		codes []string
		get   func(act.Self) string
	}{
		{"sex", act.Sexes, func(self act.Self) string { return self.Sex }},
		{"age_band", act.AgeBands, func(self act.Self) string { return self.AgeBand }},
	} {
		counts := make([]int, len(group.codes))
		for _, self := range people {
			if i := slices.Index(group.codes, group.get(self)); i >= 0 {
				counts[i]++
			}
		}
		for i, shown := range rule.Parts(counts, false) {
			raised.Groups = append(raised.Groups, act.RaisedGroup{Of: group.of, Code: group.codes[i], Count: shown})
		}
	}
	return raised
}

func checkRaised(s *State, _ Actor, a *act.Act) error {
	var raised act.Raised
	if has, err := a.Content("raised", &raised); err != nil || !has {
		return fmt.Errorf("civic: a need without who raised it: %w", err)
	}
	want := s.Raised(a.Facts.(*act.NeedIdentified).Statements)
	same := slices.EqualFunc(raised.Groups, want.Groups, func(a, b act.RaisedGroup) bool {
		return a.Of == b.Of && a.Code == b.Code && equalCount(a.Count, b.Count)
	})
	if !same || raised.Views != want.Views || !equalCount(raised.People, want.People) {
		return refuse(RefusedRaised)
	}
	return nil
}

func applyNeed(s *State, a *act.Act) error {
	facts := a.Facts.(*act.NeedIdentified)
	if s.dialogues.byID[a.Of] == nil {
		return missing("dialogue", a)
	}
	n := &Need{ID: a.ID, Dialogue: a.Of, Theme: facts.Theme, Place: facts.Place, By: a.By, At: a.At}
	for _, id := range facts.Statements {
		if s.views.byID[id] == nil {
			return missing("statement", a)
		}
	}
	if err := s.keepNames(a.ID, a); err != nil {
		return err
	}
	for _, id := range facts.Statements {
		s.gather(n, s.views.byID[id], a)
	}
	n.record(a, time.Time{})
	s.needs.byID[a.ID] = n
	s.needs.order = append(s.needs.order, n)
	return nil
}

func (n *Need) record(a *act.Act, due time.Time) {
	n.Events = append(n.Events, Event{Act: a.ID, Kind: a.Kind, At: a.At, By: a.By, Facts: a.Facts, Due: due})
}

// gather puts a view into a need. Where the need was referred before, that ends
// the view's wait for a referral.
func (s *State) gather(n *Need, v *Statement, a *act.Act) {
	if slices.Contains(n.statements, v) {
		return
	}
	n.Gathered = append(n.Gathered, v.ID)
	n.statements = append(n.statements, v)
	v.needs = append(v.needs, n)
	if len(n.referrals) > 0 {
		for _, v := range with(v) {
			s.referred(v, a)
		}
	}
	s.touchAll(v)
	s.casesMoved(v)
}

func checkGathered(s *State, h *act.Header) error {
	n, err := s.ownNeed(h)
	if err != nil {
		return err
	}
	facts := h.Facts.(*act.NeedGathered)
	for _, id := range facts.Add {
		if slices.Contains(n.Gathered, id) {
			return refuse(RefusedGathered)
		}
	}
	for _, id := range facts.Remove {
		// What was referred with the need stays in it: its case is open.
		if !slices.Contains(n.Gathered, id) || len(n.referrals) > 0 {
			return refuse(RefusedGathered)
		}
	}
	if len(n.Gathered) == len(facts.Remove) && len(facts.Add) == 0 {
		return refuse(RefusedGathered)
	}
	return s.gatherable(n.Dialogue, facts.Add)
}

func (s *State) ownNeed(h *act.Header) (*Need, error) {
	n := s.needs.byID[h.Of]
	if n == nil {
		return nil, refuse(RefusedNeed)
	}
	if h.By.As == act.ByStaff && h.By.Organisation != s.dialogues.byID[n.Dialogue].Host {
		return nil, refuse(RefusedForbidden)
	}
	return n, nil
}

func applyGathered(s *State, a *act.Act) error {
	n := s.needs.byID[a.Of]
	if n == nil {
		return missing("need", a)
	}
	facts := a.Facts.(*act.NeedGathered)
	for _, id := range facts.Add {
		if s.views.byID[id] == nil {
			return missing("statement", a)
		}
	}
	for _, id := range facts.Add {
		s.gather(n, s.views.byID[id], a)
	}
	for _, id := range facts.Remove {
		// On a copy: what is asked for may be a part of what is there.
		n.Gathered = slices.DeleteFunc(slices.Clone(n.Gathered), func(x act.ID) bool { return x == id })
		n.statements = slices.DeleteFunc(n.statements, func(v *Statement) bool { return v.ID == id })
		if v := s.views.byID[id]; v != nil {
			v.needs = slices.DeleteFunc(v.needs, func(x *Need) bool { return x == n })
			s.touchAll(v)
		}
	}
	n.record(a, time.Time{})
	return nil
}

func checkSummarised(s *State, h *act.Header) error {
	n, err := s.ownNeed(h)
	if err != nil {
		return err
	}
	for _, id := range h.Facts.(*act.NeedSummarised).Covers {
		if !slices.Contains(n.Gathered, id) {
			return refuse(RefusedGathered)
		}
	}
	return nil
}

func applySummarised(s *State, a *act.Act) error {
	n := s.needs.byID[a.Of]
	if n == nil {
		return missing("need", a)
	}
	if err := s.keepNames(a.ID, a); err != nil {
		return err
	}
	facts := a.Facts.(*act.NeedSummarised)
	n.Summaries = append(n.Summaries, Summary{Act: a.ID, At: a.At, Covers: facts.Covers, Means: facts.Means})
	n.record(a, time.Time{})
	return nil
}
