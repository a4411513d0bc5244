package pipeline

import (
	"context"
	"sync"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/config"
	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// submit asks the destination for the builds, each job with its own workers and retry policy, and gives out
// the items that were accepted.
func (r *run) submit(ctx context.Context, admitted <-chan *Item) <-chan *Item {
	submitted := make(chan *Item)
	go func() {
		defer close(submitted)
		lanes := map[*plan.Job]chan *Item{}
		var open sync.WaitGroup
		for item := range admitted {
			lane := lanes[item.Target.Job]
			if lane == nil {
				lane = make(chan *Item)
				lanes[item.Target.Job] = lane
				open.Go(func() { r.submitLane(ctx, item.Target.Job, queue(lane), submitted) })
			}
			lane <- item
		}
		for _, lane := range lanes {
			close(lane)
		}
		open.Wait()
	}()
	return submitted
}

// submitLane is how one job submits.
func (r *run) submitLane(ctx context.Context, job *plan.Job, lane <-chan *Item, submitted chan<- *Item) {
	stage := r.stage(Submit, job.Concurrency.SubmitWorkers, RetryPolicy(job.Retry))
	results := engine.Each(ctx, stage, lane, func(ctx context.Context, item *Item) ([]byte, error) {
		return r.ports.Submit(ctx, item.uploaded())
	})
	for result := range results {
		result.Item.Answer = result.Value
		result.Item.passed(Submit, result.Attempts, result.Elapsed, result.Err)
		if result.Err == nil {
			submitted <- result.Item
		}
	}
}

// RetryPolicy is a job's policy as the engine takes it.
func RetryPolicy(r config.Retry) engine.Retry {
	return engine.Retry{
		MaxAttempts: r.MaxAttempts, InitialInterval: r.InitialInterval,
		MaxInterval: r.MaxInterval, MaxElapsedTime: r.MaxElapsedTime,
	}
}

// maxWaits bounds how many builds are asked about at a time.
const maxWaits = 64

// wait waits for the builds where the run is to, and reads the stream to its end in any case.
func (r *run) wait(ctx context.Context, submitted <-chan *Item) {
	if r.ports.Wait == nil {
		for range submitted { // submitting is all there is to do
		}
		return
	}
	stage := r.stage(Build, maxWaits, engine.Retry{})
	stage.Grace = 0 // waiting is no work that could be finished
	results := engine.Each(ctx, stage, submitted, func(ctx context.Context, item *Item) (struct{}, error) {
		p, err := r.ports.Wait(ctx, plan.Submission{Uploaded: item.uploaded(), Answer: item.Answer})
		if err != nil {
			return struct{}{}, err
		}
		item.Process = &p
		if p.Status != api.Built {
			return struct{}{}, &badEndError{p}
		}
		return struct{}{}, nil
	})
	for result := range results {
		if result.Item.Process != nil {
			result.Err = nil // how it ended is known, be it badly, and also where the run has ended since
		}
		result.Item.passed(Build, result.Attempts, result.Elapsed, result.Err)
	}
}

// badEndError is a build that was waited for and did not succeed: a failure to observers, and a result to the run.
type badEndError struct{ api.Process }

func (e *badEndError) Error() string {
	switch {
	case e.FailedDependency != "":
		return "its dependency " + e.FailedDependency + " failed"
	case e.Message != "":
		return e.Message
	}
	return "the build ended as " + string(e.Status)
}
