package main

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/internal/store"
)

// The size at which pages are measured: a programme of many years.
const (
	scaleViews       = 100_000
	scaleNeeds       = 5_000
	scaleCommitments = 20_000
	scaleOffices     = 25
	scaleDialogues   = 5
	scaleRounds      = 40 // of five days each
	scaleGathered    = 16 // views of a need
)

// scale is a large register, filled by submitting every act of it.
type scale struct {
	t        testing.TB
	register *register.Register
	site     http.Handler
	mu       sync.Mutex
	now      time.Time

	cso, verifier                   act.ID
	facilitator, moderator, monitor civic.Actor
	offices                         []act.ID
	officers                        []civic.Actor
	dialogues                       []act.ID
	answered                        []act.ID // views that went the whole way
	heap                            uint64   // bytes that filling it took
}

func (s *scale) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *scale) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func (s *scale) do(who civic.Actor, of act.ID, facts act.Facts, content map[string]any) act.ID {
	receipt, err := s.register.Submit(s.t.Context(), who, act.Draft{By: who.By, Of: of, Facts: facts, Content: content}, nil)
	if err != nil {
		s.t.Errorf("%s: %v", facts.Kind(), err)
	}
	return receipt.Act
}

// each does n things, many at once: they share transactions.
func (s *scale) each(n int, do func(i int)) {
	s.t.Helper()
	var wait sync.WaitGroup
	next := make(chan int)
	for range 256 {
		wait.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
	if s.t.Failed() {
		s.t.FailNow()
	}
}

func scaleNames(en, km string) map[string]any {
	return map[string]any{"names": &act.Names{Name: map[string]string{"en": en, "km": km}}}
}

func (s *scale) staff(org act.ID, role act.Role) civic.Actor {
	id, err := act.NewID(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	s.do(civic.System, org, &act.RoleGranted{Staff: id, Role: role, From: "2026-01-01"}, nil)
	return civic.Actor{By: act.By{As: act.ByStaff, Organisation: org, Staff: id, Role: role}}
}

func newScale(t testing.TB) *scale {
	s := &scale{t: t, now: time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	keys, err := register.LoadKeys(filepath.Join(dir, "keys"), testOrigin, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	config := register.Config{Store: store.Config{Dir: dir}, Keys: keys, Now: s.Now, Log: slog.New(slog.DiscardHandler)}
	if s.register, err = register.Open(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.register.Close() })
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s.programme()
	for round := range scaleRounds {
		s.round(round)
		s.pass(5 * 24 * time.Hour)
	}
	if err := s.register.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	s.heap = after.HeapAlloc - before.HeapAlloc
	const base = "https://samleng.example"
	accounts, err := openAccounts(s.register, base)
	if err != nil {
		t.Fatal(err)
	}
	if s.site, err = newSite(siteConfig{register: s.register, accounts: accounts, baseURL: base}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *scale) programme() {
	s.do(civic.System, act.ID{}, &act.ProgrammeDeclared{Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"km", "en"},
		Themes: []string{"water", "roads"}, Threshold: 10, Rounding: 5, Step: 10, Currencies: []string{"USD"}}, scaleNames("Programme", "កម្មវិធី"))
	s.do(civic.System, act.ID{}, &act.RulesAdopted{Version: 1}, nil)
	s.do(civic.System, act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepModerate: 2, act.StepAppeal: 10, act.StepRefer: 3,
		act.StepAcknowledge: 5, act.StepAnswer: 20, act.StepInform: 15, act.StepReview: 15, act.StepEscalate: 10}}, nil)
	s.do(civic.System, act.ID{}, &act.CalendarDeclared{Weekend: []int{0, 6}, Holidays: []string{"2026-04-14", "2026-04-15"}}, nil)
	for i := range 25 {
		s.do(civic.System, act.ID{}, &act.PlaceRegistered{Code: fmt.Sprintf("%02d", i+1), Level: 1, Row: i/6 + 1, Column: i%6 + 1}, scaleNames("Province", "ខេត្ត"))
	}
	s.cso = s.do(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "cso_coalition"}, scaleNames("Coalition", "សម្ព័ន្ធ"))
	s.verifier = s.do(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "cso"}, scaleNames("Network", "បណ្ដាញ"))
	s.facilitator, s.moderator, s.monitor = s.staff(s.cso, act.RoleFacilitator), s.staff(s.cso, act.RoleModerator), s.staff(s.verifier, act.RoleMonitor)
	for i := range scaleOffices {
		office := s.do(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "line_department", Authority: true, Place: fmt.Sprintf("%02d", i+1)},
			scaleNames(fmt.Sprint("Department ", i), "មន្ទីរ"))
		s.offices, s.officers = append(s.offices, office), append(s.officers, s.staff(office, act.RoleSigningOfficer))
	}
	for i := range scaleDialogues {
		d := s.do(civic.System, act.ID{}, &act.DialogueAnnounced{Slug: fmt.Sprint("d", i), Level: "provincial", Place: fmt.Sprintf("%02d", i+1), PlaceLevel: 1, Door: "open",
			Limit: 300, Changes: 3, Opens: "2026-01-05", Closes: "2026-12-31", Host: s.cso}, scaleNames("Dialogue", "វេទិកា"))
		s.do(civic.System, d, &act.DialogueOpened{}, nil)
		s.dialogues = append(s.dialogues, d)
	}
}

