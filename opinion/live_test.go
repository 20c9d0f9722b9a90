package opinion_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"samleng/opinion"
)

// TestLiveIsTheVotes replays real votes in a random order, with changes of mind
// and refreshes between: what comes out is what the votes give at once.
func TestLiveIsTheVotes(t *testing.T) {
	for _, c := range realConversations(t) {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(5, 6))
			cells := cellsOf(c.votes, identity(len(c.people)), identity(len(c.statements)))
			r.Shuffle(len(cells), func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
			live := opinion.NewLive()
			for i, cell := range cells {
				must(t, live.Grow(cell.Participant+1, cell.Statement+1))
				if i%7 == 0 {
					must(t, live.Vote(cell.Participant, cell.Statement, opinion.Vote(r.IntN(3)-1)))
				}
				if i%11 == 0 {
					must(t, live.Withdraw(cell.Participant, cell.Statement))
				}
				must(t, live.Vote(cell.Participant, cell.Statement, cell.Vote))
				if i%(len(cells)/10) == 0 {
					live.Refresh()
				}
			}
			for s, hidden := range c.hidden {
				must(t, live.Hide(s, hidden))
			}
			if !live.Stale() {
				t.Error("not stale")
			}
			state := live.Refresh()
			if live.Stale() || live.Current() != state {
				t.Error("stale, or not current")
			}
			sameVotes(t, state.Votes, c.votes)
			if !slices.Equal(state.Tallies, tallies(t, c.votes, nil, 0).All) {
				t.Error("other tallies")
			}
			want := opinion.NewPCA(c.votes, opinion.Settings{Hidden: c.hidden})
			compareComponents(t, "live", state.PCA, want, identity(len(c.statements)), 1e-6)
			points := opinion.Project(c.votes, want, opinion.Scaled)
			for p := range points {
				if far(state.Points[p][0], points[p][0], 1e-4) || far(state.Points[p][1], points[p][1], 1e-4) {
					t.Fatalf("participant %d is at %v, not %v", p, state.Points[p], points[p])
				}
			}
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sameVotes(t *testing.T, got, want *opinion.Votes) {
	t.Helper()
	if got.Participants() != want.Participants() || got.Statements() != want.Statements() || got.Len() != want.Len() {
		t.Fatalf("%d × %d with %d votes, not %d × %d with %d", got.Participants(), got.Statements(), got.Len(), want.Participants(), want.Statements(), want.Len())
	}
	for p := range want.Participants() {
		if !slices.Equal(got.Row(p), want.Row(p)) {
			t.Fatalf("row %d: %v, not %v", p, got.Row(p), want.Row(p))
		}
	}
}

// TestLiveReaders: what was given out does not change while the writer goes on
// (run with -race).
func TestLiveReaders(t *testing.T) {
	v, err := opinion.Synthetic(40_000, 30, 8, 1)
	must(t, err)
	live, err := opinion.LiveOf(v)
	must(t, err)
	live.Refresh()
	var wait sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		wait.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				s := live.Current()
				all, err := opinion.Count(s.Votes, nil, 0)
				if err != nil || !slices.Equal(all.All, s.Tallies) || len(s.Points) != s.Votes.Participants() {
					t.Errorf("the votes of a state are not its own: %v", err)
					return
				}
			}
		})
	}
	r := rand.New(rand.NewPCG(7, 8))
	for i := range 30 {
		must(t, live.Grow(live.Participants()+i*100, 30+i))
		for range 200 {
			must(t, live.Vote(r.IntN(live.Participants()), r.IntN(live.Statements()), opinion.Vote(r.IntN(3)-1)))
		}
		live.Refresh()
	}
	close(stop)
	wait.Wait()
	sameCounts(t, live.Current())
}

func sameCounts(t *testing.T, s *opinion.State) {
	t.Helper()
	if !slices.Equal(s.Tallies, tallies(t, s.Votes, nil, 0).All) {
		t.Error("the tallies are not the votes'")
	}
}

