package audit

import (
	"maps"
	"slices"
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
