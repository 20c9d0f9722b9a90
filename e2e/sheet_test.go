package e2e_test

import (
	"testing"

	"samleng/translog"
)

// TestSheetIsCopied selects the lines of the paper checkpoint, as whoever reads
// it on a screen does, and has them read.
func TestSheetIsCopied(t *testing.T) {
	s := start(t)
	for _, window := range [][2]int64{narrow, wide} {
		for _, language := range []string{"km", "en"} {
			b := s.open(t, window)
			b.visit("/checkpoint?lang=" + language)
			text := eval[string](b, `(() => { const s = getSelection(); s.selectAllChildren(document.querySelector(".typed")); return s.toString(); })()`)
			paper, err := translog.ParsePaper([]byte(text))
			if err != nil || paper.Origin != s.origin(t) || paper.Size == 0 || paper.Day == "" {
				t.Errorf("%d, %s: %+v, %v:\n%s", window[0], language, paper, err, text)
			}
		}
	}
}
