package audit_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/civic"
	"samleng/translog"
)

// written is a valid register that is made act by act, without a database.
type written struct {
	t      testing.TB
	state  *civic.State
	now    time.Time
	n      uint64
	leaves []translog.Hash
	dir    string
	bundle [][]byte              // the leaves of the last bundle
	kept   map[int64]keptSection // by position, of those that may be open at the end
}

type keptSection struct {
	id       act.ID
	sections []act.Section
}

// counting is randomness that is the same in every run: ids must differ, and
// no more.
func (w *written) Read(p []byte) (int, error) {
	for i := range p {
		if i%8 == 0 {
			w.n += 0x9e3779b97f4a7c15
		}
		var word [8]byte
		mixed := w.n ^ w.n>>31
		binary.LittleEndian.PutUint64(word[:], mixed*0xbf58476d1ce4e5b9)
		p[i] = word[i%8]
	}
	return len(p), nil
}

func (w *written) do(by act.By, of act.ID, facts act.Facts, content map[string]any) act.ID {
	id, err := act.NewID(w)
	if err != nil {
		w.t.Fatal(err)
	}
	made, err := act.New(act.Draft{By: by, Of: of, Facts: facts, Content: content}, id, w.now, w)
	if err != nil {
		w.t.Fatalf("%s: %v", facts.Kind(), err)
	}
	if err := w.state.CheckPublic(made.Header); err != nil {
		w.t.Fatalf("%s: %v", facts.Kind(), err)
	}
	position := w.state.Position()
	if made.Kind != act.KindBallotCast && len(made.Sections) > 0 {
		w.kept[position] = keptSection{id, made.Sections}
	}
	if made.Kind == act.KindBallotCast {
		made.Sections = nil // the votes themselves are of no matter here
	}
	if err := w.state.Apply(made); err != nil {
		w.t.Fatalf("%s: %v", facts.Kind(), err)
	}
	w.leaves = append(w.leaves, translog.LeafHash(made.Leaf))
	w.bundle = append(w.bundle, made.Leaf)
	if len(w.bundle) == translog.TileWidth {
		w.writeBundle()
		w.bundle = w.bundle[:0]
	}
	return id
}

func (w *written) writeBundle() {
	data, err := translog.EncodeBundle(w.bundle)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(translog.Tile{Level: translog.EntriesLevel, Index: int64(len(w.leaves)-1) / translog.TileWidth, Width: len(w.bundle)}.Path(), data)
}

func (w *written) write(path string, content []byte) {
	name := filepath.Join(w.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *written) staff(org act.ID, role act.Role) act.By {
	id, err := act.NewID(w)
	if err != nil {
		w.t.Fatal(err)
	}
	w.do(act.System, org, &act.RoleGranted{Staff: id, Role: role, From: "2026-01-01"}, nil)
	return act.By{As: act.ByStaff, Organisation: org, Staff: id, Role: role}
}

func called(name string) map[string]any {
	return map[string]any{"names": &act.Names{Name: map[string]string{"en": name, "km": "ឈ្មោះ"}}}
}

// writeCopy writes a copy of the log of a valid register of size and then of
// size+more acts, with the checkpoint of the first as "checkpoint.before". Of 100
// acts, 86 are votes and 6 are views.
func writeCopy(t testing.TB, dir string, size, more int64) {
	t.Helper()
	w := &written{t: t, state: civic.New(), dir: dir, now: time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC), kept: map[int64]keptSection{}}
	skey, vkey, err := translog.GenerateKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := translog.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	w.write("key", []byte(vkey+"\n"))
	w.programme(size, signer, more)
	w.sections()
}

// programme makes the acts.
func (w *written) programme(size int64, signer note.Signer, more int64) {
	w.do(act.System, act.ID{}, &act.ProgrammeDeclared{Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"km", "en"},
		Themes: []string{"water", "roads"}, Threshold: 10, Rounding: 5, Step: 10, Currencies: []string{"USD"}}, called("Programme"))
	w.do(act.System, act.ID{}, &act.RulesAdopted{Version: 1}, nil)
	w.do(act.System, act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepModerate: 2, act.StepAppeal: 10, act.StepRefer: 3,
		act.StepAcknowledge: 5, act.StepAnswer: 20, act.StepInform: 15, act.StepReview: 15, act.StepEscalate: 10}}, nil)
	w.do(act.System, act.ID{}, &act.PlaceRegistered{Code: "01", Level: 1, Row: 1, Column: 1}, called("Province"))
	cso := w.do(act.System, act.ID{}, &act.OrganisationRegistered{Type: "cso_coalition"}, called("Coalition"))
	verifier := w.do(act.System, act.ID{}, &act.OrganisationRegistered{Type: "cso"}, called("Network"))
	facilitator, moderator := w.staff(cso, act.RoleFacilitator), w.staff(cso, act.RoleModerator)
	office := w.do(act.System, act.ID{}, &act.OrganisationRegistered{Type: "line_department", Authority: true, Place: "01"}, called("Department"))
	officer := w.staff(office, act.RoleSigningOfficer)
	dialogue := w.do(act.System, act.ID{}, &act.DialogueAnnounced{Slug: "d", Level: "provincial", Place: "01", PlaceLevel: 1, Door: "open",
		Limit: 300, Changes: 3, Opens: "2026-01-05", Closes: "2026-12-31", Host: cso}, called("Dialogue"))
	w.do(act.System, dialogue, &act.DialogueOpened{}, nil)
	for round := 0; ; round++ {
		if round%100 == 99 && w.now.Before(today.AddDate(0, 0, -2)) {
			w.now = w.now.Add(time.Hour)
		}
		for range w.round(round, dialogue, facilitator, moderator, officer, office, verifier) {
			at := w.state.Position()
			if at == size && more > 0 {
				w.publish("checkpoint.before", 0, size, signer)
			}
			if at == size+more {
				before := size
				if more == 0 {
					before = 0
				}
				w.publish("checkpoint", before, size+more, signer)
				return
			}
		}
	}
}

