package civic_test

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"samleng/act"
	"samleng/civic"
)

// The fold's properties, whatever happens: they hold after every sequence of
// acts that the generator makes (generate_test.go).

func public(t failer, s *civic.State) []byte {
	t.Helper()
	state, err := s.PublicJSON()
	if err != nil {
		t.Fatalf("encode the public state: %v", err)
	}
	return state
}

// differ says where two dumps part.
func differ(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return "\n" + as[i] + "\n" + bs[i]
		}
	}
	return "in length"
}

// TestFoldReplays: what was stored, read again, gives the live state: all of it
// with the sections that are left, and the public state byte for byte with any
// of them missing, down to none.
func TestFoldReplays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapidMachine(t).begin()
		m.run(rapid.IntRange(10, 70).Draw(t, "acts"))
		if live, again := civic.Dump(m.state, false), civic.Dump(m.fold(nil), false); live != again {
			t.Fatalf("read again, the state is another: %s", differ(live, again))
		}
		live := public(t, m.state)
		if bare := public(t, m.bare); !bytes.Equal(live, bare) {
			t.Fatalf("with headers alone the public state is another: %s", differ(string(live), string(bare)))
		}
		some := m.fold(func(*act.Act, string) bool { return m.pick(2) == 0 })
		if got := public(t, some); !bytes.Equal(live, got) {
			t.Fatalf("with some sections missing the public state is another: %s", differ(string(live), string(got)))
		}
	})
}

// TestRefusedChangesNothing: a check, whatever its verdict, leaves the state as
// it was; so does an act that cannot be applied.
func TestRefusedChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapidMachine(t).begin()
		before := civic.Dump(m.state, false)
		m.watch = func(s *civic.State, a *act.Act, refused error) {
			if after := civic.Dump(s, false); after != before {
				t.Fatalf("checking %s (%v) changed the state: %s", a.Leaf, refused, differ(before, after))
			}
		}
		for range rapid.IntRange(5, 25).Draw(t, "acts") {
			before = civic.Dump(m.state, false)
			m.pass()
			m.do(m.any())
		}
		// Acts that nobody checked: a damaged log. Apply reports, or applies
		// whole; it never panics, and what it reports changed nothing.
		m.watch = nil
		for range 15 {
			before := civic.Dump(m.state, false)
			d := m.any()
			a := m.make(d)
			if err := m.state.Apply(a); err != nil {
				if after := civic.Dump(m.state, false); after != before {
					t.Fatalf("%s was not applied (%v) and changed the state: %s", a.Leaf, err, differ(before, after))
				}
			}
		}
	})
}

// TestBalanceBalances: every view is in one part of the balance, of the whole
// and of every piece, at any moment.
func TestBalanceBalances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapidMachine(t).begin()
		m.run(rapid.IntRange(10, 60).Draw(t, "acts"))
		checkBalances(t, m)
	})
}

// TestBalanceOfLongLogs: the same at every few acts of long logs, where views
// have come a long way.
func TestBalanceOfLongLogs(t *testing.T) {
	seeds := uint64(60)
	if testing.Short() {
		seeds = 10
	}
	for seed := range seeds {
		m := newMachine(t, seededChooser{rand.New(rand.NewPCG(seed, 11))}, seed).begin()
		for range 25 {
			m.run(10)
			checkBalances(t, m)
		}
	}
}

