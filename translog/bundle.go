package translog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

const (
	// MaxEntry is the longest entry a bundle can carry, in bytes.
	MaxEntry = math.MaxUint16
	// MaxBundle is the longest bundle there can be, in bytes.
	MaxBundle = TileWidth * (2 + MaxEntry)
)

// ErrBundle is wrapped when an entry bundle is not well formed.
var ErrBundle = errors.New("malformed entry bundle")

// EncodeBundle gives 1 to 256 entries as an entry bundle: each behind its
// length as two bytes, the higher first.
func EncodeBundle(entries [][]byte) ([]byte, error) {
	if len(entries) < 1 || len(entries) > TileWidth {
		return nil, fmt.Errorf("%d entries: %w", len(entries), ErrBundle)
	}
	size := 0
	for i, entry := range entries {
		if len(entry) > MaxEntry {
			return nil, fmt.Errorf("entry %d of %d bytes, at most %d: %w", i, len(entry), MaxEntry, ErrBundle)
		}
		size += 2 + len(entry)
	}
	data := make([]byte, 0, size)
	for _, entry := range entries {
		data = binary.BigEndian.AppendUint16(data, uint16(len(entry)))
		data = append(data, entry...)
	}
	return data, nil
}

// DecodeBundle gives the entries of a bundle of exactly width entries. They
// share data's memory.
func DecodeBundle(data []byte, width int) ([][]byte, error) {
	if width < 1 || width > TileWidth {
		return nil, fmt.Errorf("%d entries: %w", width, ErrBundle)
	}
	entries := make([][]byte, width)
	for i := range entries {
		if len(data) < 2 {
			return nil, fmt.Errorf("entry %d of %d: no length: %w", i, width, ErrBundle)
		}
		n := int(binary.BigEndian.Uint16(data))
		if data = data[2:]; len(data) < n {
			return nil, fmt.Errorf("entry %d of %d: %d bytes of %d: %w", i, width, len(data), n, ErrBundle)
		}
		// The capacity ends with the entry: appending to one must not write
		// into the next.
		entries[i], data = data[:n:n], data[n:]
	}
	if len(data) != 0 {
		return nil, fmt.Errorf("%d bytes after entry %d: %w", len(data), width, ErrBundle)
	}
	return entries, nil
}
