package civic

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"samleng/act"
)

// PublicState is everything of the state that follows from headers alone, in
// one canonical order: the server's and an outsider's are the same bytes.
type PublicState struct {
	Position      int64            `json:"position"`
	At            time.Time        `json:"at"`
	Rules         int              `json:"rules"`
	Epoch         *act.EpochBegun  `json:"epoch,omitempty"`
	Programme     *Programme       `json:"programme,omitempty"`
	Policy        map[act.Step]int `json:"policy"`
	Weekend       [7]bool          `json:"weekend"`
	Holidays      []string         `json:"holidays"`
	Places        []*Place         `json:"places"`
	Organisations []publicOrg      `json:"organisations"`
	Dialogues     []*Dialogue      `json:"dialogues"`
	Statements    []*Statement     `json:"statements"`
	Policies      []publicPolicy   `json:"policies"`
	Needs         []*Need          `json:"needs"`
	Cases         []*Referral      `json:"cases"`
	Answers       []*Answer        `json:"answers"`
	Commitments   []*Commitment    `json:"commitments"`
	Releases      []publicRelease  `json:"releases"`
	Maps          []publicRelease  `json:"maps"`
	Erased        []publicErasure  `json:"erased"`
	Acts          int              `json:"acts_other_than_ballots"`
	Witnesses     *WitnessPolicy   `json:"witnesses,omitempty"`
	WitnessKeys   []WitnessKey     `json:"witness_keys,omitempty"`
	LogKeys       []act.KeyChanged `json:"log_key_changes,omitempty"`
}

type publicOrg struct {
	*Organisation
	Staff       []Grant
	Competences []Competence
	Ladder      []act.ID
	Interests   []act.InterestDeclared
	Delegations []act.SigningDelegated
	Notes       []act.ID
}

type publicPolicy struct {
	Authority act.ID
	Days      map[act.Step]int
}

type publicRelease struct {
	Dialogue act.ID
	Releases []Release
}

type publicErasure struct {
	SectionRef
	Reason string
}

// Public gives the public state. It is for comparing and for audits, not for
// pages: it holds every view.
func (s *State) Public() PublicState {
	p := PublicState{
		Position: s.position, At: s.at, Rules: s.rules, Epoch: s.epoch, Programme: s.programme,
		Policy: s.policy, Weekend: s.calendar.weekend, Places: s.places.order,
		Dialogues: s.dialogues.order, Statements: s.views.order, Acts: len(s.refs),
		Needs: s.needs.order, Cases: s.cases.order, Commitments: s.promises.order,
		Witnesses: s.keys.policy, WitnessKeys: s.keys.witnesses, LogKeys: s.keys.log,
	}
	for day := range s.calendar.holidays {
		p.Holidays = append(p.Holidays, day)
	}
	slices.Sort(p.Holidays)
	for _, org := range s.orgs.order {
		p.Organisations = append(p.Organisations, publicOrg{org, org.staff, org.competences, org.ladder, org.interests, org.delegations, org.notes})
		if days := s.policies[org.ID]; days != nil {
			p.Policies = append(p.Policies, publicPolicy{org.ID, days})
		}
	}
	for _, answer := range s.answers {
		p.Answers = append(p.Answers, answer)
	}
	slices.SortFunc(p.Answers, func(a, b *Answer) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	for _, d := range s.dialogues.order {
		if len(s.releases[d.ID]) > 0 {
			p.Releases = append(p.Releases, publicRelease{d.ID, s.releases[d.ID]})
		}
		if len(s.maps[d.ID]) > 0 {
			p.Maps = append(p.Maps, publicRelease{d.ID, s.maps[d.ID]})
		}
	}
	for ref, reason := range s.erased {
		p.Erased = append(p.Erased, publicErasure{ref, reason})
	}
	slices.SortFunc(p.Erased, func(a, b publicErasure) int {
		if c := bytes.Compare(a.Act[:], b.Act[:]); c != 0 {
			return c
		}
		return bytes.Compare([]byte(a.Name), []byte(b.Name))
	})
	return p
}

// PublicJSON is Public as JSON: the bytes that two folds over the same log
// must agree on.
func (s *State) PublicJSON() ([]byte, error) { return json.Marshal(s.Public()) }
