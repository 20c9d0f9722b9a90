package civic_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"samleng/act"
	"samleng/civic"
)

// chooser makes a generator's choices: a number from 0 to n-1. With a random
// check behind it (rapid) what fails gets shorter; with a seed the same acts
// come again.
type chooser interface{ pick(n int) int }

type rapidChooser struct{ t *rapid.T }

func (c rapidChooser) pick(n int) int { return rapid.IntRange(0, n-1).Draw(c.t, "pick") }

type seededChooser struct{ *rand.Rand }

func (c seededChooser) pick(n int) int { return c.IntN(n) }

// failer is what rapid's and the standard library's tests share.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
}

// machine makes acts of all kinds, plausible and implausible ones, against a
// state as it stands, and carries out those that are accepted. What it stores
// is what a register stores: leaves, and the sections that are not erased.
type machine struct {
	chooser
	t      failer
	random io.Reader
	state  *civic.State
	bare   *civic.State // of headers alone
	now    time.Time
	stored []*act.Act
	people []act.Pseudonym
	staff  []act.ID
	serial int
	tried  map[act.Kind]int
	taken  map[act.Kind]int
	spoilt map[string]int // refusals by key
	// watch, if set, is called around every act: with what was refused, or nil.
	watch func(before *civic.State, a *act.Act, refused error)
}

// newMachine makes a machine with an empty register.
func newMachine(t failer, c chooser, seed uint64) *machine {
	m := &machine{
		chooser: c, t: t, random: seeded(seed), state: civic.New(), bare: civic.New(),
		now:   time.Date(2026, 3, 9, 3, 20, 0, 0, time.UTC),
		tried: map[act.Kind]int{}, taken: map[act.Kind]int{}, spoilt: map[string]int{},
	}
	for range 16 {
		m.people = append(m.people, m.id())
	}
	for range 12 {
		m.staff = append(m.staff, m.id())
	}
	return m
}

func seeded(seed uint64) io.Reader {
	var key [32]byte
	key[0], key[1], key[2], key[3] = byte(seed), byte(seed>>8), byte(seed>>16), byte(seed>>24)
	return rand.NewChaCha8(key)
}

func (m *machine) id() act.ID {
	id, err := act.NewID(m.random)
	if err != nil {
		m.t.Fatalf("draw an id: %v", err)
	}
	return id
}

// draft is what somebody wants to do.
type draft struct {
	who     civic.Actor
	of      act.ID
	facts   act.Facts
	content map[string]any
}

// make gives the act of a draft.
func (m *machine) make(d draft) *act.Act {
	m.t.Helper()
	at := m.now
	if at.Before(m.state.At()) {
		at = m.state.At()
	}
	a, err := act.New(act.Draft{By: d.who.By, Of: d.of, Facts: d.facts, Content: d.content}, m.id(), at, m.random)
	if err != nil {
		m.t.Fatalf("the generator made a malformed %s: %v", d.facts.Kind(), err)
	}
	return a
}

// do tries one draft and reports whether it was accepted. It checks on the way
// that what the rules accept can be applied, from headers alone too.
func (m *machine) do(d draft) bool {
	m.t.Helper()
	return m.try(d.who, m.make(d)) == nil
}

func (m *machine) try(who civic.Actor, a *act.Act) error {
	m.t.Helper()
	m.tried[a.Kind]++
	err := m.state.Check(who, a)
	if m.watch != nil {
		m.watch(m.state, a, err)
	}
	if err != nil {
		var refusal *civic.Refusal
		var unchanged *civic.Unchanged
		switch {
		case errors.As(err, &refusal):
			m.spoilt[refusal.Key]++
		case errors.As(err, &unchanged):
			m.taken[a.Kind]++ // as good as done
		default:
			m.t.Fatalf("check %s: %v", a.Leaf, err)
		}
		return err
	}
	if err := m.state.Apply(a); err != nil {
		m.t.Fatalf("apply %s, which was accepted: %v", a.Leaf, err)
	}
	header, err := act.Decode(a.Leaf, nil)
	if err != nil {
		m.t.Fatalf("decode %s: %v", a.Leaf, err)
	}
	if err := m.bare.CheckPublic(header.Header); err != nil {
		m.t.Fatalf("who has headers alone refuses %s, which was accepted: %v", a.Leaf, err)
	}
	if err := m.bare.Apply(header); err != nil {
		m.t.Fatalf("apply the header %s: %v", a.Leaf, err)
	}
	m.taken[a.Kind]++
	m.stored = append(m.stored, a)
	if erased, is := a.Facts.(*act.SectionErased); is {
		m.erase(a.Of, erased.Section)
	}
	return nil
}

