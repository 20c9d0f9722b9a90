package witness

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"samleng/translog"
)

// MaxProof is how many hashes the protocol lets a client send.
const MaxProof = 63

// MaxRequest is the longest request body, in bytes: the size line, a proof and a
// checkpoint.
const MaxRequest = 32 + MaxProof*(hashLine+1) + 1 + translog.MaxCheckpoint

// hashLine is a hash in base64.
const hashLine = 44

// ErrRequest is wrapped when a request is not one of the protocol.
var ErrRequest = errors.New("malformed request")

// Request asks a witness to cosign a checkpoint.
type Request struct {
	Old        int64           // size of the last checkpoint that the witness cosigned, as far as the client knows
	Proof      []translog.Hash // that the tree of Old leaves is the beginning of the checkpoint's
	Checkpoint []byte          // a signed note; what it holds is not looked at here
}

// Encode gives the body that [ParseRequest] reads.
func (r Request) Encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", r.Old)
	for _, hash := range r.Proof {
		fmt.Fprintf(&b, "%s\n", hash)
	}
	b.WriteByte('\n')
	b.Write(r.Checkpoint)
	return b.Bytes()
}

// ParseRequest reads a request body in its one form. The error wraps
// [ErrRequest].
func ParseRequest(body []byte) (Request, error) {
	refuse := func(why string) (Request, error) { return Request{}, fmt.Errorf("%w: %s", ErrRequest, why) }
	if len(body) > MaxRequest {
		return refuse(fmt.Sprintf("more than %d bytes", MaxRequest))
	}
	head, checkpoint, found := bytes.Cut(body, []byte("\n\n"))
	if !found {
		return refuse("no empty line before the checkpoint")
	}
	lines := strings.Split(string(head), "\n")
	old, found := strings.CutPrefix(lines[0], "old ")
	size, err := strconv.ParseInt(old, 10, 64)
	if !found || err != nil || size < 0 || strconv.FormatInt(size, 10) != old {
		return refuse("the first line is not the old size")
	}
	if len(lines)-1 > MaxProof {
		return refuse(fmt.Sprintf("a proof of more than %d hashes", MaxProof))
	}
	r := Request{Old: size, Checkpoint: checkpoint}
	for _, line := range lines[1:] {
		// The decoder passes over carriage returns.
		hash, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(line) != hashLine || len(hash) != len(translog.Hash{}) {
			return refuse("a line of the proof is no hash")
		}
		r.Proof = append(r.Proof, translog.Hash(hash))
	}
	return r, nil
}