// round is five days of a programme: views come in and most are published;
// most of those are gathered into needs, which are referred, and for a third of
// the needs the way ends with an answer and plans that were kept or not.
func (s *scale) round(round int) {
	const views, needs = scaleViews / scaleRounds, scaleNeeds / scaleRounds
	dialogue := s.dialogues[round%scaleDialogues]
	ids := make([]act.ID, views)
	s.each(views, func(i int) {
		who := civic.Actor{By: act.Participant, Participant: s.register.Participant(fmt.Sprint("person ", round, i/3), dialogue)}
		ids[i] = s.do(who, dialogue, &act.StatementRegistered{Channel: "web", Written: "km", Visibility: "open", Themes: []string{"water"}},
			map[string]any{"text": &act.Text{Text: fmt.Sprintf("យើងចង់បានទឹកស្អាតប្រើប្រាស់ក្នុងភូមិគ្រប់រដូវ ព្រោះអណ្ដូងរីងអស់នៅខែប្រាំង។ %d-%d", round, i)},
				"source": &act.Source{Participant: &who.Participant}})
	})
	s.each(views, func(i int) {
		if i%50 != 49 {
			s.do(s.moderator, ids[i], &act.StatementPublished{}, nil)
		}
	})
	var shown []act.ID
	for i, id := range ids {
		if i%50 != 49 {
			shown = append(shown, id)
		}
	}
	s.pass(24 * time.Hour)
	found := make([]act.ID, needs)
	s.each(needs, func(i int) {
		in := shown[i*scaleGathered : (i+1)*scaleGathered]
		content := scaleNames("Clean water in the village", "ទឹកស្អាតក្នុងភូមិ")
		s.register.View(func(state *civic.State) { content["raised"] = state.Raised(in) })
		found[i] = s.do(s.facilitator, dialogue, &act.NeedIdentified{Theme: "water", Statements: in}, content)
	})
	cases := make([]act.ID, needs)
	s.each(needs, func(i int) {
		cases[i] = s.do(s.facilitator, found[i], &act.ReferralMade{Authority: s.offices[i%scaleOffices]}, nil)
	})
	s.pass(24 * time.Hour)
	s.each(needs, func(i int) {
		if i/scaleOffices%3 > 0 {
			s.do(s.officers[i%scaleOffices], cases[i], &act.ReferralAcknowledged{}, nil)
		}
		if i/scaleOffices%3 > 1 {
			s.answer(i%scaleOffices, cases[i])
			s.mu.Lock()
			s.answered = append(s.answered, shown[i*scaleGathered])
			s.mu.Unlock()
		}
	})
	s.each(scaleCommitments/scaleRounds, func(i int) { s.commitment(round*scaleCommitments/scaleRounds+i, i%scaleOffices, found[i%needs]) })
}

func (s *scale) answer(office int, of act.ID) {
	s.do(s.officers[office], s.offices[office], &act.AnswerIssued{Position: "director", ConsideredOn: s.Now().AddDate(0, 0, -1).Format(time.DateOnly), ConsideredIn: "meeting",
		Covers: []act.Covered{{Case: of, Decision: act.Accepted}}}, map[string]any{"reasons": &act.Reasons{Cases: []act.CaseReasons{{Case: of,
		Text: "The department has set aside money for two wells in next year's plan, after a visit on the spot. " + of.String()}}}})
}

// commitment promises something about a need. Half are reported as done, half
// of those assessed; a quarter was to end before now.
func (s *scale) commitment(n, office int, need act.ID) {
	words := map[string]string{"en": "Two wells", "km": "អណ្តូងពីរ"}
	end := s.Now().AddDate(0, 0, 10+n%4*100).Format(time.DateOnly)
	id := s.do(s.officers[office], need, &act.CommitmentMade{Needs: []act.ID{need}, Responsible: s.offices[office], Position: "director", Start: s.Now().Format(time.DateOnly), End: end,
		Budget: &act.Money{Minor: 1_200_000, Currency: "USD"}, Funding: "provincial_fund", Verifier: s.verifier,
		Indicator: act.Indicator{Measure: "unit", Target: 2, BaselineOn: "2026-01-01", TargetOn: end}},
		map[string]any{"plan": &act.Plan{What: words, Indicator: words, Verified: words}})
	if n%2 == 0 {
		photo := &act.Evidence{Text: "Both wells are drilled.", Files: []act.File{{Type: "image/jpeg", Size: 10}}}
		claim := s.do(s.officers[office], id, &act.ProgressClaimed{Status: act.Complete, Files: 1}, map[string]any{"evidence": photo})
		if n%4 == 0 {
			s.do(s.monitor, id, &act.ProgressAssessed{Claim: &claim, Verdict: act.Verdicts[n/4%len(act.Verdicts)], Status: act.Complete},
				map[string]any{"evidence": &act.Evidence{Text: "Seen on the spot."}})
		}
	}
}

