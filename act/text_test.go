package act

import "testing"

func TestClusters(t *testing.T) {
	for s, want := range map[string]int{
		"": 0, "abc": 3, "ស្ត្រី": 1, "ខ្ញុំ": 1, "សិទ្ធិ": 2, "កម្ពុជា": 3, "ឱ្យ": 1,
		"ខ្ញុំ\u200bចង់": 3, "\u200b\u200b": 0, "e\u0301": 1, "👩‍👩‍👧‍👦🇰🇭": 2, "a\r\nb": 3, "ក្\u200dខ": 1, "你好": 2,
		"ក្ ខ": 3, "ក្": 1,
	} {
		if got := Clusters(s); got != want {
			t.Errorf("Clusters(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestBlank(t *testing.T) {
	for s, want := range map[string]bool{
		"": true, " \n\t": true, "\u200b": true, "\u200b\u00a0\ufeff\u3000\u2060": true, "\u2800": true,
		"ក": false, ".": false, "\u200bក\u200b": false, "\u3164": true,
	} {
		if got := Blank(s); got != want {
			t.Errorf("Blank(%+q) = %t", s, got)
		}
	}
}

func TestHasControls(t *testing.T) {
	for s, want := range map[string]bool{
		"one\ntwo": false, "one\r\ntwo": false, "one\ttwo": false, "ស្ត្រី\u200bខ្ញុំ": false, "👩‍👩‍👧": false,
		"\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f": false, // a flag
		"a\x00b": true, "\x1b[31m": true, "a\rb": true, "a\r": true, "\u0085": true, "\u009b": true, "\x7f": true,
		"\u202egpj.exe": true, "\u2066": true, "a\xff": true, "\ufffe": true, "\U0001fffe": true,
		"hidden\U000e0041": true,
	} {
		if got := HasControls(s); got != want {
			t.Errorf("HasControls(%+q) = %t", s, got)
		}
	}
}