// checkBalances recounts the balances and orders of a state at several moments.
func checkBalances(t failer, m *machine) {
	t.Helper()
	s := m.state
	registered, erased, withheld := 0, 0, 0
	for _, v := range s.Statements() {
		registered++
		switch {
		case v.Erased:
			erased++
		case v.Moderation == civic.Withheld:
			withheld++
		}
	}
	for _, d := range s.Dialogues() {
		shown := 0
		for _, v := range d.Statements() {
			if v.Shown() {
				shown++
			}
		}
		if shown != d.PublicStatements {
			t.Fatalf("%d views are shown in a dialogue that counts %d", shown, d.PublicStatements)
		}
	}
	late := -1
	for _, at := range []time.Time{{}, m.now, m.now.AddDate(0, 0, 2), m.now.AddDate(0, 0, m.pick(40)+3), m.now.AddDate(0, 2, 0), m.now.AddDate(500, 0, 0)} {
		whole := s.Balance(civic.Filter{}, at)
		checkBalance(t, whole)
		if whole.Registered != registered || whole.Erased != erased || whole.Withheld != withheld {
			t.Fatalf("%d registered, %d erased, %d withheld, and the balance says %+v", registered, erased, withheld, whole)
		}
		if whole.Overdue() < late {
			t.Fatalf("%d overdue at %s, and %d before", whole.Overdue(), at, late)
		}
		late = whole.Overdue()
		checkOrders(t, m, at)
		var dialogues, days civic.Balance
		for _, d := range s.Dialogues() {
			add(t, &dialogues, s.Balance(civic.Filter{Dialogue: d.ID}, at))
		}
		first, split := m.day(-400), m.day(-m.pick(30))
		next, _ := time.Parse(time.DateOnly, split)
		add(t, &days, s.Balance(civic.Filter{From: first, Until: split}, at))
		add(t, &days, s.Balance(civic.Filter{From: next.AddDate(0, 0, 1).Format(time.DateOnly)}, at))
		for name, sum := range map[string]civic.Balance{"dialogues": dialogues, "two periods": days} {
			if sum != whole {
				t.Fatalf("the %s sum up to %+v, the whole is %+v", name, sum, whole)
			}
		}
		filters := []civic.Filter{{}, {From: split}}
		for _, place := range s.Places(0) {
			filters = append(filters, civic.Filter{Place: place.Code}, civic.Filter{Place: place.Code, Dialogue: any1(m, s.Dialogues()).ID})
		}
		for _, org := range s.Organisations() {
			filters = append(filters, civic.Filter{Authority: org.ID}, civic.Filter{Authority: org.ID, Until: split})
		}
		for _, filter := range filters {
			got, want := s.Balance(filter, at), recounted(s, filter, at)
			checkBalance(t, got)
			if got != want {
				t.Fatalf("%+v at %s: the balance says %+v, a recount %+v", filter, at, got, want)
			}
		}
	}
}

// checkOrders compares what lines that lie side by side say with what the views,
// the cases and the commitments themselves do.
func checkOrders(t failer, m *machine, at time.Time) {
	t.Helper()
	s := m.state
	due := func(v *civic.Statement) time.Time { _, clock := v.Standing(at); return clock.Due }
	var late []*civic.Statement
	for _, v := range s.Statements() {
		if _, clock := v.Standing(at); clock.Overdue(at) {
			late = append(late, v)
		}
	}
	slices.SortStableFunc(late, func(a, b *civic.Statement) int { return due(a).Compare(due(b)) })
	order := s.Overdue(at)
	first := m.pick(len(late) + 1)
	last := first + m.pick(len(late)-first+1)
	if order.Len() != len(late) || !slices.Equal(order.Slice(0, order.Len()), late) || !slices.Equal(order.Slice(first, last), late[first:last]) {
		t.Fatalf("at %s %d views are late, and the order has %d, or has them otherwise", at, len(late), order.Len())
	}
	today := at.In(s.Zone()).Format(time.DateOnly)
	var promised []*civic.Commitment
	counts := map[civic.CommitmentState]int{}
	for _, c := range s.Commitments() {
		counts[c.State(today)]++
		if c.State(today) == civic.CommitmentLate {
			promised = append(promised, c)
		}
	}
	slices.SortStableFunc(promised, func(a, b *civic.Commitment) int { return strings.Compare(a.End(), b.End()) })
	ends := s.CommitmentsByEnd(today, func(_ *civic.Commitment, stands civic.CommitmentState) bool { return stands == civic.CommitmentLate })
	if got, _ := s.CommitmentCounts(today); !maps.Equal(got, counts) || !slices.Equal(ends.Slice(0, ends.Len()), promised) {
		t.Fatalf("on %s the commitments stand as %v, and the lines say %v", today, counts, got)
	}
	fell, inTime, fellDue, answered := 0, 0, 0, 0
	for _, org := range s.Organisations() {
		f := s.Figures(org.ID, at)
		stand, slipped := map[civic.CommitmentState]int{}, 0
		for _, c := range s.CommitmentsOf(org.ID) {
			if stand[c.State(today)]++; c.Slip() > 0 {
				slipped++
			}
		}
		if !maps.Equal(stand, f.Commitments) || slipped != f.Slipped {
			t.Fatalf("on %s the commitments of an authority stand as %v, %d slipped, and its figures say %v, %d", today, stand, slipped, f.Commitments, f.Slipped)
		}
		fell, inTime = fell+f.FellDue, inTime+f.InTime
	}
	if fellDue, answered = s.Punctuality(at); fellDue != fell || answered != inTime {
		t.Fatalf("%d cases fell due, %d of them answered in time; the whole is %d and %d", fell, inTime, fellDue, answered)
	}
}

