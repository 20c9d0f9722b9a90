package translog

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ParseForeign reads the text of a checkpoint of any log, without signatures.
// It takes what C2SP tlog-checkpoint allows and [ParseCheckpoint] refuses,
// which is for logs of our own making only: an origin that could not name a key,
// and extension lines after the root, which are given as they stand. Nothing is
// said of what they mean; a witness signs them with the rest and vouches for the
// first three lines alone (C2SP tlog-cosignature). The root of an empty log is
// not held to be the empty one: a consistency proof settles that.
func ParseForeign(text []byte) (c Checkpoint, extension []string, err error) {
	refuse := func(what string) (Checkpoint, []string, error) {
		return Checkpoint{}, nil, fmt.Errorf("%s: %w", what, ErrCheckpoint)
	}
	if len(text) > MaxCheckpoint {
		return refuse(fmt.Sprintf("%d bytes, at most %d", len(text), MaxCheckpoint))
	}
	body, ended := strings.CutSuffix(string(text), "\n")
	lines := strings.Split(body, "\n")
	if !ended || len(lines) < 3 {
		return refuse("fewer than 3 whole lines")
	}
	for _, line := range lines {
		if line == "" || !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' }) {
			return refuse("an empty line, or one with what is no text")
		}
	}
	if len(lines[0]) > MaxOrigin {
		return refuse("origin")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] || checkSize(size) != nil {
		return refuse("size")
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return refuse("root")
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: Hash(root)}, lines[3:], nil
}

// OpenForeign is [Open] for a log of any making (see [ParseForeign]), whose
// checkpoints begin with origin and whose keys may bear another name. Every
// verifier that is not of a witness's key is the log's.
func OpenForeign(signed []byte, origin string, verifiers ...note.Verifier) (Signed, error) {
	n, err := openNote(signed, verifiers...)
	if err != nil {
		return Signed{}, err
	}
	c, _, err := ParseForeign([]byte(n.Text))
	if err != nil {
		return Signed{}, err
	}
	return sortSignatures(n, c, origin, verifiers, func(note.Signature) bool { return true })
}

// ReadForeign gives the checkpoint of a signed note without verifying anything:
// what it says of itself, so that whose keys to ask for can be known.
func ReadForeign(signed []byte) (Checkpoint, error) {
	n, err := openNote(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	c, _, err := ParseForeign([]byte(n.Text))
	return c, err
}
