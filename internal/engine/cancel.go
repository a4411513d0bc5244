package engine

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Cancelled says whether an item's error means that it never ran, or was cut, because the stage was cancelled. The error
// wraps context.Cause of the stage's context, and the last real error of the item if it had one.
func Cancelled(err error) bool {
	var c *cancelledError
	return errors.As(err, &c)
}

// cancelledError marks what cancellation did to an item.
type cancelledError struct{ cause error }

func (e *cancelledError) Error() string {
	if e.cause == context.Canceled { //nolint:errorlint // only the bare error adds nothing
		return "cancelled"
	}
	return fmt.Sprintf("cancelled: %v", e.cause)
}

func (e *cancelledError) Unwrap() error { return e.cause }

// lifetime is the two ends of a stage: work starts while open lives, and goes on while flight lives.
type lifetime struct{ open, flight context.Context }

// begin derives the lifetime of a stage from its context; flight carries the same values. The second result releases it.
func begin(ctx context.Context, grace time.Duration) (lifetime, func()) {
	if grace <= 0 {
		flight, cancel := context.WithCancel(ctx)
		return lifetime{ctx, flight}, cancel
	}
	flight, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	go func() {
		select {
		case <-ctx.Done():
		case <-flight.Done():
			return
		}
		select {
		case <-time.After(grace):
			cancel(context.Cause(ctx))
		case <-flight.Done():
		}
	}()
	return lifetime{ctx, flight}, func() { cancel(nil) }
}

// over is nil as long as work may start.
func (l lifetime) over() error {
	if l.open.Err() == nil {
		return nil
	}
	return &cancelledError{context.Cause(l.open)}
}

// cuts says whether err, which an attempt returned, is owed to the end of the stage: either its context was cancelled,
// or it reports the cancellation that it learned of in another way.
func (l lifetime) cuts(err error) bool {
	return l.open.Err() != nil && (l.flight.Err() != nil || l.echoes(err))
}

// echoes says whether err does no more than repeat that the stage was cancelled.
func (l lifetime) echoes(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.Cause(l.open))
}
