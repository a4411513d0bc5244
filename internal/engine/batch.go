package engine

import (
	"context"
	"slices"
	"time"
)

// Batch works on all items that wait while the last batch was under way: Stage.Workers batches at a time, at most
// maxItems items each (below 1 means no limit). Every item received from in yields exactly one Result, and cancellation
// works, as with Each; unlike Each it holds what waits, so whoever feeds it is never stopped.
//
// A batch that fails with more than one item is split in halves until the failing items stand alone, so one bad item
// never costs another. The halves go on with what is left of the batch's retries, and always get one attempt, so a dead
// destination costs each item its retries once and not once a split. Attempts counts the calls an item was part of.
func Batch[In any](ctx context.Context, s Stage, in <-chan In, maxItems int, work func(context.Context, []In) error) <-chan Result[In, struct{}] {
	out := make(chan Result[In, struct{}])
	go func() {
		defer close(out)
		life, end := begin(ctx, s.Grace)
		defer end()
		batches := gather(in, maxItems)
		s.crew(func() {
			for items := range batches {
				b := batch[In]{stage: s, life: life, work: work, out: out, began: time.Now()}
				b.start(items)
			}
		})
	}()
	return out
}

// batch is the state that all parts of one batch share.
type batch[In any] struct {
	stage Stage
	life  lifetime
	work  func(context.Context, []In) error
	out   chan<- Result[In, struct{}]
	began time.Time
}

// start answers the items of a whole batch.
func (b *batch[In]) start(items []In) {
	if err := b.life.over(); err != nil {
		for _, item := range items {
			b.out <- Result[In, struct{}]{Item: item, Err: err}
		}
		return
	}
	for _, item := range items {
		b.stage.started(item)
	}
	b.run(items, b.stage.Retry, 0, nil)
}

// run answers a batch or a part of one; before is how many attempts its items have behind them, and last how those ended.
func (b *batch[In]) run(items []In, retry Retry, before int, last error) {
	began := time.Now()
	t := trial{life: b.life, retry: retry, last: last}
	_, err := persist(&t, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, b.work(ctx, slices.Clone(items)) // a clone: the work may sort or change it
	}, func(err error, wait time.Duration) {
		b.retried(items, before+t.attempts, err, wait)
	})
	attempts := before + t.attempts
	if err == nil || t.cut || len(items) == 1 || isWhole(err) {
		b.finish(items, attempts, err)
		return
	}
	b.retried(items, attempts, err, 0)
	rest := retry.less(t.attempts, time.Since(began))
	half := len(items) / 2
	b.run(items[:half], rest, attempts, err)
	b.run(items[half:], rest, attempts, err)
}

// retried tells of every item that it is tried again.
func (b *batch[In]) retried(items []In, attempt int, err error, wait time.Duration) {
	for _, item := range items {
		b.stage.retried(item, attempt, err, time.Since(b.began), wait)
	}
}

// finish answers items that share one fate.
func (b *batch[In]) finish(items []In, attempts int, err error) {
	elapsed := time.Since(b.began)
	for _, item := range items {
		b.stage.finished(item, attempts, err, elapsed)
		b.out <- Result[In, struct{}]{Item: item, Err: err, Attempts: attempts, Elapsed: elapsed}
	}
}
