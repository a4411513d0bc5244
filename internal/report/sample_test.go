package report

import (
	"strings"
	"time"
)

// sample is a run in which about everything happened.
func sample() Results {
	start := time.Date(2026, 11, 23, 10, 0, 0, 123, time.UTC)
	return Results{
		NixVersion: "2.34.8", StartedAt: start, FinishedAt: start.Add(185 * time.Second),
		Phases: []Phase{{"evaluate", 12.5}},
		Jobs: []JobResult{
			{Job: "builds", State: JobRan},
			{Job: "nightly", State: JobNotSelected},
			{Job: "docs", State: JobFailed, Error: "error: flake.lock is\n::error::broken"},
		},
		Checks: []CheckResult{
			{Job: "builds", FlakeAttr: "checks", Attr: "x86_64-linux.ok", Path: []string{"x86_64-linux", "ok"}, System: "x86_64-linux",
				Name: "ok", Outcome: Succeeded, Build: &Build{Derivations: 3}, Seconds: Seconds{Evaluate: 0.5, Build: 61}},
			{FlakeAttr: "checks", Attr: "there", Name: "生命 there", Outcome: Succeeded, Build: &Build{}, Seconds: Seconds{Evaluate: 0.2}},
			{FlakeAttr: "checks", Attr: "x86_64-linux.bad", System: "x86_64-linux", Name: "bad <b>|\x1b[31m\nname", Outcome: EvalFailed,
				Error: &CheckError{Stage: "evaluate", Message: "error:\n  \x1b[31mattribute\x1b[0m 'x' missing\n\n::warning::y", File: "flake.nix", Line: 12, Column: 3}},
			{FlakeAttr: "checks", Attr: "x86_64-linux.broken", System: "x86_64-linux", Name: "broken", Outcome: DependencyFailed,
				Error: &CheckError{Stage: "build", Message: "a dependency failed"},
				Build: &Build{Derivations: 1, FailedDependency: "/nix/store/abc-dep.drv", LogFile: "/var/log/dep.log",
					LogTail: []string{"compiling\tx", "::add-mask::e", "</pre><b>error</b>: no"}}},
			{FlakeAttr: "checks", Attr: "late", Name: "late", Outcome: Cancelled},
			{FlakeAttr: "checks", Attr: "a", Outcome: Skipped, Reason: "marked broken"},
			{FlakeAttr: "checks", Attr: "b", Outcome: Skipped, Reason: "too large"},
			{FlakeAttr: "checks", Attr: "c", Outcome: Skipped, Reason: "marked broken"},
		},
	}
}

func joined(lines ...string) string { return strings.Join(lines, "\n") + "\n" }
