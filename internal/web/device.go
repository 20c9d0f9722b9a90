package web

import (
	"slices"
	"strings"
	"time"

	"samleng/act"
	"samleng/civic"
)

// deviceView is the part of a page that checks receipt files on the reader's
// own device. It stays hidden where scripts do not run.
type deviceView struct {
	Origin string
	// Keys are the verifier keys that this site gives: the log's, then those of
	// its witnesses.
	Keys []string
	Zone string
	// Mine says that the page has a form that gives the reader's own receipt.
	Mine bool
	// Kinds, what each is called, Months and Weekdays are lists with "|" between.
	Kinds, KindWords, Months, Weekdays string
}

func (s *Server) device(v *visit, mine bool) deviceView {
	d := deviceView{Origin: s.read.Origin(), Keys: s.keys(), Zone: s.zone().String(), Mine: mine}
	var kinds, words, months, weekdays []string
	for _, kind := range act.Kinds() {
		kinds, words = append(kinds, string(kind)), append(words, codeWord(v.L, "event", string(kind)))
	}
	for m := time.January; m <= time.December; m++ {
		months = append(months, v.L.Month(m))
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		weekdays = append(weekdays, v.L.Weekday(d))
	}
	d.Kinds, d.KindWords, d.Months, d.Weekdays = strings.Join(kinds, "|"), strings.Join(words, "|"), strings.Join(months, "|"), strings.Join(weekdays, "|")
	return d
}

// keys are all that a receipt's checkpoint may be signed with: the log's, the
// newest first, then the witnesses', former ones included.
func (s *Server) keys() []string {
	keys := s.read.VerifierKeys()
	slices.Reverse(keys)
	s.read.View(func(state *civic.State) {
		for _, witness := range state.WitnessKeys() {
			if !slices.Contains(keys, witness.Key) {
				keys = append(keys, witness.Key)
			}
		}
	})
	return keys
}
