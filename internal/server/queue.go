package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"strings"

	"github.com/sourcegraph/conc/pool"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/nix"
)

// idLength makes ids of 60 random bits that people can still copy: they are part of the paths of logs.
const idLength = 12

// submit takes orders on. ok is false once the server does not any more.
func (s *Server) submit(orders []order) (shown []api.Process, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false
	}
	now := s.options.Now()
	for _, o := range orders {
		p := &process{id: strings.ToLower(rand.Text()[:idLength]), order: o, created: now}
		p.build = s.buildOf(p)
		s.processes = append(s.processes, p)
		s.byID[p.id] = p
		shown = append(shown, p.show())
	}
	return shown, true
}

// buildOf finds the build that a process can share, or puts a new one in the queue; hold the lock.
func (s *Server) buildOf(p *process) *build {
	if b := s.byDrv[p.order.drv]; b != nil && s.shareable(b) {
		return b
	}
	tags := maps.Clone(p.order.attributes)
	maps.DeleteFunc(tags, func(name, _ string) bool { return !strings.HasPrefix(name, tagPrefix) })
	b := &build{id: p.id, drv: p.order.drv, tags: tags, created: p.created, status: api.Pending, done: make(chan struct{})}
	s.byDrv[b.drv] = b
	s.builds = append(s.builds, b)
	s.pending = append(s.pending, b)
	s.wake()
	return b
}

// shareable tells whether a build answers a new submission. Our own mishaps never do.
func (s *Server) shareable(b *build) bool {
	if !b.status.Final() {
		return true
	}
	return !s.options.Rebuild && b.status != api.InternalError && b.status != api.Cancelled
}

func (s *Server) wake() {
	select {
	case s.queue <- struct{}{}:
	default:
	}
}

// Run carries out builds until ctx ends. Then it stops those under way, and all that have not ended are cancelled.
func (s *Server) Run(ctx context.Context) error {
	workers := pool.New().WithMaxGoroutines(s.options.Workers)
	for b := s.next(ctx); b != nil; b = s.next(ctx) {
		workers.Go(func() { s.build(ctx, b) })
	}
	s.mu.Lock()
	s.closed = true
	pending := s.pending
	s.pending = nil
	s.mu.Unlock()
	for _, b := range pending {
		s.end(b, outcome{status: api.Cancelled, message: "the server ended first"})
	}
	workers.Wait()
	return nil
}

// next waits for a build that is to be carried out. It is nil once ctx has ended.
func (s *Server) next(ctx context.Context) *build {
	for ctx.Err() == nil {
		s.mu.Lock()
		if len(s.pending) > 0 {
			b := s.pending[0]
			s.pending = s.pending[1:]
			s.mu.Unlock()
			return b
		}
		s.mu.Unlock()
		select {
		case <-s.queue:
		case <-ctx.Done():
		}
	}
	return nil
}

// outcome is how a build ended.
type outcome struct {
	status  api.Status
	message string
	result  nix.BuildResult
	logFile string
}

func (s *Server) build(ctx context.Context, b *build) {
	if ctx.Err() != nil {
		s.end(b, outcome{status: api.Cancelled, message: "the server ended first"})
		return
	}
	s.mu.Lock()
	b.status, b.started = api.Running, s.options.Now()
	s.mu.Unlock()
	logs := newLogs(s.options.LogDir, b.id)
	result, err := s.options.Build(ctx, b.drv, logs.line)
	o := judge(ctx, result, err)
	o.logFile, err = logs.finish(b.drv, result)
	if err != nil {
		o.message = strings.TrimSpace(fmt.Sprintf("%s\n(log: %v)", o.message, err))
	}
	s.end(b, o)
}

// judge finds the status. What failed without blaming any derivation is Nix's or the machine's fault, not the build's.
func judge(ctx context.Context, r nix.BuildResult, err error) outcome {
	o := outcome{result: r, message: r.Message}
	switch {
	case err != nil && ctx.Err() != nil:
		o.status, o.message = api.Cancelled, "the server ended while it was built"
	case err != nil:
		o.status, o.message = api.InternalError, err.Error()
	case r.OK:
		o.status = api.Built
	case r.Timeout:
		o.status = api.Timeout
	case len(r.Failed) == 0 && r.FailedDependency == "":
		o.status = api.InternalError
	default:
		o.status = api.BuildFailed
	}
	return o
}

func (s *Server) end(b *build, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.status, b.message, b.result, b.logFile = o.status, o.message, o.result, o.logFile
	b.ended = s.options.Now()
	close(b.done)
}
