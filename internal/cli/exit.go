package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// The exit codes.
const (
	exitOK          = 0
	exitProblems    = 1 // lint found errors, a job failed, or a check did not reach a good outcome
	exitUsage       = 2 // bad usage or an invalid config
	exitEnvironment = 3 // no Nix, no token, destination unreachable
	exitInterrupted = 130
	exitTerminated  = 143
)

// exitError ends the program with a code. A nil err means that everything was said already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// environment makes an error one of the environment; nil stays nil.
func environment(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{exitEnvironment, err}
}

// interrupted is how a cancelled run ends.
func interrupted(ctx context.Context) error {
	if errors.Is(context.Cause(ctx), signalError{syscall.SIGTERM}) {
		return &exitError{exitTerminated, errors.New("terminated")}
	}
	return &exitError{exitInterrupted, errors.New("interrupted")}
}

// signalError is the cause of a context that a signal cancelled.
type signalError struct{ os.Signal }

func (e signalError) Error() string { return e.Signal.String() + " received" }
