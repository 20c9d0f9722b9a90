package register

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
	"samleng/translog"
)

// ErrBackup is returned, wrapped with what is wrong, for a file that is no
// backup, or not a whole one.
var ErrBackup = errors.New("register: not a whole backup")

// ErrOlder is returned by Restore when the log went on after the backup was
// made: what it had then is still published somewhere, so going on from the
// backup would make two logs of one name.
var ErrOlder = errors.New("register: the log went on after this backup: restore with a mirror, or begin a new epoch")

// restoreBatch is how many acts are restored in one transaction.
const restoreBatch = 2000

// Mirror is a published copy of the log that has what the backup lacks.
type Mirror struct {
	// Fetch gets a file below the log's address (translog.Fetch).
	Fetch translog.Fetch
	// Sections gives the open sections of the act at a position.
	Sections func(ctx context.Context, position int64) ([]act.Section, error)
}

// RestoreOptions say what a register is restored from besides the backup.
type RestoreOptions struct {
	// Mirror, if there is one, gives the acts after the backup.
	Mirror *Mirror
	// NewEpoch begins another log, of another origin, that takes up the old
	// one's acts behind an act that names it.
	NewEpoch bool
	// Pinned is the newest checkpoint known (a signed note), such as one that
	// a partner kept; empty to use the one kept beside the keys.
	Pinned []byte
}

// Restored says what a restore did.
type Restored struct {
	Acts, FromMirror int64
	// Lost are sections that nobody had a copy of; acts say so in the log.
	Lost int
}

// RestoreKeys writes the keys of a backup that has them into a folder that has
// none.
func RestoreKeys(from io.Reader, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("restore keys: %w", err)
	}
	found := 0
	err := readBackup(from, func(line backupLine) error {
		if line.Key == nil {
			return nil
		}
		found++
		if filepath.Base(line.Key.Name) != line.Key.Name {
			return fmt.Errorf("%w: a key's name", ErrBackup)
		}
		return writeFile(filepath.Join(dir, line.Key.Name), line.Key.Bytes, 0o600, true)
	})
	if err == nil && found == 0 {
		err = fmt.Errorf("%w: it holds no keys", ErrBackup)
	}
	return err
}

// readBackup reads a backup's lines, which are at most a header and its
// sections long.
func readBackup(from io.Reader, each func(backupLine) error) error {
	zipped, err := gzip.NewReader(bufio.NewReader(from))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBackup, err)
	}
	lines := bufio.NewScanner(zipped)
	lines.Buffer(nil, 16<<20)
	first, ended := true, false
	for lines.Scan() {
		var line backupLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return fmt.Errorf("%w: %w", ErrBackup, err)
		}
		if first && (line.Head == nil || line.Head.Version != backupVersion) {
			return fmt.Errorf("%w: it does not begin like one", ErrBackup)
		}
		first, ended = false, ended || line.End != nil
		if err := each(line); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrBackup, err)
	}
	if !ended {
		return fmt.Errorf("%w: its end is missing", ErrBackup)
	}
	return nil
}

// restoring is a restore under way.
type restoring struct {
	ctx     context.Context
	config  Config
	options RestoreOptions
	store   *store.Store
	head    backupHead
	tokens  map[store.ID]*store.Token
	pending []store.Entry
	tree    translog.Frontier // of the backup's own acts
	begun   bool
	result  Restored
	lost    []civic.SectionRef
}

// Restore makes a register of a backup in an empty place. The acts keep their
// bytes, so every receipt stays good. A backup older than the newest checkpoint
// known is refused unless a mirror has the rest or a new epoch is begun: there
// is never a second log of one name.
func Restore(ctx context.Context, config Config, from io.Reader, options RestoreOptions) (Restored, error) {
	s, err := store.Open(ctx, config.Store)
	if err != nil {
		return Restored{}, fmt.Errorf("restore: %w", err)
	}
	defer s.Close()
	if size, err := s.Size(ctx); err != nil {
		return Restored{}, fmt.Errorf("restore: %w", err)
	} else if size > 0 {
		return Restored{}, errors.New("restore: there is a register already; restore into an empty place")
	}
	w := &restoring{ctx: ctx, config: config, options: options, store: s, tokens: map[store.ID]*store.Token{}}
	if err := readBackup(from, w.line); err != nil {
		return w.result, fmt.Errorf("restore: %w", err)
	}
	if options.Mirror != nil {
		if err := w.mirror(); err != nil {
			return w.result, fmt.Errorf("restore from the mirror: %w", err)
		}
	}
	if err := w.markLost(); err != nil {
		return w.result, fmt.Errorf("restore: %w", err)
	}
	return w.result, nil
}

