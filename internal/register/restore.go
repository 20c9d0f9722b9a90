package register

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/note"

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

// RestoreOptions say what a register is restored from besides the backup.
type RestoreOptions struct {
	// Mirror, if there is one, gives the acts after the backup.
	Mirror *Mirror
	// NewEpoch begins another log, of another origin, that takes up the old
	// one's acts behind an act that names it.
	NewEpoch bool
	// Pinned is the newest checkpoint that somebody else knows (a signed note),
	// such as a partner kept, besides the one that is kept beside the keys.
	Pinned []byte
	// PutFile stores a file of evidence durably, once its bytes were found to
	// have that SHA-256; nil leaves the backup's files out.
	PutFile func(sum act.Digest, content []byte) error
}

// Restored says what a restore did.
type Restored struct {
	Acts, FromMirror int64
	// Lost are sections that nobody had a copy of; acts say so in the log.
	Lost int
	// Files is how many files of evidence the backup holds.
	Files int64
	// Evidence names, for each file that evidence of these acts has, one of
	// those acts: the file may be in the backup, or be kept elsewhere.
	Evidence map[act.Digest]act.ID
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
// sections long, or a file in base64.
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
		if ended && line.File != nil {
			return fmt.Errorf("%w: a file after its end", ErrBackup)
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
	// checkpoints are those known of the log: the backup's, the one kept beside
	// the keys, the one given, the mirror's. The log has to begin with each.
	checkpoints []known
	verifiers   []note.Verifier // of the log's keys
	result      Restored
	lost        []civic.SectionRef
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
		return Restored{}, errors.New("restore: there is a register already, or a part of one; restore into an empty place")
	}
	w := &restoring{ctx: ctx, config: config, options: options, store: s, tokens: map[store.ID]*store.Token{},
		result: Restored{Evidence: map[act.Digest]act.ID{}}}
	// Until the end a restore that was cut short must not pass for a register.
	err = s.Update(ctx, func(records *store.Records) error { return records.PutSetting(unfinishedSetting, nil) })
	if err != nil {
		return w.result, fmt.Errorf("restore: %w", err)
	}
	if err := readBackup(from, w.line); err != nil {
		return w.result, fmt.Errorf("restore: %w", err)
	}
	if options.Mirror != nil {
		if err := w.mirror(); err != nil {
			return w.result, fmt.Errorf("restore from the mirror: %w", err)
		}
	}
	if err := w.checkKnown(); err != nil {
		return w.result, fmt.Errorf("restore: %w", err)
	}
	if err := w.markLost(); err != nil {
		return w.result, fmt.Errorf("restore: %w", err)
	}
	return w.result, nil
}

// unfinishedSetting stands in a database while a register is restored into it.
const unfinishedSetting = "restore-unfinished"

var errUnfinished = errors.New("a restore into this place was not finished: empty it and restore again")

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
	case line.File != nil:
		return w.file(line.File)
	case line.End != nil:
		if err := w.flush(); err != nil {
			return err
		}
		if w.result.Files != line.End.Files {
			return fmt.Errorf("%w: it holds %d files and states %d", ErrBackup, w.result.Files, line.End.Files)
		}
		if root := act.Digest(w.tree.Root()).String(); w.tree.Size() != line.End.Acts || root != line.End.Root {
			return fmt.Errorf("%w: its acts do not give the root it states", ErrBackup)
		}
	}
	return nil
}

// file takes a file of evidence whose bytes are what they are said to be.
func (w *restoring) file(file *backupFile) error {
	sum := sha256.Sum256(file.Bytes)
	if is := hex.EncodeToString(sum[:]); is != file.SHA256 || len(file.Bytes) > mostFileBytes {
		return fmt.Errorf("%w: the file of evidence %.64q is damaged: its %d bytes have the digest %s", ErrBackup, file.SHA256, len(file.Bytes), is)
	}
	w.result.Files++
	if w.options.PutFile == nil {
		return nil
	}
	return w.options.PutFile(sum, file.Bytes)
}

// names notes the files that an act's evidence has.
func (w *restoring) names(id act.ID, sections []store.Section) error {
	for _, section := range sections {
		if section.Name != "evidence" {
			continue
		}
		var evidence act.Evidence
		if err := json.Unmarshal(section.Bytes, &evidence); err != nil {
			return fmt.Errorf("%w: the evidence of %s: %w", ErrBackup, id, err)
		}
		for _, file := range evidence.Files {
			w.result.Evidence[file.SHA256] = id
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
	if w.verifiers, err = w.config.Keys.verifiers(); err != nil {
		return err
	}
	if w.head.Checkpoint != "" {
		taken, err := translog.Open([]byte(w.head.Checkpoint), w.head.Origin, w.verifiers...)
		if err != nil {
			return fmt.Errorf("%w: its checkpoint: %w", ErrBackup, err)
		}
		w.checkpoints = append(w.checkpoints, known{taken.Checkpoint, []byte(w.head.Checkpoint)})
	}
	kept, err := os.ReadFile(filepath.Join(w.config.Keys.Dir, pinName))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, signed := range [][]byte{kept, w.options.Pinned} {
		if len(signed) == 0 {
			continue
		}
		pinned, err := translog.Open(signed, w.head.Origin, w.verifiers...)
		if err != nil {
			return fmt.Errorf("the newest checkpoint known: %w", err)
		}
		if pinned.Size > w.head.Size && w.options.Mirror == nil {
			return fmt.Errorf("%w (the backup has %d acts, the checkpoint %d)", ErrOlder, w.head.Size, pinned.Size)
		}
		w.checkpoints = append(w.checkpoints, known{pinned.Checkpoint, signed})
	}
	return nil
}

// checkKnown holds what was restored against every checkpoint known of the log,
// and keeps the newest: it is published from the start, and no size it is of
// gets another root.
func (w *restoring) checkKnown() error {
	var newest *known
	for i, k := range w.checkpoints {
		if err := checkContinues(w.ctx, w.store, k.Checkpoint); err != nil {
			return err
		}
		if newest == nil || k.Size > newest.Size {
			newest = &w.checkpoints[i]
		}
	}
	if newest == nil {
		return nil
	}
	return w.store.Append(w.ctx, func(tx *store.Tx) error { return tx.SaveCheckpoint(newest.Size, newest.Root, newest.signed) })
}

// known is a verified checkpoint of the log, with its signed note.
type known struct {
	translog.Checkpoint
	signed []byte
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
	if err := w.names(h.ID, kept.Sections); err != nil {
		return err
	}
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

// markLost says in the log which sections nobody had, and proves on the way
// that what was restored opens as a register.
func (w *restoring) markLost() error {
	if err := w.store.Close(); err != nil {
		return err
	}
	config := w.config
	config.unfinished = true
	r, err := Open(w.ctx, config)
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
	if err := r.scrubNow(w.ctx); err != nil {
		return err
	}
	return r.store.Update(w.ctx, func(records *store.Records) error { return records.DeleteSetting(unfinishedSetting) })
}
