package web_test

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/internal/store"
	"samleng/internal/web"
)

// sample is a register on a real store with a small programme in it, and the
// pages on top.
type sample struct {
	t        testing.TB
	Register *register.Register
	Pages    *web.Server
	// Dialogue is open, Other announced. Views are in the order of registration:
	// published, published, matched to the first, redacted, withheld, withheld
	// and appealed, awaiting, erased.
	Dialogue, Other act.ID
	Views           []register.Receipt
	IDs             map[string]act.ID

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

func called(en, km string) map[string]any {
	return map[string]any{"names": &act.Names{Name: map[string]string{"en": en, "km": km}}}
}

func (s *sample) staff(org act.ID, role act.Role) civic.Actor {
	id, err := act.NewID(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	s.do(civic.System, org, &act.RoleGranted{Staff: id, Role: role, From: "2026-01-01"}, nil)
	return civic.Actor{By: act.By{As: act.ByStaff, Organisation: org, Staff: id, Role: role}}
}

func (s *sample) person(token string) civic.Actor {
	return civic.Actor{By: act.Participant, Participant: s.Register.Participant(token, s.Dialogue)}
}

func (s *sample) view(who civic.Actor, language, text string, themes ...string) register.Receipt {
	return s.do(who, s.Dialogue, &act.StatementRegistered{Channel: "web", Written: language, Visibility: "open", Place: "16", Themes: themes},
		map[string]any{"text": &act.Text{Text: text}, "source": &act.Source{Participant: &who.Participant}})
}

func explained(text string) map[string]any {
	return map[string]any{"explanation": &act.Explanation{Text: text}}
}

// empty opens a register with nothing in it.
func empty(t testing.TB) *sample {
	t.Helper()
	s := &sample{t: t, IDs: map[string]act.ID{}, now: time.Date(2026, 3, 9, 3, 20, 0, 0, time.UTC)}
	dir := t.TempDir()
	keys, err := register.LoadKeys(filepath.Join(dir, "keys"), "test.example/register", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s.Register, err = register.Open(t.Context(), register.Config{Store: store.Config{Dir: dir}, Keys: keys, Now: s.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Register.Close() })
	if s.Pages, err = web.New(web.Config{Register: s.Register, Address: "https://samleng.example"}); err != nil {
		t.Fatal(err)
	}
	return s
}

// filled opens a register with a programme, places, organisations, two
// dialogues, views in every state, and enough votes for a release.
func filled(t testing.TB) *sample {
	t.Helper()
	s := empty(t)
	s.programme()
	moderator, other := s.staff(s.IDs["cso"], act.RoleModerator), s.staff(s.IDs["other"], act.RoleModerator)
	facilitator := s.staff(s.IDs["cso"], act.RoleFacilitator)
	for i := range 6 {
		who := s.person(fmt.Sprint("person ", i))
		text := []string{
			"យើងចង់បានទឹកស្អាតប្រើប្រាស់ក្នុងភូមិគ្រប់រដូវ ព្រោះអណ្ដូងរីងអស់នៅខែប្រាំង។",
			"The road to the health centre floods for three months.\n  Ambulances cannot pass.",
			"សូមជួយសង់អណ្ដូងទឹកនៅសាលារៀន",
			"Mr. ████ of the commune asked for money to sign the form.",
			"BUY CHEAP FERTILISER <script>alert(1)</script>",
			"Somebody's private matter",
		}[i]
		language := "en"
		if i == 0 || i == 2 {
			language = "km"
		}
		s.Views = append(s.Views, s.view(who, language, text, []string{"water", "roads"}[i%2]))
	}
	assisted := s.do(facilitator, s.Dialogue, &act.StatementRegistered{Channel: "assisted", Written: "km", Spoken: "tpu", ReadBack: "yes", Visibility: "open", Place: "1602", Themes: []string{"water"}},
		map[string]any{"text": &act.Text{Text: "ព្រៃសហគមន៍របស់យើងត្រូវការការការពារ"}, "source": &act.Source{Staff: &facilitator.By.Staff}})
	erased := s.view(s.person("person 9"), "en", "words that will be erased", "roads")
	s.Views = append(s.Views, assisted, erased)
	s.do(moderator, s.Views[0].Act, &act.StatementPublished{}, nil)
	s.do(moderator, s.Views[1].Act, &act.StatementPublished{}, nil)
	s.do(facilitator, s.Views[0].Act, &act.StatementTranslated{Language: "en", Means: "human"}, map[string]any{"text": &act.Text{Text: "We want clean water in the village in every season."}})
	s.do(moderator, s.Views[2].Act, &act.StatementMatched{Same: s.Views[0].Act}, nil)
	s.do(moderator, s.Views[3].Act, &act.StatementRedacted{Gaps: []string{"personal_data"}}, map[string]any{"text": &act.Redaction{
		Parts: []act.RedactionPart{{Gap: "personal_data"}, {Text: " of the commune asked for money to sign the form."}}}})
	s.do(moderator, s.Views[4].Act, &act.StatementWithheld{Reason: "advertising"}, explained("It offers goods for sale."))
	s.do(moderator, s.Views[5].Act, &act.StatementWithheld{Reason: "personal_data"}, explained("It tells of one family."))
	s.do(civic.Actor{By: act.Participant, Holds: s.Views[5].Act}, s.Views[5].Act, &act.AppealLodged{}, map[string]any{"grounds": &act.Explanation{Text: "It does not."}})
	s.do(other, s.Views[5].Act, &act.AppealDecided{Outcome: "upheld"}, explained("It does tell who they are."))
	if _, err := s.Register.Erase(t.Context(), civic.Actor{By: act.Participant, Holds: erased.Act}, erased.Act, act.ErasedByHolder); err != nil {
		t.Fatal(err)
	}
	for i := range 36 {
		voter := s.person(fmt.Sprint("voter ", i))
		votes := []act.StatementVote{{Statement: s.Views[0].Act, Vote: act.Agree}, {Statement: s.Views[1].Act, Vote: []act.Vote{act.Agree, act.Disagree, act.Pass}[i%3]}}
		s.do(voter, s.Dialogue, &act.BallotCast{}, map[string]any{"ballot": &act.Ballot{Participant: voter.Participant, Votes: votes}})
	}
	if err := s.Register.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Register.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Thursday a week on: what still waits to be checked is late.
	s.Pass(10 * 24 * time.Hour)
	s.view(s.person("person 20"), "km", "មតិថ្មីដែលទើបនឹងដាក់", "water")
	return s
}

// programme declares what views need.
func (s *sample) programme() {
	s.do(civic.System, act.ID{}, &act.ProgrammeDeclared{Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"km", "en"},
		Themes: []string{"water", "roads"}, Threshold: 10, Rounding: 5, Step: 10, Illustrative: true, Currencies: []string{"USD", "KHR"}},
		map[string]any{"names": &act.Names{Name: map[string]string{"en": "Building capacities for civic engagement", "km": "ការកសាងសមត្ថភាពសម្រាប់ការចូលរួមរបស់ពលរដ្ឋ"},
			Terms: map[string]map[string]string{"water": {"en": "Water", "km": "ទឹក"}, "roads": {"en": "Roads", "km": "ផ្លូវ"}}}})
	s.do(civic.System, act.ID{}, &act.RulesAdopted{Version: 1}, nil)
	s.do(civic.System, act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepModerate: 2, act.StepAppeal: 10, act.StepRefer: 3}}, nil)
	s.do(civic.System, act.ID{}, &act.CalendarDeclared{Weekend: []int{0, 6}, Holidays: []string{"2026-04-14"}}, nil)
	for _, p := range places {
		s.do(civic.System, act.ID{}, &act.PlaceRegistered{Code: p.code, Level: 1, Row: p.row + 1, Column: p.column + 1}, called(p.en, p.km))
	}
	s.do(civic.System, act.ID{}, &act.PlaceRegistered{Code: "1602", Parent: "16", Level: 2}, called("Ban Lung", "បានលុង"))
	for _, org := range []struct {
		key, kind, en, km string
		authority         bool
	}{{"cso", "cso_coalition", "Coalition of civil-society organisations", "សម្ព័ន្ធអង្គការសង្គមស៊ីវិល", false},
		{"other", "cso", "Network of NGOs in the province", "បណ្ដាញអង្គការក្នុងខេត្ត", false},
		{"ministry", "ministry", "Ministry of Interior", "ក្រសួងមហាផ្ទៃ", true}} {
		s.IDs[org.key] = s.do(civic.System, act.ID{}, &act.OrganisationRegistered{Type: org.kind, Authority: org.authority}, called(org.en, org.km)).Act
	}
	s.do(civic.System, s.IDs["cso"], &act.OrganisationEngaged{As: "implementer", From: "2020-03-01", Until: "2024-01-25"}, nil)
	s.do(civic.System, s.IDs["ministry"], &act.OrganisationEngaged{As: "lead", From: "2020-03-01"}, nil)
	s.Dialogue = s.do(civic.System, act.ID{}, &act.DialogueAnnounced{Slug: "ratanakkiri", Level: "provincial", Place: "16", PlaceLevel: 2, Door: "open",
		Limit: 300, Changes: 5, Opens: "2026-03-09", Closes: "2026-04-30", Host: s.IDs["cso"]}, map[string]any{"names": &act.Names{
		Name:  map[string]string{"en": "Provincial dialogue in Ratanakkiri", "km": "វេទិកាសន្ទនាខេត្តរតនគិរី"},
		About: map[string]string{"en": "What does your community need most from public services?", "km": "តើសហគមន៍របស់អ្នកត្រូវការអ្វីជាងគេពីសេវាសាធារណៈ?"}}}).Act
	s.do(civic.System, s.Dialogue, &act.DialogueOpened{}, nil)
	s.Other = s.do(civic.System, act.ID{}, &act.DialogueAnnounced{Slug: "national", Level: "national", PlaceLevel: 1, Door: "invitation",
		Limit: 300, Changes: 5, Opens: "2026-05-11", Closes: "2026-06-09", Host: s.IDs["ministry"]}, called("National forum", "វេទិកាថ្នាក់ជាតិ")).Act
}