func (w *restoring) line(line backupLine) error {
	switch {
	case line.Head != nil:
		w.head = *line.Head
		return w.begin()
	case line.Token != nil:
		w.tokens[line.Token.Act] = line.Token
	case line.Act != nil:
		return w.act(line.Act)
	case line.Private != nil:
		if err := w.flush(); err != nil {
			return err
		}
		values := make([]any, len(line.Private.Values))
		for i, value := range line.Private.Values {
			values[i] = value.value()
		}
		return w.store.Update(w.ctx, func(records *store.Records) error { return records.PutPrivate(line.Private.Table, values) })
	case line.End != nil:
		if err := w.flush(); err != nil {
			return err
		}
		if root := act.Digest(w.tree.Root()).String(); w.tree.Size() != line.End.Acts || root != line.End.Root {
			return fmt.Errorf("%w: its acts do not give the root it states", ErrBackup)
		}
	}
	return nil
}

// begin checks that going on from this backup forks no log.
func (w *restoring) begin() error {
	signer, err := w.config.Keys.signer()
	if err != nil {
		return err
	}
	if w.options.NewEpoch {
		if signer.Name() == w.head.Origin {
			return fmt.Errorf("a new epoch needs a log of another name than %s, with a key of its own", w.head.Origin)
		}
		return w.beginEpoch()
	}
	if signer.Name() != w.head.Origin {
		return fmt.Errorf("the backup is of the log %s, the key is of %s", w.head.Origin, signer.Name())
	}
	pinned := w.options.Pinned
	if pinned == nil {
		if pinned, err = os.ReadFile(filepath.Join(w.config.Keys.Dir, pinName)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if len(pinned) == 0 || w.options.Mirror != nil {
		return nil
	}
	verifier, err := translog.NewVerifier(w.config.Keys.Verifier)
	if err != nil {
		return err
	}
	known, err := translog.Open(pinned, w.head.Origin, verifier)
	if err != nil {
		return err
	}
	if known.Size > w.head.Size {
		return fmt.Errorf("%w (the backup has %d acts, the checkpoint %d)", ErrOlder, w.head.Size, known.Size)
	}
	return nil
}

func (w *restoring) beginEpoch() error {
	facts := &act.EpochBegun{Origin: w.head.Origin, Size: w.head.Size}
	if w.head.Checkpoint != "" {
		last, err := translog.ParseCheckpoint([]byte(checkpointText(w.head.Checkpoint)))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrBackup, err)
		}
		facts.Size, facts.Root = last.Size, act.Digest(last.Root)
	}
	id, err := act.NewID(w.config.Random)
	if err != nil {
		return err
	}
	// The acts that follow are older; the epoch's own hour may not be after
	// theirs, so it is the first hour there is.
	a, err := act.New(act.Draft{By: act.System, Facts: facts}, id, time.Unix(0, 0), w.config.Random)
	if err != nil {
		return err
	}
	w.pending = append(w.pending, store.Entry{ID: store.ID(id), Header: a.Leaf})
	return nil
}

// checkpointText is the signed part of a signed note.
func checkpointText(signed string) string {
	for i := 0; i+1 < len(signed); i++ {
		if signed[i] == '\n' && signed[i+1] == '\n' {
			return signed[:i+1]
		}
	}
	return signed
}

func (w *restoring) act(kept *backupAct) error {
	header := []byte(kept.Header)
	h, err := act.DecodeHeader(header)
	if err != nil {
		return err
	}
	if err := w.tree.Append(translog.LeafHash(header)); err != nil {
		return err
	}
	token := w.tokens[store.ID(h.ID)]
	delete(w.tokens, store.ID(h.ID))
	w.result.Acts++
	return w.add(store.Entry{ID: store.ID(h.ID), Header: header, Sections: kept.Sections, Token: token})
}

