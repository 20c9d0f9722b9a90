package witness

import (
	"errors"
	"io"
	"net/http"
	"strconv"
)

// typeSize is the content type of the size that a witness remembers.
const typeSize = "text/x.tlog.size"

// Handler serves add-checkpoint at any path; mount it at
// "POST <prefix>/add-checkpoint".
func (w *Witness) Handler() http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, MaxRequest))
		if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
			http.Error(rw, "the request is too long", http.StatusRequestEntityTooLarge)
			return
		}
		if err != nil {
			http.Error(rw, "the request did not come whole", http.StatusBadRequest)
			return
		}
		request, err := ParseRequest(body)
		var lines []byte
		if err == nil {
			lines, err = w.Add(request)
		}
		if err != nil {
			w.refuse(rw, err)
			return
		}
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		// Whoever does not get the line asks again, for the same size.
		_, _ = rw.Write(lines)
	})
}

// refuse answers with the protocol's status of an error.
func (w *Witness) refuse(rw http.ResponseWriter, err error) {
	conflict, isConflict := errors.AsType[*ConflictError](err)
	_, isFork := errors.AsType[*ForkError](err)
	switch {
	case isConflict:
		rw.Header().Set("Content-Type", typeSize)
		rw.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(rw, strconv.FormatInt(conflict.Size, 10)+"\n")
	case isFork:
		// No size: a client that takes it for the other conflict would try again.
		http.Error(rw, err.Error(), http.StatusConflict)
	case errors.Is(err, ErrRequest):
		http.Error(rw, err.Error(), http.StatusBadRequest)
	case errors.Is(err, ErrUnknownLog):
		http.Error(rw, err.Error(), http.StatusNotFound)
	case errors.Is(err, ErrSignature):
		http.Error(rw, err.Error(), http.StatusForbidden)
	case errors.Is(err, ErrProof):
		http.Error(rw, err.Error(), http.StatusUnprocessableEntity)
	default:
		// The paths of the operator's machine are not the sender's business.
		w.log.Error("a checkpoint could not be cosigned", "error", err)
		http.Error(rw, "the witness cannot read or write its memory, and signs nothing", http.StatusInternalServerError)
	}
}
