package demo_test

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/blob"
	"samleng/internal/demo"
	"samleng/internal/register"
	"samleng/internal/store"
)

var today = time.Date(2026, 11, 26, 6, 40, 0, 0, time.UTC)

// fill opens a register on a real store and fills it.
func fill(t testing.TB, seed uint64, at time.Time) (*register.Register, *demo.Filled) {
	t.Helper()
	dir := t.TempDir()
	keys, err := register.LoadKeys(filepath.Join(dir, "keys"), "demo.example/register", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	clock := demo.NewClock(at)
	r, err := register.Open(t.Context(), register.Config{Store: store.Config{Dir: dir}, Keys: keys, Now: clock.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	files, err := blob.Open(filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	filled, err := demo.Fill(t.Context(), r, demo.Config{Seed: seed, Today: at, Clock: clock, Files: files})
	if err != nil {
		t.Fatal(err)
	}
	stats := r.Stats()
	t.Logf("seed %d: %d acts in %d transactions, %v", seed, stats.Acts, stats.Batches, time.Since(start).Round(time.Millisecond))
	return r, filled
}

// TestFill fills a register and finds in it what a demonstration has to show.
func TestFill(t *testing.T) {
	r, filled := fill(t, 1, today)
	if fault := r.Fault(); fault != nil {
		t.Fatal(fault)
	}
	if _, size, err := r.Checkpoint(t.Context()); err != nil || size != r.Position() {
		t.Errorf("the checkpoint has %d of %d acts: %v", size, r.Position(), err)
	}
	r.View(func(s *civic.State) {
		if p := s.Programme(); p == nil || !p.Illustrative {
			t.Error("the programme is not marked illustrative")
		}
		if len(s.Places(1)) != 25 || len(s.Places(2)) != 210 {
			t.Errorf("%d provinces, %d districts", len(s.Places(1)), len(s.Places(2)))
		}
		checkBalance(t, s)
		checkVariety(t, s)
		checkDialogues(t, s)
	})
	checkWords(t, r)
	for what, receipt := range map[string]register.Receipt{"followed": filled.Followed, "withheld": filled.Withheld} {
		key, err := act.ParseCode("DEMO", string(receipt.Code))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		who, err := r.Holder(t.Context(), key, receipt.Secret)
		if err != nil || who.Holds != receipt.Act {
			t.Errorf("%s: its code and secret open nothing: %v", what, err)
		}
		r.View(func(s *civic.State) {
			if v := s.Statement(receipt.Act); v.Shown() != (what == "followed") || v.Appeal != nil {
				t.Errorf("%s: shown %t, appeal %v", what, v.Shown(), v.Appeal)
			}
		})
	}
	if !strings.HasPrefix(filled.Trustee, "AGE-SECRET-KEY-1") {
		t.Error("nobody can open what was sealed to the trustees")
	}
}

func checkBalance(t *testing.T, s *civic.State) {
	t.Helper()
	all, sum := s.Balance(civic.Filter{}, today), 0
	if all.Registered < 330 || all.Registered > 420 || all.Sum() != all.Registered {
		t.Errorf("balance: %+v", all)
	}
	for _, w := range []civic.Waiting{all.AwaitingModeration, all.NotYetReferred} {
		if w.OnTime < 10 || w.Overdue < 10 {
			t.Errorf("too few on time, or overdue: %+v", all)
		}
	}
	for _, d := range s.Dialogues() {
		sum += s.Balance(civic.Filter{Dialogue: d.ID}, today).Sum()
	}
	if sum != all.Registered {
		t.Errorf("the dialogues' balances add up to %d, not %d", sum, all.Registered)
	}
}

// checkVariety finds every state, channel, reason and visibility.
func checkVariety(t *testing.T, s *civic.State) {
	t.Helper()
	seen := map[string]int{}
	for _, v := range s.Statements() {
		for _, what := range []string{
			string(v.Disposition(today)), string(v.Moderation), "channel " + v.Channel, "visibility " + v.Visibility, "written " + v.Written,
			"spoken " + v.Spoken, "read back " + v.ReadBack, "withheld " + v.Reason,
		} {
			seen[what]++
		}
		if v.Appeal != nil {
			seen["appeal "+v.Appeal.Outcome]++
			if v.Appeal.Clock.Overdue(today) {
				seen["appeal overdue"]++
			}
		}
		if len(v.Translations) > 0 {
			seen["translated"]++
		}
		if !v.Correction.IsZero() {
			seen["correction waits"]++
		}
		if v.Text != v.ID && v.Moderation == civic.Published && v.Shown() {
			seen["correction published"]++
		}
		if _, filed := v.Filed(); filed {
			seen["filed"]++
		}
	}
	want := []string{
		"erased", "withheld", "awaiting_moderation", "not_yet_referred", "published", "redacted", "matched", "sealed",
		"channel web", "channel assisted", "channel paper", "channel organisation",
		"visibility open", "visibility unattributed", "visibility sealed", "written km", "written en",
		"spoken tpu", "spoken jra", "spoken krr", "spoken cja", "read back yes", "read back no",
		"appeal ", "appeal upheld", "appeal overturned", "appeal overdue", "translated", "correction waits", "correction published", "filed",
	}
	for _, reason := range act.WithholdingReasons {
		if reason == act.ReasonSource {
			continue // of imports alone
		}
		want = append(want, "withheld "+reason)
	}
	for _, what := range want {
		if seen[what] == 0 {
			t.Errorf("no view is %q", what)
		}
	}
	if share := seen["written km"] * 100 / (seen["written km"] + seen["written en"]); share < 60 || share > 80 {
		t.Errorf("%d%% of the views are in Khmer", share)
	}
	if seen["translated"] < 10 || seen["matched"] < 8 || seen["channel assisted"] < 30 || seen["channel paper"] < 10 {
		t.Errorf("too few: %v", seen)
	}
}

// checkDialogues finds each dialogue in its stage, with views and figures.
func checkDialogues(t *testing.T, s *civic.State) {
	t.Helper()
	stages := map[string]civic.Stage{"phnom-penh": civic.Open, "kampong-cham": civic.Closed, "siem-reap": civic.Open, "ratanakkiri": civic.Open, "kampot": civic.Announced}
	if len(s.Dialogues()) != len(stages) {
		t.Errorf("%d dialogues", len(s.Dialogues()))
	}
	for _, d := range s.Dialogues() {
		if d.Stage() != stages[d.Slug] {
			t.Errorf("%s is %s", d.Slug, d.Stage())
		}
		views, people, ballots, releases := len(d.Statements()), s.Participants(d.ID), s.Ballots(d.ID), len(s.Releases(d.ID))
		if d.Slug == "kampot" {
			if views+people != 0 {
				t.Error("something was said in Kampot before it opened")
			}
			continue
		}
		if views < 60 || people < 100 || ballots < 200 || releases < 2 {
			t.Errorf("%s: %d views, %d people, %d ballots, %d releases", d.Slug, views, people, ballots, releases)
		}
		agreed, split := 0, 0
		for _, v := range d.Statements() {
			tally := s.Tally(v.ID)
			if n := tally.Total(); n >= 20 {
				switch {
				case tally.Agree*10 >= n*7:
					agreed++
				case min(tally.Agree, tally.Disagree)*4 >= n:
					split++
				}
			}
		}
		if agreed < 10 || split < 4 {
			t.Errorf("%s: %d views that most agree with, %d that divide", d.Slug, agreed, split)
		}
	}
	if late := s.Balance(civic.Filter{Dialogue: s.DialogueBySlug("ratanakkiri").ID}, today).AwaitingModeration.Overdue; late < 10 {
		t.Errorf("moderation is late for %d views in Ratanakkiri", late)
	}
}

// checkWords reads what the public reads.
func checkWords(t *testing.T, r *register.Register) {
	t.Helper()
	said := map[string]int{}
	r.View(func(s *civic.State) {
		for _, v := range s.Statements() {
			if v.Shown() && v.Moderation == civic.Published {
				said[v.Text.String()] = len(v.Text)
			}
		}
	})
	texts := map[string]bool{}
	for id := range said {
		parsed, err := act.ParseID(id)
		if err != nil {
			t.Fatal(err)
		}
		text, err := r.Text(t.Context(), civic.Actor{}, parsed, "text")
		if err != nil {
			t.Fatal(err)
		}
		texts[text] = true
	}
	if len(texts)*100 < len(said)*97 {
		t.Errorf("%d views are said in %d ways only", len(said), len(texts))
	}
}

// TestSameContent fills two registers from one seed, many acts at once: every
// view has the same words, decisions and votes in both, though no id is the same.
func TestSameContent(t *testing.T) {
	one, _ := fill(t, 3, today)
	other, _ := fill(t, 3, today)
	a, b := dump(t, one), dump(t, other)
	if len(a) < 200 || !slices.Equal(a, b) {
		t.Errorf("%d lines and %d lines, not the same", len(a), len(b))
	}
}

// dump writes what is public of each view, with its votes, in alphabetical order.
func dump(t *testing.T, r *register.Register) []string {
	t.Helper()
	type shown struct {
		text act.ID
		line string
	}
	var all []shown
	r.View(func(s *civic.State) {
		for _, v := range s.Statements() {
			if v.Shown() && v.Moderation != civic.Redacted {
				all = append(all, shown{v.Text, fmt.Sprintln(s.Dialogue(v.Dialogue).Slug, v.Place, v.Themes, v.Channel, v.At, v.Moderation, s.Tally(v.ID), len(v.Events), v.Clock.Due)})
			}
		}
	})
	lines := make([]string, len(all))
	for i, view := range all {
		text, err := r.Text(t.Context(), civic.Actor{}, view.text, "text")
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = text + " " + view.line
	}
	slices.Sort(lines)
	return lines
}

// TestFillOddDays fills registers on days on which little is worked.
func TestFillOddDays(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	for _, at := range []time.Time{
		time.Date(2026, 11, 29, 17, 30, 0, 0, time.UTC), // Monday, half past midnight
		time.Date(2027, 1, 1, 3, 0, 0, 0, time.UTC),     // New Year's Day, a Friday
	} {
		r, _ := fill(t, 5, at)
		r.View(func(s *civic.State) {
			if b := s.Balance(civic.Filter{}, at); b.Sum() != b.Registered || b.AwaitingModeration.Overdue < 10 || b.AwaitingModeration.OnTime == 0 || b.NotYetReferred.OnTime == 0 {
				t.Errorf("on %s: %+v", at, b)
			}
		})
	}
}

// TestFillOnlyEmpty refuses a register that holds something.
func TestFillOnlyEmpty(t *testing.T) {
	r, _ := fill(t, 1, today)
	before := r.Position()
	if _, err := demo.Fill(t.Context(), r, demo.Config{Seed: 1, Today: today, Clock: demo.NewClock(today)}); err == nil || !strings.Contains(err.Error(), "not empty") || r.Position() != before {
		t.Errorf("filled a register twice: %v", err)
	}
}
