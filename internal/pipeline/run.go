package pipeline

import (
	"context"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// Ports are what a run does to the outside world. Without Upload a run ends once everything is decided;
// without Wait it ends once everything is submitted. A function marks an error as worth retrying with
// engine.Transient.
type Ports struct {
	Evaluate func(context.Context, *Attribute) (*plan.Facts, error)
	Upload   func(ctx context.Context, drvPaths []string) error
	Submit   func(context.Context, plan.Uploaded) ([]byte, error)
	Wait     func(context.Context, plan.Submission) (api.Process, error)
	Unfit    func(system string) (reason string) // why the destination cannot build for a system, "" if it can; may be nil
}

// Options bound a run.
type Options struct {
	EvaluationWorkers int
	UploadWorkers     int
	UploadRetry       engine.Retry
	MaxChecks         int
	Grace             time.Duration // what is in flight gets this long after an interruption
	Observer          engine.Observer
}

// Run takes a draft through the stages. When it returns, every item has come to its one end.
func Run(ctx context.Context, d *Draft, ports Ports, o Options) {
	d.Refuse(ports.Unfit) // first: what is refused holds no name
	r := &run{ports: ports, options: o, names: newNames(d.Items, o.MaxChecks)}
	checks := r.evaluate(ctx, d.attributes)
	if ports.Upload == nil {
		for range checks { // deciding is all there is to do
		}
		return
	}
	uploaded := r.upload(ctx, checks)
	admitted := r.admit(uploaded)
	submitted := r.submit(ctx, admitted)
	r.wait(ctx, submitted)
}

type run struct {
	ports   Ports
	options Options
	names   *names
}

func (r *run) stage(s Stage, workers int, retry engine.Retry) engine.Stage {
	return engine.Stage{Name: string(s), Workers: workers, Retry: retry, Grace: r.options.Grace, Observer: r.options.Observer}
}

// feed makes a stream of a list.
func feed[T any](list []T) <-chan T {
	stream := make(chan T)
	go func() {
		defer close(stream)
		for _, one := range list {
			stream <- one
		}
	}()
	return stream
}
