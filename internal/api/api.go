package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
)

// Prefix is where the JSON API stands.
const Prefix = "/api/v1"

// Version is that of the API's description.
const Version = "1.0.0"

// Config says what an API serves.
type Config struct {
	// Register is where acts are submitted. Where it is nil, nothing can be, and
	// nobody shows a receipt's secret.
	Register *register.Register
	// Reader is what is read; Register if nil.
	Reader Reader
	// Now is the clock; the register's if nil.
	Now func() time.Time
}

// API is the handler of everything below /api/v1/ and /log/. It is safe for
// concurrent use.
type API struct {
	reader   Reader
	register *register.Register // nil for a copy
	now      func() time.Time
	mux      *http.ServeMux
	huma     huma.API
	spec     []byte
	// shape stands for the forms of the answers, in the tags of cached ones.
	shape   string
	tallies tallies
	// submit is the register's Submit. The benchmark of what storing a vote
	// costs replaces it by one that stores nothing.
	submit func(context.Context, civic.Actor, act.Draft, *register.Token) (register.Receipt, error)
}

// New makes the API of a register, or of a copy of one.
func New(config Config) (*API, error) {
	a := &API{reader: config.Reader, register: config.Register, now: config.Now, mux: http.NewServeMux()}
	if a.register != nil {
		a.submit = a.register.Submit
		if a.reader == nil {
			a.reader = a.register
		}
	}
	if a.reader == nil {
		return nil, errors.New("api: neither a register nor a reader")
	}
	if a.now == nil {
		a.now = a.reader.Now
	}
	settings := huma.DefaultConfig("Samleng", Version)
	// No transformers: they add $schema members and Link headers. No routes of
	// huma's own: its pages load scripts from elsewhere.
	settings.CreateHooks, settings.OpenAPIPath, settings.DocsPath, settings.SchemasPath = nil, "", "", ""
	settings.RejectUnknownQueryParameters = true
	settings.Info.Description = description
	settings.Info.License = &huma.License{Name: "Apache-2.0"}
	a.huma = humago.New(a.mux, settings)
	a.routes()
	spec, err := json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describe the API: %w", err)
	}
	a.spec = append(spec, '\n')
	sum := sha256.Sum256(a.spec)
	a.shape = hex.EncodeToString(sum[:4])
	a.mux.HandleFunc("GET "+Prefix+"/openapi.json", a.openapi)
	a.mux.HandleFunc("GET /log/checkpoint", a.checkpoint)
	a.mux.HandleFunc("GET /log/key", a.key)
	a.mux.HandleFunc("GET /log/keys", a.keys)
	a.mux.HandleFunc("GET /log/cosigned/index", a.cosignedMonths)
	a.mux.HandleFunc("GET /log/cosigned/{month}", a.cosigned)
	if a.register != nil {
		a.mux.HandleFunc("POST /log/cosignatures", a.cosign)
	}
	a.mux.HandleFunc("GET /log/tile/{path...}", a.tile)
	a.mux.HandleFunc("GET /log/sections/{bundle}", a.sections)
	a.mux.HandleFunc("/", a.nowhere)
	return a, nil
}

const description = `The register of views put forward at dialogues, of the votes on them and of what became of them.

Every answer says in Samleng-Position how many acts of the log it takes in. Errors are problem details (RFC 9457) in the
language of Accept-Language; "key" names the message. Times are UTC, cut to the hour.

A participant is whoever shows the same token: 26 characters of Crockford's base 32, that is 128 bits which the client
draws at random and keeps secret ("Authorization: Participant TOKEN"). It makes them one person in a dialogue and
different ones in two dialogues. An Idempotency-Key has the same form. A view's secret is derived from its key, so that
sending it again after a lost answer gives the same receipt: keep it as secret as the receipt.`

func (a *API) routes() {
	a.witnessRoutes()
	a.readRoutes()
	a.chainRoutes()
	a.receiptRoutes()
	if a.register != nil {
		a.writeRoutes()
		a.holderRoutes()
	}
}

// Mount registers the API and the log. [Healthz] and [Metrics] are handlers of
// their own, for they may stand at an address that is not public.
func (a *API) Mount(mux *http.ServeMux) {
	mux.Handle(Prefix+"/", a)
	mux.Handle("/log/", a)
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	allowOrigins(header)
	if r.Method == http.MethodOptions {
		header.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
		header.Set("Access-Control-Allow-Headers", "Accept-Language, Authorization, Content-Type, Idempotency-Key")
		header.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.HasPrefix(r.URL.Path, Prefix+"/") && r.URL.Path != witnessesPath {
		tag := a.tag(r)
		header.Set("Cache-Control", "no-cache")
		header.Set("ETag", tag)
		if fresh(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	} else {
		header.Set("Cache-Control", "no-store")
	}
	header.Set(positionHeader, fmt.Sprint(a.reader.Position()))
	a.mux.ServeHTTP(w, r)
}

const (
	positionHeader = "Samleng-Position"
	asAtHeader     = "Samleng-As-At"
)

// allowOrigins lets pages of every site read what is public and send what needs
// a token. A browser adds nothing to such a request that its page did not put
// there: no cookie counts here.
func allowOrigins(header http.Header) {
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Access-Control-Expose-Headers", "ETag, Retry-After, Samleng-As-At, Samleng-Position")
}

// tag names the answer to a read: it is the same while the register, the last
// checkpoint, the day (on which things fall overdue) and the address are. It is
// made before anything is read, so an answer may be newer than its tag and
// never older.
func (a *API) tag(r *http.Request) string {
	_, published, err := a.reader.Checkpoint(r.Context())
	if err != nil {
		published = 0
	}
	var day string
	a.reader.View(func(s *civic.State) { day = a.now().In(s.Zone()).Format(time.DateOnly) })
	sum := sha256.Sum256([]byte(r.URL.RequestURI()))
	return fmt.Sprintf(`"%s-%d-%d-%s-%s"`, a.shape, a.reader.Position(), published, day, hex.EncodeToString(sum[:8]))
}

// fresh reports whether an If-None-Match header names the tag.
func fresh(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == tag || part == "*" {
			return true
		}
	}
	return false
}

func (a *API) openapi(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/openapi+json")
	w.Write(a.spec)
}

// nowhere answers requests for addresses that there are not, or not in that
// way.
func (a *API) nowhere(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := a.mux.Handler(other); pattern != "/" {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		writeProblem(w, r, errMethod)
		return
	}
	writeProblem(w, r, errNowhere)
}
