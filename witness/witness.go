package witness

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/translog"
)

var (
	// ErrUnknownLog is wrapped for a checkpoint of a log that the witness does not
	// know.
	ErrUnknownLog = errors.New("unknown log")
	// ErrSignature is wrapped for a checkpoint that no known key of its log signed.
	ErrSignature = errors.New("invalid signature")
	// ErrProof is wrapped when it is not shown that a checkpoint continues the one
	// that the witness remembers.
	ErrProof = errors.New("the consistency proof does not hold")
)

// ConflictError says that the witness remembers a checkpoint of another size
// than the request's old size.
type ConflictError struct {
	Size int64 // what it remembers; 0 if it never cosigned one
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("the witness last cosigned a checkpoint of size %d", e.Size)
}

// ForkError says that the log signed two roots for one size.
type ForkError struct {
	Origin      string
	Size        int64
	Root, Other translog.Hash // the remembered one, and the one refused
	Evidence    string        // file that holds both; "" if it was written before
}

func (e *ForkError) Error() string {
	return fmt.Sprintf("%q signed two roots for size %d: %s and %s", e.Origin, e.Size, e.Root, e.Other)
}

// Log is a log whose checkpoints a witness cosigns.
type Log struct {
	Origin string          // the first line of its checkpoints
	Keys   []note.Verifier // its own; one must have signed. None of a witness.
}

// NewLog gives the log of verifier keys. Its origin is the keys' name.
func NewLog(vkeys ...string) (Log, error) {
	var log Log
	for _, vkey := range vkeys {
		v, err := translog.NewVerifier(vkey)
		if err != nil {
			return Log{}, err
		}
		if translog.IsCosigner(v) {
			return Log{}, fmt.Errorf("the key of %q is a witness's, not a log's: %w", v.Name(), translog.ErrKey)
		}
		if log.Origin != "" && log.Origin != v.Name() {
			return Log{}, fmt.Errorf("keys of %q and of %q: %w", log.Origin, v.Name(), translog.ErrOrigin)
		}
		log.Origin, log.Keys = v.Name(), append(log.Keys, v)
	}
	if log.Origin == "" {
		return Log{}, fmt.Errorf("no key: %w", translog.ErrKey)
	}
	return log, nil
}

// Config makes a witness.
type Config struct {
	Key  string // its secret key (translog.GenerateCosignerKey)
	Dir  string // its memory; made if it is not there
	Logs []Log
	Now  func() time.Time
	// Log is told of evidence against a log, of a memory that was put back, and of
	// failures that a request's sender is told no more of than that they happened.
	Log *slog.Logger
}

// Witness cosigns checkpoints. It may be used by several goroutines, and several
// processes may use one memory with one key.
type Witness struct {
	signer note.Signer
	own    note.Verifier
	vkey   string
	memory memory
	logs   map[string]*known
	now    func() time.Time
	log    *slog.Logger
}

// known is a log, and whose turn it is.
type known struct {
	Log
	mu sync.Mutex
}

// New gives the witness of a key and a folder.
func New(c Config) (*Witness, error) {
	vkey, err := translog.VerifierOf(c.Key)
	if err != nil {
		return nil, err
	}
	signer, err := translog.NewCosigner(c.Key, c.Now)
	if err != nil {
		return nil, err
	}
	own, err := translog.NewVerifier(vkey)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMemory, err)
	}
	w := &Witness{signer: signer, own: own, vkey: vkey, memory: memory{c.Dir}, logs: map[string]*known{}, now: c.Now, log: c.Log}
	for _, log := range c.Logs {
		if w.logs[log.Origin] != nil {
			return nil, fmt.Errorf("%q is listed twice", log.Origin)
		}
		w.logs[log.Origin] = &known{Log: log}
	}
	return w, nil
}

// Name is the witness's name, and VerifierKey its public key.
func (w *Witness) Name() string        { return w.signer.Name() }
func (w *Witness) VerifierKey() string { return w.vkey }

// State is what a witness last signed for a log.
type State struct {
	translog.Checkpoint
	// Signed is the checkpoint with the log's signatures and the witness's; nil if
	// it never cosigned one.
	Signed []byte
	At     time.Time // of the cosignature; zero if it is by an earlier key of the witness
}

// Last gives what the witness remembers of a log. The error wraps
// [ErrUnknownLog] or [ErrMemory].
func (w *Witness) Last(origin string) (State, error) {
	log := w.logs[origin]
	if log == nil {
		return State{}, fmt.Errorf("%w: %q", ErrUnknownLog, origin)
	}
	r, err := w.memory.load(origin, w.own, log.Keys)
	return State{r.Checkpoint, r.note, r.at}, err
}

