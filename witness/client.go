package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/translog"
)

// ErrAnswer is wrapped when a witness's answer is not one of the protocol.
var ErrAnswer = errors.New("the witness's answer is not one of the protocol")

// StatusError is a refusal of a witness that says no size.
type StatusError struct {
	Status  int    // HTTP status
	Message string // the first of its words, in printable characters; not to be believed
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("the witness answered %d %s: %q", e.Status, http.StatusText(e.Status), e.Message)
}

// Client asks one witness for cosignatures.
type Client struct {
	URL  string       // the witness's submission prefix
	HTTP *http.Client // one with a limit of 30 seconds if nil
}

var patientClient = &http.Client{Timeout: 30 * time.Second}

// AddCheckpoint asks the witness to cosign a signed checkpoint. old is the size
// of the last checkpoint that it cosigned, 0 if that is not known, and proof
// shows that the checkpoint continues it. It gives signature lines as they came,
// in the form of a note's; whose they are and whether they verify is the
// caller's to find out ([Merge]). The error is a [*ConflictError] if the witness
// remembers another size than old, a [*StatusError] for another refusal, or
// wraps [ErrAnswer].
func (c Client) AddCheckpoint(ctx context.Context, old int64, proof []translog.Hash, signed []byte) (lines []byte, err error) {
	address, err := url.JoinPath(c.URL, "add-checkpoint")
	if err != nil {
		return nil, err
	}
	body := Request{old, proof, signed}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "text/plain; charset=utf-8")
	client := c.HTTP
	if client == nil {
		client = patientClient
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, translog.MaxCheckpoint+1))
	if err != nil {
		return nil, err
	}
	return parseAnswer(response.StatusCode, response.Header.Get("Content-Type"), answer)
}

func parseAnswer(status int, contentType string, answer []byte) ([]byte, error) {
	switch {
	case len(answer) > translog.MaxCheckpoint:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrAnswer, translog.MaxCheckpoint)
	case status == http.StatusOK:
		return parseLines(answer)
	case status == http.StatusConflict && contentType == typeSize:
		text := strings.TrimSuffix(string(answer), "\n")
		size, err := strconv.ParseInt(text, 10, 64)
		if err != nil || size < 0 || strconv.FormatInt(size, 10) != text {
			return nil, fmt.Errorf("%w: a conflict with no size", ErrAnswer)
		}
		return nil, &ConflictError{size}
	}
	words := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(answer[:min(len(answer), 200)]), "?"))
	return nil, &StatusError{status, strings.TrimSpace(words)}
}

// parseLines holds an answer to the form of signature lines: a note of any text
// reads with them.
func parseLines(lines []byte) ([]byte, error) {
	_, err := note.Open(append([]byte("text\n\n"), lines...), note.VerifierList())
	if _, fine := errors.AsType[*note.UnverifiedNoteError](err); !fine || bytes.Contains(lines, []byte("\n\n")) {
		return nil, fmt.Errorf("%w: no signature lines", ErrAnswer)
	}
	return lines, nil
}

// Merge puts signature lines on a signed note: those by the given keys, which
// must all verify, in place of older ones by the same keys. Lines by other keys
// are left out. added says how many there are; the error wraps [ErrSignature]
// for a line by a given key that does not verify.
func Merge(signed, lines []byte, verifiers ...note.Verifier) (merged []byte, added int, err error) {
	whole, err := open(signed, verifiers)
	if err != nil {
		return nil, 0, err
	}
	if _, err := parseLines(lines); err != nil {
		return nil, 0, err
	}
	fresh, err := open(append([]byte(whole.Text+"\n"), lines...), verifiers)
	if err != nil {
		return nil, 0, err
	}
	replaced := func(sig note.Signature) bool {
		for _, other := range fresh.Sigs {
			if other.Name == sig.Name && other.Hash == sig.Hash {
				return true
			}
		}
		return false
	}
	out := note.Note{Text: whole.Text}
	for _, sig := range append(whole.Sigs, whole.UnverifiedSigs...) {
		if !replaced(sig) {
			out.Sigs = append(out.Sigs, sig)
		}
	}
	out.Sigs = append(out.Sigs, fresh.Sigs...)
	merged, err = note.Sign(&out)
	if err == nil && len(merged) > translog.MaxCheckpoint {
		err = fmt.Errorf("%w: %d bytes with its signatures", ErrAnswer, len(merged))
	}
	return merged, len(fresh.Sigs), err
}

// open is note.Open where a note that nobody known signed is as good.
func open(signed []byte, verifiers []note.Verifier) (*note.Note, error) {
	n, err := note.Open(signed, note.VerifierList(verifiers...))
	if unverified, is := errors.AsType[*note.UnverifiedNoteError](err); is {
		return unverified.Note, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return n, nil
}
