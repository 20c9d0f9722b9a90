package witness

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/translog"
)

// ErrMemory is wrapped when what the witness remembers of a log cannot be read
// or written. It signs nothing then: what it does not remember it could
// contradict.
var ErrMemory = errors.New("the witness's memory")

// memory is the folder in which a witness keeps, a file a log, the last
// checkpoint that it cosigned: a signed note with the log's signatures and its
// own, so that each file says by itself whose it is and that it is whole.
type memory struct{ dir string }

// file names a file of a log: by the hash of its origin, which may hold anything.
func (m memory) file(origin, ending string) string {
	sum := sha256.Sum256([]byte(origin))
	return filepath.Join(m.dir, hex.EncodeToString(sum[:])+ending)
}

// remembered is what the memory holds of a log.
type remembered struct {
	translog.Checkpoint // of size 0 and its root if there is none
	note                []byte
	at                  time.Time // of our cosignature; zero if it is by an earlier key of ours
}

// load reads what is remembered of a log. The file must hold a signature that
// verifies, our own or the log's, and none of either that does not.
func (m memory) load(origin string, own note.Verifier, keys []note.Verifier) (remembered, error) {
	name := m.file(origin, ".checkpoint")
	content, err := readFile(name, translog.MaxCheckpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return remembered{Checkpoint: translog.Checkpoint{Origin: origin, Root: translog.EmptyRoot()}}, nil
	}
	if err != nil {
		return remembered{}, fmt.Errorf("%w: %w", ErrMemory, err)
	}
	r, err := parseMemory(content, origin, own, keys)
	if err != nil {
		return remembered{}, fmt.Errorf("%w: %s is damaged, so that nothing is signed for %q; put the file back as it was, or its log has to be checked anew: %w",
			ErrMemory, name, origin, err)
	}
	return r, nil
}

func parseMemory(content []byte, origin string, own note.Verifier, keys []note.Verifier) (remembered, error) {
	n, err := note.Open(content, note.VerifierList(append([]note.Verifier{own}, keys...)...))
	if err != nil {
		return remembered{}, err
	}
	c, _, err := translog.ParseForeign([]byte(n.Text))
	if err != nil {
		return remembered{}, err
	}
	if c.Origin != origin {
		return remembered{}, fmt.Errorf("%q: %w", c.Origin, translog.ErrOrigin)
	}
	r := remembered{Checkpoint: c, note: content}
	for _, sig := range n.Sigs {
		if sig.Name == own.Name() && sig.Hash == own.KeyHash() {
			if r.at, err = translog.CosignatureTime(sig); err != nil {
				return remembered{}, err
			}
		}
	}
	return r, nil
}

// save makes a note what is remembered of a log. When it returns without an
// error the note is on the disk, and it will be found there after a power cut.
func (m memory) save(origin string, content []byte) error {
	if err := writeDurably(m.file(origin, ".checkpoint"), content); err != nil {
		return fmt.Errorf("%w: %w", ErrMemory, err)
	}
	return nil
}

// Evidence is a file with two checkpoints of one log, both signed by it, that do
// not fit together.
type Evidence struct {
	Found time.Time `json:"found"`
	// Proven says that the two contradict each other by themselves: one size, two
	// roots. Otherwise no proof was given that the second continues the first,
	// which proves nothing against the log if somebody else sent the second.
	Proven     bool            `json:"proven"`
	Origin     string          `json:"origin"`
	Remembered string          `json:"remembered"` // a signed note
	Other      string          `json:"other"`      // a signed note
	Proof      []translog.Hash `json:"proof"`      // that came with the second
}

// mostEvidence is how many files of evidence are kept a log and kind: who has
// the log's key, or only a checkpoint and a false proof, must not fill the disk.
const mostEvidence = 32

// keep writes evidence, once for each pair of checkpoints. It gives "" where
// there is such a file already, or enough of them.
func (m memory) keep(e Evidence) (string, error) {
	kind := ".unproven-"
	if e.Proven {
		kind = ".fork-"
	}
	others, err := filepath.Glob(m.file(e.Origin, kind+"*.json"))
	if err != nil || len(others) >= mostEvidence {
		return "", err
	}
	sum := sha256.Sum256(append(noteText([]byte(e.Remembered)), noteText([]byte(e.Other))...))
	name := m.file(e.Origin, kind+hex.EncodeToString(sum[:8])+".json")
	if _, err := os.Stat(name); err == nil {
		return "", nil
	}
	content, err := json.MarshalIndent(e, "", " ")
	if err != nil {
		return "", err
	}
	return name, writeDurably(name, append(content, '\n'))
}

// noteText is the part of a signed note that is signed.
func noteText(signed []byte) []byte {
	end := bytes.LastIndex(signed, []byte("\n\n"))
	return bytes.Clone(signed[:end+1])
}

func readFile(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(content)) > most {
		err = fmt.Errorf("%s: more than %d bytes", name, most)
	}
	return content, err
}

// writeDurably replaces a file: whoever reads it, also after a power cut, finds
// the old one whole or the new one whole, and after a return without an error
// the new one.
func writeDurably(name string, content []byte) error {
	next := name + ".new"
	f, err := os.OpenFile(next, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(next, name); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// signatureLines gives the signature lines of a note by one key.
func signatureLines(n *note.Note, name string, hash uint32) []byte {
	var b strings.Builder
	for _, sig := range n.Sigs {
		if sig.Name == name && sig.Hash == hash {
			fmt.Fprintf(&b, "— %s %s\n", sig.Name, sig.Base64)
		}
	}
	return []byte(b.String())
}
