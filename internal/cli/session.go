package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/nixbuild/nixbuild-checks/internal/config"
	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"github.com/nixbuild/nixbuild-checks/internal/nix"
	"github.com/nixbuild/nixbuild-checks/internal/pipeline"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
	"github.com/nixbuild/nixbuild-checks/internal/report"
)

// session is what plan and run have in common: a configuration, the jobs of this run, and Nix.
type session struct {
	world    World
	flags    runFlags
	config   *config.Config
	dir      string // that relative paths in the configuration count from
	jobs     []jobOfRun
	failed   map[string]error // by job
	nix      *nix.Nix
	pool     *nix.Pool
	workers  int
	progress *report.Progress
	draft    *pipeline.Draft
	started  time.Time
	phases   []report.Phase
	masking  sync.Mutex
}

// open loads the configuration and gets Nix ready. The caller closes the session.
func open(ctx context.Context, w World, f runFlags) (*session, error) {
	c, err := loadConfig(w, f.config)
	if err != nil {
		return nil, err
	}
	if err := supported(w, c); err != nil {
		return nil, err
	}
	s := &session{world: w, flags: f, config: c, started: time.Now(), failed: map[string]error{}}
	if s.dir, err = configDir(c); err != nil {
		return nil, &exitError{exitUsage, err}
	}
	if s.jobs, err = selectJobs(c, f.jobs, event(ctx, w, f, s.dir)); err != nil {
		return nil, err
	}
	if s.nix, err = nix.Find(ctx, w.Environ); err != nil {
		return nil, environment(err)
	}
	if c.EvalStore.Path != "" && !f.local {
		s.nix = s.nix.WithStore(c.EvalStore.Path)
	}
	s.progress = report.NewProgress(w.Stderr, report.Options{Terminal: w.Terminal, Color: w.Terminal && w.Color, Quiet: f.quiet, Width: w.Width})
	return s, nil
}

func (s *session) close() {
	if s.pool != nil {
		s.pool.Close()
	}
	s.progress.Close()
}

// selected are the jobs that are part of the run.
func (s *session) selected() []*plan.Job {
	var jobs []*plan.Job
	for _, j := range s.jobs {
		if j.reason == "" {
			jobs = append(jobs, j.Job)
		}
	}
	return jobs
}

// healthy are the selected jobs that have not failed as a whole.
func (s *session) healthy() []*plan.Job {
	var jobs []*plan.Job
	for _, j := range s.selected() {
		if s.failed[j.Name] == nil {
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// note tells what is going on, unless only problems are to be told.
func (s *session) note(format string, args ...any) {
	if !s.flags.quiet {
		s.progress.Note(format, args...)
	}
}

// phase notes how long something took.
func (s *session) phase(name string, since time.Time) {
	s.phases = append(s.phases, report.Phase{Name: name, Seconds: time.Since(since).Seconds()})
}

// discover runs the scripts, lists the targets of all jobs and decides what can be decided now.
func (s *session) discover(ctx context.Context) error {
	begin := time.Now()
	maps.Copy(s.failed, s.runScripts(ctx))
	if err := s.startPool(ctx); err != nil {
		return err
	}
	draft, err := pipeline.Discover(ctx, s.healthy(), s.list)
	if err != nil {
		return interrupted(ctx)
	}
	s.draft = draft
	maps.Copy(s.failed, draft.Failed)
	if err := s.onlyNamed(); err != nil {
		return err
	}
	s.phase("discover", begin)
	return nil
}

func (s *session) startPool(ctx context.Context) error {
	style, err := s.nix.Probe(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return interrupted(ctx)
		}
		return environment(fmt.Errorf("trying out nix: %w", err))
	}
	options := poolOptions(s.selected())
	s.workers = options.Workers
	s.pool = nix.NewPool(s.nix, style, options)
	return nil
}

// poolOptions fits the pool to the machine: as many workers as it has cores, which share three quarters of the
// memory that is free. Jobs may ask for less.
func poolOptions(jobs []*plan.Job) nix.PoolOptions {
	o := nix.PoolOptions{}
	for _, j := range jobs {
		workers := j.Concurrency.EvaluationWorkers
		if workers == 0 {
			workers = runtime.NumCPU()
		}
		o.Workers = max(o.Workers, min(workers, runtime.NumCPU()))
		if n := j.Concurrency.DerivationsPerWorker; n > 0 && (o.PerWorker == 0 || n < o.PerWorker) {
			o.PerWorker = n
		}
		if m := j.Evaluation.MaxMemory; m > 0 && (o.MaxMemory == 0 || m < o.MaxMemory) {
			o.MaxMemory = m
		}
	}
	if o.MaxMemory == 0 && o.Workers > 0 {
		o.MaxMemory = nix.AvailableMemory() / 4 * 3 / int64(o.Workers)
	}
	return o
}

// list discovers one source.
func (s *session) list(ctx context.Context, source *pipeline.Source) ([]pipeline.Found, error) {
	s.note("looking at %s of %s", source.FlakeAttr, source.Flake)
	flake, err := s.nix.Lock(ctx, nix.Flake{Ref: nix.FlakeRef(source.Flake, s.dir), Args: source.NixArgs})
	if err != nil {
		return nil, err
	}
	source.Flake = flake.Ref // so that every evaluator sees what was listed
	found, err := s.pool.Discover(ctx, flake, source.FlakeAttrPath, source.Depth, source.Timeout())
	if err != nil {
		return nil, fmt.Errorf("flake %s: %w", flake.Ref, err)
	}
	list := make([]pipeline.Found, len(found))
	for i, f := range found {
		list[i] = pipeline.Found(f)
	}
	return list, nil
}

// evaluate asks for the facts of one attribute.
func (s *session) evaluate(ctx context.Context, a *pipeline.Attribute) (*plan.Facts, error) {
	return s.pool.Evaluate(ctx, nix.Attribute{
		Flake:     nix.Flake{Ref: a.Flake, Args: a.NixArgs},
		FlakeAttr: a.FlakeAttrPath,
		Path:      append(append([]string{}, a.Path...), a.Select...),
		MetaKeys:  a.MetaKeys(),
		Timeout:   a.Timeout(),
	})
}

// plan is the plan as far as it is known, and its problems.
func (s *session) plan() (*plan.Plan, planProblems) {
	b := plan.New(s.config.File, s.config.MaxChecks)
	for _, j := range s.jobs {
		switch err := s.failed[j.Name]; {
		case j.reason != "":
			b.AddJob(j.Job, plan.JobNotSelected, j.reason)
		case err != nil:
			b.AddJob(j.Job, plan.JobFailed, err.Error())
		default:
			b.AddJob(j.Job, plan.JobPlanned, "")
		}
	}
	if s.draft != nil {
		for _, item := range s.draft.Items {
			b.Add(item.Target, item.Decision, item.Facts)
		}
	}
	p, problems := b.Plan()
	if len(s.flags.attrs) > 0 {
		// What a rule or a job picks among a few named attributes says nothing of the configuration.
		problems = slices.DeleteFunc(problems, func(d diag.Diagnostic) bool { return d.Rule == emptyJob || d.Severity == diag.Warning })
		p.Warnings = []diag.Diagnostic{}
	}
	return p, planProblems(problems)
}

var errNoJobs = errors.New("no job is part of this run")
