package web_test

import (
	"html"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"samleng/internal/locale"
	"samleng/translog"
)

var (
	sheetOf = regexp.MustCompile(`(?s)<article class="sheet">(.*)</article>`)
	anyTag  = regexp.MustCompile(`<[^>]*>`)
)

// typed is what somebody copies off the sheet: the lines from the log to D.
func typed(t *testing.T, body string) string {
	t.Helper()
	_, rest, found := strings.Cut(sheetOf.FindString(body), `<div class="typed">`)
	lines, _, ended := strings.Cut(rest, "</div>")
	if !found || !ended {
		t.Fatalf("no lines to type on the sheet:\n%s", body)
	}
	return html.UnescapeString(anyTag.ReplaceAllString(strings.ReplaceAll(lines, "</td>", " "), ""))
}

// TestSheet types the printed page back and compares it with the checkpoint, on
// the register and on a copy, before and after it moves on.
func TestSheet(t *testing.T) {
	s := filled(t)
	pages := copyOf(t, s)
	check := func() translog.PaperCheckpoint {
		t.Helper()
		signed, _, err := s.Register.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want, err := translog.ReadForeign(signed)
		if err != nil {
			t.Fatal(err)
		}
		var paper translog.PaperCheckpoint
		for _, language := range []string{"en", "km"} {
			copied := httptest.NewRecorder()
			pages.ServeHTTP(copied, httptest.NewRequest("GET", "/checkpoint?lang="+language, nil))
			for _, body := range []string{s.get("/checkpoint?lang=" + language).Body.String(), copied.Body.String()} {
				if paper, err = translog.ParsePaper([]byte(typed(t, body))); err != nil || paper.Checkpoint() != want {
					t.Fatalf("%s: %+v (%v), want %+v", typed(t, body), paper, err, want)
				}
				if day := s.Register.Now().UTC().Format("2006-01-02"); paper.Day != day {
					t.Errorf("printed on %s, want %s", paper.Day, day)
				}
				for _, word := range []string{"Secretary", "លេខា", "Entries", "ធាតុ"} {
					if !strings.Contains(sheetOf.FindString(body), word) {
						t.Errorf("%s: no %s on the sheet", language, word)
					}
				}
			}
		}
		return paper
	}
	first := check()
	s.Pass(24 * time.Hour)
	second := check()
	s.view(s.person("somebody"), "en", "One more view, so that the log goes on.", "water")
	if err := s.Register.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Pass(2 * time.Second)
	if third := check(); second.Day == first.Day || second.Root != first.Root || third.Size <= second.Size {
		t.Errorf("%+v, then %+v, then %+v", first, second, third)
	}
}

// TestSheetNamesWitnesses: the sheet says which organisations signed what stands
// on it, in every language, and none that signed something older.
func TestSheetNamesWitnesses(t *testing.T) {
	w := unwatched(t)
	w.declare(1)
	w.publish()
	also := regexp.MustCompile(`(?s)<p class="also">(.*?)</p>`)
	names := func(want string) {
		t.Helper()
		w.Pass(20 * time.Second)
		found := also.FindStringSubmatch(w.get("/checkpoint?lang=en").Body.String())
		if len(found) == 0 {
			t.Fatal("the sheet has no line for who signed")
		}
		_, got, _ := strings.Cut(strings.Join(strings.Fields(anyTag.ReplaceAllString(found[1], "")), " "), ": ")
		if got != want {
			t.Errorf("signed by %q, want %q", got, want)
		}
	}
	nobody := locale.Get("km").T("web.checkpoint.nobody") + " / " + locale.Get("en").T("web.checkpoint.nobody")
	both := func(of string) string {
		return w.of(of)(locale.Get("km")) + " / " + w.of(of)(locale.Get("en"))
	}
	names(nobody)
	w.cosign(0)
	names(both("cso"))
	w.cosign(1)
	names(both("cso") + "; " + both("agency"))
	w.view(w.person("somebody"), "en", "One more view, so that the log goes on.", "water")
	w.publish()
	w.Pass(11 * time.Minute) // for which it waits for signatures
	w.publish()
	names(nobody)
}

// TestSheetTurnsItsDay asks before and after midnight in UTC, which is seven in
// the morning in Phnom Penh.
func TestSheetTurnsItsDay(t *testing.T) {
	s := filled(t)
	now := s.Now().UTC()
	midnight := now.Truncate(24 * time.Hour).Add(24 * time.Hour)
	s.Pass(midnight.Sub(now) - time.Minute)
	before := typed(t, s.get("/checkpoint?lang=en").Body.String())
	s.Pass(2 * time.Minute)
	after := typed(t, s.get("/checkpoint?lang=en").Body.String())
	if day := midnight.Format("2006-01-02"); strings.Contains(before, day) || !strings.Contains(after, day) {
		t.Errorf("%s\nthen %s", before, after)
	}
}

// TestSheetOfNothing asks before the first checkpoint.
func TestSheetOfNothing(t *testing.T) {
	s := empty(t)
	if _, _, err := s.Register.Checkpoint(t.Context()); err == nil {
		t.Fatal("the empty register has a checkpoint")
	}
	body := s.get("/checkpoint?lang=en").Body.String()
	if strings.Contains(body, "<article") || !strings.Contains(body, "nothing to print") {
		t.Error(body)
	}
}
