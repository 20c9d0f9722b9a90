package web

import (
	"slices"
	"strings"

	"samleng/act"
	"samleng/internal/problem"
)

// passage is a piece of a view's words that is to be left out wherever it
// stands, with the reason that the gap will show.
type passage struct {
	Text, Reason string
}

// What a form of passages holds.
const (
	passagesMost  = 12
	passagesFirst = 3
	passageBytes  = 2000
)

// redacted makes the open copy of words: every place where one of the passages
// stands becomes a gap, whole characters at a time. A passage is looked for
// letter by letter; invisible characters and the way a line ends make no
// difference, for copying changes them. Where passages overlap, the first one's
// reason stands. The second result has a problem for each passage, nil where
// it was found.
func redacted(text string, passages []passage) (*act.Redaction, []*problem.Error) {
	spans, letters := lettersOf(text)
	reasons := make([]string, len(spans))
	wrong := make([]*problem.Error, len(passages))
	for i, p := range passages {
		wrong[i] = leaveOut(text, letters, p, reasons)
	}
	open := &act.Redaction{}
	for from := 0; from < len(spans); {
		to := from
		for to < len(spans) && reasons[to] == reasons[from] {
			to++
		}
		part := act.RedactionPart{Gap: reasons[from]}
		if part.Gap == "" {
			part.Text = text[spans[from][0]:spans[to-1][1]]
		}
		open.Parts = append(open.Parts, part)
		from = to
	}
	return open, wrong
}

// gaps lists the reasons of the gaps, in their order.
func gaps(r *act.Redaction) []string {
	var reasons []string
	for _, part := range r.Parts {
		if part.Gap != "" {
			reasons = append(reasons, part.Gap)
		}
	}
	return reasons
}

// says reports whether the copy still says anything.
func says(r *act.Redaction) bool {
	return slices.ContainsFunc(r.Parts, func(part act.RedactionPart) bool { return !act.Blank(part.Text) })
}

// lettersOf takes a text apart into its characters: the byte span of each, and
// each as it is compared, with nothing invisible in it.
func lettersOf(text string) (spans [][2]int, letters []string) {
	act.EachCluster(text, func(start, end int) bool {
		spans = append(spans, [2]int{start, end})
		letter := text[start:end]
		if letter == "\r\n" {
			letter = "\n"
		}
		letters = append(letters, strings.Map(func(r rune) rune {
			if act.Invisible(r) {
				return -1
			}
			return r
		}, letter))
		return true
	})
	return spans, letters
}

// leaveOut marks every place of a passage among the letters of a text.
func leaveOut(text string, letters []string, p passage, reasons []string) *problem.Error {
	_, wanted := lettersOf(strings.TrimSpace(p.Text))
	wanted = slices.DeleteFunc(wanted, func(letter string) bool { return letter == "" })
	if len(wanted) == 0 {
		return problem.New(problem.Invalid, "problem.text_empty")
	}
	found := false
	for from := range letters {
		to, ok := match(letters, from, wanted)
		if !ok {
			continue
		}
		found = true
		for i := from; i < to; i++ {
			if reasons[i] == "" {
				reasons[i] = p.Reason
			}
		}
	}
	switch {
	case found:
		return nil
	case strings.Contains(text, strings.TrimSpace(p.Text)):
		return problem.New(problem.Invalid, "problem.passage_cut")
	}
	return problem.New(problem.Invalid, "problem.passage_missing")
}

// match says where the wanted letters end if they begin at from; letters that
// show nothing are passed over inside.
func match(letters []string, from int, wanted []string) (to int, ok bool) {
	if letters[from] != wanted[0] {
		return 0, false
	}
	at := from
	for _, letter := range wanted {
		for at < len(letters) && letters[at] == "" {
			at++
		}
		if at == len(letters) || letters[at] != letter {
			return 0, false
		}
		at++
	}
	return at, true
}
