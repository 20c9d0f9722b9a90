package web

import (
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/account"
	"samleng/internal/blob"
	"samleng/internal/mapping"
	"samleng/internal/notice"
	"samleng/internal/register"
)

// Config says what pages are made from.
type Config struct {
	// Register is where acts are submitted. It is nil for a copy, whose pages can
	// only be read.
	Register *register.Register
	// Reader is where pages read; Register if nil.
	Reader Reader
	// Random is the source of forms' tokens; crypto/rand if nil.
	Random io.Reader
	// Original is the address of the register that a copy is of; empty where it is
	// not known. It is of no use where there is a Register.
	Original string
	// Address is the site's public address, "https://example.org", for what is
	// copied or printed. Empty means the path alone.
	Address string
	// Secure says that people come over TLS, so that cookies may say so.
	Secure bool
	// Origins are other origins whose forms are accepted; usually none.
	Origins []string
	// Files are the files of evidence; none are taken where it is nil.
	Files *blob.Store
	// Maps are the opinion maps as they are now; nil where they are not kept.
	Maps *mapping.Keeper
	// Accounts are the people who sign in. There are no desks where it is nil.
	Accounts *account.Accounts
	// Notices are messages by e-mail; nobody is asked for an address where it is
	// nil.
	Notices *notice.Notices
	// SignedIn tells which staff member of which organisation a request is
	// from; Accounts.SignedIn if nil. The error is a problem.Unauthenticated
	// where nobody is signed in.
	SignedIn func(*http.Request) (staff, organisation act.ID, err error)
	// Log is told of faults. It is given no personal data. slog.Default if nil.
	Log *slog.Logger
}

// Server serves the pages.
type Server struct {
	config    Config
	read      Reader
	register  *register.Register // nil for a copy
	random    io.Reader
	log       *slog.Logger
	templates map[string]map[string]*template.Template // by language, by page
	assets    *assets
	cache     cache
	index     wordIndex
	opinions  sync.Map // of each dialogue the opinion map published last, *opinionMap by act.ID
	drawings  sync.Map // of each dialogue its live map as drawn last, *liveDrawing by act.ID
	watched   atomic.Pointer[watching]
	looking   sync.Mutex    // held while the witnesses' signatures are read
	pictures  chan struct{} // held while a file of evidence is looked at
	zoned     atomic.Pointer[time.Location]
	handler   http.Handler
}

// handler answers a request, or returns what is wrong. One that returns an
// error has written nothing.
type handler func(w http.ResponseWriter, r *http.Request) error

// New makes the server of the pages. It fails where a template does.
func New(config Config) (*Server, error) {
	s := &Server{config: config, read: config.Reader, register: config.Register, random: config.Random, log: config.Log}
	if s.read == nil {
		if config.Register == nil {
			return nil, fmt.Errorf("web: neither a register nor a reader")
		}
		s.read = config.Register
	}
	if s.random == nil {
		s.random = cryptoRandom
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.config.SignedIn == nil && config.Accounts != nil {
		s.config.SignedIn = config.Accounts.SignedIn
	}
	s.cache.limit, s.pictures = cacheBytes, make(chan struct{}, 2)
	var err error
	if s.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if s.templates, err = loadTemplates(s.assets, s.register == nil); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, route := range s.routes() {
		mux.Handle(route.pattern, s.adapt(route.handle))
	}
	mux.Handle("GET "+staticPrefix, s.assets)
	s.handler, err = s.guard(mux)
	return s, err
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// now is the register's clock.
func (s *Server) now() time.Time { return s.read.Now() }

// zone is the time zone whose days count: UTC until the programme is declared,
// and never another after that.
func (s *Server) zone() *time.Location {
	if zone := s.zoned.Load(); zone != nil {
		return zone
	}
	zone := time.UTC
	s.read.View(func(state *civic.State) {
		if state.Programme() != nil {
			zone = state.Zone()
			s.zoned.Store(zone)
		}
	})
	return zone
}
