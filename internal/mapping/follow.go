package mapping

import (
	"context"
	"fmt"
	"sync"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/opinion"
)

// tracked is the votes of one dialogue as they come in. mu guards all of it;
// nobody who reads a map takes it.
type tracked struct {
	mu         sync.Mutex
	dialogue   act.ID
	live       *opinion.Live
	people     map[act.Pseudonym]int
	names      []act.Pseudonym // by row; only ever appended to
	columns    map[act.ID]int
	statements []act.ID // by column; only ever appended to
	position   int64    // acts taken in
	// moved are the rows that changed since groups were found, each with the
	// position after the act that did.
	moved map[int]int64
	shown sync.Mutex // guards what is put into the map that is shown
	// regroup is when groups may be found again: see groupRest. The loop that
	// does it alone looks at it.
	regroup time.Time
	err     error // why there is no map, such as too many statements
	told    bool  // err was logged
}

func newTracked(dialogue act.ID) *tracked {
	return &tracked{dialogue: dialogue, live: opinion.NewLive(), people: map[act.Pseudonym]int{}, columns: map[act.ID]int{}, moved: map[int]int64{}}
}

// row finds the row of somebody, making one.
func (t *tracked) row(who act.Pseudonym) int {
	row, known := t.people[who]
	if !known {
		row = len(t.names)
		t.people[who] = row
		t.names = append(t.names, who)
	}
	return row
}

func (t *tracked) column(statement act.ID) int {
	column, known := t.columns[statement]
	if !known {
		column = len(t.statements)
		t.columns[statement] = column
		t.statements = append(t.statements, statement)
	}
	return column
}

// load reads the votes that there are. It runs within a view of the state.
func (t *tracked) load(s *civic.State) {
	var cells []opinion.Cell
	for _, v := range s.Dialogue(t.dialogue).Statements() {
		t.column(v.ID)
	}
	for v := range s.Votes(t.dialogue) {
		cells = append(cells, opinion.Cell{Participant: t.row(v.Pseudonym), Statement: t.column(v.Statement.ID), Vote: opinion.Vote(v.Vote)})
	}
	t.position = s.Position()
	votes, err := opinion.FromCells(len(t.names), len(t.statements), cells)
	if err == nil {
		t.live, err = opinion.LiveOf(votes)
	}
	if t.err = err; err == nil {
		t.hide(s)
	}
}

// hide leaves out the statements that people may not react to now. It runs
// within a view of the state.
func (t *tracked) hide(s *civic.State) {
	for column, id := range t.statements {
		v := s.Statement(id)
		if err := t.live.Hide(column, v == nil || !v.Votable()); err != nil {
			t.err = err
		}
	}
}

// cast takes in a ballot.
func (t *tracked) cast(ballot *act.Ballot) {
	if t.err != nil {
		return
	}
	row := t.row(ballot.Participant)
	columns := make([]int, len(ballot.Votes))
	for i, vote := range ballot.Votes {
		columns[i] = t.column(vote.Statement)
	}
	if t.err = t.live.Grow(len(t.names), len(t.statements)); t.err != nil {
		return
	}
	for i, vote := range ballot.Votes {
		if err := t.live.Vote(row, columns[i], opinion.Vote(vote.Vote)); err != nil {
			t.err = err
			return
		}
	}
	t.moved[row] = t.position
}

// load begins with the votes that there are, and gives the position up to which.
func (k *Keeper) load() (position int64) {
	k.register.View(func(s *civic.State) {
		position = s.Position()
		for _, d := range s.Dialogues() {
			t := newTracked(d.ID)
			t.load(s)
			k.track(t)
		}
	})
	return position
}

// follow takes in what happens from a position on, until ctx ends.
func (k *Keeper) follow(ctx context.Context, from int64) error {
	return k.register.Follow(ctx, from, func(position int64, a *act.Act) error {
		if err := k.take(position, a); err != nil {
			return fmt.Errorf("map the act at %d: %w", position, err)
		}
		return nil
	})
}

func (k *Keeper) take(position int64, a *act.Act) error {
	switch a.Kind {
	case act.KindDialogueAnnounced:
		k.track(newTracked(a.ID))
	case act.KindBallotCast:
		t := k.of(a.Of)
		if t == nil {
			return nil
		}
		var ballot act.Ballot
		has, err := a.Content("ballot", &ballot)
		if err != nil {
			return err
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		t.position = position + 1
		if has {
			t.cast(&ballot)
			k.changed()
		}
	case act.KindStatementRegistered, act.KindStatementPublished, act.KindStatementRedacted, act.KindStatementWithheld,
		act.KindStatementMatched, act.KindAppealDecided, act.KindSectionErased:
		k.shownChanged(position, a)
	}
	return nil
}

// shownChanged looks again at which statements people may react to.
func (k *Keeper) shownChanged(position int64, a *act.Act) {
	k.register.View(func(s *civic.State) {
		dialogue := a.Of
		if v := s.Statement(a.Of); v != nil {
			dialogue = v.Dialogue
		}
		t := k.of(dialogue)
		if t == nil {
			return
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		if a.Kind == act.KindStatementRegistered {
			t.column(a.ID)
			if t.err == nil {
				t.err = t.live.Grow(len(t.names), len(t.statements))
			}
		}
		if t.err == nil {
			t.hide(s)
		}
		t.position = position + 1 // the groups may be others now
		k.changed()
	})
}
