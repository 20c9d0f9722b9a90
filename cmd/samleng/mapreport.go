package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"samleng/opinion"
)

// mapReport is what samleng map writes as JSON. Lists by statement are in the
// order of statement_ids.
type mapReport struct {
	Participants int                  `json:"participants"`
	Statements   int                  `json:"statements"`
	Votes        int                  `json:"votes"`
	StatementIDs []json.Number        `json:"statement_ids,omitempty"`
	Codes        []string             `json:"statement_codes,omitempty"`
	Finding      string               `json:"finding"`
	PCA          mapPCA               `json:"pca"`
	Groups       []mapGroup           `json:"groups"`
	Consensus    mapConsensus         `json:"consensus"`
	Informed     map[string]real      `json:"group_informed_consensus"`
	Common       mapCommon            `json:"common"`
	Membership   map[string]mapMember `json:"membership"`
	Stability    *mapStability        `json:"stability"`
	Tests        mapTests             `json:"multiplicity"`

	given bool // the groups were given, not found
}

// real is a number that JSON can hold: null for one that is none.
type real float64

func (r real) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(r)) || math.IsInf(float64(r), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(r))
}

type mapPCA struct {
	Center      []float64   `json:"center"`
	Components  [][]float64 `json:"components"`
	Eigenvalues []float64   `json:"eigenvalues"`
	Passes      int         `json:"passes"`
	Bound       float64     `json:"bound"`
}

type mapGroup struct {
	ID   string `json:"id"`
	Size int    `json:"size"`
	// Placed is how many of them are placed: membership of 0.8 or more.
	Placed         int                     `json:"placed"`
	Representative []mapRepresentative     `json:"representative"`
	Statistics     map[string]mapStatistic `json:"statistics"`
}

type mapRepresentative struct {
	Statement   string `json:"statement"`
	Direction   string `json:"direction"`
	PSuccess    real   `json:"p_success"`
	PTest       real   `json:"p_test"`
	Repness     real   `json:"repness"`
	RepnessTest real   `json:"repness_test"`
	column      int
}

// mapStatistic has the names that Polis gives them.
type mapStatistic struct {
	NA  int  `json:"na"`
	ND  int  `json:"nd"`
	NS  int  `json:"ns"`
	PA  real `json:"pa"`
	PD  real `json:"pd"`
	PAT real `json:"pat"`
	PDT real `json:"pdt"`
	RA  real `json:"ra"`
	RD  real `json:"rd"`
	RAT real `json:"rat"`
	RDT real `json:"rdt"`
}

type mapConsensus struct {
	Agree    []mapConsent `json:"agree"`
	Disagree []mapConsent `json:"disagree"`
}

type mapConsent struct {
	Statement string `json:"statement"`
	Count     int    `json:"n_success"`
	Votes     int    `json:"n_trials"`
	PSuccess  real   `json:"p_success"`
	PTest     real   `json:"p_test"`
}

// mapCommon is what every group surely shares, and where two surely differ.
type mapCommon struct {
	Agree    []mapGround `json:"agree"`
	Disagree []mapGround `json:"disagree"`
	Divide   []mapGround `json:"divide"`
}

type mapGround struct {
	Statement string `json:"statement"`
	Bound     real   `json:"bound"`
	column    int
}

type mapMember struct {
	Group       string `json:"group"`
	Probability real   `json:"probability"`
}

type mapStability struct {
	Leading real            `json:"leading"`
	Null    []real          `json:"null"`
	ByK     []mapKStability `json:"by_groups"`
	Kept    []real          `json:"kept"`
}

type mapKStability struct {
	Groups          int  `json:"groups"`
	Found           int  `json:"found"`
	Parts           int  `json:"parts"`
	Placed          real `json:"placed"`
	People          real `json:"people"`
	Votes           real `json:"votes"`
	PlacedAgreement real `json:"placed_agreement"`
}

type mapTests struct {
	Tests    int  `json:"tests"`
	Found    int  `json:"found"`
	ByChance real `json:"by_chance"`
	Firm     int  `json:"firm"`
}

// report computes the map of a source.
func (s *mapSource) report(ctx context.Context) (*mapReport, error) {
	m := &mapReport{Participants: s.votes.Participants(), Statements: s.votes.Statements(), Votes: s.votes.Len(), given: s.group != nil,
		Membership: map[string]mapMember{}, Informed: map[string]real{}, Groups: []mapGroup{}}
	if s.numbers {
		for _, name := range s.statements {
			m.StatementIDs = append(m.StatementIDs, json.Number(name))
		}
	} else {
		m.Codes = s.statements
	}
	p := opinion.NewPCA(s.votes, opinion.Settings{Hidden: s.hidden})
	m.PCA = mapPCA{p.Center, p.Components, p.Eigenvalues, p.Passes, p.Bound}
	group, sizes, err := m.group(ctx, s)
	if err != nil {
		return nil, err
	}
	tallies, err := opinion.Count(s.votes, group, len(sizes))
	if err != nil {
		return nil, err
	}
	stats := tallies.Statistics()
	for g := range sizes {
		m.Groups = append(m.Groups, s.describe(g, sizes[g], tallies.Sizes[g], stats[g]))
	}
	if len(sizes) > 0 {
		for i, value := range tallies.GroupInformedConsensus() {
			m.Informed[s.statements[i]] = real(value)
		}
	}
	agree, disagree := opinion.FindConsensus(tallies.All, s.hidden)
	m.Consensus = mapConsensus{s.consents(agree), s.consents(disagree)}
	common, against := tallies.Common(s.hidden)
	m.Common = mapCommon{s.grounds(common), s.grounds(against), s.grounds(tallies.Divided(s.hidden))}
	tests := opinion.Discover(stats, s.hidden)
	m.Tests = mapTests{tests.Tests, tests.Found, real(tests.ByChance), tests.Firm}
	return m, nil
}

