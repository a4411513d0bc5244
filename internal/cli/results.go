package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/pipeline"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
	"github.com/nixbuild/nixbuild-checks/internal/report"
)

// results are all that became of the run so far.
func (s *session) results(ctx context.Context) report.Results {
	r := report.Results{
		SchemaVersion: report.SchemaVersion, NixVersion: s.nix.Version.String(),
		StartedAt: s.started.UTC(), FinishedAt: time.Now().UTC(),
		Phases: s.phases, Jobs: []report.JobResult{}, Checks: []report.CheckResult{},
	}
	for _, j := range s.jobs {
		result := report.JobResult{Job: j.Name, State: report.JobRan}
		if err := s.failed[j.Name]; err != nil {
			result.State, result.Error = report.JobFailed, err.Error()
		}
		if j.reason != "" {
			result.State = report.JobNotSelected
		}
		r.Jobs = append(r.Jobs, result)
	}
	if s.draft != nil {
		for _, item := range s.draft.Items {
			c := resultOf(item)
			if c.Outcome == report.Planned && ctx.Err() != nil {
				c.Outcome = report.Cancelled // before anything took it up
			}
			r.Checks = append(r.Checks, c)
		}
	}
	return r
}

// resultOf is the one outcome of an item.
func resultOf(item *pipeline.Item) report.CheckResult {
	c := report.FromEvaluated(plan.Evaluated{Target: item.Target, Facts: item.Facts})
	c.Name, c.Title = item.Decision.Name, item.Decision.Title
	c.Attempts = report.Attempts{
		Evaluate: item.Attempts[pipeline.Evaluate], Upload: item.Attempts[pipeline.Upload], Submit: item.Attempts[pipeline.Submit],
	}
	c.Seconds = report.Seconds{
		Evaluate: item.Elapsed[pipeline.Evaluate].Seconds(), Upload: item.Elapsed[pipeline.Upload].Seconds(),
		Submit: item.Elapsed[pipeline.Submit].Seconds(),
	}
	c.Process = item.Answer
	switch {
	case item.Decision.Kind == plan.Skipped:
		c.Outcome, c.Reason, c.Error = report.Skipped, item.Decision.Reason, nil
	case item.Decision.Kind == plan.Invalid:
		c.Outcome, c.Error = report.EvalFailed, &report.CheckError{Stage: string(pipeline.Evaluate), Message: item.Decision.Message}
	case item.Cancelled():
		c.Outcome, c.Error = report.Cancelled, failure(item)
	case c.Outcome == report.EvalFailed: // with Nix's own words already
	case item.Err != nil:
		c.Outcome, c.Error = failedAt[item.Reached], failure(item)
	case item.Process != nil:
		raw, err := json.Marshal(item.Process) // how it ended, in place of how it began
		if err != nil {
			raw = item.Answer
		}
		c.SetProcess(*item.Process, raw)
	case item.Reached == pipeline.Submit:
		c.Outcome = report.Submitted
	}
	return c
}

var failedAt = map[pipeline.Stage]report.Outcome{
	pipeline.Evaluate: report.EvalFailed, pipeline.Upload: report.UploadFailed,
	pipeline.Submit: report.SubmitFailed, pipeline.Build: report.Failed,
}

func failure(item *pipeline.Item) *report.CheckError {
	return &report.CheckError{Stage: string(item.Reached), Message: item.Err.Error()}
}

// show writes the results to stdout, and to the step's summary in GitHub Actions.
func (s *session) show(r report.Results) error {
	if err := s.summarize(report.Markdown(r)); err != nil {
		return err
	}
	switch s.flags.format {
	case "json":
		return report.WriteJSON(s.world.Stdout, r)
	case "markdown":
		_, err := fmt.Fprintln(s.world.Stdout, report.Markdown(r))
		return err
	}
	return report.WriteTable(s.world.Stdout, r, s.world.Color)
}

// failAll notes that no job of the run came to anything. A job that failed before keeps its own reason.
func (s *session) failAll(why error) {
	for _, j := range s.selected() {
		if s.failed[j.Name] == nil {
			s.failed[j.Name] = why
		}
	}
}

// failEmpty notes the jobs that select nothing as failed.
func (s *session) failEmpty(problems planProblems) {
	for _, p := range problems {
		if p.Rule != emptyJob {
			continue
		}
		for _, j := range s.jobs {
			if j.Position == p.Position {
				s.failed[j.Name] = fmt.Errorf("%s", p.Message)
			}
		}
	}
}
