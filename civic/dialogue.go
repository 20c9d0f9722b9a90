package civic

import (
	"slices"
	"time"

	"samleng/act"
)

// Dialogue is one dialogue and where it stands in its life.
type Dialogue struct {
	ID act.ID
	act.DialogueAnnounced
	At             time.Time
	Opened, Closed time.Time // zero until it happens
	Completed      time.Time
	// Tabled is what its agenda holds from earlier dialogues.
	Tabled           act.AgendaTabled
	order            int // among the dialogues, as announced
	statements       []*Statement
	PublicStatements int // published ones, redacted and matched ones included
}

// Stage is where a dialogue stands.
type Stage string

// The stages.
const (
	Announced Stage = "announced"
	Open      Stage = "open"
	Closed    Stage = "closed"
	Followed  Stage = "followed" // its plans are made; what remains is to follow them
)

// Stage tells where the dialogue stands.
func (d *Dialogue) Stage() Stage {
	switch {
	case !d.Completed.IsZero():
		return Followed
	case !d.Closed.IsZero():
		return Closed
	case !d.Opened.IsZero():
		return Open
	default:
		return Announced
	}
}

// Statements lists the dialogue's views as they were registered.
func (d *Dialogue) Statements() []*Statement { return d.statements }

type dialogueBook struct {
	byID   map[act.ID]*Dialogue
	bySlug map[string]*Dialogue
	order  []*Dialogue
}

// Dialogues lists the dialogues as they were announced.
func (s *State) Dialogues() []*Dialogue { return s.dialogues.order }

// Dialogue finds a dialogue by its id, nil if there is none.
func (s *State) Dialogue(id act.ID) *Dialogue { return s.dialogues.byID[id] }

// DialogueBySlug finds a dialogue by its name in addresses, nil if there is none.
func (s *State) DialogueBySlug(slug string) *Dialogue { return s.dialogues.bySlug[slug] }

// checkOpen says whether views and ballots may come in.
func (s *State) checkOpen(id act.ID) error {
	d := s.dialogues.byID[id]
	if d == nil {
		return refuse(RefusedDialogue)
	}
	switch d.Stage() {
	case Announced:
		return refuse(RefusedNotOpen)
	case Closed, Followed:
		return refuse(RefusedClosed)
	}
	return nil
}

// admits says whether somebody may take part: anybody where the door is open,
// else whoever was let in by card or invitation.
func (d *Dialogue) admits(who Actor) error {
	switch {
	case who.Participant.IsZero():
		return refuse(RefusedParticipant)
	case d.Door != "open" && !who.Admitted && !who.Import:
		return refuse(RefusedDoor)
	}
	return nil
}

func writesDialogue(a *act.Act, k *KeySet) { k.write(keyDialogue, a.Of, act.ID{}) }

var dialogueRules = map[act.Kind]rule{
	act.KindDialogueAnnounced: {
		roles: []act.Role{act.RoleFacilitator, act.RoleAdministrator},
		public: func(s *State, h *act.Header) error {
			facts := h.Facts.(*act.DialogueAnnounced)
			switch {
			case s.dialogues.bySlug[facts.Slug] != nil:
				return refuse(RefusedSlug)
			case facts.Place != "" && s.places.byCode[facts.Place] == nil:
				return refuse(RefusedPlace)
			case s.orgs.byID[facts.Host] == nil:
				return refuse(RefusedOrganisation)
			case h.By.As == act.ByStaff && h.By.Organisation != facts.Host:
				return refuse(RefusedForbidden)
			}
			return nil
		},
		apply: func(s *State, a *act.Act) error {
			if err := s.keepNames(a.ID, a); err != nil {
				return err
			}
			d := &Dialogue{ID: a.ID, DialogueAnnounced: *a.Facts.(*act.DialogueAnnounced), At: a.At}
			d.order = len(s.dialogues.order)
			s.dialogues.byID[a.ID] = d
			s.dialogues.bySlug[d.Slug] = d
			s.dialogues.order = append(s.dialogues.order, d)
			s.rolls[a.ID] = newRoll()
			return nil
		},
		keys: writesSettings,
	},
	act.KindDialogueOpened: {
		roles: []act.Role{act.RoleFacilitator, act.RoleAdministrator},
		public: func(s *State, h *act.Header) error {
			if err := aboutOwnDialogue(s, h); err != nil {
				return err
			}
			switch s.dialogues.byID[h.Of].Stage() {
			case Open:
				return refuse(RefusedAlreadyOpen)
			case Closed, Followed:
				return refuse(RefusedClosed)
			}
			return nil
		},
		apply: func(s *State, a *act.Act) error {
			d := s.dialogues.byID[a.Of]
			if d == nil {
				return missing("dialogue", a)
			}
			d.Opened = a.At
			return nil
		},
		keys: writesDialogue,
	},
	act.KindDialogueClosed: {
		roles: []act.Role{act.RoleFacilitator, act.RoleAdministrator},
		public: func(s *State, h *act.Header) error {
			if err := aboutOwnDialogue(s, h); err != nil {
				return err
			}
			if s.dialogues.byID[h.Of].Stage() != Open {
				return refuse(RefusedNotOpen)
			}
			return nil
		},
		apply: func(s *State, a *act.Act) error {
			d := s.dialogues.byID[a.Of]
			if d == nil {
				return missing("dialogue", a)
			}
			d.Closed = a.At
			return nil
		},
		keys: writesDialogue,
	},
	act.KindDialogueCompleted: {
		roles: []act.Role{act.RoleFacilitator, act.RoleAdministrator}, public: checkCompleted, apply: applyCompleted,
		// It depends on every need of the dialogue and what became of it: it
		// goes alone.
		keys: writesSettings,
	},
}

func checkCompleted(s *State, h *act.Header) error {
	if err := aboutOwnDialogue(s, h); err != nil {
		return err
	}
	d := s.dialogues.byID[h.Of]
	switch d.Stage() {
	case Followed:
		return refuse(RefusedCompleted)
	case Closed:
	default:
		return refuse(RefusedNotClosed)
	}
	if open := s.NeedsOpen(h.Of); len(open) > 0 {
		return refuse(RefusedNeedsOpen, "n", len(open))
	}
	return nil
}

func applyCompleted(s *State, a *act.Act) error {
	d := s.dialogues.byID[a.Of]
	if d == nil {
		return missing("dialogue", a)
	}
	d.Completed = a.At
	return nil
}

// NeedsOpen lists the needs of a dialogue that have neither a line in its plans
// nor an answer that refuses them with reasons or says that it is in place.
func (s *State) NeedsOpen(dialogue act.ID) []*Need {
	return slices.DeleteFunc(s.NeedsOf(dialogue), func(n *Need) bool { return !s.IsOpen(n) })
}

// IsOpen reports whether a need has neither a line in the plans nor an answer
// that refuses it with reasons or says that it is in place.
func (s *State) IsOpen(n *Need) bool {
	return len(n.commitments) == 0 && !slices.ContainsFunc(n.referrals, (*Referral).refused)
}

// aboutOwnDialogue holds staff to the dialogues that their organisation hosts.
func aboutOwnDialogue(s *State, h *act.Header) error {
	d := s.dialogues.byID[h.Of]
	if d == nil {
		return refuse(RefusedDialogue)
	}
	if h.By.As == act.ByStaff && h.By.Organisation != d.Host {
		return refuse(RefusedForbidden)
	}
	return nil
}
