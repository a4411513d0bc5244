package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// failOn is work that fails where a batch holds one of the items.
func failOn[T comparable](bad ...T) func(context.Context, []T) error {
	return func(_ context.Context, items []T) error {
		for _, item := range items {
			if slices.Contains(bad, item) {
				return errBad
			}
		}
		return nil
	}
}

func TestBatchTakesWhatWaits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		in := make(chan int)
		var sizes []int
		results := engine.Batch(t.Context(), engine.Stage{}, in, 0, func(_ context.Context, items []int) error {
			sizes = append(sizes, len(items))
			time.Sleep(time.Minute)
			return nil
		})
		go func() {
			defer close(in)
			for i := range 61 { // one at 0 s, then one a second
				in <- i
				time.Sleep(1001 * time.Millisecond)
			}
		}()
		assert.Len(t, collect(results), 61)
		assert.Equal(t, []int{1, 59, 1}, sizes)
	})
}

func TestBatchHoldsTheLimits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		in := make(chan int)
		var now, most, calls atomic.Int32
		results := engine.Batch(t.Context(), engine.Stage{Workers: 3}, in, 10, func(_ context.Context, items []int) error {
			assert.LessOrEqual(t, len(items), 10)
			most.Store(max(most.Load(), now.Add(1)))
			calls.Add(1)
			time.Sleep(time.Second)
			now.Add(-1)
			return nil
		})
		for i := range 203 {
			in <- i // never stops, though nobody reads results
			if i < 3 {
				synctest.Wait()
			}
		}
		close(in)
		assert.Len(t, collect(results), 203)
		assert.EqualValues(t, 3, most.Load())
		assert.EqualValues(t, 3+20, calls.Load(), "three alone while nothing waited, then ten at a time")
	})
}

func TestBatchTakesABurstAsOne(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var sizes []int
		collect(engine.Batch(t.Context(), engine.Stage{}, given(1, 2, 3, 4, 5), 0, func(_ context.Context, items []int) error {
			sizes = append(sizes, len(items))
			return nil
		}))
		assert.Equal(t, []int{5}, sizes)
	})
}

func TestBatchIsolatesBadItems(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		items := make([]int, 100)
		for i := range items {
			items[i] = i
		}
		calls := 0
		results := collect(engine.Batch(t.Context(), engine.Stage{}, given(items...), 0, func(ctx context.Context, items []int) error {
			calls++
			defer clear(items) // the work may do as it likes with its slice
			return failOn(13, 77)(ctx, items)
		}))
		require.Len(t, results, 100)
		var got []int
		for _, r := range results {
			got = append(got, r.Item)
			if r.Item == 13 || r.Item == 77 {
				assert.Equal(t, errBad, r.Err)
			} else {
				assert.NoError(t, r.Err, "item %d", r.Item)
			}
			assert.LessOrEqual(t, r.Attempts, 8)
		}
		assert.ElementsMatch(t, items, got)
		assert.LessOrEqual(t, calls, 29, "halves, not one by one")
	})
}

func TestBatchIsolatesAPanic(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, r := range collect(engine.Batch(t.Context(), engine.Stage{}, given(1, 2, 3, 4), 0, func(_ context.Context, items []int) error {
			if slices.Contains(items, 3) {
				panic("three")
			}
			return nil
		})) {
			if r.Item == 3 {
				assert.EqualError(t, r.Err, "panic: three")
			} else {
				assert.NoError(t, r.Err)
			}
		}
	})
}

func TestBatchRetriesBeforeItSplits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var sizes []int
		results := collect(engine.Batch(t.Context(), engine.Stage{Retry: retries(3)}, given(1, 2, 3, 4), 0, func(_ context.Context, items []int) error {
			if sizes = append(sizes, len(items)); len(sizes) < 3 {
				return engine.Transient(errBad)
			}
			return nil
		}))
		assert.Equal(t, []int{4, 4, 4}, sizes)
		for _, r := range results {
			assert.NoError(t, r.Err)
			assert.Equal(t, 3, r.Attempts)
		}
	})
}

func TestDeadDestinationCostsTheRetriesOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		calls, began := 0, time.Now()
		results := collect(engine.Batch(t.Context(), engine.Stage{Retry: retries(5)}, given(1, 2, 3, 4, 5, 6, 7, 8), 0, func(context.Context, []int) error {
			calls++
			return engine.Transient(errBad)
		}))
		assert.Len(t, results, 8)
		assert.Equal(t, 5+14, calls, "five for the whole, one for each part")
		assert.Less(t, time.Since(began), 23*time.Second, "waits of 1, 2, 4 and 8 s, and half as much again at most")
	})
}

func TestHalvesKeepTheRetriesThatAreLeft(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		calls := map[string]int{}
		results := collect(engine.Batch(t.Context(), engine.Stage{Retry: retries(3)}, given(1, 2), 0, func(_ context.Context, items []int) error {
			name := fmt.Sprint(items)
			calls[name]++
			if name == "[1]" && calls[name] < 3 {
				return engine.Transient(errBad)
			}
			return failOn(2)(t.Context(), items)
		}))
		assert.Equal(t, map[string]int{"[1 2]": 1, "[1]": 3, "[2]": 1}, calls)
		assert.NoError(t, results[0].Err)
		assert.Equal(t, 4, results[0].Attempts)
		assert.Equal(t, errBad, results[1].Err)
	})
}

func TestBatchLosesAndDoublesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const n = 2000
		var done [n]atomic.Int32
		stage := engine.Stage{Workers: 4, Retry: retries(3)}
		results := collect(engine.Batch(t.Context(), stage, numbers(n), 50, func(_ context.Context, items []int) error {
			time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond)
			switch rand.IntN(5) {
			case 0:
				return errBad
			case 1:
				return engine.Transient(errBad)
			case 2:
				panic(errBad)
			}
			for _, item := range items {
				done[item].Add(1)
			}
			return nil
		}))
		require.Len(t, results, n)
		answered := map[int]bool{}
		for _, r := range results {
			require.False(t, answered[r.Item], "item %d answered twice", r.Item)
			answered[r.Item] = true
			want := int32(1)
			if r.Err != nil {
				want = 0
			}
			assert.Equal(t, want, done[r.Item].Load(), "item %d", r.Item)
		}
	})
}

func TestBatchCancelledMidway(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		calls := 0
		results := collect(engine.Batch(ctx, engine.Stage{Grace: time.Minute}, given(1, 2, 3, 4, 5, 6), 4, func(context.Context, []int) error {
			calls++
			cancel(errStop)
			return errBad
		}))
		assert.Equal(t, 1, calls, "no half and no further batch starts")
		require.Len(t, results, 6)
		for _, r := range results {
			assert.True(t, engine.Cancelled(r.Err))
			assert.ErrorIs(t, r.Err, errStop)
			if r.Item <= 4 {
				assert.EqualError(t, r.Err, "bad (cancelled: SIGTERM)")
				assert.Equal(t, 1, r.Attempts)
			} else {
				assert.EqualError(t, r.Err, "cancelled: SIGTERM")
				assert.Zero(t, r.Attempts)
			}
		}
	})
}
