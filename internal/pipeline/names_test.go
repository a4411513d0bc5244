package pipeline_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/pipeline"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
)

// Checks whose name was known are submitted while others evaluate; late ones once the last name is known, and not
// only when the last upload is done.
func TestWhenChecksAreSubmitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		heavyEvaluation, lastEvaluation, lastUpload := make(chan struct{}), make(chan struct{}), make(chan struct{})
		w.hook = func(_ context.Context, stage pipeline.Stage, name string) {
			if stage == pipeline.Evaluate && name == "heavy" {
				<-heavyEvaluation // so that its upload is a batch of its own
			}
			if stage == pipeline.Evaluate && name == "slow" {
				<-lastEvaluation
			}
			if stage == pipeline.Upload && name == drvOf("heavy") {
				<-lastUpload
			}
		}
		early, late := job(t, "early", `"early " + attr`, `attr == "quick"`, ""), job(t, "late", lateLabel, "", "")
		d := w.draft(t, []string{"quick", "slow", "heavy"}, early, late)
		done := make(chan struct{})
		go func() {
			defer close(done)
			pipeline.Run(t.Context(), d, w.ports(), options(w, 3))
		}()
		synctest.Wait()
		assert.Equal(t, map[string]int{"submit early quick": 1}, only(w.calls, "submit"))
		assert.Equal(t, 1, w.calls["upload "+drvOf("quick")], "a late one is uploaded all the same")
		close(heavyEvaluation)
		synctest.Wait()
		close(lastEvaluation)
		synctest.Wait()
		assert.Equal(t, map[string]int{"submit early quick": 1, "submit late/quick": 1, "submit late/slow": 1}, only(w.calls, "submit"))
		close(lastUpload)
		<-done
		assert.Equal(t, 4, w.count(pipeline.Submit))
	})
}

func TestLateNamesAreUnique(t *testing.T) {
	w := newWorld()
	d := w.draft(t, []string{"a", "b", "c"}, job(t, "early", `attr == "a" ? "x" : "early " + attr`, "", ""),
		job(t, "late", `meta.description == "c" ? "own" : meta.description == "b" ? "x" : "twice"`, "", ""),
		job(t, "also", `"twice" + (meta.broken ? "" : "")`, `attr == "a"`, ""))
	pipeline.Run(t.Context(), d, w.ports(), options(w, 2))
	assert.Equal(t, map[string]string{
		"early a": "built", "early b": "built", "early c": "built", // long submitted
		"late a": "failed to submit", "late b": "failed to submit", "late c": "built",
		"also a": "failed to submit", "also b": "skipped", "also c": "skipped",
	}, outcomes(d))
	for _, item := range d.Items {
		if item.Target.Job.Name == "late" && item.Target.Attr() == "b" {
			assert.EqualError(t, item.Err, `the name "x" is also that of checks.a (c.yaml:7:3): GitHub shows only the newest check of a name`)
			assert.Zero(t, item.Attempts[pipeline.Submit])
		}
	}
}

func TestMaxChecksLate(t *testing.T) {
	w := newWorld()
	o := options(w, 2)
	o.MaxChecks = 3
	d := w.draft(t, []string{"a", "b", "broken", "throws"}, job(t, "early", "", `attr == "a"`, ""), job(t, "late", lateLabel, "!meta.broken", ""))
	pipeline.Run(t.Context(), d, w.ports(), o)
	assert.Equal(t, "built", outcomes(d)["late b"], "what is skipped, or fails, does not count")

	o.MaxChecks = 2
	d = w.draft(t, []string{"a", "b"}, job(t, "early", "", `attr == "a"`, ""), job(t, "late", lateLabel, "", ""))
	pipeline.Run(t.Context(), d, w.ports(), o)
	got := outcomes(d)
	assert.Equal(t, []string{"built", "failed to submit", "failed to submit"}, []string{got["early a"], got["late a"], got["late b"]})
	assert.ErrorContains(t, d.Items[len(d.Items)-1].Err, "the run has 3 checks, more than max_checks: 2 allows")
}

// What the destination cannot build holds no name, whether that is known early or late.
func TestUnfit(t *testing.T) {
	const other = "aarch64-linux"
	unfit := func(system string) string {
		if system == other {
			return "no " + other + " here"
		}
		return ""
	}
	w := newWorld()
	ports := w.ports()
	ports.Unfit = unfit
	ports.Evaluate = func(ctx context.Context, a *pipeline.Attribute) (*plan.Facts, error) {
		facts, err := w.evaluate(ctx, a)
		if a.Path[0] == "surprise" {
			facts.Drv.System = other
		}
		return facts, err
	}
	d := w.draft(t, []string{other, "surprise", "fine"},
		job(t, "early", `attr_name == "surprise" ? "taken" : attr`, "", ""),
		job(t, "late", `drv.name == "fine" ? "`+other+`" : "l " + drv.name`, "", ""),
		job(t, "later", `drv.name == "fine" ? "taken" : "r " + drv.name`, "", ""))
	o := options(w, 1)
	o.MaxChecks = 3
	pipeline.Run(t.Context(), d, ports, o)
	got := outcomes(d)
	require.Len(t, got, 9)
	for what, end := range got {
		want := "skipped"
		if what == "early fine" || what == "late fine" || what == "later fine" {
			want = "built"
		}
		assert.Equal(t, want, end, what)
	}
	assert.Zero(t, w.calls["evaluate "+other], "it costs no evaluation")
	assert.Equal(t, 1, w.calls["evaluate surprise"])
	for _, item := range d.Items {
		if item.Target.AttrName() == "surprise" {
			assert.NotNil(t, item.Facts, "what was learnt is kept")
			assert.Equal(t, "no aarch64-linux here", item.Decision.Reason)
		}
	}
}

func TestSkip(t *testing.T) {
	w := newWorld()
	d := w.draft(t, []string{"a", "b"}, job(t, "j", "", `attr != "a"`, ""))
	for _, item := range d.Items {
		item.Skip("not named")
	}
	assert.Equal(t, `filter: attr != "a"`, d.Items[0].Decision.Reason, "the first reason stays")
	assert.Equal(t, "not named", d.Items[1].Decision.Reason)
	assert.Zero(t, d.Wanted())
}
