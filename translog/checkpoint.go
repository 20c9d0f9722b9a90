package translog

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// MaxCheckpoint is the longest signed checkpoint that is read, in bytes: the
// text and a hundred signatures, which is where [note.Open] stops.
const MaxCheckpoint = 64 << 10

// MaxOrigin is the longest origin, in bytes.
const MaxOrigin = 255

var (
	// ErrCheckpoint is wrapped when a checkpoint is not well formed.
	ErrCheckpoint = errors.New("malformed checkpoint")
	// ErrOrigin is wrapped when a checkpoint is another log's.
	ErrOrigin = errors.New("checkpoint of another log")
	// ErrSignature is wrapped when a checkpoint lacks the log's signature or
	// carries one, the log's or a witness's, that does not verify.
	ErrSignature = errors.New("checkpoint not signed as it must be")
)

// Checkpoint says what the whole log was at one size.
type Checkpoint struct {
	Origin string // the log's name, which is also the name of its key
	Size   int64  // number of leaves
	Root   Hash   // root of the tree of that size
}

// Text gives the three lines that are signed (C2SP tlog-checkpoint): origin,
// size in decimal, root in base64, each with its newline.
func (c Checkpoint) Text() ([]byte, error) {
	if !ValidOrigin(c.Origin) {
		return nil, fmt.Errorf("origin %q: %w", c.Origin, ErrCheckpoint)
	}
	if err := checkSize(c.Size); err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s\n%d\n%s\n", c.Origin, c.Size, c.Root), nil
}

// ValidOrigin reports whether s can name a log or a witness: up to [MaxOrigin]
// bytes of UTF-8 with no space, control character or plus sign, as names of
// note keys must be. By convention it is a URL without its scheme.
func ValidOrigin(s string) bool {
	return s != "" && len(s) <= MaxOrigin && utf8.ValidString(s) &&
		!strings.ContainsFunc(s, func(r rune) bool {
			return unicode.IsSpace(r) || unicode.IsControl(r) || r == '+'
		})
}

// ParseCheckpoint reads the text of a checkpoint, without signatures. It
// accepts exactly what [Checkpoint.Text] writes. Extension lines are refused:
// nobody can audit them, and they would allow two texts for one tree.
func ParseCheckpoint(text []byte) (Checkpoint, error) {
	if len(text) > MaxCheckpoint {
		return Checkpoint{}, fmt.Errorf("%d bytes, at most %d: %w", len(text), MaxCheckpoint, ErrCheckpoint)
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, fmt.Errorf("%d lines, want 3: %w", len(lines)-1, ErrCheckpoint)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("size: %w", ErrCheckpoint)
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, fmt.Errorf("root: %w", ErrCheckpoint)
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: Hash(root)}
	again, err := c.Text()
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	if !bytes.Equal(again, text) {
		return Checkpoint{}, fmt.Errorf("not in canonical form: %w", ErrCheckpoint)
	}
	if size == 0 && c.Root != EmptyRoot() {
		return Checkpoint{}, fmt.Errorf("root of an empty log: %w", ErrCheckpoint)
	}
	return c, nil
}

// Sign gives the checkpoint as a signed note. The first signer is the log, so
// its key must bear the origin's name; further ones may be its next key and
// witnesses.
func Sign(c Checkpoint, log note.Signer, more ...note.Signer) ([]byte, error) {
	text, err := c.Text()
	if err != nil {
		return nil, err
	}
	if log.Name() != c.Origin {
		return nil, fmt.Errorf("key of %q signing for %q: %w", log.Name(), c.Origin, ErrOrigin)
	}
	signed, err := note.Sign(&note.Note{Text: string(text)}, append([]note.Signer{log}, more...)...)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint of size %d: %w", c.Size, err)
	}
	return signed, nil
}

