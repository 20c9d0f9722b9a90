package web

import (
	"strings"
	"time"

	"samleng/act"
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
	// Kinds, Months and Weekdays are lists with "|" between.
	Kinds, Months, Weekdays string
}

func (s *Server) device(v *visit, mine bool) deviceView {
	d := deviceView{Origin: s.read.Origin(), Keys: []string{s.read.VerifierKey()}, Zone: s.zone().String(), Mine: mine}
	var kinds, months, weekdays []string
	for _, kind := range act.Kinds() {
		kinds = append(kinds, string(kind))
	}
	for m := time.January; m <= time.December; m++ {
		months = append(months, v.L.Month(m))
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		weekdays = append(weekdays, v.L.Weekday(d))
	}
	d.Kinds, d.Months, d.Weekdays = strings.Join(kinds, "|"), strings.Join(months, "|"), strings.Join(weekdays, "|")
	return d
}
