package report

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/api"
	"github.com/nixbuild/nixbuild-checks/internal/config"
	"github.com/nixbuild/nixbuild-checks/internal/plan"
	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

func TestGood(t *testing.T) {
	t.Parallel()
	good := map[Outcome]bool{Planned: true, Skipped: true, Submitted: true, Succeeded: true}
	for _, o := range append([]Outcome{"unheard of"}, outcomes...) {
		require.Equal(t, good[o], o.Good(), "%s", o)
		require.Equal(t, good[o], Results{Checks: []CheckResult{{Outcome: Succeeded}, {Outcome: o}}}.Good(), "%s", o)
	}
	require.False(t, Results{Jobs: []JobResult{{State: JobFailed}}}.Good())
	require.True(t, Results{Jobs: []JobResult{{State: JobNotSelected}, {State: JobRan}}}.Good())
}

func TestOutcomeOf(t *testing.T) {
	t.Parallel()
	cases := map[Outcome][]api.Process{
		Submitted:        {{Status: api.Pending}, {Status: api.Running}},
		Succeeded:        {{Status: api.Built}},
		Cancelled:        {{Status: api.Cancelled}},
		DependencyFailed: {{Status: api.BuildFailed, FailedDependency: "/nix/store/d.drv"}},
		Failed:           {{Status: api.BuildFailed}, {Status: api.Timeout}, {Status: api.OutOfMemory}, {Status: "new one"}},
	}
	for want, processes := range cases {
		for _, p := range processes {
			require.Equal(t, want, OutcomeOf(p), "%s", p.Status)
		}
	}
}

func TestFromPlan(t *testing.T) {
	t.Parallel()
	target := plan.Target{
		Job:  &plan.Job{Job: &config.Job{Name: "builds", FlakeAttr: "hydraJobs"}},
		Path: []string{"a", "b.c"},
	}
	bare := CheckResult{Job: "builds", FlakeAttr: "hydraJobs", Attr: `a."b.c"`, Path: []string{"a", "b.c"}, Outcome: Planned}
	require.Equal(t, bare, FromTarget(target))
	require.Equal(t, bare, FromEvaluated(plan.Evaluated{Target: target}))

	facts := &plan.Facts{Drv: rule.Drv{Name: "b-1", Path: "/nix/store/b.drv", System: "x86_64-linux"}, Outputs: map[string]string{"out": "/nix/store/b"}}
	got := FromCheck(plan.Check{Evaluated: plan.Evaluated{Target: target, Facts: facts}, Name: "n", Title: "t"})
	want := bare
	want.Name, want.Title, want.System, want.DrvName, want.DrvPath, want.Outputs = "n", "t", "x86_64-linux", "b-1", "/nix/store/b.drv", facts.Outputs
	require.Equal(t, want, got)

	failed := FromEvaluated(plan.Evaluated{Target: target, Facts: &plan.Facts{Err: &plan.EvalError{Message: "m", File: "f", Line: 1, Column: 2, Trace: "tr"}}})
	require.Equal(t, EvalFailed, failed.Outcome)
	require.Equal(t, &CheckError{Stage: "evaluate", Message: "m", File: "f", Line: 1, Column: 2, Trace: "tr"}, failed.Error)
}

func TestSetProcess(t *testing.T) {
	t.Parallel()
	var c CheckResult
	c.SetProcess(api.Process{Status: api.Pending}, []byte(`{"id":1}`))
	require.Equal(t, CheckResult{Outcome: Submitted, Process: json.RawMessage(`{"id":1}`)}, c)

	c.SetProcess(api.Process{Status: api.BuildFailed, FailedDependency: "d.drv", LogFile: "l", LogTail: []string{"x"}, BuiltDerivations: []string{"1", "2"},
		StartTime: "2026-01-01T00:00:00Z", EndTime: "2026-01-01T00:01:30Z"}, nil)
	require.Equal(t, DependencyFailed, c.Outcome)
	require.Equal(t, &Build{Derivations: 2, FailedDependency: "d.drv", LogFile: "l", LogTail: []string{"x"}}, c.Build)
	require.Equal(t, &CheckError{Stage: "build", Message: "the build ended as build_failed"}, c.Error)
	require.InDelta(t, 90, c.Seconds.Build, 0)

	var built CheckResult
	built.SetProcess(api.Process{Status: api.Built}, nil)
	require.Nil(t, built.Error)
}

func TestWriteJSON(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 23, 12, 0, 0, 5, time.FixedZone("CET", 3600))
	r := Results{NixVersion: "2.34.8", StartedAt: start, FinishedAt: start.Add(time.Minute), Jobs: []JobResult{{Job: "j", State: JobRan}},
		Checks: []CheckResult{{Job: "j", FlakeAttr: "checks", Attr: "a<b", Outcome: Submitted, Process: json.RawMessage("<html>"), Attempts: Attempts{Upload: 2}}}}
	var b strings.Builder
	require.NoError(t, WriteJSON(&b, r))
	require.Equal(t, `{
  "schema_version": 1,
  "nix_version": "2.34.8",
  "started_at": "2026-11-23T11:00:00Z",
  "finished_at": "2026-11-23T11:01:00Z",
  "phases": [],
  "jobs": [
    {
      "job": "j",
      "state": "ran"
    }
  ],
  "checks": [
    {
      "job": "j",
      "flake_attr": "checks",
      "attr": "a<b",
      "path": [],
      "system": "",
      "outcome": "submitted",
      "process": "\u003chtml\u003e",
      "attempts": {
        "upload": 2
      },
      "seconds": {}
    }
  ]
}
`, b.String())
	require.Nil(t, r.Checks[0].Path, "the caller's results are not touched")
	require.Equal(t, "<html>", string(r.Checks[0].Process))
}
