package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/account"
	"samleng/internal/api"
	"samleng/internal/mapping"
	"samleng/internal/register"
	"samleng/internal/store"
	"samleng/opinion"
)

// The size at which the live map is measured: a dialogue of a whole country.
const (
	livePeople     = 100_000
	liveStatements = 1_000
	liveVotes      = 50 // of each person
	liveSeed       = 4
)

// live is a dialogue of that size, served over HTTP with its map kept.
type live struct {
	*scale
	dialogue   act.ID
	statements []act.ID
	maps       *mapping.Keeper
	server     *httptest.Server
	client     *http.Client
	session    *http.Cookie
	people     atomic.Int64 // who came, by number
	before     uint64       // bytes of heap without the map
}

// token is what somebody takes part with, by number.
func (*live) token(person int) string {
	var t register.Token
	for i := range 8 {
		t[i] = byte(person >> (8 * i))
	}
	t[15] = 1
	return t.String()
}

func newLive(b *testing.B) *live {
	l := &live{scale: &scale{t: b}}
	dir := b.TempDir()
	keys, err := register.LoadKeys(filepath.Join(dir, "keys"), testOrigin, rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	config := register.Config{Store: store.Config{Dir: dir}, Keys: keys, ReleaseEvery: 15 * time.Second, RuleEvery: ruleEvery, CheckpointEvery: time.Minute,
		Log: slog.New(slog.DiscardHandler)}
	if l.register, err = register.Open(b.Context(), config); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.register.Close() })
	began := time.Now()
	facilitator := l.announce()
	l.vote(b)
	b.Logf("%d acts in %s", l.register.Position(), time.Since(began).Round(time.Second))
	l.before = heap()
	began = time.Now()
	maps, stop := keepMaps(context.Background(), l.register, config.ReleaseEvery)
	b.Cleanup(stop)
	l.maps = maps
	for maps.Map(l.dialogue) == nil {
		time.Sleep(time.Millisecond)
	}
	b.Logf("the first map after %s", time.Since(began).Round(time.Millisecond))
	for maps.Map(l.dialogue).Groups == nil {
		time.Sleep(time.Millisecond)
	}
	b.Logf("its groups (%d) after %s", maps.Map(l.dialogue).Groups.K, time.Since(began).Round(time.Millisecond))
	b.Logf("%d MB of heap, of which the keeper, while it resamples, %d MB", heap()>>20, (heap()-l.before)>>20)
	l.serve(b, facilitator)
	return l
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// announce opens the dialogue and publishes the views to react to.
func (l *live) announce() (facilitator civic.Actor) {
	l.do(civic.System, act.ID{}, &act.ProgrammeDeclared{Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"km", "en"},
		Themes: []string{"water"}, Threshold: 10, Rounding: 5, Step: 10}, scaleNames("Programme", "កម្មវិធី"))
	l.do(civic.System, act.ID{}, &act.RulesAdopted{Version: civic.RulesVersion}, nil)
	host := l.do(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "cso_coalition"}, scaleNames("Coalition", "សម្ព័ន្ធ"))
	l.dialogue = l.do(civic.System, act.ID{}, &act.DialogueAnnounced{Slug: slug, Level: "national", Door: "open",
		Limit: 300, Changes: 5, Opens: "2000-01-01", Closes: "2099-12-31", Host: host}, scaleNames("Dialogue", "វេទិកា"))
	l.do(civic.System, l.dialogue, &act.DialogueOpened{}, nil)
	facilitator = l.staff(host, act.RoleFacilitator)
	l.statements = make([]act.ID, liveStatements)
	l.each(liveStatements, func(i int) {
		who := civic.Actor{By: act.Participant, Participant: l.register.Participant(fmt.Sprint("author ", i), l.dialogue)}
		l.statements[i] = l.do(who, l.dialogue, &act.StatementRegistered{Channel: "web", Written: "khm", Visibility: act.VisibilityOpen},
			map[string]any{"text": &act.Text{Text: fmt.Sprintf("យើងចង់បានទឹកស្អាតប្រើប្រាស់ក្នុងភូមិគ្រប់រដូវ ព្រោះអណ្ដូងរីងអស់នៅខែប្រាំង។ %d", i)},
				"source": &act.Source{Participant: &who.Participant}})
		l.do(civic.System, l.statements[i], &act.StatementPublished{}, nil)
	})
	return facilitator
}

// vote has everybody cast their votes, as one ballot each.
func (l *live) vote(b *testing.B) {
	votes, err := opinion.Synthetic(livePeople, liveStatements, liveVotes, liveSeed)
	if err != nil {
		b.Fatal(err)
	}
	l.each(livePeople, func(p int) {
		who := civic.Actor{By: act.Participant, Participant: l.register.Participant(l.token(p), l.dialogue)}
		ballot := &act.Ballot{Participant: who.Participant}
		for _, w := range votes.Row(p) {
			ballot.Votes = append(ballot.Votes, act.StatementVote{Statement: l.statements[w.Statement()], Vote: act.Vote(w.Vote())})
		}
		slices.SortFunc(ballot.Votes, func(a, b act.StatementVote) int { return bytes.Compare(a.Statement[:], b.Statement[:]) })
		l.do(who, l.dialogue, &act.BallotCast{}, map[string]any{"ballot": ballot})
	})
	l.people.Store(livePeople)
}

