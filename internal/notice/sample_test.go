package notice_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/account"
	"samleng/internal/notice"
	"samleng/internal/register"
	"samleng/internal/store"
	"samleng/internal/store/storetest"
)

// sample is a register with a dialogue, an office, and a mail server.
type sample struct {
	t        testing.TB
	Config   register.Config
	Register *register.Register
	Accounts *account.Accounts
	Mail     *mailServer
	Notices  *notice.Notices

	CSO, Office, Other, Dialogue act.ID
	Moderator, Facilitator       civic.Actor

	mu  sync.Mutex
	now time.Time
}

func (s *sample) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Pass lets time go by.
func (s *sample) Pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// onBoth runs a test on a register of each kind.
func onBoth(t *testing.T, fn func(t *testing.T, s *sample)) {
	storetest.Each(t, func(t *testing.T, where store.Config) { fn(t, begun(t, where)) })
}

const base = "https://samleng.example"

// begun opens a register with a programme in it. It is Monday, 9 March 2026,
// 10:20 in Phnom Penh.
func begun(t testing.TB, where store.Config) *sample {
	t.Helper()
	s := &sample{t: t, now: time.Date(2026, 3, 9, 3, 20, 0, 0, time.UTC), Mail: startMail(t)}
	keys, err := register.LoadKeys(filepath.Join(t.TempDir(), "keys"), "test.example/register", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s.Config = register.Config{Store: where, Keys: keys, Now: s.Now, Log: slog.New(slog.DiscardHandler)}
	s.Register, s.Accounts, s.Notices = s.server()
	s.programme()
	return s
}

// server opens the register once more, as another server would.
func (s *sample) server() (*register.Register, *account.Accounts, *notice.Notices) {
	s.t.Helper()
	r, err := register.Open(s.t.Context(), s.Config)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { r.Close() })
	accounts, err := account.New(account.Config{Store: r.Store, Key: r.AccountKey(), Now: s.Now, Random: rand.Reader, BaseURL: base, Secure: true})
	if err != nil {
		s.t.Fatal(err)
	}
	return r, accounts, s.notices(r, accounts, notice.Server{Address: s.Mail.Addr, From: "samleng@samleng.example"})
}

func (s *sample) notices(r *register.Register, accounts *account.Accounts, server notice.Server) *notice.Notices {
	s.t.Helper()
	n, err := notice.New(notice.Config{Register: r, Accounts: accounts, BaseURL: base, Log: slog.New(slog.DiscardHandler), Server: server})
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *sample) do(who civic.Actor, of act.ID, facts act.Facts, content map[string]any) register.Receipt {
	s.t.Helper()
	token, err := register.NewToken(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	receipt, err := s.Register.Submit(s.t.Context(), who, act.Draft{By: who.By, Of: of, Facts: facts, Content: content}, &token)
	if err != nil {
		s.t.Fatalf("%s: %v", facts.Kind(), err)
	}
	return receipt
}

func called(name string) map[string]any {
	return map[string]any{"names": &act.Names{Name: map[string]string{"en": name, "km": name}}}
}

func explained(section, text string) map[string]any {
	return map[string]any{section: &act.Explanation{Text: text}}
}

func (s *sample) programme() {
	s.do(civic.System, act.ID{}, &act.ProgrammeDeclared{Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"km", "en"},
		Themes: []string{"water"}, Threshold: 10, Rounding: 5, Step: 10, Currencies: []string{"USD"}}, called("Programme"))
	s.do(civic.System, act.ID{}, &act.RulesAdopted{Version: civic.RulesVersion}, nil)
	s.do(civic.System, act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepModerate: 2, act.StepRefer: 10, act.StepAcknowledge: 5,
		act.StepAnswer: 20, act.StepInform: 5, act.StepReview: 10, act.StepEscalate: 5}}, nil)
	s.do(civic.System, act.ID{}, &act.CalendarDeclared{Weekend: []int{0, 6}, Holidays: []string{"2026-04-14"}}, nil)
	s.do(civic.System, act.ID{}, &act.PlaceRegistered{Code: "16", Level: 1, Row: 1, Column: 1}, called("Ratanakkiri"))
	org := func(kind string, authority bool, name string) act.ID {
		return s.do(civic.System, act.ID{}, &act.OrganisationRegistered{Type: kind, Authority: authority}, called(name)).Act
	}
	s.CSO, s.Office, s.Other = org("cso_coalition", false, "Coalition"), org("ministry", true, "Department of Water"), org("ministry", true, "Department of Health")
	s.Moderator, s.Facilitator = s.staff(s.CSO, act.RoleModerator), s.staff(s.CSO, act.RoleFacilitator)
	s.Dialogue = s.do(civic.System, act.ID{}, &act.DialogueAnnounced{Slug: "ratanakkiri", Level: "provincial", Place: "16", PlaceLevel: 1, Door: "open",
		Limit: 300, Changes: 5, Opens: "2026-03-09", Closes: "2026-04-30", Host: s.CSO}, called("Provincial dialogue")).Act
	s.do(civic.System, s.Dialogue, &act.DialogueOpened{}, nil)
}

