package civic_test

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
)

// large folds a programme of many views, needs and commitments into a state.
// It applies acts without checking them: that is measured elsewhere.
type large struct {
	state       *civic.State
	n           uint64
	now         time.Time
	dialogues   []act.ID
	authorities []act.ID
	statements  []act.ID
	needs       []act.ID
	commitments []act.ID
}

func (l *large) id() act.ID {
	l.n++
	var id act.ID
	binary.BigEndian.PutUint64(id[:], l.n*0x9e3779b97f4a7c15)
	binary.BigEndian.PutUint64(id[8:], l.n)
	return id
}

func (l *large) apply(t testing.TB, by act.By, of act.ID, facts act.Facts) act.ID {
	a := &act.Act{Header: &act.Header{Kind: facts.Kind(), ID: l.id(), At: l.now.Truncate(time.Hour), By: by, Of: of, Facts: facts}}
	if err := l.state.Apply(a); err != nil {
		t.Fatal(err)
	}
	return a.ID
}

func newLarge(t testing.TB, views, needs, commitments int) *large {
	l := &large{state: civic.New(), now: time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)}
	l.apply(t, act.System, act.ID{}, &act.ProgrammeDeclared{Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"km"},
		Themes: []string{"water", "roads"}, Threshold: 10, Rounding: 5, Step: 10})
	l.apply(t, act.System, act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepModerate: 2, act.StepRefer: 3, act.StepAcknowledge: 5,
		act.StepAnswer: 20, act.StepEscalate: 10}})
	cso := l.apply(t, act.System, act.ID{}, &act.OrganisationRegistered{Type: "cso"})
	for range 25 {
		l.authorities = append(l.authorities, l.apply(t, act.System, act.ID{}, &act.OrganisationRegistered{Type: "line_department", Authority: true}))
	}
	for i := range 5 {
		d := l.apply(t, act.System, act.ID{}, &act.DialogueAnnounced{Slug: fmt.Sprint("d", i), Host: cso, Limit: 300, Door: "open"})
		l.apply(t, act.System, d, &act.DialogueOpened{})
		l.dialogues = append(l.dialogues, d)
	}
	staff := act.By{As: act.ByStaff, Organisation: cso, Staff: l.id(), Role: act.RoleFacilitator}
	per := views / 5
	for i := range views {
		if i%(views/200+1) == 0 {
			l.now = l.now.Add(8 * time.Hour)
		}
		id := l.apply(t, act.Participant, l.dialogues[min(i/per, 4)], &act.StatementRegistered{Channel: "web", Written: "km", Visibility: "open", Themes: []string{"water"}})
		if i%50 != 0 {
			l.apply(t, staff, id, &act.StatementPublished{})
		}
		l.statements = append(l.statements, id)
	}
	gathered := views * 4 / 5 / max(needs, 1)
	for i := range needs {
		var in []act.ID
		for k := range gathered {
			in = append(in, l.statements[i*gathered+k])
		}
		d := l.state.Statement(in[0]).Dialogue
		need := l.apply(t, staff, d, &act.NeedIdentified{Theme: "water", Statements: in})
		l.needs = append(l.needs, need)
		authority := l.authorities[i%25]
		referral := l.apply(t, staff, need, &act.ReferralMade{Authority: authority})
		officer := act.By{As: act.ByStaff, Organisation: authority, Staff: l.id(), Role: act.RoleSigningOfficer}
		if i%3 > 0 {
			l.apply(t, officer, referral, &act.ReferralAcknowledged{})
		}
		if i%3 > 1 {
			l.apply(t, officer, authority, &act.AnswerIssued{Position: "director", Covers: []act.Covered{{Case: referral, Decision: act.Accepted}}})
		}
	}
	for i := range commitments {
		authority := l.authorities[i%25]
		officer := act.By{As: act.ByStaff, Organisation: authority, Staff: l.id(), Role: act.RoleFocalPoint}
		c := l.apply(t, officer, l.needs[i%len(l.needs)], &act.CommitmentMade{Needs: []act.ID{l.needs[i%len(l.needs)]}, Responsible: authority,
			Position: "director", Start: "2026-01-01", End: "2026-03-31", Funding: "unfunded", Verifier: cso})
		if i%2 == 0 {
			l.apply(t, officer, c, &act.ProgressClaimed{Status: act.Complete, Files: 1})
		}
		l.commitments = append(l.commitments, c)
	}
	return l
}

// BenchmarkLarge measures what pages ask of a programme of 100,000 views, 5,000
// needs and 20,000 commitments.
func BenchmarkLarge(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	l := newLarge(b, 100_000, 5_000, 20_000)
	runtime.GC()
	runtime.ReadMemStats(&after)
	now := l.now.AddDate(0, 1, 0)
	for name, filter := range map[string]civic.Filter{
		"balance":              {},
		"balance of dialogue":  {Dialogue: l.dialogues[2]},
		"balance of authority": {Authority: l.authorities[3]},
		"balance of a month":   {From: "2026-01-01", Until: "2026-01-31"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if got := l.state.Balance(filter, now); got.Sum() != got.Registered || got.Registered == 0 {
					b.Fatalf("%+v", got)
				}
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/100_000, "B/view")
		})
	}
	b.Run("figures of authority", func(b *testing.B) {
		for b.Loop() {
			if f := l.state.Figures(l.authorities[3], now); f.Cases != 200 {
				b.Fatalf("%+v", f)
			}
		}
	})
	b.Run("escalations", func(b *testing.B) {
		for b.Loop() {
			l.state.Escalations(now)
		}
	})
}