// Add cosigns a checkpoint, as add-checkpoint of C2SP tlog-witness does: it gives
// the witness's signature line. What it signed is remembered durably before it
// returns. The error wraps [ErrRequest], [ErrUnknownLog], [ErrSignature],
// [ErrProof] or [ErrMemory], or is a [*ConflictError] or a [*ForkError].
func (w *Witness) Add(r Request) (lines []byte, err error) {
	claimed, err := translog.ReadForeign(r.Checkpoint)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	log := w.logs[claimed.Origin]
	if log == nil {
		return nil, fmt.Errorf("%w: %q", ErrUnknownLog, claimed.Origin)
	}
	// Our own key is none of these: a line that only pretends to be ours is by
	// the protocol no reason to refuse.
	signed, err := translog.OpenForeign(r.Checkpoint, log.Origin, log.Keys...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if r.Old > signed.Size {
		return nil, fmt.Errorf("%w: old size %d, checkpoint of size %d", ErrRequest, r.Old, signed.Size)
	}
	unlock, err := w.lock(log)
	if err != nil {
		return nil, err
	}
	defer unlock()
	last, err := w.memory.load(log.Origin, w.own, log.Keys)
	if err != nil {
		return nil, err
	}
	forked := w.fork(last, signed, r.Checkpoint)
	if r.Old != last.Size {
		return nil, &ConflictError{last.Size}
	}
	if forked != nil {
		return nil, forked
	}
	if err := w.continues(last, signed.Checkpoint, r); err != nil {
		return nil, err
	}
	if before, err := translog.OpenForeign(r.Checkpoint, log.Origin, append([]note.Verifier{w.own}, log.Keys...)...); err == nil &&
		len(before.Cosignatures) > 0 && signed.Size > last.Size {
		w.log.Warn("the memory was behind what this witness had signed, and catches up", "log", log.Origin, "from", last.Size, "to", signed.Size)
	}
	content, lines, err := w.sign(r.Checkpoint, signed)
	if err != nil {
		return nil, err
	}
	if err := w.memory.save(log.Origin, content); err != nil {
		return nil, err
	}
	return lines, nil
}

// lock gives a log to one request of one process.
func (w *Witness) lock(log *known) (unlock func(), err error) {
	log.mu.Lock()
	free, err := lockFile(w.memory.file(log.Origin, ".lock"))
	if err != nil {
		log.mu.Unlock()
		return nil, fmt.Errorf("%w: %w", ErrMemory, err)
	}
	return func() {
		_ = free() // closing a file that nothing was written to
		log.mu.Unlock()
	}, nil
}

// sign gives the checkpoint with the log's verified signatures and ours, which
// is what is remembered, and our line alone.
func (w *Witness) sign(checkpoint []byte, signed translog.Signed) (content, lines []byte, err error) {
	content, err = note.Sign(&note.Note{Text: string(noteText(checkpoint)), Sigs: signed.Log}, w.signer)
	if err != nil {
		return nil, nil, fmt.Errorf("cosign: %w", err)
	}
	if len(content) > translog.MaxCheckpoint {
		return nil, nil, fmt.Errorf("%w: no room for a signature", ErrRequest)
	}
	n, err := note.Open(content, note.VerifierList(w.own))
	if err != nil {
		return nil, nil, fmt.Errorf("cosign: %w", err)
	}
	return content, signatureLines(n, w.own.Name(), w.own.KeyHash()), nil
}

// continues reports whether the request shows its checkpoint as a continuation
// of the one remembered.
func (w *Witness) continues(last remembered, next translog.Checkpoint, r Request) error {
	if err := translog.VerifyConsistency(last.Size, last.Root, next.Size, next.Root, r.Proof); err != nil {
		w.evidence(Evidence{Origin: last.Origin, Remembered: string(last.note), Other: string(r.Checkpoint), Proof: r.Proof})
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	return nil
}

// fork gives an error, and keeps the evidence, if a checkpoint that the log
// signed has another root than the one remembered of its size.
func (w *Witness) fork(last remembered, next translog.Signed, signed []byte) error {
	if last.note == nil || next.Size != last.Size || next.Root == last.Root {
		return nil
	}
	file := w.evidence(Evidence{Proven: true, Origin: last.Origin, Remembered: string(last.note), Other: string(signed)})
	return &ForkError{Origin: last.Origin, Size: last.Size, Root: last.Root, Other: next.Root, Evidence: file}
}

// evidence keeps two checkpoints that do not fit together and says so, once.
func (w *Witness) evidence(e Evidence) (file string) {
	if e.Remembered == "" {
		return "" // nothing that the other could contradict
	}
	e.Found = w.now().UTC()
	file, err := w.memory.keep(e)
	if err != nil {
		w.log.Error("evidence against a log could not be kept", "log", e.Origin, "error", err)
	} else if file != "" {
		w.log.Warn("two checkpoints of one log do not fit together; both are kept", "log", e.Origin, "proven", e.Proven, "file", file)
	}
	return file
}
