package plan

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nixbuild/nixbuild-checks/internal/diag"
	"github.com/nixbuild/nixbuild-checks/internal/rule"
)

func target(job *Job, path ...string) Target {
	return Target{Job: job, Path: path, System: System(append([]string{"checks"}, path...))}
}

// build decides about all targets without facts.
func build(maxChecks int, targets ...Target) (*Plan, []diag.Diagnostic) {
	b := New("c.yaml", maxChecks)
	for _, t := range targets {
		b.Add(t, Decide(t, nil), nil)
	}
	return b.Plan()
}

func TestPlanJSON(t *testing.T) {
	empty, err := json.Marshal(first(New("c.yaml", 10).Plan()))
	require.NoError(t, err)
	assert.JSONEq(t, `{"schema_version":1,"jobs":[],"checks":[],"pending":[],"skipped":[],"warnings":[]}`, string(empty))

	one := jobSpec{filter: `attr_name != "b"`, rules: []ruleSpec{{when: `attr_name == "c"`, label: "drv.pname"}}}.job(t, "one")
	two := jobSpec{}.job(t, "two")
	b := New("c.yaml", 10)
	b.AddJob(one, JobPlanned, "")
	b.AddJob(two, JobNotSelected, `if: event.name == "pull_request"`)
	for _, name := range []string{"c", "b", "a"} {
		tg := target(one, "x86_64-linux", name)
		b.Add(tg, Decide(tg, nil), nil)
	}
	got, err := json.Marshal(first(b.Plan()))
	require.NoError(t, err)
	place := func(name string) string {
		return fmt.Sprintf(`"job":"one","flake_attr":"checks","attr":"x86_64-linux.%s","path":["x86_64-linux","%s"],"system":"x86_64-linux"`, name, name)
	}
	want := `{"schema_version":1,"jobs":[{"job":"one","state":"planned"},{"job":"two","state":"not_selected","reason":"if: event.name == \"pull_request\""}],` +
		`"checks":[{` + place("a") + `,"name":"x86_64-linux.a","title":"Build checks.x86_64-linux.a","decided_by":"c.yaml:1:1"}],` +
		`"pending":[{` + place("c") + `,"reason":"label needs the evaluation: drv.pname","decided_by":"c.yaml:12:1"}],` +
		`"skipped":[{` + place("b") + `,"reason":"filter: attr_name != \"b\"","decided_by":"c.yaml:3:1"}],"warnings":[]}`
	assert.JSONEq(t, want, string(got))

	settled := target(one, "x86_64-linux", "c")
	facts := &Facts{Drv: rule.Drv{Pname: "cc", Path: "/nix/store/c.drv"}}
	b.Add(settled, Decide(settled, facts), facts)
	failed := &Facts{Err: &EvalError{Message: "thrown"}}
	b.Add(target(one, "x86_64-linux", "a"), Decide(target(one, "x86_64-linux", "a"), failed), failed)
	p, problems := b.Plan()
	assert.Empty(t, problems)
	assert.Empty(t, p.Pending)
	require.Len(t, p.Checks, 2)
	assert.Equal(t, "thrown", p.Checks[0].Error)
	assert.Equal(t, []string{"cc", "/nix/store/c.drv"}, []string{p.Checks[1].Name, p.Checks[1].DrvPath})
}

func TestPlanOrder(t *testing.T) {
	one, two := jobSpec{}.job(t, "zz"), jobSpec{label: `"two " + attr`}.job(t, "aa")
	targets := []Target{target(one, "b"), target(one, "a", "z"), target(one, "a"), target(two, "c"), target(two, "B")}
	want, _ := build(10, targets...)
	names := func(p *Plan) (list []string) {
		for _, c := range p.Checks {
			list = append(list, c.Name)
		}
		return list
	}
	assert.Equal(t, []string{"a", "a.z", "b", "two B", "two c"}, names(want))
	targets = []Target{targets[1], targets[2], targets[0], targets[4], targets[3]}
	again, _ := build(10, targets...)
	assert.Empty(t, cmp.Diff(want, again))
}

