package mapping_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/mapping"
	"samleng/internal/register"
	"samleng/internal/store"
)

// world is a register on SQLite with one open dialogue.
type world struct {
	*register.Register
	t          testing.TB
	dialogue   act.ID
	statements []act.ID
	moderator  civic.Actor
}

func newWorld(t testing.TB, statements int) *world {
	t.Helper()
	dir := t.TempDir()
	keys, err := register.LoadKeys(filepath.Join(dir, "keys"), "test.example/register", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 3, 30, 0, 0, time.UTC)
	w := &world{t: t}
	w.Register, err = register.Open(t.Context(), register.Config{
		Store: store.Config{Dir: dir}, Keys: keys, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Register.Close() })
	names := map[string]any{"names": &act.Names{Name: map[string]string{"en": "A name"}}}
	w.do(civic.System, act.ID{}, &act.ProgrammeDeclared{Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"km", "en"},
		Threshold: 10, Rounding: 5, Step: 10}, names)
	host := w.do(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "cso"}, names)
	w.dialogue = w.do(civic.System, act.ID{}, &act.DialogueAnnounced{Slug: "one", Level: "provincial", Door: "open", Limit: 60, Changes: 2,
		Opens: "2026-11-01", Closes: "2026-12-31", Host: host}, names)
	w.do(civic.System, w.dialogue, &act.DialogueOpened{}, nil)
	staff, err := act.NewID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w.do(civic.System, host, &act.RoleGranted{Staff: staff, Role: act.RoleModerator, From: "2026-11-01"}, nil)
	w.moderator = civic.Actor{By: act.By{As: act.ByStaff, Organisation: host, Staff: staff, Role: act.RoleModerator}}
	for range statements {
		w.statements = append(w.statements, w.view())
	}
	return w
}

func (w *world) do(who civic.Actor, of act.ID, facts act.Facts, content map[string]any) act.ID {
	w.t.Helper()
	receipt, err := w.Submit(w.t.Context(), who, act.Draft{By: who.By, Of: of, Facts: facts, Content: content}, nil)
	if err != nil {
		w.t.Fatalf("%s: %v", facts.Kind(), err)
	}
	return receipt.Act
}

// view puts a view forward and publishes it.
func (w *world) view() act.ID {
	w.t.Helper()
	person := w.person("somebody")
	id := w.do(person, w.dialogue, &act.StatementRegistered{Channel: "web", Written: "en", Visibility: "open"},
		map[string]any{"text": &act.Text{Text: "A view"}, "source": &act.Source{Participant: &person.Participant}})
	w.do(w.moderator, id, &act.StatementPublished{}, nil)
	return id
}

func (w *world) person(name string) civic.Actor {
	return civic.Actor{By: act.Participant, Participant: w.Participant(name, w.dialogue)}
}

func (w *world) vote(name string, votes ...act.StatementVote) {
	w.t.Helper()
	person := w.person(name)
	w.do(person, w.dialogue, &act.BallotCast{}, map[string]any{"ballot": &act.Ballot{Participant: person.Participant, Votes: votes}})
}

// camps has people react: on the first statement all agree, on the second all
// disagree, on every other those with even numbers agree and the others
// disagree, nearly always.
func (w *world) camps(from, to int) {
	w.t.Helper()
	for p := from; p < to; p++ {
		votes := []act.StatementVote{{Statement: w.statements[0], Vote: act.Agree}, {Statement: w.statements[1], Vote: act.Disagree}}
		for s := 2; s < len(w.statements); s++ {
			vote := act.Agree
			if (p+s)%2 == 1 {
				vote = act.Disagree
			}
			if (p*7+s*3)%11 == 0 {
				vote = -vote
			}
			votes = append(votes, act.StatementVote{Statement: w.statements[s], Vote: vote})
		}
		slices.SortFunc(votes, func(a, b act.StatementVote) int { return slices.Compare(a.Statement[:], b.Statement[:]) })
		w.vote(fmt.Sprint("person ", p), votes...)
	}
}

