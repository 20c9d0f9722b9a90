package demo

import (
	"fmt"
	"slices"
	"time"

	"samleng/act"
)

// chain is what becomes of some views after moderation: content/chain.json.
// Days count from today, as those of dialogues do.
type chain struct {
	Key, Dialogue, Theme string
	// Single says that one view is referred alone; else views are gathered into
	// a need called Name, at most Views of them.
	Single bool
	// Assisted asks for a view that a rapporteur wrote down.
	Assisted bool
	Views    int
	Name     words
	Steps    []link
}

// link is one act of a chain.
type link struct {
	Day int
	// Do is one of the names in perform (chainfill.go); By the organisation that
	// does it, where it is not the one that has the case.
	Do, By, To string
	// Code is a decision, verdict, status or outcome, by what is done.
	Code, More, Text string
	End, Value       int
	File             string
	Plan             *plan
}

// plan is a commitment in the content.
type plan struct {
	Start, End, Baseline, Target   int
	Budget                         int64
	Funding, Uptake, Verifier      string
	What, Why, Indicator, Verified words
	Milestones                     []milestone
}

type milestone struct {
	Code string
	Day  int
	Name words
}

// thread is a chain with the views that it is about and the hours at which it
// happens.
type thread struct {
	chain
	views []*view
	at    []time.Time // of each step

	// What comes about as it is performed.
	need, referral, answer, commitment, claim act.ID
	holder                                    string // the organisation that has the case
}

// follow chooses the views of each chain and its hours.
func (s *script) follow(c *content) error {
	taken := map[*view]bool{}
	for _, content := range c.chain {
		t := &thread{chain: content}
		var last time.Time
		for _, step := range content.Steps {
			at := s.days.worked(step.Day, 9)
			if !at.After(last) {
				at = last.Add(time.Hour)
			}
			last = at
			t.at = append(t.at, at)
		}
		if len(t.at) == 0 || !s.days.past(last) {
			return fmt.Errorf("demo: chain %s does not end before today", t.Key)
		}
		t.choose(s.views, taken)
		if len(t.views) == 0 {
			return fmt.Errorf("demo: chain %s finds no view", t.Key)
		}
		s.chains = append(s.chains, t)
	}
	return nil
}

// choose takes views that no other chain has; where a holder is to judge, first
// one that somebody holds.
func (t *thread) choose(views []*view, taken map[*view]bool) {
	judged := slices.ContainsFunc(t.Steps, func(l link) bool { return l.Do == "judge" })
	for _, held := range []bool{true, false} {
		for _, v := range views {
			room := max(1, t.Views) - len(t.views)
			if held {
				room = 1 - len(t.views)
			}
			if room > 0 && !taken[v] && t.takes(v) && (!held || judged && v.person != nil) {
				taken[v] = true
				t.views = append(t.views, v)
			}
		}
	}
}

// takes says whether a view may be in the chain: public in time, for good, and
// about its theme.
func (t *thread) takes(v *view) bool {
	switch {
	case v.dialogue.Slug != t.Dialogue, t.Theme != "" && !slices.Contains(v.facts.Themes, t.Theme),
		v.shown.IsZero() || !v.shown.Before(t.at[0]) || !v.hidden.IsZero(), v.matched,
		t.Single && (v.staff.role == act.RoleRapporteur) != t.Assisted:
		return false
	}
	return t.Single || v.facts.Visibility != act.VisibilitySealed
}

// worked gives an hour of a day counted from today, or of the last one before
// it that is worked.
func (d days) worked(day, hour int) time.Time {
	for !d.works(d.on(day, hour)) {
		day--
	}
	return d.on(day, hour)
}
