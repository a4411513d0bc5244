// Package server is nixbuild.net in a box: the part of its API that the client needs, ahead of a queue and of Nix itself.
package server

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/nix"
)

// BuildFunc really builds a .drv, and calls log for each line of each builder.
type BuildFunc func(ctx context.Context, drv string, log func(drv, line string)) (nix.BuildResult, error)

// Options are what a server needs of the world.
type Options struct {
	Token   string // who has it may do anything; without one nobody may
	Build   BuildFunc
	Workers int    // builds at a time; at least 1
	LogDir  string // gets PROCESS/DERIVATION.log
	// Rebuild has a .drv that is submitted after its build ended built again (Nix knows what there is to do), as a
	// server of long life should. Without it a .drv is built once, and later submissions share its result.
	Rebuild bool
	Now     func() time.Time // nil is the machine's clock
}

// Server takes builds on and carries them out, all in memory.
type Server struct {
	options Options
	queue   chan struct{} // holds one item while pending may have some

	mu        sync.Mutex
	closed    bool // no more builds are taken on
	processes []*process
	byID      map[string]*process
	byDrv     map[string]*build // the newest build of each .drv
	builds    []*build          // in order of submission
	pending   []*build          // those of them that wait
}

// New makes a server. Run builds what its Handler takes on.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Workers = max(o.Workers, 1)
	return &Server{options: o, queue: make(chan struct{}, 1), byID: map[string]*process{}, byDrv: map[string]*build{}}
}

// Handler is the HTTP API.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /processes", s.createProcesses)
	mux.HandleFunc("GET /processes", s.listProcesses)
	mux.HandleFunc("GET /processes/{id}", s.showProcess)
	mux.HandleFunc("GET /builds", s.listBuilds)
	mux.HandleFunc("GET /builds/summary", s.summariseBuilds)
	return s.authorised(mux)
}

// authorised lets only requests with the token through. Hashes are compared, so that not even the token's length shows in the time it takes.
func (s *Server) authorised(next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(s.options.Token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, isBearer := strings.CutPrefix(r.Header.Get(api.AuthorizationHeader), "Bearer ")
		got := sha256.Sum256([]byte(token))
		if !isBearer || s.options.Token == "" || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			refuse(w, http.StatusUnauthorized, "the token is missing or not the right one")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that has gone does not need it
}

func refuse(w http.ResponseWriter, status int, text string) {
	reply(w, status, api.Error{Error: text})
}