func checkBalance(t failer, b civic.Balance) {
	t.Helper()
	if b.Sum() != b.Registered || b.Overdue() > b.Registered || b.Overdue() < 0 || b.Erased < 0 || b.Withheld < 0 ||
		b.AwaitingModeration.OnTime < 0 || b.NotYetReferred.OnTime < 0 {
		t.Fatalf("the balance does not balance: %+v", b)
	}
}

// recounted counts view by view what Balance counts from lines that lie side by
// side.
func recounted(s *civic.State, f civic.Filter, at time.Time) civic.Balance {
	var b civic.Balance
	parts := map[civic.Disposition]*civic.Waiting{
		civic.DispAwaiting: &b.AwaitingModeration, civic.DispNotYetReferred: &b.NotYetReferred, civic.DispWaiting: &b.Waiting,
		civic.DispNeedsInformation: &b.NeedsInformation, civic.DispConsidering: &b.BeingConsidered,
	}
	single := map[civic.Disposition]*int{civic.DispErased: &b.Erased, civic.DispWithheld: &b.Withheld, civic.DispAnswered: &b.Answered, civic.DispTransferred: &b.TransferredOn}
	for _, v := range s.Statements() {
		where, day := v.Place, v.At.In(s.Zone()).Format(time.DateOnly)
		if where == "" {
			where = s.Dialogue(v.Dialogue).Place
		}
		had := slices.ContainsFunc(v.Referrals(), func(r *civic.Referral) bool { return slices.Contains(r.Held, f.Authority) })
		if !f.Dialogue.IsZero() && v.Dialogue != f.Dialogue || f.Place != "" && (where == "" || !s.Within(where, f.Place)) ||
			f.From != "" && day < f.From || f.Until != "" && day > f.Until || !f.Authority.IsZero() && !had {
			continue
		}
		b.Registered++
		standing, clock := v.Standing(at)
		if !f.Authority.IsZero() {
			standing, clock = civic.StandingFor(v, at, f.Authority)
		}
		switch w := parts[standing]; {
		case w == nil:
			*single[standing]++
		case clock.Overdue(at):
			w.Overdue++
		default:
			w.OnTime++
		}
	}
	return b
}

func add(t failer, sum *civic.Balance, b civic.Balance) {
	t.Helper()
	checkBalance(t, b)
	sum.Registered += b.Registered
	sum.Erased += b.Erased
	sum.Withheld += b.Withheld
	sum.Answered += b.Answered
	sum.TransferredOn += b.TransferredOn
	for _, part := range []struct{ sum, of *civic.Waiting }{
		{&sum.AwaitingModeration, &b.AwaitingModeration}, {&sum.NotYetReferred, &b.NotYetReferred}, {&sum.Waiting, &b.Waiting},
		{&sum.NeedsInformation, &b.NeedsInformation}, {&sum.BeingConsidered, &b.BeingConsidered},
	} {
		part.sum.OnTime += part.of.OnTime
		part.sum.Overdue += part.of.Overdue
	}
}

// candidate is an act that waits to be tried.
type candidate struct {
	who  civic.Actor
	act  *act.Act
	keys civic.KeySet
}

// TestActsThatDoNotConflictCommute: of acts made against one state, those of
// which none writes what another reads or writes get the verdict that the state
// gave them, in whatever order they come, and lead to the same state. It
// compares everything but the order itself: positions, the order of views,
// people and roles, and the places that follow from it.
func TestActsThatDoNotConflictCommute(t *testing.T) {
	batches, checks := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		checks++
		m := rapidMachine(t).begin()
		m.run(rapid.IntRange(15, 50).Draw(t, "acts"))
		for range 3 {
			batch := m.batch(8)
			if len(batch) > 2 {
				batches++
			}
			verdicts := make([]string, len(batch))
			for i, c := range batch {
				verdicts[i] = verdict(m.state.Check(c.who, c.act))
			}
			order := rand.New(rand.NewPCG(uint64(m.pick(1<<20)), 1)).Perm(len(batch))
			straight, shuffled := m.fold(nil), m.fold(nil)
			for i := range batch {
				m.one(straight, batch[i], verdicts[i])
				m.one(shuffled, batch[order[i]], verdicts[order[i]])
			}
			if a, b := civic.Dump(straight, true), civic.Dump(shuffled, true); a != b {
				t.Fatalf("in another order (%v) the state is another: %s", order, differ(a, b))
			}
			m.run(3)
		}
	})
	if batches < checks/2 {
		t.Errorf("%d batches of more than two acts in %d checks: this shows little", batches, checks)
	}
}

