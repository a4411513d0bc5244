package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// try runs one item through Each; work gets the number of its attempt, the result also tells when attempts began.
func try(t *testing.T, r engine.Retry, work func(attempt int) error) (engine.Result[int, int], []time.Duration) {
	t.Helper()
	var at []time.Duration
	began := time.Now()
	results := collect(engine.Each(t.Context(), engine.Stage{Retry: r}, given(1), func(context.Context, int) (int, error) {
		at = append(at, time.Since(began))
		return 42, work(len(at))
	}))
	require.Len(t, results, 1)
	return results[0], at
}

func TestOnlyTransientErrorsAreRetried(t *testing.T) {
	cases := map[string]struct {
		retry    engine.Retry
		err      error
		attempts int
	}{
		"transient":         {retries(5), engine.Transient(errBad), 5},
		"wrapped transient": {retries(5), fmt.Errorf("upload: %w", engine.Transient(errBad)), 5},
		"final":             {retries(5), errBad, 1},
		"zero retry":        {engine.Retry{}, engine.Transient(errBad), 1},
		"negative retry":    {engine.Retry{MaxAttempts: -3}, engine.Transient(errBad), 1},
		"attempts alone":    {engine.Retry{MaxAttempts: 3}, engine.Transient(errBad), 3},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r, at := try(t, c.retry, func(int) error { return c.err })
				assert.Len(t, at, c.attempts)
				assert.Equal(t, c.attempts, r.Attempts)
				assert.Equal(t, c.err, r.Err, "the error is passed on as it is")
				assert.Zero(t, r.Value)
				assert.False(t, engine.Cancelled(r.Err))
			})
		})
	}
}

func TestRetryEndsAtSuccessOrFinalError(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r, at := try(t, retries(9), func(attempt int) error {
			if attempt < 3 {
				return engine.Transient(errBad)
			}
			return nil
		})
		assert.NoError(t, r.Err)
		assert.Equal(t, 42, r.Value)
		assert.Len(t, at, 3)

		final := errors.New("final")
		r, at = try(t, retries(9), func(attempt int) error {
			if attempt < 3 {
				return engine.Transient(errBad)
			}
			return final
		})
		assert.Equal(t, final, r.Err)
		assert.Len(t, at, 3)
	})
}

func TestWaitsGrowAreSpreadAndCapped(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		firsts := map[time.Duration]bool{}
		for range 20 {
			r := retries(12)
			_, at := try(t, r, func(int) error { return engine.Transient(errBad) })
			for i := 1; i < len(at); i++ {
				wait, mean := at[i]-at[i-1], min(time.Second<<(i-1), 20*time.Second)
				assert.GreaterOrEqual(t, wait, mean/2, "wait %d", i)
				assert.LessOrEqual(t, wait, mean*3/2, "wait %d", i)
				assert.LessOrEqual(t, wait, r.MaxInterval)
			}
			firsts[at[1]] = true
		}
		assert.Greater(t, len(firsts), 10, "waits are spread")
	})
}

func TestTimeIsUpKeepsTheLastRealError(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := engine.Retry{MaxAttempts: 1000, InitialInterval: time.Second, MaxInterval: time.Second, MaxElapsedTime: 10 * time.Second}
		result, at := try(t, r, func(attempt int) error { return engine.Transient(fmt.Errorf("answer %d", attempt)) })
		assert.Greater(t, len(at), 8)
		assert.LessOrEqual(t, at[len(at)-1], 10*time.Second)
		assert.EqualError(t, result.Err, fmt.Sprintf("answer %d (no attempt left within 10s)", len(at)))
		assert.False(t, engine.Cancelled(result.Err))
	})
}

func TestRetryAfter(t *testing.T) {
	cases := map[string]struct {
		asked, limit time.Duration
		want         []time.Duration
	}{
		"is honoured":                    {17 * time.Second, time.Hour, []time.Duration{0, 17 * time.Second}},
		"longer than the interval's cap": {90 * time.Second, 0, []time.Duration{0, 90 * time.Second}},
		"is capped":                      {24 * time.Hour, time.Hour, []time.Duration{0, 2 * time.Minute}},
		"just fits":                      {time.Minute, time.Minute, []time.Duration{0, time.Minute}},
		"never past the elapsed time":    {61 * time.Second, time.Minute, []time.Duration{0}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				r := retries(2)
				r.MaxElapsedTime = c.limit
				result, at := try(t, r, func(int) error { return fmt.Errorf("submit: %w", engine.TransientAfter(errBad, c.asked)) })
				assert.Equal(t, c.want, at)
				assert.ErrorIs(t, result.Err, errBad)
			})
		})
	}
}

func TestRetryAfterHoldsOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		_, at := try(t, retries(3), func(attempt int) error {
			if attempt == 1 {
				return engine.Transient(engine.TransientAfter(errBad, time.Minute))
			}
			return engine.TransientAfter(errBad, -time.Minute)
		})
		require.Len(t, at, 3)
		assert.Equal(t, time.Minute, at[1])
		assert.Less(t, at[2]-at[1], 2*time.Second, "back to our own intervals")
		assert.Greater(t, at[2]-at[1], time.Duration(0))
	})
}

func TestTransientMarks(t *testing.T) {
	assert.NoError(t, engine.Transient(nil))
	assert.NoError(t, engine.TransientAfter(nil, time.Second))
	assert.False(t, engine.IsTransient(nil))
	assert.False(t, engine.IsTransient(errBad))
	assert.True(t, engine.IsTransient(fmt.Errorf("x: %w", engine.Transient(errBad))))
	assert.EqualError(t, engine.TransientAfter(errBad, time.Second), "bad")
	assert.ErrorIs(t, engine.Transient(errBad), errBad)
}

func TestEveryItemHasItsOwnBackOff(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		stage := engine.Stage{Workers: 10, Retry: retries(4)}
		for _, r := range collect(engine.Each(t.Context(), stage, numbers(200), func(context.Context, int) (int, error) {
			return 0, engine.Transient(errBad)
		})) {
			assert.Equal(t, 4, r.Attempts)
			assert.LessOrEqual(t, r.Elapsed, 11*time.Second, "(1+2+4) s and half as much again at most")
			assert.GreaterOrEqual(t, r.Elapsed, 3500*time.Millisecond)
		}
	})
}