func (w *world) lastMap() (at int64, m act.OpinionMap, published int) {
	w.t.Helper()
	var last civic.Release
	w.View(func(s *civic.State) {
		if maps := s.Maps(w.dialogue); len(maps) > 0 {
			last, published = maps[len(maps)-1], len(maps)
		}
	})
	if published > 0 {
		if err := w.Content(w.t.Context(), civic.Actor{}, civic.SectionRef{Act: last.Act, Name: "map"}, &m); err != nil {
			w.t.Fatal(err)
		}
	}
	return last.At, m, published
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// TestPublishedMap: what is published says what the votes say, rounded, and
// nothing of who said it.
func TestPublishedMap(t *testing.T) {
	w := newWorld(t, 12)
	if err := mapping.PublishNow(t.Context(), w.Register, discard()); err != nil {
		t.Fatal(err)
	}
	if _, _, n := w.lastMap(); n != 0 {
		t.Fatal("a map was published of no reactions")
	}
	w.camps(0, 80)
	if err := mapping.PublishNow(t.Context(), w.Register, discard()); err != nil {
		t.Fatal(err)
	}
	at, m, n := w.lastMap()
	if n != 1 || at == 0 {
		t.Fatalf("%d maps, as at %d", n, at)
	}
	if m.Finding != act.FindingGroups || len(m.Groups) != 2 || *m.Participants != 80 {
		t.Fatalf("%+v", m)
	}
	for _, g := range m.Groups {
		if g.Size == nil || *g.Size < 35 || *g.Size > 45 || len(g.Holds) == 0 || g.Spread[0] == 0 {
			t.Errorf("a group: %+v", g)
		}
	}
	if !slices.Equal(m.Agree, w.statements[:1]) || !slices.Equal(m.Disagree, w.statements[1:2]) || len(m.Divide) != 10 {
		t.Errorf("agree %v, disagree %v, divide %v", m.Agree, m.Disagree, m.Divide)
	}
	if m.Stable.Resamples == 0 || m.Stable.Placed < 970 {
		t.Errorf("stability: %+v", m.Stable)
	}
	for _, row := range m.Statements {
		if row.All == nil || row.All[0]+row.All[1]+row.All[2] < 75 || row.Groups[0] == nil || row.All[0]%5 != 0 {
			t.Errorf("a statement: %+v", row)
		}
	}
	// Nothing moves before the next step.
	if err := mapping.PublishNow(t.Context(), w.Register, discard()); err != nil {
		t.Fatal(err)
	}
	if _, _, n := w.lastMap(); n != 1 {
		t.Errorf("%d maps of the same reactions", n)
	}
}

// TestFewPeople: with too few people a map says so, and draws nobody.
func TestFewPeople(t *testing.T) {
	w := newWorld(t, 12)
	for p := range 3 {
		for _, id := range w.statements {
			w.vote(fmt.Sprint("person ", p), act.StatementVote{Statement: id, Vote: act.Vote(p - 1)})
		}
	}
	if err := mapping.PublishNow(t.Context(), w.Register, discard()); err != nil {
		t.Fatal(err)
	}
	_, m, n := w.lastMap()
	if n != 1 || m.Finding != act.FindingFew || m.Participants != nil || len(m.Groups)+len(m.Statements) != 0 {
		t.Errorf("%d maps; of three people: %+v", n, m)
	}
}

// TestAllTheSame: where everybody says the same there is one group.
func TestAllTheSame(t *testing.T) {
	w := newWorld(t, 4)
	for p := range 30 {
		var votes []act.StatementVote
		for _, id := range w.statements {
			votes = append(votes, act.StatementVote{Statement: id, Vote: act.Agree})
		}
		slices.SortFunc(votes, func(a, b act.StatementVote) int { return slices.Compare(a.Statement[:], b.Statement[:]) })
		w.vote(fmt.Sprint("person ", p), votes...)
	}
	if err := mapping.PublishNow(t.Context(), w.Register, discard()); err != nil {
		t.Fatal(err)
	}
	if _, m, _ := w.lastMap(); m.Finding != act.FindingOne || len(m.Groups) != 1 || len(m.Agree) != 4 || len(m.Divide) != 0 {
		t.Errorf("where everybody agrees: %+v", m)
	}
}

// TestLiveMap: reactions are on the map within a second, those to a view that
// is withheld are not, and the published map comes by itself.
func TestLiveMap(t *testing.T) {
	w := newWorld(t, 12)
	w.camps(0, 40)
	k := mapping.New(w.Register, discard())
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx, 50*time.Millisecond) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	until := func(what string, holds func(m *mapping.Map) bool) {
		t.Helper()
		for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
			if m := k.Map(w.dialogue); m != nil && holds(m) {
				return
			}
			if time.Since(start) > 10*time.Second {
				t.Fatalf("not on the map: %s", what)
			}
		}
	}
	until("the first reactions, and their groups", func(m *mapping.Map) bool {
		return m.State.Votes.Len() == 40*12 && m.Groups != nil && m.Groups.K == 2 && m.Grouped == m.Position
	})
	began := time.Now()
	w.camps(40, 41)
	until("one more person", func(m *mapping.Map) bool {
		return m.State.Votes.Len() == 41*12 && len(m.People) == 41 && m.Member(40).Group == m.Member(0).Group && m.Member(40).Probability >= 0.8
	})
	if took := time.Since(began); took > time.Second {
		t.Errorf("a reaction was on the map after %v", took)
	}
	m := k.Map(w.dialogue)
	standing, err := m.Standing()
	if err != nil || standing.People != 41 || len(standing.Members) != 41 || !slices.Equal(standing.Tallies.All, m.State.Tallies) {
		t.Errorf("standing of 41 people: %+v, %v", standing, err)
	} else if in := standing.Tallies.Sizes; len(in) != 2 || in[0]+in[1] != 41-standing.Unplaced {
		t.Errorf("groups of %v, %d unplaced", in, standing.Unplaced)
	}
	before := w.Position()
	w.do(w.moderator, w.statements[2], &act.StatementWithheld{Reason: "advertising"}, map[string]any{"explanation": &act.Explanation{Text: "An advertisement."}})
	until("a view that is withheld, and the groups without it", func(m *mapping.Map) bool {
		return slices.Contains(m.Hidden, true) && m.Grouped == m.Position && m.Position > before
	})
	late := w.view()
	w.vote("person 1", act.StatementVote{Statement: late, Vote: act.Agree})
	until("a view that came later", func(m *mapping.Map) bool { return len(m.Statements) == 13 && m.State.Tallies[12].Agree == 1 })
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if _, m, n := w.lastMap(); n > 0 && len(m.Groups) == 2 {
			break
		}
		if time.Since(start) > 10*time.Second {
			t.Fatal("no map was published")
		}
	}
}