func (w *restoring) add(entry store.Entry) error {
	w.pending = append(w.pending, entry)
	if len(w.pending) < restoreBatch {
		return nil
	}
	return w.flush()
}

func (w *restoring) flush() error {
	if len(w.pending) == 0 {
		return nil
	}
	err := w.store.Append(w.ctx, func(tx *store.Tx) error { return tx.Append(w.pending) })
	w.pending = w.pending[:0]
	return err
}

// mirror appends what the log had after the backup, once it is shown that the
// backup's acts are the beginning of the mirror's log.
func (w *restoring) mirror() error {
	verifier, err := translog.NewVerifier(w.config.Keys.Verifier)
	if err != nil {
		return err
	}
	signed, err := w.options.Mirror.Fetch(w.ctx, "checkpoint")
	if err != nil {
		return err
	}
	newest, err := translog.Open(signed, w.head.Origin, verifier)
	if err != nil {
		return err
	}
	reader, err := translog.NewReader(w.ctx, newest.Checkpoint, w.options.Mirror.Fetch)
	if err != nil {
		return err
	}
	size := w.tree.Size()
	if newest.Size < size {
		return fmt.Errorf("%w: the mirror's log has %d acts, the backup %d", civic.ErrDamaged, newest.Size, size)
	}
	root, err := translog.Root(size, reader)
	if err != nil {
		return err
	}
	if root != w.tree.Root() {
		return fmt.Errorf("%w: the mirror's log does not begin with the backup's", civic.ErrDamaged)
	}
	position := size
	for header, err := range reader.Entries(size) {
		if err != nil {
			return err
		}
		if err := w.mirrored(header, position); err != nil {
			return err
		}
		position++
	}
	return w.flush()
}

func (w *restoring) mirrored(header []byte, position int64) error {
	h, err := act.DecodeHeader(header)
	if err != nil {
		return err
	}
	entry := store.Entry{ID: store.ID(h.ID), Header: header}
	var open []act.Section
	if len(h.Sections) > 0 && w.options.Mirror.Sections != nil {
		if open, err = w.options.Mirror.Sections(w.ctx, position); err != nil {
			return err
		}
	}
	for _, want := range h.Sections {
		found := false
		for _, section := range open {
			if section.Name == want.Name && section.Digest() == want.Digest {
				entry.Sections = append(entry.Sections, store.Section{Name: section.Name, Salt: section.Salt[:], Bytes: section.Content})
				found = true
			}
		}
		if !found {
			w.lost = append(w.lost, civic.SectionRef{Act: h.ID, Name: want.Name})
		}
	}
	w.result.FromMirror++
	erased, is := h.Facts.(*act.SectionErased)
	if !is {
		return w.add(entry)
	}
	// An erasure that came after the backup is carried out again.
	if err := w.flush(); err != nil {
		return err
	}
	gone := civic.SectionRef{Act: h.Of, Name: erased.Section}
	w.lost = remove(w.lost, gone)
	err = w.store.Append(w.ctx, func(tx *store.Tx) error {
		if err := tx.Append([]store.Entry{entry}); err != nil {
			return err
		}
		if err := tx.EraseSection(store.ID(gone.Act), gone.Name); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return noteScrub(tx)
	})
	return err
}

func remove(refs []civic.SectionRef, gone civic.SectionRef) []civic.SectionRef {
	kept := refs[:0]
	for _, ref := range refs {
		if ref != gone {
			kept = append(kept, ref)
		}
	}
	return kept
}

// markLost says in the log which sections nobody had, and proves on the way
// that what was restored opens as a register.
func (w *restoring) markLost() error {
	if err := w.store.Close(); err != nil {
		return err
	}
	r, err := Open(w.ctx, w.config)
	if err != nil {
		return err
	}
	defer r.Close()
	if fault := r.Fault(); fault != nil {
		return fault
	}
	for _, ref := range w.lost {
		_, err := r.Submit(w.ctx, civic.System, act.Draft{
			By: act.System, Of: ref.Act, Facts: &act.SectionErased{Section: ref.Name, Reason: act.ErasedLost},
		}, nil)
		if err != nil {
			return err
		}
		w.result.Lost++
	}
	return r.scrubNow(w.ctx)
}
