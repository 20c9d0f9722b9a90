package act

import (
	"encoding"
	"errors"
	"io"
	"strings"
)

// ID names an act, and what the act brought about: a statement's id is the id
// of the act that registered it. 128 random bits.
type ID [16]byte

// Crockford's base 32: no i, l, o or u, so that a code can be read aloud.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// idLength is the length of an ID as text: 26 characters of 5 bits, of which
// the first carries only 3.
const idLength = 26

var decodeTable = func() (table [256]byte) {
	for i := range table {
		table[i] = 0xff
	}
	for i := range len(alphabet) {
		table[alphabet[i]] = byte(i)
	}
	return table
}()

var errID = errors.New("act: an id has 26 characters of Crockford's base 32")

var (
	_ encoding.TextMarshaler   = ID{}
	_ encoding.TextUnmarshaler = (*ID)(nil)
)

// NewID draws an ID from random.
func NewID(random io.Reader) (ID, error) {
	var id ID
	_, err := io.ReadFull(random, id[:])
	return id, err
}

// IsZero reports whether the ID is absent.
func (id ID) IsZero() bool { return id == ID{} }

// String gives the ID's 26 characters.
func (id ID) String() string { return string(id.append(nil)) }

func (id ID) append(dst []byte) []byte {
	// 130 bits are written; the two in front are zero.
	var out [idLength]byte
	bits, have, next := uint(0), 0, len(id)-1
	for i := idLength - 1; i >= 0; i-- {
		if have < 5 && next >= 0 {
			bits |= uint(id[next]) << have
			have += 8
			next--
		}
		out[i] = alphabet[bits&31]
		bits >>= 5
		have -= 5
	}
	return append(dst, out[:]...)
}

// ParseID reads the 26 characters that String wrote; no other form is accepted.
func ParseID(text string) (ID, error) { return parseID([]byte(text)) }

func parseID(text []byte) (ID, error) {
	var id ID
	if len(text) != idLength || decodeTable[text[0]] > 7 {
		return ID{}, errID
	}
	bits, have, next := uint(0), 0, len(id)-1
	for i := idLength - 1; i >= 0; i-- {
		value := decodeTable[text[i]]
		if value == 0xff {
			return ID{}, errID
		}
		bits |= uint(value) << have
		have += 5
		if have >= 8 && next >= 0 {
			id[next] = byte(bits)
			bits >>= 8
			have -= 8
			next--
		}
	}
	return id, nil
}

// MarshalText implements encoding.TextMarshaler.
func (id ID) MarshalText() ([]byte, error) { return id.append(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := parseID(text)
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// Code is what is read aloud of a receipt: the programme's prefix, 40 bits of
// the act's id and a check character, as in "KH-4T2M-9QXA-7".
type Code string

// ErrCode is returned for a code that was not written down right: a wrong
// length, a character that codes do not use, or a check character that does
// not fit. It is found before anything is looked up.
var ErrCode = errors.New("act: the receipt code does not check")

// codeLength is the number of characters that come from the id.
const codeLength = 8

// codeKey is the part of the ID that its code shows: 40 bits.
func (id ID) codeKey() uint64 {
	var key uint64
	for _, b := range id[:5] {
		key = key<<8 | uint64(b)
	}
	return key
}

// CodeKey is the 40 bits that a code carries, to look a statement up by.
type CodeKey uint64

// CodeKey gives the 40 bits of the id that its code shows.
func (id ID) CodeKey() CodeKey { return CodeKey(id.codeKey()) }

// Code writes the id's code with the programme's prefix (ASCII letters).
func (id ID) Code(prefix string) Code {
	key := id.codeKey()
	var digits [codeLength]byte
	for i, rest := codeLength-1, key; i >= 0; i-- {
		digits[i] = alphabet[rest&31]
		rest >>= 5
	}
	check := alphabet[checkDigit(prefix, key)]
	return Code(strings.ToUpper(prefix + "-" + string(digits[:4]) + "-" + string(digits[4:]) + "-" + string(check)))
}

// checkDigit is a weighted sum over the field of 32 elements (modulus
// x^5+x^2+1): the digit at place i counts α^i times. Every single wrong digit
// and every two digits changed about are found, and the check is one character
// of the same alphabet. The prefix is part of the sum, so that another
// programme's code does not check here.
func checkDigit(prefix string, key uint64) byte {
	var sum byte
	step := func(digit byte) {
		sum ^= digit
		sum <<= 1 // times α
		if sum&32 != 0 {
			sum ^= 0b100101
		}
	}
	for i := range len(prefix) {
		step(prefix[i] & 31)
	}
	for shift := 5 * (codeLength - 1); shift >= 0; shift -= 5 {
		step(byte(key>>shift) & 31)
	}
	return sum
}

// ParseCode reads a code as people write it: upper or lower case, with or
// without hyphens and spaces, o for 0 and i or l for 1, with or without the
// prefix. The error is always ErrCode.
func ParseCode(prefix, text string) (CodeKey, error) {
	plain := make([]byte, 0, len(prefix)+codeLength+1)
	for _, r := range strings.ToLower(text) {
		switch {
		case r == '-' || r == ' ' || r == '.' || r == '\u00a0' || r == '\u200b' || r == '\u2010' || r == '\u2011' || r == '\u2013':
		case r >= '០' && r <= '៩': // Khmer digits
			plain = append(plain, byte('0'+r-'០'))
		case r < 128 && len(plain) < len(prefix)+codeLength+2:
			plain = append(plain, byte(r))
		default:
			return 0, ErrCode
		}
	}
	if len(plain) == len(prefix)+codeLength+1 {
		rest, ok := strings.CutPrefix(string(plain), strings.ToLower(prefix))
		if !ok {
			return 0, ErrCode
		}
		plain = []byte(rest)
	}
	if len(plain) != codeLength+1 {
		return 0, ErrCode
	}
	var key uint64
	for i, c := range plain {
		switch c {
		case 'o':
			c = '0'
		case 'i', 'l':
			c = '1'
		}
		value := decodeTable[c]
		switch {
		case value == 0xff:
			return 0, ErrCode
		case i < codeLength:
			key = key<<5 | uint64(value)
		case value != checkDigit(prefix, key):
			return 0, ErrCode
		}
	}
	return CodeKey(key), nil
}
