package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Signals is a context that the first SIGINT or SIGTERM cancels, with the signal as its cause. A second one
// ends the program at once, as it would without us.
func Signals() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	received := make(chan os.Signal, 1)
	signal.Notify(received, os.Interrupt, syscall.SIGTERM)
	signal.Ignore(syscall.SIGPIPE) // a reader that is gone is an error to handle, not the end: results are still written
	done := make(chan struct{})
	go func() {
		select {
		case s := <-received:
			cancel(signalError{s})
			signal.Stop(received)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(received)
		close(done)
		cancel(nil)
	}
}
