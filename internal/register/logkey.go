package register

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/civic"
	"samleng/translog"
)

// ErrNoKey is returned when the key that the log says is in force is not among
// the server's keys, so that nothing can be signed.
var ErrNoKey = errors.New("register: the log's key is not here")

// Origin names the log in its checkpoints.
func (r *Register) Origin() string { return r.signer.Name() }

// VerifierKey is the log's public key in force, in note format.
func (r *Register) VerifierKey() string {
	keys := r.VerifierKeys()
	return keys[len(keys)-1]
}

// VerifierKeys are the log's public keys there have been, oldest first.
func (r *Register) VerifierKeys() []string {
	var changes []act.KeyChanged
	r.View(func(s *civic.State) { changes = s.LogKeyChanges() })
	if len(changes) == 0 {
		return []string{r.keys.Verifier}
	}
	keys := []string{changes[0].Old}
	for _, c := range changes {
		keys = append(keys, c.New)
	}
	return keys
}

// logVerifiers are those of the log's own signature, by any key it has had.
func (r *Register) logVerifiers() ([]note.Verifier, error) {
	var all []note.Verifier
	for _, key := range r.VerifierKeys() {
		v, err := translog.NewVerifier(key)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// signers are those of the log's checkpoints: the key in force first, then the
// earlier ones that are still kept, for whoever knows only them. Whoever changes
// a key since it may have been taken removes the old one's file.
func (r *Register) signers() ([]note.Signer, error) {
	keys := r.keys
	if _, err := keys.loadLogKeys(); err != nil {
		return nil, err
	}
	var signers []note.Signer
	known := r.VerifierKeys()
	for _, key := range slices.Backward(known) {
		i := slices.IndexFunc(keys.pairs(), func(pair LogKey) bool { return pair.Verifier == key })
		if i < 0 {
			if len(signers) == 0 {
				return nil, fmt.Errorf("%w: %s", ErrNoKey, key)
			}
			continue
		}
		signer, err := translog.NewSigner(keys.pairs()[i].Signer)
		if err != nil {
			return nil, err
		}
		signers = append(signers, signer)
	}
	return signers, nil
}

// ChangeLogKey makes the log's next key and puts it in force, by an act that
// both keys have signed; it gives the new verifier key. If it fails on the way,
// the next try goes on with the key that was made. Servers of this register that
// run take it up with their next checkpoint.
func (r *Register) ChangeLogKey(ctx context.Context) (string, error) {
	keys := r.keys
	last, err := keys.loadLogKeys()
	if err != nil {
		return "", err
	}
	known := r.VerifierKeys()
	current := known[len(known)-1]
	pairs := keys.pairs()
	at := slices.IndexFunc(pairs, func(pair LogKey) bool { return pair.Verifier == current })
	if at < 0 {
		return "", fmt.Errorf("%w: %s", ErrNoKey, current)
	}
	if at == len(pairs)-1 {
		last++
	}
	next, err := makeLogKey(keys.Dir, last, r.Origin(), r.config.Random)
	if err != nil {
		return "", err
	}
	change, err := translog.ChangeKey(pairs[at].Signer, next.Signer)
	if err != nil {
		return "", err
	}
	facts := &act.KeyChanged{Old: change.Old, New: change.New, OldSignature: change.OldSignature, NewSignature: change.NewSignature}
	if _, err := r.Submit(ctx, civic.System, act.Draft{By: act.System, Facts: facts}, nil); err != nil {
		return "", err
	}
	return next.Verifier, nil
}
