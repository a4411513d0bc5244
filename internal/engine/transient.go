package engine

import (
	"errors"
	"time"
)

// maxAsked is the longest wait that another side may ask for.
const maxAsked = 2 * time.Minute

// transientError marks an error as worth retrying; asked is the wait that the other side asked for, 0 if none.
type transientError struct {
	error
	asked time.Duration
}

func (e *transientError) Unwrap() error { return e.error }

// Transient marks an error as worth retrying. Only marked errors are retried: whether another attempt can help is known
// where the error arises and nowhere else. The text of the error stays as it is, a mark it has is kept, and nil stays nil.
func Transient(err error) error {
	if IsTransient(err) {
		return err
	}
	return TransientAfter(err, 0)
}

// TransientAfter is Transient where the other side asked to wait that long (Retry-After). The wait takes the place of
// the next interval, capped at 2 minutes; if it would end past Retry.MaxElapsedTime the item is given up at once, since
// asking again earlier is what the other side does not want. A wait below 1 asks for nothing.
func TransientAfter(err error, wait time.Duration) error {
	if err == nil {
		return nil
	}
	return &transientError{err, min(max(wait, 0), maxAsked)}
}

// IsTransient says whether the error was marked by Transient or TransientAfter. A panic never is, whatever its value.
func IsTransient(err error) bool {
	var p *panicError
	var t *transientError
	return !errors.As(err, &p) && errors.As(err, &t)
}

// askedWait is the wait that the other side asked for, 0 if none.
func askedWait(err error) time.Duration {
	if t := (*transientError)(nil); errors.As(err, &t) {
		return t.asked
	}
	return 0
}