// batch makes acts against the state as it stands, and leaves out those that
// conflict with one before them, as the register does.
func (m *machine) batch(n int) []candidate {
	var chosen []candidate
	read, written := map[civic.Key]bool{}, map[civic.Key]bool{}
	for range n {
		d := m.draft()
		c := candidate{who: d.who, act: m.make(d)}
		civic.Keys(c.who, c.act, &c.keys)
		conflict := false
		for _, key := range c.keys.Writes {
			conflict = conflict || read[key] || written[key]
		}
		for _, key := range c.keys.Reads {
			conflict = conflict || written[key]
		}
		if conflict {
			continue
		}
		for _, key := range c.keys.Writes {
			written[key] = true
		}
		for _, key := range c.keys.Reads {
			read[key] = true
		}
		chosen = append(chosen, c)
	}
	return chosen
}

func verdict(err error) string {
	if err == nil {
		return "accepted"
	}
	return err.Error()
}

// one tries an act of a batch, whose verdict is known.
func (m *machine) one(s *civic.State, c candidate, want string) {
	m.t.Helper()
	err := s.Check(c.who, c.act)
	if got := verdict(err); got != want {
		m.t.Fatalf("%s is %s after acts that it does not conflict with, and was %s", c.act.Leaf, got, want)
	}
	if err != nil {
		return
	}
	if err := s.Apply(c.act); err != nil {
		m.t.Fatalf("apply %s: %v", c.act.Leaf, err)
	}
}

// TestLateStaysLate: as long as a step is not taken, no act gives it less time,
// and none gives one that is late more: policies and calendars bind from their
// own place in the log on.
func TestLateStaysLate(t *testing.T) {
	late := 0
	rapid.Check(t, func(t *rapid.T) {
		m := rapidMachine(t).begin()
		m.run(rapid.IntRange(10, 40).Draw(t, "acts"))
		for range 25 {
			m.pass()
			before := clocks(m.state)
			kind := any1(m, []act.Kind{act.KindPolicyDeclared, act.KindCalendarDeclared, act.KindCalendarDeclared})
			d := m.of(kind)
			if m.pick(5) == 0 {
				d = m.draft() // others take no time back either
			}
			m.do(d)
			after := clocks(m.state)
			for step, clock := range before {
				now, runs := after[step]
				if !runs || !now.Start.Equal(clock.Start) {
					continue // the step was taken, or there is a new one
				}
				if now.Due.Before(clock.Due) {
					t.Fatalf("a step due at %s is due at %s after %s", clock.Due, now.Due, d.facts.Kind())
				}
				if clock.Overdue(m.now) {
					late++
					if !now.Due.Equal(clock.Due) || !now.Overdue(m.now) {
						t.Fatalf("a step that was late at %s (due %s) is due at %s after %s", m.now, clock.Due, now.Due, d.facts.Kind())
					}
				}
			}
		}
	})
	if late < 20 {
		t.Errorf("%d late steps were looked at: this shows nothing", late)
	}
}

// running names a clock.
type running struct {
	view  act.ID
	which string
}

// clocks lists every clock that runs.
func clocks(s *civic.State) map[running]civic.Clock {
	all := map[running]civic.Clock{}
	for _, v := range s.Statements() {
		for which, clock := range map[string]civic.Clock{"step": v.Clock, "correction": v.CorrectionClock} {
			if clock.Running() {
				all[running{v.ID, which + string(clock.Step)}] = clock
			}
		}
		if v.Appeal != nil && v.Appeal.Clock.Running() {
			all[running{v.ID, "appeal"}] = v.Appeal.Clock
		}
	}
	return all
}
