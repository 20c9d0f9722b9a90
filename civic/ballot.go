package civic

import (
	"fmt"
	"iter"
	"slices"

	"samleng/act"
)

// roll is who voted what in one dialogue. All of it comes from sealed sections.
type roll struct {
	people   map[act.Pseudonym]int32 // to the place in votes
	order    []act.Pseudonym         // by first act
	votes    [][]cell                // a person's votes by statement, ascending
	tallies  []Tally                 // by statement
	ballots  int64                   // acts
	released int64                   // ballots at the last release
	mapped   int64                   // ballots at the last published map
	shown    []figures               // by statement, as they were released
	crowd    figures                 // how many take part, as it was released
	// selves is what people said about themselves, the newest last; described
	// who said it with each act, and apart the number of them who did not vote.
	selves    map[act.Pseudonym][]self
	described map[act.ID]act.Pseudonym
	apart     int
}

// self is what somebody said about themselves with one act.
type self struct {
	act  act.ID
	self act.Self
}

// cell is one person's vote on one statement: the statement's place in the
// dialogue in the upper bits, then how often the vote was changed (6 bits) and
// the vote plus one (2 bits). It takes 16 bytes with the time of an import.
type cell struct {
	word     uint32
	position uint32 // of the act that cast it
	time     int64  // when an imported vote was cast, in ms; else 0
}

const (
	voteBits   = 2
	changeBits = 6
	cellBits   = voteBits + changeBits
	mostIndex  = 1<<(32-cellBits) - 1
)

func makeCell(index, changes int, vote act.Vote) uint32 {
	return uint32(index)<<cellBits | uint32(min(changes, 1<<changeBits-1))<<voteBits | uint32(vote+1)
}

func (c cell) index() int     { return int(c.word >> cellBits) }
func (c cell) changes() int   { return int(c.word >> voteBits & (1<<changeBits - 1)) }
func (c cell) vote() act.Vote { return act.Vote(c.word&(1<<voteBits-1)) - 1 }

// Tally counts the votes on one statement, each person's last one.
type Tally struct{ Agree, Disagree, Pass int }

// Total is the number of people who voted on it.
func (t Tally) Total() int { return t.Agree + t.Disagree + t.Pass }

func (t *Tally) add(vote act.Vote, n int) {
	switch vote {
	case act.Agree:
		t.Agree += n
	case act.Disagree:
		t.Disagree += n
	default:
		t.Pass += n
	}
}

func newRoll() *roll {
	return &roll{people: map[act.Pseudonym]int32{}, selves: map[act.Pseudonym][]self{}, described: map[act.ID]act.Pseudonym{}}
}

func (r *roll) find(who act.Pseudonym, index int) (cell, bool) {
	person, known := r.people[who]
	if !known {
		return cell{}, false
	}
	return findCell(r.votes[person], index)
}

func findCell(votes []cell, index int) (cell, bool) {
	at, has := searchCell(votes, index)
	if !has {
		return cell{}, false
	}
	return votes[at], true
}

func searchCell(votes []cell, index int) (int, bool) {
	// Most votes come in the order of the statements: look at the end first.
	if n := len(votes); n > 0 && votes[n-1].index() < index {
		return n, false
	}
	return slices.BinarySearchFunc(votes, index, func(c cell, index int) int { return c.index() - index })
}

// set records a vote as cast by the act at a position.
func (r *roll) set(who act.Pseudonym, index int, vote act.Vote, position, at int64) {
	person := r.join(who)
	for len(r.tallies) <= index {
		r.tallies = append(r.tallies, Tally{})
		r.shown = append(r.shown, figures{})
	}
	votes := r.votes[person]
	i, has := searchCell(votes, index)
	if !has {
		r.votes[person] = slices.Insert(votes, i, cell{makeCell(index, 0, vote), uint32(position), at})
		r.tallies[index].add(vote, 1)
		r.shown[index].moved++
		return
	}
	old := votes[i]
	if old.vote() == vote {
		return
	}
	r.tallies[index].add(old.vote(), -1)
	r.tallies[index].add(vote, 1)
	if int64(old.position) < r.shown[index].at {
		r.shown[index].moved++ // each person counts once
	}
	votes[i] = cell{makeCell(index, old.changes()+1, vote), uint32(position), at}
}

