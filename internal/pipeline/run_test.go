package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/engine"
	"github.com/nixbuild/nixbuild-checks/internal/pipeline"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

const lateLabel = `job + "/" + drv.name`

// ends are what becomes of an attribute with such a word in its name.
var ends = map[string]string{
	"fine": "built", "unlistable": "failed to evaluate", "throws": "failed to evaluate", "unasked": "failed to evaluate",
	"stuck": "failed to upload", "refused": "failed to submit", "fails": "build_failed", "unheard": "failed to build", "broken": "skipped",
}

// Every item comes to its one end, whatever the others do, early or late, with few workers or many.
func TestEveryItemEndsOnce(t *testing.T) {
	for _, workers := range []int{0, 1, 3, 100} {
		t.Run(fmt.Sprint(workers, " workers"), func(t *testing.T) {
			w := newWorld()
			var names []string
			for i := range 40 {
				for word := range ends {
					names = append(names, fmt.Sprintf("%s-%d", word, i))
				}
			}
			early, late := job(t, "early", `job + "/" + attr_name`, "", "meta.broken"), job(t, "late", lateLabel, "", "meta.broken")
			early.Concurrency.SubmitWorkers = workers
			d := w.draft(t, names, early, late)
			pipeline.Run(t.Context(), d, w.ports(), options(w, workers))
			require.Len(t, d.Items, 2*len(names))
			for _, item := range d.Items {
				word, _, _ := strings.Cut(item.Target.AttrName(), "-")
				assert.Equal(t, ends[word], outcome(item), item)
			}
			for what, times := range w.calls {
				if !strings.HasPrefix(what, "upload") { // a batch that fails is split
					assert.Equal(t, 1, times, what)
				}
			}
			for what, times := range w.finished {
				assert.Equal(t, 1, times, "observed: %s", what)
			}
		})
	}
}

// Observers see failures where the run has results.
func TestObserversSeeFailures(t *testing.T) {
	w := newWorld()
	d := w.draft(t, []string{"fine", "fails", "throws", "stuck"}, job(t, "j", "", "", ""))
	pipeline.Run(t.Context(), d, w.ports(), options(w, 2))
	assert.Equal(t, map[string]int{"build fails": 1, "evaluate checks.throws": 1, "upload stuck": 1}, w.failed)
	for _, item := range d.Items {
		if item.Target.AttrName() == "fails" {
			assert.NoError(t, item.Err, "the build is over, which is a result")
			assert.EqualValues(t, "build_failed", item.Process.Status)
		}
	}
}

// Two jobs that look at one attribute share its discovery, its evaluation and its upload; each submits.
func TestJobsShare(t *testing.T) {
	w := newWorld()
	d := w.draft(t, []string{"a", "b"}, job(t, "one", `"one " + attr`, "", ""), job(t, "two", `"two " + attr`, `attr == "a"`, ""))
	assert.Equal(t, 1, w.listed)
	assert.Equal(t, 2, d.Wanted())
	pipeline.Run(t.Context(), d, w.ports(), options(w, 4))
	assert.Equal(t, map[string]int{
		"evaluate a": 1, "evaluate b": 1, "upload /nix/store/a.drv": 1, "upload /nix/store/b.drv": 1,
		"submit one a": 1, "submit one b": 1, "submit two a": 1, "build one a": 1, "build one b": 1, "build two a": 1,
	}, w.calls)
	assert.Equal(t, 1, w.finished["upload two a"], "what shares an upload is observed as well")
}

func TestJobsThatLookElsewhereShareNothing(t *testing.T) {
	w := newWorld()
	jobs := []*plan.Job{job(t, "one", "", "", ""), job(t, "two", "", "", ""), job(t, "three", "", "", ""), job(t, "four", "", "", ""), job(t, "five", "", "", "")}
	jobs[1].Flake, jobs[2].FlakeAttr, jobs[3].NixArgs, jobs[4].Select = "./x", "packages", []string{"--impure"}, []string{"y"}
	w.draft(t, []string{"a"}, jobs...)
	assert.Equal(t, 5, w.listed)
}