// ask gives the time that the site takes to answer, and the processor time: what
// else the machine does is in the former alone.
func (s *scale) ask(b *testing.B, path string) (wall, processor time.Duration) {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start, spent := time.Now(), spentHere(b)
	s.site.ServeHTTP(w, r)
	wall, processor = time.Since(start), spentHere(b)-spent
	if w.Code != http.StatusOK {
		b.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return wall, processor
}

// spentHere is the processor time that this thread has used, to the nanosecond
// (clock_gettime).
func spentHere(b *testing.B) time.Duration {
	const threadClock = 3 // CLOCK_THREAD_CPUTIME_ID
	var spent syscall.Timespec
	if _, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&spent)), 0); err != 0 {
		b.Fatal(err)
	}
	return time.Duration(spent.Nano())
}

// move brings the register one act further: what was rendered before is stale.
func (s *scale) move(n int) {
	s.pass(2 * time.Second) // a page is rendered at most once a second
	s.do(s.moderator, s.answered[n%len(s.answered)], &act.StatementTranslated{Language: "en", Means: "human"},
		map[string]any{"text": &act.Text{Text: "Clean water in every season."}})
}

// BenchmarkPages measures the server's time for a page of a programme of
// 100,000 views, 5,000 needs and 20,000 commitments: the whole handler as it is
// served, compressing included, rendered anew after every act; and the page that
// was rendered before. The calibrator is the page about the programme, made in
// the same way. Times are medians.
func BenchmarkPages(b *testing.B) {
	start := time.Now()
	s := newScale(b)
	b.Logf("%d acts in %s; %d bytes of heap a view, with all that became of it", s.register.Position(), time.Since(start).Round(time.Second), s.heap/scaleViews)
	var codes []string
	s.register.View(func(state *civic.State) {
		for _, id := range s.answered {
			codes = append(codes, string(state.Code(id)))
		}
		balance := state.Balance(civic.Filter{}, s.Now())
		if balance.Registered != scaleViews || balance.Sum() != scaleViews || len(state.Needs()) != scaleNeeds || len(state.Commitments()) != scaleCommitments {
			b.Fatalf("not of the size: %+v, %d needs, %d commitments", balance, len(state.Needs()), len(state.Commitments()))
		}
		b.Logf("%+v", balance)
	})
	same := func(path string) func(int) string { return func(int) string { return path } }
	about := map[string]time.Duration{}
	turn := 0
	for _, page := range []struct {
		name string
		path func(n int) string
	}{
		{"about", same("/about")},
		{"authority", func(n int) string { return "/a/" + s.offices[n%len(s.offices)].String() }},
		{"overdue", same("/overdue")},
		{"thread", func(n int) string { return "/v/" + codes[(n*37)%len(codes)] }},
		{"home", same("/")},
		{"dialogue", func(n int) string { return fmt.Sprint("/d/d", n%scaleDialogues) }},
		{"statements", func(n int) string { return fmt.Sprint("/d/d", n%scaleDialogues, "/statements") }},
		{"commitments", same("/commitments")},
		{"authorities", same("/authorities")},
		{"balance", same("/api/v1/balance")},
	} {
		for _, language := range []string{"km", "en"} {
			if page.name == "balance" && language == "en" {
				continue // it has no words
			}
			b.Run(page.name+"/"+language, func(b *testing.B) {
				var wall, processor, cached []time.Duration
				for b.Loop() {
					turn++
					b.StopTimer()
					s.move(turn)
					b.StartTimer()
					path := page.path(turn)
					if page.name != "balance" {
						path += "?lang=" + language
					}
					took, spent := s.ask(b, path)
					wall, processor = append(wall, took), append(processor, spent)
					_, again := s.ask(b, path)
					cached = append(cached, again)
				}
				spent := median(processor)
				if page.name == "about" {
					about[language] = spent
					b.ReportMetric(float64(s.heap)/scaleViews, "B/view")
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(spent.Microseconds())/1000, "cpu-ms/page")
				b.ReportMetric(float64(median(wall).Microseconds())/1000, "ms/page")
				b.ReportMetric(float64(spent)/float64(about[language]), "of-about")
				b.ReportMetric(float64(median(cached).Microseconds())/1000, "cpu-ms/cached")
			})
		}
	}
}

func median(of []time.Duration) time.Duration {
	slices.Sort(of)
	return of[len(of)/2]
}