func TestProblems(t *testing.T) {
	skipAll := jobSpec{filter: "false", rules: []ruleSpec{{when: "true", skip: "x"}}}
	allowed := skipAll.job(t, "a")
	allowed.AllowEmpty = true
	tests := []struct {
		name    string
		targets []Target
		want    []string // severity rule position message
	}{
		{"fine", []Target{target(jobSpec{}.job(t, "a"), "x")}, nil},
		{"duplicate over jobs", []Target{target(jobSpec{}.job(t, "a"), "x"), target(jobSpec{label: `"x"`}.job(t, "b"), "y z")},
			[]string{`error duplicate-name c.yaml:4:1 two checks have the name "x": checks.x of job a (c.yaml:1:1) and checks."y z" of job b (c.yaml:4:1)`}},
		{"duplicate of a pending one", []Target{target(jobSpec{}.job(t, "a"), "x"), target(jobSpec{label: `"x"`, title: "drv.name"}.job(t, "b"), "y")},
			[]string{`error duplicate-name c.yaml:5:1 two checks have the name "x": checks.x of job a (c.yaml:1:1) and checks.y of job b (c.yaml:5:1)`}},
		{"selects nothing", []Target{target(skipAll.job(t, "a"), "x"), target(skipAll.job(t, "a"), "y")},
			[]string{"error empty-job c.yaml:1:1 job a selects nothing: all 2 targets below checks are skipped",
				"warning matches-nothing c.yaml:3:1 the filter of job a lets no target through"}},
		{"may be empty", []Target{target(allowed, "x")}, []string{"warning matches-nothing c.yaml:3:1 the filter of job a lets no target through"}},
		{"systems alone skip", []Target{target(jobSpec{systems: []string{"s"}, filter: "true"}.job(t, "a"), "x")},
			[]string{"error empty-job c.yaml:1:1 job a selects nothing: all 1 targets below checks are skipped"}},
		{"rule matches nothing", []Target{target(jobSpec{rules: []ruleSpec{{when: "true", label: "attr"}, {when: `attr == "y"`, skip: "y"}}}.job(t, "a"), "x")},
			[]string{"warning matches-nothing c.yaml:20:1 rule 2 of job a matches no target"}},
		{"late rule may match", []Target{target(jobSpec{rules: []ruleSpec{{when: `attr == "y"`, skip: "y"}, {when: "meta.broken", skip: "b"}}}.job(t, "a"), "x")}, nil},
		{"too many", func() (list []Target) {
			job := jobSpec{}.job(t, "a")
			for i := range 6 {
				list = append(list, target(job, fmt.Sprintf("t%d", i)))
			}
			return list
		}(), []string{"error too-many-checks c.yaml 6 checks are planned, but max_checks is 5"}},
		{"invalid", []Target{target(jobSpec{label: `""`}.job(t, "a"), "x")}, []string{"error bad-decision c.yaml:4:1 checks.x: the check's name is empty"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, problems := build(5, test.targets...)
			var got []string
			warnings := 0
			for _, d := range problems {
				got = append(got, fmt.Sprintf("%s %s %s %s", d.Severity, d.Rule, d.Position, d.Message))
				assert.Positive(t, d.Length)
				warnings += count(d.Severity == diag.Warning)
			}
			assert.Empty(t, cmp.Diff(test.want, got))
			assert.Len(t, p.Warnings, warnings)
		})
	}
}

func TestProblemsOfJobsWithoutTargets(t *testing.T) {
	b := New("c.yaml", 5)
	b.AddJob(jobSpec{}.job(t, "a"), JobPlanned, "")
	b.AddJob(jobSpec{}.job(t, "b"), JobFailed, "the flake does not evaluate")
	b.AddJob(jobSpec{}.job(t, "c"), JobPlanned, "")
	b.AddJob(jobSpec{}.job(t, "c"), JobNotSelected, "if")
	p, problems := b.Plan()
	require.Len(t, problems, 1)
	assert.Equal(t, "job a selects nothing: there are no targets below checks", problems[0].Message)
	assert.Equal(t, []PlannedJob{{"a", JobPlanned, ""}, {"b", JobFailed, "the flake does not evaluate"}, {"c", JobNotSelected, "if"}}, p.Jobs)
}

func TestOneDiagnosticForManyDuplicates(t *testing.T) {
	job := jobSpec{label: `"same"`}.job(t, "a")
	var targets []Target
	for i := range 50 {
		targets = append(targets, target(job, fmt.Sprintf("t%02d", i)))
	}
	_, problems := build(100, targets...)
	require.Len(t, problems, 1)
	assert.Contains(t, problems[0].Message, "checks.t00 of job a (c.yaml:4:1) and checks.t01 of job a (c.yaml:4:1), and 48 more")
}

func first(p *Plan, _ []diag.Diagnostic) *Plan { return p }

func BenchmarkDecide(b *testing.B) {
	tg := target(jobSpec{filter: `attr_name startsWith "h"`, label: `"🚧 " + attr`}.job(b, "a"), "x86_64-linux", "hello")
	b.ReportAllocs()
	for b.Loop() {
		Decide(tg, nil)
	}
}
