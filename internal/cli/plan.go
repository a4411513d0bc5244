package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nixbuild/nixbuild-checks/internal/pipeline"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
	"github.com/nixbuild/nixbuild-checks/internal/report"
)

var planFormats = []string{"table", "json", "markdown"}

func newPlan(w World) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "plan [ATTR...]",
		Short: "Print the planned Check Runs without building anything",
		Long: `plan lists the targets of every job and prints the Check Runs that run would make: name, title,
attribute, system and job; then what is skipped and what only evaluation can decide, and why.
ATTRs, which may be globs, leave out everything else.`,
		Example: "  nixbuild-checks plan\n  nixbuild-checks plan --job docs --eval --format json",
		RunE: func(cmd *cobra.Command, attrs []string) error {
			f.attrs = attrs
			if err := f.checkFormat(planFormats...); err != nil {
				return err
			}
			return runPlan(cmd.Context(), w, f)
		},
	}
	f.common(cmd, planFormats...)
	cmd.Flags().BoolVar(&f.eval, "eval", false, "evaluate as well: adds the .drv paths and decides what is pending")
	return cmd
}

func runPlan(ctx context.Context, w World, f runFlags) error {
	s, err := open(ctx, w, f)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.discover(ctx); err != nil {
		return err
	}
	if f.local {
		fit, err := s.fitness(ctx)
		if err != nil {
			return err
		}
		s.draft.Refuse(fit)
	}
	if f.eval {
		pipeline.Run(ctx, s.draft, pipeline.Ports{Evaluate: s.evaluate}, s.pipelineOptions())
	}
	if ctx.Err() != nil {
		return interrupted(ctx)
	}
	p, problems := s.plan()
	s.progress.Close()
	if err := problems.show(w, s.config.File); err != nil {
		return err
	}
	if err := s.printPlan(p); err != nil {
		return err
	}
	return s.planResult(p, problems)
}

// printPlan writes the plan to stdout, and to the step's summary in GitHub Actions.
func (s *session) printPlan(p *plan.Plan) error {
	if err := s.summarize(report.PlanMarkdown(p)); err != nil {
		return err
	}
	switch s.flags.format {
	case "json":
		e := json.NewEncoder(s.world.Stdout)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(p)
	case "markdown":
		_, err := fmt.Fprintln(s.world.Stdout, report.PlanMarkdown(p))
		return err
	}
	return report.WritePlan(s.world.Stdout, p, report.PlanOptions{Color: s.world.Color})
}

// planResult is the exit code of a plan: that of an invalid config, or of jobs that failed.
func (s *session) planResult(p *plan.Plan, problems planProblems) error {
	if problems.fatal() {
		return usage("the plan has errors: nothing would be run")
	}
	failed := len(problems) > len(p.Warnings)
	for _, j := range p.Jobs {
		if j.State == plan.JobFailed {
			if s.flags.format != "table" { // which tells it already
				fmt.Fprintf(s.world.Stderr, "nixbuild-checks: job %s: %s\n", j.Job, j.Reason)
			}
			failed = true
		}
	}
	for _, c := range p.Checks {
		failed = failed || c.Error != ""
	}
	if failed {
		return &exitError{code: exitProblems}
	}
	if len(s.selected()) == 0 {
		fmt.Fprintf(s.world.Stderr, "nixbuild-checks: %v\n", errNoJobs)
	}
	return nil
}
