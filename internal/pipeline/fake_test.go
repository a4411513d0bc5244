package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/config"
	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/pipeline"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errFake = errors.New("out of order")

// world is the outside world of a run. What an attribute does is told by words in its name: "throws", "unasked", "stuck"
// (upload), "refused" (submission), "fails", "unheard" (build). Attributes with the same letter behind "drv=" have the
// same derivation.
type world struct {
	mu       sync.Mutex
	listed   int
	calls    map[string]int // by stage and what it was called for
	finished map[string]int // observed, by stage and item
	failed   map[string]int // of these, with an error
	hook     func(ctx context.Context, stage pipeline.Stage, name string)
}

func newWorld() *world {
	return &world{calls: map[string]int{}, finished: map[string]int{}, failed: map[string]int{}}
}

func (w *world) call(ctx context.Context, stage pipeline.Stage, name string) {
	w.mu.Lock()
	w.calls[string(stage)+" "+name]++
	w.mu.Unlock()
	if w.hook != nil {
		w.hook(ctx, stage, name)
	}
}

// count is how often a stage was called.
func (w *world) count(stage pipeline.Stage) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	sum := 0
	for what, n := range w.calls {
		if strings.HasPrefix(what, string(stage)+" ") {
			sum += n
		}
	}
	return sum
}

func (w *world) Observe(e engine.Event) {
	if e.Kind != engine.Finished {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finished[fmt.Sprint(e.Stage, " ", e.Item)]++
	if e.Err != nil {
		w.failed[fmt.Sprint(e.Stage, " ", e.Item)]++
	}
}

func drvOf(name string) string {
	if _, drv, ok := strings.Cut(name, "drv="); ok {
		name = drv[:1]
	}
	return "/nix/store/" + name + ".drv"
}

func (w *world) ports() pipeline.Ports {
	return pipeline.Ports{Evaluate: w.evaluate, Upload: w.upload, Submit: w.submit, Wait: w.wait}
}

func (w *world) evaluate(ctx context.Context, a *pipeline.Attribute) (*plan.Facts, error) {
	name := strings.Join(a.Path, ".")
	w.call(ctx, pipeline.Evaluate, name)
	facts := &plan.Facts{Drv: rule.Drv{Name: name, Path: drvOf(name), System: "s"}, Meta: rule.Meta{Description: name}}
	facts.Meta.Broken = strings.Contains(name, "broken")
	switch {
	case strings.Contains(name, "unasked"):
		return nil, errFake
	case strings.Contains(name, "throws"):
		facts.Err = &plan.EvalError{Message: "thrown"}
	}
	return facts, ctx.Err()
}

func (w *world) upload(ctx context.Context, paths []string) error {
	for _, path := range paths {
		w.call(ctx, pipeline.Upload, path)
	}
	if slices.ContainsFunc(paths, func(path string) bool { return strings.Contains(path, "stuck") }) {
		return errFake
	}
	return ctx.Err()
}

func (w *world) submit(ctx context.Context, u plan.Uploaded) ([]byte, error) {
	w.call(ctx, pipeline.Submit, u.Name)
	if strings.Contains(u.Name, "refused") {
		return nil, errFake
	}
	return []byte(u.Name), ctx.Err()
}

func (w *world) wait(ctx context.Context, s plan.Submission) (api.Process, error) {
	w.call(ctx, pipeline.Build, s.Name)
	p := api.Process{Name: string(s.Answer), Status: api.Built}
	switch {
	case strings.Contains(s.Name, "unheard"):
		return p, errFake
	case strings.Contains(s.Name, "fails"):
		p.Status = api.BuildFailed
	}
	return p, ctx.Err()
}

// job is one whose label, filter and rule are these expressions, "" for none.
func job(t *testing.T, name, label, filter, skip string) *plan.Job {
	t.Helper()
	compile := func(src string, want rule.Type) *config.Expr {
		if src == "" {
			return nil
		}
		r, problem := rule.Compile(src, rule.TargetScope, want)
		if problem != nil {
			require.NoError(t, problem)
		}
		return &config.Expr{Rule: r, Position: diag.Position{File: "c.yaml", Line: 7, Column: 3}}
	}
	j := &config.Job{
		Name: name, Flake: ".", FlakeAttr: "checks", FlakeAttrPath: []string{"checks"}, Depth: 1,
		Label: compile(label, rule.Text), Filter: compile(filter, rule.Bool),
		Concurrency: config.Concurrency{SubmitWorkers: 2},
	}
	if skip != "" {
		j.Rules = []config.Rule{{When: compile(skip, rule.Bool), Skip: "skipped by rule"}}
	}
	return &plan.Job{Job: j}
}

// draft lists the same names for every source. A name with "unlistable" in it is a set that cannot be listed.
func (w *world) draft(t *testing.T, names []string, jobs ...*plan.Job) *pipeline.Draft {
	t.Helper()
	d, err := pipeline.Discover(t.Context(), jobs, func(context.Context, *pipeline.Source) ([]pipeline.Found, error) {
		w.listed++
		var found []pipeline.Found
		for _, name := range names {
			f := pipeline.Found{Path: []string{name}}
			if strings.Contains(name, "unlistable") {
				f.Err = &plan.EvalError{Message: "no list"}
			}
			found = append(found, f)
		}
		return found, nil
	})
	require.NoError(t, err)
	return d
}

func options(w *world, workers int) pipeline.Options {
	return pipeline.Options{EvaluationWorkers: workers, UploadWorkers: workers, Observer: w}
}

// outcome is the one end of an item, in short.
func outcome(i *pipeline.Item) string {
	switch {
	case i.Decision.Kind == plan.Skipped:
		return "skipped"
	case i.Decision.Kind == plan.Invalid:
		return "invalid"
	case i.Cancelled():
		return "cancelled"
	case i.Err != nil:
		return "failed to " + string(i.Reached)
	case i.Process != nil:
		return string(i.Process.Status)
	case i.Reached == pipeline.Submit:
		return "submitted"
	case i.Reached == pipeline.Evaluate:
		return "evaluated"
	}
	return "lost"
}

// outcomes are those of all items by job and name.
func outcomes(d *pipeline.Draft) map[string]string {
	all := map[string]string{}
	for _, i := range d.Items {
		all[i.Target.Job.Name+" "+i.Target.Attr()] = outcome(i)
	}
	return all
}