// erase deletes a section as the register does.
func (m *machine) erase(id act.ID, name string) {
	for i, a := range m.stored {
		if a.ID != id {
			continue
		}
		var kept []act.Section
		for _, section := range a.Sections {
			if section.Name != name {
				kept = append(kept, section)
			}
		}
		m.stored[i] = &act.Act{Header: a.Header, Leaf: a.Leaf, Sections: kept}
	}
}

// fold reads the stored bytes again into a fresh state; with keep, only the
// sections for which it says so.
func (m *machine) fold(keep func(a *act.Act, name string) bool) *civic.State {
	m.t.Helper()
	s := civic.New()
	for _, stored := range m.stored {
		var sections []act.Section
		for _, section := range stored.Sections {
			if keep == nil || keep(stored, section.Name) {
				sections = append(sections, section)
			}
		}
		a, err := act.Decode(stored.Leaf, sections)
		if err != nil {
			m.t.Fatalf("decode %s: %v", stored.Leaf, err)
		}
		if err := s.CheckPublic(a.Header); err != nil {
			m.t.Fatalf("%s is refused when it is read again: %v", stored.Leaf, err)
		}
		if err := s.Apply(a); err != nil {
			m.t.Fatalf("apply %s again: %v", stored.Leaf, err)
		}
	}
	return s
}

// run lets time pass and tries n more acts.
func (m *machine) run(n int) {
	for range n {
		m.pass()
		if m.pick(25) == 0 {
			m.crowd()
		}
		m.do(m.draft())
	}
}

// crowd has everybody react to one view, as in a forum.
func (m *machine) crowd() {
	id := m.view((*civic.Statement).Votable)
	v := m.state.Statement(id)
	if v == nil || !v.Votable() || m.state.Dialogue(v.Dialogue).Stage() != civic.Open {
		return
	}
	for _, person := range m.people {
		who := civic.Actor{By: act.Participant, Participant: person, Admitted: true}
		ballot := &act.Ballot{Participant: person, Votes: []act.StatementVote{{Statement: id, Vote: act.Vote(m.pick(3) - 1)}}}
		m.do(draft{who: who, of: v.Dialogue, facts: &act.BallotCast{}, content: map[string]any{"ballot": ballot}})
	}
	if m.pick(2) == 0 {
		m.do(m.of(act.KindReleasePublished))
	}
}

// pass lets some time pass: mostly minutes, at times days.
func (m *machine) pass() {
	switch m.pick(8) {
	case 0:
		m.now = m.now.Add(time.Duration(m.pick(14*24)) * time.Hour)
	case 1, 2:
		m.now = m.now.Add(time.Duration(m.pick(36)) * time.Hour)
	default:
		m.now = m.now.Add(time.Duration(m.pick(59)) * time.Minute)
	}
}

// draft makes a draft of some kind, as the weights say. One that would be
// refused is mostly thrown away for another.
func (m *machine) draft() (d draft) {
	for range 6 {
		if d = m.any(); m.state.Check(d.who, m.make(d)) == nil || m.pick(3) == 0 {
			break
		}
	}
	return d
}

func (m *machine) any() draft {
	sum := 0
	for _, g := range generators {
		sum += g.weight
	}
	n := m.pick(sum)
	for _, g := range generators {
		if n -= g.weight; n < 0 {
			return m.of(g.kind)
		}
	}
	panic("no generator")
}

func (m *machine) of(kind act.Kind) draft {
	for _, g := range generators {
		if g.kind == kind {
			return g.make(m)
		}
	}
	m.t.Fatalf("no generator of %s", kind)
	return draft{}
}