// serve serves the site as it is served, with a facilitator who signed in.
func (l *live) serve(b *testing.B, facilitator civic.Actor) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	base := fmt.Sprint("http://localhost:", listener.Addr().(*net.TCPAddr).Port) // passkeys are bound to names
	accounts, err := openAccounts(l.register, base)
	if err != nil {
		b.Fatal(err)
	}
	site, err := newSite(siteConfig{register: l.register, accounts: accounts, baseURL: base, maps: l.maps})
	if err != nil {
		b.Fatal(err)
	}
	l.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: bounded(site, answerWithin)}}
	l.server.Start()
	b.Cleanup(l.server.Close)
	l.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	one := account.Account{Staff: facilitator.By.Staff, Organisation: facilitator.By.Organisation, Name: "Facilitator"}
	signed := httptest.NewRecorder()
	if err := accounts.Create(b.Context(), one); err != nil {
		b.Fatal(err)
	}
	if err := accounts.StartSession(b.Context(), signed, one.Staff, account.ByDemo); err != nil {
		b.Fatal(err)
	}
	l.session = signed.Result().Cookies()[0]
}

// cast posts one vote over HTTP.
func (l *live) cast(person, statement int, vote string) (receipt api.BallotReceipt, err error) {
	body, err := json.Marshal(api.Ballot{Votes: []api.Vote{{Statement: l.statements[statement].String(), Vote: vote}}})
	if err != nil {
		return receipt, err
	}
	r, err := http.NewRequest("POST", l.server.URL+api.Prefix+"/dialogues/"+slug+"/ballots", bytes.NewReader(body))
	if err != nil {
		return receipt, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Participant "+l.token(person))
	answer, err := l.client.Do(r)
	if err != nil {
		return receipt, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("a vote: %s: %s", answer.Status, text)
	}
	if err != nil {
		return receipt, err
	}
	return receipt, json.Unmarshal(text, &receipt)
}

func (l *live) read(path string) (size int64, err error) {
	r, err := http.NewRequest("GET", l.server.URL+path, nil)
	if err != nil {
		return 0, err
	}
	r.AddCookie(l.session)
	answer, err := l.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	size, err = io.Copy(io.Discard, answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, answer.Status)
	}
	return size, err
}

// The pages of the map: what everybody sees, and what who runs it sees.
const (
	publicMapPage = "/d/" + slug + "/map"
	liveMapPage   = "/desk/d/" + slug + "/map"
)

// shown gives the time from the answer to a vote until the map has it: counted
// in the votes, and whoever cast it standing where it puts them.
func (l *live) shown(b *testing.B, person, statement int) time.Duration {
	before := l.maps.Map(l.dialogue)
	pseudonym := l.register.Participant(l.token(person), l.dialogue)
	row := slices.Index(before.People, pseudonym)
	var stood mapping.Member
	if row >= 0 {
		stood = before.Member(row)
	}
	// The opposite of what the person said of it, if they did.
	vote := opinion.Agree
	if row >= 0 {
		for _, w := range before.State.Votes.Row(row) {
			if before.Statements[w.Statement()] == l.statements[statement] && w.Vote() == opinion.Agree {
				vote = opinion.Disagree
			}
		}
	}
	receipt, err := l.cast(person, statement, map[opinion.Vote]string{opinion.Agree: "agree", opinion.Disagree: "disagree"}[vote])
	if err != nil {
		b.Fatal(err)
	}
	if receipt.Unchanged {
		b.Fatal("the vote stood already")
	}
	answered := time.Now()
	for ; ; time.Sleep(time.Millisecond) {
		took := time.Since(answered)
		if took > time.Minute {
			b.Fatal("a vote is not on the map after a minute")
		}
		now := l.maps.Map(l.dialogue)
		if now.Position <= receipt.Position {
			continue
		}
		if row < 0 {
			row = slices.Index(now.People, pseudonym)
		}
		column := slices.Index(now.Statements, l.statements[statement])
		cast := slices.Contains(now.State.Votes.Row(row), opinion.MakeWord(column, vote))
		if member := now.Member(row); !cast || member.Group < 0 || member == stood {
			b.Fatalf("a map that takes the vote in: cast %v, the person %+v, before %+v", cast, member, stood)
		}
		return took
	}
}

