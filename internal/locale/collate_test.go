package locale

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The order that ICU 78 with CLDR gives the 25 provinces and the capital.
const provinces = `កណ្តាល កែប កំពង់ចាម កំពង់ឆ្នាំង កំពង់ធំ កំពង់ស្ពឺ កំពត កោះកុង ក្រចេះ តាកែវ ត្បូងឃ្មុំ
	បន្ទាយមានជ័យ បាត់ដំបង ប៉ៃលិន ពោធិ៍សាត់ ព្រៃវែង ព្រះវិហារ ព្រះសីហនុ ភ្នំពេញ មណ្ឌលគិរី រតនគិរី សៀមរាប
	ស្ទឹងត្រែង ស្វាយរៀង ឧត្តរមានជ័យ`

// Names with independent vowels, in the order of ICU 78.
const independent = `ឡ អង្គរជ័យ ឧដុង្គម៉ែជ័យ ឧត្តរមានជ័យ អូរគ្រៀងសែនជ័យ អូរជុំ អូរជ្រៅ អូរយ៉ាដាវ អូររាំង អូររាំងឪ`

func TestOrderOfNames(t *testing.T) {
	for _, golden := range []string{provinces, independent, "ភូមិ១ ភូមិ2 ភូមិ៣ ភូមិក ភូមិa"} {
		want := strings.Fields(golden)
		got := slices.Clone(want)
		slices.Sort(got)
		slices.SortFunc(got, Compare)
		if !slices.Equal(got, want) {
			t.Errorf("order\n got %v\nwant %v", got, want)
		}
	}
}

func TestCompareIsAnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := khmerish().Draw(t, "a"), khmerish().Draw(t, "b"), khmerish().Draw(t, "c")
		if sign(Compare(a, b)) != -sign(Compare(b, a)) {
			t.Fatalf("Compare(%q, %q) and its reverse agree", a, b)
		}
		if Compare(a, b) <= 0 && Compare(b, c) <= 0 && Compare(a, c) > 0 {
			t.Fatalf("%q ≤ %q ≤ %q, but the first comes after the last", a, b, c)
		}
		if Compare(a, b) == 0 && a != b {
			t.Fatalf("%q and %q are different texts", a, b)
		}
	})
}

func sign(n int) int { return min(1, max(-1, n)) }

// khmerish draws short texts of Khmer letters and marks in any order, with
// Latin letters, accents, spaces and invisible characters among them.
func khmerish() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.OneOf(
		rapid.RuneFrom([]rune("កដតនមរសខញុំស្ត្រី")),
		rapid.Map(rapid.IntRange(0x1780, 0x17ff), func(i int) rune { return rune(i) }),
		rapid.RuneFrom([]rune("aÉßİǅ \u0301\u200b\u200d\u200b\u00ad\n\u3000")),
		rapid.Rune(),
	), 0, 12, -1)
}
