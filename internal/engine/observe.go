package engine

import (
	"fmt"
	"time"
)

// Observer is told how the work of a stage goes. Observe may be called from several goroutines at once, and holds up the
// worker that calls it. The events of one item come in order: Started, any number of Retried, Finished; an item that never
// ran, because the stage was cancelled before, has none.
type Observer interface{ Observe(Event) }

// Kind is what an Event tells.
type Kind int

// The kinds: Started before the first attempt, Retried when another attempt is due (for the items of a batch also when the
// batch is split), Finished when the item's fate is known, just before its Result is sent.
const (
	Started Kind = iota + 1
	Retried
	Finished
)

// String names the kind for logs.
func (k Kind) String() string {
	switch k {
	case Started:
		return "started"
	case Retried:
		return "retried"
	case Finished:
		return "finished"
	default:
		return fmt.Sprintf("Kind(%d)", int(k))
	}
}

// Event is one step in an item's life.
type Event struct {
	Stage   string
	Kind    Kind
	Item    any
	Attempt int           // Started: 1; Retried: the attempt that failed; Finished: the attempts made
	Err     error         // Retried: why; Finished: the item's error
	Elapsed time.Duration // since Started
	Wait    time.Duration // Retried: how long until the next attempt
}

func (s Stage) tell(e Event) {
	if s.Observer != nil {
		e.Stage = s.Name
		s.Observer.Observe(e)
	}
}

func (s Stage) started(item any) {
	s.tell(Event{Kind: Started, Item: item, Attempt: 1})
}

func (s Stage) retried(item any, attempt int, err error, elapsed, wait time.Duration) {
	s.tell(Event{Kind: Retried, Item: item, Attempt: attempt, Err: err, Elapsed: elapsed, Wait: wait})
}

func (s Stage) finished(item any, attempt int, err error, elapsed time.Duration) {
	s.tell(Event{Kind: Finished, Item: item, Attempt: attempt, Err: err, Elapsed: elapsed})
}