func (r *roll) join(who act.Pseudonym) int32 {
	person, known := r.people[who]
	if !known {
		person = int32(len(r.votes))
		r.people[who] = person
		r.order = append(r.order, who)
		r.votes = append(r.votes, nil)
		if len(r.selves[who]) > 0 {
			r.apart--
		}
	}
	return person
}

// describe keeps what somebody said about themselves. It gives them no place
// among those who vote: it can be erased, and must then leave no trace.
func (r *roll) describe(id act.ID, said act.Self) {
	who := said.Participant
	if _, voted := r.people[who]; !voted && len(r.selves[who]) == 0 {
		r.apart++
	}
	r.selves[who] = append(r.selves[who], self{id, said})
	r.described[id] = who
}

// forget takes back what was said with an act; what had been said before
// stands again.
func (r *roll) forget(id act.ID) {
	who, known := r.described[id]
	if !known {
		return
	}
	delete(r.described, id)
	r.selves[who] = slices.DeleteFunc(r.selves[who], func(s self) bool { return s.act == id })
	if len(r.selves[who]) > 0 {
		return
	}
	delete(r.selves, who)
	if _, voted := r.people[who]; !voted {
		r.apart--
	}
}

var ballotRules = map[act.Kind]rule{
	act.KindBallotCast: {
		public: func(s *State, h *act.Header) error {
			return s.checkOpen(h.Of)
		},
		private: checkBallot,
		apply:   applyBallot,
		keys: func(a *act.Act, k *KeySet) {
			k.read(keyDialogue, a.Of, act.ID{})
			var ballot act.Ballot
			if has, err := a.Content("ballot", &ballot); !has || err != nil {
				return
			}
			for _, vote := range ballot.Votes {
				k.read(keyStatement, vote.Statement, act.ID{})
				k.write(keyCell, ballot.Participant, vote.Statement)
			}
		},
	},
	act.KindParticipantDescribe: {
		public: func(s *State, h *act.Header) error { return s.checkOpen(h.Of) },
		private: func(s *State, who Actor, a *act.Act) error {
			var self act.Self
			has, err := a.Content("self", &self)
			switch {
			case err != nil:
				return err
			case !has || self.Participant.IsZero() || self.Participant != who.Participant:
				return refuse(RefusedParticipant)
			}
			if err := s.dialogues.byID[a.Of].admits(who); err != nil {
				return err
			}
			if self.Place != "" && s.places.byCode[self.Place] == nil {
				return refuse(RefusedPlace)
			}
			return nil
		},
		apply: func(s *State, a *act.Act) error {
			r := s.rolls[a.Of]
			if r == nil {
				return missing("dialogue", a)
			}
			var self act.Self
			has, err := a.Content("self", &self)
			if err != nil {
				return fmt.Errorf("%w: %w", ErrDamaged, err)
			}
			if has {
				r.describe(a.ID, self)
			}
			return nil
		},
		keys: func(a *act.Act, k *KeySet) {
			k.read(keyDialogue, a.Of, act.ID{})
			var self act.Self
			if has, err := a.Content("self", &self); has && err == nil {
				k.write(keySelf, a.Of, self.Participant)
			}
		},
	},
}

