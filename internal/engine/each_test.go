package engine_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/sourcegraph/conc/panics"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errBad = errors.New("bad")

func TestEachLosesAndDoublesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const n = 3000
		var seen [n]atomic.Int32 // calls that ended well
		stage := engine.Stage{Workers: 16, Retry: retries(4)}
		results := collect(engine.Each(t.Context(), stage, numbers(n), func(_ context.Context, i int) (int, error) {
			time.Sleep(time.Duration(rand.IntN(50)) * time.Millisecond)
			switch rand.IntN(6) {
			case 0:
				return -1, errBad
			case 1, 2:
				return -1, engine.Transient(errBad)
			case 3:
				panic(errBad)
			}
			seen[i].Add(1)
			return i * 2, nil
		}))
		require.Len(t, results, n)
		answered := map[int]bool{}
		for _, r := range results {
			require.False(t, answered[r.Item], "item %d answered twice", r.Item)
			answered[r.Item] = true
			if r.Err != nil {
				assert.ErrorIs(t, r.Err, errBad)
				assert.Zero(t, r.Value)
				assert.Zero(t, seen[r.Item].Load(), "item %d succeeded and is told to have failed", r.Item)
				continue
			}
			assert.Equal(t, r.Item*2, r.Value)
			assert.EqualValues(t, 1, seen[r.Item].Load(), "item %d", r.Item)
		}
	})
}

func TestEachUsesAllItsWorkersAndNoMore(t *testing.T) {
	for workers, want := range map[int]int32{-1: 1, 0: 1, 1: 1, 5: 5} {
		inBubble(t, func(t *testing.T) {
			var now, most atomic.Int32
			results := collect(engine.Each(t.Context(), engine.Stage{Workers: workers}, numbers(50), func(context.Context, int) (int, error) {
				most.Store(max(most.Load(), now.Add(1)))
				time.Sleep(time.Second)
				now.Add(-1)
				return 0, nil
			}))
			assert.Len(t, results, 50)
			assert.Equal(t, want, most.Load())
		})
	}
}

func TestEachTakesNoMoreThanItsWorkersHold(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var calls atomic.Int32
		in := given(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
		results := engine.Each(t.Context(), engine.Stage{Workers: 3}, in, func(context.Context, int) (int, error) {
			calls.Add(1)
			return 0, nil
		})
		synctest.Wait()
		assert.Len(t, in, 7, "nobody reads: only what the workers hold was taken")
		assert.EqualValues(t, 3, calls.Load())
		<-results
		synctest.Wait()
		assert.Len(t, in, 6, "one result read, one more item taken")
		assert.Len(t, collect(results), 9)
	})
}

func TestEachAnswersAsItGoes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		in := make(chan int)
		results := engine.Each(t.Context(), engine.Stage{Workers: 2}, in, func(_ context.Context, i int) (int, error) { return i, nil })
		for i := range 5 {
			in <- i
			assert.Equal(t, i, (<-results).Value, "no barrier: in is still open")
		}
		close(in)
		assert.Empty(t, collect(results))
	})
}

func TestEachPassesTheContextAlong(t *testing.T) {
	type key struct{}
	for _, grace := range []time.Duration{0, time.Second} {
		inBubble(t, func(t *testing.T) {
			ctx := context.WithValue(t.Context(), key{}, "carried")
			results := collect(engine.Each(ctx, engine.Stage{Grace: grace}, given(1), func(ctx context.Context, _ int) (any, error) {
				return ctx.Value(key{}), nil
			}))
			assert.Equal(t, "carried", results[0].Value)
		})
	}
}

func TestEachMeasuresTheWholeTrial(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		r := <-engine.Each(t.Context(), engine.Stage{Retry: retries(2)}, given(1), func(context.Context, int) (int, error) {
			time.Sleep(time.Second)
			return 0, engine.TransientAfter(errBad, 7*time.Second)
		})
		assert.Equal(t, 9*time.Second, r.Elapsed)
		assert.Equal(t, 2, r.Attempts)
	})
}

func TestPanicCostsOneItem(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, r := range collect(engine.Each(t.Context(), engine.Stage{Workers: 2, Retry: retries(3)}, numbers(20), explodeAt7)) {
			if r.Item != 7 {
				assert.NoError(t, r.Err)
				continue
			}
			require.EqualError(t, r.Err, "panic: bad")
			assert.Equal(t, 1, r.Attempts, "a panic is never retried, even if its value is transient")
			assert.False(t, engine.IsTransient(r.Err))
			assert.ErrorIs(t, r.Err, errBad)
			var recovered *panics.ErrRecovered
			require.ErrorAs(t, r.Err, &recovered)
			assert.Contains(t, string(recovered.Stack), "explodeAt7")
		}
	})
}

func explodeAt7(_ context.Context, i int) (int, error) {
	if i == 7 {
		panic(engine.Transient(errBad))
	}
	return i, nil
}
