// Package engine works over streams: bounded, retried, cancellable and observed, whatever the work is.
//
// It has two primitives. Each works on one item at a time; Batch takes all that waits while the last batch was under
// way. Both answer every item they receive exactly once, so a caller who reads to the end knows what became of all.
package engine

import (
	"time"

	"github.com/sourcegraph/conc/pool"
)

// Stage says how items are worked on.
type Stage struct {
	Name     string
	Workers  int           // how much work runs at a time; below 1 means 1
	Retry    Retry         // the zero value is one attempt
	Grace    time.Duration // how long work in flight may go on after cancellation, before its own context is cancelled too
	Observer Observer      // may be nil
}

// Result is what became of one item. Value holds only if Err is nil. Attempts is 0 for an item that never ran, and
// Elapsed is the time from the start of its first attempt, the waits between attempts included.
type Result[In, Out any] struct {
	Item     In
	Value    Out
	Err      error
	Attempts int
	Elapsed  time.Duration
}

// crew runs the same loop on all workers of the stage and returns when the last one has ended. A worker takes its next
// item only once its last result was taken, which is all the back-pressure there is.
func (s Stage) crew(loop func()) {
	size := max(s.Workers, 1)
	workers := pool.New().WithMaxGoroutines(size)
	for range size {
		workers.Go(loop)
	}
	workers.Wait()
}