// load has 16 people vote at a time for as long as it is told to, each once they
// have the answer to the last, and gives how long each answer took.
func (l *live) load(b *testing.B, ctx context.Context) (took []time.Duration) {
	var mu sync.Mutex
	var wait sync.WaitGroup
	for range 16 {
		wait.Go(func() {
			var mine []time.Duration
			for ctx.Err() == nil {
				began := time.Now()
				if _, err := l.cast(mathrand.IntN(livePeople), mathrand.IntN(liveStatements), []string{"agree", "disagree", "pass"}[mathrand.IntN(3)]); err != nil {
					b.Error(err)
					return
				}
				mine = append(mine, time.Since(began))
			}
			mu.Lock()
			took = append(took, mine...)
			mu.Unlock()
		})
	}
	wait.Wait()
	slices.Sort(took)
	return took
}

// readers has so many people read pages in turn until ctx ends, each so long
// after the last, and gives how many pages they read.
func (l *live) readers(b *testing.B, ctx context.Context, n int, pause time.Duration, paths ...string) (pages int64) {
	var read atomic.Int64
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			for at := i; ctx.Err() == nil; at++ {
				if _, err := l.read(paths[at%len(paths)]); err != nil {
					b.Error(err)
					return
				}
				read.Add(1)
				select {
				case <-ctx.Done():
				case <-time.After(pause):
				}
			}
		})
	}
	wait.Wait()
	return read.Load()
}

func (l *live) published() (n int) {
	l.register.View(func(s *civic.State) { n = len(s.Maps(l.dialogue)) })
	return n
}

// BenchmarkLive measures the map of a dialogue of 100,000 people and 1,000
// statements while votes come in over HTTP: after how long a vote is on it, and
// whether reading it slows voting down. The calibrator of the latter is a page
// without a map, read by as many. Clients and server share the machine.
func BenchmarkLive(b *testing.B) {
	l := newLive(b)
	votes := func(name string, readers int, pause time.Duration, paths ...string) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ctx, cancel := context.WithTimeout(b.Context(), 10*time.Second)
				var pages int64
				var wait sync.WaitGroup
				wait.Go(func() { pages = l.readers(b, ctx, readers, pause, paths...) })
				took := l.load(b, ctx)
				wait.Wait()
				cancel()
				if len(took) == 0 {
					b.Fatal("nobody voted")
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(len(took))/10, "votes/s")
				b.ReportMetric(ms(took[len(took)/2]), "p50-ms")
				b.ReportMetric(ms(took[len(took)*99/100]), "p99-ms")
				b.ReportMetric(float64(pages)/10, "pages/s")
			}
		})
	}
	shown := func(name string, beside func(ctx context.Context)) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ctx, cancel := context.WithCancel(b.Context())
				var wait sync.WaitGroup
				wait.Go(func() { beside(ctx) })
				var took []time.Duration
				resampling := 0
				for i := range 40 {
					person := mathrand.IntN(livePeople)
					if i%2 == 1 {
						person = int(l.people.Add(1)) // somebody new
					}
					if l.published() == 0 {
						resampling++
					}
					took = append(took, l.shown(b, person, mathrand.IntN(liveStatements)))
					time.Sleep(time.Duration(mathrand.IntN(300)) * time.Millisecond)
				}
				cancel()
				wait.Wait()
				slices.Sort(took)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(ms(took[len(took)/2]), "median-ms")
				b.ReportMetric(ms(took[len(took)-1]), "worst-ms")
				b.ReportMetric(float64(resampling), "before-published")
			}
		})
	}
	shown("shown/publishing", func(context.Context) {})
	for began := time.Now(); l.published() == 0 && time.Since(began) < 5*time.Minute; time.Sleep(100 * time.Millisecond) {
	}
	if l.published() == 0 {
		b.Fatal("no map was published")
	}
	b.Logf("%d MB of the keeper at rest", (heap()-l.before)>>20)
	shown("shown/quiet", func(context.Context) {})
	shown("shown/voting", func(ctx context.Context) { l.load(b, ctx) })
	for _, page := range []struct{ name, path string }{{"public", publicMapPage}, {"live", liveMapPage}} {
		b.Run("page/"+page.name, func(b *testing.B) {
			var took []time.Duration
			for i := range 30 {
				if _, err := l.cast(i, mathrand.IntN(liveStatements), "agree"); err != nil {
					b.Fatal(err)
				}
				time.Sleep(500 * time.Millisecond) // a map of its own
				began := time.Now()
				if _, err := l.read(page.path); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ms(took[len(took)/2]), "median-ms")
			b.ReportMetric(ms(took[len(took)-1]), "worst-ms")
		})
	}
	for range 3 {
		votes("votes/alone", 0, 0)
		votes("votes/beside-map-each-second", 4, time.Second, publicMapPage, liveMapPage)
	}
	for range 2 {
		votes("votes/alone", 0, 0)
		votes("votes/beside-about", 4, 0, "/about")
		votes("votes/beside-map", 4, 0, publicMapPage, liveMapPage)
	}
	b.Logf("%d MB of heap at the end", heap()>>20)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
