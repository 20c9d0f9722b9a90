package witness

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"samleng/translog"
)

// Prove gives the proof that the older of two checkpoints of one log is the
// beginning of the newer one.
type Prove func(ctx context.Context, older, newer translog.Checkpoint) ([]translog.Hash, error)

// ProveFrom computes proofs from the tiles of a published log, each verified
// against the newer checkpoint.
func ProveFrom(fetch translog.Fetch) Prove {
	return func(ctx context.Context, older, newer translog.Checkpoint) ([]translog.Hash, error) {
		reader, err := translog.NewReader(ctx, newer, fetch)
		if err != nil {
			return nil, err
		}
		return translog.ProveConsistency(older.Size, newer.Size, reader)
	}
}

// CatchUp compares what is remembered of a log with a checkpoint that the log
// publishes with our own cosignature. A larger one means that the memory was put
// back to an older copy, or lost: then it is remembered instead, if it is shown
// to continue what is remembered. caughtUp says that this was so, and from is
// what was remembered. Without a cosignature of ours, or with an older one, it
// does nothing. Errors are those of [Witness.Add], or of prove; with any of them
// the log's checkpoints and ours do not fit together, or that could not be found
// out.
func (w *Witness) CatchUp(ctx context.Context, origin string, published []byte, prove Prove) (from translog.Checkpoint, caughtUp bool, err error) {
	log := w.logs[origin]
	if log == nil {
		return from, false, fmt.Errorf("%w: %q", ErrUnknownLog, origin)
	}
	signed, err := translog.OpenForeign(published, origin, append([]note.Verifier{w.own}, log.Keys...)...)
	if err != nil {
		return from, false, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if len(signed.Cosignatures) == 0 {
		return from, false, nil
	}
	unlock, err := w.lock(log)
	if err != nil {
		return from, false, err
	}
	defer unlock()
	last, err := w.memory.load(origin, w.own, log.Keys)
	if err != nil {
		return from, false, err
	}
	from = last.Checkpoint
	if err := w.fork(last, signed, published); err != nil || signed.Size < last.Size || signed.Size == last.Size && last.note != nil {
		return from, false, err
	}
	proof, err := prove(ctx, last.Checkpoint, signed.Checkpoint)
	if err != nil {
		return from, false, fmt.Errorf("what the memory lacks: %w", err)
	}
	if err := w.continues(last, signed.Checkpoint, Request{Proof: proof, Checkpoint: published}); err != nil {
		return from, false, err
	}
	w.log.Warn("the memory was behind what this witness had signed, and has caught up", "log", origin, "from", last.Size, "to", signed.Size)
	n, err := note.Open(published, note.VerifierList(append([]note.Verifier{w.own}, log.Keys...)...))
	if err != nil {
		return from, false, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	content, err := note.Sign(&note.Note{Text: n.Text, Sigs: n.Sigs})
	if err != nil {
		return from, false, err
	}
	return from, true, w.memory.save(origin, content)
}