// An upload that fails costs the checks of its .drv, each once, and no other.
func TestUploadOnce(t *testing.T) {
	w := newWorld()
	names := []string{"a drv=x", "b drv=x", "c drv=x", "d drv=y", "stuck1", "e", "f"}
	d := w.draft(t, names, job(t, "j", "", "", ""), job(t, "k", `"k " + attr`, "", ""))
	pipeline.Run(t.Context(), d, w.ports(), options(w, 3))
	assert.Equal(t, 7, w.count(pipeline.Evaluate))
	assert.Equal(t, 12, w.count(pipeline.Submit))
	for what, end := range outcomes(d) {
		want := "built"
		if strings.Contains(what, "stuck") {
			want = "failed to upload"
		}
		assert.Equal(t, want, end, what)
	}
	w = newWorld()
	d = w.draft(t, names[:4], job(t, "j", "", "", ""), job(t, "k", `"k " + attr`, "", ""))
	pipeline.Run(t.Context(), d, w.ports(), options(w, 8))
	assert.Equal(t, map[string]int{"upload /nix/store/x.drv": 1, "upload /nix/store/y.drv": 1}, only(w.calls, "upload"))
}

func only(calls map[string]int, stage string) map[string]int {
	these := map[string]int{}
	for what, n := range calls {
		if strings.HasPrefix(what, stage) {
			these[what] = n
		}
	}
	return these
}

func TestWithoutLaterStages(t *testing.T) {
	w := newWorld()
	d := w.draft(t, []string{"a", "b"}, job(t, "j", lateLabel, "", ""))
	pipeline.Run(t.Context(), d, pipeline.Ports{Evaluate: w.evaluate}, options(w, 1))
	assert.Equal(t, map[string]string{"j a": "evaluated", "j b": "evaluated"}, outcomes(d))

	d = w.draft(t, []string{"a", "b"}, job(t, "j", lateLabel, "", ""))
	pipeline.Run(t.Context(), d, pipeline.Ports{Evaluate: w.evaluate, Upload: w.upload, Submit: w.submit}, options(w, 1))
	assert.Equal(t, map[string]string{"j a": "submitted", "j b": "submitted"}, outcomes(d))
	assert.Equal(t, "j/a", string(d.Items[0].Answer))

	pipeline.Run(t.Context(), w.draft(t, nil, job(t, "j", "", "", "")), w.ports(), options(w, 1))
}

func TestDiscoverFails(t *testing.T) {
	jobs := []*plan.Job{job(t, "one", "", "", ""), job(t, "two", "", "", ""), job(t, "three", "", "", "")}
	jobs[1].Flake = "./x"
	d, err := pipeline.Discover(t.Context(), jobs, func(_ context.Context, s *pipeline.Source) ([]pipeline.Found, error) {
		if s.Flake == "./x" {
			return []pipeline.Found{{Path: []string{"a"}}}, nil
		}
		return nil, errFake
	})
	require.NoError(t, err)
	assert.Equal(t, map[string]error{"one": errFake, "three": errFake}, d.Failed, "both jobs of the source")
	assert.Len(t, d.Items, 1)

	ctx, cancel := context.WithCancelCause(t.Context())
	_, err = pipeline.Discover(ctx, jobs, func(context.Context, *pipeline.Source) ([]pipeline.Found, error) {
		cancel(errFake)
		return nil, errors.New("cut")
	})
	assert.Equal(t, errFake, err)
}

// A set that cannot be listed is decided about at once: nothing more will be known.
func TestUnlistable(t *testing.T) {
	w := newWorld()
	d := w.draft(t, []string{"unlistable"}, job(t, "early", "", "", ""), job(t, "late", "", "!meta.broken", ""), job(t, "off", "", "meta.broken", ""))
	assert.Equal(t, map[string]string{"early unlistable": "failed to evaluate", "late unlistable": "failed to evaluate", "off unlistable": "skipped"}, outcomes(d))
	assert.Zero(t, d.Wanted())
}

// A panic is its item's failure.
func TestPanic(t *testing.T) {
	w := newWorld()
	w.hook = func(_ context.Context, stage pipeline.Stage, name string) {
		if strings.Contains(name, string(stage)) {
			panic(name)
		}
	}
	d := w.draft(t, []string{"evaluate", "upload", "submit", "build", "fine"}, job(t, "j", "", "", ""))
	pipeline.Run(t.Context(), d, w.ports(), options(w, 2))
	assert.Equal(t, map[string]string{
		"j evaluate": "failed to evaluate", "j upload": "failed to upload", "j submit": "failed to submit", "j build": "failed to build", "j fine": "built",
	}, outcomes(d))
	assert.False(t, engine.IsTransient(d.Items[0].Err))
}
