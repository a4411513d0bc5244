package nix

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// Pool is a bounded number of evaluators, shared by all flakes of a run. An evaluator is started when it is
// first needed, keeps its flake loaded, and is replaced when it dies, grows too large or has served its share.
type Pool struct {
	nix     *Nix
	style   Style
	options PoolOptions
	places  chan struct{}
	mu      sync.Mutex
	idle    []*seat
	busy    int
}

// PoolOptions bound a pool.
type PoolOptions struct {
	Workers   int
	MaxMemory int64 // bytes a worker; 0 is no limit
	PerWorker int   // asks after which a worker is replaced; 0 is no limit
}

// seat is an evaluator at work on a flake.
type seat struct {
	evaluator
	flake  Flake
	served int
}

// NewPool makes a pool; nothing is started yet.
func NewPool(n *Nix, style Style, o PoolOptions) *Pool {
	return &Pool{nix: n, style: style, options: o, places: make(chan struct{}, max(1, o.Workers))}
}

// Close ends all evaluators. Nobody may be asking any more.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.idle {
		s.close()
	}
	p.idle = nil
}

// attempt has one evaluator answer the steps, and tells whether that was begun for them. After an error it is gone.
func (p *Pool) attempt(ctx context.Context, q question, onlyNew bool) (answers []Answer, fresh bool, err error) {
	s, err := p.take(ctx, q.flake, onlyNew)
	if err != nil {
		return nil, false, err
	}
	if q.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, q.timeout, &timeoutError{after: q.timeout})
		defer cancel()
	}
	fresh = s.served == 0
	answers, err = s.ask(ctx, q.flakeAttr, q.steps)
	s.served++
	p.giveBack(s, err != nil)
	return answers, fresh, err
}

// take finds an idle evaluator of the flake or starts one, in place of another one if need be.
func (p *Pool) take(ctx context.Context, f Flake, onlyNew bool) (*seat, error) {
	p.mu.Lock()
	p.busy++
	i := slices.IndexFunc(p.idle, func(s *seat) bool { return s.flake.equal(f) })
	if i >= 0 && !onlyNew {
		defer p.mu.Unlock()
		s := p.idle[i]
		p.idle = slices.Delete(p.idle, i, i+1)
		return s, nil
	}
	var evicted *seat
	if p.busy+len(p.idle) > cap(p.places) {
		evicted = p.idle[0]
		p.idle = slices.Delete(p.idle, 0, 1)
	}
	p.mu.Unlock()
	if evicted != nil {
		evicted.close()
	}
	// A worker outlives the question it is started for, hence a context that the question's end does not end.
	e, err := p.nix.evaluator(context.WithoutCancel(ctx), p.style, f, p.options.MaxMemory)
	if err != nil {
		p.mu.Lock()
		p.busy--
		p.mu.Unlock()
		return nil, err
	}
	return &seat{evaluator: e, flake: f}, nil
}

// giveBack makes a seat idle or ends it. It counts as busy until its process is gone, so that there are never more
// processes than workers.
func (p *Pool) giveBack(s *seat, broken bool) {
	retire := broken || p.worn(s)
	if retire {
		s.close()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy--
	if !retire {
		p.idle = append(p.idle, s)
	}
}

// worn tells whether an evaluator should be replaced before its next question: nobody is to blame for it.
func (p *Pool) worn(s *seat) bool {
	o := p.options
	return o.PerWorker > 0 && s.served >= o.PerWorker ||
		o.MaxMemory > 0 && s.memory() > o.MaxMemory/4*3
}

// blamable tells whether an error says something about the step an evaluator was at, and what.
func blamable(err error) (late *timeoutError, death *deathError) {
	if !errors.As(err, &late) {
		errors.As(err, &death)
	}
	return late, death
}