func (s *sample) staff(org act.ID, roles ...act.Role) civic.Actor {
	s.t.Helper()
	id, err := act.NewID(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, role := range roles {
		s.do(civic.System, org, &act.RoleGranted{Staff: id, Role: role, From: "2026-01-01"}, nil)
	}
	return civic.Actor{By: act.By{As: act.ByStaff, Organisation: org, Staff: id, Role: roles[0]}}
}

// member is staff with an account that has signed in.
func (s *sample) member(email string, org act.ID, roles ...act.Role) civic.Actor {
	s.t.Helper()
	who := s.staff(org, roles...)
	ctx := s.t.Context()
	if err := s.Accounts.Create(ctx, account.Account{Staff: who.By.Staff, Organisation: org, Name: "officer", Email: email, SignIn: who.By.Staff.String()}); err != nil {
		s.t.Fatal(err)
	}
	made, err := s.Accounts.Get(ctx, who.By.Staff)
	if err != nil {
		s.t.Fatal(err)
	}
	seed, err := s.Accounts.Seed()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.Accounts.UseCodes(ctx, who.By.Staff, seed, sixDigits(s.Accounts.Offer(made, seed).Secret, s.Now())); err != nil {
		s.t.Fatal(err)
	}
	return who
}

// sixDigits is what an app shows (RFC 6238).
func sixDigits(secret string, at time.Time) string {
	key, _ := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	mac := hmac.New(sha1.New, key)
	binary.Write(mac, binary.BigEndian, at.Unix()/30)
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1000000)
}

// said are the words of a view: easy to recognise, and in no message.
const said = "the well behind the pagoda has been dry since March"

func (s *sample) view(visibility string) register.Receipt {
	s.t.Helper()
	random, err := act.NewID(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	who := civic.Actor{By: act.Participant, Participant: s.Register.Participant(random.String(), s.Dialogue)}
	return s.do(who, s.Dialogue, &act.StatementRegistered{Channel: "web", Written: "en", Visibility: visibility, Place: "16", Themes: []string{"water"}},
		map[string]any{"text": &act.Text{Text: said}, "source": &act.Source{Participant: &who.Participant}})
}

func holderOf(r register.Receipt) civic.Actor {
	return civic.Actor{By: act.Participant, Holds: r.Act}
}

// followed is a view whose holder left an address.
func (s *sample) followed(address, language string) register.Receipt {
	s.t.Helper()
	r := s.view(act.VisibilityOpen)
	s.leave(r, address, language)
	return r
}

func (s *sample) leave(r register.Receipt, address, language string) {
	s.t.Helper()
	if err := s.Notices.Leave(s.t.Context(), holderOf(r), address, language); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sample) begin() {
	s.t.Helper()
	if err := s.Notices.Begin(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sample) once() {
	s.t.Helper()
	if err := s.Notices.Once(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// states counts the notices by what became of them.
func (s *sample) states() map[store.NoticeState]int {
	s.t.Helper()
	all, err := s.Register.Store().Records(s.t.Context()).Notices()
	if err != nil {
		s.t.Fatal(err)
	}
	counts := map[store.NoticeState]int{}
	for _, n := range all {
		counts[n.State]++
	}
	return counts
}
