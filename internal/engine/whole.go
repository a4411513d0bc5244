package engine

import "errors"

// wholeError is an error of a batch as a whole.
type wholeError struct{ err error }

func (e *wholeError) Error() string { return e.err.Error() }
func (e *wholeError) Unwrap() error { return e.err }

// Whole marks an error of a batch that is none of its items' fault, such as a destination that cannot be reached: to
// split the batch would only fail as often as it has items.
func Whole(err error) error {
	if err == nil {
		return nil
	}
	return &wholeError{err}
}

func isWhole(err error) bool {
	var w *wholeError
	return errors.As(err, &w)
}
