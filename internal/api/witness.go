package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"samleng/civic"
	"samleng/internal/problem"
	"samleng/internal/register"
	"samleng/translog"
)

// keys answers with every key that a checkpoint of the log may be signed with, a
// line each: the log's own, the newest first, then the witnesses', former ones
// included. Who keeps the file can check older receipts too. As all that comes
// from the site itself, it proves nothing to whoever doubts the site.
func (a *API) keys(w http.ResponseWriter, r *http.Request) {
	var text []byte
	for _, key := range slices.Backward(a.reader.VerifierKeys()) {
		text = fmt.Appendf(text, "%s\n", key)
	}
	var witnesses []civic.WitnessKey
	a.reader.View(func(s *civic.State) { witnesses = s.WitnessKeys() })
	var said []string
	for _, witness := range slices.Backward(witnesses) {
		if !slices.Contains(said, witness.Key) {
			said = append(said, witness.Key)
			text = fmt.Appendf(text, "%s\n", witness.Key)
		}
	}
	w.Header().Set("Cache-Control", cacheBriefly)
	plain(w, text)
}

// cosignedMonths answers with the months in which checkpoints were cosigned.
func (a *API) cosignedMonths(w http.ResponseWriter, r *http.Request) {
	months, err := a.reader.CosignedMonths(r.Context())
	if err != nil {
		writeProblem(w, r, err)
		return
	}
	texts := make([]string, len(months))
	for i, month := range months {
		texts[i] = month.Format("2006-01")
	}
	list(w, texts)
}

// list answers with a list of texts.
func list(w http.ResponseWriter, texts []string) {
	w.Header().Set("Cache-Control", cacheBriefly)
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(texts) // whoever hung up cannot be told more
}

// cosigned answers with the checkpoints that were cosigned in a month, as a list
// of signed notes.
func (a *API) cosigned(w http.ResponseWriter, r *http.Request) {
	text := r.PathValue("month")
	month, err := time.Parse("2006-01", text)
	if err != nil || month.Format("2006-01") != text {
		writeProblem(w, r, errNowhere)
		return
	}
	notes, err := a.reader.CosignedMonth(r.Context(), month)
	if err == nil && len(notes) == 0 {
		err = register.ErrNotFound
	}
	if err != nil {
		writeProblem(w, r, err)
		return
	}
	texts := make([]string, len(notes))
	for i, note := range notes {
		texts[i] = string(note)
	}
	list(w, texts)
}

// cosign takes the cosignatures on a checkpoint from whoever brings them: they
// prove themselves.
func (a *API) cosign(w http.ResponseWriter, r *http.Request) {
	signed, err := io.ReadAll(http.MaxBytesReader(w, r.Body, translog.MaxCheckpoint))
	if err != nil {
		if _, long := errors.AsType[*http.MaxBytesError](err); long {
			err = problem.New(problem.TooLarge, "problem.too_large", "kb", translog.MaxCheckpoint/1024)
		}
		writeProblem(w, r, err)
		return
	}
	if _, err := a.register.AddCosignatures(r.Context(), signed); err != nil {
		writeProblem(w, r, cosigning(err))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// cosigning says of an error of cosignatures how it is told.
func cosigning(err error) error {
	switch {
	case errors.Is(err, register.ErrCosignatures):
		return problem.Wrap(err, problem.Invalid, "problem.cosignature")
	case errors.Is(err, register.ErrNotSigned):
		return problem.Wrap(err, problem.Conflict, "problem.cosignature_checkpoint")
	case errors.Is(err, register.ErrWitnessClock):
		return problem.Wrap(err, problem.Conflict, "problem.cosignature_moment")
	}
	return err
}

type (
	// Witnessing is how the log is witnessed.
	Witnessing struct {
		Quorum    int       `json:"quorum" doc:"How many organisations must have signed, among them one of civil society and one more of no government; 0 where no witnesses are declared"`
		Kept      bool      `json:"kept" doc:"Whether the witnesses who keep their cadence are enough"`
		Size      int64     `json:"size" doc:"How many acts enough witnesses have signed"`
		Witnesses []Witness `json:"witnesses"`
	}
	// Witness is an organisation that cosigns checkpoints.
	Witness struct {
		Organisation string     `json:"organisation"`
		Key          string     `json:"key" doc:"Verifier key"`
		Cadence      string     `json:"cadence"`
		SignedAt     *time.Time `json:"signed_at,omitempty" doc:"When it signed last, by its own clock"`
		Size         int64      `json:"size" doc:"How many acts it has signed"`
		LateFrom     time.Time  `json:"late_from" doc:"When its next signature is late"`
		Late         bool       `json:"late"`
	}
)

func witnessingOf(w *civic.Witnessing) Witnessing {
	out := Witnessing{Witnesses: []Witness{}}
	if w == nil {
		return out
	}
	out.Quorum, out.Kept, out.Size = w.Quorum, w.Kept, w.Size
	for _, state := range w.Witnesses {
		shown := Witness{Organisation: state.Organisation.String(), Key: state.Key, Cadence: state.Cadence,
			Size: state.Last.Size, LateFrom: state.Until.UTC(), Late: state.Late}
		if at := state.Last.At; !at.IsZero() {
			shown.SignedAt = &at
		}
		out.Witnesses = append(out.Witnesses, shown)
	}
	return out
}

// witnessesPath is that of the one answer that changes while no act comes: it is
// not tagged with the log's position.
const witnessesPath = Prefix + "/witnesses"

type witnessesOut struct{ Body Witnessing }

func (a *API) witnessRoutes() {
	huma.Register(a.huma, operation("list-witnesses", http.MethodGet, "/witnesses", "Who witnesses the log, and who has signed what and when"), a.witnesses)
}

func (a *API) witnesses(ctx context.Context, _ *nothing) (*witnessesOut, error) {
	newest, err := a.reader.Cosigned(ctx)
	if err != nil {
		return nil, err
	}
	out := &witnessesOut{}
	a.reader.View(func(s *civic.State) { out.Body = witnessingOf(s.Witnessing(newest, a.now())) })
	return out, nil
}
