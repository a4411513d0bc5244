package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// lastAnswers is how long the clients that wait for a build may take to hear that it was cancelled.
const lastAnswers = 5 * time.Second

// Running is a server of one's own on this machine.
type Running struct {
	URL   string
	Token string

	cancel context.CancelFunc
	done   chan struct{}
	err    error
}

// Start serves on a free port of the loopback interface until ctx ends or Close is called. The token is a new one where
// there is none in the options.
func Start(ctx context.Context, o Options) (*Running, error) {
	if o.Token == "" {
		o.Token = rand.Text()
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting a server for builds: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	r := &Running{URL: "http://" + listener.Addr().String(), Token: o.Token, cancel: cancel, done: make(chan struct{})}
	s := New(o)
	// Neither ReadTimeout nor WriteTimeout: a request may wait for its build, and either would cut it off.
	web := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	go r.run(ctx, s, web, served)
	return r, nil
}

// run ends things in the order in which nobody is left without an answer: the builds first, then the requests that wait for them.
func (r *Running) run(ctx context.Context, s *Server, web *http.Server, served <-chan error) {
	defer close(r.done)
	defer r.cancel()
	r.err = s.Run(ctx)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastAnswers)
	defer cancel()
	if err := web.Shutdown(last); err != nil {
		_ = web.Close()
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		r.err = errors.Join(r.err, fmt.Errorf("serving %s: %w", r.URL, err))
	}
}

// Close cancels what has not been built, and waits for everything to end.
func (r *Running) Close() error {
	r.cancel()
	<-r.done
	return r.err
}
