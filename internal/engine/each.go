package engine

import (
	"context"
	"time"
)

// Each works on one item at a time on each of the stage's workers. Every item received from in yields exactly one
// Result, in the order of completion; the results are closed once in is closed and all items are answered. Nothing is
// queued: who does not read results stops the stage, and whoever feeds it.
//
// After ctx is cancelled no attempt starts any more; the items that in still brings are answered with an error that
// Cancelled recognises. So the owner of in must close it, and the reader must read to the end.
func Each[In, Out any](ctx context.Context, s Stage, in <-chan In, work func(context.Context, In) (Out, error)) <-chan Result[In, Out] {
	out := make(chan Result[In, Out])
	go func() {
		defer close(out)
		life, end := begin(ctx, s.Grace)
		defer end()
		s.crew(func() {
			for item := range in {
				out <- answer(life, s, item, work)
			}
		})
	}()
	return out
}

// answer works on one item until it is done, failed or cut.
func answer[In, Out any](life lifetime, s Stage, item In, work func(context.Context, In) (Out, error)) Result[In, Out] {
	if err := life.over(); err != nil {
		return Result[In, Out]{Item: item, Err: err}
	}
	began := time.Now()
	s.started(item)
	t := trial{life: life, retry: s.Retry}
	value, err := persist(&t, func(ctx context.Context) (Out, error) {
		return work(ctx, item)
	}, func(err error, wait time.Duration) {
		s.retried(item, t.attempts, err, time.Since(began), wait)
	})
	elapsed := time.Since(began)
	s.finished(item, t.attempts, err, elapsed)
	return Result[In, Out]{Item: item, Value: value, Err: err, Attempts: t.attempts, Elapsed: elapsed}
}
