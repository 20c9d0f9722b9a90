package polis

import (
	"bytes"
	"errors"
	"fmt"

	"samleng/act"
)

// maxID is the largest number of a comment or a person: what a spreadsheet
// still keeps exactly.
const maxID = 1 << 53

var errNumber = errors.New("is not a whole number")

// whole reads a whole number, as it is written or as programs that count with
// floats leave it behind ("17.0").
func whole(field []byte) (int64, error) {
	digits, negative := bytes.CutPrefix(field, []byte("-"))
	digits, rest, dotted := bytes.Cut(digits, []byte("."))
	if dotted && (len(rest) == 0 || len(bytes.Trim(rest, "0")) > 0) || len(digits) == 0 || len(digits) > 18 || len(digits) > 1 && digits[0] == '0' {
		return 0, fmt.Errorf("%s %w", excerpt(field), errNumber)
	}
	var n int64
	for _, digit := range digits {
		if digit < '0' || digit > '9' {
			return 0, fmt.Errorf("%s %w", excerpt(field), errNumber)
		}
		n = 10*n + int64(digit-'0')
	}
	if negative {
		n = -n
	}
	return n, nil
}

// parseID reads the number of a comment or a person.
func parseID(field []byte) (int64, error) {
	n, err := whole(field)
	if err == nil && (n < 0 || n > maxID) {
		err = fmt.Errorf("%s is not the number of anything", excerpt(field))
	}
	return n, err
}

// parseVote reads a vote.
func parseVote(field []byte) (act.Vote, error) {
	n, err := whole(field)
	if err == nil && (n < -1 || n > 1) {
		err = fmt.Errorf("%s is none of -1 (disagree), 0 (pass), 1 (agree)", excerpt(field))
	}
	return act.Vote(n), err
}

// The times that are taken: 1973 to 9999. What is below counts seconds, or is
// no time at all.
const (
	minTime = 100_000_000_000
	maxTime = 253_402_300_799_999
)

// parseTime reads a time in milliseconds since 1970.
func parseTime(field []byte) (int64, error) {
	n, err := whole(field)
	if err == nil && (n < minTime || n > maxTime) {
		err = fmt.Errorf("%s is not a time in milliseconds since 1970", excerpt(field))
	}
	return n, err
}
