package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
			if err := f.checkRun(); err != nil {
				return err
			}
			if f.dryRun {
				return runPlan(cmd.Context(), w, f)
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

// checkRun finds flags that do not go together.
func (f *runFlags) checkRun() error {
	switch {
	case f.local && (f.destination != "" || f.api != ""):
		return usage("--local builds on this machine: it does not go with --destination or --api")
	case f.eval && !f.dryRun:
		return usage("--eval goes with --dry-run: run always evaluates")
	case f.dryRun && f.results != "":
		return usage("--results goes with a run: with --dry-run, --format json prints the plan")
	}
	return nil
}

func runRun(ctx context.Context, w World, f runFlags) error {
	if err := writable(f.results); err != nil {
		return err
	}
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
		s.failAll(err)
		return errors.Join(err, s.finish(ctx))
	}
	s.draft.Refuse(ports.Unfit)
	p, problems := s.plan()
	if err := problems.show(w, s.config.File); err != nil {
		return err
	}
	if f.format == "table" && !f.quiet {
		// A stdout that is gone is told in the end, with the results.
		_ = report.WritePlan(w.Stdout, p, report.PlanOptions{Color: w.Color, Brief: true})
	}
	s.failEmpty(problems)
	if problems.fatal() {
		s.failAll(errors.New("the plan has errors: nothing was run"))
		return errors.Join(usage("the plan has errors: nothing was run"), s.finish(ctx))
	}
	s.announce(ports.Ports)
	pipeline.Run(ctx, s.draft, ports.Ports, s.pipelineOptions())
	s.settle(ports.Ports)
	return s.finish(ctx)
}

// writable finds out before the work whether the results have somewhere to go.
func writable(results string) error {
	if results == "" {
		return nil
	}
	dir := filepath.Dir(results)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return usage("--results %s: there is no folder %s", results, dir)
	}
	return nil
}

// finish writes and shows the results, whatever happened, and gives the exit code. The file comes first: what
// reads stdout may be gone.
func (s *session) finish(ctx context.Context) error {
	s.progress.Close()
	results := s.results(ctx)
	var err error
	if s.flags.results != "" {
		err = environment(report.WriteFile(s.flags.results, results))
	}
	if err := errors.Join(err, environment(s.show(results))); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return interrupted(ctx)
	}
	if len(s.selected()) == 0 {
		fmt.Fprintf(s.world.Stderr, "nixbuild-checks: %v\n", errNoJobs)
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
