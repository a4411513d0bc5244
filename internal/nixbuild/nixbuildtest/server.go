// Package nixbuildtest is a fake of nixbuild.net for tests. It checks each request to create a process against what the
// reference action sends, to the letter: the real API's tolerance is not known.
package nixbuildtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nixbuild/nixbuild-checks/internal/api"
)

// Answer is what a scripted request gets in place of a process. Nothing of such a request is taken on.
type Answer struct {
	Status int
	Header map[string]string
	Body   string
}

// Options say what the server expects.
type Options struct {
	Subpath string            // such as /api/v1
	Token   string            // "" is "test-token"
	IDToken func(string) bool // tells the good id tokens; nil: there must be none
	// Created is what becomes of a process that is asked for: how GET /processes/ID shows it. nil leaves it pending.
	Created func(api.Process) api.Process
}

// Server is a fake nixbuild.net that ends with its test.
type Server struct {
	URL     string
	Token   string
	HTTP    *http.Client // one whose connections end with the server
	options Options
	t       testing.TB

	mu        sync.Mutex
	script    []Answer
	requests  []api.ProcessRequest
	all       int
	processes []api.Process
}

// New starts a server.
func New(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Token == "" {
		o.Token = "test-token"
	}
	if o.Created == nil {
		o.Created = func(p api.Process) api.Process { return p }
	}
	s := &Server{Token: o.Token, options: o, t: t}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	s.URL, s.HTTP = h.URL+o.Subpath, h.Client()
	return s
}

// Script sets the answers of the next requests, one each; later ones are answered as usual.
func (s *Server) Script(answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, answers...)
}

// Requests are those that got a process, in order.
func (s *Server) Requests() []api.ProcessRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Count is how many requests came, scripted ones included.
func (s *Server) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all
}

// ServeHTTP answers a request as nixbuild.net would, and complains to the test about one that it might not like.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("nixbuildtest: reading a request: %v", err)
	}
	answer, scripted := s.next()
	if id, ok := strings.CutPrefix(r.URL.Path, s.options.Subpath+"/processes/"); ok && r.Method == http.MethodGet {
		if !scripted {
			answer = s.show(id)
		}
		reply(w, answer)
		return
	}
	request, problems := s.check(r, body)
	for _, p := range problems {
		s.t.Errorf("nixbuildtest: %s %s: %s", r.Method, r.URL, p)
	}
	switch {
	case scripted:
	case len(problems) > 0:
		answer = Answer{Status: http.StatusBadRequest, Body: strings.Join(problems, "\n")}
	default:
		answer = s.create(request)
	}
	reply(w, answer)
}

func (s *Server) next() (Answer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all++
	if len(s.script) == 0 {
		return Answer{}, false
	}
	a := s.script[0]
	s.script = s.script[1:]
	return a, true
}

func (s *Server) create(r api.ProcessRequest) Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	p := api.Process{
		ID: fmt.Sprint(len(s.requests)), Installable: r.Installable, Name: r.Attributes[1][1], Title: r.Attributes[2][1],
		Status: api.Pending, CreateTime: "2026-01-01T00:00:00Z",
	}
	s.processes = append(s.processes, s.options.Created(p))
	return jsonAnswer([]api.Process{p})
}

func (s *Server) show(id string) Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.processes {
		if p.ID == id {
			return jsonAnswer(p)
		}
	}
	return Answer{Status: http.StatusNotFound, Body: `{"error":"no such process"}`}
}

func jsonAnswer(v any) Answer {
	body, err := json.Marshal(v)
	if err != nil {
		return Answer{Status: http.StatusInternalServerError, Body: err.Error()}
	}
	return Answer{Status: http.StatusOK, Header: map[string]string{"Content-Type": "application/json"}, Body: string(body)}
}

func reply(w http.ResponseWriter, a Answer) {
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.Status)
	_, _ = io.WriteString(w, a.Body)
}
