package demo_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"samleng/act"
	"samleng/internal/demo"
	"samleng/internal/locale"
)

// TestContent holds every text to what a form would accept, and to its
// language: Khmer is written in Khmer letters and digits, English in Latin ones.
func TestContent(t *testing.T) {
	lines, err := demo.Lines()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, line := range lines {
		seen[line.Language]++
		if act.HasControls(line.Text) || act.Blank(line.Text) || locale.LegacyKhmer(line.Text) || strings.ContainsAny(line.Text, "[]{}|«»") {
			t.Errorf("%s: no form would take %q", line.Where, line.Text)
		}
		if n := act.Clusters(line.Text); n > 400 && line.Where != "cases" {
			t.Errorf("%s: %d characters in %q", line.Where, n, line.Text)
		}
		if strings.TrimSpace(line.Text) != line.Text || strings.Contains(line.Text, "  ") {
			t.Errorf("%s: spaces in %q", line.Where, line.Text)
		}
		for _, r := range line.Text {
			khmer, latin := unicode.Is(unicode.Khmer, r), unicode.Is(unicode.Latin, r) || unicode.IsDigit(r) && r < 128
			if line.Language == "km" && latin || line.Language == "en" && khmer {
				t.Errorf("%s: %q in %q", line.Where, r, line.Text)
				break
			}
		}
		for _, avoided := range []string{"បោះឆ្នោត", "អាជ្ញាធរ"} {
			if strings.Contains(line.Text, avoided) {
				t.Errorf("%s: %s in %q", line.Where, avoided, line.Text)
			}
		}
	}
	if seen["km"] < 200 || seen["en"] < 100 {
		t.Errorf("%v: too few texts in a language", seen)
	}
}

// TestSeed writes the same script from the same seed, and another from another.
func TestSeed(t *testing.T) {
	one, _, err := demo.Script(7, today)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := demo.Script(7, today.Add(9*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := demo.Script(8, today)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(one, again) {
		t.Error("one seed gave two scripts")
	}
	if slices.Equal(one, other) {
		t.Error("two seeds gave one script")
	}
}

// TestAnyDay writes the script on days all through a year, at any hour: weekends,
// holidays and midnights must not break it, and what it is to show must be there.
func TestAnyDay(t *testing.T) {
	for day := 0; day < 366; day += 3 {
		at := time.Date(2026, 9, 1, day*7%24, day%60, 0, 0, time.UTC).AddDate(0, 0, day)
		_, kinds, err := demo.Script(uint64(day), at)
		if err != nil {
			t.Fatalf("on %s: %v", at, err)
		}
		for _, kind := range []act.Kind{
			act.KindStatementPublished, act.KindStatementRedacted, act.KindStatementWithheld, act.KindStatementCorrected, act.KindStatementMatched,
			act.KindStatementTranslated, act.KindAppealLodged, act.KindAppealDecided, act.KindSectionErased, act.KindBallotCast,
		} {
			if kinds[kind] < 2 {
				t.Errorf("on %s: %d of %s", at, kinds[kind], kind)
			}
		}
	}
}
