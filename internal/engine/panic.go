package engine

import (
	"fmt"

	"github.com/sourcegraph/conc/panics"
)

// panicError is a panic in an item's work. Its text is the value alone, as a stack has no place in a summary; the stack is
// in the *panics.ErrRecovered that it wraps.
type panicError struct{ recovered *panics.Recovered }

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.recovered.Value) }

func (e *panicError) Unwrap() error { return e.recovered.AsError() }

// guarded calls f and turns a panic into an error, so that it costs one item and not the run.
func guarded[Out any](f func() (Out, error)) (value Out, err error) {
	if recovered := panics.Try(func() { value, err = f() }); recovered != nil {
		return value, &panicError{recovered}
	}
	return value, err
}
