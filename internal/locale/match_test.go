package locale

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct{ accept, cookie, want string }{
		{"", "", "km"},
		{"en", "", "en"},
		{"en-GB,en;q=0.9", "", "en"},
		{"EN-us", "", "en"},
		{"fr, en;q=0.3", "", "en"},
		{"km;q=0.5, en;q=0.8", "", "en"},
		{"km-KH,en;q=0.8", "", "km"},
		{"en;q=0.8, km;q=0.8", "", "en"},
		{"en;q=0, km;q=0.1", "", "km"},
		{"en;q=0", "", "km"},
		{"en;q=NaN", "", "km"}, {"en;q=7", "", "km"}, {"en;q=-1", "", "km"}, {"en ; q = 0.4", "", "en"},
		{"*", "", "km"},
		{"km", "en", "en"}, {"en", "km", "km"}, {"en", "xx", "en"}, {"en", "../en", "en"},
		{strings.Repeat("x,", 10000) + "en", "", "km"},
	} {
		if got := Match(c.accept, c.cookie).Tag(); got != c.want {
			t.Errorf("Match(%.40q, %q) = %s, want %s", c.accept, c.cookie, got, c.want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("en-GB,en;q=0.9,*;q=0.1", "km")
	f.Add(",;q=,--;-", "\x00")
	f.Fuzz(func(t *testing.T, accept, cookie string) {
		if l := Match(accept, cookie); l == nil || !Known(l.Tag()) {
			t.Fatalf("Match(%q, %q) gives no language of ours", accept, cookie)
		}
	})
}
