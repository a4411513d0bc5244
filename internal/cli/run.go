package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/pipeline"
	"github.com/nixbuild/nixbuild-checks/internal/report"
)

var runFormats = []string{"table", "json", "markdown"}

// grace is how long work in flight may go on after an interruption.
const grace = 5 * time.Second

func newRun(w World) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [ATTR...]",
		Short: "Plan, evaluate, upload and submit the checks; with --local build them here",
		Long: `run prints the plan and carries it out: every check is evaluated, its .drv closure uploaded and its
build submitted to nixbuild.net, which shows it as a GitHub Check Run. The builds go on after run ends.

With --local the builds happen on this machine, and run waits for them; no account is needed.
ATTRs, which may be globs, leave out everything else.

In GitHub Actions, nixbuild/nixbuild-action sets up the token and the connection that run needs.`,
		Example: "  nixbuild-checks run --local\n  nixbuild-checks run --job builds --results results.json",
		RunE: func(cmd *cobra.Command, attrs []string) error {
			f.attrs = attrs
			if err := f.checkFormat(runFormats...); err != nil {
				return err
			}
			if f.dryRun {
				return runPlan(cmd.Context(), w, f)
			}
			if f.eval {
				return usage("--eval goes with --dry-run: run always evaluates")
			}
			if f.local && (f.destination != "" || f.api != "") {
				return usage("--local builds on this machine: it does not go with --destination or --api")
			}
			return runRun(cmd.Context(), w, f)
		},
	}
	f.common(cmd, runFormats...)
	flags := cmd.Flags()
	flags.BoolVar(&f.dryRun, "dry-run", false, "only print the plan, as the plan command does")
	flags.BoolVar(&f.eval, "eval", false, "with --dry-run: evaluate as well")
	flags.BoolVar(&f.local, "local", false, "build on this machine and wait for the builds")
	flags.StringVar(&f.results, "results", "", "write the results to this `file` as JSON")
	flags.StringVar(&f.destination, "destination", "", "`URI` of the store that takes the closures (default: ssh-ng://nixbuild)")
	flags.StringVar(&f.api, "api", "", "`URL` of the API that takes the builds (default: nixbuild.net's)")
	return cmd
}

func runRun(ctx context.Context, w World, f runFlags) error {
	s, err := open(ctx, w, f)
	if err != nil {
		return err
	}
	defer s.close()
	ports, err := s.ports(ctx)
	if err != nil {
		return err
	}
	defer ports.close()
	if err := s.discover(ctx); err != nil {
		return errors.Join(err, s.finish(ctx))
	}
	s.draft.Refuse(ports.Unfit)
	p, problems := s.plan()
	if err := problems.show(w, s.config.File); err != nil {
		return err
	}
	if f.format == "table" {
		if err := report.WritePlan(w.Stdout, p, report.PlanOptions{Color: w.Color, Brief: true}); err != nil {
			return err
		}
	}
	s.failEmpty(problems)
	if problems.fatal() {
		return errors.Join(usage("the plan has errors: nothing was run"), s.finish(ctx))
	}
	s.announce(ports.Ports)
	pipeline.Run(ctx, s.draft, ports.Ports, s.pipelineOptions())
	s.settle(ports.Ports)
	return s.finish(ctx)
}

// finish shows and writes the results, whatever happened, and gives the exit code.
func (s *session) finish(ctx context.Context) error {
	s.progress.Close()
	results := s.results()
	err := s.show(results)
	if s.flags.results != "" {
		if writeErr := report.WriteFile(s.flags.results, results); writeErr != nil {
			err = errors.Join(err, environment(writeErr))
		}
	}
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return interrupted(ctx)
	}
	if s.unreachable() {
		return environment(errors.New("the destination could not be reached: nothing was submitted"))
	}
	if !results.Good() {
		return &exitError{code: exitProblems}
	}
	return nil
}

// unreachable tells whether everything that was to go to the destination failed on the way.
func (s *session) unreachable() bool {
	if s.draft == nil {
		return false
	}
	failed := false
	for _, item := range s.draft.Items {
		switch item.Reached {
		case pipeline.Build:
			return false
		case pipeline.Upload, pipeline.Submit:
			if item.Err == nil || !engine.IsTransient(item.Err) {
				return false
			}
			failed = true
		case pipeline.Evaluate: // it did not come so far
		}
	}
	return failed
}