// reasonWords say why there are no more groups than were found.
var reasonWords = map[opinion.Reason]string{
	opinion.NoVotes: "no votes", opinion.TooFew: "too few people for more groups", opinion.NoStructure: "nothing divides people more than chance would",
	opinion.NotPlaced: "of more groups too many people could not be placed", opinion.NotPredictive: "more groups tell no more",
	opinion.NotStable: "more groups are not stable", opinion.Most: "as many as are looked for", opinion.Asked: "as asked for",
}

// group gives everybody's group, by which the statistics are computed: those
// that were given, or ours, in which somebody who is not placed is in none.
func (m *mapReport) group(ctx context.Context, s *mapSource) (group []int, sizes []int, err error) {
	if s.group != nil {
		m.Finding = "given"
		sizes = make([]int, len(s.groups))
		for p, g := range s.group {
			if g != opinion.NoGroup {
				sizes[g]++
				m.Membership[s.people[p]] = mapMember{s.groups[g], 1}
			}
		}
		return s.group, sizes, nil
	}
	use := make([]bool, len(s.statements))
	for i := range use {
		use[i] = !s.hidden[i]
	}
	fit, groups := opinion.FindGroups(s.votes, use)
	if groups.K > 1 {
		stability, err := fit.Stability(ctx)
		if err != nil {
			return nil, nil, err
		}
		groups, m.Stability = stability.Groups(s.votes), stabilityOf(stability)
	}
	m.Finding = reasonWords[groups.Reason]
	group = make([]int, len(s.people))
	for p := range group {
		group[p] = opinion.NoGroup
		if groups.Group[p] < 0 {
			continue
		}
		m.Membership[s.people[p]] = mapMember{strconv.Itoa(int(groups.Group[p])), real(groups.Probability[p])}
		if groups.Probability[p] >= opinion.Placed {
			group[p] = int(groups.Group[p])
		}
	}
	for g := range groups.K {
		s.groups = append(s.groups, strconv.Itoa(g))
	}
	return group, groups.Sizes, nil
}

func (s *mapSource) describe(g, size, placed int, stats []opinion.Statistic) mapGroup {
	group := mapGroup{ID: s.groups[g], Size: size, Placed: placed, Representative: []mapRepresentative{}, Statistics: map[string]mapStatistic{}}
	for _, r := range opinion.Represent(stats, s.hidden) {
		direction := "disagree"
		if r.Agree {
			direction = "agree"
		}
		group.Representative = append(group.Representative, mapRepresentative{s.statements[r.Statement], direction, real(r.Success), real(r.Test),
			real(r.Repness), real(r.RepnessTest), r.Statement})
	}
	for i, x := range stats {
		group.Statistics[s.statements[i]] = mapStatistic{x.Agree, x.Disagree, x.Votes, real(x.PAgree), real(x.PDisagree), real(x.AgreeTest),
			real(x.DisagreeTest), real(x.AgreeRatio), real(x.DisagreeRatio), real(x.AgreeRatioTest), real(x.DisagreeRatioTest)}
	}
	return group
}

func (s *mapSource) consents(list []opinion.Consensus) []mapConsent {
	consents := []mapConsent{}
	for _, c := range list {
		consents = append(consents, mapConsent{s.statements[c.Statement], c.Count, c.Votes, real(c.Success), real(c.Test)})
	}
	return consents
}

func (s *mapSource) grounds(list []opinion.Ground) []mapGround {
	grounds := []mapGround{}
	for _, g := range list {
		grounds = append(grounds, mapGround{s.statements[g.Statement], real(g.Bound), g.Statement})
	}
	return grounds
}

func stabilityOf(s *opinion.Stability) *mapStability {
	reals := func(from []float64) (to []real) {
		for _, x := range from {
			to = append(to, real(x))
		}
		return to
	}
	m := &mapStability{Leading: real(s.Leading), Null: reals(s.Null), Kept: reals(s.Kept)}
	for _, k := range s.ByK {
		m.ByK = append(m.ByK, mapKStability{k.K, k.Found, k.Parts, real(k.PlacedShare), real(k.People), real(k.Votes), real(k.Agreement)})
	}
	return m
}

// reading says in a sentence what was found.
func (m *mapReport) reading() string {
	unplaced := 0
	for _, member := range m.Membership {
		if float64(member.Probability) < opinion.Placed {
			unplaced++
		}
	}
	switch {
	case m.given:
		return fmt.Sprintf("%d groups, as given", len(m.Groups))
	case len(m.Groups) > 1:
		return fmt.Sprintf("%d groups of opinion; %d of %d people fit none of them clearly", len(m.Groups), unplaced, len(m.Membership))
	case len(m.Groups) == 1:
		return "one group: nothing divides people further (" + m.Finding + ")"
	}
	return "nothing can be said: nobody voted"
}

func sortedInts(set map[int]bool) []int { return slices.Sorted(maps.Keys(set)) }
