package civic

import (
	"slices"
	"time"

	"samleng/act"
	"samleng/translog"
)

// WitnessPolicy says who witnesses the log and when a checkpoint is witnessed.
// Its keys are those in force.
type WitnessPolicy struct {
	act.WitnessesDeclared
	At       time.Time // the hour in which it was declared
	Position int64     // of the act that declared it
}

// WitnessKey is a key that an organisation witnesses with, or did.
type WitnessKey struct {
	Organisation act.ID
	Key          string
	Cadence      string
	From         int64  // the position of the act that put it in force
	Until        int64  // of the act that ended it; 0 while it is in force
	Followed     string // by which key, where it was changed
}

// keyBook keeps who witnesses and how keys followed each other.
type keyBook struct {
	policy    *WitnessPolicy
	witnesses []WitnessKey // every key there ever was, as put in force
	log       []act.KeyChanged
	logAt     []int64 // the positions of those acts
}

// Witnesses gives the policy in force, nil before one is declared.
func (s *State) Witnesses() *WitnessPolicy { return s.keys.policy }

// WitnessKeys lists every key of every witness, as they were put in force.
func (s *State) WitnessKeys() []WitnessKey { return slices.Clone(s.keys.witnesses) }

// LogKeyChanges lists how the log's own key was followed by others, oldest
// first. Each begins with the key that the one before ended with.
func (s *State) LogKeyChanges() []act.KeyChanged { return slices.Clone(s.keys.log) }

// LogKeyPositions gives where in the log the acts of LogKeyChanges stand.
func (s *State) LogKeyPositions() []int64 { return slices.Clone(s.keys.logAt) }

// Witnessed reports whether cosignatures by these keys make a checkpoint
// witnessed: at least the policy's quorum of organisations, among them one of
// civil society and one more that is of no government. Without a policy nothing
// is witnessed.
func (s *State) Witnessed(keys []string) bool {
	policy := s.keys.policy
	if policy == nil {
		return false
	}
	var signed []act.ID
	for _, w := range policy.Witnesses {
		if slices.Contains(keys, w.Key) {
			signed = append(signed, w.Organisation)
		}
	}
	return len(signed) >= policy.Quorum && s.balanced(signed)
}

// balanced reports whether organisations are enough to bind a government: one
// of civil society, and one more that is of no government.
func (s *State) balanced(organisations []act.ID) bool {
	civil, others := 0, 0
	for _, id := range organisations {
		org := s.orgs.byID[id]
		switch {
		case org == nil || org.Authority || slices.Contains(governmentTypes, org.Type):
		case slices.Contains(civilTypes, org.Type):
			civil++
		default:
			others++
		}
	}
	return civil > 0 && civil+others > 1
}

// Types of organisations of a government, and of civil society.
var (
	governmentTypes = []string{"ministry", "provincial_administration", "district_administration", "commune", "line_department"}
	civilTypes      = []string{"cso", "cso_coalition", "community_group"}
)

// checkWitnesses holds a policy to what makes it worth something: known
// organisations, none related to another, real keys that are nobody else's, and
// enough partners that are of no government.
func checkWitnesses(s *State, h *act.Header) error {
	if err := aboutProgramme(s, h); err != nil {
		return err
	}
	facts := h.Facts.(*act.WitnessesDeclared)
	var organisations []act.ID
	for _, w := range facts.Witnesses {
		if s.orgs.byID[w.Organisation] == nil {
			return refuse(RefusedOrganisation)
		}
		if slices.ContainsFunc(organisations, func(other act.ID) bool { return s.Related(w.Organisation, other) }) {
			return refuse(RefusedNotIndependent)
		}
		organisations = append(organisations, w.Organisation)
		if v, err := translog.NewVerifier(w.Key); err != nil || !translog.IsCosigner(v) || !s.keys.free(w.Key, w.Organisation) {
			return refuse(RefusedKey)
		}
	}
	if !s.balanced(organisations) {
		return refuse(RefusedWitnesses)
	}
	return nil
}