// begin sets a register up, in one of several ways.
func (m *machine) begin() *machine {
	if m.pick(6) == 0 {
		m.do(m.of(act.KindEpochBegun))
	}
	if m.pick(6) == 0 {
		m.do(m.of(act.KindRulesAdopted)) // too early
	}
	for _, kind := range []act.Kind{act.KindProgrammeDeclared, act.KindRulesAdopted, act.KindPolicyDeclared, act.KindCalendarDeclared} {
		m.do(m.of(kind))
	}
	for len(m.state.Organisations()) < 3 {
		m.do(draft{who: civic.System, facts: m.organisation(), content: m.names()})
	}
	m.do(draft{who: civic.System, facts: &act.PlaceRegistered{Code: "16", Level: 1}, content: m.names()})
	m.do(draft{who: civic.System, facts: &act.PlaceRegistered{Code: "1602", Parent: "16", Level: 2}, content: m.names()})
	orgs := m.state.Organisations()
	for _, org := range orgs {
		for _, role := range []act.Role{act.RoleModerator, act.RoleAdministrator, act.RoleRapporteur} {
			m.do(draft{who: civic.System, of: org.ID, facts: &act.RoleGranted{Staff: any1(m, m.staff), Role: role, From: "2026-01-01"}})
		}
	}
	for range 2 {
		m.do(draft{who: civic.System, facts: &act.OrganisationRegistered{Type: "line_department", Authority: true}, content: m.names()})
	}
	for i, org := range m.state.Organisations() {
		roles := []act.Role{act.RoleFacilitator, act.RoleMonitor, act.RoleReferrer}
		if org.Authority {
			roles = []act.Role{act.RoleAdministrator, act.RoleFocalPoint, act.RoleSigningOfficer}
		}
		for k, role := range roles {
			m.do(draft{who: civic.System, of: org.ID, facts: &act.RoleGranted{Staff: m.staff[(i+k)%len(m.staff)], Role: role, From: "2026-01-01"}})
		}
	}
	m.do(draft{who: civic.System, of: orgs[0].ID, facts: &act.OrganisationEngaged{As: "lead", From: "2026-01-01"}})
	for len(m.state.Dialogues()) == 0 {
		m.do(m.announced(civic.System, any1(m, orgs).ID))
	}
	m.do(draft{who: civic.System, of: m.state.Dialogues()[0].ID, facts: &act.DialogueOpened{}})
	return m
}

// any1 chooses one of several.
func any1[T any](c chooser, of []T) T { return of[c.pick(len(of))] }

// likely is true most of the time.
func (m *machine) likely() bool { return m.pick(16) > 0 }

// TestEveryKindIsGenerated: a kind of act that no generator makes would pass
// every test of the fold unseen. Every generator gets its acts accepted, most
// of the time, and refused at times.
func TestEveryKindIsGenerated(t *testing.T) {
	known := map[act.Kind]bool{}
	for _, g := range generators {
		known[g.kind] = true
	}
	for _, kind := range act.Kinds() {
		if !known[kind] {
			t.Errorf("no generator makes acts of kind %s", kind)
		}
	}
	tried, taken, spoilt := map[act.Kind]int{}, map[act.Kind]int{}, map[string]int{}
	all, good := 0, 0
	for seed := range uint64(150) {
		m := newMachine(t, seededChooser{rand.New(rand.NewPCG(seed, 2))}, seed).begin()
		m.run(250)
		for kind, n := range m.tried {
			tried[kind] += n
			taken[kind] += m.taken[kind]
			all, good = all+n, good+m.taken[kind]
		}
		for key, n := range m.spoilt {
			spoilt[key] += n
		}
	}
	for _, kind := range act.Kinds() {
		t.Logf("%-24s %5d of %5d accepted", kind, taken[kind], tried[kind])
		if taken[kind] < 5 || taken[kind] == tried[kind] && kind != act.KindRulesAdopted {
			t.Errorf("%s: %d of %d accepted: too few, or none refused", kind, taken[kind], tried[kind])
		}
	}
	t.Logf("%d of %d accepted", good, all)
	if good*100 < all*60 {
		t.Errorf("%d of %d accepted: too few", good, all)
	}
	for key, n := range spoilt {
		t.Logf("%-32s %5d", key, n)
	}
	for _, key := range civic.Refusals {
		if spoilt[key] == 0 && !unreached[key] {
			t.Errorf("%s never came up", key)
		}
		if spoilt[key] > 0 && unreached[key] {
			t.Errorf("%s came up %d times, though it is listed as one that cannot", key, spoilt[key])
		}
	}
}

// unreached are the refusals that random acts do not come by, and why.
var unreached = map[string]bool{
	civic.RefusedTime: true, // the machine's clock does not go back
}

func rapidMachine(t *rapid.T) *machine {
	return newMachine(t, rapidChooser{t}, rapid.Uint64Range(0, 1<<20).Draw(t, "seed"))
}