// TestLiveGrows: people and statements without votes are there from the next
// refresh on.
func TestLiveGrows(t *testing.T) {
	live := opinion.NewLive()
	must(t, live.Grow(2, 1))
	must(t, live.Vote(1, 0, opinion.Agree))
	live.Refresh()
	for _, people := range []int{3, 20_000, 40_000} {
		must(t, live.Grow(people, 2))
		if !live.Stale() {
			t.Error("not stale")
		}
		sameVotes(t, live.Refresh().Votes, votesOf(t, people, 2, []opinion.Cell{{Participant: 1, Statement: 0, Vote: opinion.Agree}}))
		must(t, live.Grow(people-1, 1))
		if live.Stale() {
			t.Error("stale although nothing changed")
		}
	}
}

func TestLiveRefuses(t *testing.T) {
	live := opinion.NewLive()
	if s := live.Current(); s.Votes.Participants() != 0 || len(s.PCA.Components) != 2 {
		t.Errorf("%+v", s)
	}
	must(t, live.Grow(3, 2))
	for name, err := range map[string]error{
		"participant": live.Vote(3, 0, opinion.Agree), "below": live.Vote(-1, 0, opinion.Agree),
		"statement": live.Vote(0, 2, opinion.Agree), "vote": live.Vote(0, 0, 2),
		"withdraw": live.Withdraw(0, 2), "hide": live.Hide(2, true),
		"statements": live.Grow(3, opinion.MaxStatements+1),
	} {
		if err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// TestLiveManyStatements: beyond the co-vote matrix the votes are read instead.
func TestLiveManyStatements(t *testing.T) {
	live := opinion.NewLive()
	must(t, live.Grow(50, 100))
	r := rand.New(rand.NewPCG(9, 1))
	for i := range 2000 {
		if i == 1000 {
			must(t, live.Grow(50, opinion.MaxGramStatements+10))
		}
		must(t, live.Vote(r.IntN(50), r.IntN(100), opinion.Vote(r.IntN(3)-1)))
	}
	state := live.Refresh()
	sameCounts(t, state)
	compareComponents(t, "many statements", state.PCA, opinion.NewPCA(state.Votes, opinion.Settings{}), identity(live.Statements()), 1e-5)
}

// TestLiveIsOvertaken: votes on other statements by other people leave the
// components that there were exactly as they were, and yet no longer the first.
func TestLiveIsOvertaken(t *testing.T) {
	live := opinion.NewLive()
	must(t, live.Grow(400, 20))
	r := rand.New(rand.NewPCG(2, 3))
	for p := range 50 {
		for s := range 10 {
			must(t, live.Vote(p, s, opinion.Vote(r.IntN(3)-1)))
		}
	}
	live.Refresh()
	warm := 0
	for p := 50; p < 400; p++ {
		for s := 10; s < 20; s++ {
			must(t, live.Vote(p, s, opinion.Vote(2*((p/7+p*s/31)%2)-1)))
			if p > 60 && (p*s)%97 > 0 {
				continue
			}
			state := live.Refresh()
			if state.PCA.Passes <= 3 {
				warm++
			}
			cold := opinion.NewPCA(state.Votes, opinion.Settings{})
			for i, want := range cold.Eigenvalues {
				if far(state.PCA.Eigenvalues[i], want, 1e-9*cold.Eigenvalues[0]) {
					t.Fatalf("with the votes of %d people eigenvalue %d is %v, not %v", p, i, state.PCA.Eigenvalues[i], want)
				}
			}
			if far(state.PCA.Next, cold.Next, .5*cold.Eigenvalues[0]) {
				t.Fatalf("with the votes of %d people the next eigenvalue is %v, not %v", p, state.PCA.Next, cold.Next)
			}
		}
	}
	t.Logf("%d refreshes in three passes or fewer", warm)
}
