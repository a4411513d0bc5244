package engine_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// numbers is a closed stream of 0..n-1 that feeds only what is taken.
func numbers(n int) <-chan int {
	in := make(chan int)
	go func() {
		defer close(in)
		for i := range n {
			in <- i
		}
	}()
	return in
}

// given is a closed stream of items that all wait already.
func given[T any](items ...T) <-chan T {
	in := make(chan T, len(items))
	for _, item := range items {
		in <- item
	}
	close(in)
	return in
}

func collect[In, Out any](results <-chan engine.Result[In, Out]) []engine.Result[In, Out] {
	var all []engine.Result[In, Out]
	for r := range results {
		all = append(all, r)
	}
	return all
}

// recorder is an Observer that keeps the events of every item.
type recorder struct {
	mu     sync.Mutex
	events map[any][]engine.Event
}

func (r *recorder) Observe(e engine.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.events == nil {
		r.events = map[any][]engine.Event{}
	}
	r.events[e.Item] = append(r.events[e.Item], e)
}

func (r *recorder) kinds(item any) []engine.Kind {
	r.mu.Lock()
	defer r.mu.Unlock()
	var kinds []engine.Kind
	for _, e := range r.events[item] {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func retries(attempts int) engine.Retry {
	return engine.Retry{MaxAttempts: attempts, InitialInterval: time.Second, MaxInterval: 30 * time.Second, MaxElapsedTime: time.Hour}
}

// inBubble runs the test on a clock of its own, which stands still while anything runs.
func inBubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}