// Cosign adds signatures to a signed checkpoint, which it does not verify: a
// witness calls [Open] before, and checks consistency with what it has seen.
// An older signature by the same key is replaced. The checkpoint may be one of a
// log of another making ([ParseForeign]).
func Cosign(signed []byte, signers ...note.Signer) ([]byte, error) {
	n, err := openNote(signed)
	if err != nil {
		return nil, err
	}
	if _, _, err := ParseForeign([]byte(n.Text)); err != nil {
		return nil, err
	}
	out, err := note.Sign(n, signers...)
	if err != nil {
		return nil, fmt.Errorf("cosign checkpoint: %w", err)
	}
	if len(out) > MaxCheckpoint {
		return nil, fmt.Errorf("%d bytes with its signatures, at most %d: %w", len(out), MaxCheckpoint, ErrCheckpoint)
	}
	return out, nil
}

// Signed is a checkpoint together with who has signed it.
type Signed struct {
	Checkpoint
	// Log lists the log's own verified signatures; at least one.
	Log []note.Signature
	// Cosignatures lists the verified signatures of witnesses.
	Cosignatures []Cosignature
	// Unknown lists signatures by keys that were not given; they prove nothing.
	Unknown []note.Signature
}

// Open reads a signed checkpoint of the log called origin. Verifiers are the
// log's keys and those of the witnesses one knows. At least one key of the
// log itself must have signed: a witness's signature does not stand in for it.
// A signature by a given key that does not verify is an error even if others
// do; one by an unknown key is ignored, as the note format wants it. Errors
// wrap [ErrCheckpoint], [ErrOrigin] or [ErrSignature].
func Open(signed []byte, origin string, verifiers ...note.Verifier) (Signed, error) {
	n, err := openNote(signed, verifiers...)
	if err != nil {
		return Signed{}, err
	}
	c, err := ParseCheckpoint([]byte(n.Text))
	if err != nil {
		return Signed{}, err
	}
	return sortSignatures(n, c, origin, verifiers, func(sig note.Signature) bool { return sig.Name == origin })
}

// sortSignatures tells the log's signatures, witnesses' and others apart; isLog
// says which of those verified by no witness's key are the log's.
func sortSignatures(n *note.Note, c Checkpoint, origin string, verifiers []note.Verifier, isLog func(note.Signature) bool) (Signed, error) {
	if c.Origin != origin {
		return Signed{}, fmt.Errorf("%q, want %q: %w", c.Origin, origin, ErrOrigin)
	}
	s := Signed{Checkpoint: c, Unknown: n.UnverifiedSigs}
	for _, sig := range n.Sigs {
		if isCosigner(verifiers, sig) {
			at, err := CosignatureTime(sig)
			if err != nil {
				return Signed{}, fmt.Errorf("%w: %w", ErrSignature, err)
			}
			s.Cosignatures = append(s.Cosignatures, Cosignature{sig.Name, sig.Hash, at, sig.Base64})
		} else if isLog(sig) {
			s.Log = append(s.Log, sig)
		} else {
			s.Unknown = append(s.Unknown, sig)
		}
	}
	if len(s.Log) == 0 {
		return Signed{}, fmt.Errorf("no signature by a known key of %q: %w", origin, ErrSignature)
	}
	return s, nil
}

func isCosigner(verifiers []note.Verifier, sig note.Signature) bool {
	for _, v := range verifiers {
		if v.Name() == sig.Name && v.KeyHash() == sig.Hash {
			_, ok := v.(*cosignatureVerifier)
			return ok
		}
	}
	return false
}

// openNote is [note.Open] with a size limit, typed errors, and a note that
// nobody known has signed handed back as it is.
func openNote(signed []byte, verifiers ...note.Verifier) (*note.Note, error) {
	if len(signed) > MaxCheckpoint {
		return nil, fmt.Errorf("%d bytes, at most %d: %w", len(signed), MaxCheckpoint, ErrCheckpoint)
	}
	n, err := note.Open(signed, note.VerifierList(verifiers...))
	if err == nil {
		return n, nil
	}
	if unverified, ok := errors.AsType[*note.UnverifiedNoteError](err); ok {
		return unverified.Note, nil
	}
	if _, ok := errors.AsType[*note.InvalidSignatureError](err); ok {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return nil, fmt.Errorf("%w: %w", ErrCheckpoint, err)
}