func checkBallot(s *State, who Actor, a *act.Act) error {
	var ballot act.Ballot
	has, err := a.Content("ballot", &ballot)
	switch {
	case err != nil:
		return err
	case !has || ballot.Participant.IsZero() || ballot.Participant != who.Participant:
		return refuse(RefusedParticipant)
	}
	d, r := s.dialogues.byID[a.Of], s.rolls[a.Of]
	if err := d.admits(who); err != nil {
		return err
	}
	var standing int64 = -1
	changed := false
	for _, vote := range ballot.Votes {
		v := s.views.byID[vote.Statement]
		if v == nil || v.Dialogue != a.Of {
			return refuse(RefusedStatement)
		}
		// An import brings votes that were cast where the view was shown then,
		// though it is withheld now: they are carried over without showing it.
		if !v.Votable() && !who.Import || v.index > mostIndex {
			return refuse(RefusedNotVotable)
		}
		old, voted := r.find(ballot.Participant, v.index)
		switch {
		case !voted:
			changed = true
		case old.vote() == vote.Vote:
			standing = max(standing, int64(old.position))
		case old.changes() >= d.Changes && !who.Import:
			return refuse(RefusedChanges, "n", d.Changes)
		default:
			changed = true
		}
	}
	// An import keeps every vote that the source recorded, also one that said
	// again what stood already.
	if !changed && !who.Import {
		return &Unchanged{Position: standing}
	}
	return nil
}

func applyBallot(s *State, a *act.Act) error {
	r := s.rolls[a.Of]
	if r == nil {
		return missing("dialogue", a)
	}
	var ballot act.Ballot
	has, err := a.Content("ballot", &ballot)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	// Nothing is changed before all of it is known to fit.
	for _, vote := range ballot.Votes {
		if v := s.views.byID[vote.Statement]; v == nil || v.Dialogue != a.Of || v.index > mostIndex {
			return missing("statement of its dialogue", a)
		}
	}
	r.ballots++
	if !has {
		s.unread = append(s.unread, a.ID)
	}
	for _, vote := range ballot.Votes {
		r.set(ballot.Participant, s.views.byID[vote.Statement].index, vote.Vote, s.position, ballot.Time)
	}
	return nil
}

// The live figures below are for those who run the dialogue; what the public
// sees are releases.

// Tally counts the votes on a statement as they stand now.
func (s *State) Tally(statement act.ID) Tally {
	v := s.views.byID[statement]
	if v == nil {
		return Tally{}
	}
	if r := s.rolls[v.Dialogue]; r != nil && v.index < len(r.tallies) {
		return r.tallies[v.index]
	}
	return Tally{}
}

// Ballots is the number of ballots cast in a dialogue.
func (s *State) Ballots(dialogue act.ID) int64 {
	if r := s.rolls[dialogue]; r != nil {
		return r.ballots
	}
	return 0
}

// Participants is the number of people who voted in a dialogue or described
// themselves there.
func (s *State) Participants(dialogue act.ID) int {
	if r := s.rolls[dialogue]; r != nil {
		return len(r.order) + r.apart
	}
	return 0
}

// Vote gives somebody's vote on a statement, with the position of its act.
func (s *State) Vote(who act.Pseudonym, statement act.ID) (vote act.Vote, position int64, voted bool) {
	v := s.views.byID[statement]
	if v == nil || s.rolls[v.Dialogue] == nil {
		return 0, 0, false
	}
	c, voted := s.rolls[v.Dialogue].find(who, v.index)
	return c.vote(), int64(c.position), voted
}

// LastVote gives the statement that somebody reacted to last in a dialogue.
func (s *State) LastVote(dialogue act.ID, who act.Pseudonym) (last *Statement, vote act.Vote) {
	d, r := s.dialogues.byID[dialogue], s.rolls[dialogue]
	if d == nil || r == nil {
		return nil, 0
	}
	person, known := r.people[who]
	if !known {
		return nil, 0
	}
	var position uint32
	for _, c := range r.votes[person] {
		if last == nil || c.position >= position {
			last, vote, position = d.statements[c.index()], c.vote(), c.position
		}
	}
	return last, vote
}

// PersonVote is one cell of the votes of a dialogue.
type PersonVote struct {
	Person    int // by first act, from 0
	Pseudonym act.Pseudonym
	Statement *Statement
	Vote      act.Vote
	Position  int64
	Time      int64 // of an imported vote, ms since 1970; else 0
}

