package cli

import (
	"context"

	"github.com/nixbuild/nixbuild-checks/internal/actions"
	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/nixbuild"
	"github.com/nixbuild/nixbuild-checks/internal/pipeline"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// ports are the functions of a run, and what there is to do around it.
type ports struct {
	pipeline.Ports
	close func()
}

// ports connects the stages to the destination: this machine, or what flags, file and environment say.
func (s *session) ports(ctx context.Context) (*ports, error) {
	if s.flags.local {
		return s.localPorts(ctx)
	}
	d, err := s.destination()
	if err != nil {
		return nil, err
	}
	client := nixbuild.New(nixbuild.Options{Base: d.api, Token: d.token, IDToken: d.idToken, HTTP: s.world.HTTP})
	return &ports{
		Ports: pipeline.Ports{
			Evaluate: s.evaluate,
			Upload: func(ctx context.Context, drvs []string) error {
				env, err := d.uploadEnv(ctx)
				if err != nil {
					return err
				}
				return s.nix.CopyDerivations(ctx, d.store, env, drvs)
			},
			Submit: submitTo(client),
		},
		close: client.Close,
	}, nil
}

// submitTo is the one submit of every destination.
func submitTo(client *nixbuild.Client) func(context.Context, plan.Uploaded) ([]byte, error) {
	return func(ctx context.Context, u plan.Uploaded) ([]byte, error) {
		return client.CreateProcess(ctx, api.NewCheckRun(u.Facts.Drv.Path, u.Name, u.Title))
	}
}

// oneCopy is how many nix copies run at a time where no job wants more: two with paths in common trip over each other in Nix 2.8 ("not an absolute
// path: 'nix-archive-1'"), and in any version two that are the first to use a store do.
const oneCopy = 1

// pipelineOptions fit the stages to the jobs: what jobs share follows the most generous of them.
func (s *session) pipelineOptions() pipeline.Options {
	o := pipeline.Options{
		EvaluationWorkers: s.workers, UploadWorkers: oneCopy,
		MaxChecks: s.config.MaxChecks, Grace: grace, Observer: observer{s.progress, s.flags.local},
	}
	for _, j := range s.selected() {
		o.UploadWorkers = max(o.UploadWorkers, j.Concurrency.UploadWorkers)
		if j.Retry.MaxAttempts > o.UploadRetry.MaxAttempts {
			o.UploadRetry = pipeline.RetryPolicy(j.Retry)
		}
	}
	return o
}

// summarize appends Markdown to the step's summary where there is one.
func (s *session) summarize(markdown string) error {
	path := s.world.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" || !actions.InActions(s.world.Getenv) {
		return nil
	}
	return actions.AppendSummary(path, markdown)
}
