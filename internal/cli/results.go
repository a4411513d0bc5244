package cli

import (
	"fmt"
	"path"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/pipeline"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
	"github.com/nixbuild/nixbuild-checks/internal/report"
)

// results are all that became of the run so far.
func (s *session) results() report.Results {
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
			r.Checks = append(r.Checks, resultOf(item))
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
		c.SetProcess(*item.Process, item.Answer)
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

// matches tells whether one of the patterns is the name, as it is or as a glob.
func matches(patterns []string, name string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, name); p == name || (ok && err == nil) {
			return true
		}
	}
	return false
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