// Votes goes through the votes of a dialogue, person by person in the order of
// their first act, statements ascending. It is for named roles, and for
// dialogues whose source was public.
func (s *State) Votes(dialogue act.ID) iter.Seq[PersonVote] {
	return func(yield func(PersonVote) bool) {
		d, r := s.dialogues.byID[dialogue], s.rolls[dialogue]
		if d == nil || r == nil {
			return
		}
		for person, votes := range r.votes {
			for _, c := range votes {
				if !yield(PersonVote{person, r.order[person], d.statements[c.index()], c.vote(), int64(c.position), c.time}) {
					return
				}
			}
		}
	}
}

// Progress counts the statements that somebody may react to in a dialogue, and
// those on which they did.
func (s *State) Progress(dialogue act.ID, who act.Pseudonym) (done, all int) {
	for v, voted := range s.votable(dialogue, who) {
		_ = v
		all++
		if voted {
			done++
		}
	}
	return done, all
}

// votable goes through the statements that people may react to, and says of
// each whether who did.
func (s *State) votable(dialogue act.ID, who act.Pseudonym) iter.Seq2[*Statement, bool] {
	return func(yield func(*Statement, bool) bool) {
		d, r := s.dialogues.byID[dialogue], s.rolls[dialogue]
		if d == nil || r == nil {
			return
		}
		var votes []cell
		if person, known := r.people[who]; known {
			votes = r.votes[person]
		}
		for _, v := range d.statements {
			for len(votes) > 0 && votes[0].index() < v.index {
				votes = votes[1:]
			}
			voted := len(votes) > 0 && votes[0].index() == v.index
			if v.Votable() && !yield(v, voted) {
				return
			}
		}
	}
}

// Next chooses a statement for somebody to react to: among those they have not
// seen, the ones with the fewest votes, and of these the one that a hash of
// person and statement puts first, so that a reload shows the same one and
// different people begin with different ones. It is nil when they saw all;
// skip are statements not to choose.
func (s *State) Next(dialogue act.ID, who act.Pseudonym, skip ...act.ID) *Statement {
	var best *Statement
	var bestRank uint64
	for v, voted := range s.votable(dialogue, who) {
		if voted || slices.Contains(skip, v.ID) {
			continue
		}
		// Steps of eight votes keep the choice steady while votes come in.
		rank := uint64(s.Tally(v.ID).Total()/8)<<32 | mix(who, v.ID)&(1<<32-1)
		if best == nil || rank < bestRank {
			best, bestRank = v, rank
		}
	}
	return best
}

// mix is a hash of two ids (FNV-1a).
func mix(a, b act.ID) uint64 {
	h := uint64(14695981039346656037)
	for _, id := range [2]act.ID{a, b} {
		for _, x := range id {
			h = (h ^ uint64(x)) * 1099511628211
		}
	}
	return h ^ h>>32
}

// Self gives what somebody said about themselves in a dialogue.
func (s *State) Self(dialogue act.ID, who act.Pseudonym) (act.Self, bool) {
	r := s.rolls[dialogue]
	if r == nil {
		return act.Self{}, false
	}
	said := r.selves[who]
	if len(said) == 0 {
		return act.Self{}, false
	}
	return said[len(said)-1].self, true
}

// Own lists the views that somebody put forward in a dialogue, oldest first.
func (s *State) Own(dialogue act.ID, who act.Pseudonym) []*Statement {
	var own []*Statement
	if d := s.dialogues.byID[dialogue]; d != nil && !who.IsZero() {
		for _, v := range d.statements {
			if s.sources[v.ID].participant == who {
				own = append(own, v)
			}
		}
	}
	return own
}

// Origin gives what the source of an import said of a statement, nil for one
// that was not imported.
func (s *State) Origin(statement act.ID) *act.Origin { return s.sources[statement].origin }
