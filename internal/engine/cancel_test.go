package engine_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errStop = errors.New("SIGTERM")

func TestNothingStartsAfterCancellation(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		var calls atomic.Int32
		seen := &recorder{}
		stage := engine.Stage{Workers: 4, Grace: time.Hour, Retry: retries(5), Observer: seen}
		results := engine.Each(ctx, stage, numbers(100), func(_ context.Context, i int) (int, error) {
			if calls.Add(1) == 10 {
				cancel(errStop)
			}
			time.Sleep(time.Second)
			return i, nil
		})
		never := 0
		for _, r := range collect(results) {
			if r.Err == nil {
				continue
			}
			never++
			assert.True(t, engine.Cancelled(r.Err))
			assert.ErrorIs(t, r.Err, errStop)
			assert.EqualError(t, r.Err, "cancelled: SIGTERM")
			assert.Zero(t, r.Attempts)
			assert.Empty(t, seen.kinds(r.Item))
		}
		assert.LessOrEqual(t, calls.Load(), int32(13), "the tenth cancels; at most three others are past the door")
		assert.EqualValues(t, 100-calls.Load(), never, "what was in flight had its grace, the rest is answered")
	})
}

func TestCancelledBeforeTheStart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		each := collect(engine.Each(ctx, engine.Stage{Workers: 3, Grace: time.Second}, numbers(50), func(context.Context, int) (int, error) {
			t.Error("work started")
			return 0, nil
		}))
		batch := collect(engine.Batch(ctx, engine.Stage{Workers: 3}, numbers(50), 7, func(context.Context, []int) error {
			t.Error("work started")
			return nil
		}))
		require.Len(t, each, 50)
		require.Len(t, batch, 50)
		assert.EqualError(t, each[0].Err, "cancelled")
		assert.ErrorIs(t, batch[49].Err, context.Canceled)
		assert.True(t, engine.Cancelled(batch[49].Err))
		assert.False(t, engine.Cancelled(context.Canceled), "an error of the work alone is none of ours")
	})
}

// cancelledAfter runs one item, cancels the stage after a second, and tells how long the work's own context lived.
func cancelledAfter(t *testing.T, grace time.Duration, work func(ctx context.Context) error) (engine.Result[int, int], time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(time.Second, func() { cancel(errStop) })
	began := time.Now()
	var lived time.Duration
	r := <-engine.Each(ctx, engine.Stage{Grace: grace, Retry: retries(9)}, given(1), func(ctx context.Context, _ int) (int, error) {
		stop := context.AfterFunc(ctx, func() { lived = time.Since(began) })
		defer stop()
		err := work(ctx)
		synctest.Wait()
		return 42, err
	})
	return r, lived
}

func TestGraceLetsWorkFinish(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r, lived := cancelledAfter(t, 5*time.Second, func(context.Context) error {
			time.Sleep(5 * time.Second)
			return nil
		})
		assert.NoError(t, r.Err)
		assert.Equal(t, 42, r.Value)
		assert.Zero(t, lived, "its context was never cancelled")
	})
}

func TestWorkIsCutWhenGraceIsOver(t *testing.T) {
	for _, grace := range []time.Duration{0, 5 * time.Second} {
		inBubble(t, func(t *testing.T) {
			r, lived := cancelledAfter(t, grace, func(ctx context.Context) error {
				<-ctx.Done()
				assert.Equal(t, errStop, context.Cause(ctx))
				return errors.New("signal: killed")
			})
			assert.Equal(t, time.Second+grace, lived)
			assert.True(t, engine.Cancelled(r.Err))
			assert.ErrorIs(t, r.Err, errStop)
			assert.EqualError(t, r.Err, "signal: killed (cancelled: SIGTERM)")
			assert.Equal(t, 1, r.Attempts)
		})
	}
}

func TestRealFailureInGraceIsNoCancellation(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r, _ := cancelledAfter(t, 5*time.Second, func(context.Context) error {
			time.Sleep(3 * time.Second)
			return errBad
		})
		assert.Equal(t, errBad, r.Err)
	})
}

func TestNoRetryInGrace(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r, _ := cancelledAfter(t, time.Hour, func(context.Context) error {
			time.Sleep(3 * time.Second)
			return engine.Transient(errBad)
		})
		assert.Equal(t, 1, r.Attempts)
		assert.Equal(t, 3*time.Second, r.Elapsed)
		assert.True(t, engine.Cancelled(r.Err))
		assert.EqualError(t, r.Err, "bad (cancelled: SIGTERM)")
	})
}

func TestCancellationEndsTheWaitAndKeepsTheRealError(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r, _ := cancelledAfter(t, time.Hour, func(context.Context) error { return engine.TransientAfter(errBad, time.Minute) })
		assert.Equal(t, time.Second, r.Elapsed, "the wait of a minute ends with the stage")
		assert.True(t, engine.Cancelled(r.Err))
		assert.ErrorIs(t, r.Err, errBad)
		assert.ErrorIs(t, r.Err, errStop)
	})
}

func TestCutAttemptDoesNotHideTheRealErrorBefore(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		attempts := 0
		r, _ := cancelledAfter(t, 0, func(ctx context.Context) error {
			if attempts++; attempts == 1 {
				return engine.TransientAfter(errBad, 500*time.Millisecond)
			}
			<-ctx.Done()
			return ctx.Err()
		})
		assert.Equal(t, 2, r.Attempts)
		assert.EqualError(t, r.Err, "bad (cancelled: SIGTERM)")
	})
}

func TestDeadlineIsACancellationToo(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r := <-engine.Each(ctx, engine.Stage{Retry: retries(1000)}, given(1), func(context.Context, int) (int, error) {
			return 0, engine.Transient(errBad)
		})
		assert.Equal(t, time.Minute, r.Elapsed)
		assert.True(t, engine.Cancelled(r.Err))
		assert.ErrorIs(t, r.Err, context.DeadlineExceeded)
		assert.ErrorIs(t, r.Err, errBad)
	})
}