// publish writes the tiles and the checkpoint of a size, as the log stands.
func (w *written) publish(name string, before, size int64, signer note.Signer) {
	stored, err := translog.AppendHashes(0, w.leaves, hashes(nil))
	if err != nil {
		w.t.Fatal(err)
	}
	if len(w.bundle) > 0 {
		w.writeBundle()
	}
	for tile := range translog.Tiles(before, size) {
		if tile.Level == translog.EntriesLevel {
			continue
		}
		data, err := translog.ReadTile(tile, hashes(stored))
		if err != nil {
			w.t.Fatal(err)
		}
		w.write(tile.Path(), data)
	}
	root, err := translog.Root(size, hashes(stored))
	if err != nil {
		w.t.Fatal(err)
	}
	signed, err := translog.Sign(translog.Checkpoint{Origin: origin, Size: size, Root: root}, signer)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(name, signed)
}

// sections writes the open sections of every bundle.
func (w *written) sections() {
	size := w.state.Position()
	for first := int64(0); first < size; first += translog.TileWidth {
		acts := []actSections{}
		for position := first; position < min(size, first+translog.TileWidth); position++ {
			kept := w.kept[position]
			published := actSections{Position: position}
			for _, s := range kept.sections {
				if w.state.MayRead(civic.Actor{}, civic.SectionRef{Act: kept.id, Name: s.Name}) {
					published.Sections = append(published.Sections, section{s.Name, encoded(s.Salt[:]), string(s.Content)})
				}
			}
			if len(published.Sections) > 0 {
				acts = append(acts, published)
			}
		}
		content, err := json.Marshal(acts)
		if err != nil {
			w.t.Fatal(err)
		}
		w.write("sections/"+strconv.FormatInt(first/translog.TileWidth, 10), content)
	}
}

// round yields after every act: ten views, of which nine are published, what
// becomes of one of them, and 142 votes.
func (w *written) round(round int, dialogue act.ID, facilitator, moderator, officer act.By, office, verifier act.ID) func(func(int) bool) {
	return func(yield func(int) bool) {
		var shown []act.ID
		var last act.ID
		do := func(by act.By, of act.ID, facts act.Facts, content map[string]any) bool {
			last = w.do(by, of, facts, content)
			return yield(0)
		}
		for i := range 10 {
			who := pseudonym(round, i)
			if !do(act.Participant, dialogue, &act.StatementRegistered{Channel: "web", Written: "km", Visibility: "open", Themes: []string{"water"}},
				map[string]any{"text": &act.Text{Text: fmt.Sprintf("យើងចង់បានទឹកស្អាតប្រើប្រាស់ក្នុងភូមិគ្រប់រដូវ ព្រោះអណ្ដូងរីងអស់នៅខែប្រាំង។ %d-%d", round, i)},
					"source": &act.Source{Participant: &who}}) {
				return
			}
			if i < 9 {
				shown = append(shown, last)
				if !do(moderator, last, &act.StatementPublished{}, nil) {
					return
				}
			}
		}
		content := called("Clean water in the village")
		content["raised"] = w.state.Raised(shown)
		if !do(facilitator, dialogue, &act.NeedIdentified{Theme: "water", Statements: shown}, content) {
			return
		}
		need := last
		if !do(facilitator, need, &act.ReferralMade{Authority: office}, nil) {
			return
		}
		referral := last
		if !do(officer, referral, &act.ReferralAcknowledged{}, nil) {
			return
		}
		if !do(officer, office, &act.AnswerIssued{Position: "director", ConsideredOn: w.now.AddDate(0, 0, -1).Format(time.DateOnly), ConsideredIn: "meeting",
			Covers: []act.Covered{{Case: referral, Decision: act.Accepted}}}, map[string]any{"reasons": &act.Reasons{Cases: []act.CaseReasons{{Case: referral,
			Text: fmt.Sprint("The department has set aside money for two wells in next year's plan, after a visit on the spot. ", round)}}}}) {
			return
		}
		words := map[string]string{"en": "Two wells", "km": "អណ្តូងពីរ"}
		end := w.now.AddDate(0, 0, 100).Format(time.DateOnly)
		if !do(officer, need, &act.CommitmentMade{Needs: []act.ID{need}, Responsible: office, Position: "director", Start: w.now.Format(time.DateOnly), End: end,
			Budget: &act.Money{Minor: 1_200_000, Currency: "USD"}, Funding: "provincial_fund", Verifier: verifier,
			Indicator: act.Indicator{Measure: "unit", Target: 2, BaselineOn: "2026-01-01", TargetOn: end}},
			map[string]any{"plan": &act.Plan{What: words, Indicator: words, Verified: words}}) {
			return
		}
		for i := range 142 {
			who := pseudonym(i, round%1000)
			if !do(act.Participant, dialogue, &act.BallotCast{}, map[string]any{"ballot": &act.Ballot{Participant: who,
				Votes: []act.StatementVote{{Statement: shown[i%len(shown)], Vote: act.Vote(i%3 - 1)}}}}) {
				return
			}
		}
	}
}

func pseudonym(a, b int) (who act.Pseudonym) {
	binary.BigEndian.PutUint32(who[:], uint32(a)+1)
	binary.BigEndian.PutUint32(who[4:], uint32(b))
	return who
}

func encoded(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }
