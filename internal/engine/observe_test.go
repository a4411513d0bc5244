package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/stretchr/testify/assert"
)

func TestEventsOfAnItemComeInOrder(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		seen := &recorder{}
		transient := engine.TransientAfter(errBad, 3*time.Second)
		stage := engine.Stage{Name: "upload", Workers: 4, Retry: retries(3), Observer: seen}
		results := collect(engine.Each(t.Context(), stage, numbers(40), func(context.Context, int) (int, error) {
			time.Sleep(time.Second)
			return 0, transient
		}))
		assert.Len(t, results, 40)
		for i := range 40 {
			assert.Equal(t, []engine.Event{
				{Stage: "upload", Kind: engine.Started, Item: i, Attempt: 1},
				{Stage: "upload", Kind: engine.Retried, Item: i, Attempt: 1, Err: transient, Elapsed: time.Second, Wait: 3 * time.Second},
				{Stage: "upload", Kind: engine.Retried, Item: i, Attempt: 2, Err: transient, Elapsed: 5 * time.Second, Wait: 3 * time.Second},
				{Stage: "upload", Kind: engine.Finished, Item: i, Attempt: 3, Err: transient, Elapsed: 9 * time.Second},
			}, seen.events[i])
		}
	})
}

func TestEventsOfASplitBatch(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		seen := &recorder{}
		stage := engine.Stage{Name: "upload", Observer: seen}
		collect(engine.Batch(t.Context(), stage, given("good", "bad"), 0, failOn("bad")))
		assert.Equal(t, []engine.Event{
			{Stage: "upload", Kind: engine.Started, Item: "bad", Attempt: 1},
			{Stage: "upload", Kind: engine.Retried, Item: "bad", Attempt: 1, Err: errBad},
			{Stage: "upload", Kind: engine.Finished, Item: "bad", Attempt: 2, Err: errBad},
		}, seen.events["bad"])
		assert.Equal(t, []engine.Kind{engine.Started, engine.Retried, engine.Finished}, seen.kinds("good"))
		assert.NoError(t, seen.events["good"][2].Err)
	})
}

func TestKindsHaveNames(t *testing.T) {
	assert.Equal(t, "started retried finished Kind(0)",
		engine.Started.String()+" "+engine.Retried.String()+" "+engine.Finished.String()+" "+engine.Kind(0).String())
}