// free reports whether a key may be an organisation's: it never was another's,
// and no other key has followed it.
func (b *keyBook) free(key string, organisation act.ID) bool {
	return !slices.ContainsFunc(b.witnesses, func(k WitnessKey) bool {
		return k.Key == key && (k.Organisation != organisation || k.Followed != "")
	})
}

// inForce finds the key in force, -1 if it is not.
func (b *keyBook) inForce(key string) int {
	return slices.IndexFunc(b.witnesses, func(k WitnessKey) bool { return k.Key == key && k.Until == 0 })
}

func applyWitnesses(s *State, a *act.Act) error {
	facts := a.Facts.(*act.WitnessesDeclared)
	policy := &WitnessPolicy{WitnessesDeclared: *facts, At: a.At, Position: s.position}
	policy.Witnesses = slices.Clone(facts.Witnesses)
	for i := range s.keys.witnesses {
		if k := &s.keys.witnesses[i]; k.Until == 0 {
			k.Until = s.position
		}
	}
	for _, w := range facts.Witnesses {
		s.keys.witnesses = append(s.keys.witnesses, WitnessKey{Organisation: w.Organisation, Key: w.Key, Cadence: w.Cadence, From: s.position})
	}
	s.keys.policy = policy
	return nil
}

// keyChangeOf gives the statement that both keys signed.
func keyChangeOf(facts *act.KeyChanged) translog.KeyChange {
	return translog.KeyChange{Old: facts.Old, New: facts.New, OldSignature: facts.OldSignature, NewSignature: facts.NewSignature}
}

// checkKeyChange asks for both signatures, and that the old key is in force. Who
// hands the statement in matters little; the log's own key only the server
// changes, and a witness's those who lead or its own administrators.
func checkKeyChange(s *State, h *act.Header) error {
	facts := h.Facts.(*act.KeyChanged)
	if keyChangeOf(facts).Verify() != nil {
		return refuse(RefusedKey)
	}
	if v, err := translog.NewVerifier(facts.New); err != nil {
		return refuse(RefusedKey)
	} else if !translog.IsCosigner(v) {
		if h.By.As != act.BySystem {
			return refuse(RefusedForbidden)
		}
		if changes := s.keys.log; len(changes) > 0 && changes[len(changes)-1].New != facts.Old ||
			slices.ContainsFunc(changes, func(c act.KeyChanged) bool { return c.Old == facts.New }) {
			return refuse(RefusedKey)
		}
		return nil
	}
	i := s.keys.inForce(facts.Old)
	if i < 0 || slices.ContainsFunc(s.keys.witnesses, func(k WitnessKey) bool { return k.Key == facts.New }) {
		return refuse(RefusedKey)
	}
	if h.By.As == act.ByStaff && h.By.Organisation != s.keys.witnesses[i].Organisation {
		return aboutProgramme(s, h)
	}
	return nil
}

func applyKeyChange(s *State, a *act.Act) error {
	facts := a.Facts.(*act.KeyChanged)
	i := s.keys.inForce(facts.Old)
	if i < 0 {
		s.keys.log, s.keys.logAt = append(s.keys.log, *facts), append(s.keys.logAt, s.position)
		return nil
	}
	old := &s.keys.witnesses[i]
	old.Until, old.Followed = s.position, facts.New
	s.keys.witnesses = append(s.keys.witnesses, WitnessKey{Organisation: old.Organisation, Key: facts.New, Cadence: old.Cadence, From: s.position})
	next := *s.keys.policy
	next.Witnesses = slices.Clone(next.Witnesses)
	for i := range next.Witnesses {
		if next.Witnesses[i].Key == facts.Old {
			next.Witnesses[i].Key = facts.New
		}
	}
	s.keys.policy = &next
	return nil
}

var witnessRules = map[act.Kind]rule{
	act.KindWitnessesDeclared: {
		roles:  []act.Role{act.RoleAdministrator, act.RoleBoard},
		public: checkWitnesses,
		apply:  applyWitnesses,
		keys:   writesSettings,
	},
	act.KindKeyChanged: {
		roles:  []act.Role{act.RoleAdministrator, act.RoleBoard},
		public: checkKeyChange,
		apply:  applyKeyChange,
		keys:   writesSettings,
	},
}
