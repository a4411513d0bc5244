package cli

import (
	"fmt"
	"slices"

	"github.com/nixbuild/nixbuild-checks/internal/config"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

// jobOfRun is a job of the configuration and whether it is part of this run.
type jobOfRun struct {
	*plan.Job
	reason string // why it is not part of the run; "" if it is
}

// selectJobs tells of each job whether it is part of the run: named by --job (if any is), and its `if` holds.
func selectJobs(c *config.Config, named []string, e rule.Event) ([]jobOfRun, error) {
	for _, name := range named {
		if !slices.ContainsFunc(c.Jobs, func(j *config.Job) bool { return j.Name == name }) {
			return nil, usage("--job: %s has no job %q; it has %s", c.File, name, list(jobNames(c)))
		}
	}
	var jobs []jobOfRun
	for _, j := range c.Jobs {
		one := jobOfRun{Job: &plan.Job{Job: j, Event: e}}
		switch {
		case len(named) > 0 && !slices.Contains(named, j.Name):
			one.reason = "not named by --job"
		case j.If != nil:
			holds, err := j.If.BoolForJob(rule.JobEnv{Job: j.Name, Event: e})
			if err != nil {
				return nil, usage("%s: if: %v", j.If.Position, err)
			}
			if !holds {
				one.reason = fmt.Sprintf("if: %s", j.If.Source())
			}
		}
		jobs = append(jobs, one)
	}
	return jobs, nil
}

func jobNames(c *config.Config) []string {
	names := make([]string, len(c.Jobs))
	for i, j := range c.Jobs {
		names[i] = j.Name
	}
	return names
}
