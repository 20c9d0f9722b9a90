package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"samleng/internal/register"
)

// Health is what /healthz says.
type Health struct {
	Status   string `json:"status"` // "ok", "read-only" or "unavailable"
	Fault    string `json:"fault,omitempty"`
	Position int64  `json:"position"`
}

// healthWithin is how long the database may take to answer.
const healthWithin = 2 * time.Second

// Healthz says whether the register takes acts: 200, or 503 with the fault
// named. It tells whoever runs the server and knows nothing personal.
func Healthz(r *register.Register) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		health, status := Health{Status: "ok", Position: r.Position()}, http.StatusOK
		ctx, cancel := context.WithTimeout(request.Context(), healthWithin)
		defer cancel()
		if fault := r.Fault(); fault != nil {
			health.Status, health.Fault, status = "read-only", fault.Error(), http.StatusServiceUnavailable
		} else if _, err := r.Lag(ctx); err != nil {
			health.Status, health.Fault, status = "unavailable", "the database does not answer", http.StatusServiceUnavailable
		} else if r.Trouble() != nil {
			// What it was may name hosts and folders: the program's log has it.
			health.Status, health.Fault, status = "unavailable", "acts cannot be stored just now", http.StatusServiceUnavailable
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		// The status is what counts; whoever hung up needs no more.
		_ = json.NewEncoder(w).Encode(health)
	})
}
