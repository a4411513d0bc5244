package engine

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// Retry says how often and how long an item is tried; its zero value is one attempt. The waits double from
// InitialInterval on (0 means 500 ms), spread by 50 % either way so that items that failed together do not come back
// together, and are never longer than MaxInterval (0 means 1 minute), save for what TransientAfter asks.
// MaxElapsedTime (0 means no limit) bounds when the last attempt starts; it does not cut one that runs.
type Retry struct {
	MaxAttempts                                  int // below 1 means 1
	InitialInterval, MaxInterval, MaxElapsedTime time.Duration
}

// less is what is left for the halves of a batch that failed after so many attempts and so long a time.
func (r Retry) less(attempts int, spent time.Duration) Retry {
	r.MaxAttempts -= attempts - 1
	if r.MaxElapsedTime > 0 && r.MaxElapsedTime <= spent {
		return Retry{}
	}
	if r.MaxElapsedTime > 0 {
		r.MaxElapsedTime -= spent
	}
	return r
}

// trial is one item, or one batch, being tried: its limits, and how far it has come.
type trial struct {
	life     lifetime
	retry    Retry
	schedule *schedule
	attempts int
	last     error // the last real error: what an attempt returned, unless that merely repeats the cancellation
	cut      bool  // cancellation ended it
}

// persist calls work until it succeeds, fails for good, or has used up the trial; retried is called before each wait.
func persist[Out any](t *trial, work func(context.Context) (Out, error), retried backoff.Notify) (Out, error) {
	var none Out
	t.schedule = newSchedule(t.retry)
	limited := backoff.WithMaxRetries(t.schedule, uint64(max(t.retry.MaxAttempts, 1)-1))
	value, err := backoff.RetryNotifyWithData(func() (Out, error) {
		if err := t.life.over(); err != nil && t.last != nil { // the very first attempt is announced already
			t.cut = true
			return none, backoff.Permanent(err)
		}
		t.attempts++
		value, err := guarded(func() (Out, error) { return work(t.life.flight) })
		return value, t.judge(err)
	}, backoff.WithContext(limited, t.life.open), retried)
	if err != nil {
		return none, t.verdict()
	}
	return value, nil
}

// judge takes note of how an attempt ended, and marks its error as permanent unless another attempt is due.
func (t *trial) judge(err error) error {
	if err == nil {
		return nil
	}
	t.cut = t.life.cuts(err)
	if t.last == nil || !t.cut || !t.life.echoes(err) {
		t.last = err
	}
	if !IsTransient(err) { // backoff itself ends what is cut
		return backoff.Permanent(err)
	}
	t.schedule.asked = askedWait(err)
	return err
}

// verdict is the error of a trial that did not succeed. It goes by what the trial noted and not by what backoff returns,
// which knows only of the context's end or only of the last error.
func (t *trial) verdict() error {
	over := t.life.over()
	early := IsTransient(t.last) && t.attempts < t.retry.MaxAttempts
	t.cut = t.cut || early && over != nil
	switch {
	case t.cut:
		return fmt.Errorf("%w (%w)", t.last, over)
	case early:
		return fmt.Errorf("%w (no attempt left within %v)", t.last, t.retry.MaxElapsedTime)
	default:
		return t.last
	}
}

// schedule is how long to wait before the next attempt: as long as the other side asked, else exponentially longer.
// It has state, so every trial has its own.
type schedule struct {
	*backoff.ExponentialBackOff
	asked time.Duration
}

func newSchedule(r Retry) *schedule {
	longest := cmp.Or(r.MaxInterval, backoff.DefaultMaxInterval)
	b := backoff.NewExponentialBackOff(backoff.WithMultiplier(2), backoff.WithMaxElapsedTime(r.MaxElapsedTime))
	// backoff spreads what it has capped; this cap is for what comes out.
	b.MaxInterval = time.Duration(float64(longest) / (1 + b.RandomizationFactor))
	b.InitialInterval = min(cmp.Or(r.InitialInterval, backoff.DefaultInitialInterval), b.MaxInterval)
	return &schedule{ExponentialBackOff: b}
}

// NextBackOff implements backoff.BackOff.
func (s *schedule) NextBackOff() time.Duration {
	if s.asked == 0 {
		return s.ExponentialBackOff.NextBackOff()
	}
	if s.MaxElapsedTime > 0 && s.GetElapsedTime()+s.asked > s.MaxElapsedTime {
		return backoff.Stop
	}
	return s.asked
}