// places are the provinces with their squares (row, column from 0).
var places = []struct {
	code        string
	row, column int
	en, km      string
}{
	{"01", 1, 1, "Banteay Meanchey", "បន្ទាយមានជ័យ"}, {"02", 2, 1, "Battambang", "បាត់ដំបង"}, {"03", 2, 4, "Kampong Cham", "កំពង់ចាម"},
	{"04", 2, 3, "Kampong Chhnang", "កំពង់ឆ្នាំង"}, {"05", 3, 2, "Kampong Speu", "កំពង់ស្ពឺ"}, {"06", 1, 3, "Kampong Thom", "កំពង់ធំ"},
	{"07", 4, 2, "Kampot", "កំពត"}, {"08", 3, 4, "Kandal", "កណ្តាល"}, {"09", 3, 1, "Koh Kong", "កោះកុង"}, {"10", 1, 4, "Kratié", "ក្រចេះ"},
	{"11", 1, 5, "Mondulkiri", "មណ្ឌលគិរី"}, {"12", 3, 3, "Phnom Penh", "ភ្នំពេញ"}, {"13", 0, 3, "Preah Vihear", "ព្រះវិហារ"},
	{"14", 3, 5, "Prey Veng", "ព្រៃវែង"}, {"15", 2, 2, "Pursat", "ពោធិ៍សាត់"}, {"16", 0, 5, "Ratanakkiri", "រតនគិរី"},
	{"17", 1, 2, "Siem Reap", "សៀមរាប"}, {"18", 4, 1, "Preah Sihanouk", "ព្រះសីហនុ"}, {"19", 0, 4, "Stung Treng", "ស្ទឹងត្រែង"},
	{"20", 4, 5, "Svay Rieng", "ស្វាយរៀង"}, {"21", 4, 3, "Takéo", "តាកែវ"}, {"22", 0, 2, "Oddar Meanchey", "ឧត្តរមានជ័យ"},
	{"23", 5, 2, "Kep", "កែប"}, {"24", 2, 0, "Pailin", "ប៉ៃលិន"}, {"25", 2, 5, "Tboung Khmum", "ត្បូងឃ្មុំ"},
}
