package audit

import (
	"maps"
	"slices"

	"samleng/act"
)

// SectionPositions are the acts of a bundle of open sections; none where it is
// not of its form.
func SectionPositions(content []byte) []int64 {
	open, err := DecodeSections(content)
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(open))
}

// Marks are the values of the figures of a page, and how many of them its text
// does not show.
func Marks(page []byte) (values []string, unsaid int) {
	marks, err := marksOf(page)
	if err != nil {
		return nil, 0
	}
	for _, m := range marks {
		values = append(values, m.value)
		if !m.says() {
			unsaid++
		}
	}
	return values, unsaid
}

// FeedIDs are the entries of a feed.
func FeedIDs(body []byte) (ids []string) {
	entries, _ := feedOf(body)
	for _, e := range entries {
		ids = append(ids, e.ID)
	}
	return ids
}

// VotesFit reports whether rows of public votes can be those of a tally that took
// in the first at acts of size, of which so many were ballots; else why not.
func VotesFit(rows [][]string, at, size, ballots int64, tally act.Tally) (why string) {
	votes, bad := readVotes(rows, at, size, ballots)
	if bad != nil {
		return bad.why
	}
	for _, row := range tally.Statements {
		if released, counted, ok := votes.fit(row); !ok {
			return released + " is not" + counted
		}
	}
	return ""
}

// CheckNames finds names in JSON that programs read differently.
func CheckNames(content []byte) error { return checkNames(content) }
